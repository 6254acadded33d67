"""From accepted photos to the unit's receipt: one photo to one record, the same bytes, read back by other software."""

from __future__ import annotations

import hashlib
import io
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import dbfread
import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.batches.operations import run_sealing
from backend.batches.records import Batch, BatchItem
from backend.capture.records import CaptureRound, CaptureUnit, CentreRoute
from backend.centres.rules import ALL_CENTRES
from backend.chasing.rules import Left, left_out
from backend.consent.operations import withdraw_consent
from backend.demo.exchange import take_in
from backend.doctor import examine
from backend.enrollment.records import Student
from backend.errors import NotAllowed
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.jobs.records import Job
from backend.parts import Parts
from backend.photos.operations import undo_decision
from backend.photos.queue import decided_since, undoable
from backend.photos.records import Photo, PhotoVersion
from backend.photos.refusals import unit_refuses
from backend.photos.rules import Action
from backend.progress.causes import Cause
from backend.progress.missing import match_list
from backend.proofreading.records import StageEvidence
from backend.statistics.queries import causes, waits
from backend.statistics.rules import Matter
from backend.statistics.standing import Narrowed
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory
from tests.views.test_missing import Lists

ClientOf = Callable[[Account], FlaskClient]


class Desk:
    """A centre whose route leads to a unit; two of its three students have an accepted photo. Wang keeps batches."""

    def __init__(self, make: Factory, client_of: ClientOf, session: Session, clock: Clock, parts: Parts) -> None:
        self.session, self.clock, self.parts, self.make = session, clock, parts, make
        self.centre, cohort = make.centre(code="FZ01"), make.cohort()
        self.students: list[Student] = [make.student(self.centre, cohort_id=cohort.id) for _ in range(3)]
        today = clock().date()
        self.unit = CaptureUnit(code="U", name="采集中心", province="福建", format="dbf-basic", rosters_allowed=True)
        self.round = CaptureRound(
            code="2027C", name="春季", opens_on=today, closes_on=today, created_at=clock(), cohorts=[cohort]
        )
        session.add_all([self.unit, self.round])
        session.flush()
        route = {"centre_id": self.centre.id, "route": "files", "unit_id": self.unit.id}
        session.add(CentreRoute(round_id=self.round.id, **route))
        session.commit()
        for student in self.students[:2]:
            self.accept(student)
        clock.move(minutes=5)
        self.wang = client_of(make.staff(centre=self.centre))

    def accept(self, student: Student, *, agrees: bool = True) -> None:
        self.make.settle(student)
        if agrees:
            self.make.agree(student, "hand_over")
        version = self.make.submitted(student)
        name = self.parts.files.put(TINY_JPEG + bytes([student.id % 256]))
        self.session.rollback()
        self.session.get_one(PhotoVersion, version.id).registration_file = name
        self.session.commit()
        self.make.reviewed(student, Action.ACCEPT)

    def begin(self) -> str:
        answer = self.wang.post("/console/batches", data={"round": str(self.round.id)})
        assert answer.status_code == 303
        return str(answer.location)

    def batch(self) -> Batch:
        self.session.rollback()
        return self.session.scalars(select(Batch).order_by(Batch.id.desc())).first()  # type: ignore[return-value]

    def do(self, action: str, **form: object) -> int:
        batch = self.batch()
        data = {"action": action, "seen_revision": batch.revision, **form}
        return self.wang.post(f"/console/batches/{batch.id}", data=data).status_code

    def seal(self) -> Batch:
        assert self.do("seal") == 303
        self.work()
        return self.batch()

    def work(self) -> None:
        run_sealing(
            self.parts.sessions,
            files=self.parts.files,
            rules=self.parts.capture,
            batch_id=self.batch().id,
            now=self.clock(),
        )

    def chosen(self) -> list[int]:
        """Students in the newest batch."""
        query = select(BatchItem.student_id).where(BatchItem.batch_id == self.batch().id)
        return list(self.session.scalars(query.order_by(BatchItem.student_id)))

    def causes(self) -> dict[int, Cause | None]:
        """Why photos are missing: by the list, and counted the same by the statistics."""
        self.session.rollback()
        found = match_list(self.session, scope=ALL_CENTRES, identity=True)
        counted = causes(self.session, scope=ALL_CENTRES, narrowed=Narrowed(), identity=True)
        assert counted == {self.centre.id: Counter(row.cause for row in found.rows)}
        return {row.student_id: row.cause for row in found.rows}

    def package(self) -> bytes:
        answer = self.wang.get(f"/console/batches/{self.batch().id}/package.zip")
        assert answer.status_code == 200
        return bytes(answer.data)


