"""Errata, a graduate's case, papers before the registration and the questions, all by the API."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.rules import Role
from backend.alumni.applications import match_application
from backend.alumni.records import AlumniApplication
from backend.centres.rules import ALL_CENTRES
from backend.errata.operations import act_on_case, pair_student, send_cases
from backend.errata.queries import cases_of
from backend.errata.records import ErratumCase
from backend.errata.rules import Action, Party
from backend.history.rules import Actor, ActorKind
from backend.identity.operations import open_identity_case
from backend.identity.rules import Mark
from backend.views.api.document import ITSELF
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory
from tests.papers import pdf, scan
from tests.views.test_alumni import picture
from tests.views.test_api import Caller, signed_in

STATEMENT = "采集时姓名写错了。"


class Desk:
    """Lin and Chen of one centre by the API; Wang's and the registry's part by the operations."""

    def __init__(self, app: App, make: Factory) -> None:
        self.app, self.make, self.session = app, make, make.session
        self.lin = make.student(name="林小满")
        self.chen = make.student(self.lin.centre, name="陈安")
        self.by_lin = signed_in(app, make.student_account(self.lin))
        self.by_chen = signed_in(app, make.student_account(self.chen))
        self.staff = Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id)

    def act(self, case_id: int, action: Action, party: Party, text: str = "情况属实") -> None:
        self.session.rollback()
        self.session.expire_all()
        act_on_case(
            self.session, forms=self.make.parts.forms, scope=ALL_CENTRES, party=party, case_id=case_id,
            seen_revision=self.session.get_one(ErratumCase, case_id).revision, action=action, text=text,
            actor=self.staff, now=self.make.clock(),
        )  # fmt: skip

    def corrected(self, case_id: int) -> None:
        """Through the centre, the college and whoever corrects."""
        self.act(case_id, Action.OPINE, Party.CENTRE)
        self.act(case_id, Action.DECIDE, Party.COLLEGE)
        send_cases(
            self.session, forms=self.make.parts.forms, scope=ALL_CENTRES, party=Party.COLLEGE, case_ids=[case_id],
            handed_over_on=date(2026, 11, 2), round_name="2026-11", actor=self.staff, now=self.make.clock(),
        )  # fmt: skip
        self.act(case_id, Action.CORRECT, Party.COLLEGE, "")


@pytest.fixture
def desk(app: App, make: Factory) -> Desk:
    return Desk(app, make)


def sent(caller: Caller, path: str, name: str, *files: tuple[bytes, str], **fields: str) -> Any:
    """A form with files."""
    parts = [(io.BytesIO(content), file_name) for content, file_name in files]
    return caller.client.post(
        f"/api/v1{path}", data={**fields, name: parts}, headers=caller.headers, content_type="multipart/form-data"
    )


def begun(caller: Caller, form: str, reason: str) -> dict[str, Any]:
    answer = caller("POST", "/errata", {"form": form, "reason": reason})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def written(caller: Caller, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Every column filled in as the form asks for, and the statement."""
    forms = {form["form"]: form for form in caller("GET", "/errata/forms").json["items"]}
    reason = next(one for one in forms[case["form"]]["reasons"] if one["reason"] == case["reason"])
    values = {column["name"]: filled(column) for column in reason["columns"]}
    body = {"seen_revision": case["revision"], "values": values, "statement": STATEMENT, **more}
    answer = caller("PUT", f"/errata/{case['id']}", body)
    assert answer.status_code == 200, answer.text
    for kind in reason["evidence"]:
        answer = sent(caller, f"/errata/{case['id']}/evidence", "evidence", (scan(), "a.jpg"), kind=kind["name"])
        assert answer.status_code == 201, answer.text
    whole: dict[str, Any] = answer.json
    return whole


def filled(column: dict[str, Any]) -> str:
    if column["options"]:
        return str(column["options"][0]["name"])
    return {"date": "2026-10-01", "id_number": "990101199602290044"}.get(column["kind"], "林小曼")


