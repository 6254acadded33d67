"""Signing in for a token, the first time too, and out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask import Blueprint
from pydantic import Field

from backend.accounts.activation import activate
from backend.accounts.operations import end_sign_in, resume
from backend.accounts.operations import sign_in as start_sign_in
from backend.accounts.rules import Method, Permission
from backend.errors import NotFound
from backend.views import access
from backend.views.api.contract import Answer, Body, operation
from backend.views.limits import sign_in_limit
from backend.views.problems import problem
from backend.views.words import t
from backend.wechat.operations import bind_wechat, sign_in_with_code
from backend.wechat.rules import App, WechatUnknown

blueprint = Blueprint("api_sessions", __name__, url_prefix="/api/v1")


class Credentials(Body):
    """Student number and password; wechat_ticket binds the WeChat account that was unknown before."""

    student_number: str = Field(min_length=1, max_length=64, examples=["F202400043"])
    password: str = Field(min_length=1, max_length=128, examples=["Demo-xuezhao-26"])
    wechat_ticket: str | None = Field(None, max_length=1000, examples=["Zm9yIGZpZnRlZW4gbWludXRlcw=="])


class MiniCode(Body):
    """The code of wx.login."""

    code: str = Field(min_length=1, max_length=200, examples=["0a3Xyz"])


class Activate(Body):
    """number: student number, or certificate number of a graduate."""

    number: str = Field(min_length=1, max_length=32, examples=["F202400043"])
    name: str = Field(min_length=1, max_length=60, examples=["林小满"])
    id_number: str = Field(min_length=1, max_length=24, examples=["990101199602290044"])
    password: str = Field(min_length=1, max_length=128, examples=["Demo-xuezhao-26"])


class Token(Answer):
    token: str = Field(examples=["p3QeT1mXw0"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - how it is sent
    expires_at: datetime


@blueprint.post("/sessions")
@sign_in_limit
@access.public
@operation(answer=Token, body=Credentials, status=201, errors=(403, 409), keyed=False)
def sign_in(body: Credentials) -> Token:
    """A wrong number and a wrong password are not told apart; too many wrong ones make the number wait."""
    token = start_sign_in(
        access.session(),
        kind="student",
        login=body.student_number,
        password=body.password,
        device=access.device(),
        policy=access.parts().policy,
        now=access.now(),
        method=Method.TOKEN,
    )
    return token_said(token, body.wechat_ticket)


@blueprint.post("/sessions/wechat")
@sign_in_limit
@access.public
@operation(answer=Token, body=MiniCode, status=201, errors=(409, 503), keyed=False)
def sign_in_wechat(body: MiniCode) -> object:
    """An unknown WeChat account gets a ticket in `fields`, to be sent with the number and the password."""
    if not access.parts().settings.wechat.mini_appid:
        raise NotFound()
    try:
        token = sign_in_with_code(
            access.session(),
            platform=access.parts().wechat,
            app=App.MINI,
            code=body.code,
            device=access.device(),
            policy=access.parts().policy,
            now=access.now(),
        )
    except WechatUnknown as error:
        access.session().rollback()
        return problem(409, error.code, t("wechat.unknown"), fields={"wechat_ticket": error.ticket})
    return token_said(token)


@blueprint.post("/accounts")
@sign_in_limit
@access.public
@operation(answer=Token, status=201, body=Activate, errors=(403,), keyed=False)
def open_account(body: Activate) -> Token:
    """Somebody of the roster chooses a password and is signed in. What does not fit together is not told apart."""
    token = activate(
        access.session(),
        number=body.number,
        name=body.name,
        id_number=body.id_number,
        password=body.password,
        device=access.device(),
        policy=access.parts().policy,
        now=access.now(),
        method=Method.TOKEN,
    )
    return token_said(token)


@blueprint.delete("/sessions/current")
@access.needs(Permission.OWN_DATA)
@operation(status=204, keyed=False)
def sign_out() -> None:
    end_sign_in(
        access.session(),
        account_id=access.account().id,
        sign_in_id=access.sign_in_id(),
        actor=access.actor(),
        now=access.now(),
    )


def token_said(token: str, ticket: str | None = None) -> Token:
    """A fresh sign-in as programs are told of it; the ticket of a WeChat account is bound to it."""
    found = resume(access.session(), token=token, policy=access.parts().policy, now=access.now())
    if found is None:
        raise NotFound()
    expires_at = found.expires_at
    if ticket is not None:
        actor = access.actor_of(found.account)
        bind_wechat(access.session(), account_id=found.account_id, ticket=ticket, actor=actor, now=access.now())
    return Token(token=token, expires_at=expires_at)
