"""The own account: the password, devices, who looked at the photo, ways of being told, WeChat."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint
from pydantic import Field

from backend.accounts.operations import change_password, end_other_sign_ins, end_sign_in
from backend.accounts.queries import accounts_by_id, devices_of
from backend.accounts.rules import Permission
from backend.errors import NotFound
from backend.history.queries import entries_about
from backend.notifications.choices import ask_code, choose, forget_address, give_code
from backend.notifications.queries import choices_of
from backend.notifications.rules import Channel
from backend.views import access
from backend.views.api.contract import LIST, Answer, Body, Next, before, operation, page
from backend.views.limits import sign_in_limit
from backend.views.student.channels import known_channel, ways, with_address
from backend.views.student.mine import LOOKS_READ
from backend.views.words import look
from backend.wechat.operations import unbind_wechat
from backend.wechat.queries import binding_of
from backend.wechat.rules import App

blueprint = Blueprint("api_account", __name__, url_prefix="/api/v1")


class ChangePassword(Body):
    current: str = Field(min_length=1, max_length=128, examples=["Demo-xuezhao-26"])
    new: str = Field(min_length=1, max_length=128, examples=["Other-xuezhao-27"])


class Device(Answer):
    """`this`: the one that asks."""

    id: int
    device: str = Field(examples=["WeChat, iPhone"])
    method: str = Field(examples=["token"])
    since: datetime
    seen_at: datetime
    this: bool


class Devices(Answer):
    items: list[Device]


class Seen(Answer):
    """One look of a member of staff at the own photo, and what for."""

    id: int
    at: datetime
    who: str = Field(examples=["王老师"])
    purpose: str = Field(examples=["review"])


class Looks(Answer):
    """The newest first. `next`: the cursor of older ones."""

    items: list[Seen]
    next: Next


class ChannelSaid(Answer):
    """A way out of the house. `state`: on, off, unverified, problem or unset; the address is masked."""

    channel: Channel
    state: str = Field(examples=["on"])
    address: str = Field(examples=["139****0000"])


class Channels(Answer):
    """The ways that this installation has."""

    items: list[ChannelSaid]


class Switch(Body):
    wanted: bool


class Address(Body):
    """null: another code to the address that is there."""

    address: str | None = Field(None, max_length=254, examples=["lin@example.edu.cn"])


class Code(Body):
    code: str = Field(min_length=1, max_length=20, examples=["482913"])


class Binding(Answer):
    app: App
    bound_at: datetime


class Bindings(Answer):
    items: list[Binding]


@blueprint.put("/password")
@sign_in_limit
@access.needs(Permission.OWN_DATA)
@operation(status=204, body=ChangePassword, errors=(403,))
def password(body: ChangePassword) -> None:
    """Every other device is signed out."""
    change_password(
        access.session(),
        account_id=access.account().id,
        current=body.current,
        new=body.new,
        keep_sign_in=access.sign_in_id(),
        policy=access.parts().policy,
        actor=access.actor(),
        now=access.now(),
    )


@blueprint.get("/devices")
@access.needs(Permission.OWN_DATA)
@operation(answer=Devices)
def devices() -> Devices:
    """Where one is signed in, the last used first."""
    return Devices(
        items=[
            Device(
                id=found.id,
                device=found.device,
                method=found.method,
                since=found.created_at,
                seen_at=found.seen_at,
                this=found.id == access.sign_in_id(),
            )
            for found in devices_of(access.session(), access.account().id, now=access.now())
        ]
    )


@blueprint.delete("/devices")
@access.needs(Permission.OWN_DATA)
@operation(status=204)
def end_other_devices() -> None:
    """Sign every other device out."""
    end_other_sign_ins(
        access.session(),
        account_id=access.account().id,
        but=access.sign_in_id(),
        actor=access.actor(),
        now=access.now(),
    )


@blueprint.delete("/devices/<int:device_id>")
@access.needs(Permission.OWN_DATA)
@operation(status=204)
def end_device(device_id: int) -> None:
    """Sign another device out."""
    end_sign_in(
        access.session(),
        account_id=access.account().id,
        sign_in_id=device_id,
        actor=access.actor(),
        now=access.now(),
    )


@blueprint.get("/looks")
@access.needs(Permission.OWN_DATA)
@operation(answer=Looks, query=LIST)
def looks() -> Looks:
    """Who looked at the own photo."""
    found = entries_about(access.session(), access.student().id, verbs=["photo.seen"], limit=LOOKS_READ)
    rows, more = before(found, page(), lambda entry: entry.id)
    people = accounts_by_id(access.session(), {entry.actor_id for entry in rows if entry.actor_id is not None})
    return Looks(
        items=[
            Seen(
                id=entry.id,
                at=entry.at,
                who=people[entry.actor_id].display_name if entry.actor_id in people else "",
                purpose=str(entry.facts.get("purpose", "")),
            )
            for entry in rows
        ],
        next=more,
    )


@blueprint.get("/channels")
@access.needs(Permission.OWN_DATA)
@operation(answer=Channels)
def channels() -> Channels:
    return _channels()


@blueprint.put("/channels/<channel>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Channels, body=Switch, errors=(409,))
def switch(channel: str, body: Switch) -> Channels:
    choose(
        access.session(),
        student_id=access.student().id,
        channel=known_channel(channel),
        wanted=body.wanted,
        language=look().language,
        actor=access.actor(),
        now=access.now(),
    )
    return _channels()


@blueprint.put("/channels/<channel>/address")
@sign_in_limit
@access.needs(Permission.OWN_DATA)
@operation(answer=Channels, body=Address, errors=(409,))
def address(channel: str, body: Address) -> Channels:
    """Where to; a code goes there. 409 code_too_soon: one is on its way."""
    way = with_address(channel)
    choice = choices_of(access.session(), access.student().id).get(way)
    typed = body.address if body.address is not None else choice.address if choice is not None else None
    if typed is None:
        raise NotFound(channel=channel)
    ask_code(
        access.session(),
        student_id=access.student().id,
        channel=way,
        typed=typed,
        language=look().language,
        rules=access.parts().plans.code,
        actor=access.actor(),
        now=access.now(),
    )
    return _channels()


@blueprint.post("/channels/<channel>/code")
@sign_in_limit
@access.needs(Permission.OWN_DATA)
@operation(answer=Channels, body=Code, errors=(409,))
def code(channel: str, body: Code) -> Channels:
    """The code that came by the channel."""
    give_code(
        access.session(),
        student_id=access.student().id,
        channel=with_address(channel),
        typed=body.code,
        rules=access.parts().plans.code,
        actor=access.actor(),
        now=access.now(),
    )
    return _channels()


@blueprint.delete("/channels/<channel>/address")
@access.needs(Permission.OWN_DATA)
@operation(answer=Channels)
def forget(channel: str) -> Channels:
    forget_address(
        access.session(),
        student_id=access.student().id,
        channel=with_address(channel),
        actor=access.actor(),
        now=access.now(),
    )
    return _channels()


@blueprint.get("/wechat")
@access.needs(Permission.OWN_DATA)
@operation(answer=Bindings)
def bindings() -> Bindings:
    """WeChat accounts that sign in to this account."""
    found = {app: binding_of(access.session(), access.account().id, app) for app in App}
    return Bindings(
        items=[Binding(app=app, bound_at=binding.bound_at) for app, binding in found.items() if binding is not None]
    )


@blueprint.delete("/wechat/<app>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Bindings)
def unbind(app: str) -> Bindings:
    if app not in set(App):
        raise NotFound(app=app)
    unbind_wechat(
        access.session(), account_id=access.account().id, app=App(app), actor=access.actor(), now=access.now()
    )
    return bindings.__wrapped__()  # type: ignore[attr-defined,no-any-return]


def _channels() -> Channels:
    return Channels(items=[ChannelSaid(channel=way.channel, state=way.state, address=way.address) for way in ways()])
