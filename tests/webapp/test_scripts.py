"""The scripts' logic without a browser: `node --test tests/js`, against what the server itself computes."""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright._impl._driver import compute_driver_executable

from backend.adapters.faces import FaceNetworks
from backend.compliance import hints
from backend.compliance.assess import assess
from backend.compliance.checks.check import find
from backend.compliance.codes import Code
from backend.compliance.decode import Metadata
from backend.compliance.face import Face
from backend.compliance.findings import Finding, Mode, Report, Severity, Verdict, picture_verdict
from backend.compliance.live import FRAME_CHECKS, live_settings, sight
from backend.compliance.observed import FaceBox, Mesh
from backend.compliance.prepare import FileFacts, Prepared, head_top
from backend.compliance.standard import load_standard
from backend.demo.pictures import Studio, Wish
from backend.settings import PROJECT

STANDARD = load_standard(PROJECT / "config" / "photo-standard.toml")
RIGHT: dict[str, Any] = {"scale": 1.4, "shift": (0, 80)}
PROFILE = STANDARD.profile("base")
FACTS = FileFacts(None, 0, (360, 480), *(2 * [Metadata("JPEG", 24, "RGB", None, (), "", "")]))


def report(findings: tuple[Finding, ...]) -> Report:
    return Report(
        picture_verdict(findings), findings, Mode.FRAME, "test", "base", None, None, (360, 480), (360, 480), 1
    )


def as_told(findings: tuple[Finding, ...]) -> Any:
    return sight(report(findings), None)["findings"]


# ------------------------------------------------------------------ hints


def sequences(rng: random.Random) -> list[dict[str, Any]]:
    """Frames that swing round limits, and what the server would show after each."""
    made = []
    for _ in range(80):
        codes = rng.sample(hints.ORDER, rng.randint(1, 5))
        frames, shown, expected = [], hints.Shown(), []
        for _ in range(24):
            findings = tuple(finding_near_a_limit(code, rng) for code in codes if rng.random() < 0.95)
            shown = hints.steady(shown, report(findings))
            frames.append(as_told(findings))
            expected.append({"hint": told(shown.hint), "waiting": told(shown.waiting)} | counted(shown))
        made.append({"frames": frames, "shown": expected})
    return made


def counted(shown: hints.Shown) -> dict[str, int]:
    return {"frames": shown.frames, "solved": shown.solved}


def told(hint: hints.Hint | None) -> dict[str, str | None] | None:
    return None if hint is None else {"code": hint.code.value, "reason": hint.reason}


def finding_near_a_limit(code: Code, rng: random.Random) -> Finding:
    band = PROFILE.rule(code).band
    limit = rng.choice([limit for limit in (band.low, band.high) if limit is not None])
    value = limit * rng.choice([0.5, 0.95, 0.99, 1, 1.01, 1.05, 1.5])
    unknown = rng.random() < 0.05
    verdict = Verdict.UNKNOWN if unknown else band.judge(value)
    reason = (
        None if verdict is Verdict.OK else rng.choice(["left", "right"]) if code == "CENTERING" else band.side(value)
    )
    measured = None if unknown else value
    return Finding(code, verdict, Severity.HARD, measured, "", band.low, band.high, "R00", reason)


# ------------------------------------------------------------------ judging


def bands() -> list[dict[str, Any]]:
    """Every limit of every profile, met exactly and missed by little."""
    made = []
    for profile, check in itertools.product(STANDARD.profiles.values(), FRAME_CHECKS):
        band = profile.rule(check.code).band
        limits = (band.low, band.high, band.bad_low, band.bad_high)
        sent = next(one for one in live_settings(profile)["checks"] if one["code"] == check.code)
        for limit, step in itertools.product(limits, (-0.6, -1e-6, 0, 1e-6, 0.6)):
            if limit is not None:
                made.append({"band": sent, "value": limit + step, "verdict": band.judge(limit + step)})
    return made


# ------------------------------------------------------------------ measuring


