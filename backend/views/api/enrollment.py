"""The registered data: read, confirm, report what is wrong."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from pydantic import Field

from backend.accounts.rules import Permission
from backend.enrollment.operations import check_report, confirm_enrollment, report_wrong_data, withdraw_correction
from backend.enrollment.queries import confirmation_of, corrections_of, registered_values
from backend.enrollment.rules import VERIFIED_FIELDS, CorrectionState, masked_id_number
from backend.views import access
from backend.views.addresses import row_number
from backend.views.api.contract import Answer, Body, Upload, operation
from backend.views.evidence import take_evidence
from backend.views.limits import upload_limit

blueprint = Blueprint("api_enrollment", __name__, url_prefix="/api/v1/enrollment")

EVIDENCE = Upload("evidence", ("image/jpeg", "image/png", "image/heic", "application/pdf"), many=True, needed=False)


class Correction(Answer):
    id: int
    state: CorrectionState
    fields: list[str]
    reported_at: datetime


class Enrollment(Answer):
    """The registered data; the ID number is masked. `version` goes back with a confirmation or a report."""

    version: int
    values: dict[str, str]
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
    uploads=(EVIDENCE,),
    fields=("seen_version", *(f"claim_{field}" for field in VERIFIED_FIELDS)),
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
            )
            for case in corrections_of(session, student.id)
        ],
    )
