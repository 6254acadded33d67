"""From a notice's task to the page where it is done, through sign-in."""

from __future__ import annotations

from typing import TypeGuard
from urllib.parse import urlsplit

from flask import session as cookie
from flask import url_for

from backend.notices.rules import Task

ENDPOINTS = {
    Task.VERIFY: "student_enrollment.show",
    Task.CAPTURE: "student_photo.guide",
    Task.PROOFREAD: "student_proofread.show",
    Task.ERRATA: "student_errata.start",
    Task.ALUMNI: "student_alumni.show",
}


TICKET = "wechat_ticket"  # in the cookie: which WeChat account came, sealed, until it is bound or refused


def remember_task(task: Task) -> None:
    """Keep the task of a scanned notice in the signed cookie until somebody has signed in."""
    cookie["task"] = task.value


def address_after_sign_in(kind: str) -> str:
    """Where a fresh sign-in leads: the task of the notice, the page that was asked for, else the home page.

    kind: "student" or "staff". The wish is used once.
    """
    if kind == "student" and TICKET in cookie:
        return url_for("student_wechat.offer")  # it leads on from there
    task, wish = cookie.pop("task", None), cookie.pop("next", None)
    if kind == "staff":
        return wish if is_ours(wish) else url_for("console_today.show")
    if task in set(Task):
        return url_for(ENDPOINTS[Task(task)])
    return wish if is_ours(wish) and not wish.startswith("/console") else url_for("student_home.show")


def is_ours(address: object) -> TypeGuard[str]:
    """A path on this site: no other host can be smuggled in."""
    if not isinstance(address, str) or not address.startswith("/"):
        return False
    # browsers read a backslash as a slash and drop tabs and line ends inside an address
    if address.startswith("//") or any(sign in address for sign in "\\\t\r\n"):
        return False
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc
