"""Errata and identity reviews over the web: who gets where, what a form keeps, what leaves the house."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.rules import ALL_CENTRES
from backend.enrollment.operations import Evidence
from backend.errata.beginnings import OtherStudent
from backend.errata.operations import edit_case, open_case
from backend.errata.queries import cases_of
from backend.errata.records import ErratumCase
from backend.errata.rules import Form, Origin, Reason
from backend.history.records import HistoryEntry
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.identity.operations import add_evidence, open_identity_case
from backend.identity.records import IdentityCase
from backend.identity.rules import Mark, Party
from tests.factories import Factory
from tests.papers import pdf, scan

ClientOf = Callable[[Account], FlaskClient]


class House:
    """Lin with a swap that names Chen; everybody who might want to see it."""

    def __init__(self, make: Factory, client_of: ClientOf) -> None:
        self.make, self.session = make, make.session
        self.lin = make.student(name="林小满")
        self.chen = make.student(self.lin.centre, name="=1+1")
        self.people = {
            "student": client_of(make.student_account(self.lin)),
            "other": client_of(make.student_account(self.chen)),
            "stranger": client_of(make.student_account()),
            "staff": client_of(make.staff(centre=self.lin.centre)),
            "head": client_of(make.staff(Role.CENTRE_HEAD, self.lin.centre)),
            "elsewhere": client_of(make.staff()),
            "elsewhere_head": client_of(make.staff(Role.CENTRE_HEAD)),
            "registry": client_of(make.staff(Role.REGISTRY)),
            "administrator": client_of(make.staff(Role.ADMINISTRATOR)),
        }

    def draft(self) -> ErratumCase:
        actor, now = Actor(ActorKind.STUDENT), self.make.clock()
        other = OtherStudent(self.chen.name, self.chen.student_number)
        case = open_case(
            self.session, student_id=self.lin.id, form=Form.IMAGE_INFO, reason=Reason.SWAPPED, values={},
            other_student=other, origin=Origin.STUDENT, actor=actor, now=now,
        )  # fmt: skip
        return edit_case(
            self.session, forms=self.make.parts.forms, student_id=self.lin.id, case_id=case.id,
            seen_revision=case.revision, title="", values={"seen": "both"}, statement="=cmd()", other_student=other,
            actor=actor, now=now,
        )  # fmt: skip

    def submitted(self) -> ErratumCase:
        case = self.draft()
        answer = self.save(case, do="submit", evidence_chsi_page=[(io.BytesIO(scan()), "a.jpg")])
        assert answer.status_code == 303, answer.text
        return self.fresh(case)

    def save(self, case: ErratumCase, **form: object):  # type: ignore[no-untyped-def]
        sent = {
            "seen_revision": str(case.revision), "column_seen": "both", "statement": "=cmd()",
            "other_name": self.chen.name, "other_number": self.chen.student_number, **form,
        }  # fmt: skip
        return self.people["student"].post(f"/errata/{case.id}/save", data=sent)

    def fresh(self, case: ErratumCase) -> ErratumCase:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(ErratumCase, case.id)

    def act(self, who: str, case: ErratumCase, action: str, text: str = "情况属实") -> int:
        way = "decision" if who == "registry" else "opinion"
        form = {"seen_revision": str(self.fresh(case).revision), "action": action, "text": text}
        return self.people[who].post(f"/console/errata/{case.id}/{way}", data=form).status_code

    def approved(self) -> ErratumCase:
        case = self.submitted()
        pair = {"name": "=1+1", "student_number": self.chen.student_number, "seen_revision": str(case.revision)}
        assert self.people["staff"].post(f"/console/errata/{case.id}/pair", data=pair).status_code == 303
        assert self.act("staff", case, "opine") == 303
        assert self.act("registry", case, "decide") == 303
        return self.fresh(case)


@pytest.fixture
def house(make: Factory, client_of: ClientOf) -> House:
    return House(make, client_of)


def verbs(session: Session, kind: str) -> list[str]:
    session.rollback()
    query = select(HistoryEntry.verb).where(HistoryEntry.subject_kind == kind).order_by(HistoryEntry.id)
    return list(session.scalars(query))


INSIDE = ("staff", "head", "registry")  # who sees the cases of Lin's centre


def test_who_sees_a_case_and_its_papers(house: House, client: FlaskClient) -> None:
    case = house.submitted()
    evidence = case.evidence[0].id
    desk = [
        f"/console/errata/{case.id}",
        f"/console/errata/{case.id}/evidence/{evidence}",
        f"/console/errata/{case.id}/form.pdf",
    ]
    own = [f"/errata/{case.id}", f"/errata/{case.id}/evidence/{evidence}", f"/errata/{case.id}/form.pdf"]
    for who, browser in house.people.items():
        for address in desk:
            assert browser.get(address).status_code == (200 if who in INSIDE else 404), (who, address)
        for address in own:
            assert browser.get(address).status_code == (200 if who == "student" else 404), (who, address)
    assert all(client.get(address).status_code == 302 for address in (*desk, *own))


def test_a_draft_is_the_students_own(house: House) -> None:
    case = house.draft()
    for who, browser in house.people.items():
        assert browser.get(f"/console/errata/{case.id}").status_code == 404, who
    assert "林小满" not in house.people["registry"].get("/console/errata").text


@pytest.mark.parametrize("way", ["opinion", "decision", "pair", "form-in-full.pdf"])
def test_who_may_do_what_at_the_desk(house: House, way: str) -> None:
    allowed = {
        "opinion": {"staff", "head"},
        "decision": {"registry"},
        "pair": set(INSIDE),
        "form-in-full.pdf": set(INSIDE),
    }[way]
    case = house.submitted()
    for who, browser in house.people.items():
        # a stale page: nothing changes, so that each is asked the same
        status = browser.post(f"/console/errata/{case.id}/{way}", data={"seen_revision": "1", "text": "x"}).status_code
        assert (status != 404) is (who in allowed), (who, status)
    assert house.fresh(case).state == "submitted"


def test_who_hands_over(house: House) -> None:
    case = house.approved()
    form = {"case": str(case.id), "handed_over_on": "2026-11-02", "round": "2026-11"}
    for who in set(house.people) - {"registry"}:
        assert house.people[who].post("/console/errata/send", data=form).status_code == 404, who
    assert house.people["registry"].post("/console/errata/send", data={**form, "round": ""}).status_code == 422
    assert house.people["registry"].post("/console/errata/send", data=form).status_code == 303
    assert house.fresh(case).state == "sent"


def test_a_form_keeps_what_was_written_and_says_everything_that_is_missing(house: House) -> None:
    case = house.draft()
    answer = house.save(case, do="submit", statement="", column_captured_on="2026-05-01", other_name="")
    assert answer.status_code == 422
    for name in ("statement", "other_number", "evidence_chsi_page"):
        assert f'href="#field-{name}"' in answer.text
    assert house.fresh(case).values == {"seen": "both", "captured_on": "2026-05-01"}
    assert house.fresh(case).state == "draft"


def test_a_bad_file_does_not_lose_the_good_one_nor_the_words(house: House) -> None:
    case = house.draft()
    answer = house.save(
        case, do="save", statement="写了很久的话", evidence_chsi_page=[(io.BytesIO(scan()), "a.jpg")],
        evidence_other=[(io.BytesIO(b"%PDF-1.7 no\n%%EOF"), "b.pdf")],
    )  # fmt: skip
    assert answer.status_code == 422
    assert "这个 PDF 打不开" in answer.text
    assert "写了很久的话" in answer.text
    assert [item.kind for item in house.fresh(case).evidence] == ["chsi_page"]


def test_a_stale_form_is_told_and_changes_nothing(house: House) -> None:
    case = house.draft()
    answer = house.save(case, do="save", seen_revision="1", statement="旧")
    assert answer.status_code == 409
    assert "刚刚有变化" in answer.text
    assert house.fresh(case).statement == "=cmd()"


def test_a_pdf_is_shown_page_by_page_and_each_look_is_in_the_history(house: House) -> None:
    case = house.draft()
    house.save(case, do="submit", evidence_chsi_page=[(io.BytesIO(pdf(2)), "a.pdf")])
    item = house.fresh(case).evidence[0]
    assert (item.media_type, item.pages) == ("application/pdf", 2)
    for page, status in ((1, 200), (2, 200), (3, 404)):
        answer = house.people["staff"].get(f"/console/errata/{case.id}/evidence/{item.id}?page={page}")
        assert answer.status_code == status
        if status == 200:
            assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert verbs(house.session, "erratum").count("erratum.evidence_seen") == 3
    house.people["student"].get(f"/errata/{case.id}/evidence/{item.id}")
    assert verbs(house.session, "erratum").count("erratum.evidence_seen") == 3, "the own paper needs no entry"


def text_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        part = page.get_textpage()
        words = part.get_text_range()
        part.close()
        page.close()
    return str(words)


def test_the_printed_form_masks_the_number_until_it_is_asked_for_in_full(house: House) -> None:
    case = house.submitted()
    number = house.lin.id_number
    masked = text_of(house.people["staff"].get(f"/console/errata/{case.id}/form.pdf").data)
    assert "本平台格式" in masked
    assert number not in masked
    assert "erratum.printed_in_full" not in verbs(house.session, "erratum")
    full = house.people["staff"].post(f"/console/errata/{case.id}/form-in-full.pdf")
    assert number in text_of(full.data)
    assert "erratum.printed_in_full" in verbs(house.session, "erratum")


def test_the_sheet_holds_the_scope_as_text_and_no_formula(house: House, make: Factory) -> None:
    case = house.submitted()
    answer = house.people["staff"].get("/console/errata/list.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2, max_row=2))
    values = [cell.value for cell in rows[0]]
    assert house.lin.student_number in values
    assert "=1+1" in values
    assert {cell.data_type for cell in rows[0] if isinstance(cell.value, str)} == {"s"}
    assert house.lin.id_number not in str(values)
    elsewhere = house.people["elsewhere"].get("/console/errata/list.xlsx")
    assert house.lin.student_number not in str(
        [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(elsewhere.data)).active.iter_rows()]  # type: ignore[union-attr]
    )
    assert case.state == "submitted"


def test_the_board_narrows_by_state_party_and_form(house: House) -> None:
    house.submitted()
    staff = house.people["staff"]
    for query, there in (
        ("state=submitted", True), ("state=sent", False), ("party=centre", True), ("party=college", False),
        ("form=image_info", True), ("form=photo", False), ("overdue=1", False), ("state=nonsense", True),
        ("round=none", False),
    ):  # fmt: skip
        assert ("林小满" in staff.get(f"/console/errata?{query}").text) is there, query


def test_the_other_student_is_asked_on_their_own_page_and_sees_no_record(house: House) -> None:
    case = house.submitted()
    other = house.people["other"]
    assert other.get(f"/errata/asked/{case.id}").status_code == 404, "not before staff have paired the two"
    pair = {"name": "=1+1", "student_number": house.chen.student_number, "seen_revision": str(case.revision)}
    house.people["staff"].post(f"/console/errata/{case.id}/pair", data=pair)
    page = other.get(f"/errata/asked/{case.id}").text
    assert "林小满" in page
    assert house.lin.student_number not in page
    assert house.people["stranger"].get(f"/errata/asked/{case.id}").status_code == 404
    assert other.post(f"/errata/asked/{case.id}", data={}).status_code == 422
    assert other.post(f"/errata/asked/{case.id}", data={"answer": "yes"}).status_code == 303
    assert house.fresh(case).other_agrees is True


def test_a_refused_opinion_keeps_the_words_and_a_case_that_moved_on_is_said(house: House) -> None:
    case = house.submitted()
    assert house.act("staff", case, "opine", "") == 422
    form = {"seen_revision": "1", "action": "opine", "text": "写好的意见"}
    answer = house.people["staff"].post(f"/console/errata/{case.id}/opinion", data=form)
    assert answer.status_code == 409
    assert "写好的意见" in answer.text
    assert house.act("staff", case, "decide") == 409, "the centre does not decide for the college"
    assert house.fresh(case).state == "submitted"


def test_a_form_that_nobody_chose_opens_nothing(house: House) -> None:
    student = house.people["student"]
    for choice in ("", "photo.swapped", "nonsense.not_me", "photo"):
        assert student.post("/errata", data={"choice": choice}).location == "/task/errata"
    assert cases_of(house.session, house.lin.id) == []
    assert student.post("/errata", data={"choice": "photo.not_me"}).location.startswith("/errata/")


def test_the_student_says_whether_it_is_right_now(house: House) -> None:
    case = house.approved()
    form = {"case": str(case.id), "handed_over_on": "2026-11-02", "round": "2026-11"}
    house.people["registry"].post("/console/errata/send", data=form)
    assert house.act("registry", case, "correct", "") == 303
    student, seen = house.people["student"], {"seen_revision": str(house.fresh(case).revision)}
    assert student.post(f"/errata/{case.id}/looked", data={**seen, "answer": "wrong"}).status_code == 422
    assert student.post(f"/errata/{case.id}/looked", data={**seen, "answer": "right"}).status_code == 303
    assert house.fresh(case).state == "confirmed"


# ---------------------------------------------------------------- identity reviews


def review(house: House) -> IdentityCase:
    make = house.make
    case = open_identity_case(
        make.session, scope=ALL_CENTRES, student_id=house.lin.id, mark=Mark.FAILED, source="在校生名单",
        rounds=make.parts.rounds, actor=SYSTEM, now=make.clock(),
    )  # fmt: skip
    content = scan()
    return add_evidence(
        make.session, scope=None, student_id=house.lin.id, party=Party.STUDENT, case_id=case.id, kind="id_card",
        evidence=[Evidence(make.parts.files.put(content), "image/jpeg", len(content))], rounds=make.parts.rounds,
        actor=SYSTEM, now=make.clock(),
    )  # fmt: skip


def test_only_the_head_and_the_registry_know_of_a_review(house: House) -> None:
    case = review(house)
    addresses = [
        f"/console/identity/{case.id}",
        f"/console/identity/{case.id}/evidence/{case.evidence[0].id}",
        f"/console/identity/new/{house.lin.id}",
    ]
    for who, browser in house.people.items():
        for address in addresses:
            assert browser.get(address).status_code == (200 if who in ("head", "registry") else 404), (who, address)
    for who in ("staff", "elsewhere_head"):
        browser = house.people[who]
        assert "林小满" not in browser.get("/console/identity").text
    page = house.people["staff"].get(f"/console/students/{house.lin.id}").text
    for word in ("复核", "identity"):
        assert word not in page, "the history of the student tells ordinary staff nothing either"
    assert "复核" in house.people["head"].get(f"/console/students/{house.lin.id}").text


def test_the_student_reads_what_to_bring_and_no_mark(house: House) -> None:
    review(house)
    student = house.people["student"]
    for address in ("/papers", "/home", "/messages"):
        page = student.get(address).text
        for word in ("未通过", "核验", "复核", "异常", "不确定"):
            assert word not in page, address
    page = student.get("/papers").text
    assert "身份证正反面" in page
    assert "2027年3月3日" in page
    assert house.lin.centre.contact_phone in page


def test_papers_are_handed_in_and_decided_with_a_reason_that_stays_inside(house: House) -> None:
    case = review(house)
    student, head, registry = (house.people[who] for who in ("student", "head", "registry"))
    form = {"do": "hand_in", "evidence_new_photo": [(io.BytesIO(scan(shade=200)), "p.jpg")]}
    assert student.post("/papers/save", data=form).status_code == 303
    house.session.expire_all()
    assert house.session.get_one(IdentityCase, case.id).state == "handed_in"

    def act(browser: FlaskClient, action: str, text: str) -> int:
        house.session.rollback()
        house.session.expire_all()
        seen = str(house.session.get_one(IdentityCase, case.id).revision)
        sent = {"action": action, "text": text, "seen_revision": seen}
        return browser.post(f"/console/identity/{case.id}", data=sent).status_code

    assert act(head, "file", "同一人") == 409, "the centre's head does not decide"
    assert act(registry, "file", " ") == 422
    assert act(registry, "file", "五官一致的理由") == 303
    assert act(registry, "clear", "备案同意") == 303
    assert "五官一致" not in student.get("/papers").text
    assert "没有要补充的材料" in student.get("/papers").text


def test_a_second_mark_while_a_review_is_under_way_opens_no_second_one(house: House) -> None:
    first = review(house)
    form = {"mark": "uncertain", "source": "第二份名单"}
    answer = house.people["registry"].post(f"/console/identity/new/{house.lin.id}", data=form)
    assert answer.location == f"/console/identity/{first.id}"
    house.session.expire_all()
    assert house.session.get_one(IdentityCase, first.id).mark == "uncertain"
    assert house.people["registry"].post(f"/console/identity/new/{house.lin.id}", data={}).status_code == 422


def test_the_day_of_a_review_is_the_rounds(house: House) -> None:
    assert review(house).due_on == date(2027, 3, 3)
