"""The photo standard as data: limits, severities and sources, from `config/photo-standard.toml`.

A base edition states every check once; a channel profile overrides single fields of it. Unknown keys, checks without
a source and limits in the wrong order stop the start.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from backend.compliance.codes import MACHINE, Code
from backend.compliance.findings import Mode, Severity, Verdict


class StandardError(ValueError):
    """The file of the standard cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Band:
    """Limits of one measured value.

    low..high is what the requirement allows; up to `tolerance` beyond it is the measurement's own error and still OK.
    Further out, but not beyond bad_low / bad_high, a person looks. A side without a limit is None; without bad_low
    the low side can be a doubt but never BAD, likewise above.
    """

    low: float | None = None
    high: float | None = None
    bad_low: float | None = None
    bad_high: float | None = None
    tolerance: float = 0.0

    def judge(self, value: float) -> Verdict:
        """OK within low..high, BAD beyond the bad limits, DOUBT in between. A limit itself is still inside."""
        if self.bad_low is not None and value < self.bad_low:
            return Verdict.BAD
        if self.bad_high is not None and value > self.bad_high:
            return Verdict.BAD
        if self.low is not None and value < self.low - self.tolerance:
            return Verdict.DOUBT
        if self.high is not None and value > self.high + self.tolerance:
            return Verdict.DOUBT
        return Verdict.OK

    def asked(self, value: float) -> float:
        """The value, no further than a person looks: for what may be a sign of something but must send nobody back."""
        if self.bad_low is not None:
            value = max(value, self.bad_low)
        return value if self.bad_high is None else min(value, self.bad_high)

    def side(self, value: float) -> str | None:
        """Which limit was missed: "low", "high" or None."""
        if self.low is not None and value < self.low:
            return "low"
        if self.high is not None and value > self.high:
            return "high"
        return None


@dataclass(frozen=True)
class Rule:
    """What one check demands in one profile.

    band:    the limits for finished files and video frames.
    capture: the limits for raw pictures, where they differ: what the frame cannot help is left to a person.
    colours: reference backgrounds as sRGB triples 0..255, for checks that compare with a colour.
    names:   allowed or suspicious words, for checks that compare with a word.
    stated:  which of LIMITS are in the document that `source` names; all other numbers are ours.
    """

    code: Code
    requirement: str
    severity: Severity
    unit: str
    band: Band
    capture: Band
    source: str
    colours: tuple[tuple[int, int, int], ...] = ()
    names: tuple[str, ...] = ()
    stated: frozenset[str] = frozenset()

    def of(self, mode: Mode) -> Band:
        """The limits that hold in that mode."""
        return self.capture if mode is Mode.CAPTURE else self.band


@dataclass(frozen=True)
class Intake:
    """What is accepted for decoding at all; beyond it a file is unreadable, not bad."""

    max_bytes: int
    max_pixels: int  # of a JPEG, which is decoded at a fraction of its size
    max_pixels_whole: int  # of other types and of a JPEG in several passes, which must be held whole
    min_side: int
    max_aspect: float
    source: str


@dataclass(frozen=True)
class Target:
    """The registration file that normalising writes, and where it puts the head. Pixels of the written picture."""

    width: int
    height: int
    dpi: int
    min_quality: int
    min_bytes: int
    max_bytes: int
    head_top: float
    eye_line: float
    face_width: float
    margin: float
    source: str


@dataclass(frozen=True)
class Profile:
    """The base edition with one channel's own rules laid over it.

    live_only: the picture is taken now, not chosen from an album; no browser can prove it, so it is recorded.
    """

    name: str
    title: str
    source: str
    rules: Mapping[Code, Rule]
    target: Target
    live_only: bool = False

    def rule(self, code: Code) -> Rule:
        return self.rules[code]


@dataclass(frozen=True)
class Standard:
    """One edition with all its profiles."""

    edition: str
    title: str
    source: str
    intake: Intake
    profiles: Mapping[str, Profile]

    def profile(self, name: str) -> Profile:
        """Raises StandardError for a name that is not in the file."""
        try:
            return self.profiles[name]
        except KeyError:
            known = ", ".join(sorted(self.profiles))
            raise StandardError(f"no profile named {name!r}; there are: {known}") from None


RULE_KEYS = frozenset({"requirement", "severity", "unit", "source", "colours", "names", "capture", "stated"}) | {
    "low",
    "high",
    "bad_low",
    "bad_high",
    "tolerance",
}
LIMITS = ("bad_low", "low", "high", "bad_high")
PROFILE_KEYS = frozenset({"title", "source", "checks", "target", "live_only"})
TOP_KEYS = frozenset({"edition", "title", "source", "intake", "target", "checks", "profiles"})


def load_standard(path: Path | str) -> Standard:
    """Read and check the file. Raises StandardError naming the place of the first fault, OSError when it is missing."""
    text = Path(path).read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StandardError(f"{path}: {error}") from error
    return standard_from(data)


