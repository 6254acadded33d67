"""Statistics: the counts are those of the students' own pages, a centre sees itself, files hold no formula."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.capture.records import CaptureRound
from backend.centres.rules import ALL_CENTRES, Scope
from backend.compliance.codes import Code
from backend.compliance.findings import Finding, PictureVerdict, Severity, Verdict
from backend.days import day_of
from backend.enrollment.operations import report_wrong_data
from backend.enrollment.records import Student
from backend.errata.records import ErratumCase
from backend.exchange.records import Import, MatchResult
from backend.history.rules import SYSTEM
from backend.notices.records import Notice, NoticeLink, ScanCount
from backend.parts import Parts
from backend.photos.records import CheckCount
from backend.photos.rules import Action
from backend.progress.missing import match_list
from backend.progress.queries import facts_of
from backend.progress.rules import StageState, stages
from backend.proofreading.operations import record_evidence
from backend.proofreading.records import ChsiRecord
from backend.proofreading.stages import Stage, Witness
from backend.statistics.over_time import days_to_decide, reasons, scans
from backend.statistics.queries import causes, standings, standings_and_waits, waits
from backend.statistics.rules import By, Matter, funnel, period, reached, spans
from backend.statistics.standing import Narrowed
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]
PARTS = ("missing", "waiting", "reasons", "posters", "centres", "report")
SHADOW = Finding(Code.BG_SHADOW, Verdict.BAD, Severity.HARD, 3.0, "", None, 1.0, "R07")


def said(make: Factory, student: Student, stage: Stage, witness: Witness, *, holds: bool = True, days: int = 0) -> None:
    record_evidence(
        make.session,
        student_id=student.id,
        stage=stage,
        witness=witness,
        holds=holds,
        since=make.clock() - timedelta(days=days),
        source="test",
        actor=SYSTEM,
        now=make.clock(),
    )


def line(make: Factory, student: Student, *, days: int = 0, **values: object) -> None:
    """A line of the college's download."""
    given = {"has_photo": None, "proofreading": "", "review": ""} | values
    make.session.add(
        ChsiRecord(
            student_id=student.id, as_of=day_of(make.clock()) - timedelta(days=days), remark="", identity_review="",
            witness="college", source="test", recorded_at=make.clock(), **given,
        )
    )  # fmt: skip
    make.session.commit()


def accepted(make: Factory, student: Student) -> Student:
    make.settle(student)
    make.submitted(student)
    make.reviewed(student, Action.ACCEPT)
    return student


@pytest.fixture
def everybody(make: Factory, clock: Clock) -> dict[str, Student]:
    """A student at every point of the way, all of one centre and cohort."""
    centre, cohort = make.centre(), make.cohort()
    names = (
        "new", "confirmed", "disputed", "waits", "defect", "returned", "accepted", "handed", "linked", "denied",
        "proofread", "registrable", "quarrel", "form",
    )  # fmt: skip
    people = {name: make.student(centre, cohort_id=cohort.id) for name in names}
    for name in ("confirmed", "waits", "defect", "returned"):
        make.settle(people[name])
    make.submitted(people["waits"])
    make.submitted(people["defect"], PictureVerdict.RETAKE, (SHADOW,))
    make.submitted(people["returned"])
    make.reviewed(people["returned"], Action.RETURN, ("BLUR", "BG_SHADOW"))
    for name in ("accepted", "handed", "denied", "quarrel", "form"):
        accepted(make, people[name])
    report_wrong_data(
        make.session, student_id=people["disputed"].id, seen_version=1, claims={"name": "林小曼"}, evidence=[],
        actor=SYSTEM, now=clock(),
    )  # fmt: skip
    said(make, people["handed"], Stage.HAND_OVER, Witness.UNIT, days=40)
    line(make, people["linked"], has_photo=True, days=3)
    said(make, people["denied"], Stage.HAND_OVER, Witness.UNIT, holds=True, days=2)
    said(make, people["denied"], Stage.HAND_OVER, Witness.UNIT, holds=False, days=1)
    line(make, people["proofread"], has_photo=True, proofreading="right")
    line(make, people["registrable"], has_photo=True, proofreading="right", review="通过")
    line(make, people["quarrel"], has_photo=True, days=5)
    said(make, people["quarrel"], Stage.PROOFREAD, Witness.STUDENT)
    line(make, people["quarrel"], has_photo=True, proofreading="wrong", days=1)  # the college's word is stronger
    make.session.add(
        ErratumCase(
            student_id=people["form"].id, form="image_info", title="x", reason="not_me", origin="student",
            state="with_college", state_since=clock(), due_on=day_of(clock()) - timedelta(days=1), opened_at=clock(),
        )
    )  # fmt: skip
    make.session.commit()
    return people


