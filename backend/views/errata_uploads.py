"""What comes with an errata case as a file: pieces of evidence, and the right e-photo. Both doors take them here."""

from __future__ import annotations

from flask import request

from backend.compliance.findings import Mode
from backend.errata.operations import attach_evidence, attach_photo, check_may_attach, check_may_attach_photo
from backend.views import access
from backend.views.evidence import take_evidence
from backend.views.student.photo import profile_of
from backend.views.uploads import UploadProblem, read_picture

ALBUM = "album"  # the part of the photo, read as every other picture is
OTHER = "other"  # evidence of no kind that the form asks for


def add_evidence(case_id: int, *, kind: str, field: str, needed: bool = False) -> None:
    """Keep what was sent in this field as evidence of one kind; nothing sent is nothing to do, unless it is needed.

    Raises NotFound, NotAllowed, Invalid, UploadProblem and Unreadable.
    """
    student_id = access.student().id
    check_may_attach(access.session(), student_id=student_id, case_id=case_id)
    files = take_evidence(field) if request.files.getlist(field) else []
    if needed and not files:
        raise UploadProblem("missing")
    if files:
        attach_evidence(
            access.session(),
            forms=access.parts().forms,
            student_id=student_id,
            case_id=case_id,
            kind=kind,
            evidence=files,
            actor=access.actor(),
            now=access.now(),
        )


def add_photo(case_id: int) -> None:
    """Judge the one picture of this request as a finished registration file, like every other, and keep it.

    Raises NotFound, NotAllowed, ConsentMissing, UploadProblem and Unreadable.
    """
    parts, student = access.parts(), access.student()
    student_id, profile = student.id, profile_of(student)
    check_may_attach_photo(access.session(), student_id=student_id, case_id=case_id)
    access.session().rollback()  # no connection is held while the picture is read and judged
    picture = read_picture(max_bytes=parts.settings.photos.max_bytes)
    assessment = parts.check(picture.content, file_name=picture.name, mode=Mode.FINAL, profile=profile)
    attach_photo(
        access.session(),
        files=parts.files,
        student_id=student_id,
        case_id=case_id,
        content=picture.content,
        assessment=assessment,
        actor=access.actor(),
        now=access.now(),
    )
