"""Pictures and PDFs of evidence as pictures that bear who looks at them, and when.

A PDF is drawn by a process of its own, with a limit on its time and its memory: what somebody sent may be made to
harm, and PDFium is C++. Nothing of a PDF but its drawn pages ever reaches a browser.
"""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from backend.adapters.posters import poster_fonts
from backend.compliance.decode import Unreadable, open_source, pixels
from backend.compliance.standard import Intake

PDF = "application/pdf"
LONG_SIDE = 1600  # pixels of a page as it is shown: an ID card on it can be read
MAX_PAGES = 20
SECONDS = 15  # for one call of the drawing process, whatever the PDF
MEMORY = 2**30  # bytes of address space of the drawing process
QUALITY = 82
DRAWER = Path(__file__).with_name("pdf_pages.py")


class Undrawable(Exception):
    """The file cannot be shown as pictures. `reason`: "broken", "locked" (needs a password) or "slow"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def watermarked_pages(
    content: bytes, *, media_type: str, lines: Sequence[str], intake: Intake, only: int | None = None
) -> list[bytes]:
    """The pages of a picture (one) or of a PDF as JPEG, with the lines all over them.

    only: the number of one page, from 1; None for all, at most MAX_PAGES. An empty list: there is no such page.
    Takes 0.1 s for a picture, about 0.5 s for a page of a PDF. Raises Undrawable.
    """
    if media_type == PDF:
        pages: list[Image.Image] = [Image.open(io.BytesIO(page)) for page in _drawn(content, only)]
    else:
        pages = [_picture(content, intake)] if only in (None, 1) else []
    return [_jpeg(_marked(page, tuple(lines))) for page in pages]


def page_count(content: bytes, *, media_type: str) -> int:
    """Pages of a file; a picture has one. Raises Undrawable for a PDF that cannot be opened."""
    if media_type != PDF:
        return 1
    return int(_run(content, "count"))


def _picture(content: bytes, intake: Intake) -> Image.Image:
    try:
        picture = Image.fromarray(pixels(open_source(content, intake), at_least=(LONG_SIDE, LONG_SIDE)))
    except Unreadable:
        raise Undrawable("broken") from None
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    return picture


def _drawn(content: bytes, only: int | None) -> list[bytes]:
    answer = _run(content, str(only or 0))
    pages, place = [], 0
    while place + 4 <= len(answer):
        (length,) = struct.unpack_from(">I", answer, place)
        pages.append(answer[place + 4 : place + 4 + length])
        place += 4 + length
    return pages


def _run(content: bytes, what: str) -> bytes:
    try:
        # the file itself, not the module: nothing else of the application is loaded there
        done = subprocess.run(
            [sys.executable, "-I", str(DRAWER), what, str(LONG_SIDE), str(MAX_PAGES), str(MEMORY)],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Undrawable("slow") from None
    if done.returncode != 0:
        raise Undrawable("locked" if done.returncode == 3 else "broken")
    return done.stdout


def _marked(page: Image.Image, lines: tuple[str, ...]) -> Image.Image:
    """The lines, slanted, over and over: no part of the page worth cutting out is without."""
    page = page.convert("RGB")
    stamp = _stamp(lines, max(16, round(max(page.size) / 55)))
    width, height = stamp.size
    for row, top in enumerate(range(-height // 3, page.height, height)):
        for left in range(-(width // 2) * (row % 2), page.width, width):
            page.paste(stamp, (left, top), stamp)
    return page


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(poster_fonts("")[0].path, size, index=poster_fonts("")[0].index)


def _stamp(lines: tuple[str, ...], size: int) -> Image.Image:
    """The lines on nothing, slanted: dark letters with a light edge, so that they show on every ground."""
    font, gap = _font(size), round(size * 1.4)
    width = round(max(font.getlength(line) for line in lines)) + 2 * size
    flat = Image.new("RGBA", (width, gap * len(lines) + size))
    draw = ImageDraw.Draw(flat)
    for number, line in enumerate(lines):
        draw.text(
            (size, number * gap + size // 2), line, font=font, fill=(20, 30, 60, 105),
            stroke_width=max(1, size // 16), stroke_fill=(255, 255, 255, 95),
        )  # fmt: skip
    return flat.rotate(24, expand=True, resample=Image.Resampling.BICUBIC)


def _jpeg(page: Image.Image) -> bytes:
    kept = io.BytesIO()
    page.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()
