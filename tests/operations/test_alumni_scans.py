"""Scans of a case need their own consent, are really deleted, and go to the college in a package."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.alumni import operations, packages, papers
from backend.alumni.records import AlumniCase
from backend.alumni.rules import (
    CaseAction,
    CaseState,
    PapersMissing,
    Party,
    ScansConsentMissing,
)
from backend.centres.rules import ALL_CENTRES, Scope
from backend.doctor import files_in_use
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.queries import entries_of
from backend.jobs.records import Job
from tests.conftest import Clock
from tests.factories import Factory
from tests.operations.graduate import BIND, GRADUATE, SCANS, Desk, run_due_jobs


@pytest.fixture
def desk(make: Factory, session: Session, clock: Clock) -> Desk:
    return Desk(make, session, clock)


def test_no_scan_without_its_own_consent(desk: Desk) -> None:
    case = desk.open(SCANS)
    with pytest.raises(ScansConsentMissing):
        desk.add(case, "id_front")
    desk.session.rollback()
    assert case.papers == []


def test_no_scan_that_the_way_does_not_ask_for(desk: Desk) -> None:
    case = desk.open(BIND)
    desk.consent()
    with pytest.raises(NotAllowed):
        desk.add(case, "id_front")


def test_a_photo_with_a_clear_defect_counts_when_a_person_is_asked(desk: Desk) -> None:
    case = desk.open(SCANS)
    desk.add_all(case)
    desk.add(case, "photo", report={"verdict": "retake"})
    with pytest.raises(PapersMissing) as missing:
        desk.own(operations.submit_case, case)
    assert missing.value.facts["missing"] == ("photo",)
    photo = next(paper for paper in case.papers if paper.kind == "photo")
    with pytest.raises(Invalid):
        ask(desk, case, photo.id, " ")
    ask(desk, case, photo.id, "毕业证上就是这张，只有这一张。")
    assert photo.asked == "毕业证上就是这张，只有这一张。"
    desk.own(operations.submit_case, case)
    with pytest.raises(NotAllowed):
        ask(desk, case, photo.id, "再看看")


def ask(desk: Desk, case: AlumniCase, paper_id: int, words: str) -> None:
    papers.ask_person(
        desk.session,
        student_id=desk.lin.id,
        case_id=case.id,
        paper_id=paper_id,
        words=words,
        actor=GRADUATE,
        now=desk.clock(),
    )


def test_a_replaced_scan_is_gone_from_the_disk(desk: Desk) -> None:
    case = desk.open(SCANS)
    desk.consent()
    desk.add(case, "id_front", b"blurred")
    first = case.papers[0].file_name
    desk.add(case, "id_front", b"sharp")
    names = {name for name, _ in desk.files.names()}
    assert first not in names
    assert case.papers[0].file_name in names
    papers.remove_paper(
        desk.session,
        student_id=desk.lin.id,
        case_id=case.id,
        paper_id=case.papers[0].id,
        files=desk.files,
        used=files_in_use,
        actor=GRADUATE,
        now=desk.clock(),
    )
    assert list(desk.files.names()) == []
    desk.healthy()


def test_scans_are_seen_at_the_desk_where_the_case_is(desk: Desk) -> None:
    case = desk.open(SCANS)
    desk.add_all(case)
    paper_id = case.papers[0].id

    def seen(scope: Scope, party: Party) -> bool:
        try:
            papers.paper_in_scope(desk.session, scope=scope, party=party, case_id=case.id, paper_id=paper_id)
        except NotFound:
            return False
        return True

    assert not seen(desk.scope, Party.CENTRE)  # not submitted yet: nobody's business
    assert not seen(ALL_CENTRES, Party.REGISTRY)
    desk.own(operations.submit_case, case)
    assert seen(desk.scope, Party.CENTRE)
    assert not seen(Scope(desk.lin.centre_id + 1), Party.CENTRE)
    desk.add_sheet(case)
    desk.staff(operations.endorse_case, case, opinion="同意")
    assert not seen(desk.scope, Party.CENTRE)
    assert seen(ALL_CENTRES, Party.REGISTRY)


def test_the_worker_deletes_the_scans_thirty_days_after_the_end(desk: Desk) -> None:
    case = desk.to_college()
    desk.college(operations.decide_case, case, action=CaseAction.CLOSE, reason="不是我院毕业生")
    kept = files_in_use(desk.session)
    assert len(kept) == 7  # five papers; the photo has three files
    desk.clock.move(days=29)
    run_due_jobs(desk)
    assert {name for name, _ in desk.files.names()} == kept
    desk.clock.move(days=1, minutes=1)
    run_due_jobs(desk)
    assert list(desk.files.names()) == []
    assert (case.papers, case.scans_deleted_at is not None) == ([], True)
    entries = entries_of(desk.session, "alumni_case", case.id)
    deleted = entries[-1]
    assert deleted.verb == "alumni_case.scans_deleted"
    assert deleted.facts["papers"] == ["diploma", "id_back", "id_front", "photo", "sheet"]
    assert "endorsed" in desk.verbs("alumni_case", case.id)  # what happened stays
    assert not desk.session.scalars(select(Job).where(Job.state == "failed")).all()
    desk.healthy()


def test_a_withdrawn_case_loses_its_scans_at_once(desk: Desk) -> None:
    case = desk.open(SCANS)
    desk.add_all(case)
    desk.own(operations.withdraw_case, case)
    desk.clock.move(seconds=6)
    run_due_jobs(desk)
    assert list(desk.files.names()) == []
    desk.healthy()


def test_scans_that_were_never_submitted_go_after_ninety_days_and_submitted_ones_stay(desk: Desk) -> None:
    case = desk.open(SCANS)
    desk.add_all(case)
    desk.clock.move(days=60)
    desk.add(case, "diploma", b"another one")  # the days count from the last scan
    desk.clock.move(days=45)
    run_due_jobs(desk)
    assert len(case.papers) == 4
    desk.own(operations.submit_case, case)
    desk.clock.move(days=100)
    run_due_jobs(desk)
    assert len(case.papers) == 4  # the centre has them: its delay costs the graduate nothing
    desk.staff(operations.decide_case, case, action=CaseAction.RETURN, reason="请补一张")
    desk.clock.move(days=91)
    run_due_jobs(desk)
    assert list(desk.files.names()) == []
    assert case.state == CaseState.RETURNED
    desk.healthy()


def test_a_file_that_something_else_refers_to_stays(desk: Desk, make: Factory) -> None:
    make.settle(desk.lin)
    version = make.submitted(desk.lin)
    content = desk.files.get(version.original_file)
    case = desk.open(SCANS)
    desk.consent()
    desk.add(case, "photo", content)
    desk.own(operations.withdraw_case, case)
    desk.clock.move(seconds=6)
    run_due_jobs(desk)
    assert desk.files.get(version.original_file) == content
    desk.healthy()


def package_bytes(desk: Desk, package: Any) -> bytes:
    stream = io.BytesIO()
    packages.write_package(
        stream,
        session=desk.session,
        package=package,
        files=desk.files,
        sheet_of=lambda case: b"%PDF of the form",
        rules=desk.rules,
    )
    return stream.getvalue()


def test_a_package_is_the_same_bytes_again_and_its_manifest_fits(desk: Desk) -> None:
    case = desk.approved()
    package = packages.make_package(
        desk.session, case_ids=[case.id, case.id], rules=desk.rules, actor=desk.registry, now=desk.clock()
    )
    content = package_bytes(desk, package)
    desk.clock.move(days=3)
    assert package_bytes(desk, package) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = set(archive.namelist()) - {"manifest.json"}
        listed = {entry["file"]: entry for entry in manifest["cases"][0]["files"]}
        assert set(listed) == names
        for name, entry in listed.items():
            assert entry["sha256"] == hashlib.sha256(archive.read(name)).hexdigest()
    assert names == {f"001/{name}" for name in
                     ("form.pdf", "diploma.png", "id_front.png", "id_back.png", "sheet.png", "photo.jpg")}  # fmt: skip
    assert desk.lin.id_number not in json.dumps(manifest)


def test_only_approved_cases_go_into_a_package(desk: Desk) -> None:
    case = desk.to_college()
    for ids in ([], [case.id], list(range(1, 30))):
        with pytest.raises((Invalid, NotAllowed, NotFound)):
            packages.make_package(desk.session, case_ids=ids, rules=desk.rules, actor=desk.registry, now=desk.clock())


def test_a_package_cannot_be_made_again_when_its_scans_are_gone(desk: Desk) -> None:
    case = desk.approved()
    package = packages.make_package(
        desk.session, case_ids=[case.id], rules=desk.rules, actor=desk.registry, now=desk.clock()
    )
    packages.send_package(
        desk.session,
        package_id=package.id,
        sent_on=desk.clock().date(),
        rules=desk.rules,
        actor=desk.registry,
        now=desk.clock(),
    )
    desk.clock.move(days=91)
    run_due_jobs(desk)
    with pytest.raises(packages.ScansGone):
        package_bytes(desk, package)
