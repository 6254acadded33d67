"""The files of a case: adding and taking back, looking at them, and their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.alumni.operations import locked_case
from backend.alumni.records import AlumniCase, AlumniPaper
from backend.alumni.rules import (
    WAITS_FOR,
    AlumniRules,
    CaseState,
    Party,
    Route,
    ScansConsentMissing,
    may_see_scans,
    text_problem,
)
from backend.centres.rules import Scope
from backend.consent.queries import has_consent
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.operations import happened, record_fact
from backend.history.rules import SYSTEM, Actor, Fact
from backend.ports import FileStore
from backend.records import after_commit, begin_write

SCANS_CONSENT = "alumni_scans"  # a purpose of config/consent.toml


@dataclass(frozen=True)
class StoredPaper:
    """A file that is in the store already. The last four belong to a photo that the engine judged."""

    kind: str
    file_name: str
    media_type: str
    bytes: int
    pages: int = 1
    judged_file: str | None = None
    registration_file: str | None = None
    report: dict[str, object] | None = None


def check_add(session: Session, *, case: AlumniCase, kind: str, rules: AlumniRules) -> None:
    """May the graduate add this scan now? Asked before it is stored. Raises NotAllowed, ScansConsentMissing."""
    asked_for = kind in rules.needs[Route(case.route)].scans
    if not asked_for or WAITS_FOR.get(CaseState(case.state)) is not Party.STUDENT or case.state == CaseState.SENT:
        raise NotAllowed(state=case.state, paper=kind)
    if not has_consent(session, student_id=case.student_id, purpose=SCANS_CONSENT):
        raise ScansConsentMissing(student=case.student_id)


def add_paper(
    session: Session,
    *,
    student_id: int,
    case_id: int,
    paper: StoredPaper,
    files: FileStore,
    used: Callable[[Session], set[str]],
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniPaper:
    """The graduate adds a scan; one of the same kind is replaced, and its file deleted.

    A photo with a clear defect is kept too, and counts when another comes or a person is asked about it (ask_person).
    used: names of files that any table refers to. Raises NotFound, NotAllowed, ScansConsentMissing.
    """
    begin_write(session)
    case = _own(session, student_id, case_id)
    check_add(session, case=case, kind=paper.kind, rules=rules)
    # what is never submitted goes some time after the last scan came
    days = rules.retention.scans_not_submitted_days
    case.scans_until = now + timedelta(days=days)
    kept, old = _put(session, case, paper, actor=actor, now=now)
    facts = {"paper": paper.kind, "delete_after_days": days}
    fact = Fact("alumni_case.paper_added", case.id, owner_id=case.student_id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    _commit_without(session, files, old, used)
    return kept


def add_sheet(
    session: Session,
    *,
    scope: Scope,
    party: Party,
    case_id: int,
    paper: StoredPaper,
    files: FileStore,
    used: Callable[[Session], set[str]],
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniPaper:
    """The centre adds the scan of its sealed sheet. Raises NotFound outside the scope, NotAllowed at another desk."""
    begin_write(session)
    case = _in_scope(session, scope, case_id)
    if party is not Party.CENTRE or case.state != CaseState.AT_CENTRE or not rules.needs[Route(case.route)].sheet:
        raise NotAllowed(state=case.state, paper="sheet")
    kept, old = _put(session, case, paper, actor=actor, now=now)
    fact = Fact("alumni_case.sheet_added", case.id, owner_id=case.student_id, facts={"paper": "sheet"})
    record_fact(session, fact, actor=actor, now=now)
    _commit_without(session, files, old, used)
    return kept


def remove_paper(
    session: Session,
    *,
    student_id: int,
    case_id: int,
    paper_id: int,
    files: FileStore,
    used: Callable[[Session], set[str]],
    actor: Actor,
    now: datetime,
) -> None:
    """The graduate takes a scan back before the case is submitted. Raises NotFound, NotAllowed."""
    begin_write(session)
    case = _own(session, student_id, case_id)
    paper = next((paper for paper in case.papers if paper.id == paper_id and paper.kind != "sheet"), None)
    if paper is None:
        raise NotFound(paper=paper_id)
    if CaseState(case.state) not in (CaseState.WITH_STUDENT, CaseState.RETURNED):
        raise NotAllowed(state=case.state, paper=paper.kind)
    old = _names(paper)
    case.papers.remove(paper)
    case.revision += 1
    fact = Fact("alumni_case.paper_removed", case.id, owner_id=student_id, facts={"paper": paper.kind})
    record_fact(session, fact, actor=actor, now=now)
    _commit_without(session, files, old, used)


def ask_person(
    session: Session, *, student_id: int, case_id: int, paper_id: int, words: str, actor: Actor, now: datetime
) -> None:
    """The machine found a clear defect, and there is no other file: the graduate asks that a person looks.

    Raises Invalid without words, NotFound, NotAllowed after the case was submitted.
    """
    problem = text_problem(words, needed=True)
    if problem is not None:
        raise Invalid({"ask": problem})
    begin_write(session)
    case = _own(session, student_id, case_id)
    photo = next((paper for paper in case.papers if paper.id == paper_id and paper.kind == "photo"), None)
    if photo is None:
        raise NotFound(paper=paper_id)
    if CaseState(case.state) not in (CaseState.WITH_STUDENT, CaseState.RETURNED):
        raise NotAllowed(state=case.state, paper="photo")
    photo.asked = words.strip()
    case.revision += 1
    fact = Fact("alumni_case.person_asked", case.id, owner_id=student_id, facts={"paper": "photo"})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def own_paper(session: Session, *, student_id: int, case_id: int, paper_id: int) -> AlumniPaper:
    """A paper of the graduate's own case."""
    return _one(session, paper_id, case_id, lambda case: case.student_id == student_id)


