"""The pages of bulk photos: who sees them, forms without script, the script's requests, every look written down."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.bulk.records import BulkItem, BulkUpload
from backend.bulk.work import run_work
from backend.compliance.assess import Assessment
from backend.compliance.findings import PictureVerdict
from backend.enrollment.records import Student
from backend.history.records import HistoryEntry
from backend.parts import Parts
from backend.photos.queries import photo_of
from backend.photos.rules import State
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory, report
from tests.operations.test_bulk import picture

ClientOf = Callable[[Account], FlaskClient]
JSON = {"Accept": "application/json"}


class Desk:
    """Wang's browser at a fresh bulk upload."""

    def __init__(self, browser: FlaskClient, session: Session, parts: Parts, clock: Clock) -> None:
        self.browser, self.session, self.parts, self.clock = browser, session, parts, clock
        self.verdict = PictureVerdict.PASS
        answer = browser.post("/console/bulk")
        assert answer.status_code == 303
        self.address = answer.location

    @property
    def upload_id(self) -> int:
        return int(self.address.rpartition("/")[2])

    def send(self, name: str, content: bytes) -> int:
        """One file as the script sends it."""
        data = {"path": name, "file": (io.BytesIO(content), "photo")}
        return self.browser.post(f"{self.address}/files", data=data, headers=JSON).status_code

    def work(self) -> None:
        def check(content: bytes, **_: object) -> Assessment:
            return Assessment(report(self.verdict), TINY_JPEG, content + b"registration", None)

        tools = replace(self.parts.bulk_tools, check=check, threads=1)
        for _ in range(8):
            run_work(tools, upload_id=self.upload_id, now=self.clock())
        self.session.rollback()

    def items(self) -> list[BulkItem]:
        self.session.rollback()
        return list(self.session.scalars(select(BulkItem).order_by(BulkItem.id)))


@pytest.fixture
def wang(make: Factory) -> Account:
    return make.staff()


@pytest.fixture
def desk(wang: Account, client_of: ClientOf, session: Session, parts: Parts, clock: Clock) -> Desk:
    return Desk(client_of(wang), session, parts, clock)


@pytest.fixture
def lin(make: Factory, wang: Account) -> Student:
    student = make.student(wang.centre)
    make.settle(student)
    return student


def test_only_people_of_a_centre_see_it_and_only_their_own(
    desk: Desk, lin: Student, make: Factory, client_of: ClientOf
) -> None:
    desk.send(f"{lin.student_number}.jpg", picture())
    desk.work()
    one = f"{desk.address}/files/{desk.items()[0].id}"
    strangers = [make.staff(Role.REGISTRY), make.staff(Role.ADMINISTRATOR), make.student_account(lin)]
    for person in strangers:
        browser = client_of(person)
        for address in ("/console/bulk", desk.address, one, f"{one}/picture", f"{desk.address}/known.json"):
            assert browser.get(address).status_code == 404
    zhao = client_of(make.staff())
    assert desk.address not in zhao.get("/console/bulk").text
    for address in (desk.address, one, f"{one}/picture", f"{desk.address}/known.json", f"{desk.address}/close"):
        assert zhao.get(address).status_code == 404
    for address in ("files", "choose", "match", "close"):
        assert zhao.post(f"{desk.address}/{address}").status_code == 404
    assert client_of(make.staff(Role.CENTRE_HEAD, make.session.merge(lin.centre))).get(desk.address).status_code == 200


def test_the_scripts_file_is_kept_and_a_second_sending_is_known(desk: Desk, lin: Student) -> None:
    name = f"一班/{lin.id_number}.jpg"
    assert desk.browser.get(f"{desk.address}/known.json").json == {"keys": []}
    assert desk.send(name, picture()) == 201
    assert desk.send(name, picture()) == 200
    assert len(desk.browser.get(f"{desk.address}/known.json").json["keys"]) == 1  # type: ignore[index]
    page = desk.browser.get(desk.address).text
    assert lin.id_number not in page
    assert "*************" in page
    assert lin.name in page