@pytest.fixture
def desk(make: Factory, client_of: ClientOf, session: Session, clock: Clock, parts: Parts) -> Desk:
    return Desk(make, client_of, session, clock, parts)


def test_a_batch_takes_accepted_photos_that_no_other_batch_has(desk: Desk) -> None:
    desk.begin()
    desk.session.rollback()
    assert len(desk.session.scalars(select(BatchItem)).all()) == 2
    desk.accept(desk.students[2])
    desk.begin()
    desk.session.rollback()
    assert len(desk.session.scalars(select(BatchItem)).all()) == 2, "its decision can still be taken back"
    desk.clock.move(minutes=5)
    address = f"/console/batches/{desk.batch().id}/photos"
    assert desk.wang.post(address).status_code == 303
    desk.session.rollback()
    items = desk.session.scalars(select(BatchItem).where(BatchItem.batch_id == desk.batch().id)).all()
    assert [item.student_id for item in items] == [desk.students[2].id]


def test_a_sealed_package_is_the_same_bytes_and_other_software_reads_it(desk: Desk, tmp_path: Path) -> None:
    desk.begin()
    sealed = desk.seal()
    assert sealed.state == "sealed"
    content = desk.package()
    desk.clock.move(hours=1)
    assert desk.package() == content
    path = tmp_path / "package.zip"
    path.write_bytes(content)
    subprocess.run(["python3", "-m", "zipfile", "-t", str(path)], check=True, capture_output=True)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "out")
    for line in (tmp_path / "out" / "manifest.sha256").read_text().splitlines():
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest
    table = tmp_path / "out" / "FZ01-2027C-01.dbf"
    rows = [dict(row) for row in dbfread.DBF(str(table), encoding="gbk")]
    assert [row["XH"] for row in rows] == [student.student_number for student in desk.students[:2]]
    assert rows[0]["XM"] == "林小满"
    assert rows[0]["SFZH"] == desk.students[0].id_number
    assert {row["ZPWJ"] for row in rows} == {path.name for path in (tmp_path / "out" / "photos").iterdir()}
    assert "本平台格式" in (tmp_path / "out" / "README.txt").read_text()


def test_a_table_without_names_holds_numbers_and_files_only(desk: Desk) -> None:
    desk.unit.format, desk.unit.rosters_allowed = "code-only", False
    desk.session.commit()
    desk.begin()
    desk.seal()
    with zipfile.ZipFile(io.BytesIO(desk.package())) as archive:
        sheet = openpyxl.load_workbook(io.BytesIO(archive.read("FZ01-2027C-01.xlsx"))).worksheets[0]
        assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=3)] == [
            ["序号", "照片文件"],
            ["1", "00001.jpg"],
            ["2", "00002.jpg"],
        ]
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert desk.students[0].id_number.encode() not in whole


def test_without_the_switch_nothing_that_names_people_leaves(desk: Desk) -> None:
    address, offer = desk.begin(), 'value="seal"'
    assert offer in desk.wang.get(address).text
    desk.seal()
    desk.unit.rosters_allowed = False
    desk.session.commit()
    assert desk.wang.get(f"/console/batches/{desk.batch().id}/package.zip").status_code == 409
    assert desk.do("open") == 303
    assert offer not in desk.wang.get(address).text, "what would be refused is not offered"
    assert desk.do("seal") == 409
    verbs = desk.session.scalars(select(HistoryEntry.verb).where(HistoryEntry.subject_kind == "batch")).all()
    assert "batch.downloaded" not in verbs


