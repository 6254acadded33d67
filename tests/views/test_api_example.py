"""The Python example of docs/api.md does what it says, against the application."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from backend import App
from backend.accounts.records import Account
from backend.adapters.faces import FaceNetworks
from backend.demo.pictures import Studio, Wish
from backend.errata.forms import Kind
from backend.programs.rules import signature
from backend.proofreading.rules import ProofStep
from backend.settings import PROJECT
from tests.factories import PASSWORD, TINY_JPEG, Factory
from tests.papers import scan
from tests.views.test_proofreading import Lin


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
    picture = Studio(FaceNetworks(PROJECT / "models")).take(Wish())
    account = make.student_account()
    assert example["whole_way"](client, account.login, PASSWORD, picture) == "ready_for_review"


def test_the_example_proofreads(
    client: httpx.Client, make: Factory, client_of: Callable[[Account], FlaskClient], example: dict[str, Any]
) -> None:
    lin = Lin(make, client_of)
    make.settle(lin.student)
    lin.link(content=TINY_JPEG)
    make.session.rollback()
    example["sign_in"](client, lin.account.login, PASSWORD)
    assert example["proofread"](client, True, True) == (TINY_JPEG, ProofStep.DONE)


def test_the_curl_commands_lead_from_the_sign_in_to_a_photo_that_waits(app: App, make: Factory, tmp_path: Path) -> None:
    account = make.student_account()
    make.session.rollback()
    (tmp_path / "photo.jpg").write_bytes(Studio(FaceNetworks(PROJECT / "models")).take(Wish()))
    shell = re.findall(r"```sh\n(.*?)```", (PROJECT / "docs" / "api.md").read_text(), re.DOTALL)[0]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    for told, ours in (
        ("127.0.0.1:8000", f"127.0.0.1:{server.server_port}"),
        ("F202400043", account.login),
        ("Demo-xuezhao-26", PASSWORD),
    ):
        assert told in shell
        shell = shell.replace(told, ours)
    try:
        done = subprocess.run(
            ["bash", "-e", "-c", shell], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
        )
    finally:
        server.shutdown()
        serving.join()
    assert '"state":"ready_for_review"' in done.stdout


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
