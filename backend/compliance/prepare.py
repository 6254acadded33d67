"""Everything the checks read, made once per picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import cv2
import numpy as np

from backend.compliance.decode import Metadata
from backend.compliance.face import Face
from backend.compliance.findings import Mode
from backend.compliance.observed import FaceBox, Grey, Mask, Mesh, Rgb
from backend.compliance.regions import Regions, regions_of
from backend.ports import FaceAnalyser

FEWEST_SKIN = 60  # pixels at half size
STANDARD_HEIGHT = 640
FRAME_DETECTION = 120, 320  # a video frame's face is large: it is looked for at this height, else at the next
TRIES = 3  # finds that are looked at before the picture counts as one without a face
SURELY_A_FACE = 0.5  # the detector also finds animals; the mesh's own presence tells them apart (below 0.01)
WELL_AIMED = 0.9  # presence below which the points are looked for once more, round those found: bare faces give 1.00
HEAD_COLUMN = 0.45  # the head top is looked for within this many face widths of the axis
BESIDE_HEAD, BELOW_EYES = 0.75, 0.5  # face widths of a video frame in which the top of the head is looked for
HEAD_RUN = 0.22  # a row belongs to the head when the person is this many face widths wide there: a strand is not


@dataclass(frozen=True)
class FileFacts:
    """What is known of the file that is judged.

    name:      as the person called it, None when it has none (a normalised file).
    size:      width and height of the file; in capture mode of the frame, in pixels of the original.
    original:  what the file sent in says about itself; in capture mode not the file that is judged.
    """

    name: str | None
    byte_count: int
    size: tuple[int, int]
    metadata: Metadata
    original: Metadata


@dataclass(frozen=True)
class Prepared:
    """A picture ready to be measured. Arrays are not written to.

    rgb:      (height, width, 3) uint8 sRGB, the judged picture; 480x640 unless it has another shape.
    faces:    every face found, the largest first.
    face:     the largest one's points, None without a face.
    person:   (height, width) float32 0..1, None without a face and on a video frame.
    head_top: row of the top of the head, hair included, 0 when it touches the upper edge; None without a face, and on
              a video frame until `with_head_top`.
    regions:  at half size; None without a face and on a video frame.
    today:    the day on which the age of a picture is judged, None when the caller does not say.
    outside:  faces of the raw picture round the judged one, in its pixels; empty unless a frame was cut out.
    """

    mode: Mode
    file: FileFacts
    rgb: Rgb
    faces: tuple[FaceBox, ...]
    face: Face | None
    person: Grey | None
    head_top: float | None
    regions: Regions | None
    today: date | None
    outside: tuple[FaceBox, ...] = ()

    @property
    def subject(self) -> Face:
        """The face that is judged. Raises ValueError without one."""
        if self.face is None:
            raise ValueError("no face")
        return self.face

    @property
    def parts(self) -> Regions:
        """The regions. Raises ValueError without a face."""
        if self.regions is None:
            raise ValueError("no face")
        return self.regions

    @property
    def skin(self) -> Mask:
        """Where the face's skin is, at half size. Raises ValueError when there is too little to judge."""
        if np.count_nonzero(self.parts.skin) < FEWEST_SKIN:
            raise ValueError("too little skin")
        return self.parts.skin

    @cached_property
    def grey(self) -> Rgb:
        """(height, width) uint8."""
        return np.asarray(cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)

    @property
    def scale(self) -> float:
        """Pixels of a 480x640 registration picture per pixel of the judged one: 1 except for video frames."""
        return STANDARD_HEIGHT / self.height if self.mode is Mode.FRAME else 1.0

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])


def prepare(
    rgb: Rgb,
    *,
    mode: Mode,
    file: FileFacts,
    analyser: FaceAnalyser,
    today: date | None = None,
    outside: tuple[FaceBox, ...] = (),
) -> Prepared:
    """Find the faces; for the largest the points; the person; the regions that follow from them."""
    if mode is Mode.FRAME:
        face, faces = _face_on_frame(rgb, analyser)
    else:
        face, faces = find_face(rgb, analyser, blendshapes=True)
    person = head = regions = None
    if face is not None and mode is not Mode.FRAME:
        person = analyser.person(rgb)
        head = head_top(person, face)
        regions = _regions(rgb, person, face)
    return Prepared(mode, file, rgb, faces, face, person, head, regions, today, outside)


