"""Blur, enlargement and noise that the plain measures are taken in by."""

from __future__ import annotations

import numpy as np
import pytest

from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Verdict
from tests import drawings, images
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio
from tests.images import Rgb, jpeg


def finding(judge: Judge, rgb: Rgb, code: Code) -> Finding:
    found = judge(jpeg(rgb, 90)).finding(code)
    assert found is not None
    return found


def grained(rgb: Rgb, sigma: float, soft: float, *, where: object = 1.0, coloured: bool = False) -> Rgb:
    """With smooth noise, of its own in every channel when coloured."""
    noise = [drawings.grain(seed if coloured else 0, sigma, soft) * where for seed in range(3)]
    return np.asarray(np.clip(rgb + np.stack(noise, axis=2), 0, 255), np.uint8)


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_repeated_pixels_are_an_enlargement(studio: Studio, judge: Judge, size: int) -> None:
    assert finding(judge, drawings.pixelated(studio.straight, size), Code.UPSCALED).verdict is Verdict.DOUBT


def test_lines_of_a_strong_compression_are_not(studio: Studio, judge: Judge) -> None:
    before = finding(judge, images.noisy(studio.straight, 5), Code.UPSCALED)
    again = judge(jpeg(images.noisy(studio.straight, 5), 40)).finding(Code.UPSCALED)
    assert before.verdict is Verdict.OK
    assert again is not None
    assert again.verdict is Verdict.OK


def test_grain_does_not_make_a_blurred_face_sharp(studio: Studio, judge: Judge) -> None:
    blurred = images.blurred(studio.straight, 4)
    found = finding(judge, images.noisy(blurred, 5), Code.BLUR)
    assert found.verdict is not Verdict.OK


@pytest.mark.parametrize("coloured", [False, True], ids=["grey", "coloured"])
def test_coarse_grain_is_noise(studio: Studio, judge: Judge, coloured: bool) -> None:
    assert finding(judge, studio.straight, Code.NOISE).verdict is Verdict.OK
    found = finding(judge, grained(studio.straight, 12, 1.2, coloured=coloured), Code.NOISE)
    assert found.verdict is not Verdict.OK


def test_a_noisy_person_before_a_drawn_wall_is_noise(studio: Studio, judge: Judge) -> None:
    face = drawings.oval(studio.straight, studio.face, 1.3)
    found = finding(judge, grained(studio.straight, 12, 0.5, where=face), Code.NOISE)
    assert found.verdict is not Verdict.OK