def paper_in_scope(session: Session, *, scope: Scope, party: Party | None, case_id: int, paper_id: int) -> AlumniPaper:
    """A paper that this member of staff may look at while the case stands where it stands. Raises NotFound."""
    return _one(
        session,
        paper_id,
        case_id,
        lambda case: scope.covers(case.student.centre_id) and may_see_scans(party, CaseState(case.state)),
    )


def note_paper_seen(session: Session, *, paper: AlumniPaper, actor: Actor, now: datetime) -> None:
    """Somebody opened a scan: every view is in the history, before it is shown."""
    case_id, kind = paper.case_id, paper.kind
    begin_write(session)
    owner = session.get_one(AlumniCase, case_id).student_id
    facts = {"paper": kind}
    record_fact(session, Fact("alumni_case.paper_seen", case_id, owner_id=owner, facts=facts), actor=actor, now=now)
    session.commit()


def drop_due_scans(session: Session, *, files: FileStore, used: Callable[[Session], set[str]], now: datetime) -> int:
    """Delete the scans of cases that do not need them any more, rows and files; gives the number of cases.

    What happened stays in the history, without the scans. A file that something else refers to stays.
    """
    begin_write(session)
    cases = session.scalars(
        select(AlumniCase)
        .where(AlumniCase.scans_until.is_not(None), AlumniCase.scans_until <= now)
        .order_by(AlumniCase.id)
        .with_for_update(of=AlumniCase)
    ).all()
    names: set[str] = set()
    for case in cases:
        kinds = sorted(paper.kind for paper in case.papers)
        for paper in case.papers:
            names |= _names(paper)
        case.papers.clear()
        case.scans_until, case.scans_deleted_at = None, now
        case.revision += 1
        facts = {"papers": kinds}
        fact = Fact("alumni_case.scans_deleted", case.id, owner_id=case.student_id, facts=facts)
        record_fact(session, fact, actor=SYSTEM, now=now)
    _commit_without(session, files, names, used)
    return len(cases)


def files_in_use(session: Session) -> set[str]:
    """Names of all files that papers refer to."""
    names: set[str] = set()
    for row in session.execute(select(AlumniPaper.file_name, AlumniPaper.judged_file, AlumniPaper.registration_file)):
        names.update(name for name in row if name is not None)
    return names


def _put(
    session: Session, case: AlumniCase, paper: StoredPaper, *, actor: Actor, now: datetime
) -> tuple[AlumniPaper, set[str]]:
    """The new row, and the files of the one that it replaces."""
    old: set[str] = set()
    for former in [item for item in case.papers if item.kind == paper.kind]:
        old |= _names(former)
        case.papers.remove(former)
    session.flush()
    kept = AlumniPaper(
        case_id=case.id,
        kind=paper.kind,
        file_name=paper.file_name,
        media_type=paper.media_type,
        bytes=paper.bytes,
        pages=paper.pages,
        judged_file=paper.judged_file,
        registration_file=paper.registration_file,
        report=paper.report,
        added_at=now,
        added_by=actor.id,
    )
    case.papers.append(kept)
    case.scans_deleted_at = None
    case.revision += 1
    session.flush()
    return kept, old


def _commit_without(session: Session, files: FileStore, names: set[str], used: Callable[[Session], set[str]]) -> None:
    """Commit, then delete the files that nothing refers to any more.

    In this order: a file without a row is swept up later, a row without a file would be a loss.
    """
    session.flush()
    for name in sorted(names - used(session) if names else set()):
        after_commit(session, partial(files.delete, name))
    session.commit()


def _names(paper: AlumniPaper) -> set[str]:
    return {name for name in (paper.file_name, paper.judged_file, paper.registration_file) if name is not None}


def _own(session: Session, student_id: int, case_id: int) -> AlumniCase:
    case = session.get(AlumniCase, case_id, with_for_update={"of": AlumniCase})
    if case is None or case.student_id != student_id:
        raise NotFound(case=case_id)
    return case


def _in_scope(session: Session, scope: Scope, case_id: int) -> AlumniCase:
    case = session.get(AlumniCase, case_id)
    if case is None or not scope.covers(case.student.centre_id):
        raise NotFound(case=case_id)
    return locked_case(session, case_id, case.revision) or case


def _one(session: Session, paper_id: int, case_id: int, allowed: Callable[[AlumniCase], bool]) -> AlumniPaper:
    case = session.get(AlumniCase, case_id)
    if case is None or not allowed(case):
        raise NotFound(case=case_id)
    paper = next((paper for paper in case.papers if paper.id == paper_id), None)
    if paper is None:
        raise NotFound(paper=paper_id)
    return paper
