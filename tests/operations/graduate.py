"""A graduate without a photo, the desks round the case, and shortcuts for the verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts.rules import Role
from backend.alumni import operations, papers
from backend.alumni.papers import StoredPaper
from backend.alumni.records import AlumniCase
from backend.alumni.rules import (
    Answers,
    CaseAction,
    Party,
)
from backend.centres.rules import ALL_CENTRES, Scope
from backend.consent.operations import give_consent
from backend.doctor import examine, files_in_use
from backend.enrollment.records import Student
from backend.history.queries import entries_of
from backend.history.rules import Actor, ActorKind
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import Factory

GRADUATE = Actor(ActorKind.STUDENT, 4711)
BIND = Answers("no", "before", "yes", "yes")
CAPTURE = Answers("no", "before", "no", "no")
SCANS = Answers("no", "before", "yes", "no")
PNG = "image/png"


class Desk:
    """Everything around one graduate: Lin of Wang's centre, the registry, and shortcuts for the verbs."""

    def __init__(self, make: Factory, session: Session, clock: Clock) -> None:
        self.make, self.session, self.clock = make, session, clock
        self.rules, self.files = make.parts.alumni, make.parts.files
        self.lin: Student = make.student(graduated_on=date(2018, 7, 1), certificate_number="999997201806000001")
        self.wang = Actor(ActorKind.STAFF, make.staff(centre=self.lin.centre).id)
        self.registry = Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id)
        self.scope = Scope(self.lin.centre_id)

    def open(self, answers: Answers) -> AlumniCase:
        return operations.open_case(
            self.session,
            student_id=self.lin.id,
            answers=answers,
            rules=self.rules,
            actor=GRADUATE,
            now=self.clock(),
        )

    def consent(self) -> None:
        purpose = self.make.parts.purposes["alumni_scans"]
        give_consent(
            self.session,
            student_id=self.lin.id,
            purpose=purpose,
            seen_version=purpose.version,
            language="zh-CN",
            actor=GRADUATE,
            now=self.clock(),
        )

    def stored(self, kind: str, content: bytes | None = None, **more: Any) -> StoredPaper:
        content = content or f"{kind} of {self.lin.id}".encode()
        if kind == "photo":
            more = {
                "judged_file": self.files.put(content + b"judged"),
                "registration_file": self.files.put(content + b"registration"),
                "report": {"verdict": "pass"},
                **more,
            }
        return StoredPaper(kind, self.files.put(content), PNG, len(content), **more)

    def add(self, case: AlumniCase, kind: str, content: bytes | None = None, **more: Any) -> None:
        papers.add_paper(
            self.session,
            student_id=self.lin.id,
            case_id=case.id,
            paper=self.stored(kind, content, **more),
            files=self.files,
            used=files_in_use,
            rules=self.rules,
            actor=GRADUATE,
            now=self.clock(),
        )

    def add_all(self, case: AlumniCase) -> None:
        self.consent()
        for kind in ("diploma", "id_front", "id_back", "photo"):
            self.add(case, kind)

    def add_sheet(self, case: AlumniCase, scope: Scope | None = None, party: Party = Party.CENTRE) -> None:
        papers.add_sheet(
            self.session,
            scope=scope or self.scope,
            party=party,
            case_id=case.id,
            paper=self.stored("sheet"),
            files=self.files,
            used=files_in_use,
            rules=self.rules,
            actor=self.wang,
            now=self.clock(),
        )

    def own(self, verb: Callable[..., AlumniCase], case: AlumniCase, **more: Any) -> AlumniCase:
        return verb(
            self.session,
            student_id=self.lin.id,
            case_id=case.id,
            **{"seen_revision": case.revision, **more},
            rules=self.rules,
            actor=GRADUATE,
            now=self.clock(),
        )

    def staff(self, verb: Callable[..., AlumniCase], case: AlumniCase, **more: Any) -> AlumniCase:
        return verb(
            self.session,
            case_id=case.id,
            **{"scope": self.scope, "party": Party.CENTRE, "seen_revision": case.revision, "actor": self.wang, **more},
            rules=self.rules,
            now=self.clock(),
        )

    def college(self, verb: Callable[..., AlumniCase], case: AlumniCase, **more: Any) -> AlumniCase:
        return self.staff(verb, case, scope=ALL_CENTRES, party=Party.REGISTRY, actor=self.registry, **more)

    def to_college(self) -> AlumniCase:
        case = self.open(SCANS)
        self.add_all(case)
        self.own(operations.submit_case, case)
        self.add_sheet(case)
        return self.staff(operations.endorse_case, case, opinion="材料属实，同意补报。")

    def approved(self) -> AlumniCase:
        return self.college(operations.decide_case, self.to_college(), action=CaseAction.APPROVE, reason="")

    def verbs(self, kind: str, subject: int) -> list[str]:
        return [entry.verb.partition(".")[2] for entry in entries_of(self.session, kind, subject)]

    def healthy(self) -> None:
        later = self.clock() + timedelta(hours=2)
        assert [finding.text for finding in examine(self.session, self.files, now=later) if finding.harm] == []


def run_due_jobs(desk: Desk) -> None:
    parts = desk.make.parts
    worker = Worker(Tools.of(parts))
    while worker.run_one():
        pass
    desk.session.rollback()
    desk.session.expire_all()
