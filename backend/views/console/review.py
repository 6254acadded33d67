"""The review: the queue, one photo with its findings, the decision and the minute to take it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.errors import DomainError, Invalid, NotAllowed, Outdated
from backend.photos.operations import decide as decide_photo
from backend.photos.operations import undo_decision
from backend.photos.queries import photo_in_scope
from backend.photos.queue import QueueFilter, next_waiting, part_counts, waiting
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import Action, OwnScan, Part, ReasonMissing, UndoTooLate
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, centre_choices, centre_wish, one_of, page_number
from backend.views.console.review_desk import desk_of, undo_bar
from backend.views.words import t

blueprint = Blueprint("console_review", __name__)

ROWS, PICTURES = 60, 24  # photos on one page of the queue; every thumbnail that is shown is in the history
PROBLEMS = (Outdated, NotAllowed, ReasonMissing, Invalid, UndoTooLate, OwnScan)


@blueprint.get("/console/review")
@access.needs(Permission.PHOTO_REVIEW)
def queue() -> str:
    only, pictures = _filter(), "pictures" in request.args
    size, number = PICTURES if pictures else ROWS, page_number()
    rows, total = waiting(access.session(), scope=access.scope(), only=only, offset=(number - 1) * size, limit=size)
    return render_template(
        "console/review/queue.html",
        rows=rows,
        page=Page(number, size, total),
        only=only,
        keep=_kept(only),
        pictures=pictures,
        counts=part_counts(access.session(), scope=access.scope(), centre_id=only.centre_id),
        centres=centre_choices(),
        now=access.now(),
        **undo_bar(),
    )


@blueprint.get("/console/review/<int:photo_id>")
@access.needs(Permission.PHOTO_REVIEW)
def show(photo_id: int) -> str:
    return _page(photo_in_scope(access.session(), scope=access.scope(), photo_id=photo_id))


@blueprint.post("/console/review/<int:photo_id>")
@access.needs(Permission.PHOTO_REVIEW)
def decide(photo_id: int) -> Response:
    """Accept or return, then the next photo of the queue. A page that is out of date is shown again as it is now."""
    session, form = access.session(), request.form
    action = Action.ACCEPT if form.get("decision") == "accept" else Action.RETURN
    try:
        decide_photo(
            session,
            scope=access.scope(),
            photo_id=photo_id,
            seen_revision=row_number(form.get("seen_revision")) or 0,
            action=action,
            reasons=list(dict.fromkeys(form.getlist("reasons"))),
            text_student=form.get("text_student", ""),
            text_staff=form.get("text_staff", ""),
            undo_seconds=access.parts().settings.photos.undo_seconds,
            actor=access.actor(),
            now=access.now(),
        )
    except PROBLEMS as problem:
        return _again(photo_id, problem)
    return _onward(photo_in_scope(session, scope=access.scope(), photo_id=photo_id))


@blueprint.post("/console/review/undo/<int:decision_id>")
@access.needs(Permission.PHOTO_REVIEW)
def undo(decision_id: int) -> Response:
    seconds = access.parts().settings.photos.undo_seconds
    try:
        photo = undo_decision(
            access.session(), decision_id=decision_id, undo_seconds=seconds, actor=access.actor(), now=access.now()
        )
    except PROBLEMS as problem:
        return _again(_photo_of(decision_id), problem)
    flash(t("review.undone"), "good")
    return redirect(url_for("console_review.show", photo_id=photo.id, **_kept(_filter())), 303)


def _page(photo: Photo, problem: DomainError | None = None) -> str:
    only = _filter()
    return render_template(
        "console/review/show.html",
        photo=photo,
        only=only,
        keep=_kept(only),
        beside=row_number(request.args.get("beside")),
        problem=problem,
        sent=request.form,
        now=access.now(),
        **desk_of(photo, only),
        **undo_bar(),
    )


def _again(photo_id: int, problem: DomainError) -> Response:
    """The photo as it is now, with what was wrong: 422 for words to mend, 409 when the photo has moved on."""
    session = access.session()
    session.rollback()  # lets the next writer go on while the page is made
    photo = photo_in_scope(session, scope=access.scope(), photo_id=photo_id)
    return make_response(_page(photo, problem), 422 if isinstance(problem, ReasonMissing | Invalid) else 409)


def _onward(done: Photo) -> Response:
    """The photo after the one just decided; the queue at its end."""
    only = _filter()
    found = next_waiting(access.session(), scope=access.scope(), only=only, after=done)
    if found is not None:
        return redirect(url_for("console_review.show", photo_id=found[0].id, **_kept(only)), 303)
    return redirect(url_for("console_review.queue", **_kept(only)), 303)


def _photo_of(decision_id: int) -> int:
    """The photo of a decision that is known to exist."""
    session = access.session()
    session.rollback()
    return session.get_one(PhotoVersion, session.get_one(Decision, decision_id).version_id).photo_id


def _filter() -> QueueFilter:
    return QueueFilter(centre_wish(), one_of(Part, "part"))


def _kept(only: QueueFilter) -> dict[str, Any]:
    """The filter as part of an address, so that the next photo comes from the same part of the queue."""
    kept: dict[str, Any] = {}
    if only.centre_id is not None:
        kept["centre"] = only.centre_id
    if only.part is not None:
        kept["part"] = only.part.value
    return kept
