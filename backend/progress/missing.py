"""The match list: who has no photo at 学信网 by the college's newest download, why, and since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from backend.accounts.records import Account
from backend.batches.queries import HAND_OVER_CONSENT
from backend.capture.records import CaptureRound, CaptureRoundCohort
from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.consent.records import Consent
from backend.enrollment.pinyin import sounds_like
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Cohort, Correction, EnrollmentConfirmation, Student
from backend.enrollment.rules import CorrectionState
from backend.errata.records import ErratumCase
from backend.errata.rules import State as ErratumState
from backend.exchange.records import Import, MatchResult
from backend.exchange.rules import ImportState
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.identity.records import IdentityCase
from backend.identity.rules import OPEN
from backend.onsite.records import CaptureCode
from backend.onsite.rules import CodeState
from backend.photos.queue import accepted_at
from backend.photos.records import Photo
from backend.photos.rules import State
from backend.progress.causes import Cause, Change, MissingFacts, cause_of
from backend.proofreading.records import StageEvidence
from backend.proofreading.stages import ON_SITE, Stage, Witness
from backend.records import begin_write

# an erratum that nobody works on any more explains nothing
ERRATUM_OPEN = [
    state
    for state in ErratumState
    if state not in (ErratumState.DRAFT, ErratumState.CONFIRMED, ErratumState.WITHDRAWN, ErratumState.CLOSED)
]


@dataclass(frozen=True)
class Missing:
    """One student of the list. change: against the list before; as_of: the day of the download that says so."""

    student_id: int
    number: str
    name: str
    centre_id: int
    centre: str
    cohort: str
    level: str
    programme: str
    as_of: date
    cause: Cause | None  # None: 学信网 has the photo now
    change: Change | None


@dataclass(frozen=True)
class MatchList:
    """The rows that were asked for, and how many there are by cause and by change, whatever was chosen."""

    rows: Sequence[Missing]
    causes: Mapping[Cause, int]
    changes: Mapping[Change, int]
    as_of: date | None
    total: int


def match_list(
    session: Session,
    *,
    scope: Scope,
    text: str = "",
    centre_id: int | None = None,
    cohort_id: int | None = None,
    cause: Cause | None = None,
    change: Change | None = None,
    only: Collection[int] | None = None,
) -> MatchList:
    """Every missing student of the scope by cause, then by number; with `change` solved: those solved since.

    text: part of the name or number, or the first letters of the name's pinyin; only: of these students.
    """
    newest = newest_import(session)
    where = [*in_scope(scope, centre_id), MatchResult.superseded.is_(False)]
    if cohort_id is not None:
        where.append(Student.cohort_id == cohort_id)
    if only is not None:
        where.append(Student.id.in_(only))
    rows = _rows(session, [*where, MatchResult.photo == "no"], newest)
    solved = _rows(session, [*where, MatchResult.photo == "yes", MatchResult.before == "no"], newest, solved=True)
    facts = _facts(session, where)
    known = [_with_cause(row, facts) for row in rows]
    causes = Counter(row.cause for row in known if row.cause is not None)
    changes = Counter(row.change for row in known if row.change is not None)
    changes[Change.SOLVED] = len(solved)
    chosen = solved if change is Change.SOLVED else [row for row in known if change is None or row.change is change]
    if cause is not None:
        chosen = [row for row in chosen if row.cause is cause]
    if text.strip():
        chosen = [row for row in chosen if _means(row, text.strip())]
    order = {cause: place for place, cause in enumerate(Cause)}
    chosen.sort(key=lambda row: (order[row.cause] if row.cause else -1, row.number))
    return MatchList(
        chosen,
        {cause: causes[cause] for cause in Cause},
        {kind: changes[kind] for kind in Change},
        newest.as_of if newest else None,
        len(known),
    )


def newest_import(session: Session) -> Import | None:
    """The newest match list that counts."""
    return session.scalars(
        select(Import)
        .where(Import.kind == "match", Import.state == ImportState.DONE)
        .order_by(Import.as_of.desc(), Import.id.desc())
        .limit(1)
    ).first()


def _rows(
    session: Session, where: Sequence[ColumnElement[bool]], newest: Import | None, *, solved: bool = False
) -> list[Missing]:
    query = (
        select(
            Student.id,
            Student.student_number,
            Student.name,
            Student.centre_id,
            Centre.name,
            Cohort.name,
            Student.level,
            Student.programme,
            MatchResult.as_of,
            MatchResult.import_id,
            MatchResult.before,
        )
        .join(MatchResult, MatchResult.student_id == Student.id)
        .join(Centre, Centre.id == Student.centre_id)
        .join(Cohort, Cohort.id == Student.cohort_id, isouter=True)
        .where(*where)
    )
    if solved:
        query = query.where(MatchResult.import_id == (newest.id if newest else 0))
    found = []
    for *plain, as_of, import_id, before in session.execute(query):
        student_id, number, name, centre_id, centre, cohort, level, programme = plain
        change = Change.SOLVED if solved else None
        if not solved and newest is not None and import_id == newest.id and before != "no":
            change = Change.NEW
        found.append(
            Missing(student_id, number, name, centre_id, centre, cohort or "", level, programme, as_of, None, change)
        )
    return found


@dataclass(frozen=True)
class _Facts:
    identity: set[int]
    disputed: set[int]
    erratum: set[int]
    active: set[int]
    confirmed: set[int]
    photos: dict[int, str]
    units: dict[int, bool]
    newer: set[int]
    captured: set[int]
    sent: set[int]
    need_code: set[int]
    have_code: set[int]
    agree: set[int]


def _facts(session: Session, where: Sequence[ColumnElement[bool]]) -> _Facts:
    """What is known of all students of the list, with one question for each kind of fact."""
    ids = (
        select(Student.id)
        .join(MatchResult, MatchResult.student_id == Student.id)
        .where(*where, MatchResult.photo == "no")
        .scalar_subquery()
    )

    def of(query: Select[Any]) -> set[int]:
        return set(session.scalars(query))

    units: dict[int, bool] = {}
    said_at: dict[int, datetime] = {}
    for student_id, holds, since in session.execute(
        select(StageEvidence.student_id, StageEvidence.holds, StageEvidence.since)
        .where(
            StageEvidence.student_id.in_(ids),
            StageEvidence.stage == Stage.HAND_OVER,
            StageEvidence.witness.in_([Witness.UNIT, Witness.COLLEGE]),
        )
        .order_by(StageEvidence.since, StageEvidence.id)
    ):
        units[student_id], said_at[student_id] = holds, since
    photos = {
        row.student_id: row
        for row in session.execute(
            select(Photo.student_id, Photo.state, Photo.submitted_at, accepted_at().label("accepted_at")).where(
                Photo.student_id.in_(ids)
            )
        )
    }
    newer = {
        student_id
        for student_id, row in photos.items()
        if student_id in said_at and max(row.submitted_at, row.accepted_at or row.submitted_at) > said_at[student_id]
    }
    captured: set[int] = set()
    sent: set[int] = set()
    for word in session.scalars(
        select(StageEvidence).where(last_word_is_the_centres(), StageEvidence.student_id.in_(ids))
    ):
        photo = photos.get(word.student_id)
        if word.source.startswith(ON_SITE):
            captured.add(word.student_id)
        elif photo is None or photo.submitted_at <= word.since:
            sent.add(word.student_id)
    return _Facts(
        identity=of(
            select(IdentityCase.student_id).where(IdentityCase.student_id.in_(ids), IdentityCase.state.in_(OPEN))
        ),
        disputed=of(
            select(Correction.student_id).where(
                Correction.student_id.in_(ids), Correction.state == CorrectionState.SUBMITTED
            )
        ),
        erratum=of(
            select(ErratumCase.student_id).where(ErratumCase.student_id.in_(ids), ErratumCase.state.in_(ERRATUM_OPEN))
        ),
        need_code=of(
            select(Student.id)
            .join(CaptureRoundCohort, CaptureRoundCohort.cohort_id == Student.cohort_id)
            .join(CaptureRound, CaptureRound.id == CaptureRoundCohort.round_id)
            .where(Student.id.in_(ids), CaptureRound.code_needed)
        ),
        have_code=of(
            select(CaptureCode.student_id).where(
                CaptureCode.student_id.in_(ids), CaptureCode.reading == CodeState.READS
            )
        ),
        agree=of(
            select(Consent.student_id).where(
                Consent.student_id.in_(ids), Consent.purpose == HAND_OVER_CONSENT, Consent.withdrawn_at.is_(None)
            )
        ),
        active={
            found for found in session.scalars(select(Account.student_id).where(Account.student_id.in_(ids))) if found
        },
        confirmed=of(
            select(EnrollmentConfirmation.student_id)
            .join(Student, Student.id == EnrollmentConfirmation.student_id)
            .where(Student.id.in_(ids), EnrollmentConfirmation.data_version == Student.data_version)
        ),
        photos={student_id: row.state for student_id, row in photos.items()},
        units=units,
        newer=newer,
        captured=captured,
        sent=sent,
    )


def last_word_is_the_centres() -> ColumnElement[bool]:
    """Rows of StageEvidence: the newest word on the hand-over that came in is the centre's, that the unit has it."""
    later = aliased(StageEvidence)
    newest = (
        select(func.max(later.id))
        .where(
            later.student_id == StageEvidence.student_id,
            later.stage == Stage.HAND_OVER,
            later.witness.in_([Witness.CENTRE, Witness.UNIT, Witness.COLLEGE]),
        )
        .correlate(StageEvidence)
        .scalar_subquery()
    )
    return and_(
        StageEvidence.id == newest,
        StageEvidence.stage == Stage.HAND_OVER,
        StageEvidence.witness == Witness.CENTRE,
        StageEvidence.holds.is_(True),
    )


