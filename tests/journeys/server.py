"""A real installation for tests: gunicorn and the worker as their own processes, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx

from backend.settings import PROJECT
from devtools.servers import end_with_parent

READY_SECONDS = 60


class Server:
    """Web server and worker on one data folder. `kill` is kill -9 of everything, as a power cut would be."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"{data.name}.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("XUEZHAO_")},
            "XUEZHAO_MODE": "testing",
            "DATA_DIR": str(data),
            "PORT": str(self.port),
            "PREPARE": "",
            **environment,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`flask --app wsgi WORDS` on this installation."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=180,
        )

    def start(self) -> None:
        with self.log.open("ab") as log:
            for words in (
                ["gunicorn", "-c", "config/gunicorn.conf.py"],
                ["flask", "--app", "wsgi", "worker"],
            ):
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", *words],
                        env=self.environment,
                        cwd=PROJECT,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                        preexec_fn=end_with_parent,
                    )
                )
        tick = threading.Event()
        for _ in range(READY_SECONDS * 10):
            if any(process.poll() is not None for process in self.processes):
                break
            try:
                if httpx.get(f"{self.address}/healthz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            tick.wait(0.1)
        self.kill()
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """kill -9 of both and of everything they started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, number)
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
