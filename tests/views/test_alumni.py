"""The pages of graduates without a photo: the door tells nobody who exists; who may do and see what is all decided."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.alumni import operations, papers
from backend.alumni.operations import STAFF_VERBS
from backend.alumni.papers import StoredPaper
from backend.alumni.records import AlumniApplication, AlumniCase
from backend.alumni.rules import Answers, CaseAction, CaseState
from backend.consent.operations import give_consent
from backend.doctor import files_in_use
from backend.enrollment.records import Student
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]
SCANS = Answers("no", "before", "yes", "no")
WAY = "/alumni?linked=no&graduated=before&diploma=yes&captured=no"


def picture(colour: tuple[int, int, int] = (250, 240, 230), kind: str = "JPEG") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(kept, kind)
    return kept.getvalue()


class World:
    """Lin graduated; Wang and the head are of Lin's centre, Zhao of another; the registry; a case of three scans."""

    def __init__(self, make: Factory, session: Session, client_of: ClientOf) -> None:
        self.make, self.session = make, session
        self.lin: Student = make.student(graduated_on=date(2018, 7, 1), certificate_number="999997201806000001")
        self.account = make.student_account(self.lin)
        self.wang = make.staff(centre=self.lin.centre)
        self.people: dict[str, FlaskClient] = {
            "lin": client_of(self.account),
            "other student": client_of(make.student_account(make.student(self.lin.centre))),
            "wang": client_of(self.wang),
            "head": client_of(make.staff(Role.CENTRE_HEAD, self.lin.centre)),
            "zhao": client_of(make.staff()),
            "registry": client_of(make.staff(Role.REGISTRY)),
            "administrator": client_of(make.staff(Role.ADMINISTRATOR)),
        }
        self.case_id = self._case()

    def _case(self) -> int:
        rules, files, now = self.make.parts.alumni, self.make.parts.files, self.make.clock()
        actor = Actor(ActorKind.STUDENT, self.account.id)
        case = operations.open_case(
            self.session, student_id=self.lin.id, answers=SCANS, rules=rules, actor=actor, now=now
        )
        purpose = self.make.parts.purposes["alumni_scans"]
        give_consent(
            self.session,
            student_id=self.lin.id,
            purpose=purpose,
            seen_version=purpose.version,
            language="zh-CN",
            actor=actor,
            now=now,
        )
        for number, kind in enumerate(("diploma", "id_front", "id_back", "photo")):
            name = files.put(picture((number, 20, 30)))
            more = {"judged_file": name, "report": {"verdict": "pass"}} if kind == "photo" else {}
            papers.add_paper(
                self.session,
                student_id=self.lin.id,
                case_id=case.id,
                paper=StoredPaper(kind, name, "image/jpeg", 100, **more),
                files=files,
                used=files_in_use,
                rules=rules,
                actor=actor,
                now=now,
            )
        return case.id

    @property
    def case(self) -> AlumniCase:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(AlumniCase, self.case_id)

    def move(self, state: CaseState) -> None:
        """Bring the case where it should stand, by the row: the ways there are tested with the operations."""
        case = self.case
        case.state = state.value
        self.session.commit()

    def paper(self, kind: str = "id_front") -> int:
        return next(paper.id for paper in self.case.papers if paper.kind == kind)

    def seen(self) -> list[tuple[str, int | None]]:
        self.session.rollback()
        return list(
            self.session.execute(
                select(HistoryEntry.actor_kind, HistoryEntry.actor_id)
                .where(HistoryEntry.verb == "alumni_case.paper_seen")
                .order_by(HistoryEntry.id)
            )
        )


@pytest.fixture
def world(make: Factory, session: Session, client_of: ClientOf) -> World:
    return World(make, session, client_of)


# ---------------------------------------------------------------- the door