def test_a_package_that_names_people_is_shown_and_written_down_as_such(desk: Desk) -> None:
    address = desk.begin()
    desk.seal()
    assert "允许含姓名和身份证号" in desk.wang.get(address).text
    desk.package()
    desk.session.rollback()
    named = select(HistoryEntry).where(HistoryEntry.verb == "batch.downloaded")
    assert [entry.facts for entry in desk.session.scalars(named)] == [{"roster": True}]
    desk.unit.format = "code-only"
    desk.session.commit()
    desk.do("open")
    desk.do("cancel")
    address = desk.begin()
    desk.seal()
    assert "此格式不含姓名和身份证号" in desk.wang.get(address).text
    desk.package()
    desk.session.rollback()
    assert [entry.facts["roster"] for entry in desk.session.scalars(named.order_by(HistoryEntry.id))] == [True, False]


def test_a_row_that_does_not_fit_opens_the_batch_again_and_is_named(desk: Desk) -> None:
    desk.students[0].name = "林𬱖"
    desk.session.commit()
    desk.begin()
    assert desk.seal().state == "draft"
    page = desk.wang.get(f"/console/batches/{desk.batch().id}").text
    assert "「𬱖」不能用这种编码书写" in page
    assert "林𬱖" in page
    item = desk.session.scalars(select(BatchItem).where(BatchItem.student_id == desk.students[0].id)).one()
    assert desk.wang.post(f"/console/batches/{desk.batch().id}/photos", data={"remove": item.id}).status_code == 303
    assert desk.seal().state == "sealed"


def test_nothing_is_handed_over_of_a_student_who_does_not_agree_to_it(desk: Desk) -> None:
    desk.accept(desk.students[2], agrees=False)
    desk.clock.move(minutes=5)
    address = desk.begin()
    desk.batch()
    in_it = desk.session.scalars(select(BatchItem.student_id)).all()
    assert sorted(in_it) == [student.id for student in desk.students[:2]]
    assert "另有 1 张已通过的照片不能放入" in desk.wang.get(address).text


def test_who_takes_the_agreement_back_before_the_sealing_is_named_and_can_be_taken_out(desk: Desk) -> None:
    address = desk.begin()
    gone = desk.students[0]
    withdraw_consent(
        desk.session, student_id=gone.id, purpose="hand_over", actor=Actor(ActorKind.STUDENT), now=desk.clock()
    )
    assert desk.seal().state == "draft"
    assert "学生没有同意报送，或已撤回，请移出" in desk.wang.get(address).text
    item = desk.session.scalars(select(BatchItem).where(BatchItem.student_id == gone.id)).one()
    assert desk.wang.post(f"{address}/photos", data={"remove": item.id}).status_code == 303
    assert desk.seal().state == "sealed"


def test_who_takes_the_agreement_back_after_the_sealing_is_named_and_the_package_stays_in_the_house(
    desk: Desk,
) -> None:
    address = desk.begin()
    desk.seal()
    assert "封装之后有" not in desk.wang.get(address).text
    gone = desk.students[0]
    desk.session.rollback()
    number, actor = gone.student_number, Actor(ActorKind.STUDENT)
    withdraw_consent(desk.session, student_id=gone.id, purpose="hand_over", actor=actor, now=desk.clock())
    page = desk.wang.get(address).text
    notice = page[page.index("封装之后有 1 名学生撤回了报送同意") :][:600]
    assert number in notice
    assert "重新选照片" in notice
    answer = desk.wang.get(f"{address}/package.zip")
    assert answer.status_code == 409
    assert "撤回了报送同意" in answer.text
    desk.session.rollback()
    verbs = desk.session.scalars(select(HistoryEntry.verb).where(HistoryEntry.subject_kind == "batch")).all()
    assert "batch.downloaded" not in verbs
    assert desk.do("open") == 303
    desk.session.rollback()
    item = desk.session.scalars(select(BatchItem).where(BatchItem.student_id == gone.id)).one()
    assert desk.wang.post(f"{address}/photos", data={"remove": item.id}).status_code == 303
    desk.seal()
    desk.package()


