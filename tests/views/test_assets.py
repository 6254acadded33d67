"""Files for the browser: kept for ever under their own address, small on the wire, and no way out of their folder."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

from backend import App


@pytest.fixture
def sheet(app: App) -> str:
    with app.test_request_context():
        return str(app.jinja_env.globals["asset"]("css/common.css"))  # type: ignore[operator]


def test_a_current_address_is_kept_for_ever(client: FlaskClient, sheet: str) -> None:
    assert "immutable" in client.get(sheet).headers["Cache-Control"]


def test_an_old_address_still_answers_but_is_not_kept(client: FlaskClient, sheet: str) -> None:
    mark = sheet.split("/")[2]
    old = client.get(sheet.replace(mark, "000000000000"))
    assert old.status_code == 200
    assert old.headers["Cache-Control"] == "no-cache"


def test_the_common_sheet_holds_every_sheet_in_order(client: FlaskClient, sheet: str) -> None:
    text = client.get(sheet).text
    folder = sheet.rpartition("/")[0]
    tokens, button = (client.get(f"{folder}/{name}.css", buffered=True).text for name in ("tokens", "button"))
    assert text.index(tokens) < text.index(button)


def test_it_is_packed_for_who_takes_it(client: FlaskClient, sheet: str) -> None:
    plain = client.get(sheet, headers={"Accept-Encoding": "identity"})
    packed = client.get(sheet, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 3 < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("path", ["../i18n/en/ui.toml", "..%2f..%2fwsgi.py", "css/../../../wsgi.py", "css/none.css"])
def test_nothing_outside_the_folder_is_served(client: FlaskClient, sheet: str, path: str) -> None:
    folder = sheet.rpartition("/css/")[0]
    assert client.get(f"{folder}/{path}").status_code == 404