def test_three_links_lead_to_the_way_without_signing_in(client: FlaskClient) -> None:
    page = client.get("/alumni").text
    for question, answer in (("graduated", "before"), ("diploma", "yes"), ("captured", "no")):
        assert "alumni.question" not in page
        links = re.findall(r'href="(/alumni\?[^"]*)"', page)
        (way,) = [link for link in links if f"{question}={answer}" in link]
        page = client.get(way.replace("&amp;", "&")).text
    assert "交扫描件，由学院补报" in page
    assert "身份证原件人像面" in page


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/alumni?linked=yes", "不用办理"),
        ("/alumni?graduated=since", "请联系学习中心"),
        ("/alumni?graduated=before&diploma=yes&captured=yes", "自己在学信网绑定照片"),
        ("/alumni?graduated=before&diploma=no&captured=no", "补拍照片，交两张二寸照片"),
        ("/alumni?graduated=before&diploma=no&captured=yes", "先到学信网找一找照片"),
        ("/alumni?graduated=before&diploma=yes&captured=unknown", "先到学信网找一找照片"),
        ("/alumni?graduated=nonsense", "您是什么时候毕业的"),
    ],
)
def test_every_way_has_its_page(client: FlaskClient, address: str, says: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert says in answer.text


def test_older_addresses_lead_to_the_case(world: World) -> None:
    assert world.people["lin"].get("/task/alumni").location == "/alumni/case"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("", "请填写毕业证书编号"),
        ("99999720180600000", None),
        ("9999972018060000", "应该是 18 位"),
        ("999992201806000001", "第 6 位"),
        ("999997189906000001", "第 7 至 10 位"),
        ("999997201899000001", "第 11、12 位"),
        ("ABC", "只有数字"),
    ],
)
def test_a_certificate_number_is_checked_part_by_part(client: FlaskClient, number: str, says: str | None) -> None:
    answer = client.post("/alumni/sign-in", data={"number": number, "name": "林小满"})
    if says is None:
        assert (answer.status_code, answer.location) == (303, "/activate/proof")
    else:
        assert answer.status_code == 422
        assert says in answer.text


def test_number_name_and_id_number_open_the_account_and_lead_to_the_case(client: FlaskClient, make: Factory) -> None:
    lin = make.student(graduated_on=date(2018, 7, 1), certificate_number="999997201806000002")
    client.get(WAY)
    client.post("/alumni/sign-in", data={"number": " 9999 9720 1806 0000 02 ", "name": lin.name})
    answer = client.post("/activate/proof", data={"id_number": lin.id_number, "password": "zhaopian-2026-ok"})
    assert (answer.status_code, answer.location) == (303, "/alumni/case")
    assert "交扫描件，由学院补报" in client.get("/alumni/case").text  # the answers came along


def test_wrong_proof_is_told_in_one_sentence_whoever_it_is(client: FlaskClient, make: Factory, world: World) -> None:
    pages = []
    for number in (world.lin.certificate_number, "999997201806999999"):  # has an account; does not exist
        client.post("/alumni/sign-in", data={"number": number, "name": world.lin.name})
        answer = client.post("/activate/proof", data={"id_number": world.lin.id_number, "password": "zhaopian-2026-ok"})
        assert answer.status_code == 422
        pages.append(re.sub(r"\d{18}", "", answer.text))
    assert pages[0] == pages[1]


# ---------------------------------------------------------------- applications


def applied(client: FlaskClient, world: World, **values: str) -> AlumniApplication:
    client.get(WAY)
    data = {"name": "林小满", "id_number": world.lin.id_number, "phone": "0591-00000001"}
    data |= {"centre": str(world.lin.centre_id), **values}
    answer = client.post("/alumni/apply", data=data)
    assert (answer.status_code, answer.location) == (303, "/alumni/application")
    world.session.rollback()
    return world.session.scalars(select(AlumniApplication).order_by(AlumniApplication.id.desc())).first()  # type: ignore[return-value]


def receipt(client: FlaskClient) -> tuple[str, str]:
    found = re.findall(r"<dd[^>]*>(\w{4}-\w{4})", client.get("/alumni/application").text)
    return found[0], found[1]


def test_an_application_needs_the_questions_first(client: FlaskClient) -> None:
    assert client.get("/alumni/apply").location == "/alumni"


def test_an_application_shows_its_number_and_code_once_and_opens_with_them(
    client: FlaskClient, world: World, app: object
) -> None:
    applied(client, world)
    number, code = receipt(client)
    assert "等待老师核对" in client.get("/alumni/application").text
    client.post("/alumni/application/leave")
    assert number not in client.get("/alumni/application").text
    wrong = client.post("/alumni/application", data={"number": number, "code": "0000-0000"})
    assert wrong.status_code == 422
    assert "对不上" in wrong.text
    assert client.post("/alumni/application", data={"number": number, "code": code}).status_code == 303
    assert number in client.get("/alumni/application").text


