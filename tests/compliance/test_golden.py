"""Verdicts and values stay what they are until somebody changes them on purpose."""

from __future__ import annotations

from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio
from tests.golden import portraits


def test_the_golden_table_still_holds(studio: Studio, judge: Judge) -> None:
    for (code, verdict, value), (_, kept_verdict, kept_value) in zip(
        portraits.rows(studio, judge), portraits.kept(), strict=True
    ):
        assert verdict == kept_verdict, code
        if value:  # other builds of OpenCV and libjpeg differ in the last digits
            assert abs(float(value) - float(kept_value)) <= 0.03 * abs(float(kept_value)) + 0.02, code
