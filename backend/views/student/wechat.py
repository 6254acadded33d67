"""微信 in 我的: binding, the offer to bind after a normal sign-in, unbinding, allowing one message."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.adapters.wechat import subscribe_address
from backend.errors import NotFound
from backend.views import access, tasks
from backend.views.addresses import root_address
from backend.views.public.wechat import KEPT, leave_for, settings
from backend.views.words import t
from backend.wechat.operations import bind_wechat, next_scene, unbind_wechat
from backend.wechat.queries import binding_of
from backend.wechat.records import WechatBinding
from backend.wechat.rules import App, BoundElsewhere, StaleTicket

blueprint = Blueprint("student_wechat", __name__)


@blueprint.get("/mine/wechat")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    """What is bound, at the official account and in the mini program."""
    bindings = own_bindings()
    if not is_there(bindings):
        raise NotFound()
    official = bool(access.parts().settings.wechat.appid)
    to_bind = official and all(binding.app != App.OFFICIAL for binding in bindings)
    may_bind = to_bind and access.in_wechat()
    return render_template(
        "student/wechat.html", bindings=bindings, official=official, to_bind=to_bind, may_bind=may_bind
    )


@blueprint.get("/mine/wechat/bind")
@access.needs(Permission.OWN_DATA)
def bind() -> Response:
    """A link, not a form: our policy forbids forms to lead to another site."""
    return leave_for("bind")


@blueprint.route("/mine/wechat/offer", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def offer() -> str | Response:
    """Somebody came by the one-tap button, was not known, and has signed in: shall it work next time?"""
    ticket = cookie.get(tasks.TICKET)
    if ticket is None:
        return redirect(tasks.address_after_sign_in("student"), 303)
    if request.method == "GET":
        return render_template("student/wechat_offer.html")
    cookie.pop(tasks.TICKET)
    if request.form.get("answer") == "yes":
        try:
            bind_wechat(
                access.session(),
                account_id=access.account().id,
                ticket=ticket,
                actor=access.actor(),
                now=access.now(),
            )
            flash(t("wechat.bound_now"), "good")
        except StaleTicket:
            flash(t("wechat.sorry.again.text"), "attention")
        except BoundElsewhere:
            flash(t("wechat.sorry.elsewhere.text"), "attention")
    return redirect(tasks.address_after_sign_in("student"), 303)


@blueprint.post("/mine/wechat/<app>/unbind")
@access.needs(Permission.OWN_DATA)
def unbind(app: str) -> Response:
    if app not in set(App):
        raise NotFound(app=app)
    unbind_wechat(
        access.session(), account_id=access.account().id, app=App(app), actor=access.actor(), now=access.now()
    )
    flash(t(f"wechat.unbound_now.{app}"), "good")
    # without WeChat and without another binding the page is not there any more
    return redirect(url_for("student_wechat.show" if is_there(own_bindings()) else "student_mine.show"), 303)


@blueprint.get("/mine/wechat/allow")
@access.needs(Permission.OWN_DATA)
def allow() -> Response:
    """To WeChat's page, where the person allows one message."""
    own = settings()
    scene = next_scene(access.session(), account_id=access.account().id)
    if scene is None or not own.subscribe_template_id:
        raise NotFound()
    state = secrets.token_hex(16)  # WeChat takes letters and digits only
    cookie[KEPT] = {"what": "allow", "state": state, "scene": scene, "at": access.now().isoformat()}
    back = root_address() + url_for("public_wechat.allowed")
    return redirect(subscribe_address(own, back=back, scene=scene, state=state))


def own_bindings() -> list[WechatBinding]:
    """The WeChat accounts that the person who asks has bound, one for each door at the most."""
    found = [binding_of(access.session(), access.account().id, app) for app in App]
    return [binding for binding in found if binding is not None]


def is_there(bindings: list[WechatBinding]) -> bool:
    """Is there a page of WeChat: is it on at either door, or was something bound while it was?"""
    own = access.parts().settings.wechat
    return bool(own.appid or own.mini_appid or bindings)
