"""Independent defects: the operators of the package ofiq-syngen over compliant portraits, stronger and stronger.

    python -m venv SOMEWHERE && SOMEWHERE/bin/pip install --require-hashes -r requirements-syngen.txt
    SOMEWHERE/bin/python -m tests.compliance.curves FOLDER_OF_480x640_PORTRAITS [--pictures SHEETS]

Prints, for each operator, the share of portraits on which the matching code is raised at each strength. The package
brings no models of its own; its operators that aim at eyes, mouth, head or background are told where those are by our
points and our person mask. With --pictures, a sheet of each operator is written to look at.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from backend.cli.checked import Checker, load_checker
from backend.compliance.assess import assess
from backend.compliance.face import CHIN, OVAL, Face
from backend.compliance.findings import Mode, Verdict
from backend.compliance.prepare import find_face
from backend.ports import FaceAnalyser
from tests.images import jpeg

STRENGTHS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)

# the code that should follow each operator; several where the defect can be seen in several ways
EXPECTED: dict[str, set[str]] = {
    "BackgroundUniformity.scalar": {"BG_UNIFORM", "BG_OBJECT", "BG_SHADOW", "NOISE"},
    "CompressionArtifacts.scalar": {"COMPRESSION", "JPEG_QUALITY"},
    "EyesOpen.scalar": {"EYES_CLOSED"},
    "EyesVisible.scalar": {"EYES_HIDDEN", "GLASSES_TINT", "BROWS_HIDDEN"},
    "FaceOcclusionPrevention.scalar": {"FACE_COVERED", "EYES_HIDDEN", "BROWS_HIDDEN", "GLASSES_TINT"},
    "HeadPosePitch.scalar": {"HEAD_POSE", "EYE_LINE", "HEAD_TOP", "FACE_WIDTH"},
    "HeadPoseRoll.scalar": {"EYE_TILT"},
    "HeadPoseYaw.scalar": {"HEAD_POSE", "FACE_WIDTH", "CENTERING"},
    "HeadSize.scalar": {"FACE_WIDTH"},
    "IlluminationUniformity.scalar": {"HALF_FACE"},
    "InterEyeDistance.scalar": {"FACE_WIDTH"},
    "LeftwardCropOfTheFaceImage.scalar": {"CENTERING"},
    "RightwardCropOfTheFaceImage.scalar": {"CENTERING"},
    "MarginAboveOfTheFaceImage.scalar": {"HEAD_TOP", "EYE_LINE"},
    "MarginBelowOfTheFaceImage.scalar": {"HEAD_TOP", "EYE_LINE"},
    "MouthClosed.scalar": {"MOUTH_OPEN", "STRETCHED"},  # at full strength it squeezes the eyes, too
    "MouthOcclusionPrevention.scalar": {"FACE_COVERED"},
    "NaturalColour.scalar": {"COLOR_CAST"},
    "NoHeadCoverings.scalar": {"HEADWEAR", "BROWS_HIDDEN"},
    "OverExposurePrevention.scalar": {"OVEREXPOSED", "HIGHLIGHT", "BG_COLOR"},
    "Sharpness.scalar": {"BLUR", "NOISE", "UPSCALED"},
    "LuminanceMean.scalar": {"UNDEREXPOSED", "BG_COLOR"},
    "UnderExposurePrevention.scalar": {"UNDEREXPOSED", "BG_COLOR"},
    "SingleFacePresent.scalar": {"MANY_FACES"},
}

# the side light is hardly to be seen on a face as small as ours (its soft edge is 40 pixels wide): also put on three
# times over, and without being told where the face is, over the whole picture
HARDER = {"IlluminationUniformity.scalar": ((3, True), (1, False))}

# the 98 points of the package's landmark model (WFLW) by the 478 of ours; the 33 of the jaw are spaced evenly along it
JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
WFLW = (
    70, 63, 105, 66, 107, 55, 65, 52, 53,  336, 296, 334, 293, 300, 283, 282, 295, 285,
    168, 197, 5, 4,  98, 97, 2, 326, 327,
    33, 160, 159, 158, 133, 153, 145, 144,  362, 385, 386, 387, 263, 373, 374, 380,
    61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91,  78, 81, 13, 311, 308, 402, 14, 178,
    468, 473,
)  # fmt: skip
SKIN, CLOTH, HAIR = 1, 16, 17  # classes of the package's face parsing; 0 is the background


def landmarks(face: Face) -> np.ndarray:
    """(98, 2) int."""
    chin = JAW.index(152)
    jaw = [_spaced(face.polygon(part), 17) for part in (JAW[: chin + 1], JAW[chin:])]
    points = np.vstack([jaw[0], jaw[1][1:], face.polygon(WFLW)])
    return np.asarray(np.round(points), dtype=np.int32)


def _spaced(line: np.ndarray, count: int) -> np.ndarray:
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    wanted = np.linspace(0, along[-1], count)
    return np.stack([np.interp(wanted, along, line[:, axis]) for axis in (0, 1)], axis=1)


def context(rgb: np.ndarray, analyser: FaceAnalyser) -> Any:
    """What the package would learn from its own models, from ours."""
    from ofiq_syngen.face_context import FaceContext

    face, _ = find_face(rgb, analyser, blendshapes=False)
    if face is None:
        raise SystemExit("a portrait without a face")
    person = analyser.person(rgb) > 0.5
    parts = np.where(person, HAIR, 0).astype(np.uint8)
    collar = round(face.point(CHIN)[1] + 0.3 * face.length)
    parts[collar:][person[collar:]] = CLOTH
    cv2.fillPoly(parts, [np.round(face.polygon(OVAL)).astype(np.int32)], SKIN)
    return FaceContext(
        image=np.ascontiguousarray(rgb[..., ::-1]),
        is_aligned=False,
        landmarks_98=landmarks(face),
        parsing_map=cv2.resize(parts, (400, 400), interpolation=cv2.INTER_NEAREST),
        occlusion_mask=(parts == SKIN).astype(np.uint8),
        head_pose=(0.0, 0.0, 0.0),
        raw_3ddfa_params=np.zeros(62, np.float32),
    )


def main() -> None:
    from ofiq_syngen import COMPONENT_REGISTRY, DegradationPipeline

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=Path, help="folder for sheets to look at")
    parser.add_argument("--only", default="", help="only operators whose description contains this")
    given = parser.parse_args()
    checker, pipeline = load_checker(), DegradationPipeline()
    portraits = [np.asarray(Image.open(path).convert("RGB")) for path in sorted(given.folder.glob("*.jpg"))]
    seen = [context(portrait, checker.analyser) for portrait in portraits]
    print(f"{len(portraits)} portraits\n{'operator':44s}" + "".join(f"{strength:>6g}" for strength in STRENGTHS))
    for component, entries in COMPONENT_REGISTRY.items():
        for index, entry in enumerate(entries):
            if component not in EXPECTED or given.only not in entry.description:
                continue
            for times, told in ((1, True), *HARDER.get(component, ())):
                shares, sheet = [], []
                for strength in STRENGTHS:
                    degraded = [
                        degrade(pipeline, component, index, portrait, strength, known if told else None, times)
                        for portrait, known in zip(portraits, seen, strict=True)
                    ]
                    raised = [
                        bool(found(checker, picture) & (EXPECTED[component] | {"NO_FACE"})) for picture in degraded
                    ]
                    shares.append(sum(raised) / len(raised))
                    row = [_framed(picture, red) for picture, red in zip(degraded, raised, strict=True)]
                    sheet.append(np.hstack(row))
                form = "" if times == 1 else f" x{times}"
                name = f"{entry.description[: 43 - len(form)]}{form}" if told else "  the same over the whole picture"
                print(f"{name:44s}" + "".join(f"{share:6.2f}" for share in shares), flush=True)
                if given.pictures is not None:
                    given.pictures.mkdir(parents=True, exist_ok=True)
                    file = f"{component.removesuffix('.scalar')}-{index}{form}{'' if told else ' whole'}.jpg"
                    Image.fromarray(np.vstack(sheet)).save(given.pictures / file, quality=80)


def _framed(picture: np.ndarray, red: bool) -> np.ndarray:
    small = cv2.resize(picture, (150, 200), interpolation=cv2.INTER_AREA)
    small[:4] = (220, 30, 30) if red else (30, 160, 60)
    return small


def found(checker: Checker, rgb: np.ndarray) -> set[str]:
    report = assess(
        jpeg(rgb),
        file_name="a.jpg",
        mode=Mode.FINAL,
        standard=checker.standard,
        profile="base",
        analyser=checker.analyser,
    ).report
    return {finding.code.value for finding in report.findings if finding.verdict is not Verdict.OK}


def degrade(
    pipeline: Any, component: str, index: int, rgb: np.ndarray, strength: float, known: Any, times: int = 1
) -> np.ndarray:
    if strength == 0:
        return rgb
    degraded = np.ascontiguousarray(rgb[..., ::-1])
    for _ in range(times):
        degraded, _ = pipeline.degrade_single(degraded, component, strength, index, ctx=known)
    return np.ascontiguousarray(degraded[..., ::-1])


if __name__ == "__main__":
    main()
