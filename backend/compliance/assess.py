"""One picture in, one report out: the way from bytes to a verdict."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from backend.compliance.checks import CHECKS
from backend.compliance.checks.check import find
from backend.compliance.decode import Source, Unreadable, mode_for, open_source, pixels, read
from backend.compliance.face import Face
from backend.compliance.findings import Finding, Mode, Report, picture_verdict
from backend.compliance.hints import OUTLINE_CHECKS, is_due
from backend.compliance.normalise import Frame, Head, cut, first_reading, propose, write
from backend.compliance.observed import FaceBox, Rgb
from backend.compliance.prepare import FileFacts, Prepared, find_face, head_top, prepare, with_head_top
from backend.compliance.standard import Intake, Profile, Standard

if TYPE_CHECKING:
    from backend.ports import FaceAnalyser

__all__ = ["Assessment", "Unreadable", "assess", "mode_for"]

OVERVIEW = 900  # a raw picture is first looked at with its longer side between this many pixels and twice as many
LARGE = 16_000_000  # pixels held at once, above which the networks of the picture before make room for them
TALLEST, WIDEST = 640, 960  # a finished file of another size is judged at this height


@dataclass(frozen=True)
class Assessment:
    """A report with the pictures it speaks of.

    judged_jpeg:       the picture that was judged, as JPEG; marks are in its pixels. In capture mode without a usable
                       frame it is the whole picture, oriented and reduced.
    registration_jpeg: the normalised registration file; only in capture mode with a frame.
    face: the face that was judged, in pixels of the judged picture; None without one.
    """

    report: Report
    judged_jpeg: bytes
    registration_jpeg: bytes | None
    face: Face | None = field(default=None, repr=False)


def assess(
    content: bytes,
    *,
    file_name: str | None,
    mode: Mode,
    standard: Standard,
    profile: str,
    analyser: FaceAnalyser,
    today: date | None = None,
) -> Assessment:
    """Judge one picture.

    today: the day on which the picture's age counts; without it the age is not judged.
    Raises Unreadable with a named reason when the bytes are no picture that can be judged, StandardError for an
    unknown profile.
    """
    started = perf_counter()
    rules = standard.profile(profile)
    source = open_source(content, standard.intake)
    if source.held_whole and source.size[0] * source.size[1] > LARGE:
        analyser.make_room()  # a worker's memory is highest while such a picture is decoded
    if mode is Mode.CAPTURE:
        judged = _capture(source, file_name, rules, standard.intake, analyser, today)
    else:
        judged = _as_it_stands(source, file_name, mode, analyser, today)
    prepared = judged.prepared
    findings = _findings(prepared, rules, analyser)
    report = Report(
        verdict=picture_verdict(findings),
        findings=findings,
        mode=mode,
        edition=standard.edition,
        profile=profile,
        frame=None if judged.frame is None else judged.frame.box,
        scale=None if judged.frame is None else round(rules.target.width / judged.frame.width, 6),
        judged_size=(prepared.width, prepared.height),
        original_size=source.size,
        milliseconds=round((perf_counter() - started) * 1000, 1),
    )
    return Assessment(report, judged.jpeg, judged.jpeg if judged.frame else None, prepared.face)


def _findings(prepared: Prepared, rules: Profile, analyser: FaceAnalyser) -> tuple[Finding, ...]:
    """In the order of CHECKS. Where the head ends on a video frame is found out only when no earlier hint is due."""
    due = [check for check in CHECKS if check.applies(prepared)]
    outline = OUTLINE_CHECKS if prepared.mode is Mode.FRAME else frozenset()
    made = {check.code: find(check, prepared, rules.rule(check.code)) for check in due if check.code not in outline}
    verdicts = {code: finding.verdict for code, finding in made.items()}
    for check in due:
        if check.code in outline and is_due(check.code, verdicts):
            prepared = with_head_top(prepared, analyser)
            made[check.code] = find(check, prepared, rules.rule(check.code))
    return tuple(made[check.code] for check in due if check.code in made)


@dataclass(frozen=True)
class _Judged:
    prepared: Prepared
    jpeg: bytes
    frame: Frame | None


def _as_it_stands(
    source: Source, file_name: str | None, mode: Mode, analyser: FaceAnalyser, today: date | None
) -> _Judged:
    """A finished file, or a video frame: nothing is cropped; another size than 480x640 is judged at 640 rows."""
    width, height = source.size
    factor = min(TALLEST / height, WIDEST / width)
    if mode is Mode.FRAME:
        factor = min(1.0, factor)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    rgb = _resized(read(source, at_least=size), size)
    facts = FileFacts(file_name, len(source.content), source.size, source.metadata, source.metadata)
    prepared = prepare(rgb, mode=mode, file=facts, analyser=analyser, today=today)
    as_sent = source.metadata.kind == "JPEG" and size == source.size and not source.turned
    return _Judged(prepared, source.content if as_sent else _screen_jpeg(rgb), None)


def _capture(
    source: Source,
    file_name: str | None,
    profile: Profile,
    intake: Intake,
    analyser: FaceAnalyser,
    today: date | None,
) -> _Judged:
    """1. look at a reduced picture  2. propose the frame  3. cut and write it  4. read what was written."""
    picture = read(source, at_least=first_reading(source.size))
    small = _overview(picture)
    face, faces = find_face(small, analyser, blendshapes=False)
    frame = None if face is None else _frame(small, face, faces[0], source.size, profile, analyser)
    facts = FileFacts(file_name, len(source.content), source.size, source.metadata, source.metadata)
    if frame is None:
        prepared = prepare(small, mode=Mode.CAPTURE, file=facts, analyser=analyser, today=today)
        return _Judged(prepared, _screen_jpeg(small), None)
    target = profile.target
    written = write(cut(source, frame, target, picture), target)
    again = open_source(written, intake)
    rgb = pixels(again, at_least=again.size)
    own = replace(again.metadata, bits=_written_bits(source))
    facts = replace(facts, name=None, byte_count=len(written), size=(frame.width, frame.height), metadata=own)
    outside = _outside(faces[1:], source.size[0] / small.shape[1], frame, target.width)
    prepared = prepare(rgb, mode=Mode.CAPTURE, file=facts, analyser=analyser, today=today, outside=outside)
    return _Judged(prepared, written, frame)


def _outside(others: tuple[FaceBox, ...], up: float, frame: Frame, width: int) -> tuple[FaceBox, ...]:
    """Faces of the raw picture whose middle is cut off by the frame, in pixels of the picture cut out.

    up: pixels of the original per pixel in which the faces are given; width: of the picture cut out.
    """
    cut_off = []
    for face in others:
        placed = face.scaled(up).moved(frame.x, frame.y)
        x, y = placed.middle
        if not (0 <= x < frame.width and 0 <= y < frame.height):
            cut_off.append(placed.scaled(width / frame.width))
    return tuple(cut_off)


def _written_bits(source: Source) -> int:
    """What we write has 24 bits, but grey and CMYK pictures had no usable colour to begin with."""
    return source.metadata.bits if source.metadata.bands in ("L", "LA", "1", "CMYK", "I", "F") else 24


def _frame(
    small: Rgb, face: Face, box: FaceBox, original: tuple[int, int], profile: Profile, analyser: FaceAnalyser
) -> Frame | None:
    x, y, near = _around(small, box)
    top = head_top(analyser.person(near), face.moved(x, y)) + y
    up = original[0] / small.shape[1]
    head = Head(top=top * up, eyes=face.eye_middle[1] * up, axis=face.axis * up, width=face.width * up)
    return propose(head, original, profile)


def _around(small: Rgb, face: FaceBox) -> tuple[int, int, Rgb]:
    """The part that a frame can come from: the person is seen more finely there than on the whole picture."""
    reach = 2.2 * max(face.width, face.height)
    middle_x, middle_y = face.x + face.width / 2, face.y + face.height / 2
    x, y = max(0, int(middle_x - reach * 0.75)), max(0, int(middle_y - reach))
    part = small[y : int(middle_y + reach), x : int(middle_x + reach * 0.75)]
    return x, y, np.ascontiguousarray(part)


def _overview(picture: Image.Image) -> Rgb:
    """For looking only: reduced by a whole number, which is many times as fast as by a fraction."""
    times = max(picture.size) // OVERVIEW
    if times <= 1:
        return np.asarray(picture)
    width, height = picture.width // times, picture.height // times
    return np.asarray(picture.reduce(times, (0, 0, width * times, height * times)))


def _resized(picture: Image.Image, size: tuple[int, int]) -> Rgb:
    if picture.size == size:
        return np.asarray(picture)
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))


def _screen_jpeg(rgb: Rgb) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
