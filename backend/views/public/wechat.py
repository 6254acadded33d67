"""WeChat's doors: one-tap sign-in, the way back from WeChat's pages, its messages to us, its proof of the domain.

404 everywhere while no appid is set. Nothing here happens by itself: the silent authorisation begins when somebody
has tapped a button, never on arrival (WeChat would show a snapshot of the page instead of the page).
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from backend.adapters.plain_xml import NotPlain, texts_of
from backend.adapters.wechat import authorize_address
from backend.adapters.wechat_push import NotSealed, PushSeal
from backend.errors import NotFound
from backend.settings import Wechat
from backend.views import access, limits, tasks
from backend.views.addresses import root_address
from backend.views.public import wechat_answers
from backend.views.words import t
from backend.wechat.operations import (
    allow_message,
    bind_wechat,
    note_follower,
    openid_of,
    sealed_ticket,
    sign_in_with_code,
)
from backend.wechat.rules import (
    App,
    BoundElsewhere,
    SnapshotVisitor,
    StaleTicket,
    Trouble,
    WechatTrouble,
    WechatUnknown,
    is_from_wechat,
    is_page_of,
    page_signature,
    push_signature,
)

blueprint = Blueprint("public_wechat", __name__)

KEPT = "wechat_way"  # in the cookie: what the person went to WeChat for
AWAY = timedelta(minutes=10)


@blueprint.get("/wechat/sign-in")
@access.public
def sign_in() -> AnyResponse:
    """The button 微信一键登录."""
    if current_user.is_authenticated:
        return redirect(tasks.address_after_sign_in(access.account().kind))
    return leave_for("sign_in")


@blueprint.get("/wechat/back")
@access.public
def back() -> AnyResponse | tuple[str, int]:
    """Back from the silent authorisation. An answer works once, in the browser that asked."""
    settings()
    kept = cookie.pop(KEPT, {})
    if not _same_browser(kept, request.args.get("state", "")) or not request.args.get("code"):
        return _sorry("again")
    try:
        if kept["what"] == "bind":
            return _bind(request.args["code"])
        return _sign_in(request.args["code"])
    except SnapshotVisitor:
        return _sorry("snapshot")
    except WechatTrouble as error:
        return _sorry("again" if error.trouble is Trouble.STALE_CODE else "busy")


@blueprint.get("/wechat/allowed")
@access.public
def allowed() -> AnyResponse:
    """Back from the page where a person allows one message (一次性订阅消息)."""
    settings()
    kept = cookie.pop(KEPT, {})
    scene, openid = request.args.get("scene", ""), request.args.get("openid", "")
    honest = _same_browser(kept, request.args.get("reserved", "")) and scene == str(kept.get("scene"))
    if honest and current_user.is_authenticated:
        if request.args.get("action") != "confirm":
            flash(t("wechat.allow.refused"), "info")
        elif allow_message(
            access.session(), account_id=access.account().id, openid=openid, scene=int(scene), now=access.now()
        ):
            flash(t("wechat.allow.done"), "good")
        else:
            flash(t("wechat.allow.other"), "attention")
    return redirect(url_for("student_channels.show"), 303)


@blueprint.get("/wechat/signature.json")
@access.public
@limits.limiter.limit("60 per minute")
def signature() -> Response:
    """The JS-SDK configuration of the page that asks for it: signed is the address that the browser came from."""
    own = settings()
    address = request.headers.get("Referer", "").partition("#")[0]
    if not is_page_of(address, root_address()):
        raise NotFound()
    try:
        ticket = access.parts().wechat_credentials.ticket()
    except WechatTrouble:
        return make_response({"code": "wechat_trouble", "message": t("wechat.sorry.busy.text")}, 503)
    nonce, timestamp = secrets.token_hex(8), int(access.now().timestamp())
    signed = page_signature(ticket=ticket, nonce=nonce, timestamp=timestamp, address=address)
    return make_response({"appId": own.appid, "timestamp": timestamp, "nonceStr": nonce, "signature": signed})


@blueprint.get("/wechat/push")
@access.public
def prove() -> Response:
    """WeChat asks once whether this address is ours: the signature must be right, then its word is given back."""
    _from_wechat()
    return Response(request.args.get("echostr", "")[:200], mimetype="text/plain")


@blueprint.post("/wechat/push")
@access.public
def push() -> Response:
    """Somebody wrote to the official account, followed or left it."""
    _from_wechat()
    try:
        said = _said()
    except NotPlain:
        return Response("success", mimetype="text/plain")  # anything else makes WeChat send it again
    openid, event = said.get("FromUserName", ""), said.get("Event", "").lower()
    text = ""
    if said.get("MsgType") == "text":
        text = wechat_answers.answer(openid, said.get("Content", ""))
    elif event in ("subscribe", "unsubscribe"):
        note_follower(access.session(), openid=openid, follows=event == "subscribe")
        text = wechat_answers.welcome(openid) if event == "subscribe" else ""
    if not text:
        return Response("success", mimetype="text/plain")
    reply = (
        f"<xml><ToUserName>{escape(openid)}</ToUserName><FromUserName>{escape(said.get('ToUserName', ''))}"
        f"</FromUserName><CreateTime>{int(access.now().timestamp())}</CreateTime><MsgType>text</MsgType>"
        f"<Content>{escape(text)}</Content></xml>"
    )
    return Response(_sealed(reply), mimetype="application/xml")


@blueprint.get("/MP_verify_<code>.txt")
@access.public
def verify(code: str) -> Response:
    """The file that WeChat asks for before it believes that the domain is ours."""
    expected = access.parts().settings.wechat.verify_code
    if not expected or not hmac.compare_digest(code.encode(), expected.encode()):
        raise NotFound()
    return Response(expected, mimetype="text/plain")


def leave_for(what: str) -> AnyResponse:
    """To WeChat's silent authorisation, remembering what for."""
    state = secrets.token_hex(16)  # WeChat takes letters and digits only
    cookie[KEPT] = {"what": what, "state": state, "at": access.now().isoformat()}
    return redirect(authorize_address(settings(), back=root_address() + url_for("public_wechat.back"), state=state))


