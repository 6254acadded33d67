"""From a notice's link to what its poster says, and to the address that its code leads to."""

from __future__ import annotations

from flask import url_for

from backend.adapters.posters import PosterContent, PosterStep
from backend.centres.records import Centre
from backend.notices.records import NoticeLink
from backend.notices.rules import Task
from backend.views import access
from backend.views.addresses import root_address
from backend.words import say

LANGUAGE = "zh-CN"  # posters hang in Chinese colleges, whatever language the printing person reads

STEPS = ("one", "two", "three")
ICONS = {
    Task.VERIFY: ("scan", "check", "point"),
    Task.CAPTURE: ("scan", "check", "camera"),
    Task.PROOFREAD: ("scan", "eye", "point"),
    Task.ERRATA: ("scan", "paper", "bell"),
    Task.ALUMNI: ("scan", "question", "paper"),
}


def address_of(link: NoticeLink) -> str:
    return root_address() + url_for("public_notice.show", token=link.token)


def short_address_of(link: NoticeLink) -> str:
    """As short as it can be typed: browsers add the scheme."""
    return address_of(link).partition("://")[2]


def issuer_of(centre: Centre) -> str:
    """The college, or the centre while no college is named."""
    return access.parts().settings.notices.college or centre.name


def poster_content(link: NoticeLink) -> PosterContent:
    notice, centre = link.notice, link.centre
    task = Task(notice.task)
    day = notice.deadline
    first, second, third = (
        PosterStep(icon, _say(f"notice.steps_of.{task}.{step}.title"), _say(f"notice.steps_of.{task}.{step}.text"))
        for icon, step in zip(ICONS[task], STEPS, strict=True)
    )
    person = " ".join(part for part in (centre.contact_name, centre.contact_phone) if part)
    return PosterContent(
        issuer=issuer_of(centre),
        centre=centre.name,
        title=notice.title,
        deadline=f"{day.year}年{day.month}月{day.day}日" if day else "",
        deadline_label=_say("poster.deadline"),
        address=address_of(link),
        short_address=short_address_of(link),
        scan=_say("poster.scan"),
        typed=_say("poster.typed"),
        steps=(first, second, third),
        contact_label=_say("poster.contact"),
        contact=tuple(part for part in (centre.name, person, centre.hours, centre.address) if part),
        footer=_say("poster.footer"),
    )


def _say(key: str) -> str:
    return say(access.parts().webapp / "i18n", LANGUAGE, key)
