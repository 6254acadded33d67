"""The verbs of the roster: confirm, report as wrong, decide a report; put a student on the roster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.queries import open_correction, registered_values, student_in_scope
from backend.enrollment.records import (
    Correction,
    CorrectionEvidence,
    CorrectionField,
    EnrollmentConfirmation,
    StatusChange,
    Student,
)
from backend.enrollment.rules import (
    CORRECTION_TRANSITIONS,
    VERIFIED_FIELDS,
    CorrectionAction,
    CorrectionState,
    DataDisputed,
    IdDocument,
    NothingReported,
    claim_problem,
    id_number_problem,
    masked_id_number,
    normalised_claim,
    normalised_id_number,
    normalised_name,
)
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write, blind_index

MAX_ANSWER = 500  # characters that staff write to a student


@dataclass(frozen=True)
class Evidence:
    """A file that is already in the store."""

    file_name: str
    media_type: str
    bytes: int
    pages: int = 1  # of a PDF


def enrol_student(session: Session, *, actor: Actor, now: datetime, **data: object) -> Student:
    """Put one person on the roster; `data` are the columns of Student with the ID number as written.

    The caller commits (an import enrols many in one transaction). Raises Invalid naming the field.
    """
    document = IdDocument(str(data["id_document"]))
    number = normalised_id_number(str(data["id_number"]))
    problem = id_number_problem(document, number, today=day_of(now))
    if problem is not None:
        raise Invalid({"id_number": f"id_{problem}"})
    student = Student(
        **{
            **data,
            "name": normalised_name(str(data["name"])),
            "id_number": number,
            "id_number_index": blind_index("student.id_number", number),
        }
    )
    session.add(student)
    session.flush()
    record_fact(session, Fact("student.enrolled", student.id, owner_id=student.id), actor=actor, now=now)
    return student


def confirm_enrollment(
    session: Session, *, student_id: int, seen_version: int, actor: Actor, now: datetime
) -> EnrollmentConfirmation:
    """The student says that the registered data, in the version seen, are right. Doing it twice is harmless.

    Raises Outdated when the data changed since the page was made, DataDisputed while a report is open.
    """
    begin_write(session)
    student = session.get_one(Student, student_id, with_for_update={"of": Student})
    if student.data_version != seen_version:
        raise Outdated(student=student_id)
    if open_correction(session, student_id) is not None:
        raise DataDisputed(student=student_id)
    known = session.scalars(
        select(EnrollmentConfirmation).where(
            EnrollmentConfirmation.student_id == student_id,
            EnrollmentConfirmation.data_version == seen_version,
        )
    ).one_or_none()
    if known is not None:
        session.rollback()
        return known
    confirmation = EnrollmentConfirmation(student_id=student_id, data_version=seen_version, confirmed_at=now)
    session.add(confirmation)
    facts = {"data_version": seen_version}
    happened(
        session,
        Fact("student.data_confirmed", student_id, owner_id=student_id, facts=facts),
        actor=actor,
        now=now,
    )
    session.commit()
    return confirmation


def report_wrong_data(
    session: Session,
    *,
    student_id: int,
    seen_version: int,
    claims: Mapping[str, str],
    evidence: Sequence[Evidence],
    actor: Actor,
    now: datetime,
) -> Correction:
    """The student reports fields as wrong: a case for the staff of the centre.

    claims: field -> the right value as the student says.
    Raises NothingReported without a claim, NotAllowed while another case is open, Outdated, Invalid.
    """
    begin_write(session)
    student = session.get_one(Student, student_id, with_for_update={"of": Student})
    check_report(session, student=student, seen_version=seen_version, claims=claims, now=now)
    registered = registered_values(student)
    registered["id_number"] = masked_id_number(registered["id_number"])
    right = {field: normalised_claim(field, claims[field]) for field in VERIFIED_FIELDS if field in claims}
    correction = Correction(
        student_id=student_id,
        state=CorrectionState.SUBMITTED,
        data_version=seen_version,
        submitted_at=now,
        fields=[
            CorrectionField(field=field, registered=registered[field], claimed=value) for field, value in right.items()
        ],
        evidence=[
            CorrectionEvidence(
                file_name=item.file_name,
                media_type=item.media_type,
                bytes=item.bytes,
                added_at=now,
                facts={"pages": item.pages},
            )
            for item in evidence
        ],
    )
    session.add(correction)
    session.flush()
    facts = {"state": correction.state, "fields": sorted(right), "evidence": len(evidence)}
    fact = Fact("correction.submitted", correction.id, owner_id=student_id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    session.commit()
    return correction


def check_report(
    session: Session, *, student: Student, seen_version: int, claims: Mapping[str, str], now: datetime
) -> None:
    """Could this report be taken? Asked before its evidence is stored. Raises what report_wrong_data raises."""
    if student.data_version != seen_version:
        raise Outdated(student=student.id)
    if open_correction(session, student.id) is not None:
        raise NotAllowed(correction="open")
    registered = registered_values(student)
    problems = {
        field: problem
        for field in VERIFIED_FIELDS
        if field in claims
        and (
            problem := claim_problem(
                field, normalised_claim(field, claims[field]), registered=registered[field], today=day_of(now)
            )
        )
    }
    if problems:
        raise Invalid(problems)
    if not any(field in claims for field in VERIFIED_FIELDS):
        raise NothingReported()


def withdraw_correction(
    session: Session, *, student_id: int, correction_id: int, actor: Actor, now: datetime
) -> Correction:
    """The student takes an open report back."""
    begin_write(session)
    correction = session.get(Correction, correction_id, with_for_update={"of": Correction})
    if correction is None or correction.student_id != student_id:
        raise NotFound(correction=correction_id)
    return _decide(session, correction, CorrectionAction.WITHDRAW, "correction.withdrawn", "", actor=actor, now=now)


def decide_correction(
    session: Session,
    *,
    scope: Scope,
    correction_id: int,
    action: CorrectionAction,
    answer: str,
    actor: Actor,
    now: datetime,
) -> Correction:
    """Staff accept the report or let the registered value stand; a refusal says why. Raises NotFound, NotAllowed."""
    if action is CorrectionAction.REFUSE and not answer.strip():
        raise Invalid({"answer": "answer_needed"})
    if len(answer) > MAX_ANSWER:
        raise Invalid({"answer": "answer_too_long"})
    begin_write(session)
    correction = session.get(Correction, correction_id, with_for_update={"of": Correction})
    if correction is None or not scope.covers(correction.student.centre_id):
        raise NotFound(correction=correction_id)
    verb = "correction.accepted" if action is CorrectionAction.ACCEPT else "correction.refused"
    return _decide(session, correction, action, verb, answer.strip(), actor=actor, now=now)


def note_evidence_seen(
    session: Session, *, evidence: CorrectionEvidence, owner_id: int, actor: Actor, now: datetime
) -> None:
    """A member of staff opened a piece of evidence: it is in the history."""
    begin_write(session)
    facts = {"evidence": evidence.id}
    fact = Fact("correction.evidence_seen", evidence.correction_id, owner_id=owner_id, facts=facts)
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def note_number_seen(session: Session, *, correction: Correction, actor: Actor, now: datetime) -> None:
    """A member of staff had the ID numbers of a report shown in full: it is in the history."""
    begin_write(session)
    fact = Fact("correction.number_seen", correction.id, owner_id=correction.student_id)
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def record_status_change(
    session: Session,
    *,
    scope: Scope,
    student_id: int,
    kind: str,
    first_day: date,
    last_day: date | None,
    counts: bool | None,
    source: str,
    actor: Actor,
    now: datetime,
) -> StatusChange:
    """Staff write down that a student's status changed for some days, e.g. 休学; `last_day` None: it goes on.

    kind: as in config/proofreading.toml, [[pauses]]. counts: do its days count as study time, against the table's word.
    A change that goes on ends when one of its kind is written down with the same first day.
    Raises NotFound outside the scope, Invalid for days that cannot be.
    """
    if last_day is not None and last_day < first_day:
        raise Invalid({"last_day": "days_wrong"})
    begin_write(session)
    student_in_scope(session, scope=scope, student_id=student_id)
    session.get_one(Student, student_id, with_for_update={"of": Student})
    change = session.scalars(
        select(StatusChange).where(
            StatusChange.student_id == student_id,
            StatusChange.kind == kind,
            StatusChange.first_day == first_day,
            StatusChange.last_day.is_(None),
        )
    ).first()
    if change is None:
        change = StatusChange(student_id=student_id, kind=kind, first_day=first_day)
        session.add(change)
    change.last_day, change.counts, change.source, change.recorded_at = last_day, counts, source, now
    session.flush()
    facts = {"change": change.id, "kind": kind}
    record_fact(
        session, Fact("student.status_changed", student_id, owner_id=student_id, facts=facts), actor=actor, now=now
    )
    session.commit()
    return change


def _decide(
    session: Session,
    correction: Correction,
    action: CorrectionAction,
    verb: str,
    answer: str,
    *,
    actor: Actor,
    now: datetime,
) -> Correction:
    state = CORRECTION_TRANSITIONS.get((CorrectionState(correction.state), action))
    if state is None:
        raise NotAllowed(state=correction.state, action=action.value)
    correction.state, correction.decided_at, correction.answer = state, now, answer
    correction.decided_by = actor.id
    fact = Fact(verb, correction.id, owner_id=correction.student_id, facts={"state": state.value})
    happened(session, fact, actor=actor, now=now)
    session.commit()
    return correction
