"""Files for the browser: kept for ever under their own address, small on the wire, and no way out of their folder."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from backend import App
from backend.accounts.records import Account
from backend.parts import Parts
from backend.views.assets import fingerprint, vendor_mark
from backend.views.live import engine_weights
from tests.factories import Factory

Vendor = Callable[[str], str]
ClientOf = Callable[[Account], FlaskClient]
UNPACK: dict[str | None, Callable[[bytes], bytes]] = {
    None: lambda content: content,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


@pytest.fixture
def sheet(app: App) -> str:
    with app.test_request_context():
        return str(app.jinja_env.globals["asset"]("css/common.css"))  # type: ignore[operator]


@pytest.fixture
def vendor(app: App) -> Vendor:
    def address(path: str) -> str:
        with app.test_request_context():
            return str(app.jinja_env.globals["vendor"](path))  # type: ignore[operator]

    return address


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


@pytest.mark.parametrize(
    ("takes", "encoding"),
    [("gzip, br", "br"), ("br;q=0.2, gzip", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip"), ("identity", None)],
)
def test_it_is_packed_for_who_takes_it(client: FlaskClient, sheet: str, takes: str, encoding: str | None) -> None:
    plain = client.get(sheet, headers={"Accept-Encoding": "identity"})
    packed = client.get(sheet, headers={"Accept-Encoding": takes})
    assert packed.headers.get("Content-Encoding") == encoding
    assert UNPACK[encoding](packed.data) == plain.data
    assert encoding is None or len(packed.data) * 3 < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_what_a_browser_has_is_not_sent_again(client: FlaskClient, sheet: str) -> None:
    tags = set()
    for takes in ("br", "gzip", "identity"):
        first = client.get(sheet, headers={"Accept-Encoding": takes})
        again = client.get(sheet, headers={"Accept-Encoding": takes, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        tags.add(first.headers["ETag"])
    assert len(tags) == 3, "each form has a tag of its own"


def test_a_file_is_the_same_for_everybody(client_of: ClientOf, make: Factory, sheet: str, vendor: Vendor) -> None:
    """Else a browser that heeds it would fetch the engine again after each change of the cookie."""
    client = client_of(make.student_account(make.student()))
    for address in (sheet, vendor("mediapipe/face_landmarker.task")):
        with client.get(address, headers={"Accept-Encoding": "br"}) as answer:
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert "Set-Cookie" not in answer.headers
    assert "Cookie" in client.get("/home").headers["Vary"]


def test_a_part_of_a_file_is_a_part_of_the_file_itself(client: FlaskClient, vendor: Vendor) -> None:
    asked = {"Accept-Encoding": "br", "Range": "bytes=4-7"}
    with client.get(vendor("mediapipe/wasm/vision_wasm_module_internal.wasm"), headers=asked) as answer:
        assert answer.status_code == 206
        assert answer.data == b"\x01\x00\x00\x00"
        assert "Content-Encoding" not in answer.headers


def test_it_is_packed_once(app: App, client: FlaskClient, sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get(sheet, headers={"Accept-Encoding": "br"}).status_code == 200
    monkeypatch.setattr("backend.adapters.packed.compressed", None)
    assert client.get(sheet, headers={"Accept-Encoding": "br"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("mediapipe/wasm/vision_wasm_module_internal.wasm", "application/wasm"),
        ("mediapipe/wasm/vision_wasm_module_internal.js", "text/javascript"),
        ("mediapipe/vision_bundle.mjs", "text/javascript"),
        ("mediapipe/face_landmarker.task", "application/octet-stream"),
    ],
)
def test_the_engine_has_the_types_that_browsers_insist_on(
    client: FlaskClient, vendor: Vendor, path: str, kind: str
) -> None:
    with client.get(vendor(path), headers={"Accept-Encoding": "identity"}) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == kind
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_change_of_one_package_leaves_the_others_where_they_are(tmp_path: Path) -> None:
    for package in ("weui", "mediapipe"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "a.css").write_text("a")
    before = vendor_mark(tmp_path, "weui/a.css"), vendor_mark(tmp_path, "mediapipe/a.css")
    fingerprint.cache_clear()
    (tmp_path / "weui" / "a.css").write_text("b")
    after = vendor_mark(tmp_path, "weui/a.css"), vendor_mark(tmp_path, "mediapipe/a.css")
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_the_engine_on_the_phone_is_at_most_7_mb_once(parts: Parts) -> None:
    weights = engine_weights(parts)
    assert sum(weight.packed["br"] for weight in weights) < 7_000_000
    assert sum(weight.packed["gzip"] for weight in weights) < 7_000_000


def test_only_the_workers_script_may_run_wasm(client: FlaskClient, app: App) -> None:
    with app.test_request_context():
        asset = app.jinja_env.globals["asset"]
        worker, page = asset("js/engine/device-worker.js"), asset("js/engine/engine.js")  # type: ignore[operator]
    for address, allowed in ((worker, True), (page, False), ("/", False), ("/sign-in", False)):
        with client.get(address) as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert ("'wasm-unsafe-eval'" in policy) is allowed, address
        assert "'unsafe-eval'" not in policy
        assert "blob:" not in policy.partition("worker-src")[2].partition(";")[0]


@pytest.mark.parametrize("path", ["../i18n/en/ui.toml", "..%2f..%2fwsgi.py", "css/../../../wsgi.py", "css/none.css"])
def test_nothing_outside_the_folder_is_served(client: FlaskClient, sheet: str, path: str) -> None:
    folder = sheet.rpartition("/css/")[0]
    assert client.get(f"{folder}/{path}").status_code == 404
