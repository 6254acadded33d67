"""The match list: whom a centre sees, why, what changed, and what leaves the platform as a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.capture.records import CaptureRound
from backend.centres.rules import ALL_CENTRES
from backend.chasing.records import Contact
from backend.enrollment.records import Student
from backend.exchange.records import Import, MatchResult
from backend.history.records import HistoryEntry
from backend.identity.records import IdentityCase
from backend.identity.rules import State as ReviewState
from backend.onsite.records import CaptureCode
from backend.photos.rules import Action
from backend.progress.causes import Cause
from backend.progress.missing import match_list
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


class Lists:
    """Match lists, as imports leave them."""

    def __init__(self, make: Factory) -> None:
        self.make, self.session = make, make.session
        self.registry = make.staff(Role.REGISTRY)

    def add(self, day: int, photos: dict[Student, tuple[str, str]]) -> None:
        """photos: student -> (what the list says, what the one before said)."""
        run = Import(
            kind="match",
            state="done",
            file_name="0" * 64,
            label="list.xlsx",
            bytes=1,
            format="xlsx",
            about={},
            columns={},
            as_of=date(2026, 10, day),
            uploaded_by=self.registry.id,
            uploaded_at=self.make.clock(),
        )
        self.session.add(run)
        self.session.flush()
        for student, (photo, before) in photos.items():
            for known in self.session.scalars(select(MatchResult).where(MatchResult.student_id == student.id)):
                known.superseded = True
            self.session.add(
                MatchResult(import_id=run.id, student_id=student.id, as_of=run.as_of, photo=photo, before=before)
            )
        self.session.commit()


@pytest.fixture
def lists(make: Factory) -> Lists:
    return Lists(make)


def test_a_centre_sees_its_missing_students_with_cause_and_next_step(
    lists: Lists, make: Factory, client_of: ClientOf
) -> None:
    centre = make.centre()
    lin, wu, other = make.student(centre), make.student(centre, name="吴思远"), make.student(name="郑知夏")
    make.settle(wu)
    make.agree(wu, "hand_over")
    make.submitted(wu)
    make.reviewed(wu, Action.ACCEPT)
    lists.add(1, {lin: ("no", ""), wu: ("no", ""), other: ("no", "")})
    wang = client_of(make.staff(Role.CENTRE_STAFF, centre))
    page = wang.get("/console/missing").text
    assert "2 名学生" in page
    assert "未激活账号" in page
    assert "已通过，未报送" in page
    assert "郑知夏" not in page
    assert "郑知夏" in client_of(lists.registry).get("/console/missing").text
    one = wang.get("/console/missing?cause=not_sent").text
    assert "吴思远" in one
    assert "林小满" not in one


def test_who_may_not_see_identity_reviews_learns_of_none_here(
    lists: Lists, make: Factory, client_of: ClientOf, clock: Clock
) -> None:
    lin = make.student(make.centre())
    lists.add(1, {lin: ("no", "")})
    make.session.add(
        IdentityCase(
            student_id=lin.id, mark="failed", round="", source="x", state=ReviewState.OPEN, state_since=clock(),
            opened_at=clock(),
        )
    )  # fmt: skip
    make.session.commit()
    staff, head = (client_of(make.staff(role, lin.centre)) for role in (Role.CENTRE_STAFF, Role.CENTRE_HEAD))
    for page in (
        *("/console/missing", "/console/missing/remind?all=1"),
        *("/console/statistics/missing", "/console/statistics/report", "/console/statistics/missing.csv"),
    ):
        assert "身份复核中" not in staff.get(page).text, page
    assert "未激活账号" in staff.get("/console/missing").text
    assert lin.student_number not in staff.get("/console/missing?cause=identity").text
    for page in ("/console/missing", "/console/statistics/missing"):
        assert "身份复核中" in head.get(page).text, page
    causes = []
    for browser in (staff, head):
        book = openpyxl.load_workbook(io.BytesIO(browser.get("/console/missing.xlsx").data))
        causes.append(book.active["F2"].value)
    assert causes == ["未激活账号", "身份复核中"]


def test_a_centre_of_which_nobody_is_missing_is_not_asked_to_search_again(
    lists: Lists, make: Factory, client_of: ClientOf
) -> None:
    lists.add(1, {make.student(): ("no", "")})
    wang = client_of(make.staff(Role.CENTRE_STAFF, make.centre()))
    assert "没有缺照片的学生" in wang.get("/console/missing").text
    assert "换一个条件" in wang.get("/console/missing?q=林").text


@pytest.mark.parametrize("text", ["lxm", "林", "linxiao"])
def test_a_student_is_found_by_name_letters_or_number(
    text: str, lists: Lists, make: Factory, client_of: ClientOf
) -> None:
    centre = make.centre()
    lin, wu = make.student(centre), make.student(centre, name="吴思远")
    lists.add(1, {lin: ("no", ""), wu: ("no", "")})
    wang = client_of(make.staff(Role.CENTRE_STAFF, centre))
    page = wang.get("/console/missing", query_string={"q": text}).text
    assert "林小满" in page
    assert "吴思远" not in page
    assert "吴思远" in wang.get("/console/missing", query_string={"q": wu.student_number}).text


def test_a_long_list_is_shown_page_by_page_and_leaves_whole(
    lists: Lists, make: Factory, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.views.console.missing.ROWS", 1)
    centre = make.centre()
    people = [make.student(centre, name=name) for name in ("林小满", "吴思远", "郑知夏")]
    make.student_account(people[2])  # who has an account comes after who has none
    lists.add(1, dict.fromkeys(people, ("no", "")))
    wang = client_of(make.staff(Role.CENTRE_STAFF, centre))
    shown = [[one.name in wang.get(f"/console/missing?page={page}").text for one in people] for page in (1, 2, 3)]
    assert shown == [[True, False, False], [False, True, False], [False, False, True]]
    first = wang.get("/console/missing").text
    assert "3 名学生" in first
    assert "提醒筛选出的全部 3 名" in first
    book = openpyxl.load_workbook(io.BytesIO(wang.get("/console/missing.xlsx").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == [one.name for one in people]
    page = match_list(make.session, scope=ALL_CENTRES, offset=1, limit=1, identity=True)
    assert ([row.name for row in page.rows], page.chosen, page.total) == (["吴思远"], 3, 3)


def test_the_list_is_narrowed_to_a_cohort_and_to_a_centre(lists: Lists, make: Factory, client_of: ClientOf) -> None:
    lin, wu = (make.student(name=name, cohort_id=make.cohort().id) for name in ("林小满", "吴思远"))
    lists.add(1, {lin: ("no", ""), wu: ("no", "")})
    registry = client_of(lists.registry)
    for query in (f"cohort={lin.cohort_id}", f"centre={lin.centre_id}"):
        page = registry.get(f"/console/missing?{query}").text
        assert ("林小满" in page, "吴思远" in page) == (True, False)
        assert f"cause=not_active&amp;{query}" in page or f"{query}&amp;cause=not_active" in page
        answer = registry.get(f"/console/missing.xlsx?{query}")
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
        assert [row[1] for row in rows[1:]] == ["林小满"]


def test_what_is_new_and_what_is_solved_since_the_list_before(lists: Lists, make: Factory, client_of: ClientOf) -> None:
    centre = make.centre()
    old, solved, new = (make.student(centre, name=name) for name in ("黄雨桐", "陈嘉禾", "张一鸣"))
    lists.add(1, {old: ("no", ""), solved: ("no", ""), new: ("yes", "")})
    lists.add(8, {solved: ("yes", "no"), new: ("no", "yes")})
    wang = client_of(make.staff(Role.CENTRE_STAFF, centre))
    everybody = wang.get("/console/missing").text
    assert ("黄雨桐" in everybody, "陈嘉禾" in everybody, "张一鸣" in everybody) == (True, False, True)
    only_new = wang.get("/console/missing?change=new").text
    assert ("黄雨桐" in only_new, "张一鸣" in only_new) == (False, True)
    only_solved = wang.get("/console/missing?change=solved").text
    assert ("陈嘉禾" in only_solved, "张一鸣" in only_solved) == (True, False)


def test_the_list_leaves_as_a_table_and_that_is_in_the_history(
    lists: Lists, make: Factory, client_of: ClientOf, session: Session
) -> None:
    centre = make.centre()
    lin = make.student(centre, name="=林小满")  # a name that a spreadsheet would take for a formula
    lists.add(1, {lin: ("no", "")})
    wang = make.staff(Role.CENTRE_STAFF, centre)
    answer = client_of(wang).get("/console/missing.xlsx?cause=not_active")
    cells = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows())
    assert [cell.value for cell in cells[0]][:2] == ["学号", "姓名"]
    assert (cells[1][0].value, cells[1][1].value, cells[1][1].data_type) == (lin.student_number, "=林小满", "s")
    session.rollback()
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "match_list.taken")).one()
    assert (entry.actor_id, entry.facts) == (wang.id, {"rows": 1, "centre": centre.id})


def test_before_the_first_list_the_page_says_so(make: Factory, client_of: ClientOf) -> None:
    assert "还没有名单" in client_of(make.staff(Role.REGISTRY)).get("/console/missing").text


def test_who_sees_the_list(make: Factory, client_of: ClientOf, client: FlaskClient) -> None:
    people = {
        "registry": make.staff(Role.REGISTRY),
        "head": make.staff(Role.CENTRE_HEAD),
        "staff": make.staff(Role.CENTRE_STAFF),
        "administrator": make.staff(Role.ADMINISTRATOR),
        "student": make.student_account(),
    }
    for address in ("/console/missing", "/console/missing.xlsx"):
        seen = {name: client_of(account).get(address).status_code for name, account in people.items()}
        assert seen == {"registry": 200, "head": 200, "staff": 200, "administrator": 404, "student": 404}
        assert client.get(address).status_code == 302


def test_a_student_who_does_not_agree_to_the_hand_over_is_told_apart_from_one_who_was_not_sent(
    lists: Lists, make: Factory, client_of: ClientOf
) -> None:
    centre = make.centre()
    lin = make.student(centre)
    make.settle(lin)
    make.submitted(lin)
    make.reviewed(lin, Action.ACCEPT)
    lists.add(1, {lin: ("no", "")})
    page = client_of(make.staff(Role.CENTRE_STAFF, centre)).get("/console/missing?cause=not_agreed").text
    assert "林小满" in page
    assert "学生未同意报送" in page
    assert "由学生自己联系采集单位" in page


def test_who_has_not_decided_on_the_hand_over_is_asked_to(
    lists: Lists, make: Factory, client_of: ClientOf, session: Session
) -> None:
    centre = make.centre()
    lin = make.student(centre)
    make.settle(lin)
    make.student_account(lin)
    make.submitted(lin)
    make.reviewed(lin, Action.ACCEPT)
    lists.add(1, {lin: ("no", "")})
    wang = client_of(make.staff(Role.CENTRE_STAFF, centre))
    assert "请决定是否报送照片" in wang.get(f"/console/missing/remind?student={lin.id}").text
    assert wang.post("/console/missing/remind", data={"student": lin.id}).status_code == 303
    session.rollback()
    assert session.scalars(select(Contact.template)).all() == ["agree"]


def test_an_accepted_photo_without_a_capture_code_is_a_cause_of_its_own(
    lists: Lists, make: Factory, client_of: ClientOf
) -> None:
    centre, cohort = make.centre(), make.cohort()
    lin, wu = (make.student(centre, cohort_id=cohort.id) for _ in range(2))
    for student in (lin, wu):
        make.settle(student)
        make.agree(student, "hand_over")
        make.submitted(student)
        make.reviewed(student, Action.ACCEPT)
    today = make.clock().date()
    found = CaptureRound(
        code="R", name="春季", opens_on=today, closes_on=today, created_at=make.clock(), cohorts=[cohort]
    )
    make.session.add(found)
    make.session.flush()
    make.session.add(
        CaptureCode(
            round_id=found.id,
            student_id=wu.id,
            file_name="0" * 64,
            media_type="image/png",
            reading="reads",
            reason="reads",
            added_at=make.clock(),
        )
    )
    make.session.commit()
    lists.add(1, {lin: ("no", ""), wu: ("no", "")})
    causes = {row.student_id: row.cause for row in match_list(make.session, scope=ALL_CENTRES, identity=True).rows}
    assert causes == {lin.id: Cause.NO_CODE, wu.id: Cause.NOT_SENT}
