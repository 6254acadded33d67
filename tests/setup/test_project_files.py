"""Locks, manifests, Makefile: what a fresh machine is told to fetch and to do."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

import dev
from devtools.environment import DEVELOPMENT, LOCKED_FROM, RUNTIME, SCALE, SYNGEN
from devtools.ground import PROJECT

REQUIREMENT = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def read(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def manifest(name: str) -> dict[str, list[dict[str, str]]]:
    return tomllib.loads(read(name))


@pytest.mark.parametrize("lock", [*LOCKED_FROM, "package-lock.json", ".npmrc"])
def test_a_lock_names_no_host(lock: str):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\bresolved\b\"", read(lock))


@pytest.mark.parametrize("lock", LOCKED_FROM)
def test_every_locked_package_has_a_hash(lock: str):
    blocks = re.split(r"\n(?=\S)", read(lock).strip())
    packages = [block for block in blocks if not block.startswith("#")]
    assert packages
    assert all("--hash=sha256:" in block for block in packages)


@pytest.mark.parametrize(("lock", "source"), LOCKED_FROM.items())
def test_every_package_that_is_asked_for_is_locked(lock: str, source: str):
    asked = re.findall(r"^([a-z][a-z0-9-]*)", read(source), re.MULTILINE)
    assert set(asked) <= {name for name, _version in REQUIREMENT.findall(read(lock))}


@pytest.mark.parametrize("lock", [DEVELOPMENT, SCALE, SYNGEN])
def test_the_larger_locks_contain_the_run_time_one(lock: str):
    assert set(REQUIREMENT.findall(read(RUNTIME))) <= set(REQUIREMENT.findall(read(lock)))


def test_every_installed_package_says_it_is_for_this_python():
    here = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    refused = [
        f"{package.name} {package.version} wants Python {package.metadata['Requires-Python']}"
        for package in distributions()
        if here not in SpecifierSet(package.metadata["Requires-Python"] or "")
    ]
    assert refused == []  # pip would refuse to install it; uv does not mind


def test_opencv_still_has_cascades():
    import cv2  # version 5 has none, and cannot run the face points either

    assert hasattr(cv2, "CascadeClassifier")


def test_every_browser_package_is_listed_with_version_and_licence():
    locked = json.loads(read("package-lock.json"))["packages"]
    asked = json.loads(read("package.json"))
    listed = {package["name"]: package for package in manifest("static/vendor.toml")["packages"]}
    assert listed.keys() == asked["dependencies"].keys() | asked["devDependencies"].keys()
    for name, package in listed.items():
        entry = locked[f"node_modules/{name}"]
        assert (entry["version"], entry["license"]) == (package["version"], package["licence"])
        assert entry["integrity"].startswith("sha512-")


def test_what_only_tests_need_is_not_served():
    development = json.loads(read("package.json"))["devDependencies"]
    for package in manifest("static/vendor.toml")["packages"]:
        folder = "tests/vendor/" if package["name"] in development else "static/vendor/"
        assert all(file["to"].startswith(folder) for file in package["files"].values())


def test_every_vendored_file_is_listed():
    vendor = manifest("static/vendor.toml")
    listed = {file["to"] for package in vendor["packages"] for file in package["files"].values()}
    listed |= set(vendor["models"].values())
    found = {str(path.relative_to(PROJECT)) for path in (PROJECT / "static/vendor").rglob("*") if path.is_file()}
    assert found == {name for name in listed if name.startswith("static/")}


def test_every_model_says_its_licence_and_where_it_is_from():
    models = manifest("config/models.toml")
    for model in models["models"]:
        assert model["licence"] in ("MIT", "Apache-2.0")
        assert model["source"]
        assert (PROJECT / "models" / model["file"]).stat().st_size == model["bytes"]
        assert model["carriers"].keys() <= models["carriers"].keys()


def test_help_lists_every_target(capsys: pytest.CaptureFixture[str]):
    dev.main(["help"])
    shown = re.findall(r"^make (\S+)", capsys.readouterr().out, re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    assert phony
    assert shown == targets
    assert sorted(shown) == sorted(dev.COMMANDS) == sorted(phony[1].split())


def test_an_unknown_command_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert dev.main(["sing"]) == 2
    assert "make run" in capsys.readouterr().out


def test_the_build_server_runs_what_a_developer_runs():
    script = PROJECT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("exec make test")


def test_set_up_needs_the_standard_library_only():
    """A fresh machine has nothing else: every module that dev.py imports is of Python itself or ours."""
    imported = set()
    for path in [PROJECT / "dev.py", *(PROJECT / "devtools").glob("*.py")]:
        imported |= set(re.findall(r"^(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE))
    assert imported - {"devtools"} <= sys.stdlib_module_names


def test_the_web_server_takes_its_figures_from_the_settings():
    show = "import json, runpy; c = runpy.run_path('config/gunicorn.conf.py');"
    show += "print(json.dumps([c['bind'], c['threads'], c['control_socket_disable']]))"
    settings = {"PORT": "18765", "XUEZHAO_SERVER_THREADS": "48"}
    command = [sys.executable, "-c", show]
    shown = subprocess.run(command, cwd=PROJECT, env=os.environ | settings, capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout) == ["127.0.0.1:18765", 48, True]


@pytest.mark.style
@pytest.mark.parametrize("tool", [["ruff", "check", "."], ["mypy"]], ids=["ruff", "mypy"])
def test_the_source_is_clean(tool: list[str]):
    program = Path(sys.executable).parent / tool[0]
    checked = subprocess.run([program, *tool[1:]], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_make_hands_on_what_to_measure_and_where_to_show_it(monkeypatch: pytest.MonkeyPatch):
    given: list[str] = []
    monkeypatch.setattr(dev, "with_tools", lambda *words: given.extend(words))
    for name, value in {"PHOTOS": "pictures", "HTML": "sheet.html", "HALF": "confirm", "PROFILE": ""}.items():
        monkeypatch.setenv(name, value)
    dev.accuracy()
    assert given[-7:] == [
        "--seen",
        "tests/compliance/seen.tsv",
        "--html",
        "sheet.html",
        "--half",
        "confirm",
        "pictures",
    ]
    help_of_make = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert "HTML=sheet.html" in help_of_make
