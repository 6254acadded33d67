"""The API keeps to its own document, whatever is sent; and the document leaves nothing to be guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema_rs import Draft202012Validator
from schemathesis.checks import CHECKS
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.rules import Role
from backend.compliance.live import MAX_BYTES
from backend.history.rules import Actor, ActorKind
from backend.programs.operations import make_token
from backend.programs.rules import Grant
from backend.settings import PROJECT
from backend.views.api.document import entries
from backend.views.errors import KNOWN_HTTP
from backend.views.uploads import MEDIA_TYPES, PDF
from backend.wechat.rules import Trouble
from backend.words import read_catalogue
from tests.conftest import Clock
from tests.factories import Factory
from tests.views.test_api import signed_in
from tests.views.test_errors import domain_errors

# changes that take no idempotency key, and why
WITHOUT_KEY = {
    "sessions_sign_in": "each gives a token of its own; an answer with a token is not kept",
    "sessions_sign_in_wechat": "each gives a token of its own; WeChat's code works once anyway",
    "sessions_open_account": "gives a token; the second time the account is there, and one signs in",
    "sessions_sign_out": "afterwards the token is none that a second request could show",
    "applications_look_up": "changes nothing; it is sent so that number and code stand in no address",
    "applications_open_account": "gives a token; the second time the account is there, and one signs in",
    "photos_frame": "changes nothing: a frame is looked at and forgotten",
}

# lists without pages, and what bounds them
BOUNDED = {
    "Consents": "the purposes of config/consent.toml",
    "Forms": "config/forms.toml",
    "Centres": "the centres of the college",
    "Channels": "the ways out of the house: three",
    "Bindings": "the doors of WeChat: two",
    "Devices": "sign-ins that have not ended; each ends by itself",
    "Sessions": "days of capture of one centre and cohort",
    "Fees": "one for each round that a person takes part in",
    "Webhooks": "at most ten for each token",
}


@pytest.fixture
def whole(app: App) -> dict[str, Any]:
    document: dict[str, Any] = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in document["paths"].values():
        yield from methods.items()


def test_every_change_takes_an_idempotency_key(app: App, whole: dict[str, Any]) -> None:
    with app.app_context():
        changes = {entry.name: entry.contract.keyed for entry in entries() if entry.method != "GET"}
    assert {name for name, keyed in changes.items() if not keyed} == set(WITHOUT_KEY)
    for method, said in operations(whole):
        takes = {parameter["name"] for parameter in said["parameters"] if parameter["in"] == "header"}
        keyed = method != "get" and said["operationId"] not in WITHOUT_KEY
        assert ("Idempotency-Key" in takes) is keyed, said["operationId"]


def test_every_list_that_can_grow_is_read_page_by_page(whole: dict[str, Any]) -> None:
    shapes = whole["components"]["schemas"]
    lists = {name for name, shape in shapes.items() if {"items", "versions"} & set(shape.get("properties", {}))}
    paged = {name for name in lists if "next" in shapes[name]["properties"]}
    assert lists - paged == set(BOUNDED)
    for method, said in operations(whole):
        answer = next(iter(said["responses"].values())).get("content", {}).get("application/json", {})
        name = answer.get("schema", {}).get("$ref", "").rpartition("/")[2]
        asks = {parameter["name"] for parameter in said["parameters"] if parameter["in"] == "query"}
        if method == "get" and name in paged:
            assert asks >= {"cursor", "limit"}, said["operationId"]


def test_every_operation_has_complete_examples(whole: dict[str, Any]) -> None:
    """Of what is sent, of what comes back, and of every error: as the schemas say, and nothing left to be guessed."""
    for _, said in operations(whole):
        where = said["operationId"]
        bodies = said.get("requestBody", {}).get("content", {})
        shown = [(body["schema"], body["example"]) for kind, body in bodies.items() if kind == "application/json"]
        for kind, body in bodies.items():
            if kind == "multipart/form-data":
                assert set(body["schema"].get("required", [])) <= set(body["example"]), where
        for code, answer in said["responses"].items():
            for kind, body in answer.get("content", {}).items():
                if kind == "application/json":
                    shown.append((body["schema"], body["example"]))
                    assert code < "400" or body["example"]["message"], (where, code)
        for schema, example in shown:
            assert "…" not in json.dumps(example, ensure_ascii=False), (where, example)
            Draft202012Validator({**schema, "components": whole["components"]}).validate(example)
        for parameter in said["parameters"]:
            assert parameter["in"] != "path" or "example" in parameter, where


def test_uploads_say_their_types_and_how_large_they_may_be(app: App, whole: dict[str, Any]) -> None:
    limits = app.parts.settings.photos
    for _, said in operations(whole):
        for kind, body in said.get("requestBody", {}).get("content", {}).items():
            if kind != "multipart/form-data":
                continue
            for name in body["encoding"]:
                part = body["schema"]["properties"][name]
                words = part.get("items", part)["description"]
                assert "image/jpeg" in words, said["operationId"]
                assert str(limits.max_bytes) in words or str(limits.evidence_max_bytes) in words, said["operationId"]


def test_a_body_that_is_one_file_says_how_large_it_may_be(app: App, whole: dict[str, Any]) -> None:
    with app.app_context():
        raw = {entry.name: entry.contract for entry in entries() if entry.contract.raw}
    assert raw["photos_frame"].raw_bytes == MAX_BYTES
    for _, said in operations(whole):
        if (contract := raw.get(said["operationId"])) is not None:
            assert contract.raw_bytes > 0
            assert str(contract.raw_bytes) in said["requestBody"]["description"]


def test_a_file_is_given_back_under_a_type_that_the_document_names(app: App) -> None:
    """A HEIC is kept as image/heif, whatever it was called when it came."""
    with app.app_context():
        media = {entry.name: set(entry.contract.media) for entry in entries() if len(entry.contract.media) > 2}
    assert set(media) == {"capture_code_picture", "enrollment_evidence"}
    for name, types in media.items():
        assert types - {PDF} == set(MEDIA_TYPES.values()), name


def test_the_document_says_every_limit_of_how_often(app: App, whole: dict[str, Any]) -> None:
    security = app.parts.settings.security
    for rate in ("sign_in", "upload", "frames", "application"):
        assert getattr(security, f"rate_{rate}") in whole["info"]["description"], rate
    said = {one["operationId"]: one.get("description", "") for _, one in operations(whole)}
    limited = {name for name, words in said.items() if "At most" in words}
    assert limited >= {"sessions_sign_in", "photos_frame", "student_photos_check", "applications_apply"}
    with app.app_context():
        assert limited == {entry.name for entry in entries() if entry.rates}
    page = app.test_client().get("/api/v1", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert " per " not in page


def test_every_code_of_an_error_is_in_the_document_and_on_the_page(app: App, whole: dict[str, Any]) -> None:
    """Whatever an error of ours is called, with a sentence; and every reason why a file is not taken."""
    code = whole["components"]["schemas"]["Error"]["properties"]["code"]
    page = app.test_client().get("/api/v1").get_data(as_text=True)
    reasons = {
        key.removeprefix("photo.upload.")
        for key in read_catalogue(PROJECT / "webapp" / "i18n" / "en")
        if key.startswith("photo.upload.")
    }
    expected = {kind.code for kind in domain_errors()} | {f"http_{status}" for status in KNOWN_HTTP}
    expected |= {f"upload_{reason}" for reason in reasons} | {f"wechat_{trouble.value}" for trouble in Trouble}
    assert set(code["enum"]) == expected | {"stale_form", "unreadable", "undrawable"}
    for name in code["enum"]:
        assert f"`{name}`: " in code["description"]
        assert f"<code>{name}</code>" in page


def test_the_document_is_not_sent_again_unchanged(app: App) -> None:
    client = app.test_client()
    first = client.get("/api/v1/openapi.json")
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    other = client.get(
        "/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"], "Accept-Language": "en"}
    )
    assert other.status_code == 200


def test_an_answer_says_its_headers_also_when_it_is_an_error(whole: dict[str, Any]) -> None:
    for method, said in operations(whole):
        for code, answer in said["responses"].items():
            headers = set(answer.get("headers", {}))
            assert code == "304" or "RateLimit-Reset" in headers, said["operationId"]
            assert ("Retry-After" in headers) is (code in ("429", "503")), said["operationId"]
        good = next(iter(said["responses"].values()))["headers"]
        keyed = method != "get" and said["operationId"] not in WITHOUT_KEY
        assert ("Idempotency-Replayed" in good) is keyed, said["operationId"]


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
