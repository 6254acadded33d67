"""The verbs of identity reviews: open, add evidence, hand in, decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.operations import Evidence
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.identity.queries import open_review_of
from backend.identity.records import IdentityCase, IdentityEvidence, IdentityStep
from backend.identity.rules import (
    FINAL,
    MAX_WORDS,
    NEEDS_WORDS,
    Action,
    Mark,
    Party,
    Rounds,
    State,
    next_state,
)
from backend.records import begin_write

MAX_EVIDENCE = 20  # pieces of one review


def open_identity_case(
    session: Session,
    *,
    scope: Scope,
    student_id: int,
    mark: Mark,
    source: str,
    rounds: Rounds,
    actor: Actor,
    now: datetime,
) -> IdentityCase:
    """Staff open a review by hand. A review that is under way is given instead."""
    begin_write(session)
    student = session.get(Student, student_id, with_for_update={"of": Student})
    if student is None or not scope.covers(student.centre_id):
        raise NotFound(student=student_id)
    case = note_mark(session, student=student, mark=mark, source=source, rounds=rounds, actor=actor, now=now)
    session.commit()
    return case


def note_mark(
    session: Session, *, student: Student, mark: Mark, source: str, rounds: Rounds, actor: Actor, now: datetime
) -> IdentityCase:
    """A download bears this mark: a review is opened, unless one is under way. The caller commits."""
    known = open_review_of(session, student.id)
    if known is not None:
        if known.mark != mark.value:
            known.mark = mark.value
            known.revision += 1
            record_fact(
                session, Fact("identity_review.mark_changed", known.id, owner_id=student.id), actor=actor, now=now
            )
        return known
    found = rounds.current(day_of(now))
    case = IdentityCase(
        student_id=student.id,
        mark=mark.value,
        state=State.OPEN.value,
        state_since=now,
        due_on=found.due_on(State.OPEN) if found else None,
        round=found.name if found else "",
        source=source[:80],
        opened_at=now,
    )
    session.add(case)
    session.flush()
    _step(session, case, "opened", "", actor, now)
    # the fact names no mark: the history is read by more people than the review
    fact = Fact("identity_review.opened", case.id, owner_id=student.id, facts={"state": case.state})
    happened(session, fact, actor=actor, now=now)
    return case


def check_may_add(case: IdentityCase, party: Party | None, *, pieces: int) -> None:
    """Could evidence be added? Asked before it is stored. Raises NotAllowed, Invalid."""
    next_state(State(case.state), Action.ADD, party)
    if len(case.evidence) + pieces > MAX_EVIDENCE:
        raise Invalid({"evidence": "too_many_pieces"})


def add_evidence(
    session: Session,
    *,
    scope: Scope | None,
    student_id: int | None,
    party: Party,
    case_id: int,
    kind: str,
    evidence: Sequence[Evidence],
    rounds: Rounds,
    actor: Actor,
    now: datetime,
) -> IdentityCase:
    """Pictures or PDFs that are already in the file store, from the student or from staff."""
    case = _case(session, scope=scope, student_id=student_id, case_id=case_id)
    check_may_add(case, party, pieces=len(evidence))
    if kind not in {wanted.name for wanted in rounds.wanted}:
        raise Invalid({"kind": "needed"})
    session.add_all(
        IdentityEvidence(
            case_id=case.id, kind=kind, file_name=item.file_name, media_type=item.media_type, bytes=item.bytes,
            pages=item.pages, added_at=now,
        )
        for item in evidence
    )  # fmt: skip
    case.revision += 1
    fact = Fact("identity_review.evidence_added", case.id, owner_id=case.student_id, facts={"pieces": len(evidence)})
    happened(session, fact, actor=actor, now=now)
    session.commit()
    session.expire(case, ["evidence"])
    return case


VERBS = {
    Action.HAND_IN: "identity_review.handed_in",
    Action.ASK_AGAIN: "identity_review.asked_again",
    Action.FILE: "identity_review.filed",
    Action.CLEAR: "identity_review.cleared",
    Action.REFUSE: "identity_review.not_cleared",
    Action.REOPEN: "identity_review.reopened",
    Action.CLOSE: "identity_review.closed",
}


def act_on_review(
    session: Session,
    *,
    scope: Scope | None,
    student_id: int | None,
    party: Party | None,
    case_id: int,
    seen_revision: int,
    action: Action,
    text: str,
    rounds: Rounds,
    actor: Actor,
    now: datetime,
) -> IdentityCase:
    """Hand in (also the student), ask again, file, clear, refuse, reopen, close; the reason stays inside.

    Exactly one of scope (staff) and student_id (the own review) is given.
    Raises NotAllowed, Invalid for words, Outdated, NotFound.
    """
    if action not in VERBS:
        raise NotAllowed(action=action.value)
    if action in NEEDS_WORDS and not text.strip():
        raise Invalid({"text": "words_needed"})
    if len(text) > MAX_WORDS:
        raise Invalid({"text": "words_too_long"})
    case = _case(session, scope=scope, student_id=student_id, case_id=case_id)
    if case.revision != seen_revision:
        raise Outdated(identity=case_id)
    state = next_state(State(case.state), action, party)
    if action is Action.HAND_IN and party is Party.STUDENT and not case.evidence:
        raise Invalid({"evidence": "needed"})
    if action is Action.REOPEN:
        found = rounds.current(day_of(now))
        case.round = found.name if found else ""
    of_round = rounds.named(case.round)
    case.state, case.state_since = state.value, now
    case.due_on = of_round.due_on(state) if of_round else None
    case.revision += 1
    _step(session, case, action.value, text.strip(), actor, now)
    facts: dict[str, object] = {"state": state.value}
    if state in FINAL and case.evidence:
        facts["delete_after_days"] = rounds.evidence_after_end_days
    fact = Fact(VERBS[action], case.id, owner_id=case.student_id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    session.commit()
    session.expire(case, ["steps"])
    return case


def note_seen(session: Session, *, case: IdentityCase, item: int, actor: Actor, now: datetime) -> None:
    """A member of staff looked at a piece of evidence: it is in the history."""
    begin_write(session)
    fact = Fact("identity_review.evidence_seen", case.id, owner_id=case.student_id, facts={"item": item})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def _case(session: Session, *, scope: Scope | None, student_id: int | None, case_id: int) -> IdentityCase:
    begin_write(session)
    case = session.get(IdentityCase, case_id, with_for_update={"of": IdentityCase})
    if case is None:
        raise NotFound(identity=case_id)
    mine = scope.covers(case.student.centre_id) if scope is not None else case.student_id == student_id
    if not mine:
        raise NotFound(identity=case_id)
    return case


def _step(session: Session, case: IdentityCase, action: str, text: str, actor: Actor, now: datetime) -> None:
    last = session.scalar(select(func.max(IdentityStep.number)).where(IdentityStep.case_id == case.id)) or 0
    session.add(
        IdentityStep(
            case_id=case.id, number=last + 1, action=action, state_after=case.state, actor_id=actor.id, text=text,
            at=now,
        )
    )  # fmt: skip
