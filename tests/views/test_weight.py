"""A student on a weak line: what the first view of a page takes, measured on the answers themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from backend import App
from backend.accounts.records import Account
from backend.adapters import packed
from backend.adapters.packed import ENCODINGS, PackedFiles
from backend.views import assets
from tests.factories import Factory
from tests.weight import first_view

ClientOf = Callable[[Account], FlaskClient]

PAGES = ("/home", "/photo/guide", "/photo", "/photo/camera")
MOST = 80_000  # bytes, without the engine, which comes in the background and is kept


@pytest.mark.parametrize("encoding", ["br", "gzip"])
@pytest.mark.parametrize("address", PAGES)
def test_the_first_view_of_a_page_is_light(client_of: ClientOf, make: Factory, address: str, encoding: str) -> None:
    student = make.student()
    make.settle(student)
    sizes = first_view(client_of(make.student_account(student)), address, encoding)
    assert len(sizes) > 8, "styles, scripts and pictures were found"
    assert any(path.endswith("common.css") for path in sizes)
    assert sum(sizes.values()) < MOST, sorted(sizes.items(), key=lambda item: -item[1])
    assert not any(path.endswith((".wasm", ".task", ".mjs", "_internal.js")) for path in sizes), "the engine waits"


def test_everything_is_compressed_ahead_for_every_kind_of_browser(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the first visitor of each kind waits for nothing: their requests find every copy there."""
    monkeypatch.setattr(packed, "compressed", lambda content, encoding: b"small")
    monkeypatch.setattr(assets, "packed_files", lambda parts: PackedFiles(tmp_path / "packed"))
    assets.pack_ahead(app.parts)
    ahead = {path.name for path in (tmp_path / "packed").iterdir()}
    for encoding in ENCODINGS:
        first_view(app.test_client(), "/sign-in", encoding)
    assert {path.name for path in (tmp_path / "packed").iterdir()} == ahead


def test_the_command_says_what_the_engine_weighs(app: App) -> None:
    said = app.test_cli_runner().invoke(args=["weights"])
    assert said.exit_code == 0
    *files, total = said.output.splitlines()[1:]
    assert [line.split()[0].rpartition("/")[2] for line in files] == [
        *("vision_bundle.mjs", "vision_wasm_module_internal.js", "vision_wasm_module_internal.wasm"),
        *("face_landmarker.task", "selfie_segmenter.tflite"),
    ]
    for column in (1, 2, 3):
        assert number(total.split()[column]) == sum(number(line.split()[column]) for line in files)


def number(text: str) -> int:
    return int(text.replace(",", ""))