def with_head_top(prepared: Prepared, analyser: FaceAnalyser) -> Prepared:
    """A video frame with the top of its head: it costs as much again as everything else, so it is not always asked.

    It is looked for from the upper edge to half a face's width below the eyes, and as far beside the face's axis as
    hair may reach.
    """
    face = prepared.subject
    beside, below = BESIDE_HEAD * face.width, BELOW_EYES * face.width
    left = int(np.clip(face.axis - beside, 0, prepared.width - 1))
    right = int(np.clip(face.axis + beside, left + 1, prepared.width))
    bottom = int(np.clip(face.eye_middle[1] + below, 1, prepared.height))
    outline = analyser.person(prepared.rgb[:bottom, left:right], small=True)
    return replace(prepared, head_top=head_top(outline, face.moved(left, 0)))


def _face_on_frame(rgb: Rgb, analyser: FaceAnalyser) -> tuple[Face | None, tuple[FaceBox, ...]]:
    face: Face | None = None
    faces: tuple[FaceBox, ...] = ()
    for height in FRAME_DETECTION:
        face, faces = find_face(rgb, analyser, blendshapes=False, detect_at=height)
        if face is not None:
            break
    return face, faces


def _regions(rgb: Rgb, person: Grey, face: Face) -> Regions | None:
    try:
        return regions_of(rgb, person, face)
    except (ValueError, cv2.error):
        return None  # a face mostly outside the picture: what needs regions says "unknown"


def find_face(
    rgb: Rgb, analyser: FaceAnalyser, *, blendshapes: bool, detect_at: int | None = None
) -> tuple[Face | None, tuple[FaceBox, ...]]:
    """The largest face with its points, and all faces with that one first. None when no find is surely a face.

    detect_at: height at which faces are looked for, to save time; None leaves it to the analyser, and where that finds
    none they are looked for once more on a small picture, in which noise is averaged out: it hides dark skin first.
    """
    faces = _boxes(rgb, analyser, detect_at)
    face = _surely_a_face(rgb, faces, analyser, blendshapes=blendshapes)
    if face is None and detect_at is None:
        again = _boxes(rgb, analyser, FRAME_DETECTION[0])
        face = _surely_a_face(rgb, again, analyser, blendshapes=blendshapes)
        if face is None or face[0].mesh.presence < WELL_AIMED:  # a head seen from behind has a hint of a face there
            return None, faces
        faces = again
    if face is None:
        return None, faces
    points, found = face
    return points, (found, *(other for other in faces if other is not found))


def _boxes(rgb: Rgb, analyser: FaceAnalyser, detect_at: int | None) -> tuple[FaceBox, ...]:
    if detect_at is None or rgb.shape[0] <= detect_at:
        return analyser.faces(rgb)
    factor = detect_at / rgb.shape[0]
    small = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return tuple(box.scaled(1 / factor) for box in analyser.faces(np.asarray(small, dtype=np.uint8)))


def _surely_a_face(
    rgb: Rgb, faces: tuple[FaceBox, ...], analyser: FaceAnalyser, *, blendshapes: bool
) -> tuple[Face, FaceBox] | None:
    for box in faces[:TRIES]:
        mesh = analyser.mesh(rgb, box, blendshapes=blendshapes)
        if mesh.presence < WELL_AIMED:  # a mask draws the detector's box down to its foot
            again = analyser.mesh(rgb, round_points(mesh, box), blendshapes=blendshapes)
            mesh = replace(max(mesh, again, key=lambda one: one.presence), at_first=mesh.presence)
        if mesh.presence >= SURELY_A_FACE:
            return Face(mesh), box
    return None


def round_points(mesh: Mesh, found: FaceBox) -> FaceBox:
    """The box of the points, turned as the one they were found in."""
    (left, top), (right, bottom) = (
        (float(x), float(y)) for x, y in (mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0))
    )
    return replace(found, x=left, y=top, width=right - left, height=bottom - top)


def head_top(person: Grey, face: Face) -> float:
    """The row where the head begins, in pixels with a fraction.

    Going down from the upper edge, the first row in which the person is at least HEAD_RUN face widths wide near the
    face's axis: hair counts as head, a loose strand does not.
    """
    left = max(0, int(face.axis - HEAD_COLUMN * face.width))
    right = min(person.shape[1], int(face.axis + HEAD_COLUMN * face.width) + 1)
    bottom = int(min(person.shape[0], max(1.0, face.eye_middle[1])))
    column = person[:bottom, left:right]
    if column.size == 0:
        return 0.0
    run = column.sum(axis=1)  # soft width: a half-covered pixel counts half
    wanted = HEAD_RUN * face.width
    wide = np.flatnonzero(run >= wanted)
    if wide.size == 0:
        return float(bottom)
    row = int(wide[0])
    if row == 0:
        return 0.0
    above, here = float(run[row - 1]), float(run[row])
    return row - (here - wanted) / max(here - above, 1e-6)
