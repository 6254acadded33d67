"""The API keeps to its own document, whatever is sent; and reaches the operations that the pages reach."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.rules import Role
from backend.history.rules import Actor, ActorKind
from backend.programs.operations import make_token
from backend.programs.rules import Grant
from backend.views.api import capture, consent, enrollment, proofreading, sessions, student_photos
from backend.views.public import sign_in as sign_in_page
from backend.views.student import consent as consent_page
from backend.views.student import enrollment as enrollment_page
from backend.views.student import mine as mine_page
from backend.views.student import photo as photo_page
from backend.views.student import photo_versions as versions_page
from backend.views.student import proofread as proofread_page
from backend.views.student import sessions as sessions_page
from tests.conftest import Clock
from tests.factories import Factory
from tests.views.test_api import signed_in

# operation -> the page's module and the API's module; both hold the very same function
BOTH_DOORS = [
    ("start_sign_in", sign_in_page, sessions),
    ("confirm_enrollment", enrollment_page, enrollment),
    ("check_report", enrollment_page, enrollment),
    ("report_wrong_data", enrollment_page, enrollment),
    ("withdraw_correction", enrollment_page, enrollment),
    ("give_consent", consent_page, consent),
    ("withdraw_purpose", mine_page, consent),
    ("check_may_capture", photo_page, student_photos),
    ("checked_draft", photo_page, student_photos),
    ("submit_photo", photo_page, student_photos),
    ("withdraw_photo", versions_page, student_photos),
    ("object_to_return", versions_page, student_photos),
    ("conclude", proofread_page, proofreading),
    ("confirm_click", proofread_page, proofreading),
    ("take_code", sessions_page, capture),
]


@pytest.mark.parametrize(("name", "page", "api"), BOTH_DOORS, ids=[row[0] for row in BOTH_DOORS])
def test_pages_and_api_reach_the_same_operation(name: str, page: Any, api: Any) -> None:
    assert getattr(page, name) is getattr(api, name)
    for module in (page, api):
        assert f"{name}(" in inspect.getsource(module), "it is imported and never called"


CHOSEN = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


def test_whatever_is_sent_the_answer_is_in_the_document(
    app: App, make: Factory, session: Session, clock: Clock
) -> None:
    """A few examples for each operation; more with `schemathesis run` against a server, see docs/api.md."""
    maker = make.staff(Role.REGISTRY)
    _made, system = make_token(
        session,
        name="test",
        grants=list(Grant),
        centre_id=None,
        days=1,
        actor=Actor(ActorKind.STAFF, maker.id),
        now=clock(),
    )
    account = make.student_account()

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    checks = [CHECKS.get_one(name) for name in CHOSEN]
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        if operation.path == "/api/v1/photos/frame":
            continue  # only with a picture: tests/views/test_api_frame.py
        student = signed_in(app, account).headers["Authorization"]
        theirs = {"college"} & set(operation.definition.raw["tags"])
        headers = {"Authorization": f"Bearer {system}" if theirs else student, "Accept-Encoding": "identity"}

        @settings(
            max_examples=4,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def tried(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=checks)  # noqa: B023 - called in this turn of the loop

        strategy = operation.as_strategy()

        given(case=strategy)(tried)()