def test_a_slip_in_an_application_is_told_beside_its_field(client: FlaskClient, world: World) -> None:
    client.get(WAY)
    data = {"name": "林小满", "id_number": "990101199602290000", "phone": "x", "centre": ""}
    answer = client.post("/alumni/apply", data=data)
    assert answer.status_code == 422
    wrong = [name for name in ("name", "id_number", "phone", "centre") if f'id="field-{name}-error"' in answer.text]
    assert wrong == ["id_number", "phone", "centre"], "all at once, not one after the other"
    assert world.session.scalars(select(AlumniApplication)).all() == []


def test_staff_match_an_application_and_the_applicant_opens_the_account(
    client: FlaskClient, world: World, make: Factory
) -> None:
    lost = make.student(world.lin.centre, name="莫等闲", graduated_on=date(2018, 7, 1))
    row = applied(client, world, name="莫等闲", id_number=lost.id_number)
    address = f"/console/alumni/applications/{row.id}"
    wang, zhao = world.people["wang"], world.people["zhao"]
    assert zhao.get(address).status_code == 404
    assert zhao.post(f"{address}/match", data={"student": lost.id}).status_code == 404
    page = wang.get(address).text
    assert lost.student_number in page
    assert lost.id_number not in page  # masked
    assert wang.post(f"{address}/match", data={}).status_code == 422
    done = wang.post(f"{address}/match", data={"student": str(lost.id)})
    assert done.status_code == 303
    assert done.location.startswith("/console/alumni/")
    assert wang.post(f"{address}/match", data={"student": str(lost.id)}).status_code == 409
    assert client.post("/alumni/application/open", data={"password": "1"}).status_code == 422
    opened = client.post("/alumni/application/open", data={"password": "zhaopian-2026-ok"})
    assert (opened.status_code, opened.location) == (303, "/alumni/case")
    assert "上传之前，请先看" in client.get("/alumni/case").text


def test_a_refused_applicant_reads_why(client: FlaskClient, world: World) -> None:
    row = applied(client, world, name="查无此人")
    address = f"/console/alumni/applications/{row.id}/refuse"
    assert world.people["wang"].post(address, data={"reason": " "}).status_code == 422
    world.people["wang"].post(address, data={"reason": "名册上没有相符的人"})
    assert "名册上没有相符的人" in client.get("/alumni/application").text


def test_an_application_without_a_centre_is_the_registrys(client: FlaskClient, world: World) -> None:
    row = applied(client, world, centre="unsure")
    address = f"/console/alumni/applications/{row.id}"
    assert world.people["wang"].get(address).status_code == 404
    assert world.people["registry"].get(address).status_code == 200
    world.people["registry"].post(f"{address}/pass-on", data={"centre": str(world.lin.centre_id)})
    assert world.people["wang"].get(address).status_code == 200
    assert world.people["wang"].post(f"{address}/pass-on").status_code == 303
    assert world.people["wang"].get(address).status_code == 404


def test_the_applicant_takes_it_back(client: FlaskClient, world: World) -> None:
    row = applied(client, world)
    assert client.get("/alumni/application/withdraw").status_code == 200
    client.post("/alumni/application/withdraw")
    world.session.rollback()
    world.session.expire_all()
    assert (row.state, row.id_number) == ("withdrawn", None)


# ---------------------------------------------------------------- the graduate's case


