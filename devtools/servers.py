"""`make run`: the web server and the job worker live and end together, and with the one that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from devtools.environment import RUNTIME, SCALE, set_up
from devtools.ground import FLASK, PROJECT, PYTHON, CannotGoOn, say

WEB = [str(PYTHON), "-m", "gunicorn", "-c", "config/gunicorn.conf.py"]
PREPARE = [*FLASK, "prepare"]
WORKER = [*FLASK, "worker"]
STOP_SECONDS = 10


def run() -> int:
    if os.environ.get("MAKELEVEL") and sys.platform == "linux":
        end_with_parent()  # the parent is make
    postgresql = any(
        os.environ.get(name, "").startswith("postgres") for name in ("DATABASE_URL", "XUEZHAO_DATABASE_URL")
    )
    set_up(SCALE if postgresql else RUNTIME, total=7)
    say("6/7", "data: bringing the database up to date")
    prepared = subprocess.run(PREPARE, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if prepared.returncode:
        raise CannotGoOn(f"{prepared.stdout}The data could not be prepared; the lines above say why.")
    say("7/7", "servers: starting the web server and the worker")
    return Servers({"web": WEB, "worker": WORKER}).serve(prepared.stdout)


class Servers:
    """Programs that are started together; when one ends, the others are stopped."""

    def __init__(self, commands: dict[str, Sequence[str]]) -> None:
        self.commands = commands
        self.children: dict[str, subprocess.Popen[str]] = {}
        self.address = ""

    def serve(self, greeting: str) -> int:
        """Until Ctrl-C or SIGTERM (returns 0), or until one ends by itself (returns 1)."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        try:
            self.start()
            if self.answers():
                print(f"\n学照通 Xuezhao: {self.address}   (Ctrl-C stops it)\n{greeting}", flush=True)
            while not self.ended():
                time.sleep(0.2)
            print(f"{self.ended()} ended by itself, so everything stops; its last lines say why.", flush=True)
            return 1
        except KeyboardInterrupt:
            print("\nstopping", flush=True)
            return 0
        finally:
            self.stop()

    def start(self) -> None:
        for name, command in self.commands.items():
            # a session of their own: Ctrl-C reaches this process alone, which stops them in good order
            self.children[name] = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )
        for name in self.children:
            threading.Thread(target=self.relay, args=(name,), daemon=True).start()

    def relay(self, name: str) -> None:
        """Pass a child's lines on under its name; the web server's first ones tell its address."""
        for line in self.children[name].stdout or ():
            print(f"{name:6} | {line}", end="", flush=True)
            if listening := re.search(r"Listening at: (http\S+)", line):
                self.address = listening[1].replace("//0.0.0.0", "//127.0.0.1")

    def answers(self) -> bool:
        """Wait until /healthz does; False when a child ended instead."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while not self.ended():
            with contextlib.suppress(urllib.error.URLError, OSError, ValueError):
                if direct.open(f"{self.address}/healthz", timeout=5).status == 200:
                    return True
            time.sleep(0.05)
        return False

    def ended(self) -> str:
        return next((name for name, child in self.children.items() if child.poll() is not None), "")

    def stop(self) -> None:
        """Ask, wait, then end whatever is left of each one's process group."""
        for child in self.children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            for child in self.children.values():
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
        for child in self.children.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def end_with_parent() -> None:
    """Runs in a child before its program: the kernel sends SIGTERM when the parent dies, even by SIGKILL."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
