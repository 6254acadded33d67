"""Errata cases: choose a form, fill it in, send it, look at the correction; and the other student of a swap."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from backend.accounts.rules import Permission
from backend.errata.beginnings import OtherStudent
from backend.errata.forms import MAX_VALUE
from backend.errata.operations import (
    answer_swap,
    confirm_case,
    edit_case,
    open_case,
    remove_evidence,
    report_still_wrong,
    submit_case,
    withdraw_case,
)
from backend.errata.queries import case_naming, cases_naming, cases_of, evidence_of, own_case, own_photo
from backend.errata.records import ErratumCase
from backend.errata.rules import (
    MAX_STATEMENT,
    MAX_WORDS,
    Form,
    Origin,
    Reason,
)
from backend.errors import Invalid
from backend.views import access
from backend.views.api.contract import (
    EVIDENCE,
    JPEG,
    LIST,
    PICTURES,
    Body,
    Part,
    Revision,
    Seen,
    Upload,
    before,
    operation,
    page,
)
from backend.views.api.errata_said import (
    Asking,
    Askings,
    Errata,
    Forms,
    WholeErratum,
    asking_said,
    brief_said,
    form_said,
    whole_said,
)
from backend.views.downloads import PDF
from backend.views.errata_uploads import ALBUM, OTHER, add_evidence, add_photo
from backend.views.errata_words import printed
from backend.views.evidence import show_evidence
from backend.views.limits import upload_limit

blueprint = Blueprint("api_errata", __name__, url_prefix="/api/v1/errata")


class Choose(Body):
    """One of the pairs that GET /errata/forms gives."""

    form: Form = Field(strict=False, examples=["image_info"])
    reason: Reason = Field(strict=False, examples=["capture_data"])


Value = Annotated[str, Field(max_length=MAX_VALUE)]


class Edit(Body):
    """The whole of what the student writes: a column that is left out is emptied."""

    seen_revision: Revision
    title: str = Field("", max_length=24, examples=["image_info"])
    values: dict[str, Value] = Field(examples=[{"right_name": "林小满"}])
    statement: str = Field(max_length=MAX_STATEMENT, examples=["My name was typed wrongly at the capture."])
    other_name: str = Field("", max_length=60, examples=["王安"])
    other_number: str = Field("", max_length=32, examples=["F202400044"])


class Look(Body):
    """The student looked at 学信网. `text` is needed when it is not right."""

    seen_revision: Revision
    right: bool
    text: str = Field("", max_length=MAX_WORDS, examples=["The name is right, the ID number is not."])


class Agree(Body):
    """Is the photo that 学信网 shows here the asking student's?"""

    agrees: bool
    text: str = Field("", max_length=MAX_WORDS, examples=["The photo with my name shows somebody else."])


@blueprint.get("/forms")
@access.needs(Permission.OWN_DATA)
@operation(answer=Forms)
def forms() -> Forms:
    return Forms(items=[form_said(form) for form in access.parts().forms.forms.values()])


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Errata, query=LIST)
def own() -> Errata:
    rows, more = before(cases_of(access.session(), access.student().id), page(), lambda case: case.id)
    return Errata(items=[brief_said(case) for case in rows], next=more)


@blueprint.post("")
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum, status=201, body=Choose, errors=(409,))
def open_(body: Choose) -> WholeErratum:
    """A draft. One of this form and reason that is under way is given instead."""
    case = open_case(
        access.session(),
        student_id=access.student().id,
        form=body.form,
        reason=body.reason,
        values={},
        origin=Origin.STUDENT,
        actor=access.actor(),
        now=access.now(),
    )
    return _said(case.id)


