"""What the camera page hands to its script: the limits, and where the engine's files are and how large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from backend.adapters.packed import ENCODINGS
from backend.compliance.live import live_settings
from backend.compliance.standard import Profile
from backend.parts import Parts
from backend.views import access
from backend.views.assets import packed_files

FOLDER = "mediapipe"
FILES = {
    "bundle": "vision_bundle.mjs",
    "loader": "wasm/vision_wasm_module_internal.js",
    "wasm": "wasm/vision_wasm_module_internal.wasm",
    "model": "face_landmarker.task",
    "outline": "selfie_segmenter.tflite",
}
COUNTED = ("wasm", "model", "outline")  # nearly all of it: progress is told by these


@dataclass(frozen=True)
class Weight:
    """Bytes of one file of the engine: as it is, and over the wire."""

    name: str
    plain: int
    packed: Mapping[str, int]  # by encoding


def live_data(profile: Profile) -> dict[str, Any]:
    """Plain data for the page; see `webapp/assets/js/engine/engine.js`."""
    vendor = current_app.jinja_env.globals["vendor"]
    addresses = {name: vendor(f"{FOLDER}/{path}") for name, path in FILES.items()}  # type: ignore[operator]
    weights = {weight.name: weight for weight in engine_weights(access.parts(), ("br",))}
    return {
        "settings": live_settings(profile),
        "frame_address": url_for("api_photos.frame"),
        "engine": {
            "bundle": addresses["bundle"],
            "loader": addresses["loader"],
            "bytes": sum(weight.packed["br"] for weight in weights.values()),
            "files": {
                name: {
                    "address": addresses[name],
                    "bytes": weights[name].plain,
                    "wire": weights[name].packed["br"],
                }
                for name in COUNTED
            },
        },
    }


def engine_weights(parts: Parts, encodings: tuple[str, ...] = ENCODINGS) -> list[Weight]:
    """What the engine on the phone costs once. The first call compresses what is not compressed yet (seconds)."""
    packed = packed_files(parts)
    files = {name: parts.vendor / FOLDER / path for name, path in FILES.items()}
    return [
        Weight(name, file.stat().st_size, {each: packed.of(file, each).stat().st_size for each in encodings})
        for name, file in files.items()
    ]
