"""The live view in the browser judges with the standard's own numbers."""

from __future__ import annotations

import json

import pytest

from backend.compliance import hints
from backend.compliance.checks import CHECKS
from backend.compliance.codes import Code
from backend.compliance.findings import Mode, Severity
from backend.compliance.live import live_settings, pause_after
from backend.compliance.standard import Profile, load_standard
from backend.settings import PROJECT

STANDARD = load_standard(PROJECT / "config" / "photo-standard.toml")
PROFILES = pytest.mark.parametrize("profile", STANDARD.profiles.values(), ids=lambda profile: profile.name)


@PROFILES
def test_every_hint_has_the_limits_of_the_standard(profile: Profile) -> None:
    sent = {check["code"]: check for check in live_settings(profile)["checks"]}
    for code in hints.ORDER:
        rule, limits = profile.rule(code), sent[code.value]
        assert [limits[name] for name in ("low", "high", "bad_low", "bad_high", "tolerance")] == [
            *(rule.band.low, rule.band.high, rule.band.bad_low, rule.band.bad_high, rule.band.tolerance)
        ]
        assert limits["hard"] is (rule.severity is Severity.HARD)


@PROFILES
def test_the_checks_of_a_frame_are_those_of_the_server_in_its_order(profile: Profile) -> None:
    sent = [check["code"] for check in live_settings(profile)["checks"]]
    assert sent == [check.code.value for check in CHECKS if Mode.FRAME in check.modes]
    assert set(sent) == {code.value for code in hints.ORDER}, "every finding of a frame can become a hint"


@PROFILES
def test_the_guide_shows_the_windows_of_the_standard(profile: Profile) -> None:
    guide = live_settings(profile)["guide"]
    for name, code, whole in (
        ("head_top", Code.HEAD_TOP, 640),
        ("eye_line", Code.EYE_LINE, 640),
        ("face_width", Code.FACE_WIDTH, 480),
    ):
        band = profile.rule(code).band
        assert guide[name] == pytest.approx([band.low / whole, band.high / whole], abs=1e-6)  # type: ignore[operator]
        assert guide[name][0] < guide["wanted"][name] < guide[name][1]
    assert guide["centre"] == pytest.approx(profile.rule(Code.CENTERING).band.high / 480, abs=1e-6)  # type: ignore[operator]


@PROFILES
def test_it_is_plain_data(profile: Profile) -> None:
    sent = live_settings(profile)
    assert json.loads(json.dumps(sent)) == sent
    assert sent["hints"] == {
        "order": [code.value for code in hints.ORDER],
        "counted": sorted(hints.COUNTED),
        "frames": hints.FRAMES_BEFORE_CHANGE,
        "let_go": hints.FRAMES_BEFORE_LETTING_GO,
        "inside": hints.INSIDE,
    }


@pytest.mark.parametrize(("took", "pause"), [(0, 350), (10, 350), (87.5, 350), (100, 400), (1000, 4000)])
def test_a_slow_server_is_asked_less_often(took: float, pause: int) -> None:
    assert pause_after(took) == pause