def test_the_funnel_says_of_each_student_what_the_own_page_says(
    everybody: dict[str, Student], session: Session, parts: Parts, clock: Clock
) -> None:
    alone = {}
    for name, student in everybody.items():
        facts = facts_of(session, student, table=parts.proofreading, college="", now=clock())
        past = {row.stage for row in stages(facts) if row.state in (StageState.DONE, StageState.OVERTAKEN)}
        alone[name] = past
    groups = standings(session, scope=ALL_CENTRES, narrowed=Narrowed())
    counted = funnel((standing, count) for _, _, standing, count in groups)
    assert counted.students == len(everybody)
    assert counted.past == {stage: sum(stage in past for past in alone.values()) for stage in Stage}
    kinds = Counter(frozenset(past) for past in alone.values())
    assert sum((Counter({reached(standing): count}) for _, _, standing, count in groups), Counter()) == kinds


def test_everybody_who_is_not_done_waits_at_exactly_one_desk(
    everybody: dict[str, Student], session: Session, parts: Parts, clock: Clock
) -> None:
    piles = waits(session, scope=ALL_CENTRES, narrowed=Narrowed(), limits=parts.limits, now=clock())
    found: Counter[Matter] = Counter()
    for pile in piles:
        found[pile.matter] += pile.count
    assert found == {
        Matter.VERIFY: 1, Matter.CAPTURE: 1, Matter.CORRECTION: 1, Matter.REVIEW: 1, Matter.RETAKE: 2,
        Matter.HAND_OVER: 2, Matter.LINK: 1, Matter.PROOFREAD: 2, Matter.REGISTER: 1, Matter.CASE_COLLEGE: 1,
    }  # fmt: skip
    assert found.total() == len(everybody) - 1  # but the one who can be registered
    since = {pile.matter: pile.since for pile in piles}
    assert since[Matter.LINK] == clock() - timedelta(days=40)
    assert since[Matter.REVIEW] == clock()
    assert {pile.matter for pile in piles if pile.overdue} == {Matter.LINK, Matter.CASE_COLLEGE}


def test_read_together_the_stages_and_the_desks_say_what_each_says_alone(
    everybody: dict[str, Student], session: Session, parts: Parts, clock: Clock
) -> None:
    who: dict[str, Any] = {"scope": ALL_CENTRES, "narrowed": Narrowed()}
    when: dict[str, Any] = {"limits": parts.limits, "now": clock()}
    groups, piles = standings_and_waits(session, **who, **when)
    assert sorted(groups, key=repr) == sorted(standings(session, **who), key=repr)
    assert sorted(piles, key=repr) == sorted(waits(session, **who, **when), key=repr)
    assert any(pile.overdue for pile in piles), "every column is told apart"
    assert sum(count for *_, count in groups) == len(everybody)


def test_a_desk_is_overdue_after_its_days_and_a_student_after_the_cohorts(
    everybody: dict[str, Student], session: Session, parts: Parts, clock: Clock
) -> None:
    clock.move(days=4)
    piles = waits(session, scope=ALL_CENTRES, narrowed=Narrowed(), limits=parts.limits, now=clock())
    assert Matter.REVIEW in {pile.matter for pile in piles if pile.overdue}
    assert Matter.CAPTURE not in {pile.matter for pile in piles if pile.overdue}
    clock.move(days=60)  # past the last day for taking photos
    piles = waits(session, scope=ALL_CENTRES, narrowed=Narrowed(), limits=parts.limits, now=clock())
    assert {Matter.CAPTURE, Matter.RETAKE, Matter.VERIFY} <= {pile.matter for pile in piles if pile.overdue}


def test_each_count_is_narrowed_by_scope_centre_and_cohort(
    everybody: dict[str, Student], make: Factory, session: Session, parts: Parts, clock: Clock
) -> None:
    other = accepted(make, make.student())
    mine = everybody["new"]
    for scope, narrowed, students in (
        (ALL_CENTRES, Narrowed(), len(everybody) + 1),
        (Scope(other.centre_id), Narrowed(), 1),
        (ALL_CENTRES, Narrowed(centre_id=other.centre_id), 1),
        (ALL_CENTRES, Narrowed(cohort_id=mine.cohort_id), len(everybody)),
        (Scope(other.centre_id), Narrowed(centre_id=mine.centre_id), 0),  # a wish does not widen the scope
    ):
        groups = standings(session, scope=scope, narrowed=narrowed)
        assert sum(count for *_, count in groups) == students
        piles = waits(session, scope=scope, narrowed=narrowed, limits=parts.limits, now=clock())
        assert {pile.centre_id for pile in piles} <= {centre for centre, *_ in groups}


