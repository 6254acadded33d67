"""The review in the browser: who sees which photo, what a decision does, what is written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.compliance.codes import Code
from backend.compliance.findings import Finding, PictureVerdict, Severity, Verdict
from backend.history.records import HistoryEntry
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import State
from backend.views.console.reasons import grouped, reasons_for
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]

HEAD_TOO_HIGH = Finding(
    Code.HEAD_TOP, Verdict.BAD, Severity.HARD, value=38.0, unit="px", low=50, high=110, requirement="R35", reason="low"
)
SHADOW = Finding(
    Code.BG_UNIFORM, Verdict.DOUBT, Severity.SOFT, value=9.0, unit="L*", low=None, high=7, requirement="R07"
)


class People:
    """Lin's photo waits at Wang's centre; Zhao works at another."""

    def __init__(self, make: Factory, client_of: ClientOf) -> None:
        self._make, self._client_of = make, client_of
        self.centre, self.other = make.centre(name="仓山学习中心"), make.centre(name="鼓楼学习中心")
        self.lin = make.student(self.centre, name="林小满")
        make.settle(self.lin)
        self.version = make.submitted(self.lin, PictureVerdict.REVIEW, (SHADOW, HEAD_TOO_HIGH))
        self.photo_id = self.version.photo_id
        self.wang_account = make.staff(centre=self.centre)

    @cached_property
    def wang(self) -> FlaskClient:
        return self._client_of(self.wang_account)

    @cached_property
    def zhao(self) -> FlaskClient:
        return self._client_of(self._make.staff(centre=self.other))

    @cached_property
    def registry(self) -> FlaskClient:
        return self._client_of(self._make.staff(Role.REGISTRY))

    @cached_property
    def administrator(self) -> FlaskClient:
        return self._client_of(self._make.staff(Role.ADMINISTRATOR))

    @cached_property
    def student(self) -> FlaskClient:
        return self._client_of(self._make.student_account(self.lin))


@pytest.fixture
def people(make: Factory, client_of: ClientOf) -> People:
    return People(make, client_of)


def seen(session: Session, verb: str = "photo.seen") -> list[dict[str, object]]:
    session.rollback()  # a fresh look: the browser wrote in a session of its own
    return list(session.scalars(select(HistoryEntry.facts).where(HistoryEntry.verb == verb).order_by(HistoryEntry.id)))


def photo(session: Session, photo_id: int) -> Photo:
    session.rollback()  # a fresh look: the browser wrote in a session of its own
    return session.get_one(Photo, photo_id)


def decide(browser: FlaskClient, photo_id: int, decision: str = "accept", revision: int = 1, **fields: object):
    form = {"decision": decision, "seen_revision": revision, **fields}
    return browser.post(f"/console/review/{photo_id}", data=form)


# ---------------------------------------------------------------- who gets in


def test_another_centres_photo_does_not_exist_for_a_reviewer(people: People, session: Session) -> None:
    for address in (
        f"/console/review/{people.photo_id}",
        f"/console/review/{people.photo_id}/picture/1",
    ):
        assert people.zhao.get(address).status_code == 404
    assert decide(people.zhao, people.photo_id).status_code == 404
    assert (
        people.zhao.post(f"/console/review/{people.photo_id}/original/1", data={"purpose": "dispute"}).status_code
        == 404
    )
    assert photo(session, people.photo_id).state == State.READY_FOR_REVIEW
    assert seen(session) == []


def test_another_centres_queue_is_not_shown(people: People) -> None:
    assert "林小满" in people.wang.get("/console/review").text
    assert "林小满" not in people.zhao.get("/console/review").text
    assert "林小满" not in people.zhao.get(f"/console/review?centre={people.centre.id}").text


def test_the_registry_sees_all_centres_and_can_choose_one(people: People) -> None:
    assert "林小满" in people.registry.get("/console/review").text
    assert "林小满" in people.registry.get(f"/console/review?centre={people.centre.id}").text
    assert "林小满" not in people.registry.get(f"/console/review?centre={people.other.id}").text


def test_an_administrator_and_a_student_see_no_photos(people: People, session: Session) -> None:
    for browser in (people.administrator, people.student):
        assert browser.get("/console/review").status_code == 404
        assert browser.get(f"/console/review/{people.photo_id}").status_code == 404
        assert browser.get(f"/console/review/{people.photo_id}/picture/1").status_code == 404
    assert seen(session) == []


def test_a_number_beyond_every_row_is_no_page(people: People) -> None:
    assert people.wang.get(f"/console/review/{10**30}").status_code == 404
    assert people.wang.get(f"/console/review?centre={10**30}&page={10**30}").status_code == 200
    assert decide(people.wang, people.photo_id, revision=10**30).status_code == 409


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize(
    ("wish", "purpose"), [("", "review"), ("thumbnail", "thumbnail"), ("student", "student"), ("holiday", "review")]
)
def test_every_look_at_a_picture_is_in_the_history(people: People, session: Session, wish: str, purpose: str) -> None:
    answer = people.wang.get(f"/console/review/{people.photo_id}/picture/1?for={wish}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    assert seen(session) == [{"version": 1, "purpose": purpose}]
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "photo.seen")).one()
    assert (entry.owner_id, entry.actor_id) == (people.lin.id, people.wang_account.id)


def test_a_version_that_is_not_there_is_not_noted(people: People, session: Session) -> None:
    assert people.wang.get(f"/console/review/{people.photo_id}/picture/2").status_code == 404
    assert seen(session) == []


def test_the_queue_shows_pictures_only_when_asked(people: People) -> None:
    assert "/picture/1" not in people.wang.get("/console/review").text
    assert "picture/1?for=thumbnail" in people.wang.get("/console/review?pictures=1").text


def test_the_original_is_handed_over_for_a_named_purpose_only(people: People, session: Session) -> None:
    address = f"/console/review/{people.photo_id}/original/1"
    assert people.wang.post(address, data={}).status_code == 422
    assert people.wang.get(address).status_code == 405
    assert seen(session) == []
    answer = people.wang.post(address, data={"purpose": "dispute"})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert seen(session) == [{"version": 1, "purpose": "original_dispute"}]


# ---------------------------------------------------------------- the page


def test_the_page_can_be_worked_by_keys_and_without_script(people: People, make: Factory) -> None:
    other = make.student(people.centre)
    make.settle(other)
    make.submitted(other)
    page = people.wang.get(f"/console/review/{people.photo_id}").text
    for key in ("a", "r", "s", " ", *map(str, range(1, 10))):
        assert f'data-key="{key}"' in page
    assert page.count('name="reasons"') == len(Code)
    assert 'data-next="/console/review/' in page


def test_the_page_shows_the_student_with_a_masked_number(people: People) -> None:
    page = people.wang.get(f"/console/review/{people.photo_id}").text
    assert people.lin.id_number not in page
    assert people.lin.student_number in page
    assert "HEAD_TOP" in page


def test_what_the_machine_found_stands_first_but_is_not_ticked(people: People) -> None:
    page = people.wang.get(f"/console/review/{people.photo_id}").text
    first = page[page.index('name="reasons"') :]
    assert 'value="HEAD_TOP"' in first[:60]
    assert "checked" not in page


def test_each_code_is_offered_once() -> None:
    assert [code for codes in grouped().values() for code in codes] == list(Code)
    many = [{"code": code, "verdict": "bad", "severity": "hard"} for code in list(Code)[:20]]
    reasons = reasons_for(many)
    offered = [*reasons.first, *(code for codes in reasons.groups.values() for code in codes)]
    assert sorted(offered) == sorted(Code)
    assert len(reasons.first) == 9


# ---------------------------------------------------------------- decisions


def test_after_a_decision_comes_the_next_photo_and_a_way_back(
    people: People, make: Factory, clock: Clock, session: Session
) -> None:
    clock.move(minutes=5)
    second = make.student(people.centre, name="陈一")
    make.settle(second)
    following = make.submitted(second)
    answer = decide(people.wang, people.photo_id)
    assert (answer.status_code, answer.location) == (303, f"/console/review/{following.photo_id}")
    assert photo(session, people.photo_id).state == State.ACCEPTED
    page = people.wang.get(answer.location).text
    assert "已接受 林**" in page
    assert 'data-key="z"' in page
    assert "今天已审 1 张" in page


def test_at_the_end_of_the_queue_comes_the_queue_in_its_part(people: People) -> None:
    answer = people.wang.post(
        f"/console/review/{people.photo_id}?part=orange", data={"decision": "accept", "seen_revision": 1}
    )
    assert (answer.status_code, answer.location) == (303, "/console/review?part=orange")
    assert "都审完了" in people.wang.get(answer.location).text


def test_a_return_needs_a_reason_of_the_list(people: People, session: Session) -> None:
    for reasons in ([], ["NOT_A_CODE"]):
        answer = decide(people.wang, people.photo_id, "return", reasons=reasons, text_student="请重拍一张")
        assert answer.status_code == 422
        assert "请至少选一项退回原因" in answer.text
        assert "请重拍一张" in answer.text
    assert photo(session, people.photo_id).state == State.READY_FOR_REVIEW


def test_other_has_to_be_written_out(people: People) -> None:
    answer = decide(people.wang, people.photo_id, "return", reasons=["OTHER", "BLUR"])
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    assert answer.text.count("checked") == 2


def test_a_text_too_long_is_refused(people: People) -> None:
    assert decide(people.wang, people.photo_id, "return", reasons=["BLUR"], text_staff="长" * 501).status_code == 422


def test_a_return_keeps_its_reasons_and_both_texts(people: People, session: Session) -> None:
    answer = decide(
        people.wang,
        people.photo_id,
        "return",
        reasons=["HEAD_TOP", "HEAD_TOP", "MAKEUP"],
        text_student="头发碰到上边了",
        text_staff="第二次了",
    )
    assert answer.status_code == 303
    kept = session.scalars(select(Decision)).one()
    assert (kept.reasons, kept.text_student, kept.text_staff) == (["HEAD_TOP", "MAKEUP"], "头发碰到上边了", "第二次了")
    page = people.wang.get(f"/console/review/{people.photo_id}").text
    assert "第二次了" in page
    assert 'name="seen_revision"' not in page


def test_a_stale_page_cannot_decide(people: People, make: Factory, session: Session) -> None:
    make.submitted(people.lin)
    answer = decide(people.wang, people.photo_id, revision=1)
    assert answer.status_code == 409
    assert "这张照片已有变化" in answer.text
    assert 'name="seen_revision" value="2"' in answer.text, "the page leads on with what is there now"
    assert session.scalars(select(Decision)).all() == []


def test_a_photo_decided_already_is_shown_as_it_is(people: People) -> None:
    decide(people.registry, people.photo_id)
    for revision in (1, 2):
        answer = decide(people.wang, people.photo_id, revision=revision)
        assert answer.status_code == 409
        assert "中心已通过" in answer.text


def test_the_students_objection_and_the_version_before_are_shown(people: People, make: Factory) -> None:
    make.submitted(people.lin)
    page = people.wang.get(f"/console/review/{people.photo_id}").text
    assert "对照第 1 次提交" in page
    assert "/picture/1" not in page
    assert "/picture/1" in people.wang.get(f"/console/review/{people.photo_id}?beside=1").text


# ---------------------------------------------------------------- taking back


def undo(browser: FlaskClient, session: Session):
    decision = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert decision is not None
    return browser.post(f"/console/review/undo/{decision.id}")


def test_a_decision_can_be_taken_back_within_the_minute(people: People, session: Session, clock: Clock) -> None:
    decide(people.wang, people.photo_id)
    clock.move(seconds=59)
    answer = undo(people.wang, session)
    assert (answer.status_code, answer.location) == (303, f"/console/review/{people.photo_id}")
    assert photo(session, people.photo_id).state == State.READY_FOR_REVIEW
    assert "已撤销" in people.wang.get(answer.location).text


def test_after_the_minute_the_decision_stands(people: People, session: Session, clock: Clock) -> None:
    decide(people.wang, people.photo_id)
    clock.move(seconds=61)
    answer = undo(people.wang, session)
    assert answer.status_code == 409
    assert "已过可撤销的时间" in answer.text
    assert photo(session, people.photo_id).state == State.ACCEPTED
    assert "已接受 林**" not in people.wang.get("/console/review").text


def test_nobody_takes_back_a_colleagues_decision(people: People, session: Session) -> None:
    decide(people.wang, people.photo_id)
    assert undo(people.registry, session).status_code == 404
    assert photo(session, people.photo_id).state == State.ACCEPTED


def test_taking_back_twice_is_told(people: People, session: Session) -> None:
    decide(people.wang, people.photo_id)
    undo(people.wang, session)
    assert undo(people.wang, session).status_code == 409


# ---------------------------------------------------------------- order


def test_objections_come_first_then_the_oldest(people: People, make: Factory, clock: Clock, session: Session) -> None:
    names = ["甲", "乙", "丙"]
    for name in names:
        clock.move(minutes=1)
        student = make.student(people.centre, name=name)
        make.settle(student)
        version = make.submitted(student)
    session.get_one(Photo, version.photo_id).objected = True
    session.commit()
    page = people.wang.get("/console/review").text
    places = [page.index(f">{name}</a>") for name in ["丙", "林小满", "甲", "乙"]]
    assert places == sorted(places)
    following = []
    photo_id = version.photo_id
    while True:
        answer = decide(people.wang, photo_id)
        if answer.location == "/console/review":
            break
        photo_id = int(answer.location.rsplit("/", 1)[1])
        following.append(session.get_one(Photo, photo_id).student.name)
    assert following == ["林小满", "甲", "乙"]


def test_the_queue_is_narrowed_by_the_attention_it_needs(people: People, make: Factory) -> None:
    green = make.student(people.centre, name="青青")
    make.settle(green)
    make.submitted(green, PictureVerdict.PASS)
    page = people.wang.get("/console/review?part=green").text
    assert "青青" in page
    assert "林小满" not in page
    assert "青青" in people.wang.get("/console/review?part=nonsense").text


def test_a_queue_without_photos_says_so(people: People) -> None:
    assert "都审完了" in people.zhao.get("/console/review").text


def test_a_report_of_every_kind_can_be_drawn(people: People, make: Factory, session: Session) -> None:
    findings = tuple(
        Finding(code, verdict, severity, value=None, unit="", low=None, high=None, requirement="R01", reason=None)
        for code, verdict, severity in zip(list(Code)[:40], [*Verdict] * 10, [*Severity] * 20, strict=True)
    )
    student = make.student(people.centre, name="欧阳" + "娜" * 40)
    make.settle(student)
    version = make.submitted(student, PictureVerdict.REVIEW, findings)
    assert people.wang.get(f"/console/review/{version.photo_id}").status_code == 200
    assert session.scalars(select(PhotoVersion.verdict)).all() == ["review", "review"]
