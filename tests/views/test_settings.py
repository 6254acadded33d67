"""Settings of the console: the own account, staff, centres, jobs; each for those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.records import Centre
from backend.enrollment.records import Cohort
from backend.history.records import HistoryEntry
from backend.jobs.records import Job
from backend.jobs.rules import JobState
from backend.views.student.photo import profile_of
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory

ClientOf = Callable[[Account], FlaskClient]

MAY = {
    "/console/settings": set(Role),
    "/console/settings/staff": {Role.CENTRE_HEAD, Role.ADMINISTRATOR},
    "/console/settings/centres": {Role.REGISTRY, Role.ADMINISTRATOR},
    "/console/settings/cohorts": {Role.REGISTRY, Role.ADMINISTRATOR},
    "/console/settings/jobs": {Role.REGISTRY, Role.ADMINISTRATOR},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_own_pages_only(client_of: ClientOf, make: Factory, role: Role) -> None:
    browser = client_of(make.staff(role))
    front = browser.get("/console/settings").text
    for address, roles in MAY.items():
        assert browser.get(address).status_code == (200 if role in roles else 404), address
        assert (f'href="{address}"' in front) is (role in roles), "links lead only where one may go"


def first_password(page: str) -> str:
    found = re.search(r"<code>([\w-]+)</code>", page)
    assert found is not None
    return found.group(1)


def test_an_administrator_makes_an_account_whose_password_is_shown_once(
    client: FlaskClient, client_of: ClientOf, make: Factory
) -> None:
    admin, centre = client_of(make.staff(Role.ADMINISTRATOR)), make.centre()
    form = {"login": "neu", "display_name": "新老师", "role": "centre_staff", "centre_id": str(centre.id)}
    answer = admin.post("/console/settings/staff", data=form)
    first = first_password(answer.text)
    assert first not in admin.get("/console/settings/staff").text
    assert client.post("/staff/sign-in", data={"login": "neu", "password": first}).status_code == 303
    assert client.get("/console").location == "/staff/password"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"login": ""}, "用户名要用"),
        ({"login": "王"}, "用户名要用"),
        ({"login": "a b"}, "用户名要用"),
        ({"login": "taken"}, "已经有人用了"),
        ({"centre_id": ""}, "要选一个中心"),
        ({"centre_id": "999"}, "没有这个学习中心"),
        ({"role": "registry"}, "其他角色选"),
        ({"role": "emperor"}, "选择一个您可以分配的角色"),
        ({"display_name": "长" * 61}, "最多 60 个字"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    client_of: ClientOf, make: Factory, change: dict[str, str], says: str
) -> None:
    make.staff(login="taken")
    admin, centre = client_of(make.staff(Role.ADMINISTRATOR)), make.centre()
    form = {"login": "neu", "display_name": "", "role": "centre_staff", "centre_id": str(centre.id)} | change
    answer = admin.post("/console/settings/staff", data=form)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_head_keeps_the_staff_of_the_own_centre_only(client_of: ClientOf, make: Factory, session: Session) -> None:
    centre, other = make.centre(), make.centre()
    head = make.staff(Role.CENTRE_HEAD, centre)
    wang, zhao = make.staff(centre=centre), make.staff(centre=other, display_name="赵老师")
    peer = make.staff(Role.CENTRE_HEAD, centre)
    browser = client_of(head)
    page = browser.get("/console/settings/staff").text
    assert wang.login in page
    assert zhao.login not in page
    assert browser.post(f"/console/settings/staff/{zhao.id}/close").status_code == 404
    assert browser.post(f"/console/settings/staff/{zhao.id}/reset").status_code == 404
    assert browser.post(f"/console/settings/staff/{peer.id}/close").status_code == 409
    assert browser.post(f"/console/settings/staff/{head.id}/close").status_code == 409
    assert browser.post(f"/console/settings/staff/{wang.id}/close").status_code == 303
    form = {"login": "neu", "display_name": "", "role": "centre_staff", "centre_id": str(other.id)}
    assert browser.post("/console/settings/staff", data=form).status_code == 409
    assert browser.post("/console/settings/staff", data=form | {"role": "centre_head"}).status_code == 422
    session.rollback()
    assert session.get_one(Account, zhao.id).active
    assert not session.get_one(Account, wang.id, populate_existing=True).active


def test_a_student_account_is_no_staff_account(client_of: ClientOf, make: Factory) -> None:
    admin, lin = client_of(make.staff(Role.ADMINISTRATOR)), make.student_account()
    for action in ("close", "open", "reset"):
        assert admin.post(f"/console/settings/staff/{lin.id}/{action}").status_code == 404


def test_closing_signs_out_and_opening_lets_in_again(client: FlaskClient, client_of: ClientOf, make: Factory) -> None:
    admin, wang = client_of(make.staff(Role.ADMINISTRATOR)), make.staff()
    browser = client_of(wang)
    admin.post(f"/console/settings/staff/{wang.id}/close")
    assert browser.get("/console/settings").status_code == 302
    admin.post(f"/console/settings/staff/{wang.id}/open")
    assert browser.get("/console/settings").status_code == 302, "the old sign-in stays ended"
    assert client.post("/staff/sign-in", data={"login": wang.login, "password": PASSWORD}).status_code == 303


def test_a_reset_clears_password_codes_devices_and_lockout(
    app: object, client: FlaskClient, client_of: ClientOf, make: Factory, session: Session, clock: Clock
) -> None:
    admin, wang = client_of(make.staff(Role.ADMINISTRATOR)), make.staff()
    browser = client_of(wang)
    key = re.search(r'qr__key">([A-Z2-7 ]+)<', browser.get("/staff/second-factor").text)
    assert key is not None
    browser.post("/staff/second-factor", data={"code": pyotp.TOTP(key[1].replace(" ", "")).at(clock())})
    for _ in range(6):
        client.post("/staff/sign-in", data={"login": wang.login, "password": "wrong"})
    first = first_password(admin.post(f"/console/settings/staff/{wang.id}/reset").text)
    assert browser.get("/console/settings").status_code == 302
    assert client.post("/staff/sign-in", data={"login": wang.login, "password": first}).status_code == 303
    assert client.get("/console").location == "/staff/password", "no code is asked: the phone is lost"


def test_codes_are_switched_off_with_the_password_only(client_of: ClientOf, make: Factory, clock: Clock) -> None:
    browser = client_of(make.staff())
    assert "未开启" in browser.get("/console/settings").text
    key = re.search(r'qr__key">([A-Z2-7 ]+)<', browser.get("/staff/second-factor").text)
    assert key is not None
    browser.post("/staff/second-factor", data={"code": pyotp.TOTP(key[1].replace(" ", "")).at(clock())})
    assert "已开启" in browser.get("/console/settings").text
    remove = "/console/settings/two-step/remove"
    assert browser.post(remove, data={"totp_password": "wrong"}).status_code == 422
    assert browser.post(remove, data={"totp_password": PASSWORD}).status_code == 303
    assert "未开启" in browser.get("/console/settings").text


def test_the_own_password_is_changed_with_the_present_one(client_of: ClientOf, make: Factory) -> None:
    browser = client_of(make.staff())
    change = "/console/settings/password"
    assert browser.post(change, data={"current": "wrong", "new": "klatsch-mohn-4"}).status_code == 422
    assert browser.post(change, data={"current": PASSWORD, "new": "klatsch"}).status_code == 422
    assert browser.post(change, data={"current": PASSWORD, "new": "klatsch-mohn-4"}).status_code == 303


def test_a_centre_is_edited_and_the_history_names_the_fields(
    client_of: ClientOf, make: Factory, session: Session
) -> None:
    centre = make.centre()
    browser = client_of(make.staff(Role.REGISTRY))
    form = {
        "name": centre.name,
        "province": centre.province,
        "code": "ELSE",  # the code stays
        "contact_name": "黄老师",
        "contact_phone": "0591-8888 8888",
        "hours": centre.hours,
        "address": centre.address,
        "photo_profile": "",
    }
    address = f"/console/settings/centres/{centre.id}"
    assert browser.post(address, data=form).status_code == 303
    assert "黄老师" in browser.get("/help").text
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "centre.changed")).one()
    assert entry.facts == {"fields": ["contact_name", "contact_phone"]}
    for change, says in (
        ({"contact_name": " "}, "学生需要知道找谁"),
        ({"hours": "长" * 81}, "太长了"),
        ({"photo_profile": "nonsense"}, "没有这个照片标准"),
    ):
        answer = browser.post(address, data=form | change)
        assert (answer.status_code, says in answer.text) == (422, True)


def test_a_college_begins_with_its_centres_and_cohorts(client_of: ClientOf, make: Factory, session: Session) -> None:
    """Nothing but an administrator: a centre, its staff and a cohort come about on pages."""
    admin = client_of(make.staff(Role.ADMINISTRATOR))
    assert "还没有学习中心" in admin.get("/console/settings/centres").text
    centre = {"code": "FZ01", "name": "福州仓山学习中心", "province": "福建"}
    contacts = {"contact_name": "黄老师", "contact_phone": "0591-00000001", "hours": "", "address": ""}
    assert admin.post("/console/settings/centres/new", data=centre | contacts).status_code == 303
    session.rollback()
    made = session.scalars(select(Centre)).one()
    assert (made.code, made.name, made.province, made.active) == ("FZ01", "福州仓山学习中心", "福建", True)
    assert "黄老师" in admin.get("/help").text
    staff = {"login": "fz", "display_name": "王老师", "role": "centre_staff", "centre_id": str(made.id)}
    assert admin.post("/console/settings/staff", data=staff).status_code == 200
    days = {"verify_by": "2026-12-01", "capture_by": "2026-12-31", "proofread_by": ""}
    cohort = {"code": "2027C", "name": "2027 年春季毕业批次"}
    assert admin.post("/console/settings/cohorts/new", data=cohort | days).status_code == 303
    session.rollback()
    kept = session.scalars(select(Cohort)).one()
    assert (kept.code, kept.verify_by, kept.proofread_by) == ("2027C", date(2026, 12, 1), None)
    verbs = session.scalars(select(HistoryEntry.verb).order_by(HistoryEntry.id)).all()
    assert [verb for verb in verbs if verb in ("centre.added", "cohort.added")] == ["centre.added", "cohort.added"]


@pytest.mark.parametrize(
    "place",
    [
        "", "/review", "/review/sheet", "/review/pace/all", "/students", "/missing", "/imports", "/cases",
        "/proofreading", "/errata", "/alumni", "/alumni/packages", "/identity", "/rounds", "/rounds/new", "/units/new",
        "/sessions", "/sessions/new", "/batches", "/fees", "/notices", "/notices/new", "/returned", "/statistics",
        "/statistics/centres", "/statistics/waiting", "/statistics/report", "/settings/tokens",
    ],
)  # fmt: skip
def test_every_place_of_the_registry_opens_before_there_is_a_centre(
    place: str, client_of: ClientOf, make: Factory
) -> None:
    assert client_of(make.staff(Role.REGISTRY)).get(f"/console{place}").status_code == 200


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code": ""}, "请填写。"),
        ({"code": "福州 1"}, "只能用字母"),
        ({"code": "TAKEN"}, "这个代码已经用过"),
        ({"code": "有名中心"}, "只能用字母"),
        ({"name": "有名中心"}, "这个名称已经用过"),
        ({"name": "TAKEN"}, "这个名称已经用过"),
        ({"name": "长" * 81}, "太长了"),
        ({"contact_phone": " "}, "学生需要知道找谁"),
    ],
)
def test_a_centre_that_a_roster_could_take_for_another_is_refused(
    change: dict[str, str], says: str, client_of: ClientOf, make: Factory, session: Session
) -> None:
    make.centre(code="TAKEN", name="有名中心")
    form = {"code": "NEW", "name": "新中心", "province": "福建", "contact_name": "黄老师", "contact_phone": "1"}
    answer = client_of(make.staff(Role.REGISTRY)).post("/console/settings/centres/new", data=form | change)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert session.scalar(select(func.count(Centre.id))) == 1


def test_the_last_days_of_a_cohort_can_be_moved_and_keep_their_order(
    client_of: ClientOf, make: Factory, session: Session
) -> None:
    cohort = make.cohort()
    registry, address = client_of(make.staff(Role.REGISTRY)), f"/console/settings/cohorts/{cohort.id}"
    form = {"name": cohort.name, "verify_by": "2026-12-01", "capture_by": "2027-01-15", "proofread_by": "2027-03-31"}
    assert 'value="2026-12-31"' in registry.get(address).text
    assert registry.post(address, data=form).status_code == 303
    session.refresh(cohort)
    assert cohort.capture_by == date(2027, 1, 15)
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "cohort.changed")).one()
    assert entry.facts == {"fields": ["capture_by"]}
    late = registry.post(address, data=form | {"capture_by": "2027-04-01"})
    assert (late.status_code, "早于前面一步" in late.text) == (422, True)
    other = make.cohort(name="别的批次")
    taken = registry.post(address, data=form | {"name": other.code})
    assert (taken.status_code, "这个名称已经用过" in taken.text) == (422, True)


def test_a_profile_of_the_standard_can_be_chosen(client_of: ClientOf, make: Factory, session: Session) -> None:
    centre = make.centre()
    browser = client_of(make.staff(Role.ADMINISTRATOR))
    page = browser.get(f"/console/settings/centres/{centre.id}").text
    names = re.findall(r'<option value="(\w+)"', page)
    assert names
    form = {"name": "福州中心", "province": "福建", "contact_name": "黄老师", "contact_phone": "1"}
    form["photo_profile"] = names[0]
    assert browser.post(f"/console/settings/centres/{centre.id}", data=form).status_code == 303
    session.refresh(centre)
    assert centre.photo_profile == names[0]


def test_the_profile_of_a_cohort_is_chosen_and_told_by_the_history(
    client_of: ClientOf, make: Factory, session: Session
) -> None:
    cohort = make.cohort()
    browser = client_of(make.staff(Role.REGISTRY))
    address = f"/console/settings/cohorts/{cohort.id}/profile"
    assert cohort.name in browser.get("/console/settings/cohorts").text
    assert browser.post(address, data={"photo_profile": "white-only"}).status_code == 303
    session.refresh(cohort)
    assert cohort.photo_profile == "white-only"
    assert '<option value="white-only" selected>' in browser.get("/console/settings/cohorts").text
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "cohort.profile_chosen")).one()
    assert entry.facts == {"from": None, "to": "white-only"}
    assert browser.post(address, data={"photo_profile": ""}).status_code == 303
    assert '<option value="white-only" selected>' not in browser.get("/console/settings/cohorts").text


def test_a_cohort_takes_no_profile_that_the_standard_does_not_have(client_of: ClientOf, make: Factory) -> None:
    cohort = make.cohort()
    answer = client_of(make.staff(Role.ADMINISTRATOR)).post(
        f"/console/settings/cohorts/{cohort.id}/profile", data={"photo_profile": "nonsense"}
    )
    assert (answer.status_code, "没有这个照片标准" in answer.text) == (422, True)


def test_the_cohort_goes_before_the_centre_and_the_centre_before_the_setting(app: Flask, make: Factory) -> None:
    student = make.student(make.centre(photo_profile="review-photo"), cohort_id=make.cohort().id)
    with app.app_context():
        assert profile_of(student) == "review-photo"
        student.cohort.photo_profile = "white-only"
        assert profile_of(student) == "white-only"
        student.cohort.photo_profile = student.centre.photo_profile = None
        assert profile_of(student) == "base"


def test_a_dead_job_is_shown_with_its_cause_and_started_again(
    client_of: ClientOf, make: Factory, session: Session, clock: Clock
) -> None:
    job = Job(kind="tell_student", payload={}, state=JobState.DEAD, run_at=clock(), attempts=6, created_at=clock())
    job.last_error = "Traceback\nOperationalError"
    session.add(job)
    session.commit()
    browser = client_of(make.staff(Role.REGISTRY))
    page = browser.get("/console/settings/jobs").text
    assert "tell_student" in page
    assert "OperationalError" in page
    assert browser.post(f"/console/settings/jobs/{job.id}/revive").status_code == 303
    assert "没有失败的任务" in browser.get("/console/settings/jobs").text
    assert browser.post(f"/console/settings/jobs/{job.id}/revive").status_code == 404


def test_a_closed_centre_keeps_its_people_and_takes_in_nothing_new(
    client: FlaskClient, client_of: ClientOf, make: Factory, session: Session
) -> None:
    centre, other = make.centre(name="旧中心"), make.centre(name="新中心")
    lin, wang = make.student(centre), make.staff(centre=centre)
    make.staff(centre=centre, active=False)
    browser, registry = client_of(wang), client_of(make.staff(Role.REGISTRY))
    admin, address = client_of(make.staff(Role.ADMINISTRATOR)), f"/console/settings/centres/{centre.id}"
    means = "这里有 1 名学生、1 个使用中的账号"
    assert means in registry.get(f"{address}/close").text
    assert means in registry.get(address).text, "the dialog says the same"
    assert registry.post(f"{address}/close").status_code == 303
    registry.post(f"{address}/close")  # a second tap does nothing twice

    assert "旧中心" not in client.get("/help").text
    option = f'<option value="{centre.id}"'
    for new in ("/settings/tokens", "/settings/staff", "/notices/new"):
        page = admin.get(f"/console{new}").text if "settings" in new else registry.get(f"/console{new}").text
        assert (option in page, f'<option value="{other.id}"' in page) == (False, True), new
    for there in ("/students", "/statistics"):
        page = registry.get(f"/console{there}").text
        assert (option in page, "旧中心（已关闭）" in page) == (True, True), there
    assert registry.get("/console/settings/centres").text.index("新中心") < registry.get(
        "/console/settings/centres"
    ).text.index("旧中心（已关闭）")
    form = {"login": "neu", "display_name": "", "role": "centre_staff", "centre_id": str(centre.id)}
    answer = admin.post("/console/settings/staff", data=form)
    assert (answer.status_code, "已关闭，不能新建账号" in answer.text) == (422, True)
    assert browser.get(f"/console/students/{lin.id}").status_code == 200, "its staff bring things to their end"

    assert "重新开启" in registry.get(address).text
    assert registry.post(f"{address}/open").status_code == 303
    assert "旧中心" in client.get("/help").text
    session.rollback()
    verbs = session.scalars(select(HistoryEntry.verb).where(HistoryEntry.verb.like("centre.%"))).all()
    assert verbs == ["centre.closed", "centre.opened"]


def test_a_closed_cohort_can_be_looked_for_and_joins_no_new_round(
    client_of: ClientOf, make: Factory, session: Session
) -> None:
    cohort = make.cohort(name="旧批次")
    make.student(cohort_id=cohort.id)
    registry, address = client_of(make.staff(Role.REGISTRY)), f"/console/settings/cohorts/{cohort.id}"
    box = f'name="cohorts" value="{cohort.id}"'
    assert box in registry.get("/console/rounds/new").text
    assert "有 1 名学生" in registry.get(f"{address}/close").text
    assert registry.post(f"{address}/close").status_code == 303
    assert box not in registry.get("/console/rounds/new").text
    form = {"code": "R1", "name": "一轮", "opens_on": "2026-12-01", "closes_on": "2026-12-31", "cohorts": cohort.id}
    answer = registry.post("/console/rounds/new", data=form)
    assert (answer.status_code, "已关闭的批次不能加入" in answer.text) == (422, True)
    assert "旧批次（已关闭）" in registry.get("/console/students").text
    assert "旧批次（已关闭）" in registry.get("/console/settings/cohorts").text
    assert registry.post(f"{address}/open").status_code == 303
    assert registry.post("/console/rounds/new", data=form).status_code == 303
    session.rollback()
    verbs = session.scalars(select(HistoryEntry.verb).where(HistoryEntry.verb.like("cohort.%"))).all()
    assert verbs == ["cohort.closed", "cohort.opened"]
    assert registry.get("/console/settings/cohorts/999/close").status_code == 404
