"""Web server and worker start together and end together."""

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devtools.ground import PROJECT

WEB = """
import http.server
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Healthy)
print(f"Listening at: http://127.0.0.1:{server.server_port} pid", __import__("os").getpid())
server.serve_forever()
"""
WORKER = """
import os, time
print("worker pid", os.getpid())
time.sleep(60)
"""
SHORT_LIVED_WORKER = "import time; time.sleep(1); print('out of memory')"


@contextmanager
def serving(web: str, worker: str) -> Iterator[subprocess.Popen[str]]:
    start = (
        "import sys; from devtools.servers import Servers;"
        "web, worker = ([sys.executable, '-c', code] for code in sys.argv[1:]);"
        "sys.exit(Servers({'web': web, 'worker': worker}).serve('the accounts'))"
    )
    command = [sys.executable, "-c", start, web, worker]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"never said {words!r}: {lines}")


def pids(said: str) -> list[int]:
    return [int(pid) for pid in re.findall(r"pid (\d+)", said)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_everything_and_is_content(number: signal.Signals):
    with serving(WEB, WORKER) as process:
        said = read_until(process, "the accounts")
        assert re.search(r"http://127\.0\.0\.1:\d+ +\(Ctrl-C", said)
        process.send_signal(number)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == 0
    assert len(pids(said + rest)) == 2
    assert not any(map(alive, pids(said + rest)))


def test_when_one_ends_the_other_is_stopped_and_the_reason_is_told():
    with serving(WEB, SHORT_LIVED_WORKER) as process:
        said, _ = process.communicate(timeout=20)
        assert process.returncode == 1
    assert "worker | out of memory" in said
    assert "worker ended by itself" in said
    assert not any(map(alive, pids(said)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_no_server_outlives_a_killed_parent():
    with serving(WEB, WORKER) as process:
        said = read_until(process, "the accounts")
        # the worker's first line may come before or after the greeting
        said += "" if "worker pid" in said else read_until(process, "worker pid")
        children = [os.pidfd_open(pid) for pid in pids(said)]
        process.kill()
    assert len(children) == 2
    for child in children:
        ended, _, _ = select.select([child], [], [], 10)
        assert ended
        os.close(child)