def test_after_the_hand_over_the_page_says_to_tell_the_unit(desk: Desk) -> None:
    address = desk.begin()
    desk.seal()
    day = desk.clock().date()
    assert desk.do("hand_over", handed_on=day.isoformat(), reference="J-7") == 303
    desk.session.rollback()
    actor = Actor(ActorKind.STUDENT)
    withdraw_consent(desk.session, student_id=desk.students[0].id, purpose="hand_over", actor=actor, now=desk.clock())
    page = desk.wang.get(address).text
    assert "照片已经交给采集中心" in page
    desk.package()  # the receipt speaks of these very bytes


def test_a_file_that_is_gone_stops_the_sealing_and_a_killed_sealing_is_done_again(desk: Desk) -> None:
    desk.begin()
    desk.session.rollback()
    item = desk.session.scalars(select(BatchItem)).first()
    assert item is not None
    content = desk.parts.files.get(item.file_name)
    desk.parts.files.delete(item.file_name)
    assert desk.seal().problems[0]["why"] == "file_gone"
    desk.parts.files.put(content)
    assert desk.do("seal") == 303
    desk.session.rollback()
    first = desk.session.scalars(select(BatchItem)).first()
    assert first is not None
    first.bytes = 9  # the worker had read this one when it died
    desk.session.commit()
    desk.work()
    assert desk.batch().state == "sealed"


def test_the_hand_over_and_the_receipt_are_words_on_each_students_stage(desk: Desk) -> None:
    desk.begin()
    desk.seal()
    day = desk.clock().date()
    assert desk.do("hand_over", handed_on=(day + timedelta(days=2)).isoformat()) == 422
    assert desk.do("hand_over", handed_on=day.isoformat(), reference="J-7") == 303
    item = desk.session.scalars(select(BatchItem).order_by(BatchItem.id)).first()
    assert item is not None
    answer = {"received_on": day.isoformat(), "refused": item.id}
    assert desk.do("receive", **answer) == 422, "a photo that came back needs its reason"
    assert desk.do("receive", **answer, **{f"reason_{item.id}": "头部过大"}) == 303
    desk.session.rollback()
    words = [
        (word.student_id, word.witness, word.holds)
        for word in desk.session.scalars(select(StageEvidence).order_by(StageEvidence.id))
    ]
    first, second = desk.students[0].id, desk.students[1].id
    assert words == [
        *((first, "centre", True), (second, "centre", True)),
        *((first, "unit", False), (second, "unit", True)),
    ]
    assert [found for found in examine(desk.session, desk.parts.files, now=desk.clock()) if found.harm] == []
    assert "头部过大" in desk.wang.get(f"/console/batches/{desk.batch().id}").text