@blueprint.get("/<int:case_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum)
def show(case_id: int) -> WholeErratum:
    return _said(case_id)


@blueprint.put("/<int:case_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum, body=Edit, errors=(409,))
def edit(case_id: int, body: Edit) -> WholeErratum:
    """What is missing is asked for when the case is sent."""
    case = _own(case_id)
    known = {column.name for column in access.parts().forms.of(case.form, case.reason).columns}
    unknown = sorted(set(body.values) - known)
    if unknown:
        raise Invalid({f"values.{name}": "unknown" for name in unknown})
    edit_case(
        access.session(),
        forms=access.parts().forms,
        student_id=access.student().id,
        case_id=case_id,
        seen_revision=body.seen_revision,
        title=body.title,
        values=body.values,
        statement=body.statement,
        other_student=OtherStudent(body.other_name, body.other_number),
        actor=access.actor(),
        now=access.now(),
    )
    return _said(case_id)


@blueprint.post("/<int:case_id>/evidence")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(
    answer=WholeErratum,
    status=201,
    uploads=(Upload("evidence", EVIDENCE, many=True, evidence=True),),
    fields=(Part("kind", "id_card", needed=True),),
    errors=(409, 413),
)
def attach(case_id: int) -> WholeErratum:
    """Pictures or PDFs of one kind that the form asks for, or of kind "other"."""
    add_evidence(case_id, kind=request.form.get("kind", OTHER), field="evidence", needed=True)
    return _said(case_id)


@blueprint.get("/<int:case_id>/evidence/<int:evidence_id>/pages/<int:number>")
@access.needs(Permission.OWN_DATA)
@operation(media=(JPEG,), errors=(422,))
def piece(case_id: int, evidence_id: int, number: int) -> Response:
    """One page with the name of who looks and the time on it."""
    found = evidence_of(_own(case_id), evidence_id)
    return show_evidence(found.file_name, found.media_type, number)


@blueprint.delete("/<int:case_id>/evidence/<int:evidence_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum, errors=(409,))
def remove(case_id: int, evidence_id: int) -> WholeErratum:
    remove_evidence(
        access.session(),
        student_id=access.student().id,
        case_id=case_id,
        evidence_id=evidence_id,
        actor=access.actor(),
        now=access.now(),
    )
    return _said(case_id)


@blueprint.post("/<int:case_id>/photo")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum, status=201, uploads=(Upload(ALBUM, PICTURES),), errors=(409, 413))
def photo(case_id: int) -> WholeErratum:
    """The right e-photo, checked as a finished registration file; a later one takes its place."""
    add_photo(case_id)
    return _said(case_id)


@blueprint.get("/<int:case_id>/photos/<int:photo_id>/picture")
@access.needs(Permission.OWN_DATA)
@operation(media=(JPEG,))
def picture(case_id: int, photo_id: int) -> Response:
    found = own_photo(_own(case_id), photo_id)
    return Response(access.parts().files.get(found.judged_file), mimetype=JPEG)


@blueprint.get("/<int:case_id>/form")
@access.needs(Permission.OWN_DATA)
@operation(media=(PDF,))
def form(case_id: int) -> Response:
    """The form to sign, on A4; the ID number is masked."""
    return Response(printed(_own(case_id)).content, mimetype=PDF)


@blueprint.post("/<int:case_id>/submission")
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum, body=Seen, errors=(409,))
def submit(case_id: int, body: Seen) -> WholeErratum:
    """To the centre. With 409 case_not_complete, `fields` names what is missing."""
    submit_case(
        access.session(),
        forms=access.parts().forms,
        student_id=access.student().id,
        case_id=case_id,
        seen_revision=body.seen_revision,
        actor=access.actor(),
        now=access.now(),
    )
    return _said(case_id)


@blueprint.post("/<int:case_id>/withdrawal")
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum, errors=(409,))
def withdraw(case_id: int) -> WholeErratum:
    """Possible until the college has decided."""
    withdraw_case(
        access.session(),
        forms=access.parts().forms,
        student_id=access.student().id,
        case_id=case_id,
        actor=access.actor(),
        now=access.now(),
    )
    return _said(case_id)


@blueprint.post("/<int:case_id>/look")
@access.needs(Permission.OWN_DATA)
@operation(answer=WholeErratum, body=Look, errors=(409,))
def look(case_id: int, body: Look) -> WholeErratum:
    """Right: the case is over. Not yet: it goes back to those who follow it up."""
    student_id, forms_, seen = access.student().id, access.parts().forms, body.seen_revision
    session, actor, now = access.session(), access.actor(), access.now()
    if body.right:
        confirm_case(
            session, forms=forms_, student_id=student_id, case_id=case_id, seen_revision=seen, actor=actor, now=now
        )
    else:
        report_still_wrong(
            session,
            forms=forms_,
            student_id=student_id,
            case_id=case_id,
            seen_revision=seen,
            text=body.text,
            actor=actor,
            now=now,
        )
    return _said(case_id)


@blueprint.get("/asked")
@access.needs(Permission.OWN_DATA)
@operation(answer=Askings, query=LIST)
def askings() -> Askings:
    """Swaps in which staff found the caller to be the other student."""
    rows, more = before(cases_naming(access.session(), access.student().id), page(), lambda case: case.id)
    return Askings(items=[asking_said(case) for case in rows], next=more)


@blueprint.get("/asked/<int:case_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Asking)
def asked(case_id: int) -> Asking:
    return asking_said(case_naming(access.session(), student_id=access.student().id, case_id=case_id))


@blueprint.post("/asked/<int:case_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Asking, body=Agree, errors=(409,))
def agree(case_id: int, body: Agree) -> Asking:
    answer_swap(
        access.session(),
        student_id=access.student().id,
        case_id=case_id,
        agrees=body.agrees,
        text=body.text,
        actor=access.actor(),
        now=access.now(),
    )
    return asking_said(case_naming(access.session(), student_id=access.student().id, case_id=case_id))


def _own(case_id: int) -> ErratumCase:
    return own_case(access.session(), student_id=access.student().id, case_id=case_id)


def _said(case_id: int) -> WholeErratum:
    case = _own(case_id)
    access.session().refresh(case)  # evidence and photo as they are by now
    return whole_said(case)