def test_the_graduate_uploads_sees_and_submits(
    make: Factory, client_of: ClientOf, session: Session, world: World
) -> None:
    student = make.student(graduated_on=date(2018, 7, 1), certificate_number="999997201806000003")
    browser = client_of(make.student_account(student))
    browser.post("/alumni/case", data={"diploma": "yes"})  # not all answered
    assert session.scalars(select(AlumniCase).where(AlumniCase.student_id == student.id)).first() is None
    browser.post("/alumni/case", data={"diploma": "yes", "captured": "no"})
    session.rollback()
    case = session.scalars(select(AlumniCase).where(AlumniCase.student_id == student.id)).one()
    add = f"/alumni/case/{case.id}/paper/id_front"
    file = {"file": (io.BytesIO(picture()), "id.jpg")}
    assert browser.post(add, data=dict(file), content_type="multipart/form-data").status_code == 409  # no consent
    assert browser.post(f"/alumni/case/{case.id}/consent", data={}).status_code == 422
    version = make.parts.purposes["alumni_scans"].version
    browser.post(f"/alumni/case/{case.id}/consent", data={"agree": "1", "version": version})
    file = {"file": (io.BytesIO(picture()), "id.jpg")}
    assert browser.post(add, data=file, content_type="multipart/form-data").status_code == 303
    for content, name, says in (
        (b"", "", "还没有选照片"),
        (b"GIF89a nothing", "x.gif", ""),
        (b"%PDF-1.4 without an end", "x.pdf", "不完整"),
    ):
        answer = browser.post(add, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert says in answer.text
    session.rollback()
    paper = case.papers[0]
    shown = browser.get(f"/alumni/case/{case.id}/paper/{paper.id}/file/1")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert shown.data != make.parts.files.get(paper.file_name)  # never as it is
    assert shown.headers["Cache-Control"] == "no-store"
    assert browser.get(f"/alumni/case/{case.id}/paper/{paper.id}/file/2").status_code == 404
    page = browser.get("/alumni/case").text
    assert "还缺：毕业证扫描件、身份证国徽面、与毕业证同底的电子照片" in page
    assert browser.post(f"/alumni/case/{case.id}/submit", data={"seen_revision": case.revision}).status_code == 409
    assert browser.post(f"/alumni/case/{case.id}/paper/{paper.id}/remove").status_code == 303
    session.rollback()
    session.expire_all()
    assert case.papers == []


def test_a_student_who_has_not_graduated_is_told_so(world: World) -> None:
    answer = world.people["other student"].get("/alumni/case")
    assert answer.status_code == 409
    assert "由往届毕业生办理" in answer.text


def test_the_result_is_the_graduates_answer(make: Factory, client_of: ClientOf, session: Session) -> None:
    student = make.student(graduated_on=date(2018, 7, 1), certificate_number="999997201806000004")
    browser = client_of(make.student_account(student))
    browser.post("/alumni/case", data={"diploma": "yes", "captured": "yes"})
    case = session.scalars(select(AlumniCase)).one()
    assert browser.post(f"/alumni/case/{case.id}/result", data={"seen_revision": 1}).status_code == 422
    browser.post(f"/alumni/case/{case.id}/result", data={"seen_revision": 1, "found": "no"})
    session.rollback()
    session.expire_all()
    assert case.state == CaseState.AT_CENTRE


def test_who_withdraws_the_consent_takes_the_case_and_its_scans_back(world: World) -> None:
    browser = world.people["lin"]
    assert "证件扫描件处理" in browser.get("/mine/consents").text
    assert browser.post("/mine/consents/alumni_scans/withdraw").status_code == 303
    case = world.case
    assert case.state == CaseState.WITHDRAWN
    assert case.scans_until == world.make.clock()  # due at once: the worker deletes them
    assert "证件扫描件处理" not in world.people["other student"].get("/mine/consents").text


# ---------------------------------------------------------------- who may do and see what

INSIDE = {"wang", "head", "registry"}


def test_who_opens_which_page(world: World, client: FlaskClient) -> None:
    world.move(CaseState.AT_CENTRE)
    case = f"/console/alumni/{world.case_id}"
    table = {
        "/console/alumni": INSIDE | {"zhao"},
        case: INSIDE,
        f"{case}/sheet.pdf": INSIDE,
        f"{case}/paper/{world.paper()}": INSIDE,
        f"{case}/paper/{world.paper()}/file/1": INSIDE,
        "/console/alumni/applications": INSIDE | {"zhao"},
        "/console/alumni/packages": {"registry"},
        "/alumni/case": {"lin"},
    }
    for address, allowed in table.items():
        for who, browser in world.people.items():
            status = browser.get(address).status_code
            assert (status == 200) is (who in allowed), f"{who} {address}: {status}"
            if who not in allowed and not (who == "other student" and address == "/alumni/case"):
                assert status == 404, f"{who} {address}: {status}"
        assert client.get(address).status_code == 302
    assert "林小满" not in world.people["zhao"].get("/console/alumni").text


@pytest.mark.parametrize("state", list(CaseState))
def test_scans_are_shown_at_the_desk_where_the_case_is_and_every_view_is_recorded(
    world: World, state: CaseState
) -> None:
    address = f"/console/alumni/{world.case_id}/paper/{world.paper()}/file/1"
    world.move(state)
    at = {CaseState.AT_CENTRE: INSIDE}
    for desk in (CaseState.AT_COLLEGE, CaseState.APPROVED, CaseState.SENT):
        at[desk] = {"registry"}
    views = 0
    for who, browser in world.people.items():
        allowed = who in at.get(state, set())
        answer = browser.get(address)
        assert answer.status_code == (200 if allowed else 404), f"{who} {state}"
        views += allowed
    assert len(world.seen()) == views


ACTIONS = {
    **{action: ("decide", {"action": action.value, "reason": "因为"}) for action in STAFF_VERBS},
    CaseAction.REROUTE: ("reroute", {"route": "capture", "reroute_reason": "因为"}),
    CaseAction.ENDORSE: ("endorse", {"opinion": "同意"}),
}
# state -> who may do which action; what is not here is refused
ALLOWED: dict[CaseState, dict[CaseAction, set[str]]] = {
    CaseState.WITH_STUDENT: {CaseAction.CLOSE: INSIDE},
    CaseState.RETURNED: {CaseAction.CLOSE: INSIDE},
    CaseState.AT_CENTRE: {
        CaseAction.RETURN: INSIDE,
        CaseAction.REROUTE: INSIDE,
        CaseAction.CLOSE: INSIDE,
        CaseAction.ENDORSE: {"wang", "head"},  # refused for the missing seal, not for the person: 409 with its name
    },
    CaseState.AT_COLLEGE: {
        action: {"registry"}
        for action in (
            *(CaseAction.APPROVE, CaseAction.RETURN, CaseAction.SEND_BACK, CaseAction.REROUTE, CaseAction.CLOSE),
        )
    },
    CaseState.APPROVED: {CaseAction.SEND_BACK: {"registry"}},
    CaseState.SENT: {CaseAction.CONFIRM: {"registry"}, CaseAction.CLOSE: {"registry"}},
}


@pytest.mark.parametrize("state", list(CaseState))
def test_every_role_state_and_action_is_decided(world: World, state: CaseState) -> None:
    for action, (verb, data) in ACTIONS.items():
        for who, browser in world.people.items():
            world.move(state)
            before = world.case.revision
            answer = browser.post(
                f"/console/alumni/{world.case_id}/{verb}", data={**data, "seen_revision": str(before)}
            )
            allowed = who in ALLOWED.get(state, {}).get(action, set())
            where = f"{who} {state} {action}: {answer.status_code}"
            if who not in INSIDE:
                assert answer.status_code == 404, where
            elif allowed and action is CaseAction.ENDORSE:
                assert "还缺：盖章的意见表" in answer.text, where
            elif allowed:
                assert answer.status_code == 303, where
                case = world.case
                case.route = "scans"
                world.session.commit()
                continue
            else:
                assert answer.status_code == 409, where
            assert world.case.revision == before, where


def test_the_sheet_is_printed_sealed_scanned_and_handed_on(world: World) -> None:
    wang = world.people["wang"]
    world.move(CaseState.AT_CENTRE)
    sheet = wang.get(f"/console/alumni/{world.case_id}/sheet.pdf")
    assert sheet.data.startswith(b"%PDF")
    address = f"/console/alumni/{world.case_id}/sheet"
    for who in ("zhao", "lin", "administrator"):
        file = {"file": (io.BytesIO(picture()), "s.jpg")}
        assert world.people[who].post(address, data=file, content_type="multipart/form-data").status_code == 404
    file = {"file": (io.BytesIO(picture()), "s.jpg")}
    assert world.people["registry"].post(address, data=file, content_type="multipart/form-data").status_code == 409
    assert wang.post(address, data={}, content_type="multipart/form-data").status_code == 422
    file = {"file": (io.BytesIO(picture()), "s.jpg")}
    assert wang.post(address, data=file, content_type="multipart/form-data").status_code == 303
    data = {"opinion": "原件已核对", "seen_revision": str(world.case.revision)}
    assert wang.post(f"/console/alumni/{world.case_id}/endorse", data={**data, "opinion": ""}).status_code == 422
    assert wang.post(f"/console/alumni/{world.case_id}/endorse", data=data).status_code == 303
    assert world.case.state == CaseState.AT_COLLEGE


def test_the_registry_packs_takes_and_reports(world: World) -> None:
    registry = world.people["registry"]
    world.move(CaseState.APPROVED)
    assert registry.post("/console/alumni/packages", data={}).status_code == 422
    made = registry.post("/console/alumni/packages", data={"case": str(world.case_id)})
    assert made.status_code == 303
    for who in ("wang", "head", "zhao", "lin", "administrator"):
        assert world.people[who].get(made.location).status_code == 404
        assert world.people[who].post(f"{made.location}/file").status_code == 404
    assert registry.get(f"{made.location}/file").status_code == 405  # a download is an act, not a link
    taken = registry.post(f"{made.location}/file")
    assert taken.mimetype == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(taken.data)).namelist()
    assert {"001/form.pdf", "001/diploma.jpg", "manifest.json"} <= set(names)
    assert registry.post(f"{made.location}/file").data == taken.data
    assert registry.post(f"{made.location}/sent", data={"sent_on": "2026-12-24"}).status_code == 422
    assert registry.post(f"{made.location}/sent", data={"sent_on": "2026-11-02"}).status_code == 303
    assert world.case.state == CaseState.SENT


