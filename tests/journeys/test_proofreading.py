"""Proofreading in a browser: a swapped photo, two and a half years, the wrong button, and no photo in its four causes.

Time is moved by setting back the rows that it is counted from.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.adapters.database import make_engine
from backend.demo.proofreading import PROOFREADERS
from backend.enrollment.records import Student
from backend.errata.records import ErratumCase
from backend.proofreading.records import Conclusion, StageEvidence, WizardRun
from tests.journeys.conftest import Opener
from tests.journeys.people import press, sees, sign_in, word
from tests.journeys.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

NUMBERS = {person.state: person.student_number for person in reversed(PROOFREADERS)}


class Rows:
    """The database of the installation, read and set back by hand."""

    def __init__(self, installation: Server) -> None:
        path = installation.data / "xuezhao.sqlite3"
        self._engine = make_engine(f"sqlite:///{path}", busy_seconds=10, pool_size=1, durable=False)

    def newest(self, table: Any, state: str) -> Any:
        """The student's newest row of a table."""
        with Session(self._engine) as session:
            student = session.scalars(select(Student.id).where(Student.student_number == NUMBERS[state])).one()
            query = select(table).where(table.student_id == student).order_by(table.id.desc()).limit(1)
            return session.scalars(query).one_or_none()

    def case(self, state: str) -> tuple[str, str]:
        """Form and reason of the student's newest case; the rest of it is encrypted."""
        with Session(self._engine) as session:
            query = (
                select(ErratumCase.form, ErratumCase.reason)
                .join(Student, Student.id == ErratumCase.student_id)
                .where(Student.student_number == NUMBERS[state])
                .order_by(ErratumCase.id.desc())
            )
            form, reason = session.execute(query).first() or ("", "")
            return form, reason

    def set_back(self, state: str, **step: float) -> None:
        """What the student concluded and pressed lies so much longer ago."""
        with Session(self._engine) as session:
            session.connection(execution_options={"write": True})
            student = session.scalars(select(Student.id).where(Student.student_number == NUMBERS[state])).one()
            then = datetime.now(UTC) - timedelta(**step)
            for table, values in (
                (Conclusion, {"made_at": then, "window_until": then + timedelta(hours=24)}),
                (StageEvidence, {"since": then}),
            ):
                session.execute(update(table).where(table.student_id == student).values(**values))
            session.commit()


@pytest.fixture
def rows(installation: Server) -> Rows:
    return Rows(installation)


def proofread(page: Page, state: str) -> None:
    """Sign in as the student in this state and open the page."""
    sign_in(page, NUMBERS[state])
    page.goto("/task/proofread")


def choose(page: Page, question: str, answer: str) -> None:
    """Tap the card with this answer and go on."""
    expect(page.get_by_role("heading", name=word(f"wizard.question.{question}.title")).first).to_be_visible()
    expect(page.get_by_text(word(f"wizard.answer.{question}.{answer}.label"), exact=True)).to_be_visible()
    page.check(f"[name={question}][value={answer}]")
    press(page, "wizard.next")


def test_a_swapped_photo_ends_in_the_form_for_both(open_page: Opener, rows: Rows) -> None:
    page = open_page(phone=True)
    sign_in(page, NUMBERS["stranger"])
    sees(page, "home.next.proofread.title")
    press(page, "home.next.proofread.action")
    for name in ("proofread.linked", "proofread.own"):  # beside each other, to be compared
        expect(page.get_by_role("img", name=word(name))).to_be_in_viewport(ratio=1)
    page.check("[name=photo][value=wrong]")
    page.check("[name=info][value=right]")
    press(page, "proofread.next")
    sees(page, "proofread.confirm.text")  # what is confirmed is shown again
    sees(page, "proofread.photo.wrong")
    press(page, "proofread.confirm.send")
    press(page, "proofread.wrong.label")
    choose(page, "swapped", "yes")
    sees(page, "outcome.swapped.title")
    page.fill("[name=other_name]", PROOFREADERS[0].name)
    page.fill("[name=other_number]", PROOFREADERS[0].student_number)
    press(page, "outcome.open_form")
    page.wait_for_url(re.compile(r"/errata/\d+"))
    assert rows.case("stranger") == ("image_info", "swapped")
    page.goto("/home")
    sees(page, "home.next.form.title")


def test_more_than_two_and_a_half_years_ends_in_the_form_of_the_centre(open_page: Opener, rows: Rows) -> None:
    page = open_page(phone=True, dark=True)
    proofread(page, "wrong_over")
    expect(page.locator("count-down")).to_have_count(0)  # the window is over
    press(page, "proofread.wrong.label")
    choose(page, "swapped", "no")
    sees(page, "outcome.photo_over.title")
    press(page, "outcome.open_form")
    page.wait_for_url(re.compile(r"/errata/\d+"))
    assert rows.newest(WizardRun, "wrong_over").outcome == "photo_over"


