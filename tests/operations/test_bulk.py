"""Bulk uploads: what comes in is kept once and named, what is chosen is handed in once, what is left goes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.bulk.ending import close_upload, drop_expired_uploads
from backend.bulk.operations import (
    SentFile,
    ask_to_take,
    assign_item,
    drop_items,
    keep_archive,
    keep_file,
    match_again,
    open_upload,
    take_back,
)
from backend.bulk.queries import archives_of, files_in_use, items_of, known_keys, standings_of
from backend.bulk.records import BulkItem, BulkUpload
from backend.bulk.rules import Standing, TooManyFiles, UploadBusy, UploadClosed
from backend.bulk.work import BulkTools, run_work
from backend.centres.rules import Scope
from backend.compliance.assess import Assessment
from backend.compliance.findings import PictureVerdict
from backend.consent.operations import withdraw_consent
from backend.doctor import examine, sweep
from backend.enrollment.records import Student
from backend.errors import NotAllowed, NotFound
from backend.history.queries import entries_about
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.jobs.records import Job
from backend.parts import Parts
from backend.photos.operations import decide, drop_expired_drafts, keep_draft, withdraw_photo
from backend.photos.queries import photo_of, versions_of
from backend.photos.records import CheckCount, PhotoVersion, ScannedPicture
from backend.photos.rules import Action, OwnScan, Source, State
from tests.conftest import Clock
from tests.factories import Factory, report


def picture(shade: int = 0, kind: str = "JPEG") -> bytes:
    """A readable picture; the machine in these tests judges it by its name in `verdicts`."""
    buffer = io.BytesIO()
    image = Image.new("RGB", (300, 400), (shade, 120, 120))
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(buffer)
    else:
        image.save(buffer, kind)
    return buffer.getvalue()


@dataclass
class Pile:
    """A bulk upload of Wang's centre, with a machine that says what the test wants."""

    session: Session
    parts: Parts
    clock: Clock
    wang: Account
    upload_id: int
    verdicts: dict[bytes, PictureVerdict]
    judged: list[bytes]

    @property
    def given(self) -> dict[str, Any]:
        return {
            "scope": Scope(self.wang.centre_id),
            "upload_id": self.upload_id,
            "terms": self.parts.bulk_terms,
            "actor": Actor(ActorKind.STAFF, self.wang.id),
            "now": self.clock(),
        }

    def send(self, path: str, content: bytes | None, **more: Any) -> tuple[BulkItem, bool]:
        sent = SentFile(path, content, **more)
        return keep_file(self.session, files=self.parts.files, sent=sent, **self.given)

    def check(self, content: bytes, **_: Any) -> Assessment:
        self.judged.append(content)
        found = report(self.verdicts.get(content, PictureVerdict.PASS))
        return Assessment(found, content + b"judged", content + b"registration", None)

    @property
    def tools(self) -> BulkTools:
        tools, most = self.parts.bulk_tools, self.parts.settings.photos.max_bytes
        # so small that one file larger than a picture may be would fill it
        return replace(tools, check=self.check, threads=1, limits=replace(tools.limits, unpacked_bytes=most))

    def work(self) -> None:
        """What the worker does until nothing is left."""
        self.session.rollback()
        for _ in range(60):
            run_work(self.tools, upload_id=self.upload_id, now=self.clock())
            self.session.expire_all()
            if not self.session.get_one(BulkUpload, self.upload_id).working:
                return
            self.session.rollback()
        raise AssertionError("the work does not end")

    def standings(self) -> dict[str, Standing]:
        self.session.rollback()
        items = items_of(self.session, self.upload_id)
        found = standings_of(self.session, items, live_only=self.parts.bulk_terms.live_only)
        return {item.path: found[item.id] for item in items}

    def item(self, path: str) -> BulkItem:
        self.session.rollback()
        return next(item for item in items_of(self.session, self.upload_id) if item.path == path)

    def take(self, *paths: str, words: str = "") -> int:
        ids = [self.item(path).id for path in paths]
        count = ask_to_take(self.session, item_ids=ids, words=words, **self.given)
        self.work()
        return count


