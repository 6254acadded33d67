"""Files that are broken, huge or made to keep a machine busy, and what reading each of them costs.

    python -m tests.compliance.hostile [--pictures FOLDER]

makes every file, judges each in a process of its own that has judged an ordinary picture before, and prints the
processor's time (all threads of the process, which other work on the machine disturbs least) and its peak of memory.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import numpy as np
import pillow_heif
from PIL import Image

from backend.cli.bench_memory import cost_of
from tests import images
from tests.compliance import heif

PHONE = 4284, 5712  # the 24 megapixels of a phone
LARGE = 6120, 8160  # its 50 megapixels
MEGABYTES = 30


def png_chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int, colour: int = 2) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))


def bomb_png(width: int, height: int) -> bytes:
    """A PNG whose header promises far more than it holds."""
    return png_header(width, height) + png_chunk(b"IDAT", zlib.compress(b"\0" * 999)) + png_chunk(b"IEND")


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@cache
def _portrait(size: tuple[int, int]) -> Image.Image:
    return Image.fromarray(images.astronaut()[:440, 64:394]).resize(size, Image.Resampling.BICUBIC)


def _grained(size: tuple[int, int]) -> Image.Image:
    """With the grain of a sensor: as hard to decode as a real one."""
    tones = np.array(_portrait(size))
    grain = np.random.default_rng(7).normal(0, 5, (240, *tones.shape[1:])).astype(np.int16)
    for row in range(0, len(tones), len(grain)):
        strip = tones[row : row + len(grain)]
        strip[:] = np.clip(strip + grain[: len(strip)], 0, 255)
    return Image.fromarray(tones)


def _heif(picture: Image.Image, quality: int) -> bytes:
    pillow_heif.register_heif_opener(thumbnails=False)
    return _written(picture, "HEIF", quality=quality)


def scans(count: int, side: int = 400) -> bytes:
    """A progressive JPEG whose last pass is asked for again and again, 42 bytes each."""
    whole = _written(Image.new("RGB", (side, side), (128, 128, 128)), "JPEG", progressive=True)
    last = whole[whole.rfind(b"\xff\xda") : -2]
    return whole[:-2] + last * count + whole[-2:]


def segments(count: int, one: bytes = b"\xff\xe9\0\2") -> bytes:
    whole = images.jpeg(images.astronaut())
    return whole[:2] + one * count + whole[2:]


def chunks(count: int, kind: bytes = b"prVt", data: bytes = b"") -> bytes:
    whole = images.encoded(images.astronaut(), "PNG")
    return whole[:33] + png_chunk(kind, data) * count + whole[33:]


def part_of_jpeg(marker: int, data: bytes) -> bytes:
    """One segment of metadata; data: at most 65 533 bytes."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


EXIF_PART = part_of_jpeg(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0" + b"A" * 65_000)  # joined anew for each part
PHOTOSHOP_PART = part_of_jpeg(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5_400)  # an object each


def _full(make: Callable[[int], bytes], one: int) -> bytes:
    """As often as fits into what may be sent."""
    return make((MEGABYTES - 1) * 1024 * 1024 // one)


# every file that is made to be refused: quick to make, so the tests read them too
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "PNG of 100 megapixels": (lambda: bomb_png(10_000, 10_000), "too_many_pixels"),
    "PNG of 3600 megapixels": (lambda: bomb_png(60_000, 60_000), "too_many_pixels"),
    "PNG, rows missing": (lambda: bomb_png(3_000, 3_000), "truncated"),
    "JPEG, 700 000 scans": (lambda: _full(scans, 42), "corrupt"),
    "JPEG, 65 scans more than usual": (lambda: scans(65), "corrupt"),
    "JPEG, 7 million segments": (lambda: _full(segments, 4), "corrupt"),
    "JPEG, 30 MB of fill bytes": (lambda: _full(lambda count: segments(count, b"\xff"), 1), "corrupt"),
    "JPEG, 29 MB of Exif": (lambda: _full(lambda count: segments(count, EXIF_PART), len(EXIF_PART)), "corrupt"),
    "JPEG, 2 million Photoshop notes": (
        lambda: _full(lambda count: segments(count, PHOTOSHOP_PART), len(PHOTOSHOP_PART)),
        "corrupt",
    ),
    "HEIF, turned 240 times": (lambda: heif.grid(9, 9, [heif.turned(1)], repeated=240), "corrupt"),
    "HEIF, a grid of grids": (lambda: heif.grid(9, 9, of_grids=100), "corrupt"),
    "HEIF, 20 MB of colour profile": (lambda: heif.grid(1, 1, [heif.profile(20_000_000)]), "corrupt"),
    "HEIF, a million empty boxes": (lambda: heif.grid(1, 1) + heif.box(b"free", b"") * 1_000_000, "corrupt"),
    "PNG, 2 million chunks": (lambda: _full(chunks, 12), "corrupt"),
    "PNG, 2 million texts": (lambda: _full(lambda count: chunks(count, b"tEXt", b"a\0b"), 15), "corrupt"),
    "progressive JPEG of 50 megapixels": (
        lambda: _written(Image.new("RGB", LARGE, (90, 120, 200)), "JPEG", progressive=True),
        "too_many_pixels",
    ),
}

# the largest that are taken: slow to make, measured only
TAKEN: dict[str, Callable[[], bytes]] = {
    "JPEG of 50 megapixels": lambda: _written(_portrait(LARGE), "JPEG", quality=90),
    "CMYK JPEG of 50 megapixels": lambda: _written(_portrait(LARGE).convert("CMYK"), "JPEG", quality=90),
    "progressive JPEG of 24 megapixels": lambda: _written(_grained(PHONE), "JPEG", quality=90, progressive=True),
    "PNG of 24 megapixels": lambda: _written(_portrait(PHONE), "PNG", compress_level=1),
    "PNG of 24 megapixels, transparent": lambda: _written(_portrait(PHONE).convert("RGBA"), "PNG", compress_level=1),
    "PNG of 24 megapixels, 16 bits": lambda: images.encoded(
        np.asarray(_portrait(PHONE).convert("L")).astype(np.uint16) * 257, "PNG", compress_level=1
    ),
    "HEIF of 12 megapixels, with grain": lambda: _heif(_grained((3024, 4032)), 60),
    "HEIF of 24 megapixels": lambda: _heif(_portrait(PHONE), 60),
    "HEIF of 24 megapixels, with grain": lambda: _heif(_grained(PHONE), 60),
}


def _made() -> Iterator[tuple[str, bytes]]:
    for name, (make, _) in REFUSED.items():
        yield name, make()
    for name, write in TAKEN.items():
        yield name, write()


@click.command()
@click.option("--pictures", type=click.Path(file_okay=False, path_type=Path), default=Path(".cache/hostile"))
def main(pictures: Path) -> None:
    """Print what every file costs; the files are written into a folder that may be thrown away."""
    pictures.mkdir(parents=True, exist_ok=True)
    ordinary, path = pictures / "ordinary.jpg", pictures / "one"
    ordinary.write_bytes(images.jpeg(np.asarray(_portrait((3000, 4000)))))
    _portrait.cache_clear()
    for name, content in _made():
        path.write_bytes(content)
        cost = cost_of(ordinary.absolute(), path.absolute())
        size = f"{len(content) / 1024:9.0f} KB"
        click.echo(f"{name:38s}{size}{cost.seconds:8.2f} s{cost.megabytes:8.0f} MB  {cost.outcome}")
        _portrait.cache_clear()


if __name__ == "__main__":
    main()