def test_a_case_goes_from_the_choice_of_the_form_to_the_confirmed_correction(desk: Desk) -> None:
    lin = desk.by_lin
    case = begun(lin, "image_info", "capture_data")
    assert begun(lin, "image_info", "capture_data")["id"] == case["id"]
    early = lin("POST", f"/errata/{case['id']}/submission", {"seen_revision": case["revision"]})
    assert (early.status_code, early.json["code"]) == (409, "case_not_complete")
    assert early.json["fields"] == dict.fromkeys(case["missing"], "missing")
    case = written(lin, case)
    assert case["missing"] == []
    stale = lin("POST", f"/errata/{case['id']}/submission", {"seen_revision": 1})
    assert (stale.status_code, stale.json["code"]) == (409, "outdated")
    case = lin("POST", f"/errata/{case['id']}/submission", {"seen_revision": case["revision"]}).json
    assert (case["state"], case["waits_for"]) == ("submitted", "centre")
    assert lin("GET", f"/errata/{case['id']}/form").get_data().startswith(b"%PDF")
    desk.corrected(case["id"])
    case = lin("GET", f"/errata/{case['id']}").json
    assert (case["state"], case["waits_for"]) == ("corrected", "student")
    wordless = lin("POST", f"/errata/{case['id']}/look", {"seen_revision": case["revision"], "right": False})
    assert (wordless.status_code, wordless.json["fields"]) == (422, {"text": "words_needed"})
    done = lin("POST", f"/errata/{case['id']}/look", {"seen_revision": case["revision"], "right": True}).json
    assert (done["state"], done["waits_for"], done["actions"]) == ("confirmed", None, [])
    assert [step["action"] for step in done["steps"]] == ["submit", "opine", "decide", "send", "correct", "confirm"]


def test_an_id_number_is_whole_only_while_its_owner_still_writes(desk: Desk) -> None:
    case = written(desk.by_lin, begun(desk.by_lin, "image_info", "capture_data"))
    numbers = {name for name, value in case["values"].items() if value == "990101199602290044"}
    assert numbers
    case = desk.by_lin("POST", f"/errata/{case['id']}/submission", {"seen_revision": case["revision"]}).json
    assert {case["values"][name] for name in numbers} == {"990*************44"}


