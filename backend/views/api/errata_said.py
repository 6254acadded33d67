"""How errata cases and their forms are said to programs."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from backend.compliance.findings import PictureVerdict, Report
from backend.enrollment.rules import masked_id_number
from backend.errata.forms import FormSpec, Kind, ReasonSpec
from backend.errata.operations import missing_parts
from backend.errata.records import ErratumCase
from backend.errata.rules import (
    CHANGEABLE,
    NEEDS_OTHER,
    NEEDS_PHOTO,
    WAITS_FOR,
    Action,
    Form,
    Party,
    Reason,
    State,
    actions_of,
)
from backend.views import access
from backend.views.api.contract import Answer, Next
from backend.views.api.findings import Finding, findings_of
from backend.views.errata_words import in_language
from backend.views.words import t

# steps that the asking student is told of: what the other student of a swap said is between that one and the staff
TOLD = frozenset(Action) - {Action.PAIR, Action.ANSWER, Action.EDIT}


class Named(Answer):
    """Something to choose, with its words in the caller's language."""

    name: str = Field(examples=["passport"])
    label: str = Field(examples=["Passport"])


class ColumnSaid(Answer):
    """A column of the form. `options` are the values of a choice."""

    name: str = Field(examples=["right_name"])
    label: str = Field(examples=["Right name"])
    hint: str = Field(examples=["As on the ID card"])
    kind: Kind
    required: bool
    options: list[Named]


class EvidenceSaid(Answer):
    name: str = Field(examples=["id_card"])
    label: str = Field(examples=["ID card, both sides"])
    required: bool


class ReasonSaid(Answer):
    """What one reason asks for. `needs_photo`: the right e-photo; `needs_other`: the other student of a swap."""

    reason: Reason
    title: str = Field(examples=["Name or ID number were wrong at the capture"])
    columns: list[ColumnSaid]
    evidence: list[EvidenceSaid]
    needs_photo: bool
    needs_other: bool


class FormSaid(Answer):
    """A form. `titles`: the names that it may bear; the first is taken when none is chosen."""

    form: Form
    titles: list[Named]
    purpose: str = Field(examples=["Asks for a correction of what was written down at the capture."])
    reasons: list[ReasonSaid]


class Forms(Answer):
    items: list[FormSaid]


class Erratum(Answer):
    """A case as lists show it. `waits_for`: who must act; `due_on`: until when."""

    id: int
    form: Form
    reason: Reason
    state: State
    state_since: datetime
    waits_for: Party | None
    due_on: date | None
    look_again_on: date | None


class Errata(Answer):
    """The newest first. `next`: the cursor of older ones."""

    items: list[Erratum]
    next: Next


class Piece(Answer):
    id: int
    kind: str = Field(examples=["id_card"])
    media_type: str = Field(examples=["image/jpeg"])
    pages: int
    added_at: datetime


class PhotoSaid(Answer):
    """The right e-photo with what the check found. With the verdict "retake" the case cannot be sent."""

    id: int
    verdict: PictureVerdict
    findings: list[Finding]
    added_at: datetime


class StepSaid(Answer):
    """One thing that was done with the case, with the words that came with it."""

    action: str = Field(examples=["submit"])
    party: str = Field(examples=["student"])
    state: State
    text: str = Field(examples=["The name on the ID card is another one."])
    at: datetime


class WholeErratum(Erratum):
    """The whole case. `revision` goes back with a change; `missing`: what it needs before it can be sent.

    `missing` names "column:<name>", "evidence:<kind>", "statement", "other" or "photo".
    """

    revision: int
    title: str = Field(examples=["image_info"])
    values: dict[str, str] = Field(examples=[{"right_name": "林小满"}])
    statement: str = Field(examples=["My name was typed wrongly at the capture."])
    other_name: str = Field(examples=["王安"])
    other_number: str = Field(examples=["F202400044"])
    evidence: list[Piece]
    photo: PhotoSaid | None
    missing: list[str] = Field(examples=[["evidence:id_card"]])
    actions: list[Action]
    steps: list[StepSaid]


class Asking(Answer):
    """A swap in which the caller is named as the other student: who asks, and whether it was answered."""

    id: int
    name: str = Field(examples=["王安"])
    state: State
    agrees: bool | None
    answered_at: datetime | None
    may_answer: bool


class Askings(Answer):
    """The newest first. `next`: the cursor of older ones."""

    items: list[Asking]
    next: Next


def form_said(spec: FormSpec) -> FormSaid:
    return FormSaid(
        form=spec.form,
        titles=[Named(name=title.name, label=in_language(title.label)) for title in spec.titles],
        purpose=in_language(spec.purpose),
        reasons=[_reason(reason) for reason in spec.reasons.values()],
    )


def _reason(spec: ReasonSpec) -> ReasonSaid:
    return ReasonSaid(
        reason=spec.reason,
        title=t(f"errata.reason.{spec.reason}.title"),
        columns=[
            ColumnSaid(
                name=column.name,
                label=in_language(column.label),
                hint=in_language(column.hint),
                kind=column.kind,
                required=column.required,
                options=[Named(name=option.name, label=in_language(option.label)) for option in column.options],
            )
            for column in spec.columns
        ],
        evidence=[
            EvidenceSaid(name=kind.name, label=in_language(kind.label), required=kind.required)
            for kind in spec.evidence
        ],
        needs_photo=spec.reason in NEEDS_PHOTO,
        needs_other=spec.reason in NEEDS_OTHER,
    )


def brief_said(case: ErratumCase) -> Erratum:
    return Erratum(
        id=case.id,
        form=Form(case.form),
        reason=Reason(case.reason),
        state=State(case.state),
        state_since=case.state_since,
        waits_for=WAITS_FOR.get(State(case.state)),
        due_on=case.due_on,
        look_again_on=case.look_again_on,
    )


def whole_said(case: ErratumCase) -> WholeErratum:
    return WholeErratum(
        **brief_said(case).model_dump(),
        revision=case.revision,
        title=case.title,
        values=_values(case),
        statement=case.statement,
        other_name=case.other_name,
        other_number=case.other_number,
        evidence=[
            Piece(id=item.id, kind=item.kind, media_type=item.media_type, pages=item.pages, added_at=item.added_at)
            for item in case.evidence
        ],
        photo=PhotoSaid(
            id=case.photo.id,
            verdict=PictureVerdict(case.photo.verdict),
            findings=findings_of(Report.from_dict(case.photo.report)),
            added_at=case.photo.added_at,
        )
        if case.photo
        else None,
        missing=missing_parts(case, access.parts().forms),
        actions=list(actions_of(State(case.state), Party.STUDENT)),
        steps=[
            StepSaid(action=step.action, party=step.party, state=State(step.state_after), text=step.text, at=step.at)
            for step in case.steps
            if step.action in TOLD
        ],
    )


def _values(case: ErratumCase) -> dict[str, str]:
    """What was written; ID numbers are whole only while the student still writes."""
    if case.state in CHANGEABLE:
        return case.values
    columns = {column.name: column for column in access.parts().forms.of(case.form, case.reason).columns}
    numbers = {name for name, column in columns.items() if column.kind is Kind.ID_NUMBER}
    return {name: masked_id_number(value) if name in numbers else value for name, value in case.values.items()}


def asking_said(case: ErratumCase) -> Asking:
    return Asking(
        id=case.id,
        name=case.student.name,
        state=State(case.state),
        agrees=case.other_agrees,
        answered_at=case.other_answered_at,
        may_answer=Action.ANSWER in actions_of(State(case.state), Party.OTHER),
    )
