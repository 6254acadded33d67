"""Invented graduates without a photo: each of the three ways at several desks, and applications without an account."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.adapters.posters import poster_fonts
from backend.alumni import applications, operations, packages, papers
from backend.alumni.papers import SCANS_CONSENT, StoredPaper
from backend.alumni.records import AlumniCase
from backend.alumni.rules import Answers, CaseAction, Party
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES, Scope
from backend.compliance.assess import Assessment
from backend.consent.operations import give_consent
from backend.days import day_of
from backend.demo.people import invented_certificate_number, invented_id_number
from backend.doctor import files_in_use
from backend.enrollment.operations import confirm_enrollment, enrol_student
from backend.enrollment.records import Cohort, Student
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.parts import Parts
from backend.photos.operations import decide, keep_draft, submit_photo
from backend.photos.queries import photo_of
from backend.photos.rules import Action, Source
from backend.records import begin_write


@dataclass(frozen=True)
class Graduate:
    """One invented graduate; `serial` counts from 0."""

    serial: int
    name: str
    way: str  # how far they have come: see Alumni.load
    graduated_on: date = date(2018, 7, 1)

    @property
    def student_number(self) -> str:
        return f"F2015{self.serial + 1:05d}"

    @property
    def certificate_number(self) -> str:
        return invented_certificate_number(900 + self.serial)

    @property
    def id_number(self) -> str:
        return invented_id_number(date(1988, 1 + self.serial % 12, 11), 300 + self.serial, male=self.serial % 2 == 1)


_WAYS = (
    ("黎照水", "bind"), ("尤里江", "bind_missing"), ("容若初", "capture"), ("宗白羽", "capture_prints"),
    ("简宁", "scans_begun"), ("戚少商", "scans_centre"), ("陆小曼", "scans_returned"), ("裴长风", "scans_college"),
    ("柳𬱖", "scans_approved"), ("顾㛃", "scans_sent"), ("穆清扬", "bind_done"), ("章台柳", "since"),
    ("施一念", ""), ("柏青山", ""), ("汤显然", ""), ("莫等闲", ""), ("纪晓云", "applied"),
)  # fmt: skip
GRADUATES = tuple(
    Graduate(n, name, way, date(2020, 7, 1) if way == "since" else date(2018, 7, 1))
    for n, (name, way) in enumerate(_WAYS)
)

BIND = Answers("no", "before", "yes", "yes")
CAPTURE = Answers("no", "before", "no", "no")
SCANS = Answers("no", "before", "yes", "no")


class Alumni:
    """Loads the graduates. check: kind of picture -> file and assessment; account: makes somebody's account."""

    def __init__(
        self,
        parts: Parts,
        *,
        session: Session,
        check: Callable[[str], tuple[bytes, Assessment]],
        account: Callable[[Session, Student, datetime], Actor],
        now: datetime,
    ) -> None:
        self._parts, self._session, self._check, self._account = parts, session, check, account
        self._now, self._rules = now, parts.alumni

    def load(self, centres: Sequence[Centre]) -> None:
        students = self._enrol(centres)
        self._staff = Actor(ActorKind.STAFF, self._account_id(Role.CENTRE_STAFF, centres[0].id))
        self._college = Actor(ActorKind.STAFF, self._account_id(Role.REGISTRY, None))
        self._scope = Scope(centres[0].id)
        for graduate, student in zip(GRADUATES, students, strict=True):
            then = self._now - timedelta(days=12) + timedelta(hours=6 * graduate.serial)
            if graduate.way == "applied":
                self._apply(graduate.name, graduate.id_number, graduate.certificate_number, centres[0].id, then)
            elif graduate.way:
                self._way(graduate, student, then)
        stranger = invented_id_number(date(1987, 3, 3), 77, male=True)
        self._apply("郝不同", stranger, "", centres[0].id, self._now - timedelta(days=2))
        self._apply("全无名", invented_id_number(date(1986, 5, 5), 78, male=False), "", None, self._now)

    def _enrol(self, centres: Sequence[Centre]) -> list[Student]:
        begin_write(self._session)
        cohort = self._session.scalars(select(Cohort).where(Cohort.code == "2018Q")).one()
        students = [
            enrol_student(
                self._session,
                actor=SYSTEM,
                now=self._now - timedelta(days=19),
                centre_id=centres[0].id,
                cohort_id=cohort.id,
                student_number=graduate.student_number,
                # one lost it, and the roster has none: the application finds them by the ID number
                certificate_number=None if graduate.serial == 15 else graduate.certificate_number,
                name=graduate.name,
                gender="male" if graduate.serial % 2 else "female",
                id_document="resident",
                id_number=graduate.id_number,
                level="专升本",
                programme="汉语言文学",
                study_form="网络教育",
                entry_date=date(2015, 9, 1),
                study_years="2.5",
                status="毕业",
                graduated_on=graduate.graduated_on,
            )
            for graduate in GRADUATES
        ]
        self._session.commit()
        return students

    def _way(self, graduate: Graduate, student: Student, then: datetime) -> None:
        way = graduate.way
        actor = self._account(self._session, student, then)
        answers = BIND if way.startswith("bind") else CAPTURE if way.startswith("capture") else SCANS
        case = operations.open_case(
            self._session, student_id=student.id, answers=answers, rules=self._rules, actor=actor, now=then
        )
        if way in ("bind_missing", "bind_done"):
            found = way == "bind_done"
            self._own(operations.report_result, case, student, actor, then + timedelta(hours=3), found=found)
        elif way == "capture_prints":
            self._photo(student, actor, then)
            self._desk(operations.receive_prints, case, then, count=1, received_on=day_of(then))
            self._own(operations.submit_case, case, student, actor, then + timedelta(hours=9))
        elif way.startswith("scans"):
            self._scans(way, case, student, actor, then)

    def _scans(self, way: str, case: AlumniCase, student: Student, actor: Actor, then: datetime) -> None:
        self._consent(student, SCANS_CONSENT, actor, then)
        kinds = ("diploma", "id_front") if way == "scans_begun" else ("diploma", "id_front", "id_back", "photo")
        for kind in kinds:
            self._paper(case, student, kind, actor, then)
        if way == "scans_begun":
            return
        self._own(operations.submit_case, case, student, actor, then + timedelta(hours=1))
        if way == "scans_centre":
            return
        later = then + timedelta(hours=20)
        if way == "scans_returned":
            reason = "身份证国徽面有反光，有效期看不清，请重拍一张。"
            self._desk(operations.decide_case, case, later, action=CaseAction.RETURN, reason=reason)
            return
        sheet = drawn("学历证书电子注册图像补报意见表", ("原件已核对，同意补报。", "（盖章）", student.name))
        papers.add_sheet(
            self._session,
            scope=self._scope,
            party=Party.CENTRE,
            case_id=case.id,
            paper=StoredPaper("sheet", self._parts.files.put(sheet), "image/jpeg", len(sheet)),
            files=self._parts.files,
            used=files_in_use,
            rules=self._rules,
            actor=self._staff,
            now=later,
        )
        self._desk(
            operations.endorse_case, case, later, opinion="毕业证、身份证原件已核对，照片与毕业证一致，同意补报。"
        )
        if way in ("scans_approved", "scans_sent"):
            approve = {"action": CaseAction.APPROVE, "reason": ""}
            self._desk(operations.decide_case, case, later, college=True, **approve)
        if way == "scans_sent":
            package = packages.make_package(
                self._session, case_ids=[case.id], rules=self._rules, actor=self._college, now=later
            )
            packages.send_package(
                self._session,
                package_id=package.id,
                sent_on=day_of(later),
                rules=self._rules,
                actor=self._college,
                now=later + timedelta(hours=1),
            )

    def _paper(self, case: AlumniCase, student: Student, kind: str, actor: Actor, then: datetime) -> None:
        files = self._parts.files
        if kind == "photo":
            content, found = self._check("white")
            paper = StoredPaper(
                kind,
                files.put(content),
                "image/jpeg",
                len(content),
                judged_file=files.put(found.judged_jpeg),
                registration_file=files.put(found.registration_jpeg) if found.registration_jpeg else None,
                report=found.report.as_dict(),
            )
        else:
            content = _scan(kind, student)
            paper = StoredPaper(kind, files.put(content), "image/jpeg", len(content))
        papers.add_paper(
            self._session,
            student_id=student.id,
            case_id=case.id,
            paper=paper,
            files=files,
            used=files_in_use,
            rules=self._rules,
            actor=actor,
            now=then,
        )

    def _photo(self, student: Student, actor: Actor, then: datetime) -> None:
        confirm_enrollment(self._session, student_id=student.id, seen_version=1, actor=actor, now=then)
        self._consent(student, "photo_handling", actor, then)
        content, found = self._check("grey")
        draft = keep_draft(
            self._session,
            files=self._parts.files,
            student_id=student.id,
            content=content,
            assessment=found,
            source=Source.CAMERA,
            keep_minutes=60,
            actor=actor,
            now=then,
        )
        submit_photo(self._session, student_id=student.id, draft_id=draft.id, ask_person=None, actor=actor, now=then)
        photo = photo_of(self._session, student.id)
        assert photo is not None  # noqa: S101 - submitted just before
        decide(
            self._session,
            scope=self._scope,
            photo_id=photo.id,
            seen_revision=photo.revision,
            action=Action.ACCEPT,
            reasons=(),
            text_student="",
            text_staff="",
            undo_seconds=self._parts.settings.photos.undo_seconds,
            actor=self._staff,
            now=then + timedelta(hours=3),
        )

    def _consent(self, student: Student, name: str, actor: Actor, then: datetime) -> None:
        purpose = self._parts.purposes[name]
        give_consent(
            self._session,
            student_id=student.id,
            purpose=purpose,
            seen_version=purpose.version,
            language="zh-CN",
            actor=actor,
            now=then,
        )

    def _own(
        self,
        verb: Callable[..., AlumniCase],
        case: AlumniCase,
        student: Student,
        actor: Actor,
        then: datetime,
        **more: object,
    ) -> None:
        verb(
            self._session,
            student_id=student.id,
            case_id=case.id,
            seen_revision=case.revision,
            rules=self._rules,
            actor=actor,
            now=then,
            **more,
        )

    def _desk(
        self,
        verb: Callable[..., AlumniCase],
        case: AlumniCase,
        then: datetime,
        *,
        college: bool = False,
        **more: object,
    ) -> None:
        verb(
            self._session,
            scope=ALL_CENTRES if college else self._scope,
            party=Party.REGISTRY if college else Party.CENTRE,
            case_id=case.id,
            seen_revision=case.revision,
            rules=self._rules,
            actor=self._college if college else self._staff,
            now=then,
            **more,
        )

    def _apply(self, name: str, id_number: str, certificate: str, centre_id: int | None, then: datetime) -> None:
        applications.apply(
            self._session,
            name=name,
            certificate_number=certificate,
            id_number=id_number,
            phone="0591-00000099",
            centre_id=centre_id,
            answers=SCANS,
            rules=self._rules,
            now=then,
        )

    def _account_id(self, role: Role, centre_id: int | None) -> int:
        query = select(Account.id).where(Account.role == role.value)
        if centre_id is not None:
            query = query.where(Account.centre_id == centre_id)
        return self._session.scalars(query.order_by(Account.id).limit(1)).one()


