"""Independent defects: the operators of the package ofiq-syngen over compliant portraits, stronger and stronger.

    pip install -r requirements-syngen.in        (not needed by anything else, so in no lock)
    python -m tests.compliance.curves FOLDER_OF_480x640_PORTRAITS

Prints, for each operator, the share of portraits on which the matching code is raised at each strength.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from backend.cli.checked import load_checker
from backend.compliance.assess import assess
from backend.compliance.findings import Mode, Verdict
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
    "MouthClosed.scalar": {"MOUTH_OPEN"},
    "MouthOcclusionPrevention.scalar": {"FACE_COVERED"},
    "NaturalColour.scalar": {"COLOR_CAST"},
    "NoHeadCoverings.scalar": {"HEADWEAR", "BROWS_HIDDEN"},
    "OverExposurePrevention.scalar": {"OVEREXPOSED", "HIGHLIGHT"},
    "Sharpness.scalar": {"BLUR", "NOISE", "UPSCALED"},
    "LuminanceMean.scalar": {"UNDEREXPOSED", "GLASSES_TINT", "HALF_FACE"},
    "UnderExposurePrevention.scalar": {"UNDEREXPOSED", "GLASSES_TINT", "HALF_FACE"},
    "SingleFacePresent.scalar": {"MANY_FACES"},
}


def main(folder: Path) -> None:
    from ofiq_syngen import COMPONENT_REGISTRY, DegradationPipeline

    checker, pipeline = load_checker(), DegradationPipeline()
    portraits = [np.asarray(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.jpg"))]
    print(f"{'operator':44s}" + "".join(f"{strength:>6g}" for strength in STRENGTHS))
    for component, entries in COMPONENT_REGISTRY.items():
        if component not in EXPECTED:
            continue
        for index, entry in enumerate(entries):
            shares = []
            for strength in STRENGTHS:
                raised = 0
                for portrait in portraits:
                    degraded = degrade(pipeline, component, index, portrait, strength)
                    report = assess(
                        jpeg(degraded),
                        file_name="a.jpg",
                        mode=Mode.FINAL,
                        standard=checker.standard,
                        profile="base",
                        analyser=checker.analyser,
                    ).report
                    codes = {finding.code.value for finding in report.findings if finding.verdict is not Verdict.OK}
                    raised += bool(codes & (EXPECTED[component] | {"NO_FACE"}))
                shares.append(raised / len(portraits))
            print(f"{entry.description[:43]:44s}" + "".join(f"{share:6.2f}" for share in shares), flush=True)


def degrade(pipeline: object, component: str, index: int, rgb: np.ndarray, strength: float) -> np.ndarray:
    if strength == 0:
        return rgb
    degraded, _ = pipeline.degrade_single(np.ascontiguousarray(rgb[..., ::-1]), component, strength, index)  # type: ignore[attr-defined]
    return np.ascontiguousarray(degraded[..., ::-1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
