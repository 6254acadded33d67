"""Notices at the desk: the list, one notice with its codes and scans, the editor, publishing and withdrawing."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.adapters.posters import Form
from backend.days import day_of
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.notices import operations, queries
from backend.notices.records import Notice
from backend.notices.rules import NoCentreToServe, NoticeAction, NoticeState, may_write, next_notice_state
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import centre_choices
from backend.views.console.notice_form import NoticeForm, read_form, seen_revision
from backend.views.console.poster_desk import links_with_codes, local_root, missing_on_posters, print_poster
from backend.views.console.scan_bars import DAYS, last_days
from backend.views.posters import STEPS
from backend.views.prose import html_of
from backend.views.words import t

blueprint = Blueprint("console_notices", __name__, url_prefix="/console/notices")


@blueprint.get("", endpoint="list")
@access.needs(Permission.POSTER_PRINT)
def list_() -> str:
    session, scope = access.session(), access.scope()
    notices = queries.notices_in(session, scope=scope)
    ids = [notice.id for notice in notices]
    today = day_of(access.now())
    since = today - timedelta(days=DAYS - 1)
    by_day = queries.scans_by_day(session, scope=scope, notice_ids=ids, since=since)
    return render_template(
        "console/notices/list.html",
        notices=notices,
        totals=queries.totals_of(session, scope=scope, notice_ids=ids),
        bars={notice_id: last_days(days, today=today) for notice_id, days in by_day.items()},
    )


@blueprint.get("/<int:notice_id>")
@access.needs(Permission.POSTER_PRINT)
def show(notice_id: int) -> str:
    session, scope = access.session(), access.scope()
    notice = queries.notice_in_scope(session, scope=scope, notice_id=notice_id)
    links = queries.links_in_scope(session, scope=scope, notice_id=notice_id)
    today = day_of(access.now())
    since = today - timedelta(days=DAYS - 1)
    by_day = queries.scans_by_day(session, scope=scope, notice_ids=[notice_id], since=since)
    published = notice.state == NoticeState.PUBLISHED
    writes = _writes(notice)
    return render_template(
        "console/notices/show.html",
        notice=notice,
        writes=writes,
        links=links_with_codes(links),
        scans=queries.scans_in_all(session, link_ids=[link.id for link in links]),
        days=last_days(by_day[notice_id], today=today),
        late=len(queries.centres_without_link(session, notice)) if published and writes else 0,
        serves=len(queries.centres_without_link(session, notice)),
        local=local_root() if published else None,
        missing=missing_on_posters(links) if published else "",
        **_preview(notice),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access.needs(Permission.NOTICE_WRITE)
def new() -> str | Response | tuple[str, int]:
    return _editor(None)


@blueprint.route("/<int:notice_id>/edit", methods=["GET", "POST"])
@access.needs(Permission.NOTICE_WRITE)
def edit(notice_id: int) -> str | Response | tuple[str, int]:
    notice = _own(notice_id)
    next_notice_state(NoticeState(notice.state), NoticeAction.WRITE)
    return _editor(notice)


@blueprint.route("/<int:notice_id>/publish", methods=["GET", "POST"])
@access.needs(Permission.NOTICE_WRITE)
def publish(notice_id: int) -> str | Response:
    return _decide(notice_id, NoticeAction.PUBLISH)


@blueprint.route("/<int:notice_id>/withdraw", methods=["GET", "POST"])
@access.needs(Permission.NOTICE_WRITE)
def withdraw(notice_id: int) -> str | Response:
    return _decide(notice_id, NoticeAction.WITHDRAW)


@blueprint.get("/<int:notice_id>/poster/<int:link_id>.<any(pdf, png):form>")
@access.needs(Permission.POSTER_PRINT)
def poster(notice_id: int, link_id: int, form: Form) -> Response:
    return print_poster(notice_id, link_id, form)


@blueprint.post("/<int:notice_id>/links")
@access.needs(Permission.NOTICE_WRITE)
def add_links(notice_id: int) -> Response:
    count = operations.add_links(
        access.session(),
        scope=access.scope(),
        notice_id=notice_id,
        link_days=access.parts().settings.notices.link_days,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("notices.show.late_done", count=count), "good")
    return redirect(url_for(".show", notice_id=notice_id), 303)


def _decide(notice_id: int, action: NoticeAction) -> str | Response:
    """The confirm page (without script), or the deed."""
    notice = _own(notice_id)
    next_notice_state(NoticeState(notice.state), action)
    if (revision := seen_revision()) is None:
        serves = len(queries.centres_without_link(access.session(), notice))
        return render_template("console/notices/confirm.html", notice=notice, action=action.value, serves=serves)
    try:
        _do(notice_id, action, revision)
    except NoCentreToServe:
        flash(t("notices.publish.no_centre"), "bad")
    except Invalid:  # the deadline has passed since the draft was written
        flash(t("notices.problem.deadline_past"), "bad")
        return redirect(url_for(".edit", notice_id=notice_id), 303)
    return redirect(url_for(".show", notice_id=notice_id), 303)


def _do(notice_id: int, action: NoticeAction, revision: int) -> None:
    session, scope, actor, now = access.session(), access.scope(), access.actor(), access.now()
    if action is NoticeAction.PUBLISH:
        link_days = access.parts().settings.notices.link_days
        operations.publish_notice(
            session, scope=scope, notice_id=notice_id, seen_revision=revision, link_days=link_days, actor=actor, now=now
        )
        flash(t("notices.publish.done"), "good")
    else:
        operations.withdraw_notice(
            session, scope=scope, notice_id=notice_id, seen_revision=revision, actor=actor, now=now
        )
        flash(t("notices.withdraw.done"), "good")


def _editor(notice: Notice | None) -> str | Response | tuple[str, int]:
    form = read_form(notice, scope=access.scope())
    if not form.sent:
        return _form_page(notice, form)
    if form.wants_preview or form.problems:
        return _form_page(notice, form), 422 if form.problems else 200
    try:
        saved = _save(notice, form)
    except Invalid as error:
        form.problems.update(error.problems)
        return _form_page(notice, form), 422
    except Outdated:
        # nothing written is lost: the page comes again with it, and saving once more is a decision
        return _form_page(_own(notice.id) if notice else None, form, outdated=True), 409
    flash(t("notices.editor.saved"), "good")
    return redirect(url_for(".show", notice_id=saved.id), 303)


def _save(notice: Notice | None, form: NoticeForm) -> Notice:
    return operations.write_notice(
        access.session(),
        scope=access.scope(),
        notice_id=notice.id if notice else None,
        seen_revision=form.seen_revision,
        centre_id=notice.centre_id if notice else row_number(form.centre),
        title=form.title,
        body=form.body,
        task=form.known_task,
        deadline=form.deadline,
        link_days=access.parts().settings.notices.link_days,
        actor=access.actor(),
        now=access.now(),
    )


def _form_page(notice: Notice | None, form: NoticeForm, *, outdated: bool = False) -> str:
    revision = notice.revision if outdated and notice else form.seen_revision
    shown = _preview(form.as_notice(notice)) if form.wants_preview and not form.problems else {"preview": None}
    return render_template(
        "console/notices/editor.html",
        notice=notice,
        form=form,
        centres=[(str(centre.id), centre.name) for centre in centre_choices(closed=False)],
        revision=revision,
        outdated=outdated,
        **shown,
    )


def _preview(notice: Notice) -> dict[str, object]:
    """What the public page would say, for a reader of this notice's centre."""
    college = access.parts().settings.notices.college
    issuer = college or (notice.centre.name if notice.centre else t("notices.of_college"))
    today = day_of(access.now())
    return {
        "preview": notice,
        "issuer": issuer,
        "body": html_of(notice.body),
        "steps": STEPS,
        "over": notice.deadline is not None and notice.deadline < today,
    }


def _own(notice_id: int) -> Notice:
    """A notice that the person may write. Raises NotFound for all others."""
    notice = queries.notice_in_scope(access.session(), scope=access.scope(), notice_id=notice_id)
    if not may_write(access.scope(), notice.centre_id):
        raise NotFound(notice=notice_id)
    return notice


def _writes(notice: Notice) -> bool:
    """May the person change this notice now?"""
    try:
        next_notice_state(NoticeState(notice.state), NoticeAction.WRITE)
    except NotAllowed:
        return False
    return access.may(Permission.NOTICE_WRITE) and may_write(access.scope(), notice.centre_id)
