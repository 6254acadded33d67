"""How fast the engine is, and how much memory it takes, on this machine.

A drawn figure has no face, so the pictures come from the caller: any portrait does.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

import click
import numpy as np
from PIL import Image

from backend.cli.bench_peers import Picture, compare
from backend.cli.checked import Checker, load_checker
from backend.compliance.assess import assess
from backend.compliance.checks import CHECKS
from backend.compliance.checks.check import find
from backend.compliance.decode import open_source, pixels
from backend.compliance.findings import Mode
from backend.compliance.prepare import FileFacts, Prepared, prepare
from backend.settings import load_settings


@click.command("bench")
@click.argument("portrait", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--rounds", default=20, show_default=True)
@click.option(
    "--peers",
    envvar="PEERS",
    type=click.Path(file_okay=False, path_type=Path),
    help="folder with other tools to compare with (pip install --no-deps --target FOLDER selfie-validator ...)",
)
def bench(portrait: Path | None, rounds: int, peers: Path | None) -> None:
    """Time the engine on a PORTRAIT (any picture with one face; without it, scikit-image's astronaut if installed)."""
    checker = load_checker()
    picture = _picture(portrait)
    files = {
        "finished file 480x640": (_scaled(picture, 480, 640), Mode.FINAL),
        "phone picture 12 megapixels": (_grained(_scaled(picture, 3000, 4000)), Mode.CAPTURE),
        "video frame 360x480": (_scaled(picture, 360, 480), Mode.FRAME),
    }
    click.echo(f"{'':30s}{'median':>9s}{'p90':>9s}{'processor':>11s}  ms, {rounds} rounds")
    for name, (content, mode) in files.items():
        work = partial(_judge, checker, content, mode)
        times, worked = _times(work, rounds), median(_times(work, rounds, thread_time))
        size = f"  {len(content) / 1024:.0f} KB"
        click.echo(f"{name:30s}{median(times):9.1f}{quantiles(times, n=10)[-1]:9.1f}{worked:11.1f}{size}")
    click.echo(
        f"{'two threads, finished file':30s}{_two_threads(checker, files['finished file 480x640'][0], rounds):9.1f}"
        f"{'':9s}  ms for each picture"
    )
    _parts(checker, files["finished file 480x640"][0], rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    click.echo(f"peak memory of this process {peak:.0f} MB")
    _beside_others(checker, files, peers, rounds)


def _beside_others(checker: Checker, files: dict[str, tuple[bytes, Mode]], peers: Path | None, rounds: int) -> None:
    if peers is None or not peers.is_dir():
        click.echo("no other tool to compare with: name a folder by --peers or PEERS")
        return
    click.echo(f"{'beside, taking turns':50s}{'theirs':>9s}{'ours':>9s}{'ratio':>9s}")
    with TemporaryDirectory() as folder:
        pictures: list[Picture] = []
        for number, (name, (content, mode)) in enumerate(files.items()):
            path = Path(folder) / f"{number}.jpg"
            path.write_bytes(content)
            pictures.append((name, path, partial(_judge, checker, content, mode)))
        for line in compare(pictures, peers.absolute(), load_settings().data.models_dir, rounds):
            click.echo(line)


def _parts(checker: Checker, content: bytes, rounds: int) -> None:
    """Preparation and each check alone, slowest first."""
    source = open_source(content, checker.standard.intake)
    facts = FileFacts("a.jpg", len(content), source.size, source.metadata, source.metadata)

    def ready() -> Prepared:
        rgb = pixels(source, at_least=source.size)
        return prepare(rgb, mode=Mode.FINAL, file=facts, analyser=checker.analyser)

    prepared, rules = ready(), checker.standard.profile("base")
    click.echo(f"{'  decode and prepare':30s}{median(_times(ready, rounds)):9.1f}")
    timed = [
        (median(_times(lambda check=check: find(check, prepared, rules.rule(check.code)), rounds)), check.code.value)  # type: ignore[misc]
        for check in CHECKS
    ]
    click.echo(f"{'  all checks':30s}{sum(time for time, _ in timed):9.1f}")
    for time, code in sorted(timed, reverse=True)[:12]:
        click.echo(f"    {code:26s}{time:9.2f}")


def _judge(checker: Checker, content: bytes, mode: Mode) -> None:
    assess(
        content,
        file_name="a.jpg",
        mode=mode,
        standard=checker.standard,
        profile="base",
        analyser=checker.analyser,
    )


def _two_threads(checker: Checker, content: bytes, rounds: int) -> float:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: _judge(checker, content, Mode.FINAL), range(4)))  # each thread loads its models
        started = perf_counter()
        list(pool.map(lambda _: _judge(checker, content, Mode.FINAL), range(rounds)))
        return (perf_counter() - started) * 1000 / rounds


def _times(work: Callable[[], object], rounds: int, clock: Callable[[], float] = perf_counter) -> list[float]:
    """Milliseconds of each round. clock: thread_time counts only what this thread's processor did."""
    for _ in range(2):
        work()
    times = []
    for _ in range(rounds):
        started = clock()
        work()
        times.append((clock() - started) * 1000)
    return times


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
