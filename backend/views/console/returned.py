"""Discs that came back, with their prints: the parcels, one parcel in its order, one photo by keys, the check list.

Keys of one photo: Y right, N somebody else, D data, M no print, S skip, Z undo, E a note.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.enrollment.rules import masked_id_number
from backend.errata.rules import Reason
from backend.errors import DomainError, Invalid, NotFound, Outdated
from backend.exchange.judging import ask_judging
from backend.exchange.parcels import (
    accepted_versions,
    last_answer,
    line_of,
    lines_of_parcel,
    next_in_parcel,
    parcel_in,
    parcels_in,
    reports_of,
    returned_in_scope,
    unplaced_of,
)
from backend.exchange.records import ReturnedPhoto
from backend.exchange.returned import (
    answer_returned,
    note_list_printed,
    note_returned_seen,
    take_back_answer,
)
from backend.exchange.rules import MAX_NOTE, Answer, AnswerRests, Medium, NothingBeside
from backend.views import access
from backend.views.console.lists import one_of
from backend.views.console.review_desk import shy_name
from backend.views.words import t

blueprint = Blueprint("console_returned", __name__)

# what a button says -> what is kept
WORDS: dict[str, tuple[Answer, Reason | None]] = {
    "same": (Answer.SAME, None),
    "photo": (Answer.WRONG, Reason.PAPER_PHOTO),
    "data": (Answer.WRONG, Reason.PRINTED_DATA),
    "missing": (Answer.MISSING, None),
}
FIELDS = ("name", "id_number", "student_number", "other")  # what of the data on a photo can be wrong


@blueprint.get("/console/returned")
@access.needs(Permission.RETURNED_CHECK)
def show() -> str:
    return render_template("console/returned/list.html", parcels=parcels_in(access.session(), scope=access.scope()))


@blueprint.get("/console/returned/parcel/<int:import_id>")
@access.needs(Permission.RETURNED_CHECK)
def parcel(import_id: int) -> str:
    session, scope = access.session(), access.scope()
    found = parcel_in(session, scope=scope, import_id=import_id)
    lines = lines_of_parcel(session, scope=scope, import_id=import_id)
    return render_template(
        "console/returned/parcel.html",
        parcel=found,
        lines=lines,
        unplaced=unplaced_of(session, scope=scope, import_id=import_id),
        names=names_of(session, {check.checked_by for line in lines for check in line.checks.values()}),
    )


@blueprint.get("/console/returned/parcel/<int:import_id>/check-list")
@access.needs(Permission.RETURNED_CHECK)
def check_list(import_id: int) -> str:
    """To print and to tick by hand beside the open parcel. It names people: that it was made is in the history."""
    session, scope = access.session(), access.scope()
    found = parcel_in(session, scope=scope, import_id=import_id)
    note_list_printed(session, import_id=import_id, people=found.people, actor=access.actor(), now=access.now())
    lines = lines_of_parcel(session, scope=scope, import_id=import_id)
    masked = {line.photo.id: masked_id_number(line.photo.student.id_number) for line in lines}
    return render_template("console/returned/check_list.html", parcel=found, lines=lines, masked=masked)


@blueprint.get("/console/returned/parcel/<int:import_id>/<any(disc, paper):medium>")
@access.needs(Permission.RETURNED_CHECK)
def begin(import_id: int, medium: str) -> AnyResponse:
    """The first photo that waits; the parcel when none does."""
    return _onward(import_id, Medium(medium), None)


@blueprint.get("/console/returned/<int:returned_id>")
@access.needs(Permission.RETURNED_CHECK)
def one(returned_id: int) -> str:
    return _page(returned_id, one_of(Medium, "medium") or Medium.DISC)


@blueprint.post("/console/returned/<int:returned_id>")
@access.needs(Permission.RETURNED_CHECK)
def answer(returned_id: int) -> AnyResponse:
    session, form = access.session(), request.form
    word = form.get("answer", "")
    medium = Medium.PAPER if form.get("medium") == Medium.PAPER else Medium.DISC
    if word not in WORDS:
        raise Invalid({"answer": "answer_needed"})
    said, reason = WORDS[word]
    row = returned_in_scope(session, scope=access.scope(), returned_id=returned_id)
    try:
        answer_returned(
            session,
            scope=access.scope(),
            returned_id=returned_id,
            medium=medium,
            answer=said,
            reason=reason,
            printed=_printed(row) if word == "data" else None,
            note=form.get("note", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except (Outdated, NothingBeside, Invalid) as problem:
        session.rollback()
        return make_response(_page(returned_id, medium, problem), 422 if isinstance(problem, Invalid) else 409)
    if said is Answer.WRONG:
        flash(t("returned.opened"), "good")
    row = returned_in_scope(session, scope=access.scope(), returned_id=returned_id)
    return _onward(row.import_id, medium, row)


@blueprint.post("/console/returned/answer/<int:check_id>/undo")
@access.needs(Permission.RETURNED_CHECK)
def undo(check_id: int) -> AnyResponse:
    session = access.session()
    try:
        check = take_back_answer(
            session, scope=access.scope(), check_id=check_id, actor=access.actor(), now=access.now()
        )
    except (AnswerRests, Outdated) as problem:
        session.rollback()
        flash(t("returned.rests" if isinstance(problem, AnswerRests) else "returned.outdated"), "attention")
        return redirect(url_for(".show"), 303)
    flash(t("returned.taken_back"), "good")
    return redirect(url_for(".one", returned_id=check.returned_id, medium=check.medium), 303)


@blueprint.post("/console/returned/<int:returned_id>/judge")
@access.needs(Permission.RETURNED_CHECK)
def judge(returned_id: int) -> AnyResponse:
    """Have the pair judged anew: a job does it."""
    ask_judging(access.session(), scope=access.scope(), returned_id=returned_id, actor=access.actor(), now=access.now())
    flash(t("returned.judging"), "good")
    return redirect(url_for(".one", returned_id=returned_id), 303)


@blueprint.get("/console/returned/<int:returned_id>/picture")
@access.needs(Permission.RETURNED_CHECK)
def picture(returned_id: int) -> Response:
    session = access.session()
    row = returned_in_scope(session, scope=access.scope(), returned_id=returned_id)
    content, kind, student_id = access.parts().files.get(row.file_name), row.media_type, row.student_id
    session.rollback()
    note_returned_seen(session, returned_id=returned_id, student_id=student_id, actor=access.actor(), now=access.now())
    return Response(content, mimetype=kind, headers={"Cache-Control": "no-store"})


def _onward(import_id: int, medium: Medium, after: ReturnedPhoto | None) -> AnyResponse:
    """The next photo that waits, after this one; the parcel when none is left there."""
    session, scope = access.session(), access.scope()
    parcel_in(session, scope=scope, import_id=import_id)
    found = next_in_parcel(session, scope=scope, import_id=import_id, medium=medium, after=after)
    if found is None:
        return redirect(url_for(".parcel", import_id=import_id), 303)
    return redirect(url_for(".one", returned_id=found.id, medium=medium.value), 303)


def _page(returned_id: int, medium: Medium, problem: DomainError | None = None) -> str:
    session, scope = access.session(), access.scope()
    line = line_of(session, scope=scope, returned_id=returned_id)
    row = line.photo
    version = accepted_versions(session, [row.student_id]).get(row.student_id)
    following = next_in_parcel(session, scope=scope, import_id=row.import_id, medium=medium, after=row)
    last = last_answer(session, scope=scope, import_id=row.import_id, medium=medium, by=access.actor().known_id)
    found = parcel_in(session, scope=scope, import_id=row.import_id)
    check = line.checks.get(medium)
    return render_template(
        "console/returned/pair.html",
        line=line,
        row=row,
        medium=medium.value,
        version=version,
        reports=reports_of(session, returned_id),
        profiles=access.parts().standard.profiles,
        masked=masked_id_number(row.student.id_number),
        count=found.disc if medium is Medium.DISC else found.paper,
        check=check,
        names=names_of(session, {check.checked_by} if check is not None else set()),
        skip=url_for(".one", returned_id=following.id, medium=medium.value) if following else _parcel_url(row),
        ahead=_pictures(following, medium) if following is not None else [],
        last=last,
        last_name=shy_name(_name_of(last.returned_id)) if last is not None else "",
        fields=[(name, t(f"returned.field.{name}")) for name in FIELDS],
        problem=problem,
        sent=request.form,
        most=MAX_NOTE,
    )


def _parcel_url(row: ReturnedPhoto) -> str:
    return url_for(".parcel", import_id=row.import_id)


def _name_of(returned_id: int) -> str:
    try:
        return returned_in_scope(access.session(), scope=access.scope(), returned_id=returned_id).student.name
    except NotFound:  # the import of then was taken back, the picture came again
        return ""


def _pictures(row: ReturnedPhoto, medium: Medium) -> list[str]:
    """The addresses of the pictures that the page of this photo shows."""
    version = accepted_versions(access.session(), [row.student_id]).get(row.student_id)
    shown = []
    if version is not None:
        shown.append(url_for("console_pictures.judged", photo_id=version.photo_id, number=version.number))
    if medium is Medium.DISC or version is None:
        shown.append(url_for(".picture", returned_id=row.id))
    return shown


def _printed(row: ReturnedPhoto) -> dict[str, str]:
    """What is wrong on the photo, as columns of the form; the right value where the record has it in clear."""
    field, said = request.form.get("field", ""), request.form.get("printed", "").strip()
    if field not in FIELDS or not said:
        return {}
    right: dict[str, Any] = {"name": row.student.name, "student_number": row.student.student_number}
    return {"field": t(f"returned.field.{field}"), "wrong_value": said, "right_value": right.get(field, "")}