def _scan(kind: str, student: Student) -> bytes:
    """A drawn stand-in for a scan: it says in its middle that it is invented."""
    lines = {
        "diploma": (
            "毕 业 证 书",
            f"{student.name}，汉语言文学专业，准予毕业",
            f"证书编号 {student.certificate_number}",
        ),
        "id_front": ("居民身份证（样例）", f"姓名  {student.name}", f"公民身份号码  {student.id_number}"),
        "id_back": ("居民身份证（样例）", "签发机关  样例市公安局", "有效期限  2016.01.01-2036.01.01"),
    }[kind]
    return drawn(lines[0], lines[1:])


def drawn(title: str, lines: Sequence[str]) -> bytes:
    """A card with these words and 「虚构样例」 across it, as JPEG."""
    font = poster_fonts("")[0]

    def letters(size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(font.path, size, index=font.index)

    card = Image.new("RGB", (1100, 700), (226, 226, 220))
    draw = ImageDraw.Draw(card)
    draw.rounded_rectangle((60, 60, 1040, 640), 30, fill=(250, 249, 244), outline=(120, 130, 124), width=4)
    draw.text((550, 150), title, font=letters(54), fill=(150, 40, 34), anchor="mm")
    for number, line in enumerate(lines):
        draw.text((120, 250 + 90 * number), line, font=letters(38), fill=(40, 44, 42))
    draw.text((550, 570), "虚构样例  不是证件", font=letters(46), fill=(176, 188, 182), anchor="mm")
    kept = io.BytesIO()
    card.save(kept, "JPEG", quality=85)
    return kept.getvalue()
