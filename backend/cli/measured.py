"""What one step of a bench takes: seconds, processor time, memory, and whether its progress could be watched."""

from __future__ import annotations

import resource
import sys
import threading
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import click

Answer = TypeVar("Answer")


def say_columns(what: str) -> None:
    """The head of the table that `timed` writes.

    processor: seconds of this process and its children, which other work on the machine disturbs least;
    progress: different answers that a page asking every second would have got.
    """
    click.echo(f"{what:44s}{'seconds':>9s}{'processor':>11s}{'peak MB':>9s}{'progress':>10s}")


def timed(what: str, work: Callable[[], Answer], how_far: Callable[[], int] | None = None) -> Answer:
    """Do the work and write its line. how_far: asked every second while it runs."""
    seen: set[int] = set()
    over = threading.Event()
    watch = threading.Thread(target=_look, args=(how_far, over, seen), daemon=True)
    started, worked = perf_counter(), _processor()
    watch.start()
    try:
        answer = work()
    finally:
        over.set()
        watch.join()
    progress = f"{len(seen):10d}" if how_far else ""
    click.echo(f"{what:44s}{perf_counter() - started:9.1f}{_processor() - worked:11.1f}{_peak():9.0f}{progress}")
    return answer


def _look(how_far: Callable[[], int] | None, over: threading.Event, seen: set[int]) -> None:
    while how_far is not None and not over.wait(1):
        seen.add(how_far())
        if sys.stderr.isatty():
            click.echo(f"\r  {max(seen)} \r", nl=False, err=True)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak() -> float:
    """Most memory that this process or a child of it has held, MB."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / unit