def test_evidence_is_shown_page_by_page_and_taken_out_again(desk: Desk) -> None:
    case = begun(desk.by_lin, "delete_conclusion", "wrong_click")
    path = f"/errata/{case['id']}/evidence"
    kind = desk.make.parts.forms.of("delete_conclusion", "wrong_click").evidence[0].name
    none = sent(desk.by_lin, path, "evidence", kind=kind)
    assert (none.status_code, none.json["code"]) == (422, "upload_missing")
    odd = sent(desk.by_lin, path, "evidence", (scan(), "a.jpg"), kind="selfie")
    assert (odd.status_code, odd.json["code"]) == (422, "invalid")
    case = sent(desk.by_lin, path, "evidence", (pdf(2), "b.pdf"), (scan(), "a.jpg"), kind=kind).json
    assert [(piece["media_type"], piece["pages"]) for piece in case["evidence"]] == [
        ("application/pdf", 2), ("image/jpeg", 1),
    ]  # fmt: skip
    piece = case["evidence"][0]["id"]
    page = desk.by_lin("GET", f"{path}/{piece}/pages/2")
    assert (page.mimetype, page.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert desk.by_lin("GET", f"{path}/{piece}/pages/3").status_code == 404
    assert desk.by_chen("GET", f"{path}/{piece}/pages/1").status_code == 404
    left = desk.by_lin("DELETE", f"{path}/{piece}").json
    assert len(left["evidence"]) == 1
    assert desk.by_lin("DELETE", f"{path}/{piece}").status_code == 404


def test_the_right_photo_passes_the_same_check_and_asks_for_the_same_consent(desk: Desk) -> None:
    case = begun(desk.by_lin, "photo", "not_me")
    refused = sent(desk.by_lin, f"/errata/{case['id']}/photo", "album", (picture(), "a.jpg"))
    assert (refused.status_code, refused.json["code"]) == (409, "consent_missing")
    desk.session.rollback()
    desk.make.settle(desk.lin)
    case = sent(desk.by_lin, f"/errata/{case['id']}/photo", "album", (picture(), "a.jpg")).json
    assert case["photo"]["verdict"] == "retake"
    assert any(found["verdict"] == "bad" for found in case["photo"]["findings"])
    assert "photo" in case["missing"]
    shown = desk.by_lin("GET", f"/errata/{case['id']}/photos/{case['photo']['id']}/picture")
    assert shown.mimetype == "image/jpeg"


def test_a_swap_asks_the_other_student_whose_words_the_asking_one_never_reads(desk: Desk) -> None:
    case = written(
        desk.by_lin,
        begun(desk.by_lin, "image_info", "swapped"),
        other_name=desk.chen.name,
        other_number=desk.chen.student_number,
    )
    case = desk.by_lin("POST", f"/errata/{case['id']}/submission", {"seen_revision": case["revision"]}).json
    assert desk.by_chen("GET", f"/errata/asked/{case['id']}").status_code == 404
    desk.session.rollback()
    pair_student(
        desk.session, scope=ALL_CENTRES, party=Party.CENTRE, case_id=case["id"], seen_revision=case["revision"],
        name=desk.chen.name, student_number=desk.chen.student_number, actor=desk.staff, now=desk.make.clock(),
    )  # fmt: skip
    (asked,) = desk.by_chen("GET", "/errata/asked").json["items"]
    assert (asked["name"], asked["may_answer"]) == ("林小满", True)
    said = desk.by_chen("POST", f"/errata/asked/{case['id']}", {"agrees": True, "text": "那张不是我"}).json
    assert (said["agrees"], said["may_answer"]) == (True, True)
    assert "那张不是我" not in desk.by_lin("GET", f"/errata/{case['id']}").text
    assert desk.by_chen("GET", f"/errata/{case['id']}").status_code == 404


def test_a_case_is_taken_back_and_lists_go_on_by_cursor(desk: Desk) -> None:
    first = begun(desk.by_lin, "delete_conclusion", "wrong_click")
    second = begun(desk.by_lin, "photo", "not_me")
    assert desk.by_lin("POST", f"/errata/{first['id']}/withdrawal").json["state"] == "withdrawn"
    assert desk.by_lin("POST", f"/errata/{first['id']}/withdrawal").status_code == 409
    page = desk.by_lin("GET", "/errata?limit=1").json
    rest = desk.by_lin("GET", f"/errata?limit=1&cursor={page['next']}").json
    assert [one["id"] for one in page["items"] + rest["items"]] == [second["id"], first["id"]]
    assert rest["next"] is None
    wrong = desk.by_lin("POST", "/errata", {"form": "photo", "reason": "swapped"})
    assert (wrong.status_code, wrong.json["code"]) == (409, "not_allowed")
    column = desk.by_lin(
        "PUT", f"/errata/{second['id']}", {"seen_revision": second["revision"], "values": {"x": "1"}, "statement": ""}
    )
    assert (column.status_code, column.json["fields"]) == (422, {"values.x": "unknown"})


# ---------------------------------------------------------------- graduates

GRADUATED: dict[str, Any] = {"graduated_on": date(2018, 7, 1), "certificate_number": "999997201806000001"}


def test_a_graduate_goes_from_the_questions_to_the_centre(app: App, make: Factory) -> None:
    lin = signed_in(app, make.student_account(make.student(**GRADUATED)))
    assert lin("GET", "/alumni-case").status_code == 404
    unclear = lin("POST", "/alumni-case", {"diploma": "yes"})
    assert (unclear.status_code, unclear.json["fields"]) == (422, {"captured": "answer_needed"})
    case = lin("POST", "/alumni-case", {"diploma": "yes", "captured": "no"}).json
    assert (case["route"], case["state"], case["missing"]) == ("scans", "with_student", case["asked_for"])
    assert lin("POST", "/alumni-case", {"diploma": "no", "captured": "no"}).json["id"] == case["id"]

    early = sent(lin, "/alumni-case/papers", "file", (picture(), "a.jpg"), kind="diploma")
    assert (early.status_code, early.json["code"]) == (409, "scans_consent_missing")
    asked = {one["purpose"]: one for one in lin("GET", "/consents").json["items"]}
    agreed = {"seen_version": asked["alumni_scans"]["version"]}
    assert lin("PUT", "/consents/alumni_scans", agreed).status_code == 200

    for kind in case["asked_for"]:
        case = sent(lin, "/alumni-case/papers", "file", (picture(), f"{kind}.jpg"), kind=kind).json
    photo = next(paper for paper in case["papers"] if paper["kind"] == "photo")
    assert (photo["verdict"], case["missing"]) == ("retake", ["photo"])
    missing = lin("POST", "/alumni-case/submission", {"seen_revision": case["revision"]})
    assert (missing.status_code, missing.json["fields"]) == (409, {"photo": "missing"})
    case = lin("POST", f"/alumni-case/papers/{photo['id']}/question", {"text": "只有这一张"}).json
    assert case["missing"] == []
    scan_id = case["papers"][0]["id"]
    assert lin("GET", f"/alumni-case/papers/{scan_id}/pages/1").mimetype == "image/jpeg"
    case = lin("POST", "/alumni-case/submission", {"seen_revision": case["revision"]}).json
    assert (case["state"], case["waits_for"]) == ("at_centre", "centre")
    assert lin("DELETE", f"/alumni-case/papers/{scan_id}").status_code == 409
    case = lin("POST", "/alumni-case/withdrawal", {"seen_revision": case["revision"]}).json
    assert case["state"] == "withdrawn"


def test_a_bound_photo_is_reported_and_a_scan_is_taken_back(app: App, make: Factory) -> None:
    lin = signed_in(app, make.student_account(make.student(**GRADUATED)))
    case = lin("POST", "/alumni-case", {"diploma": "yes", "captured": "yes"}).json
    assert case["route"] == "bind"
    done = lin("POST", "/alumni-case/result", {"seen_revision": case["revision"], "found": True}).json
    assert (done["state"], done["actions"]) == ("done", [])
    case = lin("POST", "/alumni-case", {"diploma": "yes", "captured": "no"}).json
    assert case["id"] != done["id"]
    purposes = {one["purpose"]: one["version"] for one in lin("GET", "/consents").json["items"]}
    lin("PUT", "/consents/alumni_scans", {"seen_version": purposes["alumni_scans"]})
    case = sent(lin, "/alumni-case/papers", "file", (pdf(1), "d.pdf"), kind="diploma").json
    (paper,) = case["papers"]
    assert lin("DELETE", f"/alumni-case/papers/{paper['id']}").json["papers"] == []
    assert lin("DELETE", "/consents/alumni_scans").status_code == 200


def test_a_student_who_has_not_graduated_has_no_such_case_and_is_not_asked_about_scans(app: App, make: Factory) -> None:
    lin = signed_in(app, make.student_account())
    refused = lin("POST", "/alumni-case", {"graduated": "before", "diploma": "yes", "captured": "no"})
    assert (refused.status_code, refused.json["code"]) == (409, "not_alumnus")
    assert "alumni_scans" not in {one["purpose"] for one in lin("GET", "/consents").json["items"]}
    assert lin("PUT", "/consents/alumni_scans", {"seen_version": "1"}).status_code == 404


def application(centre_id: int | None) -> dict[str, Any]:
    return {
        "name": "林小满", "id_number": "990101199602290044", "phone": "13900000000", "centre_id": centre_id,
        "graduated": "before", "diploma": "yes", "captured": "no",
    }  # fmt: skip


def test_somebody_without_a_number_finds_the_way_and_applies_once(app: App, make: Factory, session: Session) -> None:
    anybody = Caller(app)
    assert anybody("GET", "/alumni/triage").json["question"] == "graduated"
    way = anybody("GET", "/alumni/triage?graduated=before&diploma=yes&captured=no").json
    assert (way["question"], way["route"], way["sheet"]) == (None, "scans", True)
    assert anybody("GET", "/alumni/triage?graduated=once").status_code == 422
    centre = make.centre()
    (listed,) = anybody("GET", "/centres").json["items"]
    assert (listed["id"], listed["name"]) == (centre.id, centre.name)

    first = anybody("POST", "/alumni/applications", application(centre.id), Idempotency_Key="k")
    again = anybody("POST", "/alumni/applications", application(centre.id), Idempotency_Key="k")
    assert (first.status_code, again.json) == (201, first.json)
    other = anybody("POST", "/alumni/applications", {**application(centre.id), "name": "王安"}, Idempotency_Key="k")
    assert other.json["number"] != first.json["number"]
    session.rollback()
    assert session.query(AlumniApplication).count() == 2

    wrong = anybody("POST", "/alumni/applications/look-up", {**first.json, "code": other.json["code"]})
    assert (wrong.status_code, wrong.json["code"]) == (403, "sign_in_failed")
    assert anybody("POST", "/alumni/applications/look-up", first.json).json["state"] == "waiting"
    assert anybody("POST", "/alumni/applications/withdrawal", first.json).json["state"] == "withdrawn"
    mistyped = anybody("POST", "/alumni/applications", {**application(None), "phone": "12"})
    assert (mistyped.status_code, mistyped.json["fields"]) == (422, {"phone": "phone_needed"})


def test_a_matched_application_opens_the_account(app: App, make: Factory, clock: Clock, session: Session) -> None:
    anybody, person = Caller(app), make.student(**GRADUATED)
    receipt = anybody("POST", "/alumni/applications", application(person.centre_id)).json
    early = anybody("POST", "/alumni/applications/account", {**receipt, "password": PASSWORD})
    assert (early.status_code, early.json["code"]) == (409, "not_allowed")
    staff = make.staff(Role.CENTRE_HEAD, person.centre)
    match_application(
        session, scope=ALL_CENTRES, application_id=session.query(AlumniApplication).one().id, student_id=person.id,
        rules=make.parts.alumni, actor=Actor(ActorKind.STAFF, staff.id), now=clock(),
    )  # fmt: skip
    weak = anybody("POST", "/alumni/applications/account", {**receipt, "password": "short"})
    assert (weak.status_code, weak.json["code"]) == (422, "weak_password")
    opened = anybody("POST", "/alumni/applications/account", {**receipt, "password": PASSWORD})
    assert opened.status_code == 201
    lin = Caller(app, opened.json["token"])
    assert lin("GET", "/alumni-case").json["route"] == "scans"


# ---------------------------------------------------------------- papers and questions


def test_papers_before_the_registration_are_handed_in_without_a_word_of_why(app: App, make: Factory) -> None:
    person = make.student()
    lin = signed_in(app, make.student_account(person))
    assert lin("GET", "/papers").json == {
        "needed": False, "revision": 0, "may_add": False, "due_on": None, "since": None, "wanted": [], "given": [],
    }  # fmt: skip
    make.session.rollback()
    open_identity_case(
        make.session, scope=ALL_CENTRES, student_id=person.id, mark=Mark.UNCERTAIN, source="学信网 2026-11-01",
        rounds=make.parts.rounds, actor=Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id), now=make.clock(),
    )  # fmt: skip
    papers = lin("GET", "/papers").json
    assert (papers["needed"], papers["may_add"]) == (True, True)
    assert "uncertain" not in lin("GET", "/papers").text
    empty = lin("POST", "/papers/submission", {"seen_revision": papers["revision"]})
    assert (empty.status_code, empty.json["fields"]) == (422, {"evidence": "needed"})
    odd = sent(lin, "/papers/evidence", "evidence", (scan(), "a.jpg"), kind="selfie")
    assert (odd.status_code, odd.json["fields"]) == (422, {"kind": "unknown"})
    for kind in papers["wanted"]:
        papers = sent(lin, "/papers/evidence", "evidence", (scan(), "a.jpg"), kind=kind["name"]).json
    page = lin("GET", f"/papers/evidence/{papers['given'][0]['id']}/pages/1")
    assert page.mimetype == "image/jpeg"
    done = lin("POST", "/papers/submission", {"seen_revision": papers["revision"]}).json
    assert (done["needed"], done["may_add"]) == (True, False)


