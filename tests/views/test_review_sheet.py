"""The contact sheet: the green photos of a reviewer, accepted with one press and taken back with one; and the pace."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.compliance.findings import PictureVerdict
from backend.history.records import HistoryEntry
from backend.photos.records import Decision, Photo
from backend.photos.rules import Action, State
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]
SHEET = "/console/review/sheet"


class Desk:
    """Three green photos and an orange one at Wang's centre, a green one at Zhao's."""

    def __init__(self, make: Factory, client_of: ClientOf) -> None:
        self.make, self.client_of = make, client_of
        self.centre, self.other = make.centre(), make.centre()
        self.green = [self.waits(name) for name in ("青一", "青二", "青三")]
        self.orange = self.waits("橙子", PictureVerdict.REVIEW)
        self.far = self.waits("远方", centre=self.other)
        self.account = make.staff(centre=self.centre)
        self.wang = client_of(self.account)

    def waits(self, name: str, verdict: PictureVerdict = PictureVerdict.PASS, centre=None) -> int:
        student = self.make.student(centre or self.centre, name=name)
        self.make.settle(student)
        return self.make.submitted(student, verdict).photo_id

    def press(self, *photos: int, browser: FlaskClient | None = None, revision: int = 1):
        faces = [f"{photo}-{revision}" for photo in photos]
        return (browser or self.wang).post(SHEET, data={"faces": faces})


@pytest.fixture
def desk(make: Factory, client_of: ClientOf) -> Desk:
    return Desk(make, client_of)


def states(session: Session, photos: list[int]) -> list[str]:
    session.rollback()
    return [session.get_one(Photo, photo).state for photo in photos]


def mark_of(page: str) -> str:
    found = re.search(r"/console/review/sheet/([0-9a-f]{32})/undo", page)
    assert found is not None
    return found[0]


def test_the_sheet_shows_the_green_photos_of_the_own_centre_all_ticked(desk: Desk) -> None:
    page = desk.wang.get(SHEET).text
    assert page.count("checked aria-label") == 3
    assert "青一" in page
    assert "橙子" not in page
    assert "远方" not in page


def test_an_objection_is_never_on_the_sheet(desk: Desk, session: Session) -> None:
    session.get_one(Photo, desk.green[0]).objected = True
    session.commit()
    assert "青一" not in desk.wang.get(SHEET).text
    assert "青一" in desk.wang.get("/console/review?part=red").text
    assert "青一" not in desk.wang.get("/console/review?part=green").text
    assert "橙子" in desk.wang.get("/console/review?part=orange").text


def test_one_press_accepts_what_is_ticked_and_leaves_the_rest(desk: Desk, session: Session) -> None:
    answer = desk.press(*desk.green[:2])
    assert (answer.status_code, answer.location) == (303, SHEET)
    assert states(session, desk.green) == [State.ACCEPTED, State.ACCEPTED, State.READY_FOR_REVIEW]
    page = desk.wang.get(SHEET).text
    assert "已接受 2 张" in page
    assert "青三" in page
    facts = session.scalars(select(HistoryEntry.facts).where(HistoryEntry.verb == "photo.accepted")).all()
    assert len(facts) == 2  # each photo by the same decision as ever, with its own history


def test_what_has_moved_on_is_named_and_stays_as_it_is(desk: Desk, session: Session) -> None:
    moved = session.get_one(Photo, desk.green[0])
    number, moved.revision = moved.student.student_number, 2
    session.commit()
    desk.press(*desk.green)
    assert states(session, desk.green) == [State.READY_FOR_REVIEW, State.ACCEPTED, State.ACCEPTED]
    page = desk.wang.get(SHEET).text
    assert "1 张已有变化，没有接受" in page
    assert number in page


def test_the_whole_sheet_is_taken_back_within_the_minute(desk: Desk, session: Session) -> None:
    desk.press(*desk.green)
    address = mark_of(desk.wang.get(SHEET).text)
    zhao = desk.client_of(desk.make.staff(centre=desk.centre))
    assert zhao.post(address).status_code == 404  # a colleague's press is not theirs to take back
    assert desk.wang.post(address).status_code == 303
    assert states(session, desk.green) == [State.READY_FOR_REVIEW] * 3
    assert "已撤销 3 张" in desk.wang.get(SHEET).text
    assert desk.wang.post(address).status_code == 404


def test_after_the_minute_the_sheet_stands(desk: Desk, session: Session, clock: Clock) -> None:
    desk.press(*desk.green)
    address = mark_of(desk.wang.get(SHEET).text)
    clock.move(minutes=2)
    desk.wang.post(address)
    assert states(session, desk.green) == [State.ACCEPTED] * 3
    assert "已过可撤销的时间" in desk.wang.get(SHEET).text


def test_a_photo_of_another_centre_stops_the_whole_press(desk: Desk, session: Session) -> None:
    assert desk.press(desk.green[0], desk.far).status_code == 404
    assert states(session, [desk.green[0], desk.far]) == [State.READY_FOR_REVIEW] * 2
    assert session.scalars(select(Decision)).all() == []


@pytest.mark.parametrize(
    ("faces", "words"),
    [([], "一张都没有勾选"), ([f"{n}-1" for n in range(1, 26)], "一次最多接受一页"), (["x-1", "7"], "一张都没有勾选")],
)
def test_a_press_without_faces_or_with_too_many_does_nothing(desk: Desk, faces: list[str], words: str) -> None:
    desk.wang.post(SHEET, data={"faces": faces})
    assert words in desk.wang.get(SHEET).text


def test_who_has_no_photos_to_review_has_no_sheet(desk: Desk, client: FlaskClient) -> None:
    student = desk.client_of(desk.make.student_account())
    for browser in (student, desk.client_of(desk.make.staff(Role.ADMINISTRATOR))):
        for address in (SHEET, "/console/review/pace", "/console/review/pace/all", "/console/review/pace.csv"):
            assert browser.get(address).status_code == 404
        assert desk.press(desk.green[0], browser=browser).status_code == 404
    assert client.get(SHEET).status_code in (302, 303)
    registry = desk.client_of(desk.make.staff(Role.REGISTRY))
    assert "远方" in registry.get(SHEET).text


def test_the_pace_counts_todays_decisions_and_the_middle_time(desk: Desk, clock: Clock) -> None:
    for seconds, photo in zip((0, 4, 8), desk.green, strict=True):
        clock.move(seconds=seconds)
        desk.wang.post(f"/console/review/{photo}", data={"decision": "accept", "seen_revision": 1})
    assert "今天 3 张，每张中位 6 秒" in desk.wang.get("/console/review/pace").text


def test_colleagues_see_the_own_numbers_a_head_those_of_the_centre(desk: Desk) -> None:
    desk.make.reviewed(desk.make.session.get_one(Photo, desk.green[0]).student, Action.ACCEPT)
    assert "最近 7 天还没有审核" in desk.wang.get("/console/review/pace").text
    assert desk.wang.get("/console/review/pace/all").status_code == 404
    head = desk.client_of(desk.make.staff(Role.CENTRE_HEAD, desk.centre))
    assert head.get("/console/review/pace").location == "/console/review/pace/all"
    assert "王老师" in head.get("/console/review/pace/all").text
    other = desk.client_of(desk.make.staff(Role.CENTRE_HEAD, desk.other))
    assert "王老师</th>" not in other.get("/console/review/pace/all").text


def test_the_pace_leaves_as_a_file_with_the_lines_that_its_reader_sees(desk: Desk, clock: Clock) -> None:
    for seconds, photo in zip((0, 4, 8), desk.green, strict=True):
        clock.move(seconds=seconds)
        desk.wang.post(f"/console/review/{photo}", data={"decision": "accept", "seen_revision": 1})
    head = desk.client_of(desk.make.staff(Role.CENTRE_HEAD, desk.centre))
    colleague = desk.client_of(desk.make.staff(centre=desk.centre))
    for browser, lines in ((desk.wang, 1), (head, 1), (colleague, 0)):  # a colleague sees only the own line
        text = browser.get("/console/review/pace.csv").data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert rows[0] == ["审核人", "今天", "接受", "退回", "最近 7 天", "每张中位（秒）"]
        assert rows[1:] == [["王老师", "3", "3", "0", "3", "6.0"]] * lines
    book = openpyxl.load_workbook(io.BytesIO(head.get("/console/review/pace.xlsx").data))
    assert [cell.value for cell in list(book.active.rows)[1]] == ["王老师", 3, 3, 0, 3, 6]
    assert "/console/review/pace.csv" in head.get("/console/review/pace/all").text
