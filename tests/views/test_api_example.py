"""The Python example of docs/api.md does what it says, against the application."""

from __future__ import annotations

import re
from typing import Any

import httpx

from backend import App
from backend.adapters.faces import OpenCvFaces
from backend.demo.pictures import Studio, Wish
from backend.settings import PROJECT
from tests.factories import PASSWORD, Factory


def test_the_example_of_the_docs_goes_a_students_whole_way(app: App, make: Factory) -> None:
    example = re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / "api.md").read_text(), re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - our own page
    picture = Studio(OpenCvFaces(PROJECT / "models")).take(Wish())
    account = make.student_account()
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost") as client:
        state = names["whole_way"](client, account.login, PASSWORD, picture)
    assert state == "ready_for_review"
