"""The Python environment: made once, brought up to date when a lock changes."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from devtools import environment, ground
from devtools.environment import DEVELOPMENT, RUNTIME, UV
from devtools.ground import CannotGoOn

STEP = "3/5"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with lock files and an environment; nothing of the real one is touched."""
    for module in (environment, ground):
        monkeypatch.setattr(module, "PROJECT", tmp_path)
        monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.delenv("NO_UV", raising=False)
    (tmp_path / "config/setup").mkdir(parents=True)
    for lock in (RUNTIME, DEVELOPMENT, UV):
        (tmp_path / lock).write_text(f"what {lock} names\n")
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the lock files that were installed, in order."""
    names: list[str] = []
    monkeypatch.setattr(environment, "install", lambda _step, *what: names.append(Path(what[-1]).name))
    return names


def test_packages_are_installed_once(project: Path, installed: list[str]):
    environment.install_packages(STEP, RUNTIME)
    environment.install_packages(STEP, RUNTIME)
    assert installed == [RUNTIME]


def test_packages_are_installed_again_when_the_lock_changes(project: Path, installed: list[str]):
    environment.install_packages(STEP, RUNTIME)
    (project / RUNTIME).write_text("something newer\n")
    environment.install_packages(STEP, RUNTIME)
    assert installed == [RUNTIME, RUNTIME]


def test_the_packages_of_the_tests_contain_those_of_the_application(project: Path, installed: list[str]):
    environment.install_packages(STEP, DEVELOPMENT)
    environment.install_packages(STEP, RUNTIME)
    assert installed == [DEVELOPMENT]


def test_an_installation_that_failed_is_tried_again(project: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_what: object) -> None:
        raise CannotGoOn("no network")

    monkeypatch.setattr(environment, "install", fail)
    for _attempt in range(2):
        with pytest.raises(CannotGoOn, match="no network"):
            environment.install_packages(STEP, RUNTIME)


class Programs:
    """Stands in for the programs that are called; those whose words contain a name in `broken` fail."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.called: list[str] = []

    def __call__(self, _step: str, command: Sequence[str | Path], _hint: str, **_options: object) -> None:
        words = " ".join(map(str, command))
        self.called.append(words)
        if any(name in words for name in self.broken):
            raise CannotGoOn(f"{words} does not work here")


def test_where_uv_cannot_be_had_pip_does_the_work(project: Path, monkeypatch: pytest.MonkeyPatch):
    programs = Programs("setup/uv.txt")
    monkeypatch.setattr(environment, "call", programs)
    environment.fetch_installer("2/5")
    environment.install(STEP, "-r", project / RUNTIME)
    assert "pip install" in programs.called[-1]
    assert "bin/uv" not in programs.called[-1]


def test_where_uv_stumbles_pip_has_a_try(project: Path, monkeypatch: pytest.MonkeyPatch):
    programs = Programs("bin/uv")
    monkeypatch.setattr(environment, "call", programs)
    environment.fetch_installer("2/5")
    environment.install(STEP, "-r", project / RUNTIME)
    assert "bin/uv pip install" in programs.called[-2]
    assert "-m pip install" in programs.called[-1]


def test_every_installation_asks_for_hashes(project: Path, monkeypatch: pytest.MonkeyPatch):
    programs = Programs("bin/uv")
    monkeypatch.setattr(environment, "call", programs)
    environment.fetch_installer("2/5")
    environment.install(STEP, "-r", project / RUNTIME)
    assert all("--require-hashes" in words for words in programs.called)


def test_an_environment_of_another_python_is_made_again(project: Path, monkeypatch: pytest.MonkeyPatch):
    programs = Programs()
    monkeypatch.setattr(environment, "call", programs)
    environment.make_environment("1/5")
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").touch()
    environment.make_environment("1/5")
    assert len(programs.called) == 1
    ground.stamp({"python": "3.10 elsewhere"})
    environment.make_environment("1/5")
    assert len(programs.called) == 2


def test_a_missing_program_is_told_with_the_way_to_get_it():
    with pytest.raises(CannotGoOn, match=r"(?s)no-such-program.*apt-get install it"):
        ground.call(STEP, ["no-such-program"], "apt-get install it")


def test_a_failing_program_shows_the_end_of_what_it_said():
    with pytest.raises(CannotGoOn, match=r"(?s)ended with 3.*the reason.*the way out"):
        ground.call(STEP, ["sh", "-c", "echo the reason; exit 3"], "the way out")
