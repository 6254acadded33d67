"""What a reviewer does to a photo, and what the student hears of it."""

from __future__ import annotations

from tests.factories import Factory


def test_another_picture_of_the_same_student_is_another_version(make: Factory) -> None:
    lin = make.student()
    make.settle(lin)
    assert [make.submitted(lin).number for _ in range(3)] == [1, 2, 3]