def test_a_file_too_large_to_send_is_named(desk: Desk) -> None:
    data = {"path": "huge.jpg", "size": "99999999999"}
    answer = desk.browser.post(f"{desk.address}/files", data=data, headers=JSON)
    assert answer.status_code == 201
    assert answer.json == {"known": False, "problem": "too_big"}
    assert "huge.jpg" in desk.browser.get(f"{desk.address}?show=unreadable").text


def test_without_script_many_files_and_a_zip_go_in_one_form(desk: Desk, lin: Student) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("二班/x.jpg", picture(50))
    files = [(io.BytesIO(picture(shade)), name) for shade, name in ((1, f"{lin.student_number}.jpg"), (90, "y.jpg"))]
    data = MultiDict([*(("files", file) for file in files), ("zip", (io.BytesIO(buffer.getvalue()), "班.zip"))])
    answer = desk.browser.post(f"{desk.address}/files", data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "收到 2 个文件" in answer.text
    assert desk.browser.get(f"{desk.address}/progress.json").json["under_way"] is True  # type: ignore[index]
    desk.work()
    assert sorted(item.path for item in desk.items()) == [f"{lin.student_number}.jpg", "y.jpg", "二班/x.jpg"]
    assert desk.browser.get(f"{desk.address}/progress.json").json == {"done": 3, "total": 3, "under_way": False}


def test_a_form_without_a_file_is_asked_for_one(desk: Desk) -> None:
    answer = desk.browser.post(f"{desk.address}/files")
    assert answer.status_code == 422
    assert "请先选择照片" in answer.text


def test_too_many_files_are_said_to_people_and_to_the_script(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(desk.parts.bulk_terms, most_files=1)
    monkeypatch.setitem(desk.parts.__dict__, "bulk_terms", few)
    assert desk.send("a.jpg", picture(1)) == 201
    assert desk.send("b.jpg", picture(90)) == 422
    form = {"files": (io.BytesIO(picture(90)), "b.jpg")}
    answer = desk.browser.post(f"{desk.address}/files", data=form)
    assert answer.status_code == 422
    assert "最多" in answer.text


def test_every_look_at_a_picture_is_in_the_students_history(desk: Desk, lin: Student) -> None:
    desk.send(f"{lin.student_number}.jpg", picture())
    desk.send("nobody.jpg", picture(90))
    one, other = (f"{desk.address}/files/{item.id}" for item in desk.items())
    assert desk.browser.get(f"{one}/picture").status_code == 404  # nothing is shown before the machine looked
    desk.work()
    answer = desk.browser.get(f"{one}/picture?for=scan_thumbnail")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    desk.browser.get(f"{one}/picture?for=evil")
    desk.browser.get(f"{other}/picture")
    desk.session.rollback()
    seen = desk.session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "photo.seen")).all()
    looks = [(entry.owner_id, entry.facts["purpose"]) for entry in seen]
    assert looks == [(lin.id, "scan_thumbnail"), (lin.id, "scan"), (None, "scan")]


def test_chosen_files_are_handed_in_and_taken_back(desk: Desk, lin: Student) -> None:
    desk.send(f"{lin.student_number}.jpg", picture())
    desk.work()
    answer = desk.browser.post(f"{desk.address}/choose", data={"action": "take_ready"}, follow_redirects=True)
    assert "1 张正在代交" in answer.text
    desk.work()
    photo = photo_of(desk.session, lin.id)
    assert photo is not None
    assert photo.state == State.READY_FOR_REVIEW
    review = desk.browser.get(f"/console/review/{photo.id}").text
    assert "这张照片是您代学生交的" in review
    assert 'value="accept"' not in review
    assert "中心扫描代交" in review
    decision = {"decision": "accept", "seen_revision": str(photo.revision)}
    assert desk.browser.post(f"/console/review/{photo.id}", data=decision).status_code == 409
    assert f"{photo.id}-{photo.revision}" not in desk.browser.get("/console/review/sheet").text
    one = f"{desk.address}/files/{desk.items()[0].id}"
    assert "撤回代交" in desk.browser.get(one).text
    assert "学生会收到消息" in desk.browser.post(f"{one}/take-back", follow_redirects=True).text
    assert "不能撤回" not in desk.browser.get(one).text
    desk.session.rollback()
    again = photo_of(desk.session, lin.id)
    assert again is not None
    assert again.state == State.WITHDRAWN


