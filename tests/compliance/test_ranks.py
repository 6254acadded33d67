"""Medians and percentiles as numpy has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.compliance.ranks import FEW, median, median_colour, percentile, row_percentiles

NUMBERS = arrays(np.float32, st.integers(1, 60), elements=st.floats(-1e4, 1e4, width=32))


@given(NUMBERS, st.floats(0, 100))
def test_they_are_numpys(values: np.ndarray, percent: float) -> None:
    assert median(values) == pytest.approx(float(np.median(values.astype(np.float64))), abs=1e-3)
    wanted = float(np.percentile(values.astype(np.float64), percent))
    assert percentile(values, percent) == pytest.approx(wanted, abs=1e-3)


def test_whole_numbers_do_not_overflow_and_any_shape_will_do() -> None:
    values = np.array([[250, 255], [251, 254]], np.uint8)
    assert median(values) == 252.5
    assert percentile(values[:, 1], 50) == 254.5
    assert median_colour(np.array([[1, 2, 3], [3, 2, 1]])) == (2, 2, 2)


def test_nothing_has_no_median() -> None:
    with pytest.raises(ValueError, match="nothing"):
        median(np.empty((0,), np.float32))
    with pytest.raises(ValueError, match="nothing"):
        percentile(np.empty((0,), np.float32), 5)


@given(NUMBERS, st.floats(0, 100))
def test_of_many_they_are_numpys_too(values: np.ndarray, percent: float) -> None:
    """More than FEW of them, which are not sorted."""
    many = np.random.default_rng(values.size).permutation(np.resize(values, 2 * FEW + values.size))
    assert median(many) == pytest.approx(float(np.median(many.astype(np.float64))), abs=1e-3)
    wanted = float(np.percentile(many.astype(np.float64), percent))
    assert percentile(many, percent) == pytest.approx(wanted, abs=1e-3)
    assert median_colour(np.stack([many, many, many], axis=1)) == pytest.approx(3 * (median(many),), abs=1e-3)


@given(arrays(np.float32, (3, 7), elements=st.floats(-1e4, 1e4, width=32)), st.floats(0, 100))
def test_of_each_row(values: np.ndarray, percent: float) -> None:
    wanted = np.percentile(values.astype(np.float64), percent, axis=1)
    assert row_percentiles(values, percent) == pytest.approx(wanted, abs=1e-2)