def _with_cause(row: Missing, facts: _Facts) -> Missing:
    state, number = facts.photos.get(row.student_id), row.student_id
    cause = cause_of(
        MissingFacts(
            identity=number in facts.identity,
            disputed=number in facts.disputed,
            erratum=number in facts.erratum,
            unit_has=facts.units.get(number),
            newer=number in facts.newer,
            captured=number in facts.captured,
            sent=number in facts.sent,
            photo=State(state) if state and state != State.WITHDRAWN else None,
            active=number in facts.active,
            confirmed=number in facts.confirmed,
            has_code=number in facts.have_code if number in facts.need_code else None,
            agrees=number in facts.agree,
        )
    )
    return Missing(**{**row.__dict__, "cause": cause})


def _means(row: Missing, text: str) -> bool:
    if text in row.name or text.lower() in row.number.lower():
        return True
    return text.replace(" ", "").isascii() and text.replace(" ", "").isalpha() and sounds_like(row.name, text)


def note_list_taken(session: Session, *, scope: Scope, rows: int, actor: Actor, now: datetime) -> None:
    """Somebody took the list out of the platform as a file: it is in the history."""
    begin_write(session)
    facts = {"rows": rows, "centre": scope.centre_id}
    record_fact(session, Fact("match_list.taken", None, facts=facts), actor=actor, now=now)
    session.commit()


def missing_count(session: Session, *, scope: Scope) -> int:
    """How many students have no photo at 学信网, for the desk."""
    return (
        session.scalar(
            select(func.count(MatchResult.id))
            .join(Student, Student.id == MatchResult.student_id)
            .where(*in_scope(scope), MatchResult.superseded.is_(False), MatchResult.photo == "no")
        )
        or 0
    )
