"""One hint at a time for the live view: the most useful next thing to do, without flicker.

Pure: the caller keeps the `Shown` of the last frame and hands it back with the next report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Report, Verdict

# first what makes the rest impossible to judge, then what moves the whole picture, then the face
ORDER = (
    Code.NO_FACE,
    Code.MANY_FACES,
    Code.UNDEREXPOSED,
    Code.FACE_WIDTH,
    Code.CENTERING,
    Code.EYE_LINE,
    Code.HEAD_TOP,
    Code.EYE_TILT,
    Code.HEAD_POSE,
    Code.EYES_CLOSED,
    Code.MOUTH_OPEN,
    Code.BLUR,
)
# where the person ends costs as much again as the face: asked only when no earlier hint is due
OUTLINE_CHECKS = frozenset({Code.HEAD_TOP})
FRAMES_BEFORE_CHANGE = 3  # a new hint, or none, has to hold for so many frames: a quarter of a second at 12 a second
FRAMES_BEFORE_LETTING_GO = 6  # a solved hint goes then, even when what comes next still changes from frame to frame
COUNTED = frozenset({Code.NO_FACE, Code.MANY_FACES})  # there or not: nothing in between to swing across
INSIDE = 0.06  # share of the allowed range by which a value must be back inside before its hint goes


@dataclass(frozen=True)
class Hint:
    """The words are `finding.<code>.fix_<reason>`, or `finding.<code>.fix` without a reason."""

    code: Code
    reason: str | None


@dataclass(frozen=True)
class Shown:
    """What the person sees now, what waits to replace it for how many frames, and for how many something else has."""

    hint: Hint | None = None
    waiting: Hint | None = None
    frames: int = 0
    solved: int = 0


def is_due(code: Code, verdicts: Mapping[Code, Verdict]) -> bool:
    """Whether nothing stands before that code in the order of hints. verdicts: of what has been looked at."""
    before = ORDER[: ORDER.index(code)]
    return all(verdicts.get(earlier, Verdict.OK) in (Verdict.OK, Verdict.UNKNOWN) for earlier in before)


def next_hint(report: Report, *, keep: Hint | None = None) -> Hint | None:
    """The most useful hint for one frame; None when everything is fine. `keep` is let go only when clearly solved."""
    for code in ORDER:
        finding = report.finding(code)
        if finding is None or finding.verdict is Verdict.UNKNOWN:
            continue
        if finding.verdict is not Verdict.OK:
            return Hint(code, finding.reason)
        if keep is not None and keep.code is code and not _clearly_inside(finding):
            return keep
    return None


def steady(shown: Shown, report: Report) -> Shown:
    """The hint after one more frame: a change is shown once it has held for a few frames.

    When no change holds, because a hand is not still at two limits at once, the old hint does not stay for that.
    """
    wanted = next_hint(report, keep=shown.hint)
    if wanted == shown.hint:
        return Shown(shown.hint)
    frames = shown.frames + 1 if wanted == shown.waiting else 1
    solved = shown.solved + 1
    if frames >= FRAMES_BEFORE_CHANGE or solved >= FRAMES_BEFORE_LETTING_GO:
        return Shown(wanted)
    return Shown(shown.hint, wanted, frames, solved)


def _clearly_inside(finding: Finding) -> bool:
    value, low, high = finding.value, finding.low, finding.high
    if value is None or finding.code in COUNTED:
        return True
    span = high - low if low is not None and high is not None else abs(high if high is not None else low or 1.0)
    margin = INSIDE * span
    return (low is None or value >= low + margin) and (high is None or value <= high - margin)
