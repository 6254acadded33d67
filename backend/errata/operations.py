"""The verbs of errata cases: open, fill in, submit; opine, decide, hand over, correct; confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.compliance.assess import Assessment
from backend.compliance.findings import PictureVerdict
from backend.consent.queries import has_consent
from backend.days import ZONE, day_of
from backend.enrollment.operations import Evidence
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.enrollment.rules import normalised_name
from backend.errata.beginnings import OtherStudent, add_step, begin_case
from backend.errata.forms import MAX_VALUE, Forms, cleaned, value_problems
from backend.errata.queries import evidence_of
from backend.errata.records import ErratumCase, ErratumEvidence, ErratumPhoto
from backend.errata.rules import (
    DESK,
    FINAL,
    MAX_STATEMENT,
    MAX_WORDS,
    NEEDS_OTHER,
    NEEDS_PHOTO,
    NEEDS_WORDS,
    Action,
    Form,
    NotComplete,
    Origin,
    PairMissing,
    PairRefused,
    Party,
    Reason,
    State,
    next_state,
)
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import SYSTEM, Actor, Fact
from backend.photos.operations import PHOTO_CONSENT
from backend.photos.rules import ConsentMissing
from backend.ports import FileStore
from backend.records import begin_write

MAX_EVIDENCE = 12  # pieces of one case
REMIND_AT = time(9)  # the hour at which a reminder arrives
REMIND_BEFORE = timedelta(days=2)


# ---------------------------------------------------------------- the student


def open_case(
    session: Session,
    *,
    student_id: int,
    form: Form,
    reason: Reason,
    values: Mapping[str, str],
    other_student: OtherStudent | None = None,
    origin: Origin,
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    """A draft, which the student completes and submits. An open case of this form and reason is given instead.

    values: columns of the form (config/forms.toml); they are checked when the case is submitted.
    Raises NotAllowed when the form knows no such reason.
    """
    begin_write(session)
    case = begin_case(
        session,
        student_id=student_id,
        form=form,
        reason=reason,
        values=values,
        other_student=other_student,
        origin=origin,
        actor=actor,
        now=now,
    )
    session.commit()
    return case


def edit_case(
    session: Session,
    *,
    forms: Forms,
    student_id: int,
    case_id: int,
    seen_revision: int,
    title: str,
    values: Mapping[str, str],
    statement: str,
    other_student: OtherStudent | None,
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    """Keep what the student has written so far. What is missing is asked for when the case is submitted."""
    if len(statement) > MAX_STATEMENT:
        raise Invalid({"statement": "statement_too_long"})
    case = _own(session, student_id, case_id, seen_revision)
    next_state(State(case.state), Action.EDIT, Party.STUDENT)
    case.title = forms.forms[Form(case.form)].title(title).name
    case.values = {name: value[:MAX_VALUE] for name, value in cleaned(forms.of(case.form, case.reason), values).items()}
    case.statement = statement.strip()
    if Reason(case.reason) in NEEDS_OTHER and other_student is not None:
        named = (normalised_name(other_student.name)[:60], other_student.student_number.strip()[:32])
        if named != (case.other_name, case.other_number):
            case.other_name, case.other_number = named
            case.other_student_id, case.other_agrees, case.other_answered_at = None, None, None
    return _kept(session, case, "erratum.changed", actor=actor, now=now)


def check_may_attach(session: Session, *, student_id: int, case_id: int, pieces: int = 1) -> None:
    """Could evidence be added? Asked before it is stored. Raises NotFound, NotAllowed, Invalid."""
    case = session.get(ErratumCase, case_id)
    if case is None or case.student_id != student_id:
        raise NotFound(erratum=case_id)
    next_state(State(case.state), Action.EDIT, Party.STUDENT)
    if len(case.evidence) + pieces > MAX_EVIDENCE:
        raise Invalid({"evidence": "too_many_pieces"})


def attach_evidence(
    session: Session,
    *,
    forms: Forms,
    student_id: int,
    case_id: int,
    kind: str,
    evidence: Sequence[Evidence],
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    """Add pictures or PDFs that are already in the file store."""
    case = _own(session, student_id, case_id, None)
    check_may_attach(session, student_id=student_id, case_id=case_id, pieces=len(evidence))
    known = {item.name for item in forms.of(case.form, case.reason).evidence}
    if kind not in known | {"other"}:
        raise Invalid({"kind": "needed"})
    session.add_all(
        ErratumEvidence(
            case_id=case.id, kind=kind, file_name=item.file_name, media_type=item.media_type, bytes=item.bytes,
            pages=item.pages, added_at=now,
        )
        for item in evidence
    )  # fmt: skip
    # what is never submitted goes some time after the last piece came
    facts = {"kind": kind, "pieces": len(evidence), "delete_after_days": forms.retention.not_submitted_days}
    case.evidence_deleted_at = None
    return _kept(session, case, "erratum.evidence_added", facts, actor=actor, now=now)


def remove_evidence(
    session: Session, *, student_id: int, case_id: int, evidence_id: int, actor: Actor, now: datetime
) -> ErratumCase:
    """Take a piece out again; its file goes with the next sweep."""
    case = _own(session, student_id, case_id, None)
    next_state(State(case.state), Action.EDIT, Party.STUDENT)
    evidence_of(case, evidence_id).removed_at = now
    return _kept(session, case, "erratum.evidence_removed", actor=actor, now=now)


def check_may_attach_photo(session: Session, *, student_id: int, case_id: int) -> None:
    """Could a photo be added? Asked before it is judged. Raises NotFound, NotAllowed, ConsentMissing."""
    check_may_attach(session, student_id=student_id, case_id=case_id, pieces=0)
    if not has_consent(session, student_id=student_id, purpose=PHOTO_CONSENT):
        raise ConsentMissing(student=student_id)


def attach_photo(
    session: Session,
    *,
    files: FileStore,
    student_id: int,
    case_id: int,
    content: bytes,
    assessment: Assessment,
    actor: Actor,
    now: datetime,
) -> ErratumPhoto:
    """The right e-photo, judged as a finished registration file. A later one takes its place; both are kept."""
    check_may_attach_photo(session, student_id=student_id, case_id=case_id)
    original, judged = files.put(content), files.put(assessment.judged_jpeg)
    case = _own(session, student_id, case_id, None)
    check_may_attach_photo(session, student_id=student_id, case_id=case_id)
    photo = ErratumPhoto(
        case_id=case.id, original_file=original, judged_file=judged, verdict=assessment.report.verdict.value,
        report=assessment.report.as_dict(), added_at=now,
    )  # fmt: skip
    session.add(photo)
    _kept(session, case, "erratum.photo_added", {"verdict": photo.verdict}, actor=actor, now=now)
    return photo


def missing_parts(case: ErratumCase, forms: Forms) -> list[str]:
    """What the form still asks for: "column:<name>", "evidence:<kind>", "statement", "other", "photo"."""
    spec = forms.of(case.form, case.reason)
    missing = [f"column:{name}" for name in value_problems(spec, case.values)]
    if Reason(case.reason) in NEEDS_OTHER and not (case.other_name and case.other_number):
        missing.append("other")
    if not case.statement:
        missing.append("statement")
    if Reason(case.reason) in NEEDS_PHOTO and (case.photo is None or case.photo.verdict == PictureVerdict.RETAKE):
        missing.append("photo")
    given = {item.kind for item in case.evidence}
    return missing + [f"evidence:{kind.name}" for kind in spec.evidence if kind.required and kind.name not in given]


def submit_case(
    session: Session, *, forms: Forms, student_id: int, case_id: int, seen_revision: int, actor: Actor, now: datetime
) -> ErratumCase:
    """To the centre. Raises NotComplete naming what is missing, and Invalid when a student names themself."""
    case = _own(session, student_id, case_id, seen_revision)
    next_state(State(case.state), Action.SUBMIT, Party.STUDENT)
    if case.other_number and case.other_number == case.student.student_number:
        raise Invalid({"other_number": "yourself"})
    missing = missing_parts(case, forms)
    if missing:
        raise NotComplete(missing=missing)
    case.title = forms.forms[Form(case.form)].title(case.title).name
    case.submitted_at = now
    return _move(session, forms, case, Action.SUBMIT, Party.STUDENT, "", "erratum.submitted", actor=actor, now=now)


def withdraw_case(
    session: Session, *, forms: Forms, student_id: int, case_id: int, actor: Actor, now: datetime
) -> ErratumCase:
    """The student takes it back, as long as the college has not decided."""
    case = _own(session, student_id, case_id, None)
    return _move(session, forms, case, Action.WITHDRAW, Party.STUDENT, "", "erratum.withdrawn", actor=actor, now=now)


def confirm_case(
    session: Session, *, forms: Forms, student_id: int, case_id: int, seen_revision: int, actor: Actor, now: datetime
) -> ErratumCase:
    """The student looked at 学信网: it is right now."""
    case = _own(session, student_id, case_id, seen_revision)
    return _move(session, forms, case, Action.CONFIRM, Party.STUDENT, "", "erratum.confirmed", actor=actor, now=now)


def report_still_wrong(
    session: Session,
    *,
    forms: Forms,
    student_id: int,
    case_id: int,
    seen_revision: int,
    text: str,
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    """The student looked at 学信网: it is not right yet. Back to those who follow it up."""
    _check_words(Action.STILL_WRONG, text)
    case = _own(session, student_id, case_id, seen_revision)
    return _move(
        session, forms, case, Action.STILL_WRONG, Party.STUDENT, text, "erratum.still_wrong", actor=actor, now=now
    )  # fmt: skip


def answer_swap(
    session: Session, *, student_id: int, case_id: int, agrees: bool, text: str, actor: Actor, now: datetime
) -> ErratumCase:
    """The other student of a swap says whether the photo seen at 学信网 is not theirs either."""
    if len(text) > MAX_WORDS:
        raise Invalid({"text": "words_too_long"})
    begin_write(session)
    case = session.get(ErratumCase, case_id, with_for_update={"of": ErratumCase})
    if case is None or case.other_student_id != student_id or case.state not in DESK:
        raise NotFound(erratum=case_id)
    next_state(State(case.state), Action.ANSWER, Party.OTHER)
    case.other_agrees, case.other_answered_at = agrees, now
    add_step(session, case, Action.ANSWER.value, Party.OTHER, text.strip(), actor, now)
    return _kept(session, case, "erratum.other_answered", {"agrees": agrees}, actor=actor, now=now)


# ---------------------------------------------------------------- staff


def pair_student(
    session: Session,
    *,
    scope: Scope,
    party: Party | None,
    case_id: int,
    seen_revision: int,
    name: str,
    student_number: str,
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    """Staff find the other student of a swap in their own scope, by name and number together.

    Raises Invalid when there is nobody of this name and number there. The other one is asked on their own page.
    """
    case = _at_desk(session, scope, case_id, seen_revision)
    next_state(State(case.state), Action.PAIR, party)
    if Reason(case.reason) not in NEEDS_OTHER:
        raise NotAllowed(reason=case.reason)
    found = session.scalars(
        select(Student).where(Student.student_number == student_number.strip(), *in_scope(scope))
    ).one_or_none()
    if found is None or found.name != normalised_name(name) or found.id == case.student_id:
        raise Invalid({"other_number": "other_not_found"})
    if case.other_student_id != found.id:
        case.other_student_id, case.other_agrees, case.other_answered_at = found.id, None, None
    add_step(session, case, Action.PAIR.value, party, "", actor, now)
    asked = Fact("erratum.other_asked", case.id, owner_id=found.id)
    _kept(session, case, "erratum.paired", actor=actor, now=now, also=asked)
    return case


VERBS = {
    Action.OPINE: "erratum.opined",
    Action.DECIDE: "erratum.decided",
    Action.RETURN: "erratum.returned",
    Action.CORRECT: "erratum.corrected",
    Action.CLOSE: "erratum.closed",
}


def act_on_case(
    session: Session,
    *,
    forms: Forms,
    scope: Scope,
    party: Party | None,
    case_id: int,
    seen_revision: int,
    action: Action,
    text: str,
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    """Opinion, decision, return, correction reported, close.

    Raises NotAllowed for what the table does not give this party, PairMissing and PairRefused before the decision on
    a swap, Invalid for words, Outdated, NotFound.
    """
    if action not in VERBS:
        raise NotAllowed(action=action.value)
    _check_words(action, text)
    case = _at_desk(session, scope, case_id, seen_revision)
    next_state(State(case.state), action, party)
    if action is Action.DECIDE and Reason(case.reason) in NEEDS_OTHER:
        if case.other_student_id is None:
            raise PairMissing(erratum=case.id)
        if case.other_agrees is False:
            raise PairRefused(erratum=case.id)
    return _move(session, forms, case, action, party, text, VERBS[action], actor=actor, now=now)


def send_cases(
    session: Session,
    *,
    forms: Forms,
    scope: Scope,
    party: Party | None,
    case_ids: Sequence[int],
    handed_over_on: date,
    round_name: str,
    actor: Actor,
    now: datetime,
) -> tuple[int, int]:
    """Hand several approved cases over at once; gives how many were, and how many had moved on meanwhile."""
    if handed_over_on > day_of(now):
        raise Invalid({"handed_over_on": "in_the_future"})
    if not round_name.strip() or len(round_name.strip()) > 40:
        raise Invalid({"round": "round_needed"})
    begin_write(session)
    cases = session.scalars(
        select(ErratumCase).where(ErratumCase.id.in_(set(case_ids))).order_by(ErratumCase.id)
        .with_for_update(of=ErratumCase)
    ).all()  # fmt: skip
    mine = [case for case in cases if case.state in DESK and scope.covers(case.student.centre_id)]
    ready = [case for case in mine if case.state == State.APPROVED]
    for case in ready:
        next_state(State(case.state), Action.SEND, party)
        case.handed_over_on, case.round = handed_over_on, round_name.strip()
        _enter(session, forms, case, Action.SEND, party, "", "erratum.sent", actor=actor, now=now)
    session.commit()
    return len(ready), len(set(case_ids)) - len(ready)


def note_seen(session: Session, *, case: ErratumCase, what: str, item: int | None, actor: Actor, now: datetime) -> None:
    """A member of staff looked at evidence or a photo, or had the numbers printed in full: it is in the history.

    what: "evidence_seen", "photo_seen" or "printed_in_full".
    """
    verb = {
        "evidence_seen": "erratum.evidence_seen",
        "photo_seen": "erratum.photo_seen",
        "printed_in_full": "erratum.printed_in_full",
    }[what]
    begin_write(session)
    facts = {} if item is None else {"item": item}
    record_fact(session, Fact(verb, case.id, owner_id=case.student_id, facts=facts), actor=actor, now=now)
    session.commit()


def remind_of_case(session: Session, *, case_id: int, state: str, since: datetime, now: datetime) -> bool:
    """The day to look again has come: the student is told. False when the case has moved on meanwhile."""
    begin_write(session)
    case = session.get(ErratumCase, case_id, with_for_update={"of": ErratumCase})
    if case is None or case.state != state or case.state_since != since:
        session.rollback()
        return False
    verb = "erratum.answer_due" if case.state == State.RETURNED else "erratum.look_again_due"
    happened(session, Fact(verb, case.id, owner_id=case.student_id), actor=SYSTEM, now=now)
    session.commit()
    return True


# ---------------------------------------------------------------- shared


def _own(session: Session, student_id: int, case_id: int, seen_revision: int | None) -> ErratumCase:
    begin_write(session)
    case = session.get(ErratumCase, case_id, with_for_update={"of": ErratumCase})
    if case is None or case.student_id != student_id:
        raise NotFound(erratum=case_id)
    if seen_revision is not None and case.revision != seen_revision:
        raise Outdated(erratum=case_id)
    return case


def _at_desk(session: Session, scope: Scope, case_id: int, seen_revision: int) -> ErratumCase:
    begin_write(session)
    case = session.get(ErratumCase, case_id, with_for_update={"of": ErratumCase})
    if case is None or case.state not in DESK or not scope.covers(case.student.centre_id):
        raise NotFound(erratum=case_id)
    if case.revision != seen_revision:
        raise Outdated(erratum=case_id)
    return case


def _check_words(action: Action, text: str) -> None:
    if action in NEEDS_WORDS and not text.strip():
        raise Invalid({"text": "words_needed"})
    if len(text) > MAX_WORDS:
        raise Invalid({"text": "words_too_long"})


def _kept(
    session: Session,
    case: ErratumCase,
    verb: str,
    facts: Mapping[str, object] | None = None,
    *,
    actor: Actor,
    now: datetime,
    also: Fact | None = None,
) -> ErratumCase:
    """The case changed, its state did not."""
    case.revision += 1
    happened(session, Fact(verb, case.id, owner_id=case.student_id, facts={**(facts or {})}), actor=actor, now=now)
    if also is not None:
        happened(session, also, actor=actor, now=now)
    session.commit()
    return _afresh(session, case)


def _move(
    session: Session,
    forms: Forms,
    case: ErratumCase,
    action: Action,
    party: Party | None,
    text: str,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
) -> ErratumCase:
    _enter(session, forms, case, action, party, text, verb, actor=actor, now=now)
    session.commit()
    return _afresh(session, case)


def _afresh(session: Session, case: ErratumCase) -> ErratumCase:
    """What belongs to the case is read again when it is asked for: rows were added beside it."""
    session.expire(case, ["evidence", "photos", "steps"])
    return case


def _enter(
    session: Session,
    forms: Forms,
    case: ErratumCase,
    action: Action,
    party: Party | None,
    text: str,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The new state with its day, the step, the fact with the reminder. The caller commits."""
    state = next_state(State(case.state), action, party)
    today = day_of(now)
    case.state, case.state_since = state.value, now
    case.due_on = forms.due_on(state, since=today)
    case.look_again_on = _look_again_on(forms, case, state, today)
    case.revision += 1
    add_step(session, case, action.value, party, text.strip(), actor, now)
    facts: dict[str, object] = {"state": state.value}
    if state in FINAL and (case.evidence or case.photos):
        facts["delete_after_days"] = forms.retention.days(state)
    remind_on = case.look_again_on
    if state is State.RETURNED and case.due_on is not None:
        remind_on = case.due_on - REMIND_BEFORE
    if remind_on is not None and remind_on > today:
        facts["remind_after_seconds"] = _seconds_until(remind_on, now)
        facts["since"] = now.isoformat()
    happened(session, Fact(verb, case.id, owner_id=case.student_id, facts=facts), actor=actor, now=now)


def _look_again_on(forms: Forms, case: ErratumCase, state: State, today: date) -> date | None:
    if state is State.SENT:
        return case.due_on
    if state is State.CORRECTED:
        return today + timedelta(days=forms.of(case.form, case.reason).look_again_days)
    return None


def _seconds_until(day: date, now: datetime) -> int:
    return max(0, int((datetime.combine(day, REMIND_AT, ZONE) - now).total_seconds()))
