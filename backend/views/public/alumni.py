"""The door for earlier graduates: three questions to the way, signing in with the certificate number, applying without.

Nothing here tells who is on the roster. What an applicant may look at stands behind a number and a code.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user
from werkzeug.wrappers import Response

from backend.accounts.attempts import plain_number
from backend.accounts.rules import LockedOut, SignInFailed, WeakPassword
from backend.alumni import applications
from backend.alumni.records import AlumniApplication
from backend.alumni.rules import QUESTIONS, Answers, ApplicationState, Route, completed, next_question, route_of
from backend.centres.queries import list_centres
from backend.centres.rules import ALL_CENTRES
from backend.days import day_of
from backend.enrollment.rules import certificate_number_problem
from backend.errors import Invalid
from backend.notices.rules import Task
from backend.records import Unsealable, installed_keys
from backend.views import access, limits, tasks
from backend.views.addresses import row_number
from backend.views.passwords import weak_words
from backend.views.public.activation import keep_answers
from backend.views.words import t

blueprint = Blueprint("public_alumni", __name__)

TRIAGE = "triage"  # in the cookie: the answers; they name nobody
RECEIPT = "application"  # in the cookie: number and code of an application, sealed
PLACE = b"cookie.application"
KEPT = timedelta(minutes=30)
MOST = {"name": 60, "certificate_number": 40, "id_number": 30, "phone": 24}  # characters typed


@blueprint.get("/alumni")
@access.public
def triage() -> str:
    """One question a page, the answers in the address: the back button works, and nobody signs in for it."""
    rules = access.parts().alumni
    given = {name: request.args[name] for name, known in QUESTIONS.items() if request.args.get(name) in known}
    begun = bool(given)
    given.setdefault("linked", "no")  # whoever has a photo need not be here; a link leads them on
    question = next_question(rules, given)
    if question is not None:
        return render_template(
            "public/alumni_question.html",
            question=question,
            options=QUESTIONS[question],
            given=given,
            number=len(given),
            begun=begun,
            boundary=rules.boundary,
        )
    answers = completed(given)
    cookie[TRIAGE] = [answers.linked, answers.graduated, answers.diploma, answers.captured]
    route = route_of(rules, answers)
    student = current_user.is_authenticated and access.account().kind == "student"
    return render_template(
        "public/alumni_way.html",
        route=route,
        needs=rules.needs.get(route),
        days=rules.days,
        boundary=rules.boundary,
        student=student,
        nothing=route is Route.NOTHING,
        centres=list_centres(access.session(), scope=ALL_CENTRES),
    )


@blueprint.route("/alumni/sign-in", methods=["GET", "POST"])
@access.public
def sign_in() -> str | Response | tuple[str, int]:
    """Certificate number and name; the ID number and a password come on the next page, as for every activation."""
    if request.method == "GET":
        if current_user.is_authenticated and access.account().kind == "student":
            return redirect(url_for("student_alumni.show"))
        return render_template("public/alumni_sign_in.html", number="", name="", errors={})
    typed, name = request.form.get("number", ""), request.form.get("name", "").strip()
    number = plain_number(typed[:60])
    errors = {}
    if not number:
        errors["number"] = t("alumni.sign_in.empty_number")
    elif problem := certificate_number_problem(number, today=day_of(access.now())):
        errors["number"] = t("alumni.certificate." + problem)
    if not name:
        errors["name"] = t("sign_in.empty.name")
    elif len(name) > MOST["name"]:
        errors["name"] = t("sign_in.too_long")
    if errors:
        return render_template("public/alumni_sign_in.html", number=typed[:60], name=name, errors=errors), 422
    tasks.remember_task(Task.ALUMNI)
    keep_answers(number, name)
    return redirect(url_for("public_sign_in.activate_proof"), 303)


@blueprint.route("/alumni/apply", methods=["GET", "POST"])
@access.public
@limits.application_limit
def apply() -> str | Response | tuple[str, int]:
    """Somebody whose certificate number is lost, or not on the roster: staff look for them."""
    answers = triage_answers()
    if answers is None:
        return redirect(url_for(".triage"), 303 if request.method == "POST" else 302)
    if request.method == "GET":
        return _form({}, {})
    sent = {
        field: request.form.get(field, "").strip() for field in ("name", "certificate_number", "id_number", "phone")
    }
    long = {field: t("sign_in.too_long") for field, most in MOST.items() if len(sent[field]) > most}
    if long:
        return _form(sent, long), 422
    centre = request.form.get("centre", "")
    if centre != "unsure" and row_number(centre) is None:
        others = applications.application_problems(**sent, now=access.now())
        return _form(sent, _said({**others, "centre": "centre_needed"})), 422
    try:
        receipt = applications.apply(
            access.session(),
            **sent,
            centre_id=row_number(centre),
            answers=answers,
            rules=access.parts().alumni,
            now=access.now(),
        )
    except Invalid as error:
        return _form(sent, _said(error.problems)), 422
    _keep_receipt(receipt.number, receipt.code)
    flash(t("alumni.application.made"), "good")
    return redirect(url_for(".application"), 303)


def _said(problems: Mapping[str, str]) -> dict[str, str]:
    """Field -> what is wrong with it, in words."""
    return {field: t("alumni.apply.problem." + key) for field, key in problems.items()}


@blueprint.get("/alumni/application")
@access.public
def application() -> str:
    """The state of an application: with number and code, which this browser knows for a while."""
    receipt = _receipt()
    found = applications.application_by(access.session(), number=receipt[0], code=receipt[1]) if receipt else None
    if receipt is None or found is None:
        return _look_up_page()
    return _application_page(found, receipt)


@blueprint.post("/alumni/application")
@access.public
@limits.sign_in_limit
def look_up() -> Response | tuple[str, int]:
    number, code = request.form.get("number", "")[:40], request.form.get("code", "")[:40]
    try:
        found = applications.look_up(
            access.session(), number=number, code=code, policy=access.parts().policy, now=access.now()
        )
    except SignInFailed:
        return _look_up_page(number=number, failed=True), 422
    except LockedOut as error:
        return _look_up_page(number=number, locked_until=error.facts["until"]), 429
    _keep_receipt(found.number, code)
    return redirect(url_for(".application"), 303)


@blueprint.route("/alumni/application/withdraw", methods=["GET", "POST"])
@access.public
def withdraw() -> str | Response:
    found, _receipt_of_it = _known()
    if found is None:
        return redirect(url_for(".application"), 303 if request.method == "POST" else 302)
    if request.method == "GET":
        return render_template("public/alumni_application_withdraw.html")
    applications.withdraw_application(
        access.session(), application_id=found.id, rules=access.parts().alumni, now=access.now()
    )
    flash(t("alumni.application.withdrawn"), "good")
    return redirect(url_for(".application"), 303)


@blueprint.post("/alumni/application/open")
@access.public
@limits.sign_in_limit
def open_account() -> Response | tuple[str, int]:
    """Staff found the person: with number and code they choose a password and are signed in."""
    found, receipt = _known()
    if found is None:
        return redirect(url_for(".application"), 303)
    try:
        token = applications.open_matched_account(
            access.session(),
            application_id=found.id,
            password=request.form.get("password", ""),
            device=access.device(),
            policy=access.parts().policy,
            now=access.now(),
        )
    except WeakPassword as error:
        return _application_page(found, receipt, error=weak_words(error)), 422
    cookie.pop(RECEIPT, None)
    tasks.remember_task(Task.ALUMNI)
    access.keep_signed_in(token)
    flash(t("sign_in.activate.done"), "good")
    return redirect(tasks.address_after_sign_in("student"), 303)


@blueprint.post("/alumni/application/leave")
@access.public
def leave() -> Response:
    """This browser forgets number and code."""
    cookie.pop(RECEIPT, None)
    return redirect(url_for(".application"), 303)


def triage_answers() -> Answers | None:
    """What was answered on this browser; None when nothing was, or when it fits no question any more."""
    kept = cookie.get(TRIAGE)
    if not isinstance(kept, list) or len(kept) != len(QUESTIONS):
        return None
    if any(answer not in known for answer, known in zip(kept, QUESTIONS.values(), strict=True)):
        return None
    return Answers(*kept)


def _form(sent: dict[str, str], errors: dict[str, str]) -> str:
    rules = access.parts().alumni
    return render_template(
        "public/alumni_apply.html",
        sent=sent,
        chosen=request.form.get("centre", ""),
        errors=errors,
        most=MOST,
        days=rules.days.application,
        keep_days=rules.retention.application_after_decision_days,
        centres=list_centres(access.session(), scope=ALL_CENTRES),
    )


def _look_up_page(*, number: str = "", failed: bool = False, locked_until: object = None) -> str:
    return render_template(
        "public/alumni_look_up.html",
        number=number,
        failed=failed,
        locked_until=locked_until,
        centres=list_centres(access.session(), scope=ALL_CENTRES),
    )


def _application_page(found: AlumniApplication, receipt: tuple[str, str], error: str = "") -> str:
    centre = found.centre
    return render_template(
        "public/alumni_application.html",
        application=found,
        number=receipt[0],
        code=receipt[1],
        waiting=found.state == ApplicationState.WAITING,
        matched=found.state == ApplicationState.MATCHED,
        contact=[centre] if centre else list_centres(access.session(), scope=ALL_CENTRES),
        error=error,
        min_length=access.parts().policy.min_length_student,
    )


def _known() -> tuple[AlumniApplication | None, tuple[str, str]]:
    receipt = _receipt() or ("", "")
    return applications.application_by(access.session(), number=receipt[0], code=receipt[1]), receipt


def _keep_receipt(number: str, code: str) -> None:
    text = json.dumps([number, applications.plain_code(code), access.now().isoformat()]).encode()
    cookie[RECEIPT] = base64.urlsafe_b64encode(installed_keys().seal(text, PLACE)).decode()


def _receipt() -> tuple[str, str] | None:
    """Number and code while they are fresh."""
    try:
        text = installed_keys().unseal(base64.urlsafe_b64decode(cookie.get(RECEIPT, "")), PLACE)
        number, code, at = json.loads(text)
    except (Unsealable, ValueError):
        return None
    return (number, code) if access.now() - datetime.fromisoformat(at) <= KEPT else None