def settings() -> Wechat:
    """The settings, where WeChat is on. Raises NotFound."""
    found = access.parts().settings.wechat
    if not found.appid:
        raise NotFound()
    return found


def _sign_in(code: str) -> AnyResponse:
    try:
        token = sign_in_with_code(
            access.session(),
            platform=access.parts().wechat,
            app=App.OFFICIAL,
            code=code,
            device=access.device(),
            policy=access.parts().policy,
            now=access.now(),
        )
    except WechatUnknown as error:
        cookie[tasks.TICKET] = error.ticket
        flash(t("wechat.unknown"), "info")
        return redirect(url_for("public_sign_in.sign_in"), 303)
    access.keep_signed_in(token)
    return redirect(tasks.address_after_sign_in("student"), 303)


def _bind(code: str) -> AnyResponse | tuple[str, int]:
    if not current_user.is_authenticated:
        return _sorry("again")
    openid = openid_of(access.parts().wechat, app=App.OFFICIAL, code=code)
    ticket = sealed_ticket(App.OFFICIAL, openid, now=access.now())
    try:
        bind_wechat(
            access.session(),
            account_id=access.account().id,
            ticket=ticket,
            actor=access.actor(),
            now=access.now(),
        )
    except BoundElsewhere:
        return _sorry("elsewhere")
    except StaleTicket:
        return _sorry("again")
    flash(t("wechat.bound_now"), "good")
    return redirect(url_for("student_wechat.show"), 303)


def _same_browser(kept: dict[str, str], state: str) -> bool:
    if not kept or not hmac.compare_digest(kept["state"].encode(), state.encode()):
        return False
    return access.now() - datetime.fromisoformat(kept["at"]) <= AWAY


def _from_wechat(sealed: str = "") -> None:
    token = settings().push_token.get_secret_value()
    if not is_from_wechat(token=token, query=request.args, now=access.now(), sealed=sealed):
        raise NotFound()


def _said() -> dict[str, str]:
    """What WeChat tells. With a key only what is sealed: a plain message could be put under an old signature.

    Raises NotPlain; NotFound for a seal that is not WeChat's.
    """
    said, seal = texts_of(request.get_data()), _seal()
    if seal is None:
        return said
    sealed = said.get("Encrypt", "")
    if not sealed:
        raise NotFound()
    _from_wechat(sealed)
    try:
        return texts_of(seal.open(sealed))
    except NotSealed:
        raise NotFound() from None


def _sealed(reply: str) -> str:
    """The reply as WeChat wants it back: sealed and signed where the message was."""
    seal = _seal()
    if seal is None:
        return reply
    nonce, timestamp, content = secrets.token_hex(8), str(int(access.now().timestamp())), seal.seal(reply.encode())
    token = settings().push_token.get_secret_value()
    signature = push_signature(token=token, timestamp=timestamp, nonce=nonce, sealed=content)
    return (
        f"<xml><Encrypt>{content}</Encrypt><MsgSignature>{signature}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{nonce}</Nonce></xml>"
    )


def _seal() -> PushSeal | None:
    own = settings()
    key = own.push_aes_key.get_secret_value()
    return PushSeal(key=key, appid=own.appid) if key else None


def _sorry(reason: str) -> tuple[str, int]:
    """snapshot, again, busy or elsewhere: what happened and the way on."""
    return render_template("public/wechat_sorry.html", reason=reason), 503 if reason == "busy" else 403
