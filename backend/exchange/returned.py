"""What a person says of a photo that came back: of the file on the disc, or of the print in the parcel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.errata.beginnings import begin_case, take_back_case
from backend.errata.rules import Form, Origin, Party, Reason
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.exchange.parcels import accepted_versions, standing_check
from backend.exchange.records import ReturnedCheck, ReturnedPhoto
from backend.exchange.rules import ANSWERS, MAX_NOTE, Answer, AnswerRests, Medium, NothingBeside
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write


def answer_returned(
    session: Session,
    *,
    scope: Scope,
    returned_id: int,
    medium: Medium = Medium.DISC,
    answer: Answer,
    reason: Reason | None = None,
    printed: Mapping[str, str] | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> ReturnedCheck:
    """Keep what the person says. A wrong one opens the errata case 数据检查勘误表, which the student completes.

    printed: what is wrong with the data, as columns of that form. Raises Outdated when somebody has answered already,
    NothingBeside for a file without an accepted photo, NotFound outside the scope, Invalid (note).
    """
    if answer not in ANSWERS[medium]:
        raise NotAllowed(medium=medium.value, answer=answer.value)
    if len(note.strip()) > MAX_NOTE:
        raise Invalid({"note": "too_long"})
    begin_write(session)
    row = _locked(session, scope, returned_id)  # two people, one answer
    if standing_check(session, row, medium) is not None:
        raise Outdated(returned=returned_id)
    version = accepted_versions(session, [row.student_id]).get(row.student_id)
    if version is None and medium is Medium.DISC:
        raise NothingBeside(returned=returned_id)
    case_id, why = None, ""
    if answer is Answer.WRONG:
        found = reason or Reason.PAPER_PHOTO
        why = found.value
        case = begin_case(
            session,
            student_id=row.student_id,
            form=Form.DATA_CHECK,
            reason=found,
            values={"where": medium.value} if found is Reason.PAPER_PHOTO else dict(printed or {}),
            origin=Origin.STAFF,
            party=_party(scope),
            actor=actor,
            now=now,
        )
        case_id = case.id
    check = ReturnedCheck(
        student_id=row.student_id,
        medium=medium.value,
        version_id=version.id if version is not None else None,
        returned_id=returned_id,
        returned_file=row.file_name,
        answer=answer.value,
        reason=why,
        note=note.strip() or None,
        case_id=case_id,
        checked_by=actor.known_id,
        checked_at=now,
    )
    session.add(check)
    session.flush()
    _record(session, "returned.checked", check, {"answer": check.answer, "reason": check.reason}, actor, now)
    session.commit()
    return check


def take_back_answer(session: Session, *, scope: Scope, check_id: int, actor: Actor, now: datetime) -> ReturnedCheck:
    """The answer was a slip: the photo waits again. An errata draft that nobody has touched goes with it.

    Raises AnswerRests once the student works on the form, Outdated when it was taken back already, NotFound.
    """
    begin_write(session)
    check = session.get(ReturnedCheck, check_id, with_for_update={"of": ReturnedCheck})
    if check is None:
        raise NotFound(check=check_id)
    row = _locked(session, scope, check.returned_id)
    if check.undone_at is not None:
        raise Outdated(returned=row.id)
    check.undone_at = now
    session.flush()
    if check.case_id is not None and not _still_needed(session, check.case_id):
        party = _party(scope)
        if not take_back_case(session, case_id=check.case_id, party=party, actor=actor, now=now):
            raise AnswerRests(check=check_id)
    _record(session, "returned.taken_back", check, {"answer": check.answer}, actor, now)
    session.commit()
    return check


def note_returned_seen(session: Session, *, returned_id: int, student_id: int, actor: Actor, now: datetime) -> None:
    """Every look at a returned photo is in the history."""
    begin_write(session)
    record_fact(session, Fact("returned.seen", returned_id, owner_id=student_id, facts={}), actor=actor, now=now)
    session.commit()


def note_list_printed(session: Session, *, import_id: int, people: int, actor: Actor, now: datetime) -> None:
    """The check list of a parcel left the screen: it is in the history."""
    begin_write(session)
    record_fact(session, Fact("import.check_list_taken", import_id, facts={"people": people}), actor=actor, now=now)
    session.commit()


def _locked(session: Session, scope: Scope, returned_id: int) -> ReturnedPhoto:
    row = session.get(ReturnedPhoto, returned_id, with_for_update={"of": ReturnedPhoto})
    if row is None or not scope.covers(row.student.centre_id):
        raise NotFound(returned=returned_id)
    return row


def _still_needed(session: Session, case_id: int) -> bool:
    """Does another answer that stands rest on the case: the file and the print are both wrong?"""
    query = select(ReturnedCheck.id).where(ReturnedCheck.case_id == case_id, ReturnedCheck.undone_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def _party(scope: Scope) -> Party:
    return Party.COLLEGE if scope.centre_id is None else Party.CENTRE


def _record(
    session: Session, verb: str, check: ReturnedCheck, facts: Mapping[str, str], actor: Actor, now: datetime
) -> None:
    told = Fact(verb, check.id, owner_id=check.student_id, facts={"medium": check.medium, **facts})
    record_fact(session, told, actor=actor, now=now)
