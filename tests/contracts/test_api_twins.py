"""Two doors, one house: whatever a student can do on the pages, a program can do too, by the same operation.

Every page of the student's has its row in TWINS, or stands in PAGES_ONLY with the reason. A page that changes something
must reach no operation that its twins do not reach.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from backend import App
from backend.views import access

# page -> the operations of the API that do the same; the names are endpoints
TWINS: dict[str, tuple[str, ...]] = {
    "public_alumni.application": ("api_applications.look_up",),
    "public_alumni.apply": ("api_applications.apply", "api_applications.centres"),
    "public_alumni.look_up": ("api_applications.look_up",),
    "public_alumni.open_account": ("api_applications.look_up", "api_applications.open_account"),
    "public_alumni.triage": ("api_applications.triage", "api_applications.centres"),
    "public_alumni.withdraw": ("api_applications.look_up", "api_applications.withdraw"),
    "public_sign_in.activate_proof": ("api_sessions.open_account", "api_applications.centres"),
    "public_sign_in.sign_in": ("api_sessions.sign_in", "api_sessions.sign_out"),
    "public_sign_in.sign_out": ("api_sessions.sign_out",),
    "public_wechat.back": ("api_sessions.sign_in_wechat", "api_sessions.sign_in"),
    "student_alumni.add": ("api_alumni.add",),
    "student_alumni.ask": ("api_alumni.ask",),
    "student_alumni.consent": ("api_consent.give",),
    "student_alumni.open_case": ("api_alumni.open_",),
    "student_alumni.paper": ("api_alumni.show",),
    "student_alumni.paper_file": ("api_alumni.page_",),
    "student_alumni.remove": ("api_alumni.remove",),
    "student_alumni.result": ("api_alumni.result",),
    "student_alumni.show": ("api_alumni.show", "api_consent.show"),
    "student_alumni.submit": ("api_alumni.submit",),
    "student_alumni.withdraw": ("api_alumni.withdraw",),
    "student_channels.address": ("api_account.address",),
    "student_channels.again": ("api_account.address",),
    "student_channels.code": ("api_account.code",),
    "student_channels.remove": ("api_account.forget",),
    "student_channels.show": ("api_account.channels", "api_account.bindings"),
    "student_channels.switch_off": ("api_account.switch",),
    "student_channels.switch_on": ("api_account.switch",),
    "student_consent.give": ("api_consent.give",),
    "student_consent.show": ("api_consent.show",),
    "student_enrollment.confirm": ("api_enrollment.confirm", "api_enrollment.show"),
    "student_enrollment.evidence": ("api_enrollment.evidence",),
    "student_enrollment.report": ("api_enrollment.report",),
    "student_enrollment.report_form": ("api_enrollment.show",),
    "student_enrollment.show": ("api_enrollment.show",),
    "student_enrollment.withdraw": ("api_enrollment.withdraw",),
    "student_errata.answer": ("api_errata.agree",),
    "student_errata.asked": ("api_errata.asked",),
    "student_errata.evidence": ("api_errata.piece",),
    "student_errata.form_pdf": ("api_errata.form",),
    "student_errata.list": ("api_errata.own", "api_errata.askings"),
    "student_errata.looked": ("api_errata.look",),
    "student_errata.open_new": ("api_errata.open_",),
    "student_errata.photo": ("api_errata.picture",),
    "student_errata.remove": ("api_errata.remove",),
    "student_errata.save": ("api_errata.edit", "api_errata.attach", "api_errata.photo", "api_errata.submit"),
    "student_errata.show": ("api_errata.show",),
    "student_errata.start": ("api_errata.forms",),
    "student_errata.withdraw": ("api_errata.withdraw",),
    "student_fees.show": ("api_capture.fees",),
    "student_home.show": ("api_home.show",),
    "student_messages.show": ("api_messages.messages", "api_messages.read"),
    "student_mine.consents": ("api_consent.show",),
    "student_mine.devices": ("api_account.devices",),
    "student_mine.end_device": ("api_account.end_device",),
    "student_mine.end_other_devices": ("api_account.end_other_devices",),
    "student_mine.looks": ("api_account.looks",),
    "student_mine.password": ("api_account.password",),
    "student_mine.show": ("api_home.show", "api_enrollment.show", "api_account.devices", "api_account.channels"),
    "student_mine.withdraw": ("api_consent.withdraw",),
    "student_papers.evidence": ("api_papers.piece",),
    "student_papers.save": ("api_papers.add", "api_papers.submit"),
    "student_papers.show": ("api_papers.show",),
    "student_photo.camera": ("api_student_photos.check", "api_photos.frame"),
    "student_photo.check": ("api_student_photos.check",),
    "student_photo.draft_picture": ("api_student_photos.draft_picture",),
    "student_photo.object_": ("api_student_photos.object_",),
    "student_photo.registration_file": ("api_student_photos.file",),
    "student_photo.result": ("api_student_photos.draft",),
    "student_photo.show": ("api_student_photos.check",),
    "student_photo.submit": ("api_student_photos.submit",),
    "student_photo.version": ("api_student_photos.show",),
    "student_photo.version_picture": ("api_student_photos.picture",),
    "student_photo.versions": ("api_student_photos.show",),
    "student_photo.withdraw": ("api_student_photos.withdraw",),
    "student_proofread.answer": ("api_proofreading.answer",),
    "student_proofread.click": ("api_proofreading.click",),
    "student_proofread.confirm": ("api_proofreading.show",),
    "student_proofread.picture": ("api_proofreading.picture",),
    "student_proofread.show": ("api_proofreading.show",),
    "student_sessions.add_code": ("api_capture.add_code",),
    "student_sessions.arrive": ("api_capture.arrive",),
    "student_sessions.code": ("api_capture.code",),
    "student_sessions.code_picture": ("api_capture.code_picture",),
    "student_sessions.door": ("api_capture.door",),
    "student_sessions.give_back": ("api_capture.give_back",),
    "student_sessions.list": ("api_capture.sessions",),
    "student_sessions.remove_code": ("api_capture.remove_code",),
    "student_sessions.show": ("api_capture.show",),
    "student_sessions.take_slot": ("api_capture.take_slot",),
    "student_wechat.offer": ("api_sessions.sign_in",),
    "student_wechat.show": ("api_account.bindings",),
    "student_wechat.unbind": ("api_account.unbind",),
    "student_wizard.answer": ("api_runs.answer",),
    "student_wizard.change_day": ("api_runs.change_day",),
    "student_wizard.finish": ("api_runs.finish",),
    "student_wizard.outcome": ("api_runs.show",),
    "student_wizard.question": ("api_runs.show",),
    "student_wizard.start": ("api_runs.start",),
}

PAGES_ONLY: dict[str, str] = {
    "public_alumni.leave": "the browser forgets number and code; a program keeps what it likes",
    "public_alumni.sign_in": "keeps the certificate number for the next page; the API asks for all of it at once",
    "public_app.manifest": "of the web app",
    "public_app.offline": "of the web app",
    "public_app.service_worker": "of the web app",
    "public_gallery.show": "figures to look at",
    "public_help.chsi": "words to read",
    "public_help.show": "words to read",
    "public_home.show": "leads to a door",
    "public_look.choose": "language and size of letters of this browser; a program says Accept-Language",
    "public_notice.show": "counts the scan of a poster and leads to a page; notices are at GET /notices",
    "public_privacy.show": "words to read",
    "public_sign_in.activate": "keeps number and name for the next page; the API asks for all of it at once",
    "public_wechat.allowed": "WeChat's own page leads the browser here",
    "public_wechat.prove": "WeChat's server asks",
    "public_wechat.push": "WeChat's server asks",
    "public_wechat.sign_in": "leads the browser to WeChat; a mini program has its own code",
    "public_wechat.signature": "for WeChat's script on a page",
    "public_wechat.verify": "WeChat's server asks",
    "student_photo.guide": "pictures and words to read",
    "student_task.alumni": "leads to the page of the case",
    "student_wechat.allow": "WeChat's own page, where the person allows one message",
    "student_wechat.bind": "leads the browser to WeChat; a mini program is bound by POST /sessions",
    "student_wizard.calendar": "a file for the phone's calendar; GET /proofreading/runs/{run_id} gives the day",
}

# operations that a page reaches and its twins need not
BY_PAGES_ONLY: dict[str, str] = {
    "end_sign_in": "a browser that signs in as somebody else signs the one before out; a program holds its tokens",
}

STUDENTS = ("student_", "public_")
STAFFS = ("public_staff", "public_sign_on")  # doors of staff: the API has none for them


def pages(app: App) -> set[str]:
    """Endpoints of everything that a student can open or send on the pages."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(STUDENTS) and not rule.endpoint.startswith(STAFFS)
    }


