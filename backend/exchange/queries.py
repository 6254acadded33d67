"""Imports for screens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.errors import NotFound
from backend.exchange.records import ColumnChoice, Import, ImportProblem, ReturnedPhoto
from backend.exchange.rules import ImportState

# the file of an import is needed until its lines are written; then the worker's sweep removes it
FILE_NEEDED = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED, ImportState.COMMITTING)


def import_in_scope(session: Session, *, scope: Scope, import_id: int) -> Import:
    """The registry sees every import, people of a centre those of their centre. Raises NotFound."""
    run = session.get(Import, import_id)
    if run is None or (scope.centre_id is not None and run.centre_id != scope.centre_id):
        raise NotFound(run=import_id)
    return run


def imports_in(session: Session, *, scope: Scope, offset: int = 0, limit: int = 30) -> tuple[Sequence[Import], int]:
    """Imports, the newest first, and how many there are; what was given up is left out."""
    query = select(Import).where(Import.state != ImportState.DISCARDED)
    if scope.centre_id is not None:
        query = query.where(Import.centre_id == scope.centre_id)
    total = session.scalar(query.with_only_columns(func.count(Import.id))) or 0
    return session.scalars(query.order_by(Import.id.desc()).offset(offset).limit(limit)).all(), total


def problems_of(session: Session, import_id: int, *, limit: int | None = None) -> Sequence[ImportProblem]:
    """Refused lines in the order of the file."""
    query = select(ImportProblem).where(ImportProblem.import_id == import_id)
    return session.scalars(query.order_by(ImportProblem.row, ImportProblem.id).limit(limit)).all()


def problem_kinds(session: Session, import_id: int) -> Sequence[tuple[str, str, int]]:
    """(column, code, how many) of what is wrong, the most frequent first: thousands of lines have few reasons."""
    many = func.count(ImportProblem.id)
    rows = session.execute(
        select(ImportProblem.column, ImportProblem.code, many)
        .where(ImportProblem.import_id == import_id)
        .group_by(ImportProblem.column, ImportProblem.code)
        .order_by(many.desc(), ImportProblem.column, ImportProblem.code)
    )
    return [(column, code, count) for column, code, count in rows]


def same_file_before(session: Session, run: Import) -> Import | None:
    """The newest finished import of the very same file."""
    return session.scalars(
        select(Import)
        .where(
            Import.file_name == run.file_name,
            Import.kind == run.kind,
            Import.state == ImportState.DONE,
            Import.id != run.id,
        )
        .order_by(Import.id.desc())
        .limit(1)
    ).first()


def choice_for(session: Session, kind: str, signature: str) -> dict[str, Any] | None:
    """What was chosen for these headings, or for these sheets, before."""
    row = session.scalars(
        select(ColumnChoice).where(ColumnChoice.kind == kind, ColumnChoice.signature == signature)
    ).one_or_none()
    return dict(row.columns) if row is not None else None


def newest_choice(session: Session, kind: str, signatures: Collection[str]) -> ColumnChoice | None:
    """What was chosen last for any of these headings."""
    query = select(ColumnChoice).where(ColumnChoice.kind == kind, ColumnChoice.signature.in_(signatures))
    return session.scalars(query.order_by(ColumnChoice.chosen_at.desc(), ColumnChoice.id.desc()).limit(1)).first()


def files_in_use(session: Session) -> set[str]:
    """Names of all files that imports under way and returned photos refer to."""
    waiting = session.scalars(select(Import.file_name).where(Import.state.in_(FILE_NEEDED)))
    return set(waiting) | set(session.scalars(select(ReturnedPhoto.file_name)))
