"""The invented college's errata: a case in each state, a swapped pair, two identity reviews."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.rules import ALL_CENTRES, Scope
from backend.compliance.findings import Mode
from backend.days import day_of
from backend.enrollment.operations import Evidence
from backend.enrollment.records import Student
from backend.errata.beginnings import OtherStudent
from backend.errata.operations import (
    act_on_case,
    answer_swap,
    attach_evidence,
    attach_photo,
    confirm_case,
    edit_case,
    open_case,
    pair_student,
    send_cases,
    submit_case,
)
from backend.errata.records import ErratumCase
from backend.errata.rules import Action, Form, Origin, Party, Reason
from backend.history.rules import Actor, ActorKind
from backend.identity.operations import act_on_review, add_evidence, open_identity_case
from backend.identity.rules import Action as ReviewAction
from backend.identity.rules import Mark
from backend.identity.rules import Party as ReviewParty
from backend.parts import Parts
from backend.photos.queries import photo_of, versions_of


class Errata:
    """Opens cases and brings each as far as it shall come."""

    def __init__(self, parts: Parts, session: Session, students: Sequence[Student], now: datetime) -> None:
        self._parts, self._session, self._students, self._now = parts, session, students, now
        self._registry = self._staff(None, Role.REGISTRY)

    def load(self) -> None:
        self._case(
            8, Form.DELETE_CONCLUSION, Reason.WRONG_CLICK, _CLICK, "点快了，其实照片是对的。", days=1, until="draft"
        )
        self._case(3, Form.IMAGE_INFO, Reason.SWAPPED, _SWAP, "当天我排在她后面，序号可能颠倒了。", days=7, other=6)
        pair = self._case(
            0, Form.IMAGE_INFO, Reason.SWAPPED, _SWAP, "我们是同一天采集的，照片正好对调。", days=6, other=15
        )
        self._pair(pair, 15, agrees=True)
        self._act(pair, Action.OPINE, "已联系两位同学核对，情况属实，同意上报。", days=4)
        returned = self._case(
            1, Form.IMAGE_INFO, Reason.CAPTURE_DATA, _PRINTED_NAME, "采集时工作人员录错了一个字。", days=5
        )
        self._act(returned, Action.RETURN, "纸质照片拍得看不清，请重新拍一张，姓名和号码要能看清。", days=3)
        approved = self._case(
            2, Form.PHOTO, Reason.NOT_ME, _NOT_ME, "学信网上的照片是一位不认识的同学。", days=9, photo=True
        )
        self._act(approved, Action.OPINE, "情况属实。", days=8)
        self._act(approved, Action.DECIDE, "同意更正。", days=2)
        sent = self._sent(4, Form.DATA_CHECK, Reason.PRINTED_DATA, _PRINTED, "纸质照片上的专业印错了。", days=16)
        corrected = self._sent(5, Form.DELETE_CONCLUSION, Reason.WRONG_CLICK, _CLICK, "点成了「照片错误」。", days=17)
        confirmed = self._sent(7, Form.DATA_CHECK, Reason.PAPER_PHOTO, _PAPER, "装照片的袋子里是别人的照片。", days=18)
        self._send([sent, corrected, confirmed])
        for case in (corrected, confirmed):
            self._act(case, Action.CORRECT, "", days=2)
        confirm_case(
            self._session, forms=self._parts.forms, student_id=confirmed.student_id, case_id=confirmed.id,
            seen_revision=self._fresh(confirmed).revision, actor=self._student(confirmed.student_id), now=self._day(1),
        )  # fmt: skip
        self._reviews()

    def _sent(
        self, place: int, form: Form, reason: Reason, values: Mapping[str, str], words: str, *, days: int
    ) -> ErratumCase:
        case = self._case(place, form, reason, values, words, days=days)
        self._act(case, Action.OPINE, "情况属实。", days=days - 1)
        self._act(case, Action.DECIDE, "同意更正。", days=days - 3)
        return case

    def _case(
        self,
        place: int,
        form: Form,
        reason: Reason,
        values: Mapping[str, str],
        words: str,
        *,
        days: int,
        until: str = "submitted",
        other: int | None = None,
        photo: bool = False,
    ) -> ErratumCase:
        student, forms, session = self._students[place], self._parts.forms, self._session
        actor, now = self._student(student.id), self._day(days)
        named = OtherStudent(self._students[other].name, self._students[other].student_number) if other else None
        case = open_case(
            session, student_id=student.id, form=form, reason=reason, values=values, other_student=named,
            origin=Origin.PROOFREADING, actor=actor, now=now,
        )  # fmt: skip
        case = edit_case(
            session, forms=forms, student_id=student.id, case_id=case.id, seen_revision=case.revision, title="",
            values=values, statement=words, other_student=named, actor=actor, now=now,
        )  # fmt: skip
        for kind in forms.of(form, reason).evidence:
            if kind.required:
                attach_evidence(
                    session, forms=forms, student_id=student.id, case_id=case.id, kind=kind.name,
                    evidence=[self._scan(kind.label["zh-CN"], student)], actor=actor, now=now,
                )  # fmt: skip
        if photo:
            self._photo(case, student, actor, now)
        if until == "draft":
            return case
        return submit_case(
            session, forms=forms, student_id=student.id, case_id=case.id, seen_revision=self._fresh(case).revision,
            actor=actor, now=now,
        )  # fmt: skip

    def _photo(self, case: ErratumCase, student: Student, actor: Actor, now: datetime) -> None:
        """The registration file that the centre accepted, judged once more as a finished one."""
        photo = photo_of(self._session, student.id)
        name = versions_of(self._session, photo.id)[0].registration_file if photo else None
        if name is None:
            return
        content = self._parts.files.get(name)
        profile = self._parts.settings.photos.default_profile
        assessment = self._parts.check(content, file_name="demo.jpg", mode=Mode.FINAL, profile=profile)
        attach_photo(
            self._session, files=self._parts.files, student_id=student.id, case_id=case.id, content=content,
            assessment=assessment, actor=actor, now=now,
        )  # fmt: skip

    def _pair(self, case: ErratumCase, other: int, *, agrees: bool) -> None:
        found, session = self._students[other], self._session
        pair_student(
            session, scope=Scope(case.student.centre_id), party=Party.CENTRE, case_id=case.id,
            seen_revision=self._fresh(case).revision, name=found.name, student_number=found.student_number,
            actor=self._staff(case.student.centre_id, Role.CENTRE_STAFF), now=self._day(5),
        )  # fmt: skip
        answer_swap(
            session, student_id=found.id, case_id=case.id, agrees=agrees, text="", actor=self._student(found.id),
            now=self._day(5),
        )  # fmt: skip

    def _act(self, case: ErratumCase, action: Action, words: str, *, days: int) -> None:
        centre = action in (Action.OPINE, Action.RETURN)
        place = case.student.centre_id
        act_on_case(
            self._session, forms=self._parts.forms, scope=Scope(place) if centre else ALL_CENTRES,
            party=Party.CENTRE if centre else Party.COLLEGE, case_id=case.id,
            seen_revision=self._fresh(case).revision, action=action, text=words,
            actor=self._staff(place, Role.CENTRE_STAFF) if centre else self._registry, now=self._day(days),
        )  # fmt: skip

    def _send(self, cases: Sequence[ErratumCase]) -> None:
        then = self._day(12)
        send_cases(
            self._session, forms=self._parts.forms, scope=ALL_CENTRES, party=Party.COLLEGE,
            case_ids=[case.id for case in cases], handed_over_on=day_of(then),
            round_name=f"{day_of(then):%Y-%m}", actor=self._registry, now=then,
        )  # fmt: skip

    def _reviews(self) -> None:
        source = f"{day_of(self._day(6))} 在校生名单"
        cases = [
            open_identity_case(
                self._session, scope=ALL_CENTRES, student_id=self._students[place].id, mark=mark, source=source,
                rounds=self._parts.rounds, actor=self._registry, now=self._day(6),
            )
            for place, mark in ((12, Mark.UNCERTAIN), (13, Mark.FAILED))
        ]  # fmt: skip
        second, student = cases[1], self._students[13]
        for kind in self._parts.rounds.wanted:
            if kind.required:
                second = add_evidence(
                    self._session, scope=None, student_id=student.id, party=ReviewParty.STUDENT, case_id=second.id,
                    kind=kind.name, evidence=[self._scan(kind.label["zh-CN"], student)], rounds=self._parts.rounds,
                    actor=self._student(student.id), now=self._day(3),
                )  # fmt: skip
        act_on_review(
            self._session, scope=None, student_id=student.id, party=ReviewParty.STUDENT, case_id=second.id,
            seen_revision=second.revision, action=ReviewAction.HAND_IN, text="", rounds=self._parts.rounds,
            actor=self._student(student.id), now=self._day(3),
        )  # fmt: skip

    def _scan(self, words: str, student: Student) -> Evidence:
        """A sheet of paper with lines on it, as a scan."""
        sheet = Image.new("RGB", (1000, 700), (250, 249, 245))
        draw = ImageDraw.Draw(sheet)
        draw.rectangle((40, 40, 960, 660), outline=(150, 150, 150), width=3)
        for line in range(6 + (student.id + len(words)) % 4):  # every sheet differs a little
            draw.rectangle(
                (330, 110 + line * 55, 880 - (line * 83 + student.id * 7) % 300, 122 + line * 55), fill=(196, 200, 205)
            )
        draw.rectangle((90, 100, 270, 340), fill=(207, 226, 240), outline=(150, 150, 150))
        kept = io.BytesIO()
        sheet.save(kept, "JPEG", quality=80)
        content = kept.getvalue()
        return Evidence(self._parts.files.put(content), "image/jpeg", len(content))

    def _fresh(self, case: ErratumCase) -> ErratumCase:
        return self._session.get_one(ErratumCase, case.id)

    def _student(self, student_id: int) -> Actor:
        found = self._session.scalar(select(Account.id).where(Account.student_id == student_id))
        return Actor(ActorKind.STUDENT, found)

    def _staff(self, centre_id: int | None, role: Role) -> Actor:
        query = select(Account.id).where(Account.role == role.value, Account.centre_id == centre_id)
        return Actor(ActorKind.STAFF, self._session.scalars(query.limit(1)).one())

    def _day(self, days: int) -> datetime:
        return self._now - timedelta(days=days)


_CLICK = {"pressed": "photo_wrong", "pressed_on": "2026-10-08"}
_SWAP = {"seen": "both"}
_PRINTED_NAME = {"printed_name": "陈䶮㛃", "printed_number": "990101199601010019"}
_NOT_ME = {"shown": "一位不认识的同学"}
_PRINTED = {"field": "专业", "wrong_value": "汉语言", "right_value": "汉语言文学"}
_PAPER = {"where": "paper"}


def load_errata(parts: Parts, session: Session, students: Sequence[Student], now: datetime) -> None:
    Errata(parts, session, students, now).load()
