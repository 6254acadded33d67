"""Settings of a member of staff: the own account, and the doors to staff, centres and jobs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.operations import end_other_sign_ins, end_sign_in, remove_totp
from backend.accounts.queries import devices_of
from backend.accounts.rules import LockedOut, Permission, SignInFailed, may_use_password
from backend.views import access
from backend.views.passwords import change_own_password, locked_words, min_length
from backend.views.words import t

blueprint = Blueprint("console_settings", __name__)


@blueprint.get("/console/settings")
@access.needs(Permission.OWN_ACCOUNT)
def show() -> str:
    return _page()


@blueprint.post("/console/settings/password")
@access.needs(Permission.OWN_ACCOUNT)
def password() -> Response | tuple[str, int]:
    errors, status = change_own_password()
    if errors:
        return _page(errors=errors), status
    flash(t("staff.password.changed"), "good")
    return redirect(url_for("console_settings.show"), 303)


@blueprint.post("/console/settings/two-step/remove")
@access.needs(Permission.OWN_ACCOUNT)
def remove_two_step() -> Response | tuple[str, int]:
    """Switch one-time codes off, where the policy leaves it to the person; the password is asked again."""
    try:
        remove_totp(
            access.session(),
            account_id=access.account().id,
            password=request.form.get("totp_password", ""),
            policy=access.parts().policy,
            actor=access.actor(),
            now=access.now(),
        )
    except SignInFailed:
        return _page(errors={"totp_password": t("staff.password.wrong")}), 422
    except LockedOut as error:
        return _page(errors={"totp_password": locked_words(error)}), 429
    flash(t("settings.two_step.removed"), "good")
    return redirect(url_for("console_settings.show"), 303)


@blueprint.post("/console/settings/devices/end-others")
@access.needs(Permission.OWN_ACCOUNT)
def end_other_devices() -> Response:
    count = end_other_sign_ins(
        access.session(),
        account_id=access.account().id,
        but=access.sign_in_id(),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("mine.devices.ended_others", count=count), "good")
    return redirect(url_for("console_settings.show"), 303)


@blueprint.post("/console/settings/devices/<int:device_id>/end")
@access.needs(Permission.OWN_ACCOUNT)
def end_device(device_id: int) -> Response:
    end_sign_in(
        access.session(),
        account_id=access.account().id,
        sign_in_id=device_id,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("mine.devices.ended"), "good")
    return redirect(url_for("console_settings.show"), 303)


def _page(errors: dict[str, str] | None = None) -> str:
    return render_template(
        "console/settings.html",
        person=access.account(),
        errors=errors or {},
        min_length=min_length(),
        has_password=may_use_password(access.parts().policy, kind="staff", role=access.account().role),
        totp_required=access.parts().policy.staff_totp_required,
        devices=devices_of(access.session(), access.account().id, now=access.now()),
        this=access.sign_in_id(),
    )
