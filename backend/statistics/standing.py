"""One row for each student of the scope: what the tables say of the stages, and since when. For counting in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, literal, null, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import CTE, ScalarSelect, SelectBase, Subquery

from backend.alumni.records import AlumniCase
from backend.alumni.rules import FINAL as ALUMNI_FINAL
from backend.batches.records import Batch, BatchItem
from backend.batches.rules import State as BatchState
from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Correction, EnrollmentConfirmation, Student
from backend.enrollment.rules import CorrectionState
from backend.errata.records import ErratumCase
from backend.errata.rules import OPEN as ERRATA_OPEN
from backend.errata.rules import State as ErratumState
from backend.photos.queue import returned_at
from backend.photos.records import Photo
from backend.proofreading.queries import PASSED
from backend.proofreading.records import ChsiRecord, LinkedPhoto, StageEvidence
from backend.proofreading.rules import AtChsi, ImageKind
from backend.proofreading.stages import RANK, Stage
from backend.statistics.sql import WIDTH, day_text, later_of, time_text

TOLD = (Stage.HAND_OVER, Stage.LINKED, Stage.PROOFREAD, Stage.REGISTRABLE)  # stages of which others give evidence


@dataclass(frozen=True)
class Narrowed:
    """Whom the statistics are about, within the scope. None: all."""

    centre_id: int | None = None
    cohort_id: int | None = None


def people(scope: Scope, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    """Conditions on Student."""
    found = in_scope(scope, narrowed.centre_id)
    if narrowed.cohort_id is not None:
        found.append(Student.cohort_id == narrowed.cohort_id)
    return found


def standing_rows(where: list[ColumnElement[bool]], *, decided: bool = False) -> Select[int, int, int | None]:
    """Student with its own facts and, for each stage of TOLD, the word that stands (see `word`), or ''.

    Columns: student_id, centre_id, cohort_id, confirmed_at, disputed_at, photo_state, photo_at, decided_at (of the
    newest version, when `decided` asks for it), graduate, and one with the name of each stage.
    """
    told, lines, linked = _told(where), _lines(where), _linked(where)
    nothing = literal("")
    words = {
        Stage.HAND_OVER: [told.c.hand_over],
        Stage.LINKED: [told.c.linked, lines.c.linked, linked.c.word],
        Stage.PROOFREAD: [told.c.proofread, lines.c.proofread],
        Stage.REGISTRABLE: [told.c.registrable, lines.c.registrable],
    }
    disputes = (
        select(Correction.student_id, func.max(Correction.submitted_at).label("at"))
        .where(Correction.state == CorrectionState.SUBMITTED)
        .group_by(Correction.student_id)
        .subquery()
    )
    return (
        select(
            Student.id.label("student_id"),
            Student.centre_id,
            Student.cohort_id,
            EnrollmentConfirmation.confirmed_at,
            disputes.c.at.label("disputed_at"),
            Photo.state.label("photo_state"),
            Photo.submitted_at.label("photo_at"),
            (returned_at() if decided else null()).label("decided_at"),
            Student.certificate_number.is_not(None).label("graduate"),
            *(
                later_of(*(func.coalesce(found, "") for found in columns), nothing).label(stage.value)
                for stage, columns in words.items()
            ),
        )
        .select_from(Student)
        .outerjoin(
            EnrollmentConfirmation,
            and_(
                EnrollmentConfirmation.student_id == Student.id,
                EnrollmentConfirmation.data_version == Student.data_version,
            ),
        )
        .outerjoin(disputes, disputes.c.student_id == Student.id)
        .outerjoin(Photo, Photo.student_id == Student.id)
        .outerjoin(told, told.c.student_id == Student.id)
        .outerjoin(lines, lines.c.student_id == Student.id)
        .outerjoin(linked, linked.c.student_id == Student.id)
        .where(*where)
    )


def kept(query: SelectBase, name: str) -> CTE:
    """Worked out once. Without the word, SQLite writes the query into each place that uses a column of it."""
    return query.cte(name).prefix_with("MATERIALIZED")


def word(
    witness: SQLColumnExpression[str], since: SQLColumnExpression[str], holds: SQLColumnExpression[bool]
) -> ColumnElement[str]:
    """A word as text, made so that the greatest stands: strength of the witness, since when, does it hold.

    Of two words of one witness and one moment the one that holds counts.
    """
    rank = case(*((witness == known.value, str(place)) for known, place in RANK.items()), else_="0")
    return rank.concat(since).concat(case((holds, "1"), else_="0"))


def says(text: ColumnElement[str]) -> ColumnElement[str]:
    """Of a word that stands: '1' it holds, '0' it does not, '' nobody says anything."""
    return func.substr(text, WIDTH + 2, 1)


def since_of(text: ColumnElement[str]) -> ColumnElement[str]:
    return func.substr(text, 2, WIDTH)


def _of_people(where: list[ColumnElement[bool]], student: SQLColumnExpression[int]) -> list[ColumnElement[bool]]:
    """Narrow a table of evidence; nothing when everybody is asked for: then it is read whole anyway."""
    return [student.in_(select(Student.id).where(*where))] if where else []


def _told(where: list[ColumnElement[bool]]) -> Subquery:
    """Rows of StageEvidence put together, one for each student."""
    said = word(StageEvidence.witness, time_text(StageEvidence.since), StageEvidence.holds)
    return (
        select(
            StageEvidence.student_id,
            *(func.max(case((StageEvidence.stage == stage.value, said))).label(stage.value) for stage in TOLD),
        )
        .where(StageEvidence.stage.in_([stage.value for stage in TOLD]), *_of_people(where, StageEvidence.student_id))
        .group_by(StageEvidence.student_id)
        .subquery()
    )


def _lines(where: list[ColumnElement[bool]]) -> Subquery:
    """What the college's downloads say, one row for each student."""
    day = day_text(ChsiRecord.as_of)

    def newest(spoken: SQLColumnExpression[bool], holds: SQLColumnExpression[bool]) -> ColumnElement[str]:
        return func.max(case((spoken, word(ChsiRecord.witness, day, holds))))

    return (
        select(
            ChsiRecord.student_id,
            newest(ChsiRecord.has_photo.is_not(None), ChsiRecord.has_photo.is_(True)).label("linked"),
            newest(ChsiRecord.proofreading != "", ChsiRecord.proofreading == AtChsi.RIGHT.value).label("proofread"),
            newest(ChsiRecord.review != "", ChsiRecord.review.in_(PASSED)).label("registrable"),
        )
        .where(*_of_people(where, ChsiRecord.student_id))
        .group_by(ChsiRecord.student_id)
        .subquery()
    )


