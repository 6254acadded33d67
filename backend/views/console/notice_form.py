"""The editor's form: as it was sent, or as a notice fills it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flask import request

from backend.centres.queries import list_centres
from backend.centres.rules import Scope
from backend.days import day_of
from backend.notices.records import Notice
from backend.notices.rules import MAX_BODY, NoticeState, Task, notice_problems
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import centre_choices

EVERYWHERE = "all"


@dataclass
class NoticeForm:
    """centre: a centre's number, or "all" for the college's notice. problems: field -> key of its sentence."""

    title: str = ""
    body: str = ""
    task: str = ""
    centre: str = ""
    deadline_text: str = ""
    seen_revision: int = 1
    sent: bool = False
    wants_preview: bool = False
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def deadline(self) -> date | None:
        try:
            return date.fromisoformat(self.deadline_text) if self.deadline_text else None
        except ValueError:
            return None

    @property
    def known_task(self) -> Task:
        return Task(self.task) if self.task in set(Task) else Task.VERIFY

    def as_notice(self, stored: Notice | None) -> Notice:
        """The notice that this form would make, for the preview; it belongs to no session."""
        centre_id = stored.centre_id if stored else row_number(self.centre)
        centres = {centre.id: centre for centre in list_centres(access.session(), scope=access.scope(), closed=True)}
        return Notice(
            centre=centres.get(centre_id or 0),
            title=self.title,
            body=self.body,
            task=self.known_task.value,
            deadline=self.deadline,
            state=NoticeState.DRAFT.value,
        )


def seen_revision() -> int | None:
    """The revision that the sent page was made from; None when the page is only asked for."""
    return row_number(request.form.get("seen_revision", "0")) if request.method == "POST" else None


def read_form(notice: Notice | None, *, scope: Scope) -> NoticeForm:
    if request.method == "GET":
        return _filled(notice, scope)
    sent = request.form
    form = NoticeForm(
        title=" ".join(sent.get("title", "").split()),
        body=sent.get("body", "").replace("\r\n", "\n").strip()[: MAX_BODY * 2],
        task=notice.task if notice and notice.state != NoticeState.DRAFT else sent.get("task", ""),
        centre=sent.get("centre", "") if scope.centre_id is None else str(scope.centre_id),
        deadline_text=sent.get("deadline", "").strip()[:20],
        seen_revision=seen_revision() or 0,
        sent=True,
        wants_preview=sent.get("do") == "preview",
    )
    form.problems = _problems(form, notice)
    return form


def _filled(notice: Notice | None, scope: Scope) -> NoticeForm:
    if notice is None:
        return NoticeForm(centre=EVERYWHERE if scope.centre_id is None else str(scope.centre_id))
    deadline = notice.deadline.isoformat() if notice.deadline else ""
    centre = str(notice.centre_id or EVERYWHERE)
    return NoticeForm(notice.title, notice.body, notice.task, centre, deadline, notice.revision)


def _problems(form: NoticeForm, notice: Notice | None) -> dict[str, str]:
    kept = notice is not None and form.deadline == notice.deadline
    deadline = None if kept else form.deadline
    problems = notice_problems(title=form.title, body=form.body, deadline=deadline, today=day_of(access.now()))
    if form.deadline_text and form.deadline is None:
        problems["deadline"] = "deadline_unclear"
    if form.task not in set(Task):
        problems["task"] = "task_missing"
    known = {EVERYWHERE, *(str(centre.id) for centre in centre_choices(closed=False))}
    if notice is None and access.scope().centre_id is None and form.centre not in known:
        problems["centre"] = "centre_missing"
    return problems
