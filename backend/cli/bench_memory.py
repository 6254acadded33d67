"""The memory of one worker, in a process of its own: `python -m backend.cli.bench_memory ORDINARY PICTURE`.

An ordinary picture is judged twice before, so that the models and their buffers count too. Prints the processor's
seconds of all threads of the process for the second picture, the peak of its memory in MB, and what became of it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from backend.cli.checked import load_checker
from backend.compliance.findings import Mode
from backend.settings import PROJECT

PROFILE = "base"


@dataclass(frozen=True)
class Cost:
    """seconds: of processors; megabytes: the peak; outcome: "judged" or the reason why the file was refused."""

    seconds: float
    megabytes: float
    outcome: str


def cost_of(ordinary: Path, picture: Path, mode: Mode | None = None) -> Cost:
    """Of judging that picture in a process of its own. mode: None leaves it to the file."""
    command = [sys.executable, "-m", "backend.cli.bench_memory", str(ordinary), str(picture)]
    told = subprocess.run(
        command + ([] if mode is None else [mode.value]),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        cwd=PROJECT,
    ).stdout.split()
    return Cost(float(told[0]), float(told[1]), told[2])


def peak() -> float:
    """Megabytes that this process has had at most. Linux counts in `ru_maxrss` what the starting process had, too."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main(ordinary: Path, picture: Path, mode: Mode | None) -> None:
    checker = load_checker()
    for _ in range(2):
        checker.check(ordinary, mode=None, profile=PROFILE)
    started = process_time()
    done = checker.check(picture, mode=mode, profile=PROFILE)
    print(f"{process_time() - started:.3f} {peak():.1f} {done.error or 'judged'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Mode(sys.argv[3]) if len(sys.argv) > 3 else None)
