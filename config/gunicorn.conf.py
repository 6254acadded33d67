"""The web server. Its figures come from the settings: config/*.toml and the environment."""

import atexit
import contextlib
import fcntl
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

# The web processes add up their numbers for /metrics here; the library looks when it is imported.
# Who uses a folder holds its lock; the kernel lets go of it when the last of the processes is gone, however it ended.
_server = os.getpid()
_prefix = "xuezhao-metrics-"


def _remove_left_behind():
    """A server that was killed could not remove its folder."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_prefix}*"):
        with contextlib.suppress(OSError):  # somebody else's, in use, or gone
            held = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)


def _own_folder():
    while True:
        folder = tempfile.mkdtemp(prefix=_prefix)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)
        if Path(folder).is_dir():  # no other server that starts now has taken it for one left behind
            return folder


_remove_left_behind()
_metrics = _own_folder()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics


@atexit.register
def remove_metrics():
    """When the server itself ends, not when one of its processes does."""
    if os.getpid() == _server:
        shutil.rmtree(_metrics, ignore_errors=True)


import backend.views  # noqa: E402, F401 - imported here once, and not again in every web process
from backend.settings import load_settings  # noqa: E402

settings = load_settings()
_host = settings.server.host

wsgi_app = "wsgi:app"
bind = f"[{_host}]:{settings.server.port}" if ":" in _host else f"{_host}:{settings.server.port}"
workers = settings.server.workers
worker_class = "gthread"
threads = settings.server.threads

timeout = 60  # seconds a worker may be silent before it is replaced
graceful_timeout = 8  # seconds for requests under way when the server stops
keepalive = 5  # seconds an idle phone keeps its connection, and one thread

accesslog = None  # the application writes its own, without personal data
loglevel = settings.logs.level.lower()
control_socket_disable = True  # it would be a file in somebody's home folder
if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeats in memory; a busy disk must not look like a hung worker
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def on_starting(_arbiter):
    """With PREPARE=1 (`make run`): database and demo first, before anybody is answered.

    In a process of its own, so that the web processes inherit no open database and no threads.
    """
    if os.environ.get("PREPARE") == "1":
        process = multiprocessing.get_context("fork").Process(target=_prepare)
        process.start()
        process.join()
        if process.exitcode:
            sys.exit("the data could not be prepared; the lines above say why")


def _prepare():
    from flask.cli import ScriptInfo

    from backend import create_app

    app = create_app(settings)
    app.cli.main(["prepare"], prog_name="flask", obj=ScriptInfo(create_app=lambda: app))


def child_exit(_arbiter, worker):
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
