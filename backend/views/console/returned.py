"""Returned photos beside the accepted ones, by keys: Y the same, N somebody else, D data, S skip."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.errata.rules import Reason
from backend.errors import Outdated
from backend.exchange.returned import (
    accepted_version,
    answer_returned,
    next_returned,
    note_returned_seen,
    returned_counts,
    returned_in_scope,
)
from backend.exchange.rules import Answer
from backend.views import access
from backend.views.addresses import row_number
from backend.views.words import t

blueprint = Blueprint("console_returned", __name__)

REASONS = {"photo": Reason.PAPER_PHOTO, "data": Reason.PRINTED_DATA}


@blueprint.get("/console/returned")
@access.needs(Permission.PHOTO_REVIEW)
def show() -> str:
    session, scope, after = access.session(), access.scope(), row_number(request.args.get("after")) or 0
    row = next_returned(session, scope=scope, after=after)
    return render_template(
        "console/returned.html",
        row=row,
        version=accepted_version(session, row.student_id) if row is not None else None,
        counts=returned_counts(session, scope=scope),
        after=after,
    )


@blueprint.post("/console/returned/<int:returned_id>")
@access.needs(Permission.PHOTO_REVIEW)
def answer(returned_id: int) -> AnyResponse:
    word = request.form.get("answer", "")
    try:
        answer_returned(
            access.session(),
            scope=access.scope(),
            returned_id=returned_id,
            answer=Answer.SAME if word == "same" else Answer.WRONG,
            reason=None if word == "same" else REASONS.get(word, Reason.PAPER_PHOTO),
            actor=access.actor(),
            now=access.now(),
        )
    except Outdated:
        flash(t("returned.outdated"), "attention")
    else:
        flash(t("returned.kept" if word == "same" else "returned.opened"), "good")
    return redirect(url_for(".show", after=returned_id), 303)


@blueprint.get("/console/returned/<int:returned_id>/picture")
@access.needs(Permission.PHOTO_REVIEW)
def picture(returned_id: int) -> Response:
    session = access.session()
    row = returned_in_scope(session, scope=access.scope(), returned_id=returned_id)
    content, kind, student_id = access.parts().files.get(row.file_name), row.media_type, row.student_id
    session.rollback()
    note_returned_seen(session, returned_id=returned_id, student_id=student_id, actor=access.actor(), now=access.now())
    return Response(content, mimetype=kind, headers={"Cache-Control": "no-store"})
