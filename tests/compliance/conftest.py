"""The engine as installed, and one portrait before a plain wall."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.adapters.faces import FaceNetworks
from backend.compliance.assess import assess
from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Mode, Report
from backend.compliance.standard import Standard, load_standard
from backend.settings import PROJECT
from tests.compliance.portraits import Studio
from tests.images import Rgb, jpeg

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


def finding(judge: Judge, rgb: Rgb, code: Code, quality: int = 92) -> Finding:
    """What a check says of these pixels as a JPEG of this quality (1..100)."""
    found = judge(jpeg(rgb, quality)).finding(code)
    assert found is not None
    return found
