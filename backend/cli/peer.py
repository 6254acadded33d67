"""Another tool, timed in a process of its own: its packages must not meet ours (several bring a `cv2` of their own).

Started by `bench` as `python peer.py NAME MODELS` with the folder of extra packages on the path. Says "ready" or why
not; then, for each picture's path on a line, the milliseconds from the file to the tool's answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter


def selfie_validator(models: Path) -> Callable[[Path], object]:
    """selfie-validator 1.0.0: size, blur, brightness, face size, tilt by Haar cascades. Six checks."""
    validator = import_module("selfie_validator").SelfieValidator()
    read = import_module("cv2").imread
    return lambda path: validator.validate(read(str(path)))


def mediapipe(models: Path) -> Callable[[Path], object]:
    """mediapipe 0.10.35: faces, 478 points and expressions, nothing judged. With the model file that we use too."""
    media = import_module("mediapipe")
    tasks = import_module("mediapipe.tasks.python")
    vision = import_module("mediapipe.tasks.python.vision")
    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(models / "face_landmarker.task")),
        output_face_blendshapes=True,
    )
    landmarker = vision.FaceLandmarker.create_from_options(options)
    return lambda path: landmarker.detect(media.Image.create_from_file(str(path)))


PEERS = {"selfie-validator": selfie_validator, "mediapipe": mediapipe}


def serve(name: str, models: Path) -> None:
    try:
        judge = PEERS[name](models)
    except Exception as error:  # whatever a foreign package raises, its reason is the answer
        print(f"{type(error).__name__}: {error}".splitlines()[0], flush=True)
        return
    print("ready", flush=True)
    for line in sys.stdin:
        started = perf_counter()
        try:
            judge(Path(line.rstrip("\n")))
        except Exception as error:
            print(type(error).__name__, flush=True)
            continue
        print((perf_counter() - started) * 1000, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
