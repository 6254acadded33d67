"""Loading the invented college: centres, staff, people, and something at every stage of the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.passwords import hash_password
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.accounts.staff import create_staff
from backend.adapters.migrations import rebuild
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES, Scope
from backend.compliance.assess import Assessment
from backend.compliance.findings import Mode
from backend.consent.operations import give_consent
from backend.days import day_of
from backend.demo.alumni import Alumni
from backend.demo.batches import Batches
from backend.demo.bulk import load_bulk
from backend.demo.capture import load_round
from backend.demo.chasing import load_contacts
from backend.demo.errata import load_errata
from backend.demo.exchange import load_match_lists, load_waiting_files
from backend.demo.people import PEOPLE, Person, invented_certificate_number
from backend.demo.pictures import GREY, WHITE, Studio, Wish
from backend.demo.proofreading import ProofreadingDemo
from backend.demo.returned import load_disc
from backend.demo.weeks import load_weeks
from backend.enrollment.operations import confirm_enrollment, decide_correction, enrol_student, report_wrong_data
from backend.enrollment.records import Cohort, Student
from backend.enrollment.rules import CorrectionAction
from backend.history.operations import record_fact
from backend.history.records import HistoryEntry
from backend.history.rules import SYSTEM, Actor, ActorKind, Fact
from backend.notices.operations import publish_notice, write_notice
from backend.notices.rules import Task
from backend.parts import Parts
from backend.photos.operations import decide, keep_draft, object_to_return, submit_photo
from backend.photos.queries import photo_of
from backend.photos.rules import Action, Source
from backend.records import begin_write

PASSWORD = "Demo-xuezhao-26"  # noqa: S105 - of every account of the invented college

CENTRES = (
    {
        "code": "FZ01", "name": "福州仓山学习中心", "province": "福建", "address": "福州市仓山区榕树路 8 号 2 楼",
        "contact_name": "陈老师", "contact_phone": "0591-00000001", "hours": "周一至周五 9:00-17:30",
    },
    {
        "code": "XM02", "name": "厦门集美学习中心", "province": "福建", "address": "厦门市集美区学村路 16 号",
        "contact_name": "林老师", "contact_phone": "0592-00000002", "hours": "周二至周六 9:00-17:00",
    },
    {
        "code": "HZ03", "name": "杭州西溪学习中心", "province": "浙江", "address": "杭州市西湖区芦花路 3 号",
        "contact_name": "沈老师", "contact_phone": "0571-00000003", "hours": "周一至周五 8:30-17:00",
    },
)  # fmt: skip

# login, name, role, index of the centre
STAFF = (
    ("admin", "管理员", Role.ADMINISTRATOR, None),
    ("xueji", "学籍部 吴老师", Role.REGISTRY, None),
    ("fz-head", "福州中心主任 陈老师", Role.CENTRE_HEAD, 0),
    ("fz", "福州中心 王老师", Role.CENTRE_STAFF, 0),
    ("xm", "厦门中心 林老师", Role.CENTRE_STAFF, 1),
    ("hz", "杭州中心 沈老师", Role.CENTRE_STAFF, 2),
)

# what the demo's pictures look like
PICTURES: dict[str, Wish] = {
    "good": Wish(),
    "white": Wish(wall=WHITE),
    "grey": Wish(wall=GREY),
    "shifted": Wish(shift=(60, 30)),
    "near": Wish(scale=1.15),
    "smiling": Wish(smiling=True),
    "dark": Wish(light=0.4),
    "red": Wish(wall=(196, 64, 54)),
    "tilted": Wish(tilt=9),
    "blurred": Wish(blur=7),
    "shadow": Wish(shadow=0.3),
}

LATELY = (1, 4, 7)  # of the second centre: accepted one after another today, so that the pace has numbers

# why the earlier tries of somebody whose photo is accepted by now were returned, one try after another
RETURNED_BEFORE: tuple[tuple[tuple[str, ...], ...], ...] = (
    (),
    (("GLASSES_REFLECT",),),
    (("BG_SHADOW", "HEAD_POSE"), ("BG_SHADOW",)),
    (("JEWELLERY",),),
    (("HEAD_POSE",), ("EARS_HIDDEN",)),
)


class College:
    """Fills an empty database. `say` reports progress."""

    def __init__(self, parts: Parts, say: Callable[[str], None]) -> None:
        self._parts = parts
        self._say = say
        self._now = parts.clock()
        self._checked: dict[str, tuple[bytes, Assessment]] = {}
        self._studio = Studio(parts.analyser)

    def load(self) -> None:
        with self._parts.sessions() as session:
            begin_write(session)
            record_fact(session, Fact("demo.started", None), actor=SYSTEM, now=self._now - timedelta(days=21))
            session.commit()
            self._say("demo: centres and staff")
            centres = self._centres(session)
            self._say("demo: sixty invented people")
            students = self._students(session, centres)
            self._say("demo: pictures, checked by the real engine")
            for person, student in zip(PEOPLE, students, strict=True):
                self._way_of(session, person, student, centres)
            self._say("demo: the capture round")
            found = load_round(session, centres=centres, rules=self._parts.capture, now=self._now)
            places = {"round_id": found.id, "centre_id": centres[2].id}
            self._say("demo: earlier graduates")
            Alumni(self._parts, session=session, check=self._check, account=self._account, now=self._now).load(centres)
            self._say("demo: errata and identity reviews")
            load_errata(self._parts, session, students, self._now)
            self._say("demo: batches to a unit")
            Batches(self._parts, session, **places, now=self._now).load()
            self._say("demo: lists of 学信网")
            load_match_lists(session, self._parts, now=self._now)
            load_contacts(session, self._parts, now=self._now)
            self._say("demo: a disc that came back")
            load_disc(session, self._parts, students, now=self._now)
            self._say("demo: proofreading")
            ProofreadingDemo(
                self._parts, session=session, check=self._check, accepted=self._accepted, now=self._now
            ).load(centres)
            self._say("demo: a pile of scans")
            load_bulk(self._parts, session, check=self._check, now=self._now)
            self._say("demo: files that wait")
            load_waiting_files(session, self._parts, now=self._now)
            self._say("demo: notices")
            self._notices(session)
            load_weeks(session, now=self._now)
            begin_write(session)
            record_fact(session, Fact("demo.loaded", None), actor=SYSTEM, now=self._now)
            session.commit()

    def _centres(self, session: Session) -> list[Centre]:
        begin_write(session)
        centres = [Centre(**values) for values in CENTRES]
        session.add_all(centres)
        session.commit()
        for login, name, role, place in STAFF:
            create_staff(
                session,
                login=login,
                display_name=name,
                role=role,
                centre_id=None if place is None else centres[place].id,
                password=PASSWORD,
                creator=None,
                policy=self._parts.policy,
                actor=SYSTEM,
                now=self._now - timedelta(days=20),
            )
        return centres

    def _students(self, session: Session, centres: list[Centre]) -> list[Student]:
        today = day_of(self._now)
        begin_write(session)
        current = Cohort(
            code="2027C", name="2027 年春季毕业批次", verify_by=today + timedelta(days=20),
            capture_by=today + timedelta(days=40), proofread_by=today + timedelta(days=120),
        )  # fmt: skip
        former = Cohort(code="2018Q", name="2018 年秋季毕业批次")
        session.add_all([current, former])
        session.flush()
        students = []
        for person in PEOPLE:
            former_student = person.serial >= 56
            students.append(
                enrol_student(
                    session,
                    actor=SYSTEM,
                    now=self._now - timedelta(days=19),
                    centre_id=centres[person.serial % 3].id,
                    cohort_id=former.id if former_student else current.id,
                    student_number=person.student_number,
                    certificate_number=invented_certificate_number(person.serial) if former_student else None,
                    name=person.name,
                    gender="male" if person.male else "female",
                    id_document="resident",
                    id_number=person.id_number,
                    level=person.level,
                    programme=person.programme,
                    study_form="网络教育",
                    entry_date=date(2015, 9, 1) if former_student else date(2024, 3, 1),
                    study_years="2.5",
                    status="毕业" if former_student else "注册学籍",
                    graduated_on=date(2018, 7, 1) if former_student else None,
                )
            )
        session.commit()
        return students

    def _way_of(self, session: Session, person: Person, student: Student, centres: list[Centre]) -> None:
        """How far one person has come: people of the same tens digit stand at about the same place."""
        n, then = person.serial, self._now - timedelta(days=18) + timedelta(hours=6 * person.serial)
        if 24 <= n < 42 or n >= 56:
            return  # have not signed in yet
        actor = self._account(session, student, then)
        if n >= 50:
            return  # signed in, and nothing more
        if n in (45, 46, 47):
            self._correction(session, student, actor, then, settled=n == 47)
            return
        confirm_enrollment(session, student_id=student.id, seen_version=1, actor=actor, now=then)
        for purpose in ("photo_handling", "hand_over")[: 1 if n % 4 == 3 else 2]:
            self._consent(session, student, purpose, actor, then)
        if n >= 42:
            return  # the photo is what is missing
        if n in LATELY:
            then = self._now - timedelta(hours=3, minutes=20) + timedelta(seconds=25 * n)
        self._photo(session, n, student, actor, then)

    def _photo(self, session: Session, n: int, student: Student, actor: Actor, then: datetime) -> None:
        good = ("good", "white", "grey", "shifted", "near")[n % 5]
        kind = {18: "smiling", 19: "red", 20: "dark", 21: "blurred", 12: "shadow", 14: "tilted"}.get(n, good)
        objection = "我的眼睛是水平的，请老师看一下。" if n == 14 else None
        self._submit(session, student, kind, actor, then, objection)
        reviewer = self._reviewer(session, student)
        if n < 9:
            self._decide(session, student, Action.ACCEPT, (), "", reviewer, then)
        elif n in (9, 10, 11):
            text = ("头发请别到耳后，再拍一次。", "请摘下项链后重拍。", "照片是从旧照片翻拍的，请现场拍摄。")[n - 9]
            reason = ("EARS_HIDDEN", "JEWELLERY", "REPHOTOGRAPHED")[n - 9]
            self._decide(session, student, Action.RETURN, (reason,), text, reviewer, then)
            if n == 9:
                photo = photo_of(session, student.id)
                assert photo is not None  # noqa: S101 - submitted above
                object_to_return(
                    session,
                    student_id=student.id,
                    seen_revision=photo.revision,
                    text="我的耳朵天生贴得比较紧，头发已经别好了。",
                    actor=actor,
                    now=then + timedelta(hours=4),
                )

    def _accepted(self, session: Session, student: Student, then: datetime) -> Actor:
        """Somebody whose data are confirmed and whose photo the centre has accepted."""
        actor = self._account(session, student, then)
        confirm_enrollment(session, student_id=student.id, seen_version=1, actor=actor, now=then)
        for purpose in ("photo_handling", "hand_over"):
            self._consent(session, student, purpose, actor, then)
        reviewer = self._reviewer(session, student)
        for reasons in RETURNED_BEFORE[student.id % len(RETURNED_BEFORE)]:
            self._submit(session, student, "good", actor, then, None)
            self._decide(session, student, Action.RETURN, reasons, "", reviewer, then)
            then += timedelta(days=1, hours=5)
        self._submit(session, student, "good", actor, then, None)
        self._decide(session, student, Action.ACCEPT, (), "", reviewer, then)
        return actor

    def _account(self, session: Session, student: Student, then: datetime) -> Actor:
        begin_write(session)
        account = Account(
            kind="student",
            login=student.student_number,
            display_name=student.name,
            password_hash=hash_password(PASSWORD, memory_kib=self._parts.policy.password_memory_kib),
            student_id=student.id,
            created_at=then,
        )
        session.add(account)
        session.flush()
        actor = Actor(ActorKind.STUDENT, account.id)
        record_fact(session, Fact("student.activated", student.id, owner_id=student.id), actor=actor, now=then)
        session.commit()
        return actor

    def _consent(self, session: Session, student: Student, name: str, actor: Actor, then: datetime) -> None:
        purpose = self._parts.purposes[name]
        give_consent(
            session,
            student_id=student.id,
            purpose=purpose,
            seen_version=purpose.version,
            language="zh-CN",
            actor=actor,
            now=then,
        )

    def _correction(self, session: Session, student: Student, actor: Actor, then: datetime, *, settled: bool) -> None:
        case = report_wrong_data(
            session,
            student_id=student.id,
            seen_version=1,
            claims={"programme": "汉语国际教育"},
            evidence=(),
            actor=actor,
            now=then,
        )
        if settled:
            decide_correction(
                session,
                scope=_scope(student),
                correction_id=case.id,
                action=CorrectionAction.REFUSE,
                answer="录取名册上的专业与登记一致，请核对录取通知书。",
                actor=self._reviewer(session, student),
                now=then + timedelta(hours=3),
            )

    def _submit(
        self, session: Session, student: Student, kind: str, actor: Actor, then: datetime, ask_person: str | None
    ) -> None:
        content, assessment = self._check(kind)
        if assessment.registration_jpeg:  # the same picture serves many; a photo is one person's
            assessment = replace(assessment, registration_jpeg=_of(assessment.registration_jpeg, student))
        draft = keep_draft(
            session,
            files=self._parts.files,
            student_id=student.id,
            content=content,
            assessment=assessment,
            source=Source.CAMERA,
            keep_minutes=60,
            actor=actor,
            now=then,
        )
        submit_photo(session, student_id=student.id, draft_id=draft.id, ask_person=ask_person, actor=actor, now=then)

    def _check(self, kind: str) -> tuple[bytes, Assessment]:
        if kind not in self._checked:
            content = self._studio.take(PICTURES[kind])
            profile = self._parts.settings.photos.default_profile
            assessment = self._parts.check(content, file_name="demo.jpg", mode=Mode.CAPTURE, profile=profile)
            self._checked[kind] = (content, assessment)
        return self._checked[kind]

    def _decide(
        self,
        session: Session,
        student: Student,
        action: Action,
        reasons: tuple[str, ...],
        text: str,
        reviewer: Actor,
        then: datetime,
    ) -> None:
        photo = photo_of(session, student.id)
        assert photo is not None  # noqa: S101 - submitted just before
        decide(
            session,
            scope=_scope(student),
            photo_id=photo.id,
            seen_revision=photo.revision,
            action=action,
            reasons=reasons,
            text_student=text,
            text_staff="",
            undo_seconds=self._parts.settings.photos.undo_seconds,
            actor=reviewer,
            now=then + timedelta(hours=3),
        )

    def _reviewer(self, session: Session, student: Student) -> Actor:
        query = select(Account.id).where(
            Account.centre_id == student.centre_id, Account.role == Role.CENTRE_STAFF.value
        )
        return Actor(ActorKind.STAFF, session.scalars(query.limit(1)).one())

    def _notices(self, session: Session) -> None:
        registry = session.scalars(select(Account).where(Account.login == "xueji")).one()
        then, days = self._now - timedelta(days=18), self._parts.settings.notices.link_days
        actor = Actor(ActorKind.STAFF, registry.id)
        for title, body, task in NOTICES:
            notice = write_notice(
                session,
                scope=ALL_CENTRES,
                notice_id=None,
                seen_revision=0,
                centre_id=None,
                title=title,
                body=body,
                task=task,
                deadline=day_of(self._now) + timedelta(days=40),
                link_days=days,
                actor=actor,
                now=then,
            )
            publish_notice(
                session,
                scope=ALL_CENTRES,
                notice_id=notice.id,
                seen_revision=notice.revision,
                link_days=days,
                actor=actor,
                now=then,
            )


_CAPTURE_BODY = """
请在截止日期前完成照片采集。**不用去照相馆**：请家人或同学用手机后置摄像头帮您拍，几秒钟就知道哪里要改。

