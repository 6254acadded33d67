"""People and photos for tests. Lin is a student of Wang's centre; Zhao works at another and must see nothing.

Everything made is committed, so that other sessions and the application see it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts.passwords import hash_password
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES
from backend.compliance.assess import Assessment
from backend.compliance.findings import Finding, Mode, PictureVerdict, Report
from backend.consent.operations import give_consent
from backend.demo.people import invented_id_number
from backend.enrollment.operations import confirm_enrollment, enrol_student
from backend.enrollment.records import Cohort, Student
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.parts import Parts
from backend.photos.operations import decide, keep_draft, submit_photo
from backend.photos.queries import photo_of
from backend.photos.records import Decision, PhotoDraft, PhotoVersion
from backend.photos.rules import Action, Source

PASSWORD = "correct-horse-9"

_numbers = itertools.count(1)

# the smallest JPEG there is stands for pictures that nobody looks at
TINY_JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010101012c012c0000ffdb004300" + "03" * 64 + "ffc0000b080001000101011100ffc40014000100000000"
    "000000000000000000000003ffc40014100100000000000000000000000000000000ffda0008010100003f0037ffd9"
)


class Factory:
    """Makes things in the test's database. Every argument has a sensible default."""

    def __init__(self, session: Session, parts: Parts, clock: Callable[[], datetime]) -> None:
        self.session, self.parts, self.clock = session, parts, clock

    def centre(self, **values: Any) -> Centre:
        n = next(_numbers)
        defaults = {
            "code": f"C{n:03d}",
            "name": f"第{n}学习中心",
            "province": "福建",
            "address": "福州市仓山区测试路 1 号",
            "contact_name": "陈老师",
            "contact_phone": "0591-00000000",
            "hours": "周一至周五 9:00-17:00",
        }
        return self._keep(Centre(**{**defaults, **values}))

    def cohort(self, **values: Any) -> Cohort:
        n = next(_numbers)
        defaults = {
            "code": f"2027-{n}",
            "name": "2027 年春季毕业批次",
            "verify_by": date(2026, 12, 1),
            "capture_by": date(2026, 12, 31),
            "proofread_by": date(2027, 3, 31),
        }
        return self._keep(Cohort(**{**defaults, **values}))

    def student(self, centre: Centre | None = None, **values: Any) -> Student:
        n = next(_numbers)
        defaults = {
            "centre_id": (centre or self.centre()).id,
            "student_number": f"2024{n:06d}",
            "name": "林小满",
            "gender": "female",
            "id_document": "resident",
            "id_number": invented_id_number(date(1996, 2, 29), n % 500, male=False),
            "level": "专升本",
            "programme": "汉语言文学",
            "study_form": "网络教育",
            "entry_date": date(2024, 3, 1),
            "study_years": "2.5",
            "status": "注册学籍",
        }
        student = enrol_student(self.session, actor=SYSTEM, now=self.clock(), **{**defaults, **values})
        self.session.commit()
        return student

    def student_account(self, student: Student | None = None) -> Account:
        student = student or self.student()
        return self._keep(
            Account(
                kind="student",
                login=student.student_number,
                display_name=student.name,
                password_hash=self._password(),
                student_id=student.id,
                created_at=self.clock(),
            )
        )

    def staff(self, role: Role = Role.CENTRE_STAFF, centre: Centre | None = None, **values: Any) -> Account:
        n = next(_numbers)
        if role in (Role.CENTRE_STAFF, Role.CENTRE_HEAD) and centre is None:
            centre = self.centre()
        defaults = {
            "kind": "staff",
            "login": f"staff{n}",
            "display_name": "王老师",
            "password_hash": self._password(),
            "role": role.value,
            "centre_id": centre.id if centre else None,
            "created_at": self.clock(),
        }
        return self._keep(Account(**{**defaults, **values}))

    def settle(self, student: Student) -> None:
        """The student has confirmed the data and agreed to the handling of the photo."""
        actor = Actor(ActorKind.STUDENT)
        confirm_enrollment(
            self.session, student_id=student.id, seen_version=student.data_version, actor=actor, now=self.clock()
        )
        self.agree(student, "photo_handling")

    def agree(self, student: Student, name: str) -> None:
        """The student agrees to a purpose of config/consent.toml."""
        purpose, actor = self.parts.purposes[name], Actor(ActorKind.STUDENT)
        give_consent(
            self.session,
            student_id=student.id,
            purpose=purpose,
            seen_version=purpose.version,
            language="zh-CN",
            actor=actor,
            now=self.clock(),
        )

    def draft(
        self, student: Student, verdict: PictureVerdict = PictureVerdict.PASS, findings: tuple[Finding, ...] = ()
    ) -> PhotoDraft:
        """A checked picture of a settled student, with a made-up report."""
        content = TINY_JPEG + bytes([0]) * next(_numbers)  # every picture differs
        return keep_draft(
            self.session,
            files=self.parts.files,
            student_id=student.id,
            content=content,
            assessment=Assessment(report(verdict, findings), content + b"judged", content + b"registration"),
            source=Source.CAMERA,
            keep_minutes=60,
            actor=Actor(ActorKind.STUDENT),
            now=self.clock(),
        )

    def submitted(
        self, student: Student, verdict: PictureVerdict = PictureVerdict.PASS, findings: tuple[Finding, ...] = ()
    ) -> PhotoVersion:
        """A photo that waits for a reviewer (or for a retake, after a clear defect)."""
        draft = self.draft(student, verdict, findings)
        return submit_photo(
            self.session,
            student_id=student.id,
            draft_id=draft.id,
            ask_person=None,
            actor=Actor(ActorKind.STUDENT),
            now=self.clock(),
        )

    def reviewed(self, student: Student, action: Action, reasons: tuple[str, ...] = (), text: str = "") -> Decision:
        """A colleague of the student's centre decides on the newest version."""
        self.session.rollback()  # the application may have written since this session last read
        reviewer = self.staff(Role.CENTRE_STAFF, student.centre)
        photo = photo_of(self.session, student.id)
        assert photo is not None
        return decide(
            self.session,
            scope=ALL_CENTRES,
            photo_id=photo.id,
            seen_revision=photo.revision,
            action=action,
            reasons=reasons,
            text_student=text,
            text_staff="",
            undo_seconds=60,
            actor=Actor(ActorKind.STAFF, reviewer.id),
            now=self.clock(),
        )

    def _keep(self, record: Any) -> Any:
        self.session.add(record)
        self.session.commit()
        return record

    def _password(self) -> str:
        return hash_password(PASSWORD, memory_kib=self.parts.policy.password_memory_kib)


def report(verdict: PictureVerdict = PictureVerdict.PASS, findings: tuple[Finding, ...] = ()) -> Report:
    """A report as the engine would write it."""
    return Report(
        verdict=verdict,
        findings=findings,
        mode=Mode.CAPTURE,
        edition="test",
        profile="base",
        frame=(0, 0, 480, 640),
        scale=1.0,
        judged_size=(480, 640),
        original_size=(480, 640),
        milliseconds=1.0,
    )