def test_what_the_unit_refused_is_taken_again_and_goes_into_a_new_batch(
    desk: Desk, client_of: ClientOf, make: Factory
) -> None:
    refused, taken = desk.students[:2]
    account = make.student_account(refused)
    desk.begin()
    desk.seal()
    day = desk.clock().date().isoformat()
    assert desk.do("hand_over", handed_on=day) == 303
    item = desk.session.scalars(select(BatchItem).where(BatchItem.student_id == refused.id)).one()
    answer = {"received_on": day, "refused": item.id, f"reason_{item.id}": "头部过大"}
    assert desk.do("receive", **answer) == 303
    desk.session.rollback()
    states = dict(iter(desk.session.execute(select(Photo.student_id, Photo.state))))
    assert states == {refused.id: "returned", taken.id: "accepted"}
    told = [job.payload for job in desk.session.scalars(select(Job).where(Job.kind == "tell_student"))]
    assert [job["student_id"] for job in told if job["message"] == "photo_unit_refused"] == [refused.id]
    page = client_of(account).get("/photo/versions").text
    assert "采集单位没有采用这张照片" in page
    assert "头部过大" in page

    desk.begin()
    assert desk.chosen() == [], "the refused picture itself is not handed over again"
    desk.do("cancel")
    desk.session.rollback()
    Lists(make).add(1, {refused: ("no", ""), taken: ("no", "")})
    assert desk.causes() == {refused.id: Cause.REJECTED, taken.id: Cause.NOT_LINKED}
    desk.clock.move(minutes=1)
    desk.accept(refused)
    assert desk.causes()[refused.id] is Cause.NO_CODE
    desk.clock.move(minutes=5)
    desk.begin()
    assert desk.chosen() == [refused.id]
    desk.seal()
    assert desk.do("hand_over", handed_on=day) == 303
    assert desk.causes()[refused.id] is Cause.SENT
    newest = select(PhotoVersion).order_by(PhotoVersion.id.desc()).limit(1)
    item = desk.session.scalars(select(BatchItem).order_by(BatchItem.id.desc()).limit(1)).one()
    assert item.version_id == desk.session.scalars(newest).one().id
    harms = [found.text for found in examine(desk.session, desk.parts.files, now=desk.clock()) if found.harm]
    assert harms == ["import 1: the table says done, the history None"], "the list of this test has no history"


def test_what_was_handed_over_waits_for_the_unit_and_its_student_is_not_reminded(
    desk: Desk, make: Factory, parts: Parts, clock: Clock
) -> None:
    Lists(make).add(1, dict.fromkeys(desk.students[:2], ("no", "")))
    desk.begin()
    desk.seal()
    assert set(desk.causes().values()) == {Cause.NO_CODE}
    assert desk.do("hand_over", handed_on=clock().date().isoformat()) == 303
    assert set(desk.causes().values()) == {Cause.SENT}
    page = desk.wang.get("/console/missing?cause=sent").text
    assert "已报送，等采集单位回执" in page
    assert "等采集单位的回执" in page
    told = {"cause": Cause.SENT, "has_account": True, "last": None, "now": clock()}
    assert left_out(parts.reminders, **told) is Left.NOT_THEIRS
    piles = waits(desk.session, scope=ALL_CENTRES, narrowed=Narrowed(), limits=parts.limits, now=clock())
    assert {pile.matter: pile.count for pile in piles} == {Matter.RECEIPT: 2, Matter.VERIFY: 1}


def test_who_wrote_a_refusal_down_has_not_reviewed_the_photo_and_cannot_undo_it_as_a_review(desk: Desk) -> None:
    who = desk.make.staff(centre=desk.centre).id
    version = desk.session.scalars(select(PhotoVersion).order_by(PhotoVersion.id)).first()
    assert version is not None
    actor = Actor(ActorKind.STAFF, who)
    refuse = {"reason": "头部过大", "source": "batch 1", "actor": actor, "now": desk.clock()}
    decision = unit_refuses(desk.session, version_id=version.id, **refuse)
    desk.session.commit()
    assert decision is not None
    assert unit_refuses(desk.session, version_id=version.id, **refuse) is None, "said twice, it is one"
    assert decided_since(desk.session, reviewer_id=who, since=desk.clock()) == 0
    assert undoable(desk.session, reviewer_id=who, since=desk.clock()) is None
    with pytest.raises(NotAllowed):
        undo_decision(desk.session, decision_id=decision.id, undo_seconds=60, actor=actor, now=desk.clock())