def test_the_student_sees_that_the_centre_handed_it_in(
    desk: Desk, lin: Student, make: Factory, client_of: ClientOf
) -> None:
    desk.send(f"{lin.student_number}.jpg", picture())
    desk.work()
    desk.browser.post(f"{desk.address}/choose", data={"action": "take_ready"})
    desk.work()
    page = client_of(make.student_account(lin)).get("/photo/versions").text
    assert "学习中心代您提交的扫描照片" in page
    assert "撤回" in page


def test_a_defect_is_handed_in_only_with_a_reason(desk: Desk, lin: Student) -> None:
    desk.verdict = PictureVerdict.RETAKE
    desk.send(f"{lin.student_number}.jpg", picture())
    desk.work()
    one = f"{desk.address}/files/{desk.items()[0].id}"
    assert desk.browser.post(f"{one}/take").status_code == 422
    assert desk.browser.post(f"{one}/take", data={"words": "长" * 501}).status_code == 422
    nothing = desk.browser.post(f"{desk.address}/choose", data={"action": "take_ready"}, follow_redirects=True)
    assert "没有可以这样处理的文件" in nothing.text
    assert desk.browser.post(f"{one}/take", data={"words": "因病不能重拍"}).status_code == 303
    desk.work()
    photo = photo_of(desk.session, lin.id)
    assert photo is not None
    assert photo.objected


def test_a_file_without_a_student_is_laid_to_one_by_hand(desk: Desk, lin: Student, make: Factory) -> None:
    desk.send("scan 0001.jpg", picture())
    desk.work()
    one = f"{desk.address}/files/{desk.items()[0].id}"
    found = desk.browser.get(f"{one}?q={lin.student_number}").text
    assert lin.student_number in found
    assert "就是这名学生" in found
    assert "没有这样的学生" in desk.browser.get(f"{one}?q=张").text
    stranger = make.student(name="外人", id_number="990101199001010019")
    assert desk.browser.post(f"{one}/assign", data={"student": stranger.id}).status_code == 404
    answer = desk.browser.post(f"{one}/assign", data={"student": lin.id}, follow_redirects=True)
    assert f"已对应 {lin.name}" in answer.text
    assert "可代交" in answer.text


def test_files_are_laid_aside_and_restored(desk: Desk, lin: Student) -> None:
    desk.send(f"{lin.student_number}.jpg", picture())
    (item,) = desk.items()
    desk.browser.post(f"{desk.address}/choose", data={"action": "drop", "items": [item.id, "x"]})
    assert "已搁置" in desk.browser.get(f"{desk.address}?show=dropped").text
    one = f"{desk.address}/files/{item.id}"
    assert "已恢复" in desk.browser.post(f"{one}/drop", data={"restore": "1"}, follow_redirects=True).text
    assert "已搁置 1 个" in desk.browser.post(f"{one}/drop", follow_redirects=True).text
    assert (
        "已恢复 1 个"
        in desk.browser.post(
            f"{desk.address}/choose", data={"action": "restore", "items": item.id}, follow_redirects=True
        ).text
    )


def test_finishing_asks_first_and_nothing_is_added_after_it(desk: Desk, lin: Student) -> None:
    desk.send(f"{lin.student_number}.jpg", picture())
    desk.work()
    assert "1 个没有代交的文件" in desk.browser.get(f"{desk.address}/close").text
    assert desk.browser.post(f"{desk.address}/close").status_code == 303
    assert desk.items() == []
    assert desk.send("late.jpg", picture()) == 409
    assert "已经结束" in desk.browser.get(desk.address).text
    desk.session.rollback()
    assert desk.session.scalar(select(func.count(BulkUpload.id))) == 1


def test_matching_again_says_how_many_were_found(desk: Desk, make: Factory, wang: Account) -> None:
    desk.send("20269990001.jpg", picture())
    make.student(wang.centre, student_number="20269990001", id_number="990101199001010019")
    assert "新对应 1 个文件" in desk.browser.post(f"{desk.address}/match", follow_redirects=True).text