def standard_from(data: Mapping[str, Any]) -> Standard:
    """The standard in the parsed file. Raises StandardError."""
    _known("the file", data, TOP_KEYS)
    base_checks: Mapping[str, Mapping[str, Any]] = data["checks"]
    missing = [code.value.lower() for code in MACHINE if code.value.lower() not in base_checks]
    if missing:
        raise StandardError(f"no limits for: {', '.join(missing)}")
    profiles = {name: _profile(name, entry, base_checks, data["target"]) for name, entry in data["profiles"].items()}
    return Standard(
        edition=_text("the file", data, "edition"),
        title=_text("the file", data, "title"),
        source=_text("the file", data, "source"),
        intake=Intake(**_exactly("intake", data["intake"], Intake)),
        profiles=MappingProxyType(profiles),
    )


def _profile(
    name: str,
    entry: Mapping[str, Any],
    base_checks: Mapping[str, Mapping[str, Any]],
    base_target: Mapping[str, Any],
) -> Profile:
    where = f"profiles.{name}"
    _known(where, entry, PROFILE_KEYS)
    overrides: Mapping[str, Mapping[str, Any]] = entry.get("checks", {})
    for check, override in overrides.items():
        if check not in base_checks:
            raise StandardError(f"{where}: there is no check named {check!r}")
        _text(f"{where}.checks.{check}", override, "source")  # an override states where it comes from
    rules = {}
    for check, base in base_checks.items():
        rule = _rule(f"{where}.checks.{check}", check, {**base, **overrides.get(check, {})})
        rules[rule.code] = rule
    target = {**base_target, **entry.get("target", {})}
    return Profile(
        name=name,
        title=_text(where, entry, "title"),
        source=_text(where, entry, "source"),
        rules=MappingProxyType(rules),
        target=Target(**_exactly(f"{where}.target", target, Target)),
        live_only=_flag(where, entry, "live_only"),
    )


def _rule(where: str, check: str, entry: Mapping[str, Any]) -> Rule:
    _known(where, entry, RULE_KEYS)
    try:
        code = Code(check.upper())
        severity = Severity(entry["severity"])
    except (KeyError, ValueError) as error:
        raise StandardError(f"{where}: {error}") from error
    band = _band(where, entry)
    in_capture = entry.get("capture", {})
    _known(f"{where}.capture", in_capture, frozenset(LIMITS) | {"tolerance"})
    return Rule(
        code=code,
        requirement=_text(where, entry, "requirement"),
        severity=severity,
        unit=str(entry.get("unit", "")),
        band=band,
        capture=_band(f"{where}.capture", {**entry, **in_capture}),
        source=_text(where, entry, "source"),
        colours=tuple(_colour(where, item) for item in entry.get("colours", [])),
        names=tuple(str(item) for item in entry.get("names", [])),
        stated=_stated(where, entry),
    )


def _stated(where: str, entry: Mapping[str, Any]) -> frozenset[str]:
    stated = frozenset(entry.get("stated", []))
    without = sorted(stated - {key for key in LIMITS if _number(where, entry, key) is not None})
    if without:
        raise StandardError(f"{where}: stated, but there is no limit: {', '.join(without)}")
    return stated


def _band(where: str, entry: Mapping[str, Any]) -> Band:
    limits = {key: _number(where, entry, key) for key in LIMITS}
    order = [limit for limit in limits.values() if limit is not None]
    if order != sorted(order):
        raise StandardError(f"{where}: limits are not in the order {', '.join(LIMITS)}")
    return Band(**limits, tolerance=_number(where, entry, "tolerance") or 0.0)


def _known(where: str, entry: Mapping[str, Any], keys: frozenset[str]) -> None:
    unknown = sorted(set(entry) - keys)
    if unknown:
        raise StandardError(f"{where}: unknown keys {', '.join(unknown)}")


def _exactly(where: str, entry: Mapping[str, Any], shape: type[Intake] | type[Target]) -> dict[str, Any]:
    names = {field.name for field in fields(shape)}
    _known(where, entry, frozenset(names))
    missing = sorted(names - set(entry))
    if missing:
        raise StandardError(f"{where}: missing {', '.join(missing)}")
    return dict(entry)


def _text(where: str, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise StandardError(f"{where}: {key} is missing")
    return value


def _flag(where: str, entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise StandardError(f"{where}: {key} is neither true nor false")
    return value


def _number(where: str, entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    if value is None or value == "none":  # a profile or the capture limits take a base limit away
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise StandardError(f"{where}: {key} is not a number")
    return float(value)


def _colour(where: str, item: Any) -> tuple[int, int, int]:
    parts = item if isinstance(item, list) else []
    if len(parts) != 3 or not all(isinstance(part, int) and 0 <= part <= 255 for part in parts):
        raise StandardError(f"{where}: {item!r} is not a colour [red, green, blue]")
    return parts[0], parts[1], parts[2]