def test_the_centre_is_told_what_to_find_out_where_no_paper_leads_on(world: World) -> None:
    case = world.case
    case.route, case.state = "bind", CaseState.AT_CENTRE
    world.session.commit()
    address = f"/console/alumni/{world.case_id}"
    assert "请学习中心查明" in world.people["wang"].get(address).text
    world.move(CaseState.RETURNED)
    assert "请学习中心查明" not in world.people["wang"].get(address).text


def test_the_page_of_a_student_leads_to_the_case(world: World) -> None:
    page = world.people["wang"].get(f"/console/students/{world.lin.id}").text
    assert f'href="/console/alumni/{world.case_id}"' in page
    assert "待毕业生办理" in page
    assert "待您办理" not in page, "said to the graduate, not to staff"


def test_prints_are_noted_by_the_centre(world: World) -> None:
    case = world.case
    case.route = "capture"
    world.session.commit()
    address = f"/console/alumni/{world.case_id}/prints"
    data = {"count": "2", "received_on": "2026-11-02", "seen_revision": str(case.revision)}
    for who in ("zhao", "lin", "administrator"):
        assert world.people[who].post(address, data=data).status_code == 404
    assert world.people["registry"].post(address, data=data).status_code == 409
    assert world.people["wang"].post(address, data={**data, "received_on": "gestern"}).status_code == 422
    assert world.people["wang"].post(address, data={**data, "count": "9"}).status_code == 422
    assert world.people["wang"].post(address, data=data).status_code == 303
    assert (world.case.prints, world.case.prints_by) == (2, world.wang.id)


def test_the_whole_id_number_is_shown_on_request_and_recorded(world: World) -> None:
    wang = world.people["wang"]
    assert world.lin.id_number not in wang.get(f"/console/alumni/{world.case_id}").text
    assert world.lin.id_number in wang.post(f"/console/alumni/{world.case_id}/number").text
    verbs = set(world.session.scalars(select(HistoryEntry.verb)))
    assert "alumni_case.number_seen" in verbs


def test_another_graduate_reaches_nothing_of_this_case(world: World, make: Factory, client_of: ClientOf) -> None:
    other = make.student(world.lin.centre, graduated_on=date(2018, 7, 1), certificate_number="999997201806000009")
    browser = client_of(make.student_account(other))
    case, paper = f"/alumni/case/{world.case_id}", world.paper()
    for address in (f"{case}/paper/{paper}", f"{case}/paper/{paper}/file/1", f"{case}/withdraw"):
        assert browser.get(address).status_code == 404
    for verb in ("submit", "withdraw", "result", f"paper/{paper}/remove", f"paper/{paper}/ask"):
        data = {"seen_revision": "1", "found": "yes", "ask": "x"}
        assert browser.post(f"{case}/{verb}", data=data).status_code == 404, verb
    assert world.seen() == []
