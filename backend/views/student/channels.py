"""消息设置: by which ways out of the house a student is told, and where."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.errors import Invalid, NotFound
from backend.notifications.choices import ask_code, choose, forget_address, give_code
from backend.notifications.queries import choices_of
from backend.notifications.records import ChannelChoice
from backend.notifications.rules import Channel, CodeTooSoon, WrongCode, masked_address
from backend.views import access, limits, words
from backend.views.words import as_datetime, t
from backend.wechat.queries import binding_of, permissions_left

blueprint = Blueprint("student_channels", __name__)

TONES = {"on": "good", "problem": "attention", "unverified": "attention"}


@dataclass(frozen=True)
class Way:
    """One channel as its page shows it. state: on, off, unverified, problem or unset."""

    channel: Channel
    state: str
    address: str = ""

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "neutral")


@blueprint.get("/mine/channels")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    settings, plans = access.parts().settings.wechat, access.parts().plans
    binding = binding_of(access.session(), access.account().id)
    return render_template(
        "student/channels.html",
        ways=ways(),
        bound=binding is not None,
        permissions=permissions_left(access.session(), binding.id) if binding is not None else 0,
        may_allow=bool(settings.subscribe_template_id) and binding is not None and access.in_wechat(),
        night=(plans.calm_from.strftime("%H:%M"), plans.calm_until.strftime("%H:%M")),
    )


@blueprint.route("/mine/channels/<channel>/address", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
@limits.sign_in_limit
def address(channel: str) -> str | Response | tuple[str, int]:
    """Where to; a code goes there."""
    way = with_address(channel)
    typed, errors, status = request.form.get("address", ""), {}, 200
    if request.method == "POST":
        try:
            ask_code(
                access.session(),
                student_id=access.student().id,
                channel=way,
                typed=typed,
                language=words.look().language,
                rules=access.parts().plans.code,
                actor=access.actor(),
                now=access.now(),
            )
        except Invalid as error:
            errors, status = {"address": t(f"channels.error.{error.problems['address']}")}, 422
        except CodeTooSoon as error:
            errors, status = {"address": _too_soon(error)}, 429
        else:
            return redirect(url_for("student_channels.code", channel=way.value), 303)
    return render_template("student/channel_address.html", channel=way, typed=typed, errors=errors), status


@blueprint.route("/mine/channels/<channel>/code", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
@limits.sign_in_limit
def code(channel: str) -> str | Response | tuple[str, int]:
    """The code that came by the channel."""
    way = with_address(channel)
    choice = choices_of(access.session(), access.student().id).get(way)
    if choice is None or choice.address is None or choice.code_mark is None:
        return redirect(url_for("student_channels.show"), 303)
    errors, status = {}, 200
    if request.method == "POST":
        try:
            give_code(
                access.session(),
                student_id=access.student().id,
                channel=way,
                typed=request.form.get("code", ""),
                rules=access.parts().plans.code,
                actor=access.actor(),
                now=access.now(),
            )
        except WrongCode as error:
            errors, status = {"code": t(f"channels.code.{error.facts['reason']}")}, 422
        else:
            flash(t("channels.done.verified"), "good")
            return redirect(url_for("student_channels.show"), 303)
    masked = masked_address(way, choice.address)
    return render_template("student/channel_code.html", channel=way, masked=masked, errors=errors), status


@blueprint.post("/mine/channels/<channel>/again")
@access.needs(Permission.OWN_DATA)
@limits.sign_in_limit
def again(channel: str) -> Response:
    """Another code to the same address."""
    way = with_address(channel)
    choice = choices_of(access.session(), access.student().id).get(way)
    if choice is None or choice.address is None:
        raise NotFound(channel=channel)
    try:
        ask_code(
            access.session(),
            student_id=access.student().id,
            channel=way,
            typed=choice.address,
            language=words.look().language,
            rules=access.parts().plans.code,
            actor=access.actor(),
            now=access.now(),
        )
    except CodeTooSoon as error:
        flash(_too_soon(error), "attention")
    return redirect(url_for("student_channels.code", channel=way.value), 303)


@blueprint.post("/mine/channels/<channel>/on")
@access.needs(Permission.OWN_DATA)
def switch_on(channel: str) -> Response:
    return _switch(channel, True)


@blueprint.post("/mine/channels/<channel>/off")
@access.needs(Permission.OWN_DATA)
def switch_off(channel: str) -> Response:
    return _switch(channel, False)


@blueprint.post("/mine/channels/<channel>/remove")
@access.needs(Permission.OWN_DATA)
def remove(channel: str) -> Response:
    forget_address(
        access.session(),
        student_id=access.student().id,
        channel=with_address(channel),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("channels.done.removed"), "good")
    return redirect(url_for("student_channels.show"), 303)


def ways() -> list[Way]:
    """Every channel that this installation has switched on, with the person's choice."""
    choices = choices_of(access.session(), access.student().id)
    bound = binding_of(access.session(), access.account().id) is not None
    return [_way(channel, choices.get(channel), bound) for channel in Channel if channel in access.parts().messengers]


def _way(channel: Channel, choice: ChannelChoice | None, bound: bool) -> Way:
    if channel is Channel.WECHAT:
        if not bound:
            return Way(channel, "unset")
        if choice is not None and choice.problem:
            return Way(channel, "problem")
        return Way(channel, "on" if choice is None or choice.wanted else "off")
    if choice is None or choice.address is None:
        return Way(channel, "unset")
    if choice.verified_at is None:
        state = "unverified"
    else:
        state = "problem" if choice.problem else "on" if choice.wanted else "off"
    return Way(channel, state, masked_address(channel, choice.address))


def _switch(channel: str, wanted: bool) -> Response:
    choose(
        access.session(),
        student_id=access.student().id,
        channel=known_channel(channel),
        wanted=wanted,
        language=words.look().language,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("channels.done.on" if wanted else "channels.done.off"), "good")
    return redirect(url_for("student_channels.show"), 303)


def known_channel(name: str) -> Channel:
    """A channel that this installation has. Raises NotFound."""
    if name not in {channel.value for channel in access.parts().messengers}:
        raise NotFound(channel=name)
    return Channel(name)


def with_address(name: str) -> Channel:
    """A channel that goes to an address of its own. Raises NotFound."""
    channel = known_channel(name)
    if channel is Channel.WECHAT:
        raise NotFound(channel=name)
    return channel


def _too_soon(error: CodeTooSoon) -> str:
    until = error.facts["until"]
    return t("channels.code.too_soon", until=as_datetime(until))  # type: ignore[arg-type]