def test_causes_are_those_of_the_list_of_missing_photos(
    everybody: dict[str, Student], make: Factory, session: Session, clock: Clock
) -> None:
    registry = make.staff(Role.REGISTRY)
    run = Import(
        kind="match", state="done", file_name="0" * 64, label="x", bytes=1, format="xlsx", as_of=day_of(clock()),
        uploaded_by=registry.id, uploaded_at=clock(),
    )  # fmt: skip
    session.add(run)
    session.flush()
    for student in everybody.values():
        session.add(MatchResult(import_id=run.id, student_id=student.id, as_of=run.as_of, photo="no"))
    session.add(
        CaptureRound(
            code="R", name="春季", opens_on=run.as_of, closes_on=run.as_of, created_at=clock(),
            cohorts=[everybody["new"].cohort],
        )
    )  # fmt: skip
    session.commit()
    counted = causes(session, scope=ALL_CENTRES, narrowed=Narrowed(), identity=True)
    listed = match_list(session, scope=ALL_CENTRES, identity=True)
    assert {cause: count for cause, count in listed.causes.items() if count} == counted[everybody["new"].centre_id]
    assert len(counted[everybody["new"].centre_id]) > 5


def test_what_the_machine_finds_is_counted_also_when_it_is_never_submitted(
    make: Factory, session: Session, clock: Clock
) -> None:
    lin = make.student()
    make.settle(lin)
    make.draft(lin, PictureVerdict.RETAKE, (SHADOW,))
    make.draft(lin, PictureVerdict.RETAKE, (SHADOW,))
    make.draft(lin)
    rows = {(row.found, row.pictures) for row in session.scalars(select(CheckCount))}
    assert rows == {("BG_SHADOW", 2), ("retake", 2), ("pass", 1)}
    weeks = spans(period(None, None, today=day_of(clock())), By.WEEK)
    found = reasons(session, scope=ALL_CENTRES, narrowed=Narrowed(), parts=weeks)
    assert found[-1].checked == {PictureVerdict.RETAKE: 2, PictureVerdict.PASS: 1}
    assert found[-1].found == {Code.BG_SHADOW: 2}
    assert not found[0].checked


def test_reasons_of_reviewers_are_counted_in_their_week_without_what_was_taken_back(
    make: Factory, session: Session, clock: Clock
) -> None:
    for days in (0, 0, 8):
        clock.move(days=days)
        student = make.student()
        make.settle(student)
        make.submitted(student)
        decision = make.reviewed(student, Action.RETURN, ("BLUR", "BG_SHADOW"))
    decision.undone_at = clock()
    session.commit()
    accepted(make, make.student())
    weeks = spans(period(None, None, today=day_of(clock())), By.WEEK)
    found = reasons(session, scope=ALL_CENTRES, narrowed=Narrowed(), parts=weeks)
    assert (found[-2].returned, found[-2].said) == (2, {Code.BLUR: 2, Code.BG_SHADOW: 2})
    assert (found[-1].returned, found[-1].accepted, found[-1].said) == (0, 1, {})
    cohort = reasons(session, scope=ALL_CENTRES, narrowed=Narrowed(cohort_id=1), parts=weeks)
    assert sum(part.returned for part in cohort) == 0


def test_a_decision_late_in_the_evening_belongs_to_its_day_in_china(
    make: Factory, session: Session, clock: Clock
) -> None:
    clock.move(hours=13)  # 23:00 in China, 15:00 in UTC
    accepted(make, make.student())
    clock.move(hours=2)  # 01:00 of the next day in China, the same day in UTC
    accepted(make, make.student())
    days = spans(period(day_of(clock()) - timedelta(days=1), None, today=day_of(clock())), By.DAY)
    found = reasons(session, scope=ALL_CENTRES, narrowed=Narrowed(), parts=days)
    assert [part.accepted for part in found] == [1, 1]


def test_how_long_a_decision_takes_is_the_middle_of_each_centre(make: Factory, session: Session, clock: Clock) -> None:
    centre = make.centre()
    for days in (1, 2, 9):
        student = make.student(centre)
        make.settle(student)
        make.submitted(student)
        clock.move(days=days)
        make.reviewed(student, Action.ACCEPT)
    whole = period(None, None, today=day_of(clock()))
    found = days_to_decide(session, scope=ALL_CENTRES, narrowed=Narrowed(), whole=whole)
    assert found == {centre.id: pytest.approx(2.0, abs=0.001)}


