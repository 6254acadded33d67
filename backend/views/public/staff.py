"""The staff's door: name and password, then the one-time code, then a first password of one's own."""

from __future__ import annotations

import pyotp
import qrcode
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from backend.accounts.operations import begin_totp, give_totp
from backend.accounts.operations import sign_in as start_sign_in
from backend.accounts.records import Account
from backend.accounts.rules import LockedOut, Permission, SignInFailed
from backend.errors import NotFound
from backend.views import access, limits, tasks
from backend.views.passwords import change_own_password, min_length
from backend.views.words import t

blueprint = Blueprint("public_staff", __name__)

ISSUER = "Xuezhao"  # shown in the authenticator app beside the staff name


@blueprint.route("/staff/sign-in", methods=["GET", "POST"])
@access.public
@limits.sign_in_limit
def sign_in() -> str | Response | tuple[str, int]:
    if request.method == "GET":
        if current_user.is_authenticated and access.account().kind == "staff":
            return _onward()
        return _door()
    login, password = request.form.get("login", ""), request.form.get("password", "")
    errors = {name: t("staff.empty." + name) for name in ("login", "password") if not request.form.get(name)}
    if errors:
        return _door(login, errors=errors), 422
    try:
        token = start_sign_in(
            access.session(),
            kind="staff",
            login=login,
            password=password,
            device=access.device(),
            policy=access.parts().policy,
            now=access.now(),
        )
    except SignInFailed:
        return _door(login, failed=True), 422
    except LockedOut as error:
        return _door(login, locked_until=error.facts["until"]), 429
    access.keep_signed_in(token)
    # once more through the door: the next request knows who came in, and what is still missing
    return redirect(url_for("public_staff.sign_in"), 303)


@blueprint.route("/staff/second-factor", methods=["GET", "POST"])
@access.needs(Permission.OWN_ACCOUNT)
def second_factor() -> str | Response | tuple[str, int]:
    """The code of the authenticator app; the first time it is set up here."""
    person = _staff()
    if person.totp_confirmed_at is not None and current_user.sign_in.second_factor:
        return _onward()
    if request.method == "GET":
        return _code_page(person)
    first = person.totp_confirmed_at is None
    try:
        give_totp(
            access.session(),
            account_id=person.id,
            sign_in_id=access.sign_in_id(),
            code=request.form.get("code", ""),
            policy=access.parts().policy,
            actor=access.actor(),
            now=access.now(),
        )
    except SignInFailed:
        return _code_page(person, error=t("staff.code.wrong")), 422
    except LockedOut as error:
        return _code_page(person, locked_until=error.facts["until"]), 429
    if first:
        flash(t("staff.code.done"), "good")
    return _onward()


@blueprint.route("/staff/password", methods=["GET", "POST"])
@access.needs(Permission.OWN_ACCOUNT)
def password() -> str | Response | tuple[str, int]:
    """A password of one's own, in place of the first one that somebody else has seen."""
    _staff()
    if access.unfinished_step() == "public_staff.second_factor":
        return redirect(url_for("public_staff.second_factor"))
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        errors, status = change_own_password()
        if not errors:
            flash(t("staff.password.changed"), "good")
            return _onward()
    return render_template("public/staff_password.html", errors=errors, min_length=min_length()), status


def qr_path(text: str) -> tuple[str, int]:
    """The QR code of a text as the path of an SVG, and the side of its square in modules with the quiet zone."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return path, len(rows)


def _door(
    login: str = "", *, errors: dict[str, str] | None = None, failed: bool = False, locked_until: object = None
) -> str:
    parts = access.parts()
    return render_template(
        "public/staff_sign_in.html",
        login=login,
        errors=errors or {},
        failed=failed,
        locked_until=locked_until,
        sign_on=parts.sign_on is not None,
        administrators_only=parts.policy.passwords_for == "administrators",
    )


def _staff() -> Account:
    person = access.account()
    if person.kind != "staff":
        raise NotFound()
    return person


def _onward() -> Response:
    step = access.unfinished_step()
    return redirect(url_for(step) if step else tasks.address_after_sign_in("staff"), 303)


def _code_page(person: Account, *, error: str = "", locked_until: object = None) -> str:
    setup: dict[str, str | int] | None = None
    if person.totp_confirmed_at is None:
        secret = begin_totp(access.session(), account_id=person.id)
        address = pyotp.TOTP(secret).provisioning_uri(name=person.login, issuer_name=ISSUER)
        path, side = qr_path(address)
        setup = {
            "address": address,
            "key": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
            "path": path,
            "side": side,
        }
    return render_template(
        "public/second_factor.html",
        setup=setup,
        error=error,
        locked_until=locked_until,
        optional=access.unfinished_step() is None,
    )
