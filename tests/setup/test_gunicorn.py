"""The web server's own folder in the temporary files."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

from backend.settings import PROJECT

START = "import os, runpy; runpy.run_path('config/gunicorn.conf.py'); print(os.environ['PROMETHEUS_MULTIPROC_DIR'])"
KILLED = "; import signal, sys; sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)"


def start(temporary: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Read the server's configuration as gunicorn does, with a folder for temporary files of its own."""
    environment = {**os.environ, "TMPDIR": str(temporary), "XUEZHAO_MODE": "testing"}
    return subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, capture_output=True, text=True)


def test_a_server_removes_its_folder_and_those_of_killed_ones_and_no_others(tmp_path: Path) -> None:
    killed = start(tmp_path, START + KILLED)
    assert killed.returncode == -signal.SIGKILL
    left = Path(killed.stdout.strip())
    assert left.parent == tmp_path
    assert left.is_dir()
    others = tmp_path / "xuezhao-metrics-of-another"
    others.mkdir()
    held = os.open(others, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        assert start(tmp_path, START).returncode == 0
    finally:
        os.close(held)
    assert [path.name for path in tmp_path.iterdir()] == [others.name]
