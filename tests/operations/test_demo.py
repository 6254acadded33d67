"""The invented college: loaded once, done again when it was broken off, never poured over real data."""

from __future__ import annotations

from collections import Counter

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.operations import sign_in
from backend.cli.demo import demo_group
from backend.demo import college
from backend.demo.alumni import GRADUATES
from backend.demo.people import PEOPLE
from backend.demo.proofreading import PROOFREADERS
from backend.doctor import examine
from backend.enrollment.records import Correction, Student
from backend.enrollment.rules import IdDocument, id_number_problem
from backend.parts import Parts
from backend.photos.records import Photo
from tests.conftest import Clock
from tests.factories import Factory


@pytest.mark.slow
def test_the_college_is_loaded_once_and_whole(
    parts: Parts, session: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:  # the power goes while the notices are written
        broken.setattr(college.College, "_notices", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            college.load_once(parts, lambda _: None)
    assert college.load_once(parts, lambda _: None), "a load that was broken off is done again"
    assert not college.load_once(parts, lambda _: None)

    assert len(session.scalars(select(Student)).all()) == len(PEOPLE) + len(GRADUATES) + len(PROOFREADERS) == 91
    states = Counter(session.scalars(select(Photo.state)))
    assert set(states) == {"needs_retake", "ready_for_review", "returned", "accepted"}
    assert set(session.scalars(select(Correction.state))) == {"submitted", "refused"}
    assert list(examine(session, parts.files, now=clock())) == []
    for kind, login in (("staff", "fz"), ("staff", "admin"), ("student", PEOPLE[42].student_number)):
        assert sign_in(
            session, kind=kind, login=login, password=college.PASSWORD, device="t", policy=parts.policy, now=clock()
        )


def test_the_people_cannot_exist(clock: Clock) -> None:
    everybody = (*PEOPLE, *GRADUATES, *PROOFREADERS)
    for person in everybody:
        assert person.id_number.startswith("99")
        assert id_number_problem(IdDocument.RESIDENT, person.id_number, today=clock().date()) is None
    assert len({person.id_number for person in everybody}) == len(everybody) == 91


def test_data_that_are_not_the_demos_are_never_touched(app: App, make: Factory, session: Session) -> None:
    make.student()
    assert not college.load_once(app.parts, lambda _: None)
    assert not college.is_demo(app.parts)
    with app.app_context():
        answer = CliRunner().invoke(demo_group, ["reset"])
    assert answer.exit_code != 0
    assert "nothing was changed" in answer.output
    assert session.scalars(select(Student)).one()
