"""What people send as files, read within limits. Names and types as the browser gives them decide nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import FileStorage

from backend.compliance.decode import open_source, pixels
from backend.compliance.standard import Intake
from backend.photos.rules import Source

SOURCES = {"live": Source.LIVE, "camera": Source.CAMERA, "album": Source.ALBUM}  # by the field it came in
MAX_EVIDENCE = 5
PDF = "application/pdf"
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "HEIF": "image/heif"}
PREVIEW = (64, 64)  # enough to know that a picture can be decoded to its end

_one_at_a_time = threading.Lock()  # a decoded picture is large: many uploads at once must not add up


class UploadProblem(Exception):
    """A file that is not taken. `reason` names its sentence: area `photo`, table `upload`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    """One picture as sent. name: without folders, at most 120 characters, None when the phone gave none."""

    content: bytes
    name: str | None
    source: Source


@dataclass(frozen=True)
class EvidenceFile:
    """Evidence whose type was read from its content."""

    content: bytes
    media_type: str


def read_picture(*, max_bytes: int) -> Picture:
    """The one picture of this request, from whichever input.

    Raises UploadProblem: "missing", "several", "empty" or "too_big".
    """
    sent = [(field, file) for field in SOURCES for file in _chosen(field)]
    if not sent:
        raise UploadProblem("missing")
    if len(sent) > 1:
        raise UploadProblem("several")
    field, file = sent[0]
    return Picture(_content(file, max_bytes), _plain_name(file.filename), SOURCES[field])


def read_evidence(field: str, *, max_bytes: int, intake: Intake) -> list[EvidenceFile]:
    """Pictures and PDFs, at most five. A PDF is kept as it is: it is never opened here, nor shown inside our pages.

    Raises UploadProblem, and Unreadable for a picture that cannot be decoded or is nothing we know.
    """
    files = _chosen(field)
    if len(files) > MAX_EVIDENCE:
        raise UploadProblem("too_many")
    found = []
    for file in files:
        content = _content(file, max_bytes)
        found.append(EvidenceFile(content, PDF if _is_pdf(content) else _picture_type(content, intake)))
    return found


def _chosen(field: str) -> list[FileStorage]:
    # a browser sends an empty part without a name for an input in which nothing was chosen
    return [file for file in request.files.getlist(field) if file.filename or file.stream.read(1)]


def _content(file: FileStorage, max_bytes: int) -> bytes:
    file.stream.seek(0)
    content = file.stream.read(max_bytes + 1)
    if not content:
        raise UploadProblem("empty")
    if len(content) > max_bytes:
        raise UploadProblem("too_big")
    return content


def _plain_name(name: str | None) -> str | None:
    """The last part of what may be a path, without control characters."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-120:] or None


def _is_pdf(content: bytes) -> bool:
    """A PDF with its end: a file cut off in mid-upload is told at once, not when staff open it."""
    if not content.startswith(b"%PDF-"):
        return False
    if b"%%EOF" not in content[-2048:]:
        raise UploadProblem("cut_off")
    return True


def _picture_type(content: bytes, intake: Intake) -> str:
    source = open_source(content, intake)
    with _one_at_a_time:
        pixels(source, at_least=PREVIEW)
    return MEDIA_TYPES[source.metadata.kind]