def answered(caller: Caller, answers: dict[str, str]) -> dict[str, Any]:
    """A run with every question answered: by the table given, else by the last answer of the question."""
    run: dict[str, Any] = caller("POST", "/proofreading/runs", {}).json
    for _ in range(12):
        question = run["question"]
        if question is None:
            return run
        said = answers.get(question["name"], question["answers"][-1])
        answer = caller("PUT", f"/proofreading/runs/{run['id']}/answers/{question['name']}", {"answer": said})
        assert answer.status_code == 200, answer.text
        run = answer.json
    raise AssertionError("the questions never end")


def swapped_answers(make: Factory) -> dict[str, str]:
    """Answers that lead to a swap, read from the table."""
    row = next(row for row in make.parts.proofreading.rows if row.reason == "swapped")
    return {name: sorted(values)[0] for name, values in row.when.items()}


def test_the_questions_lead_to_the_form_of_a_swap_which_names_the_other_student(desk: Desk) -> None:
    run = answered(desk.by_lin, swapped_answers(desk.make))
    assert run["way"]["reason"] == "swapped", run
    path = f"/proofreading/runs/{run['id']}"
    unnamed = desk.by_lin("POST", f"{path}/outcome", {})
    assert (unnamed.status_code, set(unnamed.json["fields"])) == (422, {"other_name", "other_number"})
    named = {"other_name": desk.chen.name, "other_number": desk.chen.student_number}
    done = desk.by_lin("POST", f"{path}/outcome", named).json
    assert done["finished_at"] is not None
    assert desk.by_lin("POST", f"{path}/outcome", {}).json == done
    assert desk.by_lin("GET", f"/errata/{done['case_id']}").json["reason"] == "swapped"
    assert desk.by_chen("GET", path).status_code == 404
    late = desk.by_lin("PUT", f"{path}/answers/sees", {"answer": "photo"})
    assert late.status_code == 409
    assert desk.by_lin("PUT", f"{path}/answers/nothing", {"answer": "x"}).status_code == 404
    desk.session.rollback()
    assert len(cases_of(desk.session, desk.lin.id)) == 1


def test_nobody_reaches_the_things_of_somebody_else(desk: Desk) -> None:
    """Every address with a number in it, asked for by another student."""
    case = begun(desk.by_lin, "delete_conclusion", "wrong_click")
    for rule in desk.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/errata/<int:case_id>") or rule.endpoint in ITSELF:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path = rule.rule.removeprefix("/api/v1").replace("<int:case_id>", str(case["id"]))
            path = path.replace("<int:evidence_id>", "1").replace("<int:photo_id>", "1").replace("<int:number>", "1")
            bodies: dict[str, Any] = {
                "edit": {"seen_revision": 1, "values": {}, "statement": ""},
                "submit": {"seen_revision": 1},
                "look": {"seen_revision": 1, "right": True},
            }
            name = rule.endpoint.partition(".")[2]
            if name in ("attach", "photo"):
                field = "evidence" if name == "attach" else "album"
                answer = sent(desk.by_chen, path, field, (scan(), "a.jpg"), kind="other")
            else:
                answer = desk.by_chen(method, path, bodies.get(name))
            assert answer.status_code == 404, (method, path, answer.text)
