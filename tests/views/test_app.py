"""The student web app on the home screen: manifest, icons, offline page, what the service worker keeps."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from backend.accounts.records import Account
from backend.settings import PROJECT
from tests.factories import Factory
from tests.views.test_sign_on import ClientOf

WORKER = (PROJECT / "webapp" / "assets" / "js" / "service-worker.js").read_text()


def shell(client: FlaskClient) -> dict[str, object]:
    text = client.get("/service-worker.js").text
    found = re.match(r"const SHELL = (\{.*\});\n", text)
    assert found is not None
    assert text.endswith(WORKER)
    read: dict[str, object] = json.loads(found[1])
    return read


def test_the_manifest_leads_to_icons_of_the_sizes_that_it_says(client: FlaskClient) -> None:
    answer = client.get("/app.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.get_json(force=True)
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("学照通", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        (size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")
    }
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as found:
            size = Image.open(io.BytesIO(found.data)).size
        assert "x".join(map(str, size)) == icon["sizes"]
    assert 'rel="manifest" href="/app.webmanifest"' in client.get("/").text


def test_the_icons_are_those_of_the_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from backend.cli import icons

    figures = icons.FIGURES
    (tmp_path / "app-icon.svg").write_text((figures / "app-icon.svg").read_text())
    monkeypatch.setattr(icons, "FIGURES", tmp_path)
    done = CliRunner().invoke(icons.draw_icons)
    assert done.exit_code == 0, done.output
    for name in ("app-icon.png", "app-icon-192.png", "app-icon-512.png"):
        drawn, kept = Image.open(tmp_path / name).convert("RGB"), Image.open(figures / name).convert("RGB")
        assert drawn.tobytes() == kept.tobytes(), f"{name}: run `flask --app wsgi draw-icons`"


def test_the_worker_keeps_the_offline_page_and_what_it_needs(client: FlaskClient) -> None:
    kept = shell(client)
    page = client.get(str(kept["page"])).text
    needed = set(re.findall(r'(?:href|src)="(/(?:assets|vendor)/[^"#]+)', page))
    assert needed == set(kept["files"])  # type: ignore[call-overload]
    for address in needed:
        with client.get(address) as answer:
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]


def test_what_is_kept_is_nobodys(client: FlaskClient, make: Factory, client_of: ClientOf) -> None:
    lin: Account = make.student_account()
    browser = client_of(lin)
    page = browser.get("/offline").text
    assert re.sub(r'nonce="[^"]*"', "", page) == re.sub(r'nonce="[^"]*"', "", client.get("/offline").text)
    for part in ("<form", "<script", "csrf", lin.display_name, "data-personal"):
        assert part not in page
    assert shell(browser) == shell(client)
    assert all(str(file).startswith(("/assets/", "/vendor/")) for file in shell(client)["files"])  # type: ignore[attr-defined]


def test_the_worker_touches_no_form_and_keeps_nothing_by_itself() -> None:
    """By its text: one place that puts something away, and it is the list that the server gives."""
    assert WORKER.count("cache.addAll(") == 1
    assert ".put(" not in WORKER
    assert 'request.method !== "GET"' in WORKER


def test_signing_out_clears_what_the_browser_keeps(make: Factory, client_of: ClientOf) -> None:
    for account in (make.student_account(), make.staff()):
        assert client_of(account).post("/sign-out").headers["Clear-Site-Data"] == '"storage"'
