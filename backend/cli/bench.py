"""How fast the engine is, part by part, and how much memory it takes, on this machine.

A drawn figure has no face, so the pictures come from the caller: any portrait does. What is told is the time of this
thread on a processor, which other work on the machine disturbs least, and the clock on the wall beside it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

import click
import numpy as np
from PIL import Image

from backend.cli.bench_memory import cost_of
from backend.cli.bench_peers import Picture, compare
from backend.cli.checked import Checker, load_checker
from backend.compliance.assess import Assessment, assess
from backend.compliance.checks import CHECKS
from backend.compliance.checks.check import Check, find
from backend.compliance.decode import open_source, pixels
from backend.compliance.findings import Mode
from backend.compliance.hints import OUTLINE_CHECKS
from backend.compliance.prepare import FileFacts, Prepared, prepare, with_head_top
from backend.settings import load_settings

PROFILE = "base"
THREADS = 2
COLUMN = 17


@dataclass(frozen=True)
class Sample:
    """One kind of picture. bar: milliseconds of a processor that its judging may take."""

    name: str
    title: str
    content: bytes
    mode: Mode
    bar: float


@dataclass(frozen=True)
class Timed:
    """Milliseconds. whole, wall: of each round; checks: the middle of each, by code; threads: processor and wall of one
    picture while two threads judge; peak: megabytes of a process with one thread."""

    whole: list[float]
    wall: list[float]
    checks: dict[str, float]
    threads: tuple[float, float]
    peak: float


@click.command("bench")
@click.argument("portrait", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--rounds", default=20, show_default=True, type=click.IntRange(2))
@click.option(
    "--peers",
    envvar="PEERS",
    type=click.Path(file_okay=False, path_type=Path),
    help="folder with other tools to compare with (pip install --no-deps --target FOLDER selfie-validator ...)",
)
def bench(portrait: Path | None, rounds: int, peers: Path | None) -> None:
    """Time the engine on a PORTRAIT (any picture with one face; without it, scikit-image's astronaut if installed)."""
    checker = load_checker()
    samples = _samples(checker, _picture(portrait))
    with TemporaryDirectory() as folder:
        timed = [_timed(checker, sample, rounds, Path(folder)) for sample in samples]
    for line in table(samples, timed, rounds):
        click.echo(line)
    _beside_others(checker, samples, peers, rounds)


def _samples(checker: Checker, picture: Image.Image) -> tuple[Sample, ...]:
    """A frame on which everything is asked is what would become a registration file; the picture itself is too far."""
    phone = _grained(_scaled(picture, 3000, 4000))
    made = _judge(checker, phone, Mode.CAPTURE).registration_jpeg
    if made is None:
        raise click.UsageError("no face was found on that picture")
    with Image.open(io.BytesIO(made)) as right:
        near = _scaled(right.convert("RGB"), 360, 480)
    return (
        Sample("finished file", "480x640", _scaled(picture, 480, 640), Mode.FINAL, 50),
        Sample("phone picture", "12 megapixels", phone, Mode.CAPTURE, 150),
        Sample("video frame", "360x480, right", near, Mode.FRAME, 15),
        Sample("video frame", "360x480, too far", _scaled(picture, 360, 480), Mode.FRAME, 15),
    )


def _timed(checker: Checker, sample: Sample, rounds: int, folder: Path) -> Timed:
    work = partial(_judge, checker, sample.content, sample.mode)
    path = folder / "one.jpg"
    path.write_bytes(sample.content)
    memory = cost_of(path, path, sample.mode).megabytes
    whole, wall = _times(work, rounds)
    checks = _checks(checker, sample, work(), rounds)
    return Timed(whole, wall, checks, _threads(work, rounds), memory)


def table(samples: Iterable[Sample], timed: list[Timed], rounds: int) -> list[str]:
    """One column for each kind of picture; each check in a row of its own, the slowest first."""
    samples = list(samples)
    codes = sorted({code for one in timed for code in one.checks}, key=lambda code: -max(_of(code, timed)))
    rows: list[tuple[str, list[float | None]]] = [
        ("whole, processor", [median(one.whole) for one in timed]),
        ("  the quickest", [min(one.whole) for one in timed]),
        ("  nine in ten within", [quantiles(one.whole, n=10)[-1] for one in timed]),
        ("  bar", [sample.bar for sample in samples]),
        ("whole, on the wall", [median(one.wall) for one in timed]),
        (f"{THREADS} threads, processor", [one.threads[0] for one in timed]),
        (f"{THREADS} threads, on the wall", [one.threads[1] for one in timed]),
        ("decode and prepare", [median(one.whole) - sum(one.checks.values()) for one in timed]),
        ("all checks", [sum(one.checks.values()) for one in timed]),
        *((f"  {code}", [one.checks.get(code) for one in timed]) for code in codes),
        ("memory of a worker, MB", [one.peak for one in timed]),
    ]
    return [
        f"{'':26s}" + "".join(f"{sample.name:>{COLUMN}s}" for sample in samples),
        f"{f'ms, {rounds} rounds':26s}" + "".join(f"{sample.title:>{COLUMN}s}" for sample in samples),
        f"{'':26s}" + "".join(f"{f'{len(sample.content) / 1024:.0f} KB':>{COLUMN}s}" for sample in samples),
        *(f"{title:26s}" + "".join(_cell(value, title) for value in values) for title, values in rows),
    ]


def _of(code: str, timed: list[Timed]) -> list[float]:
    return [one.checks.get(code, 0.0) for one in timed]


def _cell(value: float | None, title: str) -> str:
    """Checks with two digits; "-" where a check is not asked."""
    digits = 2 if title.startswith("  ") and title.strip().isupper() else 1
    return f"{'-':>{COLUMN}s}" if value is None else f"{value:{COLUMN}.{digits}f}"


def _beside_others(checker: Checker, samples: tuple[Sample, ...], peers: Path | None, rounds: int) -> None:
    if peers is None or not peers.is_dir():
        click.echo("no other tool to compare with: name a folder by --peers or PEERS")
        return
    click.echo(f"{'beside, taking turns, on the wall':56s}{'theirs':>9s}{'ours':>9s}{'ratio':>9s}")
    with TemporaryDirectory() as folder:
        pictures: list[Picture] = []
        for number, sample in enumerate(samples):
            path = Path(folder) / f"{number}.jpg"
            path.write_bytes(sample.content)
            own = partial(_judge, checker, sample.content, sample.mode)
            pictures.append((f"{sample.name} {sample.title}", path, own))
        for line in compare(pictures, peers.absolute(), load_settings().data.models_dir, rounds):
            click.echo(line)


def _checks(checker: Checker, sample: Sample, done: Assessment, rounds: int) -> dict[str, float]:
    """Each check alone on the picture that is judged. The top of a head on a frame counts with the look it needs."""
    content = done.registration_jpeg or sample.content
    source = open_source(content, checker.standard.intake)
    facts = FileFacts("a.jpg", len(content), source.size, source.metadata, source.metadata)
    rgb = pixels(source, at_least=source.size)
    prepared = prepare(rgb, mode=sample.mode, file=facts, analyser=checker.analyser)
    asked = {finding.code for finding in done.report.findings}
    return {
        check.code.value: median(_times(partial(_one, checker, check, prepared), rounds)[0])
        for check in CHECKS
        if check.code in asked and check.applies(prepared)
    }


def _one(checker: Checker, check: Check, prepared: Prepared) -> None:
    if prepared.mode is Mode.FRAME and check.code in OUTLINE_CHECKS:
        prepared = with_head_top(prepared, checker.analyser)
    find(check, prepared, checker.standard.profile(PROFILE).rule(check.code))


def _judge(checker: Checker, content: bytes, mode: Mode) -> Assessment:
    return assess(
        content,
        file_name="a.jpg",
        mode=mode,
        standard=checker.standard,
        profile=PROFILE,
        analyser=checker.analyser,
    )


def _threads(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Processor's and wall's milliseconds of one picture while THREADS of them are judged at a time."""

    def one(_: int) -> float:
        started = thread_time()
        work()
        return (thread_time() - started) * 1000

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(2 * THREADS)))  # each thread loads its models
        started = perf_counter()
        worked = list(pool.map(one, range(rounds)))
        return median(worked), (perf_counter() - started) * 1000 / rounds


def _times(work: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each round: of this thread's processor, and on the wall."""
    for _ in range(2):
        work()
    worked, times = [], []
    for _ in range(rounds):
        thread, wall = thread_time(), perf_counter()
        work()
        worked.append((thread_time() - thread) * 1000)
        times.append((perf_counter() - wall) * 1000)
    return worked, times


def _picture(portrait: Path | None) -> Image.Image:
    if portrait is not None:
        with Image.open(portrait) as image:
            return image.convert("RGB")
    try:
        from skimage import data
    except ImportError:
        raise click.UsageError("name a portrait, or install the development packages") from None
    whole = np.asarray(data.astronaut())  # type: ignore[no-untyped-call]
    return Image.fromarray(whole).crop((64, 0, 394, 440))


def _grained(content: bytes) -> bytes:
    """With the grain of a phone's sensor, which makes such a file several times as large and slow to decode."""
    with Image.open(io.BytesIO(content)) as image:
        tones = np.array(image)
    grain = np.random.default_rng(7).normal(0, 5, (250, *tones.shape[1:])).astype(np.int16)
    for row in range(0, len(tones), len(grain)):  # strip by strip: the memory of this process is measured too
        strip = tones[row : row + len(grain)]
        strip[:] = np.clip(strip + grain[: len(strip)], 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(tones).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _scaled(picture: Image.Image, width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    picture.resize((width, height), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