def posters(make: Factory, clock: Clock) -> list[NoticeLink]:
    """A published notice at two centres, scanned thrice at the first and never at the other; an old one, withdrawn."""
    links = []
    for title, state in (("春季采集", "published"), ("旧通知", "withdrawn")):
        notice = Notice(title=title, body="", task="capture", state=state, created_at=clock())
        make.session.add(notice)
        make.session.flush()
        for centre in (make.centre(), make.centre()):
            links.append(
                NoticeLink(notice_id=notice.id, centre_id=centre.id, token=f"t{len(links)}", expires_at=clock())
            )
    make.session.add_all(links)
    make.session.flush()
    today = day_of(clock())
    for link, days, count in ((links[0], 0, 2), (links[0], 8, 1), (links[2], 200, 9)):
        make.session.add(ScanCount(link_id=link.id, day=today - timedelta(days=days), scans=count))
    make.session.commit()
    return links


def test_scans_are_counted_for_each_poster_of_the_scope(make: Factory, session: Session, clock: Clock) -> None:
    links, today = posters(make, clock), day_of(clock())
    whole = period(None, None, today=today)
    found = scans(session, scope=ALL_CENTRES, centre_id=None, whole=whole)
    assert [(row.centre, row.total, row.last) for row in found] == [
        (links[0].centre.name, 3, today),  # the withdrawn one was not scanned in the period and is left out
        (links[1].centre.name, 0, None),  # nobody scanned it: that is worth knowing
    ]
    assert found[0].days == {today: 2, today - timedelta(days=8): 1}
    for scope, centre_id, totals in (
        (Scope(links[0].centre_id), None, [3]),
        (ALL_CENTRES, links[1].centre_id, [0]),
        (Scope(links[0].centre_id), links[1].centre_id, []),  # a wish does not widen the scope
    ):
        assert [row.total for row in scans(session, scope=scope, centre_id=centre_id, whole=whole)] == totals
    before = period(None, today - timedelta(days=190), today=today)
    assert scans(session, scope=ALL_CENTRES, centre_id=None, whole=before)[0].total == 9


def test_the_page_the_paper_and_the_file_have_a_row_for_each_poster(
    make: Factory, client_of: ClientOf, clock: Clock
) -> None:
    links, today = posters(make, clock), str(day_of(clock()))
    registry, wang = client_of(make.staff(Role.REGISTRY)), client_of(make.staff(centre=links[0].centre))
    for address in ("posters", "report"):
        page = " ".join(registry.get(f"/console/statistics/{address}").text.split())
        assert f"春季采集 · {links[1].centre.name}" in page
        assert f"最近一次 {today}" in page
        assert "还没有人扫过" in page
    rows = table(registry, "posters")
    assert rows[0][:4] == ["通知", "学习中心", "扫码次数", "最近一次扫码"]
    assert [row[:4] for row in rows[1:]] == [
        ["春季采集", links[0].centre.name, "3", today], ["春季采集", links[1].centre.name, "0", ""]
    ]  # fmt: skip
    assert sum(int(cell) for cell in rows[1][4:]) == 3
    assert table(wang, "posters")[1][:3] == ["春季采集", "3", today]  # the own centre needs no column


def table(client: FlaskClient, name: str) -> list[list[str]]:
    text = client.get(f"/console/statistics/{name}.csv").data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_each_reason_has_its_number_in_each_span_beside_the_plot_and_on_paper(
    make: Factory, client_of: ClientOf, clock: Clock
) -> None:
    for code in ("BLUR", "BG_SHADOW", "BLUR"):
        student = make.student()
        make.settle(student)
        make.submitted(student)
        make.reviewed(student, Action.RETURN, (code,))
        clock.move(days=14)
    first = day_of(clock()) - timedelta(days=42)
    registry = client_of(make.staff(Role.REGISTRY))
    for address in ("reasons", "report"):
        page = registry.get(f"/console/statistics/{address}?from={first}&by=week").text
        numbers = cells(page, "各项要求在各段时间的次数")
        blur = next(row for row in numbers if sum(row[:-1]) == 2)
        assert [number for number in blur if number] == [1, 1, 2]  # in the first week and the fifth; together
        assert len(numbers) == 2
    first = day_of(clock()) - timedelta(days=49)
    page = registry.get(f"/console/statistics/reasons?from={first}&by=day").text
    tables = [cells(title, "") for title in page.split("各项要求在各段时间的次数")[1:]]
    assert len(tables) == 4  # 50 days do not fit in the width of one table
    assert [[row[-1] for row in numbers] for numbers in tables] == [[1, 0], [0, 1], [1, 0], [0, 0]]


