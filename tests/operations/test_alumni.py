"""Cases of graduates without a photo: their ways to the end, desks and scopes, and that scans are really deleted."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import LockedOut, Role, SignInFailed, WeakPassword
from backend.alumni import applications, operations, packages, papers
from backend.alumni.applications import Receipt
from backend.alumni.papers import StoredPaper
from backend.alumni.queries import candidates, cases_in, same_person_waiting
from backend.alumni.records import AlumniApplication, AlumniCase
from backend.alumni.rules import (
    Answers,
    ApplicationState,
    CaseAction,
    CaseState,
    NotAlumnus,
    PapersMissing,
    Party,
    Route,
    ScansConsentMissing,
)
from backend.centres.rules import ALL_CENTRES, Scope
from backend.consent.operations import give_consent
from backend.doctor import examine, files_in_use
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.queries import entries_of
from backend.history.rules import Actor, ActorKind
from backend.jobs.records import Job
from backend.photos.rules import Action
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


@pytest.fixture
def desk(make: Factory, session: Session, clock: Clock) -> Desk:
    return Desk(make, session, clock)


# ---------------------------------------------------------------- the three ways


def test_case_1_ends_with_the_graduates_own_word(desk: Desk) -> None:
    case = desk.open(BIND)
    assert (case.route, case.state) == (Route.BIND, CaseState.WITH_STUDENT)
    desk.own(operations.report_result, case, found=True)
    assert case.state == CaseState.DONE
    desk.healthy()


def test_case_1_that_did_not_work_goes_to_the_centre_which_leads_on(desk: Desk) -> None:
    case = desk.open(BIND)
    desk.own(operations.report_result, case, found=False)
    assert case.state == CaseState.AT_CENTRE
    reason = "新华社没有您的照片，请按第三种方式办理。"
    desk.staff(operations.reroute_case, case, route=Route.SCANS, reason=reason)
    assert (case.route, case.state, case.note) == (Route.SCANS, CaseState.WITH_STUDENT, reason)
    desk.healthy()


def test_case_2_needs_the_accepted_photo_and_both_prints(desk: Desk, make: Factory) -> None:
    case = desk.open(CAPTURE)
    with pytest.raises(PapersMissing) as missing:
        desk.own(operations.submit_case, case)
    assert missing.value.facts["missing"] == ("capture",)
    make.settle(desk.lin)
    make.submitted(desk.lin)
    make.reviewed(desk.lin, Action.ACCEPT)
    desk.own(operations.submit_case, case)
    with pytest.raises(PapersMissing):
        desk.staff(operations.endorse_case, case, opinion="同意")
    today = desk.clock().date()
    desk.staff(operations.receive_prints, case, count=1, received_on=today)
    with pytest.raises(PapersMissing) as missing:
        desk.staff(operations.endorse_case, case, opinion="同意")
    assert missing.value.facts["missing"] == ("prints",)
    desk.staff(operations.receive_prints, case, count=2, received_on=today)
    assert (case.prints, case.prints_on, case.prints_by) == (2, today, desk.wang.id)
    desk.staff(operations.endorse_case, case, opinion="同意")
    assert case.state == CaseState.AT_COLLEGE
    desk.healthy()


@pytest.mark.parametrize(("count", "days", "field"), [(0, 0, "count"), (3, 0, "count"), (2, 1, "received_on")])
def test_prints_are_counted_as_they_can_be(desk: Desk, count: int, days: int, field: str) -> None:
    case = desk.open(CAPTURE)
    day = desk.clock().date() + timedelta(days=days)
    with pytest.raises(Invalid) as wrong:
        desk.staff(operations.receive_prints, case, count=count, received_on=day)
    assert list(wrong.value.problems) == [field]


def test_prints_are_the_centres_and_of_case_2_only(desk: Desk) -> None:
    case = desk.open(SCANS)
    with pytest.raises(NotAllowed):
        desk.staff(operations.receive_prints, case, count=1, received_on=desk.clock().date())


def test_case_3_goes_over_every_desk_to_its_end(desk: Desk) -> None:
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
    assert (case.state, case.sent_on) == (CaseState.SENT, date(2026, 11, 2))
    assert case.due_on == date(2026, 11, 9)
    desk.clock.move(days=7)
    desk.own(operations.report_result, case, found=False)
    assert case.state == CaseState.AT_COLLEGE
    desk.college(operations.decide_case, case, action=CaseAction.APPROVE, reason="")
    again = packages.make_package(
        desk.session, case_ids=[case.id], rules=desk.rules, actor=desk.registry, now=desk.clock()
    )
    packages.send_package(
        desk.session,
        package_id=again.id,
        sent_on=desk.clock().date(),
        rules=desk.rules,
        actor=desk.registry,
        now=desk.clock(),
    )
    desk.own(operations.report_result, case, found=True)
    assert case.state == CaseState.DONE
    verbs = desk.verbs("alumni_case", case.id)
    for verb in ("opened", "paper_added", "submitted", "sheet_added", "endorsed", "approved", "packaged", "sent"):
        assert verb in verbs
    desk.healthy()


def test_case_3_waits_for_every_scan_and_for_the_seal(desk: Desk) -> None:
    case = desk.open(SCANS)
    desk.consent()
    desk.add(case, "diploma")
    with pytest.raises(PapersMissing) as missing:
        desk.own(operations.submit_case, case)
    assert missing.value.facts["missing"] == ("id_front", "id_back", "photo")
    for kind in ("id_front", "id_back", "photo"):
        desk.add(case, kind)
    desk.own(operations.submit_case, case)
    with pytest.raises(PapersMissing) as missing:
        desk.staff(operations.endorse_case, case, opinion="同意")
    assert missing.value.facts["missing"] == ("sheet",)
    with pytest.raises(Invalid):
        desk.staff(operations.endorse_case, case, opinion="  ")


def test_a_returned_case_says_why_and_comes_back(desk: Desk) -> None:
    case = desk.to_college()
    with pytest.raises(Invalid):
        desk.college(operations.decide_case, case, action=CaseAction.RETURN, reason=" ")
    desk.college(operations.decide_case, case, action=CaseAction.RETURN, reason="身份证反面看不清")
    assert (case.state, case.note) == (CaseState.RETURNED, "身份证反面看不清")
    desk.add(case, "id_back", b"a sharper one")
    desk.own(operations.submit_case, case)
    assert case.state == CaseState.AT_CENTRE


def test_since_the_boundary_the_case_begins_at_the_centre(desk: Desk, make: Factory) -> None:
    desk.lin = make.student(desk.lin.centre, graduated_on=date(2020, 1, 1))
    case = desk.open(SCANS)  # whatever was answered: the roster knows the day
    assert (case.route, case.state) == (Route.ASK_CENTRE, CaseState.AT_CENTRE)


def test_a_second_tap_opens_no_second_case(desk: Desk) -> None:
    assert desk.open(BIND).id == desk.open(SCANS).id


def test_a_student_who_has_not_graduated_has_no_such_case(desk: Desk, make: Factory) -> None:
    desk.lin = make.student()
    with pytest.raises(NotAlumnus):
        desk.open(BIND)


def test_a_stale_page_changes_nothing(desk: Desk) -> None:
    case = desk.open(BIND)
    with pytest.raises(Outdated):
        desk.own(operations.withdraw_case, case, seen_revision=case.revision - 1)


def test_another_centre_and_another_graduate_find_no_case(desk: Desk, make: Factory) -> None:
    case = desk.to_college()
    elsewhere = Scope(make.centre().id)
    with pytest.raises(NotFound):
        desk.staff(operations.decide_case, case, scope=elsewhere, action=CaseAction.CLOSE, reason="x")
    desk.session.rollback()
    assert cases_in(desk.session, scope=elsewhere, states=list(CaseState)) == ([], 0)
    assert cases_in(desk.session, scope=desk.scope, states=list(CaseState))[1] == 1
    other = make.student(desk.lin.centre)
    with pytest.raises(NotFound):
        papers.own_paper(desk.session, student_id=other.id, case_id=case.id, paper_id=case.papers[0].id)


# ---------------------------------------------------------------- scans


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


def run_due_jobs(desk: Desk) -> None:
    parts = desk.make.parts
    worker = Worker(Tools.of(parts))
    while worker.run_one():
        pass
    desk.session.rollback()
    desk.session.expire_all()


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


# ---------------------------------------------------------------- the package


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


# ---------------------------------------------------------------- applications without an account


def apply(desk: Desk, **values: Any) -> Receipt:
    return applications.apply(
        desk.session,
        **{
            "name": desk.lin.name,
            "certificate_number": "9999 9720 1806 0000 01",
            "id_number": desk.lin.id_number,
            "phone": "0591-00000001",
            "centre_id": desk.lin.centre_id,
            "answers": SCANS,
            **values,
        },
        rules=desk.rules,
        now=desk.clock(),
    )


def found(desk: Desk, receipt: Receipt) -> AlumniApplication:
    application = applications.application_by(desk.session, number=receipt.number, code=receipt.code)
    assert application is not None
    return application


def match(desk: Desk, application: AlumniApplication, student: Student, scope: Scope | None = None) -> Any:
    return applications.match_application(
        desk.session,
        scope=scope or desk.scope,
        application_id=application.id,
        student_id=student.id,
        rules=desk.rules,
        actor=desk.wang,
        now=desk.clock(),
    )


def test_an_application_is_matched_and_opens_the_account_and_the_case(desk: Desk) -> None:
    receipt = apply(desk)
    application = found(desk, receipt)
    (candidate,) = candidates(desk.session, scope=desk.scope, application=application)
    assert candidate.student.id == desk.lin.id
    assert candidate.likeness.strength == 7
    case = match(desk, application, desk.lin)
    assert (case.student_id, case.route, case.application_id) == (desk.lin.id, Route.SCANS, application.id)
    policy = desk.make.parts.policy
    with pytest.raises(WeakPassword):
        applications.open_matched_account(
            desk.session,
            application_id=application.id,
            password="12345678",
            device="phone",
            policy=policy,
            now=desk.clock(),
        )
    token = applications.open_matched_account(
        desk.session,
        application_id=application.id,
        password="zhaopian-2026-ok",
        device="phone",
        policy=policy,
        now=desk.clock(),
    )
    assert token
    assert desk.session.scalars(select(Account.login).where(Account.student_id == desk.lin.id)).one()
    with pytest.raises(NotAllowed):  # once; afterwards the password counts
        applications.open_matched_account(
            desk.session,
            application_id=application.id,
            password="zhaopian-2026-ok",
            device="phone",
            policy=policy,
            now=desk.clock(),
        )
    desk.healthy()


def test_an_application_that_nobody_decided_opens_nothing(desk: Desk) -> None:
    application = found(desk, apply(desk))
    with pytest.raises(NotAllowed):
        applications.open_matched_account(
            desk.session,
            application_id=application.id,
            password="zhaopian-2026-ok",
            device="phone",
            policy=desk.make.parts.policy,
            now=desk.clock(),
        )


def test_the_answer_is_the_same_whether_or_not_somebody_is_on_the_roster(desk: Desk, make: Factory) -> None:
    stranger = make.student()
    number = stranger.id_number
    known, unknown = apply(desk), apply(desk, name="查无此人", id_number=number, certificate_number="")
    assert len(known.number) == len(unknown.number) == 8
    assert found(desk, known).state == found(desk, unknown).state == ApplicationState.WAITING


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"certificate_number": "999992201806000001"}, "certificate_number"),
        ({"id_number": "990101199602290000"}, "id_number"),
        ({"phone": "电话"}, "phone"),
        ({"centre_id": 99999}, "centre"),
    ],
)
def test_a_slip_is_told_by_field(desk: Desk, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        apply(desk, **values)
    assert list(wrong.value.problems) == [field]


def test_number_and_code_open_it_and_guessing_locks(desk: Desk) -> None:
    receipt, policy = apply(desk), desk.make.parts.policy
    shown = applications.look_up(
        desk.session, number=receipt.number.upper(), code=f" {receipt.code} ", policy=policy, now=desk.clock()
    )
    assert shown.id == found(desk, receipt).id
    for _ in range(policy.lockout_failures):
        with pytest.raises(SignInFailed):
            applications.look_up(desk.session, number=receipt.number, code="00000000", policy=policy, now=desk.clock())
    with pytest.raises(LockedOut):
        applications.look_up(desk.session, number=receipt.number, code=receipt.code, policy=policy, now=desk.clock())


def test_a_number_that_does_not_exist_is_refused_as_a_wrong_code_is(desk: Desk) -> None:
    with pytest.raises(SignInFailed):
        applications.look_up(
            desk.session, number="xxxxxxxx", code="00000000", policy=desk.make.parts.policy, now=desk.clock()
        )


def test_another_centre_sees_no_application_until_it_is_passed_on(desk: Desk, make: Factory) -> None:
    zhao = make.centre()
    application = found(desk, apply(desk, centre_id=zhao.id))
    with pytest.raises(NotFound):
        match(desk, application, desk.lin)
    assert candidates(desk.session, scope=Scope(zhao.id), application=application) == []
    for scope, to in ((Scope(zhao.id), None), (ALL_CENTRES, desk.lin.centre_id)):
        applications.pass_on(
            desk.session,
            scope=scope,
            application_id=application.id,
            centre_id=to,
            actor=desk.wang,
            now=desk.clock(),
        )
    assert match(desk, application, desk.lin).student_id == desk.lin.id


def test_a_person_of_another_centre_or_a_student_cannot_be_matched(desk: Desk, make: Factory) -> None:
    application = found(desk, apply(desk))
    with pytest.raises(NotFound):
        match(desk, application, make.student(graduated_on=date(2018, 7, 1)))
    with pytest.raises(NotAlumnus):
        match(desk, application, make.student(desk.lin.centre))
    desk.session.rollback()
    assert application.state == ApplicationState.WAITING


def test_a_decided_application_is_forgotten_and_its_history_stays(desk: Desk) -> None:
    application = found(desk, apply(desk))
    with pytest.raises(Invalid):
        refuse(desk, application, " ")
    refuse(desk, application, "名册上没有相符的人，请带毕业证到学习中心。")
    assert same_person_waiting(desk.session, application=application) == 0
    desk.clock.move(days=29)
    run_due_jobs(desk)
    assert application.name == desk.lin.name
    desk.clock.move(days=2)
    run_due_jobs(desk)
    assert (application.name, application.id_number, application.id_number_index, application.phone) == (None,) * 4
    assert (application.reason, application.certificate_number) == (None, None)
    assert desk.verbs("alumni_application", application.id) == ["made", "refused", "forgotten"]
    desk.healthy()


def refuse(desk: Desk, application: AlumniApplication, reason: str) -> None:
    applications.refuse_application(
        desk.session,
        scope=desk.scope,
        application_id=application.id,
        reason=reason,
        rules=desk.rules,
        actor=desk.wang,
        now=desk.clock(),
    )


def test_an_application_that_nobody_decides_lapses(desk: Desk) -> None:
    application = found(desk, apply(desk))
    desk.clock.move(days=181)
    run_due_jobs(desk)
    assert (application.state, application.id_number) == (ApplicationState.LAPSED, None)
    desk.healthy()


def test_who_takes_an_application_back_is_forgotten_at_once(desk: Desk) -> None:
    application = found(desk, apply(desk))
    applications.withdraw_application(desk.session, application_id=application.id, rules=desk.rules, now=desk.clock())
    assert (application.state, application.id_number) == (ApplicationState.WITHDRAWN, None)
    desk.healthy()
