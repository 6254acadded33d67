"""The first time: a person of the roster shows who they are, two fields at a time, and chooses a password.

Nothing is looked up before the last step, so that the first tells nobody who is on the roster. Between the two the
answers of the first stand in the cookie, sealed: somebody may have typed an ID number there.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user
from werkzeug.wrappers import Response

from backend.accounts.activation import activate as open_account
from backend.accounts.rules import LockedOut, SignInFailed, WeakPassword
from backend.centres.queries import list_centres
from backend.centres.rules import ALL_CENTRES
from backend.days import day_of
from backend.enrollment.rules import (
    IdDocument,
    certificate_number_problem,
    id_number_problem,
    normalised_id_number,
)
from backend.records import Unsealable, installed_keys
from backend.views import access, limits, tasks
from backend.views.passwords import weak_words
from backend.views.public.sign_in import blueprint
from backend.views.words import t

ANSWERS = "activating"  # name in the cookie
PLACE = b"cookie.activating"
KEPT = timedelta(minutes=20)


@blueprint.route("/activate", methods=["GET", "POST"])
@access.public
def activate() -> str | Response | tuple[str, int]:
    """Step 1: the number and the name."""
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(tasks.address_after_sign_in(access.account().kind))
        return _page("public/activate.html", answers=_kept() or ("", ""))
    number, name = request.form.get("number", "").strip(), request.form.get("name", "").strip()
    errors = {}
    if not number:
        errors["number"] = t("sign_in.empty.number")
    elif _is_id_number(number, day_of(access.now())):
        errors["number"] = t("sign_in.activate.id_number_here")
    elif len(number) > 32:
        errors["number"] = t("sign_in.too_long")
    if not name:
        errors["name"] = t("sign_in.empty.name")
    elif len(name) > 60:
        errors["name"] = t("sign_in.too_long")
    if errors:
        return _page("public/activate.html", answers=(number, name), errors=errors), 422
    keep_answers(number, name)
    return redirect(url_for("public_sign_in.activate_proof"), 303)


@blueprint.route("/activate/proof", methods=["GET", "POST"])
@access.public
@limits.sign_in_limit
def activate_proof() -> str | Response | tuple[str, int]:
    """Step 2: the ID number and a password; only now everything is looked at, all at once."""
    answers = _kept()
    if answers is None:
        flash(t("sign_in.activate.again"), "attention")
        return redirect(url_for("public_sign_in.activate"), 303)
    template = "public/activate_proof.html"
    if request.method == "GET":
        return _page(template, answers=answers)
    id_number, password = request.form.get("id_number", ""), request.form.get("password", "")
    errors = _proof_errors(id_number, password)
    if errors:
        return _page(template, answers=answers, id_number=id_number, errors=errors), 422
    try:
        token = open_account(
            access.session(),
            number=answers[0],
            name=answers[1],
            id_number=id_number,
            password=password,
            device=access.device(),
            policy=access.parts().policy,
            now=access.now(),
        )
    except WeakPassword as error:
        return _page(template, answers=answers, id_number=id_number, errors={"password": weak_words(error)}), 422
    except SignInFailed:
        return _page(template, answers=answers, id_number=id_number, failed=True), 422
    except LockedOut as error:
        return _page(template, answers=answers, locked_until=error.facts["until"]), 429
    cookie.pop(ANSWERS, None)
    access.keep_signed_in(token)
    flash(t("sign_in.activate.done"), "good")
    return redirect(tasks.address_after_sign_in("student"), 303)


def _proof_errors(id_number: str, password: str) -> dict[str, str]:
    errors = {}
    number = normalised_id_number(id_number)
    if not number:
        errors["id_number"] = t("sign_in.empty.id_number")
    elif len(number) > 24:
        errors["id_number"] = t("sign_in.too_long")
    elif len(number) == 18 and id_number_problem(IdDocument.RESIDENT, number, today=day_of(access.now())):
        errors["id_number"] = t("sign_in.activate.id_number_mistyped")
    if not password:
        errors["password"] = t("sign_in.empty.password")
    return errors


def _is_id_number(number: str, today: date) -> bool:
    """Surely an ID number and no certificate number, both of which may have 18 digits."""
    number = normalised_id_number(number)
    is_id = id_number_problem(IdDocument.RESIDENT, number, today=today) is None
    return is_id and certificate_number_problem(number, today=today) is not None


def keep_answers(number: str, name: str) -> None:
    """The answers of step 1, sealed, for step 2."""
    text = json.dumps([number, name, access.now().isoformat()]).encode()
    cookie[ANSWERS] = base64.urlsafe_b64encode(installed_keys().seal(text, PLACE)).decode()


def _kept() -> tuple[str, str] | None:
    """The answers of step 1 while they are fresh."""
    try:
        text = installed_keys().unseal(base64.urlsafe_b64decode(cookie.get(ANSWERS, "")), PLACE)
        number, name, at = json.loads(text)
    except (Unsealable, ValueError):
        return None
    return (number, name) if access.now() - datetime.fromisoformat(at) <= KEPT else None


def _page(
    template: str,
    *,
    answers: tuple[str, str],
    id_number: str = "",
    errors: dict[str, str] | None = None,
    failed: bool = False,
    locked_until: object = None,
) -> str:
    return render_template(
        template,
        number=answers[0],
        name=answers[1],
        id_number=id_number,
        errors=errors or {},
        failed=failed,
        locked_until=locked_until,
        min_length=access.parts().policy.min_length_student,
        centres=list_centres(access.session(), scope=ALL_CENTRES),
    )
