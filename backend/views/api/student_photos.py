"""The photo: check a picture, submit it, see what was said, withdraw, object. One video frame: see photos.py."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response
from pydantic import Field

from backend.accounts.rules import Permission
from backend.compliance.findings import PictureVerdict, Report
from backend.errors import Invalid
from backend.photos.operations import check_may_capture, hand_in, object_to_return, withdraw_photo
from backend.photos.queries import (
    accepted_version,
    objection_to,
    own_draft,
    own_version,
    photo_of,
    standing_decision,
    versions_of,
)
from backend.photos.records import PhotoDraft, PhotoVersion
from backend.photos.rules import State, is_usable
from backend.views import access
from backend.views.api.contract import (
    FIRST,
    JPEG,
    LIST,
    PICTURES,
    Answer,
    Body,
    Next,
    Page,
    Part,
    Seen,
    Upload,
    before,
    operation,
    page,
)
from backend.views.api.findings import Finding, findings_of
from backend.views.limits import upload_limit
from backend.views.student.photo import MAX_WORDS, checked_draft, upload_key

blueprint = Blueprint("api_student_photos", __name__, url_prefix="/api/v1/photos")


class Draft(Answer):
    """A checked picture. `usable`: it can be submitted; with the verdict "retake" only with words for a person."""

    id: int
    verdict: PictureVerdict
    usable: bool
    findings: list[Finding]
    expires_at: datetime


class DecisionSaid(Answer):
    action: str = Field(examples=["return"])
    reasons: list[str] = Field(examples=[["HEAD_TOP"]])
    text: str = Field(examples=["请往后站一点，头顶留一点空。"])
    decided_at: datetime


class ObjectionSaid(Answer):
    """What the student wrote to the person who looks, with the submission or afterwards."""

    text: str = Field(examples=["The wall behind me is white."])
    made_at: datetime


class Version(Answer):
    number: int
    verdict: PictureVerdict
    findings: list[Finding]
    submitted_at: datetime
    decision: DecisionSaid | None
    objection: ObjectionSaid | None


class Photo(Answer):
    """Where the photo stands, the newest version first. `revision` goes back with a change.

    `next`: the cursor of older versions.
    """

    state: State | None
    revision: int
    versions: list[Version]
    next: Next


class Submit(Body):
    ask: str | None = Field(
        None,
        max_length=MAX_WORDS,
        description='Words for the person who looks: needed with the verdict "retake", kept with "review".',
        examples=["The spot on the wall cannot be painted over."],
    )


class Object(Seen):
    text: str = Field(min_length=1, max_length=MAX_WORDS, examples=["The wall behind me is white."])


@blueprint.post("/drafts")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(
    answer=Draft,
    status=201,
    uploads=tuple(Upload(name, PICTURES, needed=False) for name in ("live", "camera", "album")),
    fields=(Part("key", "0e3a3c1e-6f5b-4a53-9d0b-2f6f1c1f8a77"),),
    errors=(409, 413),
)
def check() -> Draft:
    """One picture, in the part that says where it is from.

    `key` (a UUID of the phone): sent twice, checked once; 409 sent_before when it was submitted already.
    """
    check_may_capture(access.session(), student_id=access.student().id)
    return _draft(checked_draft(upload_key()))


@blueprint.get("/drafts/<int:draft_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Draft, errors=(409,))
def draft(draft_id: int) -> Draft:
    return _draft(_own_draft(draft_id))


@blueprint.post("/drafts/<int:draft_id>/submission")
@access.needs(Permission.OWN_DATA)
@operation(answer=Photo, status=201, body=Submit, errors=(409,))
def submit(draft_id: int, body: Submit) -> Photo:
    """Twice makes one version."""
    hand_in(
        access.session(),
        student_id=access.student().id,
        draft_id=draft_id,
        words=body.ask or "",
        actor=access.actor(),
        now=access.now(),
    )
    return _photo()


@blueprint.get("/drafts/<int:draft_id>/picture")
@access.needs(Permission.OWN_DATA)
@operation(media=(JPEG,), errors=(409,))
def draft_picture(draft_id: int) -> Response:
    """What was judged: turned upright and made smaller, no more."""
    return Response(access.parts().files.get(_own_draft(draft_id).judged_file), mimetype=JPEG)


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Photo, query=LIST)
def show() -> Photo:
    return _photo(page())


@blueprint.get("/versions/<int:number>/picture")
@access.needs(Permission.OWN_DATA)
@operation(media=(JPEG,))
def picture(number: int) -> Response:
    found = own_version(access.session(), student_id=access.student().id, number=number)
    return Response(access.parts().files.get(found.judged_file), mimetype=JPEG)


@blueprint.get("/versions/<int:number>/file")
@access.needs(Permission.OWN_DATA)
@operation(media=(JPEG,))
def file(number: int) -> Response:
    """The registration file of an accepted version, for the student to keep."""
    found = accepted_version(access.session(), student_id=access.student().id, number=number)
    return Response(access.parts().files.get(found.registration_file or found.judged_file), mimetype=JPEG)


@blueprint.post("/withdrawal")
@access.needs(Permission.OWN_DATA)
@operation(answer=Photo, body=Seen, errors=(409,))
def withdraw(body: Seen) -> Photo:
    withdraw_photo(
        access.session(),
        student_id=access.student().id,
        seen_revision=body.seen_revision,
        actor=access.actor(),
        now=access.now(),
    )
    return _photo()


@blueprint.post("/objection")
@access.needs(Permission.OWN_DATA)
@operation(answer=Photo, body=Object, errors=(409,))
def object_(body: Object) -> Photo:
    """A person shall look again; once for each version."""
    if not body.text.strip():
        raise Invalid({"text": "needed"})
    object_to_return(
        access.session(),
        student_id=access.student().id,
        seen_revision=body.seen_revision,
        text=body.text,
        actor=access.actor(),
        now=access.now(),
    )
    return _photo()


def _own_draft(draft_id: int) -> PhotoDraft:
    return own_draft(access.session(), student_id=access.student().id, draft_id=draft_id, now=access.now())


def _draft(found: PhotoDraft) -> Draft:
    report = Report.from_dict(found.report)
    return Draft(
        id=found.id,
        verdict=report.verdict,
        usable=is_usable(report),
        findings=findings_of(report),
        expires_at=found.expires_at,
    )


def _photo(asked: Page = FIRST) -> Photo:
    session = access.session()
    photo = photo_of(session, access.student().id)
    if photo is None:
        return Photo(state=None, revision=0, versions=[], next=None)
    rows, more = before(versions_of(session, photo.id), asked, lambda version: version.number)
    return Photo(
        state=State(photo.state), revision=photo.revision, versions=[_version(found) for found in rows], next=more
    )


def _version(found: PhotoVersion) -> Version:
    decision, objection = standing_decision(access.session(), found.id), objection_to(access.session(), found.id)
    report = Report.from_dict(found.report)
    return Version(
        number=found.number,
        verdict=report.verdict,
        findings=findings_of(report),
        submitted_at=found.submitted_at,
        decision=DecisionSaid(
            action=decision.action,
            reasons=decision.reasons,
            text=decision.text_student,
            decided_at=decision.decided_at,
        )
        if decision
        else None,
        objection=ObjectionSaid(text=objection.text, made_at=objection.made_at) if objection else None,
    )