def test_a_batch_is_given_up_only_by_somebody_who_was_asked(desk: Desk) -> None:
    desk.begin()
    address = f"/console/batches/{desk.batch().id}"
    page = desk.wang.get(address).text
    assert 'name="action" value="cancel"' not in page.partition("<dialog")[0], "no button gives it up at once"
    assert f'href="{address}/cancel"' in page
    asked = desk.wang.get(f"{address}/cancel").text
    assert "2 张照片" in asked
    assert 'name="action" value="cancel"' in asked
    assert f'name="seen_revision" value="{desk.batch().revision}"' in asked


def test_an_empty_batch_and_a_stale_page_are_refused_and_a_given_up_batch_frees_its_photos(desk: Desk) -> None:
    desk.begin()
    stale = desk.batch().revision
    assert desk.do("cancel") == 303
    data = {"action": "seal", "seen_revision": stale}
    assert desk.wang.post(f"/console/batches/{desk.batch().id}", data=data).status_code == 409
    desk.begin()
    desk.session.rollback()
    items = desk.session.scalars(select(BatchItem).where(BatchItem.batch_id == desk.batch().id)).all()
    assert len(items) == 2
    for item in items:
        desk.wang.post(f"/console/batches/{desk.batch().id}/photos", data={"remove": item.id})
    assert desk.do("seal") == 409


@pytest.mark.parametrize(
    ("role", "own", "expected"),
    [
        (Role.CENTRE_STAFF, True, 200),
        (Role.CENTRE_HEAD, True, 200),
        (Role.REGISTRY, False, 200),
        (Role.CENTRE_STAFF, False, 404),
        (Role.ADMINISTRATOR, False, 404),
    ],
)
def test_a_batch_is_kept_by_its_centre(desk: Desk, client_of: ClientOf, role: Role, own: bool, expected: int) -> None:
    desk.begin()
    desk.seal()
    desk.session.rollback()
    browser = client_of(desk.make.staff(role, desk.centre if own else None))
    address = f"/console/batches/{desk.batch().id}"
    assert [browser.get(address + more).status_code for more in ("", "/progress", "/package.zip")] == [expected] * 3
    data = {"action": "open", "seen_revision": desk.batch().revision}
    assert browser.post(address, data=data).status_code == (303 if expected == 200 else 404)


def test_the_last_photo_of_a_large_batch_can_be_found_and_taken_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.views.console.batches.PHOTOS", 1)
    address = desk.begin()
    last = desk.students[1]
    number = last.student_number
    assert number not in desk.wang.get(address).text
    page = desk.wang.get(f"{address}?page=2").text
    desk.session.rollback()
    item = desk.session.scalars(select(BatchItem).where(BatchItem.student_id == last.id)).one().id
    assert f'name="remove" value="{item}"' in page
    assert f'name="remove" value="{item}"' in desk.wang.get(f"{address}?q={number}").text
    answer = desk.wang.post(f"{address}/photos", data={"remove": item, "page": "2"})
    assert "page=2" in answer.location
    assert desk.students[0].student_number in desk.wang.get(answer.location).text, "the page before, not an empty one"


def test_a_row_that_does_not_fit_is_taken_out_where_it_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.views.console.batches.PHOTOS", 1)
    desk.students[1].name = "林𬱖"
    desk.session.commit()
    address = desk.begin()
    desk.seal()
    item = desk.session.scalars(select(BatchItem).where(BatchItem.student_id == desk.students[1].id)).one().id
    page = desk.wang.get(address).text
    assert f'name="remove" value="{item}"' in page[: page.index('id="photos-title"')]
    assert desk.wang.post(f"{address}/photos", data={"remove": item}).status_code == 303
    assert "不能用这种编码书写" not in desk.wang.get(address).text
    assert desk.seal().state == "sealed"


