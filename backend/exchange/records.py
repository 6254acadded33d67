"""Imports, the rows that were refused, what was written, and what other systems said about students."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.accounts.records import Account
from backend.enrollment.records import Student
from backend.records import Encrypted, Record, UtcDateTime


class Import(Record):
    """One file on its way in. `done_rows` of `total_rows` lines are through, in the step that `state` names."""

    __tablename__ = "import_run"
    __table_args__ = (Index(None, "kind", "state"), Index(None, "centre_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # a kind of config/exchange.toml
    state: Mapped[str] = mapped_column(String(16))  # see exchange.rules.ImportState
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))  # whose import it is; None: the registry's
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store = SHA-256 of the content
    label: Mapped[str] = mapped_column(Encrypted("import_run.label"))  # the file's own name, which may name a person
    bytes: Mapped[int]
    format: Mapped[str] = mapped_column(String(8))  # xlsx, xls, csv, dbf or zip
    about: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # encoding, sheet, rows left out
    # {"sheet": place, "header": row, "columns": {name: place}}; "by_name": photos are known by their names alone
    columns: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    as_of: Mapped[date | None] = mapped_column(Date)  # the day on which the other system said so
    # JSON for the page: headings and first rows of the file, then examples of what would change
    preview: Mapped[str] = mapped_column(Encrypted("import_run.preview"), default="{}")
    total_rows: Mapped[int] = mapped_column(default=0)
    done_rows: Mapped[int] = mapped_column(default=0)
    expected: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # outcome -> rows, by the dry run
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # outcome -> rows, written or refused so far
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who began the last step
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    uploader: Mapped[Account] = relationship(lazy="joined", innerjoin=True, foreign_keys=[uploaded_by])


class ImportProblem(Record):
    """Why one row or file was refused."""

    __tablename__ = "import_problem"
    __table_args__ = (Index(None, "import_id", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    row: Mapped[int]  # as people count, from 1
    place: Mapped[str] = mapped_column(Encrypted("import_problem.place"))  # cell, or name of the file in the ZIP
    column: Mapped[str] = mapped_column(String(24))
    code: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(Encrypted("import_problem.value"))  # what stands there; ID numbers masked


class ImportEffect(Record):
    """What one row changed, so that it can be taken back. `before`: JSON of the values that were there."""

    __tablename__ = "import_effect"
    __table_args__ = (Index(None, "import_id", "id"), Index(None, "student_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    # no key: a student whom the import had added is gone after its undo
    student_id: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))  # new or changed
    version: Mapped[int] = mapped_column(default=0)  # roster: the student's data version after it
    before: Mapped[str] = mapped_column(Encrypted("import_effect.before"), default="{}")
    undone: Mapped[bool] = mapped_column(default=False)


class ColumnChoice(Record):
    """What somebody chose by hand for these headings; the next file with the same ones is matched alike.

    Of a workbook also which sheet was chosen: {"sheet": name}, under the signature of its sheets.
    """

    __tablename__ = "column_choice"
    __table_args__ = (UniqueConstraint("kind", "signature"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(64))  # see exchange.lines.signature
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)  # {name: place}
    chosen_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MatchResult(Record):
    """What one match import said about one student. The newest is the one that is not superseded."""

    __tablename__ = "match_result"
    __table_args__ = (
        UniqueConstraint("import_id", "student_id"),
        Index(None, "student_id", "superseded"),
        Index(None, "superseded", "photo"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    as_of: Mapped[date] = mapped_column(Date)
    photo: Mapped[str] = mapped_column(String(8))  # has 学信网 the photo: yes, no, unknown
    identity_marked: Mapped[bool] = mapped_column(default=False)  # an identity review is asked for
    before: Mapped[str] = mapped_column(String(8), default="")  # photo of the result before; empty: there was none
    superseded: Mapped[bool] = mapped_column(default=False)


class ReturnedPhoto(Record):
    """A photo that a capture unit gave back, laid to one student."""

    __tablename__ = "returned_photo"
    __table_args__ = (UniqueConstraint("import_id", "student_id"), Index(None, "student_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    sequence: Mapped[str] = mapped_column(String(24), default="")  # the number by which the unit counted
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store
    media_type: Mapped[str] = mapped_column(String(40))
    returned_on: Mapped[date] = mapped_column(Date)

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)


class ExamNumber(Record):
    """The number a student had in the entrance examination (考生号): photos of some systems are named by it."""

    __tablename__ = "exam_number"

    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)


class ReturnedReport(Record):
    """What the machine found on one of the two pictures that a person compares. Made by a job, replaced by a newer one.

    Without a report `problem` says why the picture could not be checked: that is neither good nor bad.
    """

    __tablename__ = "returned_report"
    __table_args__ = (
        UniqueConstraint("returned_id", "side"),
        CheckConstraint("(report is null) = (problem <> '')", name="problem"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    returned_id: Mapped[int] = mapped_column(ForeignKey("returned_photo.id"))
    side: Mapped[str] = mapped_column(String(12))  # see exchange.rules.Side
    version_id: Mapped[int | None] = mapped_column(ForeignKey("photo_version.id"))  # of the accepted side
    edition: Mapped[str] = mapped_column(String(40))
    profile: Mapped[str] = mapped_column(String(40))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # compliance Report.as_dict()
    problem: Mapped[str] = mapped_column(String(32), default="")  # a word of finding.reason, or "failed"
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReturnedCheck(Record):
    """What a person said of one picture of the disc, or of its print in the hand. Never changed, only taken back.

    It stands for this file of this student: the disc's row goes when its import is undone, what somebody said of the
    picture stays, and counts again when the same file comes back.
    """

    __tablename__ = "returned_check"
    __table_args__ = (
        Index(None, "student_id"),
        Index(None, "returned_id"),
        CheckConstraint("(answer = 'wrong') = (reason <> '')", name="reason"),
        CheckConstraint("medium = 'paper' or version_id is not null", name="beside"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    medium: Mapped[str] = mapped_column(String(8), default="disc")  # see exchange.rules.Medium
    # the accepted photo it was laid beside; a print may be compared without one
    version_id: Mapped[int | None] = mapped_column(ForeignKey("photo_version.id"))
    returned_id: Mapped[int]  # of ReturnedPhoto, no key
    returned_file: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(12))  # see exchange.rules.Answer
    reason: Mapped[str] = mapped_column(String(16), default="")  # of the errata case: paper_photo or printed_data
    note: Mapped[str | None] = mapped_column(Encrypted("returned_check.note"))  # staff's own words
    case_id: Mapped[int | None] = mapped_column(ForeignKey("erratum.id"))
    checked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
