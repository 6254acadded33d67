"""The invented college's proofreading: a student in every state that the pages know."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES
from backend.compliance.assess import Assessment
from backend.days import day_of
from backend.demo.people import invented_id_number
from backend.enrollment.operations import enrol_student
from backend.enrollment.records import Cohort, Student
from backend.history.rules import SYSTEM, Actor
from backend.parts import Parts
from backend.proofreading.operations import (
    answer_wizard,
    conclude,
    confirm_click,
    finish_wizard,
    link_photo,
    record_chsi_result,
    record_evidence,
    start_wizard,
)
from backend.proofreading.queries import linked_photo_of
from backend.proofreading.rules import AtChsi, ChsiResult, ImageKind
from backend.proofreading.stages import Stage, Witness
from backend.records import begin_write


@dataclass(frozen=True)
class Proofreader:
    """One invented student; what happened to them is the method `_<state>` below."""

    serial: int
    name: str
    state: str
    entry_months: int = 32  # ago: more than two and a half years
    status: str = "注册学籍"

    @property
    def student_number(self) -> str:
        return f"F2023{self.serial + 1:05d}"

    @property
    def id_number(self) -> str:
        return invented_id_number(self.born, 440 + self.serial, male=self.serial % 2 == 1)

    @property
    def born(self) -> date:
        return date(1988 + self.serial % 10, 1 + self.serial % 12, 1 + self.serial)


# all of the first centre but the last two
PROOFREADERS = (
    Proofreader(0, "安小桥", "to_conclude"),  # the photo is there, and it is right
    Proofreader(1, "柏舟行", "stranger"),  # the photo is there, and it is somebody else
    Proofreader(2, "岑夜雨", "right_today"),  # concluded right an hour ago: can be changed, the click is missing
    Proofreader(3, "丁香结", "wrong_today"),  # concluded wrong an hour ago, the way is not found yet
    Proofreader(4, "范进贤", "wrong_over"),  # concluded wrong long ago, more than 2.5 years of study
    Proofreader(5, "甘如荠", "wrong_within", 14),  # the same with 2.5 years or less
    Proofreader(6, "葛覃诗", "waits", 14),  # has chosen to wait until 2.5 years are passed
    Proofreader(7, "洪水生", "contradicted"),  # says that the click is done; the college's list says no
    Proofreader(8, "纪晓晴", "clicked"),  # done, and the list says so too
    Proofreader(9, "孔雀蓝", "no_photo"),  # handed over, but 学信网 has none: the cause is open
    Proofreader(10, "雷声远", "not_uploaded"),  # no photo: waits for the unit
    Proofreader(11, "梅三弄", "graduated", 44, "毕业"),  # graduated, the photo is not linked
    Proofreader(12, "倪虹桥", "asking"),  # half-way through the questions
    Proofreader(13, "潘江海", "way_found"),  # all answered, the way is not taken yet
)


class ProofreadingDemo:
    """accepted: makes the student's own photo here, accepted, and gives the student's account."""

    def __init__(
        self,
        parts: Parts,
        *,
        session: Session,
        check: Callable[[str], tuple[bytes, Assessment]],
        accepted: Callable[[Session, Student, datetime], Actor],
        now: datetime,
    ) -> None:
        self._parts, self._session, self._check, self._accepted, self._now = parts, session, check, accepted, now

    def load(self, centres: list[Centre]) -> None:
        cohort = self._session.scalars(select(Cohort).where(Cohort.proofread_by.is_not(None))).first()
        begin_write(self._session)
        students = [self._enrol(person, centres, cohort) for person in PROOFREADERS]
        self._session.commit()
        for person, student in zip(PROOFREADERS, students, strict=True):
            actor = self._accepted(self._session, student, self._now - timedelta(days=17, hours=person.serial))
            getattr(self, f"_{person.state}")(student, actor)

    def _enrol(self, person: Proofreader, centres: list[Centre], cohort: Cohort | None) -> Student:
        entry = day_of(self._now - timedelta(days=30 * person.entry_months)).replace(day=1)
        return enrol_student(
            self._session,
            actor=SYSTEM,
            now=self._now - timedelta(days=19),
            centre_id=centres[max(0, person.serial - 11)].id,
            cohort_id=cohort.id if cohort else None,
            student_number=person.student_number,
            name=person.name,
            gender="male" if person.serial % 2 else "female",
            id_document="resident",
            id_number=person.id_number,
            level="专升本",
            programme="行政管理",
            study_form="网络教育",
            entry_date=entry,
            study_years="2.5",
            status=person.status,
            graduated_on=day_of(self._now) - timedelta(days=90) if person.status == "毕业" else None,
        )

    # ---------------------------------------------------------------- the states

    def _to_conclude(self, student: Student, _actor: Actor) -> None:
        self._link(student, days=6)
        self._result(student, days=6, has_photo=True, proofreading=AtChsi.PENDING)

    def _stranger(self, student: Student, _actor: Actor) -> None:
        self._link(student, days=6, stranger=True)

    def _right_today(self, student: Student, actor: Actor) -> None:
        self._link(student, days=6)
        self._conclude(student, actor, hours=1)

    def _wrong_today(self, student: Student, actor: Actor) -> None:
        self._link(student, days=6, stranger=True)
        self._conclude(student, actor, hours=1, right=False)

    def _wrong_over(self, student: Student, actor: Actor) -> None:
        self._link(student, days=9, stranger=True)
        self._conclude(student, actor, hours=90, right=False)

    _wrong_within = _wrong_over

    def _waits(self, student: Student, actor: Actor) -> None:
        self._wrong_over(student, actor)
        given = {"sees": "photo", "person": "other", "data": "right"}
        self._wizard(student, actor, given, swapped="no", choice="wait")

    def _contradicted(self, student: Student, actor: Actor) -> None:
        self._clicked(student, actor, AtChsi.PENDING)

    def _clicked(self, student: Student, actor: Actor, said: AtChsi = AtChsi.RIGHT) -> None:
        self._link(student, days=9)
        self._conclude(student, actor, hours=120)
        then = self._now - timedelta(hours=119)
        confirm_click(self._session, student_id=student.id, clicked=True, actor=actor, now=then)
        self._result(student, days=1, has_photo=True, proofreading=said)

    def _no_photo(self, student: Student, _actor: Actor) -> None:
        self._handed_over(student)
        self._result(student, days=2, has_photo=False, review="未通过", remark="学信网反馈无毕业照片")

    def _not_uploaded(self, student: Student, actor: Actor) -> None:
        self._no_photo(student, actor)
        self._wizard(student, actor, {}, sees="no_photo", capture_data="right")

    def _asking(self, student: Student, actor: Actor) -> None:
        self._no_photo(student, actor)
        self._wizard(student, actor, {}, finish=False, sees="no_photo")

    def _way_found(self, student: Student, actor: Actor) -> None:
        self._link(student, days=9)
        self._conclude(student, actor, hours=90)
        self._wizard(student, actor, {"sees": "wrong_button"}, finish=False, pressed="over")

    def _graduated(self, student: Student, _actor: Actor) -> None:
        self._result(student, days=2, has_photo=False, review="未通过", remark="学信网反馈无毕业照片")

    # ---------------------------------------------------------------- the verbs

    def _link(self, student: Student, *, days: int, stranger: bool = False) -> None:
        then = self._now - timedelta(days=days)
        link_photo(
            self._session,
            files=self._parts.files,
            scope=ALL_CENTRES,
            student_id=student.id,
            content=stranger_picture() if stranger else self._own_picture(),
            media_type="image/jpeg",
            kind=ImageKind.REGISTRATION,
            witness=Witness.COLLEGE,
            source="学院名单",
            as_of=day_of(then),
            table=self._parts.proofreading,
            actor=SYSTEM,
            now=then,
        )

    def _own_picture(self) -> bytes:
        assessment = self._check("good")[1]
        return assessment.registration_jpeg or assessment.judged_jpeg

    def _result(self, student: Student, *, days: int, review: str = "", remark: str = "", **said: object) -> None:
        then = self._now - timedelta(days=days)
        record_chsi_result(
            self._session,
            scope=ALL_CENTRES,
            student_id=student.id,
            result=ChsiResult(review=review, remark=remark, **said),  # type: ignore[arg-type]
            witness=Witness.COLLEGE,
            source="学院名单",
            as_of=day_of(then),
            actor=SYSTEM,
            now=then,
        )

    def _handed_over(self, student: Student) -> None:
        then = self._now - timedelta(days=12)
        begin_write(self._session)
        record_evidence(
            self._session,
            student_id=student.id,
            stage=Stage.HAND_OVER,
            witness=Witness.UNIT,
            holds=True,
            since=then,
            source="采集回执",
            actor=SYSTEM,
            now=then,
        )
        self._session.commit()

    def _conclude(self, student: Student, actor: Actor, *, hours: int, right: bool = True) -> None:
        photo = linked_photo_of(self._session, student.id)
        conclude(
            self._session,
            student_id=student.id,
            photo_right=right,
            data_right=True,
            seen_linked_id=photo.id if photo else None,
            seen_version=student.data_version,
            table=self._parts.proofreading,
            actor=actor,
            now=self._now - timedelta(hours=hours),
        )

    def _wizard(
        self, student: Student, actor: Actor, given: dict[str, str], *, finish: bool = True, **answers: str
    ) -> None:
        then = self._now - timedelta(hours=30)
        run = start_wizard(self._session, student_id=student.id, given=given, actor=actor, now=then)
        table = self._parts.proofreading
        for question, said in answers.items():
            answer_wizard(
                self._session, student_id=student.id, run_id=run.id, question=question, answer=said, table=table
            )
        if not finish:
            return
        finish_wizard(
            self._session, student_id=student.id, run_id=run.id, table=table, college="", actor=actor, now=then
        )


def stranger_picture() -> bytes:
    """Somebody else: a drawn figure, so that nobody takes it for a person."""
    image = Image.new("RGB", (480, 640), (150, 200, 235))
    pen = ImageDraw.Draw(image)
    pen.ellipse((60, 430, 420, 860), fill=(70, 78, 96))  # shoulders
    pen.polygon([(205, 400), (275, 400), (300, 480), (240, 540), (180, 480)], fill=(222, 178, 150))
    pen.ellipse((130, 100, 350, 420), fill=(40, 36, 36))  # hair
    pen.ellipse((148, 140, 332, 440), fill=(232, 190, 162))  # face
    for x in (205, 275):
        pen.ellipse((x - 11, 270, x + 11, 288), fill=(40, 36, 36))
    pen.arc((205, 330, 275, 375), 20, 160, fill=(150, 70, 70), width=5)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88, dpi=(300, 300))
    return buffer.getvalue()
