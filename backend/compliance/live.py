"""The live view: what a page needs to guide somebody before the picture is taken, and what it is told of a frame.

Pure. The engine in the browser judges with these very limits and constants: nothing of them is written down a second
time in JavaScript.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from backend.compliance import hints
from backend.compliance.checks import CHECKS
from backend.compliance.checks.check import digits_of
from backend.compliance.checks.face import head_pose
from backend.compliance.checks.scene import blur, underexposed
from backend.compliance.codes import Code
from backend.compliance.face import (
    CHIN,
    EYE_CORNERS,
    FOREHEAD,
    INNER_LIPS,
    LEFT_CHEEK,
    LEFT_LIDS,
    LEFT_PUPIL,
    MOUTH_CORNERS,
    NOSE_BRIDGE,
    OVAL,
    RIGHT_CHEEK,
    RIGHT_LIDS,
    RIGHT_PUPIL,
    Face,
)
from backend.compliance.findings import Mode, Report, Severity
from backend.compliance.prepare import HEAD_COLUMN, HEAD_RUN, STANDARD_HEIGHT
from backend.compliance.standard import Band, Profile, Rule

FRAME = 360, 480  # width and height in which both engines look at a frame: the same pixels, the same numbers
JPEG_QUALITY = 0.8  # of a frame that is sent
MAX_BYTES = 200_000  # of a frame that is sent: ten times what it usually has
PAUSE_MS = 350  # between two frames of one person: three a second, and the line's jitter makes no fourth
SHARE = 0.25  # of one check thread that a single person may keep busy
HAIR = 0.4  # from the forehead's edge to the top of the head, over forehead to chin: a guess, hair differs
PACE_FRAMES = 4  # frames with a face that are timed before a way of computing is settled on
GOOD_MS = 60  # a frame on the phone: quicker needs no other way of computing
SLOW_MS = 300  # slower than the server's three a second: then the server does it
HOLD_SECONDS = 1.0  # so long everything has to hold before the picture is taken by itself

FRAME_CHECKS = tuple(check for check in CHECKS if Mode.FRAME in check.modes)


def live_settings(profile: Profile) -> dict[str, Any]:
    """Everything a live engine and its page take from the standard, as plain data for JSON.

    checks: limits of every check of a video frame, in the order of findings. Values are in `unit`; "px" are pixels of
            a picture of `standard.width` x `standard.height`, whatever the size of the frame.
    guide:  where things belong, in shares of the 3:4 frame: heights of its height, widths of its width.
    hints:  the order of hints, and how long one is held.
    """
    return {
        "profile": profile.name,
        "frame": {"width": FRAME[0], "height": FRAME[1]},
        "standard": {"width": profile.target.width, "height": STANDARD_HEIGHT},
        "sending": {"quality": JPEG_QUALITY, "max_bytes": MAX_BYTES, "pause_ms": PAUSE_MS},
        "pace": {"frames": PACE_FRAMES, "good_ms": GOOD_MS, "slow_ms": SLOW_MS},
        "hold_ms": round(HOLD_SECONDS * 1000),
        "checks": [_check(profile.rule(check.code), check.needs_face) for check in FRAME_CHECKS],
        "hints": {
            "order": [code.value for code in hints.ORDER],
            "counted": sorted(code.value for code in hints.COUNTED),
            "frames": hints.FRAMES_BEFORE_CHANGE,
            "let_go": hints.FRAMES_BEFORE_LETTING_GO,
            "inside": hints.INSIDE,
        },
        "guide": _guide(profile),
        "measures": MEASURES,
    }


def _check(rule: Rule, needs_face: bool) -> dict[str, Any]:
    band = rule.band
    return {
        "code": rule.code.value,
        "hard": rule.severity is Severity.HARD,
        "needs_face": needs_face,
        "needs_outline": rule.code in hints.OUTLINE_CHECKS,
        "digits": digits_of(rule.unit),
        "low": band.low,
        "high": band.high,
        "bad_low": band.bad_low,
        "bad_high": band.bad_high,
        "tolerance": band.tolerance,
    }


def _guide(profile: Profile) -> dict[str, Any]:
    width, height = profile.target.width, profile.target.height
    return {
        "head_top": _band(profile.rule(Code.HEAD_TOP).band, height),
        "eye_line": _band(profile.rule(Code.EYE_LINE).band, height),
        "face_width": _band(profile.rule(Code.FACE_WIDTH).band, width),
        "centre": _band(profile.rule(Code.CENTERING).band, width)[1],
        "wanted": {
            "head_top": profile.target.head_top / height,
            "eye_line": profile.target.eye_line / height,
            "face_width": profile.target.face_width / width,
        },
    }


def _band(band: Band, whole: int) -> list[float | None]:
    return [None if limit is None else round(limit / whole, 6) for limit in (band.low, band.high)]


# what the measures of a frame are made of: places in the mesh, and constants that are no limits
MEASURES: dict[str, Any] = {
    "pupils": [LEFT_PUPIL, RIGHT_PUPIL],
    "cheeks": [LEFT_CHEEK, RIGHT_CHEEK],
    "forehead": FOREHEAD,
    "chin": CHIN,
    "bridge": NOSE_BRIDGE,
    "eye_corners": [list(pair) for pair in EYE_CORNERS],
    "mouth_corners": list(MOUTH_CORNERS),
    "lids": [[list(pair) for pair in LEFT_LIDS], [list(pair) for pair in RIGHT_LIDS]],
    "lips": [list(pair) for pair in INNER_LIPS],
    "oval": list(OVAL),
    "usual_pitch": head_pose.USUAL_PITCH,
    "turn": head_pose.TURN,
    "pitch_weight": head_pose.PITCH_WEIGHT,
    "blur_kernel": blur.KERNEL,
    "bright_share": underexposed.BRIGHTEST,
    "bright_every": underexposed.EVERY,
    "hair": HAIR,
    "head_column": HEAD_COLUMN,
    "head_run": HEAD_RUN,
}


def sight(report: Report, face: Face | None) -> dict[str, Any]:
    """What a live page is told of one frame: findings without marks, and where the face is in shares of the frame."""
    return {
        "findings": [
            {
                "code": finding.code.value,
                "verdict": finding.verdict.value,
                "reason": finding.reason,
                "value": finding.value,
                "low": finding.low,
                "high": finding.high,
            }
            for finding in report.findings
        ],
        "milliseconds": report.milliseconds,
        **place(face, report.judged_size, _measured_top(report)),
    }


def _measured_top(report: Report) -> float | None:
    """A share of the frame's height."""
    finding = report.finding(Code.HEAD_TOP)
    return None if finding is None or finding.value is None else finding.value / STANDARD_HEIGHT


def place(face: Face | None, size: tuple[int, int], head_top: float | None = None) -> dict[str, Any]:
    """Where the face is, in shares of the frame. Without a measured head top it is guessed from the face: see HAIR."""
    if face is None:
        return {"face": None, "points": None}
    width, height = size
    (left, top), (right, bottom) = face.points.min(axis=0), face.points.max(axis=0)
    forehead, chin = face.point(FOREHEAD)[1], face.point(CHIN)[1]
    eyes = face.eye_middle
    return {
        "face": {
            "x": round(float(left) / width, 4),
            "y": round(float(top) / height, 4),
            "width": round(float(right - left) / width, 4),
            "height": round(float(bottom - top) / height, 4),
        },
        "points": {
            "eyes": [round(eyes[0] / width, 4), round(eyes[1] / height, 4)],
            "headTop": round((forehead - HAIR * (chin - forehead)) / height if head_top is None else head_top, 4),
            "chin": round(chin / height, 4),
        },
    }


def pause_after(milliseconds: float) -> int:
    """How long a person waits before the next frame, milliseconds: a frame that took long is asked for less often."""
    return max(PAUSE_MS, ceil(milliseconds / SHARE))
