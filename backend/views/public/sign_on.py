"""The college's single sign-on for staff: there and back, and out again. 404 everywhere while it is off."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from backend.accounts.rules import SignOnFailed, SignOnUnknown
from backend.accounts.sign_on import end_outside_sessions, sign_in_by_name
from backend.errors import NotFound
from backend.ports import SignOn
from backend.views import access, limits
from backend.views.addresses import root_address

blueprint = Blueprint("public_sign_on", __name__)
log = structlog.get_logger()

KEPT = "sign_on"  # name in the cookie
AWAY = timedelta(minutes=15)  # so long somebody may take at the other page


@blueprint.get("/staff/sign-on")
@access.public
def start() -> Response | tuple[str, int]:
    """A link, not a form: our policy forbids forms to lead to another site."""
    try:
        address, kept = _sign_on().start(back=_back())
    except SignOnFailed as error:
        return _failed(error)
    cookie[KEPT] = {**kept, "at": access.now().isoformat()}
    return redirect(address)


@blueprint.get("/staff/sign-on/back")
@access.public
def finish() -> Response | tuple[str, int]:
    sign_on = _sign_on()
    kept = cookie.pop(KEPT, {})  # once: the same answer a second time finds nothing
    try:
        if not kept or access.now() - datetime.fromisoformat(kept["at"]) > AWAY:
            raise SignOnFailed(reason="state")
        identity = sign_on.finish(answer=request.args, kept=kept, back=_back(), now=access.now())
        token = sign_in_by_name(
            access.session(),
            name=identity.name,
            outside=identity.outside,
            subject=identity.subject,
            device=access.device(),
            policy=access.parts().policy,
            now=access.now(),
        )
    except SignOnFailed as error:
        return _failed(error)
    except SignOnUnknown as error:
        return render_template("public/sign_on_unknown.html", name=error.facts["name"]), 403
    access.keep_signed_in(token)
    # through the staff's door: it knows whether a one-time code is missing, and where the person wanted to go
    return redirect(url_for("public_staff.sign_in"), 303)


@blueprint.post("/staff/sign-on/back")
@access.public
@limits.sign_in_limit
def ended() -> Response:
    """The sign-on server tells that somebody has signed out there. It proves itself by what it says."""
    what = _sign_on().ended(form=request.form, now=access.now())
    if what is not None:
        end_outside_sessions(access.session(), outside=what.outside, subject=what.subject, now=access.now())
    return Response(status=200 if what is not None else 400)


@blueprint.get("/staff/signed-out")
@access.public
def signed_out() -> str:
    """Signed out here; the single sign-on still knows the person, which matters at a shared computer."""
    address = _sign_on().sign_out(back=root_address() + url_for("public_staff.sign_in"))
    return render_template("public/sign_on_out.html", address=address)


def _sign_on() -> SignOn:
    found = access.parts().sign_on
    if found is None:
        raise NotFound()
    return found


def _back() -> str:
    return root_address() + url_for("public_sign_on.finish")


def _failed(error: SignOnFailed) -> tuple[str, int]:
    reason = str(error.facts["reason"])
    log.warning("sign_on.failed", reason=reason, cause=type(error.__cause__).__name__ if error.__cause__ else None)
    return render_template("public/sign_on_failed.html", reason=reason), 502 if reason == "unreachable" else 403
