"""Tokens of other systems: make one, which is shown once, and revoke it."""

from __future__ import annotations

from collections import defaultdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.centres.queries import list_centres
from backend.centres.rules import ALL_CENTRES
from backend.errors import Invalid
from backend.programs.operations import make_token, revive_call, revoke_token
from backend.programs.queries import dead_calls, tokens, webhooks
from backend.programs.records import Webhook
from backend.programs.rules import LONGEST_DAYS, grants_of
from backend.views import access
from backend.views.addresses import row_number
from backend.views.words import t

blueprint = Blueprint("console_tokens", __name__)


@blueprint.get("/console/settings/tokens", endpoint="list")
@access.needs(Permission.TOKEN_KEEP)
def list_page() -> str:
    return _page()


@blueprint.post("/console/settings/tokens")
@access.needs(Permission.TOKEN_KEEP)
def make() -> str | tuple[str, int]:
    """The answer shows the token; it is nowhere to be seen again, so this one page is not led away from."""
    try:
        _record, token = make_token(
            access.session(),
            name=request.form.get("name", ""),
            grants=request.form.getlist("grant"),
            centre_id=_centre(),
            days=row_number(request.form.get("days")) or 0,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        access.session().rollback()
        return _page(errors={field: t("settings.tokens.problem." + key) for field, key in error.problems.items()}), 422
    return _page(made=token)


@blueprint.post("/console/settings/tokens/<int:token_id>/revoke")
@access.needs(Permission.TOKEN_KEEP)
def revoke(token_id: int) -> Response:
    revoke_token(access.session(), token_id=token_id, actor=access.actor(), now=access.now())
    flash(t("settings.tokens.revoked_now"), "good")
    return redirect(url_for(".list"), 303)


@blueprint.post("/console/settings/tokens/calls/<int:delivery_id>")
@access.needs(Permission.TOKEN_KEEP)
def call_again(delivery_id: int) -> Response:
    """The other system is up again: what was given up is called anew."""
    revive_call(access.session(), delivery_id=delivery_id, actor=access.actor(), now=access.now())
    flash(t("settings.tokens.dead_called"), "good")
    return redirect(url_for(".list"), 303)


def _centre() -> int | None:
    """The centre that was chosen; None: all. A number of no centre is none of the form's."""
    asked = request.form.get("centre", "")
    if not asked:
        return None
    number = row_number(asked)
    if number not in {centre.id for centre in list_centres(access.session(), scope=ALL_CENTRES)}:
        raise Invalid({"centre": "centre"})
    return number


def _page(*, errors: dict[str, str] | None = None, made: str = "") -> str:
    centres = list_centres(access.session(), scope=ALL_CENTRES)
    hooks: dict[int, list[Webhook]] = defaultdict(list)
    for hook in webhooks(access.session()):
        hooks[hook.token_id].append(hook)
    return render_template(
        "console/tokens.html",
        tokens=tokens(access.session()),
        hooks=hooks,
        dead=dead_calls(access.session()),
        centre_options=[("", t("settings.staff.all_centres")), *((centre.id, centre.name) for centre in centres)],
        grants=grants_of(access.account().role),
        longest=LONGEST_DAYS,
        sent=request.form if errors else {},  # what was made is not offered to be made again
        chosen=request.form.getlist("grant") if errors else [],
        errors=errors or {},
        made=made,
        now=access.now(),
    )
