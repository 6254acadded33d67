"""The engine as installed, and one portrait before a plain wall."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.adapters.faces import FaceNetworks
from backend.compliance.assess import assess
from backend.compliance.findings import Mode, Report
from backend.compliance.standard import Standard, load_standard
from backend.settings import PROJECT
from tests.compliance.portraits import Studio

Judge = Callable[..., Report]


@pytest.fixture(scope="session")
def analyser() -> FaceNetworks:
    return FaceNetworks(PROJECT / "models")


@pytest.fixture(scope="session")
def standard() -> Standard:
    return load_standard(PROJECT / "config" / "photo-standard.toml")


@pytest.fixture(scope="session")
def studio(analyser: FaceNetworks) -> Studio:
    return Studio(analyser)


@pytest.fixture(scope="session")
def judge(analyser: FaceNetworks, standard: Standard) -> Judge:
    """The report on some bytes, as a finished file unless told otherwise."""

    def report(content: bytes, *, mode: Mode = Mode.FINAL, profile: str = "base", name: str | None = "a.jpg") -> Report:
        return assess(content, file_name=name, mode=mode, standard=standard, profile=profile, analyser=analyser).report

    return report