def looks(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Points and pixels, some from pictures and some by chance, and what the server finds on them."""
    analyser = FaceNetworks(PROJECT / "models")
    studio = Studio(analyser)
    made = []
    for name, wish in {
        "right": Wish(**RIGHT),
        "far, dark and turned": Wish(scale=0.6, light=0.4, tilt=-12),
        "too little above the head": Wish(scale=1.5),
        "with teeth, at the edge": Wish(scale=1.6, smiling=True, shift=(400, -300)),
        "blurred": Wish(blur=9, **RIGHT),
    }.items():
        rgb, mesh = seen(studio.take(wish), analyser)
        made.append(look(name, rgb, [mesh]))
    rgb, mesh = seen(studio.take(Wish(**RIGHT)), analyser)
    for number in range(6):
        shaken = mesh + rng.normal(0, 4, mesh.shape).astype(np.float32)
        noise = rng.integers(0, 256, (48, 36, 3)).repeat(10, 0).repeat(10, 1).astype(np.uint8)
        made.append(look(f"by chance {number}", noise // 2 + rgb // 2, [shaken]))
    beside = mesh * np.float32(0.4) + np.array([-20, 0, 0], np.float32)
    made.append(look("somebody beside", rgb, [beside, mesh]))
    inside = mesh * np.float32(0.2) + np.float32(0.8) * mesh.mean(axis=0)
    made.append(look("a badge on the forehead is nobody", rgb, [mesh, inside]))
    made.append(look("a tiny face has no sharpness", rgb, [mesh * np.float32(0.05)]))
    made.append(look("nobody", rgb, []))
    return made


def seen(picture: bytes, analyser: FaceNetworks) -> tuple[Any, Any]:
    judged = assess(picture, file_name=None, mode=Mode.FRAME, standard=STANDARD, profile="base", analyser=analyser)
    face = judged.face
    assert face is not None
    with Image.open(io.BytesIO(picture)) as opened:
        rgb = np.asarray(opened.resize((360, 480)))
    return rgb, face.mesh.points * np.float32(480 / judged.report.judged_size[1])


def look(name: str, rgb: Any, meshes: list[Any]) -> dict[str, Any]:
    """What the server finds, given these points: without its own detection."""
    ordered = sorted(meshes, key=lambda points: -float(np.prod(np.ptp(points[:, :2], axis=0))))
    faces = tuple(box(points) for points in ordered)
    face = Face(Mesh(ordered[0], 1.0, None)) if meshes else None
    outline = outline_of(rgb)
    top = None if face is None else head_top(outline.astype(np.float32) / np.float32(255), face)
    prepared = Prepared(Mode.FRAME, FACTS, rgb, faces, face, None, top, None, None)
    findings = tuple(
        find(check, prepared, PROFILE.rule(check.code)) for check in FRAME_CHECKS if check.applies(prepared)
    )
    height, width = rgb.shape[:2]
    opaque = np.dstack([rgb, np.full((height, width), 255, np.uint8)])
    return {
        "name": name,
        "meshes": [points.ravel().tolist() for points in meshes],
        "pixels": base64.b64encode(opaque.tobytes()).decode(),
        "outline": base64.b64encode(outline.tobytes()).decode(),
        "top": top,
        "width": width,
        "height": height,
        "sight": sight(report(findings), face),
    }


def outline_of(rgb: Any) -> Any:
    """Where the person is, in steps that fit into a byte."""
    return np.round(FaceNetworks(PROJECT / "models").person(rgb) * 255).astype(np.uint8)


def box(points: Any) -> FaceBox:
    (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    nowhere = (0.0, 0.0)
    return FaceBox(float(left), float(top), float(right - left), float(bottom - top), 1.0, nowhere, nowhere)


# ------------------------------------------------------------------ node


@pytest.mark.slow
def test_the_scripts(tmp_path: Path) -> None:
    cases = tmp_path / "cases.json"
    cases.write_text(
        json.dumps(
            {
                "settings": live_settings(PROFILE),
                "sequences": sequences(random.Random(4)),
                "bands": bands(),
                "looks": looks(np.random.default_rng(4)),
            }
        )
    )
    node = str(compute_driver_executable()[0])
    tests = sorted(str(path) for path in (PROJECT / "tests" / "js").glob("*.test.mjs"))
    done = subprocess.run(
        [node, "--no-warnings", "--test", *tests],
        env={**os.environ, "LIVE_CASES": str(cases), "NODE_OPTIONS": "", "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=120,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert "fail 0" in done.stdout
