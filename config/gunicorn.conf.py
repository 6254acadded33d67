"""The web server. Its figures come from the settings: config/*.toml and the environment."""

from pathlib import Path

from backend.settings import load_settings

settings = load_settings()
_host = settings.server.host

wsgi_app = "wsgi:app"
bind = f"[{_host}]:{settings.server.port}" if ":" in _host else f"{_host}:{settings.server.port}"
workers = settings.server.workers
worker_class = "gthread"
threads = settings.server.threads

timeout = 60            # seconds a worker may be silent before it is replaced
graceful_timeout = 8    # seconds for requests under way when the server stops
keepalive = 5           # seconds an idle phone keeps its connection, and one thread

accesslog = None        # the application writes its own, without personal data
loglevel = settings.logs.level.lower()
control_socket_disable = True  # it would be a file in somebody's home folder
if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeats in memory; a busy disk must not look like a hung worker
    worker_tmp_dir = "/dev/shm"  # noqa: S108
