"""Errata cases in words: the way as a line, the form as it is printed, whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.accounts.queries import names_of
from backend.adapters.forms import FormContent, PrintedForm, Signed, render_form
from backend.days import ZONE
from backend.enrollment.records import Student
from backend.enrollment.rules import masked_id_number
from backend.errata.forms import Column, Kind
from backend.errata.records import ErratumCase, ErratumStep
from backend.errata.rules import NEEDS_OTHER, WAITS_FOR, Action, Form, Reason, State
from backend.views import access
from backend.views.words import look, t
from backend.words import say

PRINTED = "zh-CN"  # forms are read by colleges in China, whatever language the printing person reads

# the stops of the way: what waits there, and the action that ends it
STOPS = (
    (State.DRAFT, (Action.SUBMIT,)),
    (State.SUBMITTED, (Action.OPINE,)),
    (State.WITH_COLLEGE, (Action.DECIDE,)),
    (State.APPROVED, (Action.SEND,)),
    (State.SENT, (Action.CORRECT, Action.CONFIRM)),
    (State.CORRECTED, (Action.CONFIRM,)),
)


@dataclass(frozen=True)
class Stop:
    """One stop of the way. step: what ended it, None while it has not ended."""

    state: State
    standing: str  # "done", "current" or "todo"
    step: ErratumStep | None


def stops_of(case: ErratumCase) -> tuple[Stop, ...]:
    """Where the case has been since it was last sent, where it is, what comes."""
    state = State(case.state)
    here = State.DRAFT if state is State.RETURNED else state
    order = [stop for stop, _ in STOPS]
    place = order.index(here) if here in order else _last_place(case, order)
    found = []
    for number, (stop, ends) in enumerate(STOPS):
        done = state is State.CONFIRMED or number < place
        ended = next((step for step in reversed(case.steps) if step.action in ends), None) if done else None
        standing = "done" if done else "current" if number == place and here in order else "todo"
        found.append(Stop(stop, standing, ended))
    return tuple(found)


def _last_place(case: ErratumCase, order: list[State]) -> int:
    """How far a case came that was taken back or closed."""
    before = [State(step.state_after) for step in case.steps if step.state_after in order]
    return order.index(before[-1]) if before else 0


def in_language(words: Mapping[str, str]) -> str:
    return words[look().language]


def form_title(case: ErratumCase) -> str:
    """The name of the case's form, in the reader's language."""
    return in_language(access.parts().forms.forms[Form(case.form)].title(case.title).label)


def shown_value(column: Column, value: str, language: str) -> str:
    """What was written into a column, as it is read."""
    if column.kind is Kind.CHOICE:
        return next((option.label[language] for option in column.options if option.name == value), value)
    return value


def waits_for(case: ErratumCase) -> str:
    """Who must act, as a key of area errata; "" when nobody must."""
    party = WAITS_FOR[State(case.state)]
    return party.value if party else ""


def printed(case: ErratumCase, *, in_full: bool = False) -> PrintedForm:
    """The case's form on A4. in_full: with whole ID numbers, which the caller has written into the history."""
    parts = access.parts()
    return render_form(
        form_content(case, in_full=in_full),
        templates=parts.webapp / "print",
        font_file=parts.settings.notices.poster_font,
    )


def form_content(case: ErratumCase, *, in_full: bool = False) -> FormContent:
    forms = access.parts().forms
    form, spec = forms.forms[Form(case.form)], forms.of(case.form, case.reason)
    kinds = {kind.name: kind.label[PRINTED] for kind in spec.evidence}
    wrong = [(_say("print.reason"), _say(f"reason.{case.reason}.title"))]
    for column in spec.columns:
        value = shown_value(column, case.values.get(column.name, ""), PRINTED)
        if column.kind is Kind.ID_NUMBER and not in_full:
            value = masked_id_number(value)
        wrong.append((column.label[PRINTED], value or "—"))
    if case.photo is not None:
        wrong.append((_say("print.photo"), _say(f"print.verdict.{case.photo.verdict}")))
    return FormContent(
        title=form.title(case.title).label[PRINTED],
        ours=_say("print.ours"),
        number=_say("print.number", number=case.id),
        rows=_person_rows(case.student, in_full=in_full),
        other_label=_say("print.other"),
        other=_other_rows(case, in_full=in_full),
        wrong_label=_say("print.wrong"),
        wrong=tuple(wrong),
        evidence_label=_say("print.evidence"),
        evidence=tuple(
            _say("print.piece", kind=kinds.get(item.kind, _say("evidence.other")), pages=item.pages)
            for item in case.evidence
        ),
        signed=_signed(case),
        footer=_say("print.footer"),
    )


def _person_rows(student: Student, *, in_full: bool) -> tuple[tuple[str, str], ...]:
    number = student.id_number if in_full else masked_id_number(student.id_number)
    return (
        (_say("print.name"), student.name),
        (_say("print.student_number"), student.student_number),
        (_say("print.id_number"), number),
        (_say("print.centre"), student.centre.name),
        (_say("print.programme"), student.programme),
        (_say("print.level"), student.level),
        (_say("print.cohort"), student.cohort.name if student.cohort else "—"),
        (_say("print.status"), student.status),
    )


def _other_rows(case: ErratumCase, *, in_full: bool) -> tuple[tuple[str, str], ...]:
    if Reason(case.reason) not in NEEDS_OTHER:
        return ()
    if case.other is not None:
        return _person_rows(case.other, in_full=in_full)[:4]
    return ((_say("print.name"), case.other_name or "—"), (_say("print.student_number"), case.other_number or "—"))


def _signed(case: ErratumCase) -> tuple[Signed, ...]:
    people = names_of(access.session(), {step.actor_id for step in case.steps if step.actor_id is not None})

    def last(action: Action) -> ErratumStep | None:
        return next((step for step in reversed(case.steps) if step.action == action), None)

    def part(label: str, action: Action, place: str) -> Signed:
        step = last(action)
        name = people.get(step.actor_id or 0, "") if step else ""
        return Signed(_say(label), step.text if step else "", name, _day(step), _say(place))

    send = last(Action.SEND)
    handed = _say("print.handed", date=case.handed_over_on, round=case.round) if case.handed_over_on else ""
    submitted = last(Action.SUBMIT)
    return (
        Signed(_say("print.statement"), case.statement, "", _day(submitted), _say("print.sign")),
        part("print.opinion", Action.OPINE, "print.seal"),
        part("print.decision", Action.DECIDE, "print.seal"),
        Signed(
            _say("print.hand_over"), handed, people.get(send.actor_id or 0, "") if send else "", _day(send),
            _say("print.by"),
        ),
    )  # fmt: skip


def _day(step: ErratumStep | None) -> str:
    if step is None:
        return ""
    day = step.at.astimezone(ZONE)
    return f"{day.year}年{day.month}月{day.day}日"


def _say(key: str, **values: object) -> str:
    return say(access.parts().webapp / "i18n", PRINTED, "errata." + key, **values)


def missing_on(case: ErratumCase) -> str:
    """The characters of the printed form that no font has, in words; "" when there are none."""
    missing = printed(case).missing
    return t("errata.print.and").join(f"{sign} (U+{ord(sign):04X})" for sign in missing)
