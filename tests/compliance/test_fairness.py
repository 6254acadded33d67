"""No check asks how bright the face is: the face alone made darker or lighter is the same face."""

from __future__ import annotations

import pytest

from backend.compliance.findings import Report, Verdict
from tests import drawings, images
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio


def raised(report: Report) -> set[str]:
    return {finding.code.value for finding in report.findings if finding.verdict is not Verdict.OK}


@pytest.mark.parametrize("gamma", [0.7, 1.3, 1.6, 2.0])
def test_a_darker_or_lighter_face_in_the_same_light_raises_nothing_new(
    gamma: float, studio: Studio, judge: Judge
) -> None:
    usual = judge(images.jpeg(studio.straight))
    other = judge(images.jpeg(drawings.face_gamma(studio.straight, studio.face, gamma)))
    assert {finding.code for finding in other.hard_bad} == {finding.code for finding in usual.hard_bad}
    # the hair close to her brows is darkened with the face
    assert raised(other) - raised(usual) <= {"BROWS_HIDDEN"}