@pytest.fixture
def pile(make: Factory, session: Session, parts: Parts, clock: Clock) -> Pile:
    wang = make.staff()
    upload = open_upload(
        session, scope=Scope(wang.centre_id), keep_days=14, actor=Actor(ActorKind.STAFF, wang.id), now=clock()
    )
    return Pile(session, parts, clock, wang, upload.id, {}, [])


@pytest.fixture
def lin(make: Factory, pile: Pile) -> Student:
    student = make.student(pile.wang.centre)
    make.settle(student)
    return student


def test_a_file_is_laid_to_its_student_checked_once_and_kept_once(pile: Pile, lin: Student) -> None:
    content = picture()
    assert pile.send(f"一班/{lin.student_number}.jpg", content)[1] is False
    assert pile.send(f"一班/{lin.student_number}.jpg", content)[1] is True
    pile.work()
    assert pile.standings() == {f"一班/{lin.student_number}.jpg": Standing.READY}
    pile.send(f"二班/{lin.student_number}.jpg", content)  # the same picture again, by another name
    pile.work()
    assert pile.judged == [content]
    assert set(pile.standings().values()) == {Standing.SECOND_FILE}


def test_each_scan_is_among_the_machines_counts_once_when_it_is_judged(
    pile: Pile, lin: Student, make: Factory, session: Session
) -> None:
    lin.cohort_id = make.cohort().id
    session.commit()
    bad, nobodys = picture() + b"bad", picture() + b"nobody"
    pile.verdicts = {bad: PictureVerdict.RETAKE}
    pile.send(f"{lin.student_number}.jpg", bad)
    pile.send("扫描 0001.jpg", nobodys)
    pile.work()
    pile.send(f"二班/{lin.student_number}.jpg", bad)  # judged before
    pile.work()
    session.rollback()
    rows = {(row.centre_id, row.cohort_id, row.found, row.pictures) for row in session.scalars(select(CheckCount))}
    assert rows == {
        (pile.wang.centre_id, lin.cohort_id, "retake", 1),
        (pile.wang.centre_id, 0, "pass", 1),  # nobody knows whose it is, the centre is known
    }


@pytest.mark.parametrize("name", ["{number}", "{id}", "林小满{id}", "{id}_林小满", "zp{number}"])
def test_every_name_that_exchange_knows_finds_the_student(pile: Pile, lin: Student, name: str) -> None:
    path = name.format(number=lin.student_number, id=lin.id_number) + ".jpg"
    assert pile.send(path, picture())[0].student_id == lin.id


def test_each_problem_is_named_and_the_rest_goes_on(pile: Pile, lin: Student, make: Factory) -> None:
    other = make.student(name="别处", id_number="990101199001010019")
    names = {
        "nobody.jpg": Standing.UNKNOWN,
        "照片.jpg": Standing.NO_NUMBER,
        f"张三_{lin.student_number}.jpg": Standing.NAME_DIFFERS,
        f"{other.student_number}.jpg": Standing.UNKNOWN,  # of another centre: like nobody at all
    }
    for shade, name in enumerate(names):
        pile.send(name, picture(shade))
    pile.send("empty.jpg", b"")
    pile.send("text.jpg", b"no picture at all")
    pile.send("film.mov", b"\0\0\0\x18ftypqt  " + b"\0" * 40)
    pile.send("large.jpg", None, size=10**9)
    pile.send("huge.png", b"\x89PNG\r\n\x1a\n" + _png_header(40000, 40000))
    pile.send(f"{lin.student_number}.png", picture(9, "PNG"))
    pile.work()
    bad = ("empty.jpg", "text.jpg", "film.mov", "large.jpg", "huge.png")
    assert pile.standings() == {
        **names,
        **dict.fromkeys(bad, Standing.UNREADABLE),
        f"{lin.student_number}.png": Standing.READY,
    }
    assert [pile.item(name).problem for name in bad[:4]] == ["empty", "not_a_picture", "unsupported_type", "too_big"]
    assert pile.item("huge.png").picture_id is None


