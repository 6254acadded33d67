"""Evidence as pictures with the viewer's name over them; PDFs that are made to harm."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from backend.adapters import watermark
from backend.adapters.watermark import LONG_SIDE, Undrawable, page_count, watermarked_pages
from backend.compliance.standard import load_standard
from backend.settings import PROJECT
from tests.papers import pdf, scan, stuffed_pdf

PDF = "application/pdf"
LINES = ("王老师 fz", "福州仓山学习中心 2026-11-02 10:00", "仅供学籍办理")
INTAKE = load_standard(PROJECT / "config" / "photo-standard.toml").intake


def marked(content: bytes, media_type: str = "image/jpeg", lines: tuple[str, ...] = LINES) -> list[Image.Image]:
    pages = watermarked_pages(content, media_type=media_type, lines=lines, intake=INTAKE)
    return [Image.open(io.BytesIO(page)) for page in pages]


def darkness(picture: Image.Image) -> float:
    """Share of pixels that are clearly darker than the sheet."""
    return float((np.asarray(picture.convert("L")) < 190).mean())


def test_every_part_of_a_picture_bears_the_mark() -> None:
    (picture,) = marked(scan(size=(1600, 1200)))
    for left in (0, 800):
        for top in (0, 600):
            assert darkness(picture.crop((left, top, left + 800, top + 600))) > 0.002


def test_other_viewers_leave_other_marks() -> None:
    first, second = marked(scan())[0], marked(scan(), lines=("赵老师 xm", *LINES[1:]))[0]
    assert np.asarray(first).tobytes() != np.asarray(second).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_picture_comes_out_smaller_and_as_jpeg(kind: str) -> None:
    (picture,) = marked(scan(kind, (3000, 2000)))
    assert max(picture.size) == LONG_SIDE
    assert picture.format == "JPEG"


def test_a_pdf_becomes_its_pages_and_one_can_be_asked_for() -> None:
    content = pdf(3)
    assert page_count(content, media_type=PDF) == 3
    assert len(marked(content, PDF)) == 3
    one = watermarked_pages(content, media_type=PDF, lines=LINES, intake=INTAKE, only=2)
    assert len(one) == 1
    assert watermarked_pages(content, media_type=PDF, lines=LINES, intake=INTAKE, only=4) == []
    assert watermarked_pages(scan(), media_type="image/jpeg", lines=LINES, intake=INTAKE, only=2) == []


def test_a_pdf_of_many_or_huge_pages_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watermark, "MAX_PAGES", 2)
    assert page_count(pdf(5), media_type=PDF) == 2
    (huge,) = marked(pdf(1, (14000, 200)), PDF)
    assert max(huge.size) == LONG_SIDE


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%%EOF", b"%PDF-1.7\n1 0 obj<</JS 2 0 R>>endobj\n%%EOF", b""])
def test_a_pdf_that_cannot_be_opened_is_said_to_be_broken(content: bytes) -> None:
    with pytest.raises(Undrawable) as problem:
        page_count(content, media_type=PDF)
    assert problem.value.reason == "broken"


def test_a_pdf_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watermark, "SECONDS", 1)
    with pytest.raises(Undrawable) as problem:
        marked(stuffed_pdf(400_000), PDF)
    assert problem.value.reason in ("slow", "broken")  # the limit of memory may come first


def test_a_picture_that_is_none_cannot_be_drawn() -> None:
    with pytest.raises(Undrawable):
        marked(b"no picture")
