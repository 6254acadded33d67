"""How an errata case begins, in the transaction of whoever begins it; and how staff take one back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.enrollment.records import Student
from backend.enrollment.rules import normalised_name
from backend.errata.forms import MAX_VALUE
from backend.errata.queries import open_case_of
from backend.errata.records import ErratumCase, ErratumStep
from backend.errata.rules import FINAL, REASONS, Action, Form, Origin, Party, Reason, State, next_state
from backend.errors import NotAllowed
from backend.history.operations import happened
from backend.history.rules import Actor, Fact


@dataclass(frozen=True)
class OtherStudent:
    """The other student of a swap, as the student names them: nobody is looked up."""

    name: str
    student_number: str


def begin_case(
    session: Session,
    *,
    student_id: int,
    form: Form,
    reason: Reason,
    values: Mapping[str, str],
    other_student: OtherStudent | None = None,
    origin: Origin,
    party: Party = Party.STUDENT,
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    """A draft, which the student completes; an open case of this form and reason is given instead. The caller commits.

    party: who begins it. Raises NotAllowed when the form knows no such reason.
    """
    if reason not in REASONS[form]:
        raise NotAllowed(form=form.value, reason=reason.value)
    session.get_one(Student, student_id, with_for_update={"of": Student})  # two taps make one case
    known = open_case_of(session, student_id=student_id, form=form, reason=reason)
    if known is not None:
        return known
    case = ErratumCase(
        student_id=student_id,
        form=form.value,
        title="",
        reason=reason.value,
        origin=origin.value,
        state=State.DRAFT.value,
        state_since=now,
        opened_at=now,
        statement="",
        other_name=normalised_name(other_student.name)[:60] if other_student else "",
        other_number=other_student.student_number.strip()[:32] if other_student else "",
    )
    case.values = {name: value.strip()[:MAX_VALUE] for name, value in values.items() if value.strip()}
    session.add(case)
    session.flush()
    add_step(session, case, "open", party, "", actor, now)
    facts = {"state": case.state, "form": case.form, "reason": case.reason, "origin": case.origin}
    happened(session, Fact("erratum.opened", case.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    return case


def take_back_case(session: Session, *, case_id: int, party: Party, actor: Actor, now: datetime) -> bool:
    """Staff opened the case by a slip: it is withdrawn while the student has not touched it. The caller commits.

    False when the student works on it: then it stays. A case that the student opened, or that is over, is let be.
    """
    case = session.get_one(ErratumCase, case_id, with_for_update={"of": ErratumCase})
    state = State(case.state)
    if case.origin != Origin.STAFF or state in FINAL:
        return True
    if state is not State.DRAFT or case.revision > 1:
        return False
    case.state = next_state(state, Action.TAKE_BACK, party).value
    case.state_since, case.revision = now, case.revision + 1
    add_step(session, case, Action.TAKE_BACK.value, party, "", actor, now)
    fact = Fact("erratum.taken_back", case.id, owner_id=case.student_id, facts={"state": case.state})
    happened(session, fact, actor=actor, now=now)
    return True


def add_step(
    session: Session, case: ErratumCase, action: str, party: Party | None, text: str, actor: Actor, now: datetime
) -> None:
    """One line of the case's own story."""
    last = session.scalar(select(func.max(ErratumStep.number)).where(ErratumStep.case_id == case.id)) or 0
    session.add(
        ErratumStep(
            case_id=case.id, number=last + 1, action=action, state_after=case.state, party=party or "",
            actor_id=actor.id, text=text, at=now,
        )
    )  # fmt: skip