def test_photos_that_came_back_are_named_by_number_on_any_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.views.console.batches.PHOTOS", 1)
    address = desk.begin()
    desk.seal()
    day = desk.clock().date().isoformat()
    desk.do("hand_over", handed_on=day)
    data = {"action": "receive", "seen_revision": desk.batch().revision, "received_on": day}
    answer = desk.wang.post(address, data={**data, "refused_lines": "2 头部过大\n9 模糊"})
    assert (answer.status_code, "第 2 行看不明白" in answer.text) == (422, True)
    assert "2 头部过大\n9 模糊" in answer.text, "what was written is kept"
    assert desk.batch().state == "handed_over"
    assert desk.do("receive", received_on=day, refused_lines="2 头部过大") == 303
    desk.session.rollback()
    answers = [(item.serial, item.answer, item.reason) for item in desk.session.scalars(select(BatchItem))]
    assert sorted(answers) == [(1, "taken", ""), (2, "refused", "头部过大")]  # type: ignore[type-var]


def test_the_page_says_which_answers_a_file_gave_and_which_were_written_down_here(
    desk: Desk, client_of: ClientOf, parts: Parts
) -> None:
    address = desk.begin()
    desk.seal()
    assert "学号.jpg" in desk.wang.get(address).text, "the pattern of the names, in words"
    desk.do("hand_over", handed_on=desk.clock().date().isoformat())
    assert "回执来自" not in desk.wang.get(address).text
    rows = f"学号,结果\n{desk.students[0].student_number},已采集\n".encode()
    desk.session.rollback()
    registry = desk.make.staff(Role.REGISTRY)
    actor = Actor(ActorKind.STAFF, registry.id)
    desk.session.rollback()
    number = take_in(
        desk.session, parts, rows, "receipt", "x.csv", words=("学号", "结果"), actor=actor, then=desk.clock()
    )
    page = desk.wang.get(address).text
    assert "回执文件，2026年11月2日" in page
    assert "2026年11月2日的回执文件 1 张" in page
    assert "回执文件已经登记的照片不变" in page
    assert f"/console/imports/{number}" not in page, "the file is the registry's"
    assert f"/console/imports/{number}" in client_of(registry).get(address).text
    desk.do("receive", received_on=desk.clock().date().isoformat())
    page = desk.wang.get(address).text
    assert "手工登记，2026年11月2日" in page
    assert page.count("回执文件，2026年11月2日") == 1


def test_only_the_ticked_photos_go_into_a_batch_that_is_chosen(desk: Desk) -> None:
    assert "已关闭" not in desk.wang.get("/console/batches").text, "a round is never closed as a centre is"
    answer = desk.wang.post("/console/batches", data={"round": str(desk.round.id), "fill": "choose"})
    assert answer.location.endswith("/choose")
    lin, zhou = desk.students[0], desk.students[1]
    page = desk.wang.get(answer.location).text
    assert page.count('name="student"') == 2
    assert "checked" not in page
    assert desk.wang.get(f"{answer.location}?ticked=1").text.count(" checked") == 2
    found = desk.wang.get(f"{answer.location}?q={zhou.student_number}").text
    assert (zhou.student_number in found, lin.student_number in found) == (True, False)
    address = answer.location.removesuffix("/choose")
    sent = {"fill": "chosen", "student": [str(zhou.id), str(desk.students[2].id)]}
    desk.wang.post(f"{address}/photos", data=sent)
    desk.session.rollback()
    assert desk.session.scalars(select(BatchItem.student_id)).all() == [zhou.id], "the third has no accepted photo"
    left = desk.wang.get(f"{address}/choose").text
    assert (lin.student_number in left, zhou.student_number in left) == (True, False)
    desk.wang.post(f"{address}/photos", data={"fill": "chosen"})
    desk.session.rollback()
    assert len(desk.session.scalars(select(BatchItem)).all()) == 1, "no tick adds nothing"
    desk.wang.post(f"{address}/photos")
    desk.session.rollback()
    assert len(desk.session.scalars(select(BatchItem)).all()) == 2, "all is still one press"
    desk.seal()
    assert desk.wang.get(f"{address}/choose").status_code == 303, "a sealed batch has nothing to choose"
