"""Applications without an account, cases, their papers, and the packages for the supplementary report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.centres.records import Centre
from backend.enrollment.records import Student
from backend.records import Encrypted, Record, UtcDateTime


class AlumniApplication(Record):
    """Somebody without an account says who they are; staff look for them on the roster.

    The personal columns are emptied after the decision: see config/alumni.toml, [retention].
    """

    __tablename__ = "alumni_application"
    __table_args__ = (
        Index(None, "state", "made_at"),
        Index(None, "forget_at"),
        # an application's number is never given again: the history names it
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(8), unique=True)  # random; what the applicant writes down
    code_index: Mapped[bytes] = mapped_column(LargeBinary(16))  # keyed hash of the code that goes with the number
    state: Mapped[str] = mapped_column(String(16))  # see alumni.rules.ApplicationState
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))  # None: at the college's registry
    name: Mapped[str | None] = mapped_column(Encrypted("alumni_application.name"))
    certificate_number: Mapped[str | None] = mapped_column(Encrypted("alumni_application.certificate_number"))
    id_number: Mapped[str | None] = mapped_column(Encrypted("alumni_application.id_number"))
    id_number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))  # as student.id_number_index
    phone: Mapped[str | None] = mapped_column(Encrypted("alumni_application.phone"))
    answers: Mapped[dict[str, str]] = mapped_column(JSON)  # of the triage
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date] = mapped_column(Date)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(Encrypted("alumni_application.reason"))  # what the applicant is told
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))  # the person that staff found
    forget_at: Mapped[datetime] = mapped_column(UtcDateTime)
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    centre: Mapped[Centre | None] = relationship(lazy="joined")
    student: Mapped[Student | None] = relationship()


class AlumniCase(Record):
    """One graduate's way to a photo at 学信网."""

    __tablename__ = "alumni_case"
    __table_args__ = (
        Index(None, "student_id"),
        Index(None, "state", "due_on"),
        Index(None, "scans_until"),
        CheckConstraint("prints >= 0", name="prints"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("alumni_application.id"))
    route: Mapped[str] = mapped_column(String(16))  # see alumni.rules.Route
    state: Mapped[str] = mapped_column(String(16))  # see alumni.rules.CaseState
    revision: Mapped[int] = mapped_column(default=1)  # counts changes: a stale page is refused
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime)  # of the present state
    due_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")  # the newest reason, for whoever has to act on it
    opinion: Mapped[str] = mapped_column(Text, default="")  # of the centre
    opinion_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    opinion_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    prints: Mapped[int] = mapped_column(default=0)  # paper prints that the centre has received
    prints_on: Mapped[date | None] = mapped_column(Date)
    prints_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sent_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scans_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # then they are deleted; None: they are needed
    scans_deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)
    papers: Mapped[list[AlumniPaper]] = relationship(order_by="AlumniPaper.id", cascade="all, delete-orphan")


class AlumniPaper(Record):
    """One file of a case. Its row goes with the file: what remains of it is in the history."""

    __tablename__ = "alumni_paper"
    __table_args__ = (
        UniqueConstraint("case_id", "kind"),
        # a paper's number is never given again: the history names it
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("alumni_case.id"))
    kind: Mapped[str] = mapped_column(String(16))  # see alumni.rules.PAPERS
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store
    media_type: Mapped[str] = mapped_column(String(40))
    bytes: Mapped[int]
    pages: Mapped[int] = mapped_column(default=1)  # of a PDF
    judged_file: Mapped[str | None] = mapped_column(String(64))  # of the photo: the picture that findings are drawn on
    registration_file: Mapped[str | None] = mapped_column(String(64))  # of the photo: the file for the report
    report: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # of the photo: compliance.findings.Report.as_dict()
    asked: Mapped[str] = mapped_column(Text, default="")  # the graduate's words when a person should look at the photo
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[int | None]  # the account; a graduate's may be made anew, so no key refers to it


class AlumniPackage(Record):
    """Cases that went to 学信网 together."""

    __tablename__ = "alumni_package"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sent_on: Mapped[date | None] = mapped_column(Date)

    items: Mapped[list[AlumniPackageItem]] = relationship(order_by="AlumniPackageItem.serial")


class AlumniPackageItem(Record):
    """A case's place in its package."""

    __tablename__ = "alumni_package_item"
    __table_args__ = (UniqueConstraint("package_id", "case_id"),)

    package_id: Mapped[int] = mapped_column(ForeignKey("alumni_package.id"), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True)  # from 1
    case_id: Mapped[int] = mapped_column(ForeignKey("alumni_case.id"))

    case: Mapped[AlumniCase] = relationship(lazy="joined", innerjoin=True)
