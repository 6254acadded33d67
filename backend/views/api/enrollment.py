"""The registered data: read, confirm, report what is wrong."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, request
from pydantic import Field

from backend.accounts.rules import Permission
from backend.enrollment.operations import check_report, confirm_enrollment, report_wrong_data, withdraw_correction
from backend.enrollment.queries import confirmation_of, corrections_of, own_evidence, registered_values
from backend.enrollment.rules import VERIFIED_FIELDS, CorrectionState, masked_id_number
from backend.views import access
from backend.views.addresses import row_number
from backend.views.api.contract import EVIDENCE, KEPT_EVIDENCE, Answer, Body, Part, Upload, operation
from backend.views.evidence import take_evidence
from backend.views.limits import upload_limit

blueprint = Blueprint("api_enrollment", __name__, url_prefix="/api/v1/enrollment")

PROOF = Upload("evidence", EVIDENCE, many=True, needed=False, evidence=True)


CLAIMS = {"name": "林小曼"}  # an example: what is right for one field; the others are left out


class PieceSaid(Answer):
    id: int
    media_type: str = Field(examples=["image/jpeg"])


class Correction(Answer):
    """A report of what is wrong. `text`: what the college answered."""

    id: int
    state: CorrectionState
    fields: list[str] = Field(examples=[["name"]])
    reported_at: datetime
    decided_at: datetime | None
    text: str = Field(examples=["The name was corrected."])
    evidence: list[PieceSaid]


class Enrollment(Answer):
    """The registered data; the ID number is masked. `version` goes back with a confirmation or a report."""

    version: int
    values: dict[str, str] = Field(examples=[{"name": "林小满", "id_number": "990*************44"}])
    confirmed_at: datetime | None
    corrections: list[Correction]


class Confirm(Body):
    seen_version: int = Field(ge=1, le=2**31 - 1, examples=[1])


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Enrollment)
def show() -> Enrollment:
    return _said()


@blueprint.post("/confirmation")
@access.needs(Permission.OWN_DATA)
@operation(answer=Enrollment, body=Confirm, errors=(409,))
def confirm(body: Confirm) -> Enrollment:
    confirm_enrollment(
        access.session(),
        student_id=access.student().id,
        seen_version=body.seen_version,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.post("/corrections")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(
    answer=Enrollment,
    status=201,
    uploads=(PROOF,),
    fields=(
        Part("seen_version", "1", needed=True),
        *(Part(f"claim_{field}", CLAIMS.get(field, "")) for field in VERIFIED_FIELDS),
    ),
    errors=(409, 413),
)
def report() -> Enrollment:
    """A field that is sent is wrong; what is sent for it is right."""
    session, student = access.session(), access.student()
    seen = row_number(request.form.get("seen_version")) or 0
    claims = {field: request.form[f"claim_{field}"] for field in VERIFIED_FIELDS if f"claim_{field}" in request.form}
    check_report(session, student=student, seen_version=seen, claims=claims, now=access.now())
    evidence = take_evidence()
    report_wrong_data(
        session,
        student_id=student.id,
        seen_version=seen,
        claims=claims,
        evidence=evidence,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.delete("/corrections/<int:correction_id>")
@access.needs(Permission.OWN_DATA)
@operation(status=204, errors=(409,))
def withdraw(correction_id: int) -> None:
    withdraw_correction(
        access.session(),
        student_id=access.student().id,
        correction_id=correction_id,
        actor=access.actor(),
        now=access.now(),
    )


@blueprint.get("/evidence/<int:evidence_id>")
@access.needs(Permission.OWN_DATA)
@operation(media=KEPT_EVIDENCE)
def evidence(evidence_id: int) -> Response:
    """The own evidence, as it was sent."""
    found = own_evidence(access.session(), student_id=access.student().id, evidence_id=evidence_id)
    return Response(access.parts().files.get(found.file_name), mimetype=found.media_type)


def _said() -> Enrollment:
    session, student = access.session(), access.student()
    values = registered_values(student)
    if values.get("id_number"):
        values["id_number"] = masked_id_number(values["id_number"])
    confirmed = confirmation_of(session, student)
    return Enrollment(
        version=student.data_version,
        values=values,
        confirmed_at=confirmed.confirmed_at if confirmed else None,
        corrections=[
            Correction(
                id=case.id,
                state=CorrectionState(case.state),
                fields=[item.field for item in case.fields],
                reported_at=case.submitted_at,
                decided_at=case.decided_at,
                text=case.answer,
                evidence=[PieceSaid(id=item.id, media_type=item.media_type) for item in case.evidence],
            )
            for case in corrections_of(session, student.id)
        ],
    )