- 浅蓝、白色或浅灰的墙，离墙一米
- 面对窗户，光线均匀
- 双眼睁开，嘴唇自然闭合

通过本平台检测，不等于学信网审核通过。
"""

_VERIFY_BODY = """
照片要与学籍信息对应。请先核对姓名、证件号码、专业等信息，发现有误请直接在平台上报告，由学习中心处理。
"""

NOTICES = (
    ("2027 年春季毕业生学历照片采集", _CAPTURE_BODY, Task.CAPTURE),
    ("请核对您的学籍信息", _VERIFY_BODY, Task.VERIFY),
)


def load_once(parts: Parts, say: Callable[[str], None]) -> bool:
    """Load the college into an empty database; a load that was broken off is done again. False when it is there."""
    with parts.sessions() as session:
        verbs = set(session.scalars(select(HistoryEntry.verb).where(HistoryEntry.subject_kind == "demo")))
        empty = session.scalar(select(Centre.id).limit(1)) is None
    if "demo.loaded" in verbs or ("demo.started" not in verbs and not empty):
        return False
    if "demo.started" in verbs:
        clear(parts)
    College(parts, say).load()
    return True


def is_demo(parts: Parts) -> bool:
    """Was this database begun by the demo? Only then may it be cleared."""
    with parts.sessions() as session:
        first = session.scalars(select(HistoryEntry.verb).order_by(HistoryEntry.id).limit(1)).first()
        return first == "demo.started" or (first is None and session.scalar(select(Centre.id).limit(1)) is None)


def clear(parts: Parts) -> None:
    """Empty the database and the files."""
    rebuild(parts.engine)
    for name, _ in list(parts.files.names()):
        parts.files.delete(name)


def _of(jpeg: bytes, student: Student) -> bytes:
    """The same picture as a file of its own: a comment after the JPEG's first two bytes tells it from others."""
    comment = f"demo {student.id}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


def _scope(student: Student) -> Scope:
    return Scope(student.centre_id)
