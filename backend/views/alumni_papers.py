"""Scans of graduates: read within limits, and shown with who looks and when. Every view is in the history first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from backend.alumni.papers import note_paper_seen
from backend.alumni.records import AlumniPaper
from backend.errors import NotFound
from backend.views import access
from backend.views.uploads import UploadProblem, read_evidence
from backend.views.words import as_datetime, t

PHOTO_KINDS = ("image/jpeg", "image/png", "image/heif")


@dataclass(frozen=True)
class PaperFile:
    """A file whose type was read from its content."""

    content: bytes
    media_type: str
    pages: int


def take_paper(kind: str) -> PaperFile:
    """The one file of this request; a photo is a picture, a scan may be a PDF too.

    Raises UploadProblem, Unreadable for a picture, Undrawable for a PDF that cannot be shown.
    """
    parts = access.parts()
    files = read_evidence("file", max_bytes=parts.settings.photos.evidence_max_bytes, intake=parts.standard.intake)
    if len(files) != 1:
        raise UploadProblem("several" if files else "missing")
    file = files[0]
    if kind == "photo" and file.media_type not in PHOTO_KINDS:
        raise UploadProblem("no_picture")
    pages = parts.pages_of(file.content, media_type=file.media_type)
    return PaperFile(file.content, file.media_type, pages)


def show_paper(paper: AlumniPaper, page: int) -> Response:
    """One page as a JPEG that bears the viewer and the time; of the photo, the picture that was judged."""
    parts, case_id = access.parts(), paper.case_id
    name, media_type = paper.file_name, paper.media_type
    if paper.judged_file is not None:
        name, media_type = paper.judged_file, "image/jpeg"
    note_paper_seen(access.session(), paper=paper, actor=access.actor(), now=access.now())
    lines = (
        t("alumni.watermark.who", name=access.account().display_name),
        t("alumni.watermark.when", time=as_datetime(access.now())),
    )
    shown = parts.watermarked(parts.files.get(name), media_type=media_type, lines=lines, page=page)
    if shown is None:
        raise NotFound(case=case_id, page=page)
    return Response(shown, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})
