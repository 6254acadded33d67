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
import http.server, os, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Healthy)
print("the accounts")
print(f"Listening at: http://127.0.0.1:{server.server_port} pid", os.getpid(), file=sys.stderr)
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
        "sys.exit(Servers(web, worker).serve())"
    )
    command = [sys.executable, "-c", start, web, worker]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], *words: str) -> str:
    """What was said until each of the words had come, in whichever order."""
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if all(word in said for word in words):
            return said
    raise AssertionError(f"never said all of {words}: {said}")


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
        said = read_until(process, "the accounts", "worker pid", "(Ctrl-C")
        assert re.search(r"http://127\.0\.0\.1:\d+ +\(Ctrl-C", said)
        process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode == 0
    assert len(pids(said)) == 2
    assert not any(map(alive, pids(said)))


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
        said = read_until(process, "the accounts", "worker pid")
        children = [os.pidfd_open(pid) for pid in pids(said)]
        process.kill()
    assert len(children) == 2
    for child in children:
        ended, _, _ = select.select([child], [], [], 10)
        assert ended
        os.close(child)


def test_a_web_server_that_cannot_start_says_why():
    with serving("print('no room on the disk'); exit(3)", WORKER) as process:
        said, _ = process.communicate(timeout=20)
        assert process.returncode == 1
    assert "no room on the disk" in said
    assert "web ended by itself" in said
