"""Scans of graduates: read within limits, and shown with who looks and when. Every view is in the history first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from backend.alumni import papers
from backend.alumni.papers import note_paper_seen
from backend.alumni.queries import own_case
from backend.alumni.records import AlumniPaper
from backend.compliance.assess import mode_for
from backend.doctor import files_in_use
from backend.errors import NotFound
from backend.views import access
from backend.views.student.photo import profile_of
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


def add_own_paper(case_id: int, kind: str) -> AlumniPaper:
    """1. may it be added  2. one readable file  3. a photo is judged  4. stored  5. added. Both doors add it here.

    Raises what take_paper and papers.check_add raise, NotFound.
    """
    parts, session, student = access.parts(), access.session(), access.student()
    student_id, profile = student.id, profile_of(student)
    case = own_case(session, student_id=student_id, case_id=case_id)
    papers.check_add(session, case=case, kind=kind, rules=parts.alumni)
    session.rollback()  # no connection is held while the file is read and judged
    file = take_paper(kind)
    judged: dict[str, Any] = {}
    if kind == "photo":
        found = parts.check(file.content, file_name=None, mode=mode_for(file.content), profile=profile)
        judged = {
            "judged_file": parts.files.put(found.judged_jpeg),
            "registration_file": parts.files.put(found.registration_jpeg) if found.registration_jpeg else None,
            "report": found.report.as_dict(),
        }
    return papers.add_paper(
        session,
        student_id=student_id,
        case_id=case_id,
        paper=papers.StoredPaper(
            kind, parts.files.put(file.content), file.media_type, len(file.content), file.pages, **judged
        ),
        files=parts.files,
        used=files_in_use,
        rules=parts.alumni,
        actor=access.actor(),
        now=access.now(),
    )


def own_paper(case_id: int, paper_id: int) -> AlumniPaper:
    """A scan that the graduate added: the centre's sealed sheet is none of them. Raises NotFound."""
    found = papers.own_paper(access.session(), student_id=access.student().id, case_id=case_id, paper_id=paper_id)
    if found.kind == "sheet":
        raise NotFound(paper=paper_id)
    return found


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
