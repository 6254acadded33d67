"""The match list: who has no photo at 学信网 by the college's newest download, why, and since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import ScalarSelect

from backend.accounts.records import Account
from backend.batches.queries import HAND_OVER_CONSENT
from backend.capture.records import CaptureRound, CaptureRoundCohort
from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.consent.records import Consent
from backend.enrollment.queries import in_scope, is_meant
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
    """What was asked for of the list, and how many there are by cause and by change, whatever was chosen.

    rows: of the part that was asked for; chosen: how many the whole of it has; total: of the list.
    """

    rows: Sequence[Missing]
    chosen: int
    causes: Mapping[Cause, int]
    changes: Mapping[Change, int]
    as_of: date | None
    total: int


@dataclass(frozen=True)
class _Listed:
    """One student of the list, before anything is read that only a screen wants."""

    student_id: int
    number: str
    cause: Cause | None
    change: Change | None


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
    offset: int = 0,
    limit: int | None = None,
    identity: bool,
) -> MatchList:
    """Every missing student of the scope by cause, then by number; with `change` solved: those solved since.

    text: part of the name or number, or the first letters of the name's pinyin; only: of these students;
    offset, limit: the part that is shown; identity: may the reader know of identity reviews? Without it such a
    student has the cause that there is besides.
    """
    newest = newest_import(session)
    where = in_scope(scope, centre_id)
    if cohort_id is not None:
        where.append(Student.cohort_id == cohort_id)
    if only is not None:
        where.append(Student.id.in_(only))
    known = _missing(session, where, newest, identity=identity)
    solved = _solved(session, where, newest)
    changes = Counter(row.change for row in known if row.change is not None)
    changes[Change.SOLVED] = len(solved)
    causes = Counter(row.cause for row in known)
    chosen = solved if change is Change.SOLVED else [row for row in known if change is None or row.change is change]
    if cause is not None:
        chosen = [row for row in chosen if row.cause is cause]
    if text.strip():
        meant = set(session.scalars(select(Student.id).where(*where, *is_meant(session, text, where))))
        chosen = [row for row in chosen if row.student_id in meant]
    order = {cause: place for place, cause in enumerate(Cause)}
    chosen.sort(key=lambda row: (order[row.cause] if row.cause else -1, row.number))
    return MatchList(
        _with_details(session, where, chosen[offset : None if limit is None else offset + limit]),
        len(chosen),
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


def _missing(
    session: Session, where: list[ColumnElement[bool]], newest: Import | None, *, identity: bool
) -> list[_Listed]:
    """Whoever has no photo: one question to the database, and the rule is asked once for each kind of student."""
    query = missing_facts(where, identity=identity).add_columns(
        Student.student_number, MatchResult.import_id, MatchResult.before
    )
    known: dict[tuple[Any, ...], Cause] = {}
    found = []
    for student_id, _, *facts, number, import_id, before in session.execute(query):
        kind = tuple(facts)
        if kind not in known:
            known[kind] = cause_of(facts_in(facts))
        new = newest is not None and import_id == newest.id and before != "no"
        found.append(_Listed(student_id, number, known[kind], Change.NEW if new else None))
    return found


def _solved(session: Session, where: list[ColumnElement[bool]], newest: Import | None) -> list[_Listed]:
    """Who was missing on the list before the newest one, and is not any more."""
    query = (
        select(Student.id, Student.student_number)
        .join(MatchResult, MatchResult.student_id == Student.id)
        .where(
            *where,
            MatchResult.superseded.is_(False),
            MatchResult.photo == "yes",
            MatchResult.before == "no",
            MatchResult.import_id == (newest.id if newest else 0),
        )
    )
    return [_Listed(student_id, number, None, Change.SOLVED) for student_id, number in session.execute(query)]


def _with_details(session: Session, where: list[ColumnElement[bool]], listed: Sequence[_Listed]) -> list[Missing]:
    """The rows as screens and files show them, in their order."""
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
        )
        .join(MatchResult, MatchResult.student_id == Student.id)
        .join(Centre, Centre.id == Student.centre_id)
        .join(Cohort, Cohort.id == Student.cohort_id, isouter=True)
        .where(*where, MatchResult.superseded.is_(False))
    )
    if len(listed) <= FEW:
        query = query.where(Student.id.in_([row.student_id for row in listed]))
    found = {row[0]: row for row in session.execute(query)}
    rows = []
    for one in listed:
        student_id, number, name, centre_id, centre, cohort, *study, as_of = found[one.student_id]
        level, programme = study
        plain = (student_id, number, name, centre_id, centre, cohort or "", level, programme, as_of)
        rows.append(Missing(*plain, one.cause, one.change))
    return rows


FEW = 500  # rows that are asked for by name; more are read from the whole list


def missing_facts(where: list[ColumnElement[bool]], *, identity: bool) -> Select[Any]:
    """One row for each student whom 学信网 has no photo of, by the newest match list: what the cause depends on.

    Columns: student_id, centre_id, and those of `facts_in`. identity: tell of identity reviews.
    """
    of_student = Student.id

    def newest_word(column: Any) -> ScalarSelect[Any]:
        return (
            select(column)
            .where(
                StageEvidence.student_id == of_student,
                StageEvidence.stage == Stage.HAND_OVER,
                StageEvidence.witness.in_([Witness.UNIT, Witness.COLLEGE]),
            )
            .order_by(StageEvidence.since.desc(), StageEvidence.id.desc())
            .limit(1)
            .correlate(Student)
            .scalar_subquery()
        )

    said_at = newest_word(StageEvidence.since)
    last = (
        select(StageEvidence.student_id, StageEvidence.source, StageEvidence.since)
        .where(last_word_is_the_centres())
        .subquery()
    )
    on_site = func.coalesce(last.c.source, "").startswith(ON_SITE)
    needs_code = exists().where(
        CaptureRoundCohort.cohort_id == Student.cohort_id,
        CaptureRound.id == CaptureRoundCohort.round_id,
        CaptureRound.code_needed,
    )
    kinds: dict[str, ColumnElement[Any]] = {
        "identity": (
            exists().where(IdentityCase.student_id == of_student, IdentityCase.state.in_(OPEN))
            if identity
            else literal(False)
        ),
        "disputed": exists().where(Correction.student_id == of_student, Correction.state == CorrectionState.SUBMITTED),
        "erratum": exists().where(ErratumCase.student_id == of_student, ErratumCase.state.in_(ERRATUM_OPEN)),
        "unit_has": newest_word(StageEvidence.holds),
        "newer": case((or_(Photo.submitted_at > said_at, accepted_at() > said_at), 1), else_=0),
        "photo": func.coalesce(Photo.state, ""),
        "captured": on_site,
        "sent": and_(last.c.source.is_not(None), ~on_site, or_(Photo.id.is_(None), Photo.submitted_at <= last.c.since)),
        "active": exists().where(Account.student_id == of_student),
        "confirmed": exists().where(
            EnrollmentConfirmation.student_id == of_student,
            EnrollmentConfirmation.data_version == Student.data_version,
        ),
        "agrees": exists().where(
            Consent.student_id == of_student, Consent.purpose == HAND_OVER_CONSENT, Consent.withdrawn_at.is_(None)
        ),
        "has_code": case(
            (
                needs_code,
                exists().where(CaptureCode.student_id == of_student, CaptureCode.reading == CodeState.READS),
            )
        ),
    }
    return (
        select(
            Student.id.label("student_id"),
            Student.centre_id.label("centre_id"),
            *(kinds[name].label(name) for name in FACTS),
        )
        .join(MatchResult, MatchResult.student_id == Student.id)
        .outerjoin(Photo, Photo.student_id == Student.id)
        .outerjoin(last, last.c.student_id == Student.id)
        .where(MatchResult.superseded.is_(False), MatchResult.photo == "no", *where)
    )


FACTS = (
    "identity", "disputed", "erratum", "unit_has", "newer", "photo", "captured", "sent", "active", "confirmed",
    "agrees", "has_code",
)  # fmt: skip


def facts_in(values: Sequence[Any]) -> MissingFacts:
    """What is known of a student, out of the columns of FACTS in their order."""
    row = dict(zip(FACTS, values, strict=True))
    photo, unit_has, has_code = row.pop("photo"), row.pop("unit_has"), row.pop("has_code")
    return MissingFacts(
        **{name: bool(value) for name, value in row.items()},
        unit_has=None if unit_has is None else bool(unit_has),
        has_code=None if has_code is None else bool(has_code),
        photo=State(photo) if photo and photo != State.WITHDRAWN else None,
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