def cells(page: str, title: str) -> list[list[int]]:
    """The numbers of the first table with such a title, row by row."""
    body = page[page.index(title) :].split("<tbody", 1)[1].split("</tbody>", 1)[0]
    rows = body.split("</tr>")[:-1]
    return [[int(number) for number in re.findall(r'class="table__number">(\d+)</td>', row)] for row in rows]


def test_who_sees_the_statistics(make: Factory, client_of: ClientOf, client: FlaskClient) -> None:
    people = {
        "registry": make.staff(Role.REGISTRY),
        "head": make.staff(Role.CENTRE_HEAD),
        "staff": make.staff(Role.CENTRE_STAFF),
        "administrator": make.staff(Role.ADMINISTRATOR),
        "student": make.student_account(),
    }
    for address in ("/console/statistics", "/console/statistics/waiting", "/console/statistics/waiting.csv"):
        seen = {name: client_of(account).get(address).status_code for name, account in people.items()}
        assert seen == {"registry": 200, "head": 200, "staff": 200, "administrator": 404, "student": 404}
        assert client.get(address).status_code == 302
    assert client_of(people["registry"]).get("/console/statistics/centres").status_code == 200
    # a centre has nobody to be compared with
    assert client_of(people["head"]).get("/console/statistics/centres").status_code == 404
    assert client_of(people["head"]).get("/console/statistics/centres.csv").status_code == 404


def test_no_page_names_anybody_and_a_centre_sees_only_itself(
    everybody: dict[str, Student], make: Factory, client_of: ClientOf
) -> None:
    other = accepted(make, make.student(make.centre(name="集美学习中心"), name="吴思远"))
    registry, wang = client_of(make.staff(Role.REGISTRY)), client_of(make.staff(centre=everybody["new"].centre))
    for part in ("", *(f"/{name}" for name in PARTS)):
        page = registry.get(f"/console/statistics{part}").text
        for student in (other, *everybody.values()):
            assert student.student_number not in page
            assert student.name not in page
        own = wang.get(f"/console/statistics{part}?centre={other.centre_id}")
        assert part == "/centres" or own.status_code == 200
        assert "集美学习中心" not in own.text
    assert "集美学习中心" in registry.get("/console/statistics/centres").text


def test_the_table_leaves_as_csv_and_xlsx_with_the_same_rows(
    everybody: dict[str, Student], make: Factory, client_of: ClientOf
) -> None:
    registry = client_of(make.staff(Role.REGISTRY))
    make.centre(name="=1+1")  # a name that a spreadsheet would take for a formula
    text = registry.get("/console/statistics/centres.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    sheet = openpyxl.load_workbook(io.BytesIO(registry.get("/console/statistics/centres.xlsx").data)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in rows] == [("'" if row[0] == "=1+1" else "") + row[0] for row in cells]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    mine = next(row for row in rows if row[0] == everybody["new"].centre.name)
    assert mine[1] == str(len(everybody))


def test_a_filter_stands_in_the_address_and_in_every_link(
    everybody: dict[str, Student], make: Factory, client_of: ClientOf
) -> None:
    cohort = everybody["new"].cohort_id
    page = client_of(make.staff(Role.REGISTRY)).get(f"/console/statistics/reasons?cohort={cohort}&by=month").text
    assert f'value="{cohort}" selected' in page
    assert f"/console/statistics/reasons.csv?cohort={cohort}&amp;by=month" in page
    assert f"/console/statistics/waiting?cohort={cohort}&amp;by=month" in page


@pytest.mark.parametrize(
    "query", ["from=nonsense", "to=2999-01-01", "from=2026-11-02&to=2020-01-01", "cohort=99999", "cohort=x", "by=year"]
)
def test_an_address_that_makes_no_sense_shows_the_usual(query: str, make: Factory, client_of: ClientOf) -> None:
    registry = client_of(make.staff(Role.REGISTRY))
    for part in ("", *(f"/{name}" for name in PARTS)):
        assert registry.get(f"/console/statistics{part}?{query}").status_code == 200


def test_an_empty_college_says_so(make: Factory, client_of: ClientOf) -> None:
    page = client_of(make.staff(Role.REGISTRY)).get("/console/statistics/waiting").text
    assert "还没有可以统计的内容" in page
    assert "还没有名单" in client_of(make.staff(Role.REGISTRY)).get("/console/statistics/missing").text
