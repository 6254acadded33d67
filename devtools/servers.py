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
from typing import IO, Any

from devtools.environment import RUNTIME, SCALE, set_up
from devtools.ground import FLASK, PROJECT, PYTHON, say

WEB = [str(PYTHON), "-m", "gunicorn", "-c", "config/gunicorn.conf.py"]
WORKER = [*FLASK, "worker"]
STOP_SECONDS = 10
LIBC: Any = ctypes.CDLL(None) if sys.platform == "linux" else None


def run() -> int:
    if os.environ.get("MAKELEVEL") and LIBC:
        end_with_parent()  # the parent is make
    postgresql = any(
        os.environ.get(name, "").startswith("postgres") for name in ("DATABASE_URL", "XUEZHAO_DATABASE_URL")
    )
    set_up(SCALE if postgresql else RUNTIME, total=6)
    say("6/6", "starting: database, on the first run the demo, web server, worker")
    # the web server brings the data up to date before it listens: that saves a Python start of two seconds
    return Servers(WEB, WORKER, PREPARE="1").serve()


class Servers:
    """The web server and, once it answers, the worker; when one ends, the other is stopped."""

    def __init__(self, web: Sequence[str], worker: Sequence[str], **environment: str) -> None:
        self.commands = {"web": web, "worker": worker}
        self.environment = os.environ | {"PYTHONUNBUFFERED": "1"} | environment
        self.children: dict[str, subprocess.Popen[str]] = {}
        self.relays: list[threading.Thread] = []
        self.greeting: list[str] = []
        self.address = ""

    def serve(self) -> int:
        """Until Ctrl-C or SIGTERM (returns 0), or until one ends by itself (returns 1)."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        try:
            self.start("web")
            if self.answers():
                self.start("worker")
                ready = f"学照通 Xuezhao: {self.address}   (Ctrl-C stops it)"
                print("", ready, *self.greeting, "", sep="\n", flush=True)
            while not self.ended():
                time.sleep(0.2)
            return self.give_up(self.ended())
        except KeyboardInterrupt:
            print("\nstopping", flush=True)
            return 0
        finally:
            self.stop()

    def give_up(self, ended: str) -> int:
        self.stop()
        for relay in self.relays:
            relay.join(timeout=1)  # its last lines are worth waiting for
        print(*([] if self.address else self.greeting), sep="\n")
        port = " Is its port taken? PORT=8001 make run uses another." if ended == "web" else ""
        print(f"{ended} ended by itself, so everything stops; its last lines say why.{port}", flush=True)
        return 1

    def start(self, name: str) -> None:
        # a session of its own: Ctrl-C reaches this process alone, which stops the two in good order
        child = self.children[name] = subprocess.Popen(
            self.commands[name],
            cwd=PROJECT,
            env=self.environment,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=end_with_parent if LIBC else None,
        )
        for lines in (child.stdout, child.stderr):
            self.relays.append(threading.Thread(target=self.relay, args=(name, lines), daemon=True))
            self.relays[-1].start()

    def relay(self, name: str, lines: IO[str]) -> None:
        """Pass lines on under the child's name.

        What the web server writes to stdout before it listens (the demo accounts) is kept for the greeting.
        """
        for line in lines:
            if name == "web" and not self.address and lines is self.children[name].stdout:
                self.greeting.append(line.rstrip())
                continue
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
        self.children.clear()


def end_with_parent() -> None:
    """Runs in a child before its program: the kernel sends SIGTERM when the parent dies, even by SIGKILL."""
    pr_set_pdeathsig = 1
    LIBC.prctl(pr_set_pdeathsig, signal.SIGTERM)
