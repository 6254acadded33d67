"""What the measurement of the review says of its own numbers."""

from __future__ import annotations

import pytest

from tests.journeys.review_speed import judge


@pytest.mark.parametrize(
    ("times", "ends", "says"),
    [
        ([200.0, 300.0, 4000.0], 0, "300 ms in the middle, 4000 ms at most"),  # one slow answer is the machine's
        ([1000.0], 0, "1000 ms in the middle"),
        ([900.0, 1001.0, 1100.0], 1, "1001 ms in the middle"),
        ([], 1, ""),
    ],
)
def test_a_review_slower_than_a_second_in_the_middle_fails(
    times: list[float], ends: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judge(times) == ends
    printed = capsys.readouterr()
    assert says in printed.out
    assert bool(printed.err) is bool(ends)
