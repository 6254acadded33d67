"""Who asks, and may they? Every view says which permission it needs; one place asks."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from backend.accounts.operations import end_sign_in, note_seen, resume
from backend.accounts.records import Account, SignIn
from backend.accounts.rules import Method, Permission, device_name, permissions_of, scope_of
from backend.centres.rules import Scope
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from backend.views.problems import is_program

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
TOKEN = "sign_in"  # noqa: S105 - key of the sign-in token in the signed cookie


class Person(UserMixin):  # type: ignore[misc]
    """Somebody signed in, for flask-login."""

    def __init__(self, sign_in: SignIn) -> None:
        self.sign_in = sign_in
        self.account = sign_in.account
        self.id = str(self.account.id)
        self.role = self.account.role or "student"


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view: only people with this permission get there. Stands nearest to the function."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that anybody may use, signed in or not."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def parts() -> Parts:
    return cast(Parts, current_app.parts)  # type: ignore[attr-defined]


def session() -> Session:
    """The database session of this request."""
    if "session" not in g:
        g.session = parts().sessions()
    return cast(Session, g.session)


def now() -> datetime:
    """One time for the whole request."""
    if "now" not in g:
        g.now = parts().clock()
    return cast(datetime, g.now)


def account() -> Account:
    return cast(Account, current_user.account)


def sign_in_id() -> int:
    return cast(int, current_user.sign_in.id)


def student() -> Student:
    """The signed-in student. Raises NotFound for staff."""
    found = account().student
    if found is None:
        raise NotFound()
    return found


def actor() -> Actor:
    """Who does it, for the history."""
    if not current_user.is_authenticated:
        return Actor(ActorKind.STUDENT, None)
    kind = ActorKind.STAFF if account().kind == "staff" else ActorKind.STUDENT
    return Actor(kind, account().id)


def scope() -> Scope:
    """The centres that the signed-in member of staff covers."""
    return scope_of(account().role, account().centre_id)


def may(permission: Permission | str) -> bool:
    """Has the person who asks this permission? For templates too."""
    if not current_user.is_authenticated:
        return False
    return Permission(permission) in permissions_of(account().kind, account().role)


def is_public(endpoint: str | None) -> bool:
    return getattr(current_app.view_functions.get(endpoint or ""), "permission", None) == PUBLIC


def in_wechat() -> bool:
    """Does the request come from WeChat's own browser, and is WeChat switched on?"""
    return bool(parts().settings.wechat.appid) and "micromessenger" in request.user_agent.string.lower()


def device() -> str:
    """What the person will recognise this browser by."""
    return device_name(request.user_agent.string)


def browser_mark() -> str:
    """Tells the browser whose things it keeps (a shot that is not sent yet), and nothing else about the account."""
    key = parts().secrets.session_key.encode()
    return hmac.new(key, f"browser mark of account {account().id}".encode(), "sha256").hexdigest()[:16]


def keep_signed_in(token: str) -> None:
    """Put the token of a fresh sign-in into the cookie; only the wish where to go survives from before.

    Whoever was signed in at this browser until now is signed out.
    """
    if current_user.is_authenticated:
        end_sign_in(session(), account_id=account().id, sign_in_id=sign_in_id(), actor=actor(), now=now())
    wish = {name: cookie[name] for name in ("next", "task", "triage", "wechat_ticket") if name in cookie}
    cookie.clear()
    cookie.update(wish)
    cookie[TOKEN] = token


def register(app: Flask) -> None:
    protect = CSRFProtect(app)
    # other servers send these, and prove themselves by what they say
    for view in ("backend.views.public.sign_on.ended", "backend.views.public.wechat.push"):
        protect.exempt(view)
    manager = LoginManager(app)
    manager.request_loader(_person_of)

    app.before_request(_check)
    app.teardown_appcontext(_close)
    app.jinja_env.globals.update(may=may, csrf_field=_csrf_field, in_wechat=in_wechat)

    @app.context_processor
    def _me() -> dict[str, object]:
        signed_in = current_user and current_user.is_authenticated
        return {
            "me": current_user.account if signed_in else None,
            "browser_mark": browser_mark() if signed_in else "",
        }


def _person_of(_request: Request) -> Person | None:
    token = cookie.get(TOKEN)
    found = resume(session(), token=token, policy=parts().policy, now=now()) if token else None
    return Person(found) if found else None


def _check() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # no such page: the error page says so
    permission = getattr(view, "permission", None)
    if permission == PUBLIC:
        return None
    if not isinstance(permission, Permission):
        raise RuntimeError(f"{request.endpoint} does not say which permission it needs")
    if not current_user.is_authenticated:
        if is_program():
            raise Unauthorized
        if request.method == "GET":
            cookie["next"] = request.full_path.rstrip("?")
        console = request.path.startswith("/console")
        return redirect(url_for("public_staff.sign_in" if console else "public_sign_in.sign_in"))
    if not may(permission):
        raise NotFound()
    _note_seen()
    step = unfinished_step()
    if step is None or (request.endpoint or "").startswith("public_staff."):
        return None
    if request.method == "GET":
        cookie["next"] = request.full_path.rstrip("?")
    return redirect(url_for(step))


def unfinished_step() -> str | None:
    """Staff with a one-time code to give, or a first password to change, do this before anything else.

    Gives the endpoint of the step that is missing.
    """
    person = account()
    if person.kind != "staff":
        return None
    code_needed = person.totp_confirmed_at is not None or parts().policy.staff_totp_required
    if code_needed and not current_user.sign_in.second_factor:
        return "public_staff.second_factor"
    # who came through the college's sign-on has no local password to change
    by_password = current_user.sign_in.method == Method.PASSWORD
    return "public_staff.password" if person.must_change_password and by_password else None


def _note_seen() -> None:
    if now() - current_user.sign_in.seen_at > timedelta(minutes=1):
        note_seen(session(), sign_in_id=sign_in_id(), now=now())


def _close(_error: BaseException | None) -> None:
    if "session" in g:
        g.session.close()


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
