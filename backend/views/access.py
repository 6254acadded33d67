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
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from backend.accounts.operations import end_sign_in, note_seen, resume
from backend.accounts.records import Account, SignIn
from backend.accounts.rules import BEARER, Method, Permission, device_name, permissions_of, scope_of
from backend.centres.rules import Scope
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from backend.programs.operations import PREFIX, note_token_seen, token_for
from backend.programs.records import ApiToken
from backend.programs.rules import Grant
from backend.transactions import UnitOfWork
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


class Program(UserMixin):  # type: ignore[misc]
    """Another system, by its token."""

    def __init__(self, token: ApiToken) -> None:
        self.token = token
        self.id = f"token:{token.id}"
        self.role = "program"


def needs(permission: Permission | Grant) -> Callable[[View], View]:
    """Mark a view: only people with this permission, or programs with this grant, get there.

    Stands nearest to the function.
    """

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that anybody may use, signed in or not."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def cookie_too(view: View) -> View:
    """Mark a view under /api that our own pages call with their cookie; then a CSRF token is asked for."""
    view.cookie_too = True  # type: ignore[attr-defined]
    return view


def parts() -> Parts:
    return cast(Parts, current_app.parts)  # type: ignore[attr-defined]


def session() -> UnitOfWork:
    """The database session of this request."""
    if "session" not in g:
        g.session = parts().sessions()
    return cast(UnitOfWork, g.session)


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
    if current_user.role == "program":  # it acts for whoever made its token
        return Actor(ActorKind.STAFF, program().made_by)
    return actor_of(account())


def actor_of(person: Account) -> Actor:
    """Somebody who has just proved who it is."""
    return Actor(ActorKind.STAFF if person.kind == "staff" else ActorKind.STUDENT, person.id)


def scope() -> Scope:
    """The centres that the signed-in member of staff, or the system, covers."""
    if current_user.role == "program":
        return Scope(program().centre_id)
    return scope_of(account().role, account().centre_id)


def program() -> ApiToken:
    """The token of the system that asks."""
    return cast(ApiToken, current_user.token)


def asker() -> str:
    """Who asks, as a key: a person on any device, or a system; "" for somebody without a token."""
    if not current_user.is_authenticated:
        return ""
    return str(current_user.id) if current_user.role == "program" else f"account:{current_user.id}"


def may(permission: Permission | str) -> bool:
    """Has the person who asks this permission? For templates too."""
    if not current_user.is_authenticated or current_user.role == "program":
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

    app.extensions["protect"] = protect
    app.before_request(_check)
    app.teardown_appcontext(_close)
    app.jinja_env.globals.update(may=may, csrf_field=_csrf_field, in_wechat=in_wechat)

    @app.context_processor
    def _me() -> dict[str, object]:
        signed_in = current_user and current_user.is_authenticated and current_user.role != "program"
        return {
            "me": current_user.account if signed_in else None,
            "browser_mark": browser_mark() if signed_in else "",
        }


def _person_of(asked: Request) -> Person | Program | None:
    """By the bearer token under /api, by the cookie elsewhere: neither is taken for the other."""
    shown = bearer(asked) if is_program() else None
    if shown is not None and shown.startswith(PREFIX):
        token = token_for(session(), token=shown, now=now())
        return Program(token) if token else None
    view = current_app.view_functions.get(asked.endpoint or "")
    if shown is None and is_program() and not getattr(view, "cookie_too", False):
        return None
    kept = shown or cookie.get(TOKEN)
    found = resume(session(), token=kept, policy=parts().policy, now=now()) if kept else None
    if found is None or (found.method in BEARER) is not (shown is not None):
        return None
    return Person(found)


def bearer(asked: Request) -> str | None:
    """The token of the Authorization header; None without one."""
    given = asked.authorization
    return given.token or "" if given is not None and given.type == "bearer" else None


def _check() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # no such page: the error page says so
    permission = getattr(view, "permission", None)
    if permission == PUBLIC:
        return None
    if not isinstance(permission, Permission | Grant):
        raise RuntimeError(f"{request.endpoint} does not say which permission it needs")
    if not current_user.is_authenticated:
        if is_program():
            raise Unauthorized
        if request.method == "GET":
            cookie["next"] = request.full_path.rstrip("?")
        console = request.path.startswith("/console")
        return redirect(url_for("public_staff.sign_in" if console else "public_sign_in.sign_in"))
    if getattr(view, "cookie_too", False) and bearer(request) is None and current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["protect"].protect()
    if current_user.role == "program":
        _check_grant(permission)
        return None
    if isinstance(permission, Grant) or not may(permission):
        raise NotFound()
    _note_seen()
    if is_program():
        return None
    step = unfinished_step()
    if step is None or (request.endpoint or "").startswith("public_staff."):
        return None
    if request.method == "GET":
        cookie["next"] = request.full_path.rstrip("?")
    return redirect(url_for(step))


def _check_grant(permission: Permission | Grant) -> None:
    """May this system get here? What people do is not there for systems."""
    if isinstance(permission, Permission):
        raise NotFound()
    if permission not in program().grants:
        raise Forbidden
    seen = program().seen_at
    if seen is None or now() - seen > timedelta(minutes=1):
        note_token_seen(session(), token_id=program().id, now=now())


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
