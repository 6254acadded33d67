"""Staff accounts: administrators keep all of them, a head of a centre keeps the centre's own staff."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import staff_accounts
from backend.accounts.records import Account
from backend.accounts.rules import CENTRE_ROLES, Permission, Role, may_manage
from backend.accounts.sign_on import set_sign_on_name
from backend.accounts.staff import create_staff, reset_staff, set_staff_active
from backend.centres.queries import list_centres
from backend.centres.records import Centre
from backend.errors import Invalid
from backend.views import access
from backend.views.addresses import row_number
from backend.views.words import t

blueprint = Blueprint("console_staff", __name__)


@blueprint.get("/console/settings/staff")
@access.needs(Permission.STAFF_EDIT)
def list() -> str:
    return _page()


@blueprint.post("/console/settings/staff")
@access.needs(Permission.STAFF_EDIT)
def create() -> str | tuple[str, int]:
    """Make an account. The page answers itself: the first password is shown once and kept nowhere."""
    form = request.form
    role = Role(form["role"]) if form.get("role") in {role.value for role in _roles()} else None
    centre_id = row_number(form.get("centre_id"))
    if role is None:
        return _page(errors={"role": t("settings.staff.error.role_needed")}), 422
    try:
        account, first = create_staff(
            access.session(),
            login=form.get("login", ""),
            display_name=form.get("display_name", ""),
            role=role,
            centre_id=centre_id,
            password=None,
            creator=access.account(),
            policy=access.parts().policy,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        return _page(errors={name: t(f"settings.staff.error.{why}") for name, why in error.problems.items()}), 422
    return _page(shown=(account.login, first))


@blueprint.post("/console/settings/staff/<int:account_id>/reset")
@access.needs(Permission.STAFF_EDIT)
def reset(account_id: int) -> str:
    """A new first password for somebody who lost password or phone; shown once on the page that answers."""
    first = reset_staff(
        access.session(),
        account_id=account_id,
        creator=access.account(),
        policy=access.parts().policy,
        actor=access.actor(),
        now=access.now(),
    )
    account = access.session().get_one(Account, account_id)
    return _page(shown=(account.login, first))


@blueprint.post("/console/settings/staff/<int:account_id>/close")
@access.needs(Permission.STAFF_EDIT)
def close(account_id: int) -> Response:
    return _set_active(account_id, False)


@blueprint.post("/console/settings/staff/<int:account_id>/open")
@access.needs(Permission.STAFF_EDIT)
def reopen(account_id: int) -> Response:
    return _set_active(account_id, True)


@blueprint.post("/console/settings/staff/<int:account_id>/sign-on")
@access.needs(Permission.STAFF_EDIT)
def link(account_id: int) -> Response | tuple[str, int]:
    """The name under which the college's single sign-on knows somebody; empty takes it away."""
    name = request.form.get("sign_on_name", "")
    try:
        set_sign_on_name(
            access.session(),
            account_id=account_id,
            name=name,
            creator=access.account(),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        words = t(f"settings.staff.error.{error.problems['sign_on_name']}")
        return _page(errors={f"sign_on_name-{account_id}": words}, typed=(account_id, name)), 422
    flash(t("settings.staff.sign_on_saved"), "good")
    return redirect(url_for("console_staff.list"), 303)


def _set_active(account_id: int, active: bool) -> Response:
    set_staff_active(
        access.session(),
        account_id=account_id,
        active=active,
        creator=access.account(),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("settings.staff.opened" if active else "settings.staff.closed"), "good")
    return redirect(url_for("console_staff.list"), 303)


def _roles() -> Sequence[Role]:
    """The roles that the person may give."""
    person = access.account()
    return [role for role in Role if may_manage(person.role or "", person.centre_id, role, person.centre_id)]


def _centres() -> Sequence[Centre]:
    """Open ones; the own centre always, and being closed is then said of the form that was sent."""
    scope = access.scope()
    return list_centres(access.session(), scope=scope, closed=scope.centre_id is not None)


def _page(
    *,
    errors: dict[str, str] | None = None,
    shown: tuple[str, str] | None = None,
    typed: tuple[int, str] | None = None,
) -> str:
    person = access.account()
    accounts = staff_accounts(access.session(), scope=access.scope())
    managed = {
        account.id
        for account in accounts
        if account.id != person.id
        and may_manage(person.role or "", person.centre_id, account.role or "", account.centre_id)
    }
    return render_template(
        "console/staff.html",
        accounts=accounts,
        managed=managed,
        roles=_roles(),
        centre_roles=CENTRE_ROLES,
        centres=_centres(),
        errors=errors or {},
        form={} if shown or typed else request.form,
        shown=shown,
        typed=typed,
        sign_on=access.parts().sign_on is not None,
    )