def _linked(where: list[ColumnElement[bool]]) -> Subquery:
    """The newest linked photo of each student says that there is one."""
    place = func.row_number().over(
        partition_by=LinkedPhoto.student_id, order_by=(LinkedPhoto.as_of.desc(), LinkedPhoto.id.desc())
    )
    photos = (
        select(LinkedPhoto.student_id, LinkedPhoto.witness, LinkedPhoto.as_of, place.label("place"))
        .where(LinkedPhoto.kind == ImageKind.REGISTRATION.value, *_of_people(where, LinkedPhoto.student_id))
        .subquery()
    )
    said = word(photos.c.witness, day_text(photos.c.as_of), literal(1) == 1)
    return select(photos.c.student_id, said.label("word")).where(photos.c.place == 1).subquery()


def newest_erratum(student_id: SQLColumnExpression[int]) -> ScalarSelect[int]:
    """The number of the newest form under way of a student; a draft is the student's own."""
    states = [state for state in ERRATA_OPEN if state is not ErratumState.DRAFT]
    form = aliased(ErratumCase)
    return select(func.max(form.id)).where(form.student_id == student_id, form.state.in_(states)).scalar_subquery()


def newest_alumni(student_id: SQLColumnExpression[int]) -> ScalarSelect[int]:
    """The number of the newest case under way of a graduate."""
    known = aliased(AlumniCase)
    return (
        select(func.max(known.id))
        .where(known.student_id == student_id, known.state.not_in(ALUMNI_FINAL))
        .scalar_subquery()
    )


def with_units() -> Subquery:
    """Students in a batch that was handed over, and about whom no receipt says anything yet."""
    return (
        select(BatchItem.student_id, func.max(Batch.handed_on).label("handed_on"))
        .join(Batch, Batch.id == BatchItem.batch_id)
        .where(Batch.state == BatchState.HANDED_OVER, BatchItem.answer.is_(None))
        .group_by(BatchItem.student_id)
        .subquery()
    )