def verbs(app: App, endpoint: str) -> set[str]:
    """Operations of the domains that a view reaches, through whatever other functions of the views."""
    found: set[str] = set()
    seen: set[Any] = set()
    waiting: list[Any] = [inspect.unwrap(app.view_functions[endpoint])]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        for called in _named_in(function):
            module = called.__module__
            if module.startswith("backend.views."):
                waiting.append(inspect.unwrap(called))
            elif _is_verb(called):
                found.add(called.__name__)
    return found


def _named_in(function: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Functions of ours whose names stand in a function: plain ones, and those of a module."""
    own = {*function.__code__.co_varnames, *function.__code__.co_cellvars}
    names = {name: value for name, value in function.__globals__.items() if name not in own}
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        called: Any = None
        if isinstance(node, ast.Name):
            called = names.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            called = getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
        if inspect.isfunction(called) and called.__module__.startswith("backend."):
            yield called


@cache
def _is_verb(function: Callable[..., Any]) -> bool:
    """Does it begin to write, itself or by what it calls? Then it changes something."""
    called = set(_named_in(function)) - {function}
    return any(one.__name__ == "begin_write" or _is_verb(one) for one in called)


def test_every_page_of_a_student_has_a_twin_or_a_reason(app: App) -> None:
    """A new page: add the operation to backend/views/api, and its row here."""
    assert pages(app) - set(TWINS) - set(PAGES_ONLY) == set()
    assert (set(TWINS) | set(PAGES_ONLY)) - pages(app) == set(), "rows of pages that are gone"
    assert set(TWINS) & set(PAGES_ONLY) == set()


def test_every_twin_is_an_operation_of_the_api(app: App) -> None:
    api = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")}
    assert {twin for row in TWINS.values() for twin in row} - api == set()


def test_every_operation_of_a_student_is_the_twin_of_a_page(app: App) -> None:
    """What only the API can do would be a second logic."""
    own = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and app.view_functions[rule.endpoint].permission != access.PUBLIC  # type: ignore[attr-defined]
    }
    theirs = {endpoint for endpoint in own if endpoint.startswith("api_college")}
    notices = {"api_messages.notices"}  # on the pages a notice is read at its short address
    assert own - theirs - notices - {twin for row in TWINS.values() for twin in row} == set()


@pytest.mark.parametrize("page", sorted(TWINS))
def test_a_page_reaches_no_operation_that_its_twins_do_not_reach(app: App, page: str) -> None:
    reached = set().union(*(verbs(app, twin) for twin in TWINS[page]))
    assert verbs(app, page) - reached - set(BY_PAGES_ONLY) == set()


def test_the_operations_of_a_page_are_found_through_its_helpers(app: App) -> None:
    """The finder itself: straight, through a helper of another module, and by a module's name."""
    assert verbs(app, "student_photo.submit") >= {"hand_in"}
    assert verbs(app, "student_errata.save") >= {"edit_case", "attach_evidence", "attach_photo", "submit_case"}
    assert verbs(app, "student_alumni.add") >= {"add_paper"}
    assert verbs(app, "public_alumni.apply") >= {"apply"}
    assert verbs(app, "student_fees.show") == set()


def test_pages_only_pages_change_nothing_of_the_college(app: App) -> None:
    """What has no twin reaches no operation, but for counting a poster and what WeChat itself sends."""
    allowed = {"public_notice.show", "public_wechat.push", "public_wechat.allowed", "public_wechat.signature"}
    for page in set(PAGES_ONLY) - allowed:
        assert verbs(app, page) - {"next_scene"} == set(), page
