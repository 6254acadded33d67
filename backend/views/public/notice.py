"""The page behind a poster's code: what is asked, by when, in three steps, and one button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from backend.days import ZONE, day_of
from backend.notices.operations import count_scan
from backend.notices.queries import link_by_token
from backend.notices.records import NoticeLink
from backend.notices.rules import NoticeState, Task, is_open, read_token
from backend.views import access
from backend.views.addresses import root_address
from backend.views.limits import limiter
from backend.views.posters import STEPS, address_of, issuer_of
from backend.views.prose import html_of
from backend.views.tasks import ENDPOINTS, remember_task
from backend.views.words import as_date, t

blueprint = Blueprint("public_notice", __name__)


@dataclass(frozen=True)
class Share:
    """The card by which a page is passed on: title, a sentence, and absolute addresses of page and picture."""

    title: str
    text: str
    address: str
    picture: str


# only addresses that lead nowhere count: a lecture hall that scans one poster shares one address
@blueprint.get("/n/<token>")
@access.public
@limiter.limit("60 per minute", deduct_when=lambda answer: answer.status_code == 404)
def show(token: str) -> Response:
    known = read_token(token)
    link = link_by_token(access.session(), known) if known else None
    if link is None:
        return make_response(render_template("public/notice_unknown.html"), 404)
    if not is_open(NoticeState(link.notice.state), expires_at=link.expires_at, now=access.now()):
        return make_response(render_template("public/notice_over.html", notice=link.notice, centre=link.centre), 410)
    return _page(link)


def _page(link: NoticeLink) -> Response:
    notice, task = link.notice, Task(link.notice.task)
    kind = access.account().kind if current_user.is_authenticated else None
    student = kind == "student"
    if kind is None:
        remember_task(task)
    answer = make_response(
        render_template(
            "public/notice.html",
            notice=notice,
            centre=link.centre,
            issuer=issuer_of(link.centre),
            body=html_of(notice.body),
            steps=STEPS,
            over=notice.deadline is not None and notice.deadline < day_of(access.now()),
            name=access.account().display_name if student else "",
            way_on=url_for(_way_on(task, student=student)),
            activates=not student and task is not Task.ALUMNI,
            share=_share(link),
        )
    )
    if kind != "staff":  # a look from the desk is no scan
        _count(link, answer)
    return answer


def _share(link: NoticeLink) -> Share:
    """The card in a chat: what is asked and by when, never who passes it on."""
    day = link.notice.deadline
    until = f"{t('notice.deadline')} {as_date(day)}" if day is not None else t("notice.no_deadline")
    asset = current_app.jinja_env.globals["asset"]
    return Share(
        title=link.notice.title,
        text=f"{until} · {issuer_of(link.centre)}",
        address=address_of(link),
        picture=root_address() + asset("figures/app-icon-192.png"),  # type: ignore[operator]
    )


def _way_on(task: Task, *, student: bool) -> str:
    """The endpoint of the button. Graduates find out which way is theirs before they sign in."""
    if student:
        return ENDPOINTS[task]
    return "public_alumni.triage" if task is Task.ALUMNI else "public_sign_in.sign_in"


def _count(link: NoticeLink, answer: Response) -> None:
    """Count the scan, once for each browser and day. The cookie says the day and nothing else."""
    now = access.now()
    day, cookie = day_of(now), f"scanned_{link.id}"
    looking_ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method != "GET" or looking_ahead or request.cookies.get(cookie) == day.isoformat():
        return
    midnight = datetime.combine(day + timedelta(days=1), time(), ZONE)
    secure = access.parts().settings.security.cookies_secure
    answer.set_cookie(
        cookie, day.isoformat(), expires=midnight, path="/n", httponly=True, samesite="Lax", secure=secure
    )
    count_scan(access.session(), link_id=link.id, day=day)
