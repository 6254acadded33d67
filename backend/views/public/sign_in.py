"""The students' door: signing in with the student number, and out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user
from werkzeug.wrappers import Response

from backend.accounts.operations import end_sign_in
from backend.accounts.operations import sign_in as start_sign_in
from backend.accounts.rules import LockedOut, Method, SignInFailed
from backend.centres.queries import list_centres
from backend.centres.rules import ALL_CENTRES
from backend.views import access, limits, tasks
from backend.views.words import t

blueprint = Blueprint("public_sign_in", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@access.public
@limits.sign_in_limit
def sign_in() -> str | Response | tuple[str, int]:
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(tasks.address_after_sign_in(access.account().kind))
        return _page()
    login, password = request.form.get("login", ""), request.form.get("password", "")
    errors = {name: t("sign_in.empty." + name) for name in ("login", "password") if not request.form.get(name)}
    if errors:
        return _page(login, errors=errors), 422
    try:
        token = start_sign_in(
            access.session(),
            kind="student",
            login=login,
            password=password,
            device=access.device(),
            policy=access.parts().policy,
            now=access.now(),
        )
    except SignInFailed:
        return _page(login, failed=True), 422
    except LockedOut as error:
        return _page(login, locked_until=error.facts["until"]), 429
    access.keep_signed_in(token)
    return redirect(tasks.address_after_sign_in("student"), 303)


@blueprint.post("/sign-out")
@access.public
def sign_out() -> Response:
    """End this device's sign-in in the table, not in the cookie alone."""
    staff = by_sign_on = False
    if current_user.is_authenticated:
        staff = access.account().kind == "staff"
        by_sign_on = current_user.sign_in.method == Method.SIGN_ON and access.parts().sign_on is not None
        end_sign_in(
            access.session(),
            account_id=access.account().id,
            sign_in_id=access.sign_in_id(),
            actor=access.actor(),
            now=access.now(),
        )
    cookie.clear()
    if by_sign_on:
        answer = redirect(url_for("public_sign_on.signed_out"), 303)
    else:
        flash(t("sign_in.signed_out"), "good")
        answer = redirect(url_for("public_staff.sign_in" if staff else "public_home.show"), 303)
    # drafts of shots and whatever else the browser keeps for us; cookies stay: they hold the look, and this flash
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _page(
    login: str = "", *, errors: dict[str, str] | None = None, failed: bool = False, locked_until: object = None
) -> str:
    return render_template(
        "public/sign_in.html",
        login=login,
        errors=errors or {},
        failed=failed,
        locked_until=locked_until,
        centres=list_centres(access.session(), scope=ALL_CENTRES),
    )
