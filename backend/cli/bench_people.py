"""What the benches of the desk begin with: an installation of their own, and invented students of one centre."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.orm import Session

from backend.adapters.migrations import migrate
from backend.demo.people import NAMES, PROGRAMMES, invented_id_number
from backend.enrollment.operations import enrol_student
from backend.enrollment.records import Student
from backend.history.rules import SYSTEM
from backend.parts import Parts, make_parts
from backend.settings import load_settings


@contextmanager
def own_installation() -> Iterator[Parts]:
    """Database and files in a folder that goes afterwards; kept as durably as in production."""
    with TemporaryDirectory() as folder:
        settings = load_settings({"XUEZHAO_MODE": "testing", "DATA_DIR": folder, "XUEZHAO_DATA_DURABLE": "true"})
        parts = make_parts(settings, clock=lambda: datetime.now(UTC))
        migrate(parts.engine)
        try:
            yield parts
        finally:
            parts.engine.dispose()


def number_of(place: int) -> str:
    """The student number of the student at this place, counted from 0."""
    return f"B{place:07d}"


def enrol(
    session: Session, place: int, *, now: datetime, named: Callable[[str], bool] = bool, **values: Any
) -> Student:
    """One student, not committed. named: names that may be given; values: centre_id, and whatever else is known."""
    names = [name for name in NAMES if named(name)]
    return enrol_student(
        session,
        student_number=number_of(place),
        name=names[place % len(names)],
        gender="female",
        id_document="resident",
        id_number=invented_id_number(date(1990, 1 + place % 12, 1 + place % 28), place % 500, male=False),
        level="专升本",
        programme=PROGRAMMES[place % len(PROGRAMMES)],
        study_form="网络教育",
        entry_date=date(2024, 3, 1),
        study_years="2.5",
        status="注册学籍",
        actor=SYSTEM,
        now=now,
        **values,
    )