def test_two_and_a_half_years_or_less_leaves_the_choice_and_shows_the_day(open_page: Opener, rows: Rows) -> None:
    page = open_page(phone=True, script=False)  # everything works without script
    proofread(page, "wrong_within")
    press(page, "proofread.wrong.label")
    choose(page, "swapped", "no")
    choose(page, "choice", "recapture")
    sees(page, "outcome.recapture.title")
    page.get_by_role("link", name=word("ui.back")).click()  # back keeps the answer
    expect(page.locator("[value=recapture]")).to_be_checked()
    choose(page, "choice", "wait")
    press(page, "outcome.keep")
    sees(page, "outcome.wait.title")
    run = rows.newest(WizardRun, "wrong_within")
    assert run.outcome == "wait"
    assert run.look_again_on > datetime.now(UTC).date()
    with page.expect_download() as download:
        press(page, "outcome.calendar")
    assert f"{run.look_again_on:%Y%m%d}".encode() in download.value.path().read_bytes()


def test_a_wrong_answer_is_changed_within_24_hours(open_page: Opener, rows: Rows) -> None:
    page = open_page(phone=True)
    proofread(page, "wrong_today")
    expect(page.locator("count-down time")).to_contain_text(re.compile("22|23"))  # hours are left, and counted
    press(page, "proofread.change")
    page.check("[name=photo][value=right]")
    press(page, "proofread.next")
    press(page, "proofread.confirm.send")
    sees(page, "proofread.click.title")
    press(page, "proofread.click.label")
    sees(page, "proofread.registered.title")
    assert rows.newest(Conclusion, "wrong_today").photo_right is True


def test_a_wrong_button_after_24_hours_asks_for_the_deletion(open_page: Opener, rows: Rows) -> None:
    page = open_page(phone=True)
    proofread(page, "right_today")
    press(page, "proofread.click.label")
    sees(page, "proofread.click.done")
    expect(page.locator("count-down")).to_be_visible()
    rows.set_back("right_today", hours=25)
    page.reload()
    expect(page.locator("count-down")).to_have_count(0)
    press(page, "proofread.wrong_button")
    sees(page, "outcome.button_over.title")  # when it was pressed is known: nothing is asked
    press(page, "outcome.open_form")
    page.wait_for_url(re.compile(r"/errata/\d+"))
    assert rows.case("right_today") == ("delete_conclusion", "wrong_click")


def test_no_photo_has_four_causes(open_page: Opener, rows: Rows) -> None:
    page = open_page(phone=True)
    proofread(page, "no_photo")
    sees(page, "proofread.none.absent")
    press(page, "proofread.none.label")
    choose(page, "sees", "no_photo")
    for answer, outcome in (("right", "not_uploaded"), ("several", "find_photo")):
        choose(page, "capture_data", answer)  # that a unit has the photo is known
        press(page, "outcome.keep")
        page.wait_for_url(re.compile(r"/outcome/\d+"))
        sees(page, f"outcome.{outcome}.title")
        assert rows.newest(WizardRun, "no_photo").outcome == outcome
        press(page, "wizard.restart")
        choose(page, "sees", "no_photo")
    choose(page, "capture_data", "identity")
    press(page, "outcome.open_form")
    page.wait_for_url(re.compile(r"/errata/\d+"))
    assert rows.case("no_photo") == ("image_info", "capture_data")

    graduate = open_page(phone=True)
    proofread(graduate, "graduated")
    press(graduate, "proofread.none.label")
    choose(graduate, "sees", "no_photo")  # that they have graduated is known
    sees(graduate, "outcome.graduate_unlinked.title")
    press(graduate, "outcome.open_form")
    graduate.wait_for_url(re.compile(r"/errata/\d+"))
    assert rows.case("graduated") == ("photo", "unlinked_graduate")


def test_staff_see_who_says_what(open_page: Opener) -> None:
    desk = open_page()
    sign_in(desk, "fz", staff=True)
    desk.goto("/console/proofreading?step=to_click")
    desk.get_by_role(
        "link", name=next(person.name for person in PROOFREADERS if person.state == "contradicted")
    ).click()
    evidence = desk.get_by_role("region").or_(desk.locator(".card")).filter(has_text=word("proofreading.evidence")).last
    expect(evidence).to_contain_text(word("students.witness.college"))
    expect(evidence).to_contain_text(word("students.witness.student"))
