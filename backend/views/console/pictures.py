"""Pictures for staff. Every single read is in the history of the student."""

from __future__ import annotations

import io
from enum import StrEnum

from flask import Blueprint, Response, request
from PIL import Image, UnidentifiedImageError

from backend.accounts.rules import Permission
from backend.errors import Invalid
from backend.photos.operations import note_photo_seen
from backend.photos.queries import version_in_scope
from backend.photos.records import PhotoVersion
from backend.views import access

blueprint = Blueprint("console_pictures", __name__)


class Place(StrEnum):
    """Where a picture is shown."""

    REVIEW = "review"
    THUMBNAIL = "thumbnail"
    STUDENT = "student"


class Purpose(StrEnum):
    """Why somebody takes the original, as the student sent it."""

    DISPUTE = "dispute"  # a second look after an objection
    HAND_OVER = "hand_over"  # the capture unit asks for it
    REPAIR = "repair"  # the normalised file came out wrong


@blueprint.get("/console/review/<int:photo_id>/picture/<int:number>")
@access.needs(Permission.PHOTO_REVIEW)
def judged(photo_id: int, number: int) -> Response:
    """The judged picture, never kept by the browser."""
    version = _version(photo_id, number)
    content = access.parts().files.get(version.judged_file)
    wish = request.args.get("for", "")
    _note(photo_id, number, Place(wish).value if wish in set(Place) else Place.REVIEW.value)
    return Response(content, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


@blueprint.post("/console/review/<int:photo_id>/original/<int:number>")
@access.needs(Permission.PHOTO_REVIEW)
def original(photo_id: int, number: int) -> Response:
    """The picture as it was sent, to keep: only for a purpose that is named."""
    version = _version(photo_id, number)
    purpose = request.form.get("purpose", "")
    if purpose not in set(Purpose):
        raise Invalid({"purpose": "purpose_needed"})
    content = access.parts().files.get(version.original_file)
    name = f"photo-{photo_id}-v{number}{_ending(content)}"
    _note(photo_id, number, f"original_{purpose}")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype="application/octet-stream", headers=headers)


def _version(photo_id: int, number: int) -> PhotoVersion:
    return version_in_scope(access.session(), scope=access.scope(), photo_id=photo_id, number=number)[1]


def _note(photo_id: int, number: int, purpose: str) -> None:
    session = access.session()
    photo, version = version_in_scope(session, scope=access.scope(), photo_id=photo_id, number=number)
    note_photo_seen(
        session,
        version=version,
        student_id=photo.student_id,
        purpose=purpose,
        actor=access.actor(),
        now=access.now(),
    )


def _ending(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return {"JPEG": ".jpg", "PNG": ".png", "HEIF": ".heic", "WEBP": ".webp"}.get(image.format or "", ".bin")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return ".bin"