def _png_header(width: int, height: int) -> bytes:
    """The head of a PNG that promises so many pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def test_a_person_with_two_records_and_a_picture_for_two_people_are_named(
    pile: Pile, lin: Student, make: Factory
) -> None:
    twice = [make.student(pile.wang.centre, id_number="990101199001010019", name="双学籍") for _ in range(2)]
    zhou = make.student(pile.wang.centre, name="周", id_number="990101199001010027")
    make.settle(zhou)
    pile.send("990101199001010019.jpg", picture(1))
    pile.send(f"{lin.student_number}.jpg", picture(2))
    pile.send(f"{zhou.student_number}.jpg", picture(2))
    pile.work()
    assert set(pile.standings().values()) == {Standing.SEVERAL, Standing.SAME_PICTURE}
    item = pile.item("990101199001010019.jpg")
    make.settle(twice[1])
    assign_item(pile.session, item_id=item.id, student_id=twice[1].id, **pile.given)
    pile.work()
    assert pile.standings()["990101199001010019.jpg"] is Standing.READY


def test_nothing_is_handed_in_for_who_has_not_settled_and_then_it_is_ready(
    pile: Pile, make: Factory, session: Session
) -> None:
    student = make.student(pile.wang.centre)
    path = f"{student.student_number}.jpg"
    pile.send(path, picture())
    pile.work()
    assert pile.standings()[path] is Standing.UNCONFIRMED
    assert pile.take(path) == 0
    make.settle(student)
    assert pile.standings()[path] is Standing.READY
    withdraw_consent(session, student_id=student.id, purpose="photo_handling", actor=SYSTEM, now=pile.clock())
    assert pile.standings()[path] is Standing.NO_CONSENT


def test_a_scan_becomes_the_next_version_and_the_student_is_told(pile: Pile, lin: Student, session: Session) -> None:
    path = f"{lin.student_number}.jpg"
    pile.send(path, picture())
    pile.work()
    assert pile.take(path) == 1
    photo = photo_of(session, lin.id)
    assert photo is not None
    (version,) = versions_of(session, photo.id)
    assert (photo.state, version.source, version.submitted_by) == (State.READY_FOR_REVIEW, "scanned", pile.wang.id)
    assert pile.standings()[path] is Standing.TAKEN
    verbs = [entry.verb for entry in entries_about(session, lin.id)]
    assert "photo.scan_submitted" in verbs
    told = session.scalars(select(Job).where(Job.kind == "tell_student")).all()
    assert [job.payload["message"] for job in told] == ["photo_scanned"]
    pile.work()  # the same job again, after a worker that died
    assert session.scalar(select(func.count(PhotoVersion.id))) == 1


def test_who_handed_it_in_does_not_accept_it_and_a_colleague_does(
    pile: Pile, lin: Student, session: Session, make: Factory
) -> None:
    path = f"{lin.student_number}.jpg"
    pile.send(path, picture())
    pile.work()
    pile.take(path)

    def accept(person: Account) -> None:
        photo = photo_of(session, lin.id)
        assert photo is not None
        decide(
            session, scope=Scope(pile.wang.centre_id), photo_id=photo.id, seen_revision=photo.revision,
            action=Action.ACCEPT, reasons=(), text_student="", text_staff="", undo_seconds=60,
            actor=Actor(ActorKind.STAFF, person.id), now=pile.clock(),
        )  # fmt: skip

    with pytest.raises(OwnScan):
        accept(pile.wang)
    session.rollback()
    accept(make.staff(centre=pile.wang.centre))
    item_id = pile.item(path).id
    with pytest.raises(NotAllowed):  # somebody has decided
        take_back(session, item_id=item_id, **pile.given)
    session.rollback()
    pile.send(f"better/{path}", picture(200))
    pile.work()
    assert pile.standings()[f"better/{path}"] is Standing.ACCEPTED


def test_a_clear_defect_is_handed_in_only_with_words(pile: Pile, lin: Student, session: Session) -> None:
    path, content = f"{lin.student_number}.jpg", picture()
    pile.verdicts[content] = PictureVerdict.RETAKE
    pile.send(path, content)
    pile.work()
    assert pile.standings()[path] is Standing.RETAKE
    assert pile.take(path) == 0
    assert pile.take(path, words="学生因病不能重拍") == 1
    photo = photo_of(session, lin.id)
    assert photo is not None
    assert photo.objected
    assert photo.state == State.READY_FOR_REVIEW


def test_the_centre_takes_a_scan_back_and_may_hand_it_in_again(pile: Pile, lin: Student, session: Session) -> None:
    path = f"{lin.student_number}.jpg"
    pile.send(path, picture())
    pile.work()
    pile.take(path)
    take_back(session, item_id=pile.item(path).id, **pile.given)
    photo = photo_of(session, lin.id)
    assert photo is not None
    assert photo.state == State.WITHDRAWN
    assert pile.standings()[path] is Standing.READY
    assert pile.take(path) == 1
    session.expire_all()
    assert [version.number for version in versions_of(session, photo.id)] == [2, 1]


def test_what_the_student_withdrew_is_not_handed_in_again(pile: Pile, lin: Student, session: Session) -> None:
    path, content = f"{lin.student_number}.jpg", picture()
    pile.send(path, content)
    pile.work()
    pile.take(path)
    photo = photo_of(session, lin.id)
    assert photo is not None
    withdraw_photo(
        session, student_id=lin.id, seen_revision=photo.revision, actor=Actor(ActorKind.STUDENT), now=pile.clock()
    )
    pile.send(f"again/{path}", content)
    pile.work()
    assert pile.standings()[f"again/{path}"] is Standing.SENT_BEFORE
    with pytest.raises(NotAllowed):
        take_back(session, item_id=pile.item(path).id, **pile.given)


def test_the_students_own_photo_that_waits_goes_first(pile: Pile, lin: Student, make: Factory) -> None:
    make.submitted(lin)
    path = f"{lin.student_number}.jpg"
    pile.send(path, picture())
    pile.work()
    assert pile.standings()[path] is Standing.OWN_WAITING
    make.reviewed(lin, Action.RETURN, ("BLUR",))
    assert pile.standings()[path] is Standing.READY


def test_consent_withdrawn_before_the_worker_came_stops_it(pile: Pile, lin: Student, session: Session) -> None:
    path = f"{lin.student_number}.jpg"
    pile.send(path, picture())
    pile.work()
    ask_to_take(session, item_ids=None, words="", **pile.given)
    withdraw_consent(session, student_id=lin.id, purpose="photo_handling", actor=SYSTEM, now=pile.clock())
    pile.work()
    assert photo_of(session, lin.id) is None
    assert pile.standings()[path] is Standing.NO_CONSENT
    assert pile.item(path).asked_at is None


def test_a_dropped_file_leaves_the_place_to_the_other(pile: Pile, lin: Student, session: Session) -> None:
    paths = [f"{folder}/{lin.student_number}.jpg" for folder in "ab"]
    for shade, path in enumerate(paths):
        pile.send(path, picture(shade))
    pile.work()
    assert drop_items(session, item_ids=[pile.item(paths[0]).id], restore=False, **pile.given) == 1
    assert pile.standings() == {paths[0]: Standing.DROPPED, paths[1]: Standing.READY}
    assert drop_items(session, item_ids=[pile.item(paths[0]).id], restore=True, **pile.given) == 1
    assert set(pile.standings().values()) == {Standing.SECOND_FILE}


def test_a_new_roster_finds_them_and_a_broken_check_is_tried_again(
    pile: Pile, make: Factory, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Pile, content: bytes, **_: Any) -> Assessment:
        raise RuntimeError

    pile.send("20269990001.jpg", picture())
    with monkeypatch.context() as patched:
        patched.setattr(Pile, "check", broken)
        pile.work()
    assert pile.standings() == {"20269990001.jpg": Standing.UNREADABLE}
    student = make.student(pile.wang.centre, student_number="20269990001")
    make.settle(student)
    assert match_again(session, **pile.given) == 1
    pile.work()
    assert pile.standings() == {"20269990001.jpg": Standing.READY}


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_is_taken_apart_file_by_file_and_its_bad_ones_are_named(
    pile: Pile, lin: Student, session: Session
) -> None:
    content = zipped(
        (f"一班/{lin.student_number}.jpg", picture()),
        ("../../outside.jpg", picture(3)),
        ("bomb.jpg", b"\0" * (pile.parts.settings.photos.max_bytes + 10)),
        ("empty.jpg", b""),
        ("list.xlsx", b"PK\x03\x04"),
        ("more.csv", b"a,b"),
        ("__MACOSX/x.jpg", b"x"),
    )
    name = "班级.zip"
    keep_archive(session, files=pile.parts.files, label=name, content=content, **pile.given)
    pile.work()
    assert pile.standings() == {
        f"一班/{lin.student_number}.jpg": Standing.READY,
        **dict.fromkeys(("outside.jpg", "bomb.jpg", "empty.jpg", "list.xlsx", "more.csv"), Standing.UNREADABLE),
    }
    assert pile.item("outside.jpg").problem == "bad_path"
    assert pile.item("bomb.jpg").problem == "too_big"
    (archive,) = archives_of(session, pile.upload_id)
    assert (archive.done, archive.total, archive.file_name) == (6, 6, None)
    assert files_in_use(session) == set()


def test_a_zip_of_phone_pictures_is_taken_in_and_one_with_a_password_is_named_file_by_file(
    pile: Pile, lin: Student, session: Session
) -> None:
    name = f"{lin.student_number}.heic"
    keep_archive(
        session, files=pile.parts.files, label="a.zip", content=zipped((name, picture(7, "HEIF"))), **pile.given
    )
    locked = bytearray(zipped(("封面.jpg", picture(9))))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(header) + flags] |= 1
    keep_archive(session, files=pile.parts.files, label="b.zip", content=bytes(locked), **pile.given)
    pile.work()
    assert pile.standings() == {name: Standing.READY, "封面.jpg": Standing.UNREADABLE}
    assert pile.item("封面.jpg").problem == "locked"


def test_a_zip_that_cannot_be_opened_says_why(pile: Pile, session: Session) -> None:
    keep_archive(session, files=pile.parts.files, label="x.zip", content=b"PK nonsense", **pile.given)
    pile.work()
    (archive,) = archives_of(session, pile.upload_id)
    assert archive.problem == "damaged"


def test_a_worker_that_died_goes_on_where_it_was(pile: Pile, lin: Student, session: Session) -> None:
    content = zipped(*((f"c/{number:011d}.jpg", picture(number % 250)) for number in range(90)))
    keep_archive(session, files=pile.parts.files, label="x.zip", content=content, **pile.given)
    session.rollback()
    run_work(pile.tools, upload_id=pile.upload_id, now=pile.clock())  # one job, then the worker is gone
    session.rollback()
    assert len(items_of(session, pile.upload_id)) == 40
    pile.work()
    assert len(items_of(session, pile.upload_id)) == 90
    assert len(pile.judged) == len(set(pile.judged))  # each picture once


def test_one_job_is_open_for_a_pile_and_none_when_it_is_done(pile: Pile, session: Session) -> None:
    def open_jobs() -> int:
        session.rollback()
        return session.scalar(select(func.count(Job.id)).where(Job.kind == "work_bulk")) or 0

    for shade in range(20):
        pile.send(f"{shade}.jpg", picture(shade))
    assert open_jobs() == 1
    run_work(pile.tools, upload_id=pile.upload_id, now=pile.clock())
    assert open_jobs() == 2  # the rest
    pile.work()
    before = open_jobs()
    pile.send("late.jpg", picture(99))
    assert open_jobs() == before + 1


def test_no_more_files_than_the_setting_says(pile: Pile) -> None:
    few = {**pile.given, "terms": replace(pile.parts.bulk_terms, most_files=1)}
    keep_file(pile.session, files=pile.parts.files, sent=SentFile("a.jpg", picture()), **few)
    keep_file(pile.session, files=pile.parts.files, sent=SentFile("a.jpg", picture()), **few)  # the same: no more
    with pytest.raises(TooManyFiles):
        keep_file(pile.session, files=pile.parts.files, sent=SentFile("b.jpg", picture()), **few)


def test_closing_deletes_what_was_not_handed_in_and_keeps_what_was(pile: Pile, lin: Student, session: Session) -> None:
    path = f"{lin.student_number}.jpg"
    pile.send(path, picture(1))
    pile.send("nobody.jpg", picture(2))
    pile.work()
    ask_to_take(session, item_ids=None, words="", **pile.given)
    ending = {key: value for key, value in pile.given.items() if key != "terms"}
    with pytest.raises(UploadBusy):
        close_upload(session, files=pile.parts.files, **ending)
    pile.work()
    close_upload(session, files=pile.parts.files, **ending)
    session.expire_all()
    assert [item.path for item in items_of(session, pile.upload_id)] == [""]
    assert session.scalars(select(ScannedPicture)).all() == []
    photo = photo_of(session, lin.id)
    assert photo is not None
    (version,) = versions_of(session, photo.id)
    kept = {version.original_file, version.judged_file, version.registration_file}
    assert {name for name, _ in pile.parts.files.names()} == kept
    with pytest.raises(UploadClosed):
        pile.send("late.jpg", picture(3))
    session.rollback()
    assert [finding.text for finding in examine(session, pile.parts.files, now=pile.clock()) if finding.harm] == []


def test_an_upload_that_nobody_touches_goes_after_its_days(pile: Pile, lin: Student, session: Session) -> None:
    pile.send(f"{lin.student_number}.jpg", picture())
    pile.work()
    pile.clock.move(days=13)
    assert drop_expired_uploads(session, files=pile.parts.files, now=pile.clock()) == 0
    pile.send("touched.jpg", picture(2))
    pile.clock.move(days=13)
    assert drop_expired_uploads(session, files=pile.parts.files, now=pile.clock()) == 0
    pile.clock.move(days=2)
    assert drop_expired_uploads(session, files=pile.parts.files, now=pile.clock()) == 1
    session.expire_all()
    assert session.get_one(BulkUpload, pile.upload_id).state == "expired"
    assert list(pile.parts.files.names()) == []
    assert [finding.text for finding in examine(session, pile.parts.files, now=pile.clock()) if finding.harm] == []


def test_neither_the_sweep_nor_a_draft_of_the_same_picture_takes_a_scans_file(
    pile: Pile, lin: Student, session: Session, parts: Parts
) -> None:
    content = picture()
    pile.send(f"{lin.student_number}.jpg", content)
    pile.work()
    names = {name for name, _ in parts.files.names()}
    keep_draft(
        session,
        files=parts.files,
        student_id=lin.id,
        content=content,
        assessment=pile.check(content),
        source=Source.ALBUM,
        keep_minutes=60,
        actor=Actor(ActorKind.STUDENT),
        now=pile.clock(),
    )
    pile.clock.move(days=2)
    assert drop_expired_drafts(session, files=parts.files, now=pile.clock()) == 1
    session.rollback()
    sweep(parts.sessions, parts.files, now=pile.clock())
    assert {name for name, _ in parts.files.names()} == names


def test_another_centre_finds_nothing(pile: Pile, lin: Student, make: Factory, session: Session) -> None:
    pile.send(f"{lin.student_number}.jpg", picture())
    item_id = pile.item(f"{lin.student_number}.jpg").id
    stranger = {**pile.given, "scope": Scope(make.centre().id)}
    for attempt in (
        lambda: keep_file(session, files=pile.parts.files, sent=SentFile("a.jpg", picture(5)), **stranger),
        lambda: ask_to_take(session, item_ids=None, words="", **stranger),
        lambda: assign_item(session, item_id=item_id, student_id=lin.id, **stranger),
    ):
        with pytest.raises(NotFound):
            attempt()
        session.rollback()
    elsewhere = make.student(make.centre(), id_number="990101199001010019")
    with pytest.raises(NotFound):
        assign_item(session, item_id=item_id, student_id=elsewhere.id, **pile.given)


def test_names_of_files_are_nowhere_in_the_open(pile: Pile, lin: Student, session: Session, parts: Parts) -> None:
    pile.send(f"{lin.id_number}.jpg", picture())
    pile.work()
    if parts.engine.dialect.name == "sqlite":
        raw = b"".join(path.read_bytes() for path in parts.settings.data.dir.parent.glob("*.sqlite3*"))
        assert lin.id_number.encode() not in raw
    assert lin.id_number not in repr(pile.item(f"{lin.id_number}.jpg"))
    (key,) = known_keys(session, pile.upload_id)
    assert len(key) == 64
