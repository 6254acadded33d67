"""The Python example of docs/api.md does what it says, against the application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from backend import App
from backend.adapters.faces import OpenCvFaces
from backend.demo.pictures import Studio, Wish
from backend.errata.forms import Kind
from backend.programs.rules import signature
from backend.settings import PROJECT
from tests.factories import PASSWORD, Factory
from tests.papers import scan


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """What the Python of the page defines."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / "api.md").read_text(), re.DOTALL):
        exec(block, names)  # noqa: S102 - our own page
    return names


@pytest.fixture
def client(app: App) -> Iterator[httpx.Client]:
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost") as opened:
        yield opened


def test_the_example_of_the_docs_goes_a_students_whole_way(
    client: httpx.Client, make: Factory, example: dict[str, Any]
) -> None:
    picture = Studio(OpenCvFaces(PROJECT / "models")).take(Wish())
    account = make.student_account()
    assert example["whole_way"](client, account.login, PASSWORD, picture) == "ready_for_review"


def test_the_example_sends_a_form(client: httpx.Client, make: Factory, example: dict[str, Any]) -> None:
    example["sign_in"](client, make.student_account().login, PASSWORD)
    columns = make.parts.forms.of("delete_conclusion", "wrong_click").columns
    values = {column.name: "2026-10-01" if column.kind is Kind.DATE else column.options[0].name for column in columns}
    case = example["wrong_click"](client, values, "手滑点错了。", scan())
    assert (case["state"], case["waits_for"]) == ("submitted", "centre")


def test_the_example_leads_a_graduate_to_the_centre(
    client: httpx.Client, make: Factory, example: dict[str, Any]
) -> None:
    person = make.student(graduated_on=date(2018, 7, 1), certificate_number="999997201806000001")
    example["sign_in"](client, make.student_account(person).login, PASSWORD)
    case = example["graduates_way"](client, dict.fromkeys(("diploma", "id_front", "id_back", "photo"), scan()))
    assert (case["state"], case["waits_for"]) == ("at_centre", "centre")


def test_the_example_knows_a_signed_call_from_a_forged_one(example: dict[str, Any]) -> None:
    body, said = b'{"id":1}', {"Webhook-Timestamp": "1793930400"}
    said["Webhook-Signature"] = "v1=" + signature("whs_1", timestamp=1793930400, body=body.decode())
    assert example["is_ours"]("whs_1", said, body)
    assert not example["is_ours"]("whs_1", said, body + b" ")
    assert not example["is_ours"]("whs_2", said, body)
