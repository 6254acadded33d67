"""Small parts: a prepared picture without a face, decoding at a fraction, the estimate of the JPEG quality."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from backend.compliance.checks.file import jpeg_quality
from backend.compliance.decode import Metadata, open_source, pixels
from backend.compliance.findings import Mode
from backend.compliance.prepare import FileFacts, Prepared
from backend.compliance.regions import Patch
from backend.compliance.standard import Standard
from tests import images

PLAIN = Metadata("JPEG", 24, "RGB", None, (), "", "")


def prepared() -> Prepared:
    facts = FileFacts("a.jpg", 30_000, (480, 640), PLAIN, PLAIN)
    return Prepared(Mode.FINAL, facts, np.zeros((640, 480, 3), np.uint8), (), None, None, None, None, None)


@pytest.mark.parametrize("quality", [1, 10, 30, 50, 60, 75, 90, 95, 100])
def test_the_quality_of_usual_encoders_is_found_exactly(quality: int) -> None:
    with Image.open(io.BytesIO(images.jpeg(images.astronaut(), quality))) as image:
        assert jpeg_quality.measure(tuple(image.quantization[0])) == quality  # type: ignore[attr-defined]


def test_a_wildly_unusual_table_is_not_guessed() -> None:
    table = [1] * 32 + [255] * 32
    assert jpeg_quality.measure(tuple(table)) is None


def test_a_big_jpeg_is_decoded_at_a_fraction(standard: Standard) -> None:
    big = np.zeros((3000, 2400, 3), np.uint8)
    source = open_source(images.jpeg(big), standard.intake)
    assert pixels(source, at_least=(480, 640)).shape[:2] == (750, 600)
    assert pixels(source, at_least=(601, 640)).shape[:2] == (1500, 1200)


def test_a_patch_that_is_asked_again_still_leaves_out_what_it_is_told_to() -> None:
    patch = Patch(np.zeros((20, 20, 3), np.float32), 0, 0, 1.0)
    square, hole = (np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32) for side in (9, 4))
    assert patch.inside(square) is patch.inside(square)
    assert len(patch.inside(square)) - len(patch.inside(square, without=(hole,))) == 25
