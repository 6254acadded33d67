"""Discs and prints that came back: who sees them, what an answer does, what is written down, what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.records import Centre
from backend.enrollment.records import Student
from backend.errata.records import ErratumCase
from backend.exchange.records import Import, ImportProblem, ReturnedCheck, ReturnedPhoto
from backend.history.records import HistoryEntry
from backend.jobs.records import Job
from backend.photos.rules import Action
from tests.factories import TINY_JPEG, Factory

ClientOf = Callable[[Account], FlaskClient]


class Disc:
    """A disc of one centre whose photos are laid to students."""

    def __init__(self, make: Factory, centre: Centre | None = None) -> None:
        self.make, self.centre = make, centre or make.centre()
        self.run = self.another()

    def another(self) -> Import:
        run: Import = self.make._keep(
            Import(
                kind="disc", state="done", file_name="0" * 64, label="x.zip", bytes=1, format="zip",
                centre_id=self.centre.id, uploaded_by=self.make.staff().id, uploaded_at=self.make.clock(),
            )
        )  # fmt: skip
        return run

    def student(self, name: str, *, accepted: bool = True) -> Student:
        student = self.make.student(self.centre, name=name)
        if accepted:
            self.make.settle(student)
            self.make.submitted(student)
            self.make.reviewed(student, Action.ACCEPT)
        return student

    def photo(self, student: Student, sequence: str = "", run: Import | None = None, **values: Any) -> ReturnedPhoto:
        content = TINY_JPEG + (sequence + str(student.id) + str((run or self.run).id)).encode()
        name = self.make.parts.files.put(content)
        row: ReturnedPhoto = self.make._keep(
            ReturnedPhoto(
                import_id=(run or self.run).id, student_id=student.id, sequence=sequence, media_type="image/jpeg",
                returned_on=date(2026, 11, 1), **{"file_name": name, **values},
            )
        )  # fmt: skip
        return row


@pytest.fixture
def disc(make: Factory) -> Disc:
    return Disc(make)


@pytest.fixture
def returned(disc: Disc) -> ReturnedPhoto:
    return disc.photo(disc.student("林小满"), "0001")


@pytest.fixture
def wang(disc: Disc, make: Factory, client_of: ClientOf) -> FlaskClient:
    return client_of(make.staff(centre=disc.centre))


def fresh(session: Session) -> None:
    """What the application has written meanwhile is read again."""
    session.rollback()
    session.expire_all()


def checks(session: Session) -> list[ReturnedCheck]:
    fresh(session)
    return list(session.scalars(select(ReturnedCheck).order_by(ReturnedCheck.id)))


def verbs(session: Session, like: str) -> list[str]:
    return list(
        session.scalars(select(HistoryEntry.verb).where(HistoryEntry.verb.like(like)).order_by(HistoryEntry.id))
    )


def test_another_centre_a_student_and_an_administrator_see_nothing(
    returned: ReturnedPhoto, make: Factory, client_of: ClientOf, session: Session
) -> None:
    zhao = client_of(make.staff())
    assert "2026" not in zhao.get("/console/returned").text.split("<main")[1].split("</main")[0]
    for browser in (zhao, client_of(make.staff(Role.ADMINISTRATOR)), client_of(make.student_account())):
        for address in (
            f"/console/returned/{returned.id}/picture",
            f"/console/returned/{returned.id}",
            f"/console/returned/parcel/{returned.import_id}",
            f"/console/returned/parcel/{returned.import_id}/disc",
            f"/console/returned/parcel/{returned.import_id}/check-list",
        ):
            assert browser.get(address).status_code == 404, address
        assert browser.post(f"/console/returned/{returned.id}", data={"answer": "same"}).status_code == 404
        assert browser.post(f"/console/returned/{returned.id}/judge").status_code == 404
    assert checks(session) == []


def test_another_centre_cannot_take_an_answer_back(
    returned: ReturnedPhoto, wang: FlaskClient, make: Factory, client_of: ClientOf, session: Session
) -> None:
    wang.post(f"/console/returned/{returned.id}", data={"answer": "same"})
    check = checks(session)[0]
    assert client_of(make.staff()).post(f"/console/returned/answer/{check.id}/undo").status_code == 404
    assert checks(session)[0].undone_at is None


def test_the_parcel_counts_what_is_done(returned: ReturnedPhoto, disc: Disc, wang: FlaskClient) -> None:
    disc.photo(disc.student("吴思远"), "0002")
    wang.post(f"/console/returned/{returned.id}", data={"answer": "same"})
    page = wang.get("/console/returned").text
    assert "1 / 2" in page
    assert "0 / 2" in page


def test_the_same_person_is_kept_once(returned: ReturnedPhoto, wang: FlaskClient, session: Session) -> None:
    assert "林小满" in wang.get(f"/console/returned/{returned.id}").text
    assert wang.get(f"/console/returned/{returned.id}/picture").status_code == 200
    first = wang.post(f"/console/returned/{returned.id}", data={"answer": "same"})
    assert first.status_code == 303
    second = wang.post(f"/console/returned/{returned.id}", data={"answer": "photo"})
    assert second.status_code == 409
    assert "同事已经处理过" in second.text
    assert [check.answer for check in checks(session)] == ["same"]
    assert verbs(session, "returned.%") == ["returned.seen", "returned.checked"]
    assert session.scalars(select(ErratumCase)).all() == []


@pytest.mark.parametrize("medium", ["disc", "paper"])
@pytest.mark.parametrize(("word", "reason"), [("photo", "paper_photo"), ("data", "printed_data")])
def test_a_wrong_one_opens_the_errata_case(
    word: str, reason: str, medium: str, returned: ReturnedPhoto, wang: FlaskClient, session: Session
) -> None:
    wang.post(f"/console/returned/{returned.id}", data={"answer": word, "medium": medium})
    fresh(session)
    case = session.scalars(select(ErratumCase)).one()
    check = session.scalars(select(ReturnedCheck)).one()
    assert (case.form, case.reason, check.case_id, check.medium) == ("data_check", reason, case.id, medium)
    assert case.values == ({"where": medium} if word == "photo" else {})


def test_what_is_printed_wrong_goes_into_the_form(returned: ReturnedPhoto, wang: FlaskClient, session: Session) -> None:
    said = {"answer": "data", "medium": "paper", "field": "name", "printed": "林小蔓", "note": "第三排"}
    wang.post(f"/console/returned/{returned.id}", data=said)
    fresh(session)
    case = session.scalars(select(ErratumCase)).one()
    assert case.values == {"field": "姓名", "wrong_value": "林小蔓", "right_value": "林小满"}
    assert session.scalars(select(ReturnedCheck)).one().note == "第三排"


def test_the_id_number_never_goes_into_the_form_by_itself(
    returned: ReturnedPhoto, wang: FlaskClient, session: Session
) -> None:
    said = {"answer": "data", "medium": "paper", "field": "id_number", "printed": "990000000000000000"}
    wang.post(f"/console/returned/{returned.id}", data=said)
    fresh(session)
    assert "right_value" not in session.scalars(select(ErratumCase)).one().values


def test_disc_and_print_are_two_answers(returned: ReturnedPhoto, wang: FlaskClient, session: Session) -> None:
    wang.post(f"/console/returned/{returned.id}", data={"answer": "same"})
    wang.post(f"/console/returned/{returned.id}", data={"answer": "missing", "medium": "paper"})
    assert [(check.medium, check.answer) for check in checks(session)] == [("disc", "same"), ("paper", "missing")]
    page = wang.get(f"/console/returned/parcel/{returned.import_id}").text
    assert "缺照片" in page
    assert "无误" in page
    assert "王老师" in page


def test_a_file_cannot_be_missing_nor_an_unknown_word_be_an_answer(
    returned: ReturnedPhoto, wang: FlaskClient, session: Session
) -> None:
    for data in ({"answer": "missing"}, {"answer": "perhaps"}, {}):
        assert wang.post(f"/console/returned/{returned.id}", data=data).status_code in (409, 422)
    assert checks(session) == []


def test_a_note_that_is_too_long_is_given_back_as_it_was(
    returned: ReturnedPhoto, wang: FlaskClient, session: Session
) -> None:
    answer = wang.post(f"/console/returned/{returned.id}", data={"answer": "same", "note": "长" * 201})
    assert answer.status_code == 422
    assert "长" * 201 in answer.text
    assert checks(session) == []


def test_the_next_one_follows_in_the_order_of_the_parcel(disc: Disc, wang: FlaskClient) -> None:
    tenth, second, first = (disc.photo(disc.student(name), n) for name, n in (("丁", "10"), ("乙", "2"), ("甲", "1")))
    begin = wang.get(f"/console/returned/parcel/{disc.run.id}/disc")
    assert begin.location.startswith(f"/console/returned/{first.id}?")
    page = wang.get(begin.location).text
    assert f"/console/returned/{second.id}/picture" in page  # fetched ahead
    onward = wang.post(f"/console/returned/{first.id}", data={"answer": "same"})
    assert onward.location.startswith(f"/console/returned/{second.id}?")
    wang.post(f"/console/returned/{second.id}", data={"answer": "same"})
    last = wang.post(f"/console/returned/{tenth.id}", data={"answer": "same"})
    assert last.location == f"/console/returned/parcel/{disc.run.id}"


def test_an_answer_is_taken_back_with_the_draft_that_nobody_touched(
    returned: ReturnedPhoto, wang: FlaskClient, session: Session
) -> None:
    wang.post(f"/console/returned/{returned.id}", data={"answer": "photo"})
    check = checks(session)[0]
    assert wang.post(f"/console/returned/answer/{check.id}/undo").location.startswith(
        f"/console/returned/{returned.id}?"
    )
    assert checks(session)[0].undone_at is not None
    case = session.scalars(select(ErratumCase)).one()
    assert (case.state, case.steps[-1].action, case.steps[-1].party) == ("withdrawn", "take_back", "centre")
    assert verbs(session, "returned.%") == ["returned.checked", "returned.taken_back"]
    wang.post(f"/console/returned/answer/{check.id}/undo")  # twice does nothing more
    assert verbs(session, "returned.%") == ["returned.checked", "returned.taken_back"]
    wang.post(f"/console/returned/{returned.id}", data={"answer": "same"})
    assert [found.answer for found in checks(session)] == ["wrong", "same"]


def test_an_answer_stays_once_the_student_works_on_the_form(
    returned: ReturnedPhoto, wang: FlaskClient, session: Session
) -> None:
    wang.post(f"/console/returned/{returned.id}", data={"answer": "photo"})
    check = checks(session)[0]
    case = session.scalars(select(ErratumCase)).one()
    case.revision = 2
    session.commit()
    wang.post(f"/console/returned/answer/{check.id}/undo")
    assert checks(session)[0].undone_at is None
    assert session.scalars(select(ErratumCase)).one().state == "draft"


def test_a_draft_that_the_other_answer_needs_stays(
    returned: ReturnedPhoto, wang: FlaskClient, session: Session
) -> None:
    for medium in ("disc", "paper"):
        wang.post(f"/console/returned/{returned.id}", data={"answer": "photo", "medium": medium})
    disc_check, paper_check = checks(session)
    assert disc_check.case_id == paper_check.case_id
    wang.post(f"/console/returned/answer/{disc_check.id}/undo")
    fresh(session)
    assert session.scalars(select(ErratumCase)).one().state == "draft"
    wang.post(f"/console/returned/answer/{paper_check.id}/undo")
    fresh(session)
    assert session.scalars(select(ErratumCase)).one().state == "withdrawn"


def test_a_file_without_an_accepted_photo_is_named_and_not_compared(
    disc: Disc, wang: FlaskClient, session: Session
) -> None:
    row = disc.photo(disc.student("吴思远", accepted=False), "0001")
    assert wang.get(f"/console/returned/parcel/{disc.run.id}/disc").location.endswith(f"/parcel/{disc.run.id}")
    page = wang.get(f"/console/returned/parcel/{disc.run.id}").text
    assert "本平台没有这名学生已通过的照片" in page
    answer = wang.post(f"/console/returned/{row.id}", data={"answer": "same"})
    assert answer.status_code == 409
    assert "没有已通过的照片" in answer.text
    assert checks(session) == []


def test_the_print_of_such_a_student_is_held_against_the_record(
    disc: Disc, wang: FlaskClient, session: Session
) -> None:
    row = disc.photo(disc.student("吴思远", accepted=False), "0001")
    page = wang.get(wang.get(f"/console/returned/parcel/{disc.run.id}/paper").location).text
    assert f"/console/returned/{row.id}/picture" in page
    assert row.student.id_number not in page
    wang.post(f"/console/returned/{row.id}", data={"answer": "same", "medium": "paper"})
    assert [(check.answer, check.version_id) for check in checks(session)] == [("same", None)]


def test_a_waiting_photo_is_named_as_such(disc: Disc, make: Factory, wang: FlaskClient) -> None:
    student = disc.student("吴思远", accepted=False)
    make.settle(student)
    make.submitted(student)
    disc.photo(student)
    assert "还在等审核" in wang.get(f"/console/returned/parcel/{disc.run.id}").text


def test_a_later_disc_takes_the_place_of_the_earlier(disc: Disc, wang: FlaskClient) -> None:
    lin = disc.student("林小满")
    old = disc.photo(lin, "0001")
    new = disc.photo(lin, "0001", disc.another())
    assert "后来的光盘" in wang.get(f"/console/returned/{old.id}").text
    assert wang.get(f"/console/returned/parcel/{disc.run.id}/disc").location.endswith(f"/parcel/{disc.run.id}")
    assert wang.get(f"/console/returned/parcel/{new.import_id}/disc").location.startswith(f"/console/returned/{new.id}")


def test_what_was_said_stands_when_the_same_file_comes_back(disc: Disc, wang: FlaskClient, session: Session) -> None:
    lin = disc.student("林小满")
    row = disc.photo(lin, "0001")
    file_name = row.file_name
    wang.post(f"/console/returned/{row.id}", data={"answer": "same", "note": "左起第二"})
    session.delete(session.get_one(ReturnedPhoto, row.id))  # the import was taken back
    session.commit()
    other = disc.photo(disc.student("吴思远"), "0002")  # may have the number of the row that is gone
    assert "左起第二" not in wang.get(f"/console/returned/parcel/{other.import_id}").text
    again = disc.photo(lin, "0001", disc.another(), file_name=file_name)
    assert "左起第二" in wang.get(f"/console/returned/parcel/{again.import_id}").text
    assert wang.get(f"/console/returned/parcel/{again.import_id}/disc").location.endswith(f"/parcel/{again.import_id}")


def test_photos_that_were_laid_to_nobody_are_named_with_their_reason(
    returned: ReturnedPhoto, disc: Disc, make: Factory, wang: FlaskClient
) -> None:
    for place, code, value in (
        ("photo/0007.jpg", "unknown_person", ""),
        ("photo/0008.jpg", "second_photo", "photo/0009.jpg"),
    ):
        make._keep(ImportProblem(import_id=disc.run.id, row=7, place=place, column="file", code=code, value=value))
    page = wang.get(f"/console/returned/parcel/{disc.run.id}").text
    assert "没有归到学生名下的 2 张" in page
    assert "名单里没有这个人，或不属于您的学习中心" in page
    assert "与「photo/0009.jpg」是同一名学生，两张都不收" in page


def test_the_check_list_is_in_the_order_of_the_parcel_and_in_the_history(
    disc: Disc, wang: FlaskClient, session: Session
) -> None:
    for name, number in (("丙同学", "12"), ("乙同学", "2"), ("甲同学", "1")):
        disc.photo(disc.student(name), number)
    page = wang.get(f"/console/returned/parcel/{disc.run.id}/check-list").text
    assert page.index("甲同学") < page.index("乙同学") < page.index("丙同学")
    assert "☐ 缺照片" in page
    assert verbs(session, "import.check_list_taken") == ["import.check_list_taken"]


def test_somebody_may_have_the_pair_judged_anew(returned: ReturnedPhoto, wang: FlaskClient, session: Session) -> None:
    wang.post(f"/console/returned/{returned.id}/judge")
    fresh(session)
    job = session.scalars(select(Job).where(Job.kind == "judge_returned")).one()
    assert job.payload == {"import_id": returned.import_id}
    assert "还没有检测" in wang.get(f"/console/returned/{returned.id}").text
