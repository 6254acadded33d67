"""Proofreading for staff: who stands where, what 学信网 shows of one student, and writing it down by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.queries import names_of
from backend.accounts.rules import CENTRE_ROLES, Permission
from backend.compliance.assess import Unreadable
from backend.days import day_of
from backend.enrollment.operations import record_status_change
from backend.enrollment.queries import status_changes_of, student_in_scope
from backend.enrollment.records import Student
from backend.errors import Invalid
from backend.proofreading.operations import (
    link_photo,
    note_linked_photo_seen,
    record_chsi_result,
    record_deletion,
)
from backend.proofreading.queries import (
    chsi_records_of,
    conclusions_of,
    linked_photo_in_scope,
    linked_photos_of,
    proofreadings_of,
    reminders_of,
    runs_of,
    students_proofreading,
    study_passed_on,
)
from backend.proofreading.rules import AtChsi, ChsiResult, ImageKind, ProofStep
from backend.proofreading.stages import Witness
from backend.views import access
from backend.views.console.lists import Page, centre_choices, centre_wish, one_of, page_number
from backend.views.limits import upload_limit
from backend.views.student.steps import standing_of
from backend.views.uploads import PDF, UploadProblem, read_evidence
from backend.views.words import t

blueprint = Blueprint("console_proofreading", __name__)

ROWS = 60


@blueprint.get("/console/proofreading", endpoint="list")
@access.needs(Permission.STUDENT_VIEW)
def list_page() -> str:
    session, parts, number = access.session(), access.parts(), page_number()
    text, centre, step = request.args.get("q", "").strip()[:60], centre_wish(), one_of(ProofStep, "step")
    students = students_proofreading(session, scope=access.scope(), centre_id=centre, text=text)
    standing = proofreadings_of(
        session, students, table=parts.proofreading, college=parts.settings.notices.college, now=access.now()
    )
    counts = Counter(standing[student.id].step for student in students)
    found = [student for student in students if step is None or standing[student.id].step is step]
    rows = found[(number - 1) * ROWS : number * ROWS]
    return render_template(
        "console/proofreading/list.html",
        rows=[(student, standing[student.id]) for student in rows],
        counts={kind: counts[kind] for kind in ProofStep if counts[kind]},
        page=Page(number, ROWS, len(found)),
        chosen=step,
        text=text,
        keep={name: value for name, value in (("q", text), ("centre", centre)) if value},
        centres=centre_choices(),
        centre=centre,
        today=day_of(access.now()),
    )


@blueprint.get("/console/students/<int:student_id>/proofreading")
@access.needs(Permission.STUDENT_VIEW)
def show(student_id: int) -> str:
    return _page(_student(student_id))


@blueprint.get("/console/students/<int:student_id>/linked/<int:linked_id>")
@access.needs(Permission.PHOTO_REVIEW)
def picture(student_id: int, linked_id: int) -> Response:
    """The linked photo, never kept by the browser; the look is in the student's history."""
    student = _student(student_id)
    found = linked_photo_in_scope(access.session(), scope=access.scope(), student_id=student.id, linked_id=linked_id)
    content, media_type = access.parts().files.get(found.file_name), found.media_type
    note_linked_photo_seen(access.session(), photo=found, actor=access.actor(), now=access.now())
    return Response(content, mimetype=media_type, headers={"Cache-Control": "no-store"})


@blueprint.post("/console/students/<int:student_id>/linked")
@upload_limit
@access.needs(Permission.CHSI_RECORD)
def link(student_id: int) -> AnyResponse | tuple[str, int]:
    """A photo brought by hand: the person says that it is this student's, as 学信网 shows it."""
    student, parts = _student(student_id), access.parts()
    try:
        if request.form.get("sure") != "1":
            raise Invalid({"sure": "sure_needed"})
        as_of = _day("as_of")
        files = read_evidence("photo", max_bytes=parts.settings.photos.evidence_max_bytes, intake=parts.standard.intake)
        if len(files) != 1 or files[0].media_type == PDF:
            raise Invalid({"photo": "photo_needed"})
        link_photo(
            access.session(),
            files=parts.files,
            scope=access.scope(),
            student_id=student.id,
            content=files[0].content,
            media_type=files[0].media_type,
            kind=ImageKind.ENTRANCE if request.form.get("kind") == ImageKind.ENTRANCE else ImageKind.REGISTRATION,
            witness=_witness(),
            source=t("proofreading.by_hand"),
            as_of=as_of,
            table=parts.proofreading,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        return _problems(student_id, "photo", error), 422
    except UploadProblem as error:
        return _page(_student(student_id), "photo", {"photo": t("photo.upload." + error.reason)}), 422
    except Unreadable as error:
        return _page(_student(student_id), "photo", {"photo": t("finding.reason." + error.reason)}), 422
    flash(t("proofreading.photo.kept"), "good")
    return redirect(url_for(".show", student_id=student_id), 303)


@blueprint.post("/console/students/<int:student_id>/chsi")
@access.needs(Permission.CHSI_RECORD)
def result(student_id: int) -> AnyResponse | tuple[str, int]:
    """What 学信网 says of one student, read off by a person."""
    student = _student(student_id)
    try:
        proofread = request.form.get("proofreading", "")
        record_chsi_result(
            access.session(),
            scope=access.scope(),
            student_id=student.id,
            result=ChsiResult(
                has_photo={"yes": True, "no": False}.get(request.form.get("has_photo", "")),
                proofreading=AtChsi(proofread) if proofread in set(AtChsi) else AtChsi.UNKNOWN,
                review=request.form.get("review", "").strip()[:60],
                remark=request.form.get("remark", "").strip()[:500],
            ),
            witness=_witness(),
            source=request.form.get("source", "").strip()[:60] or t("proofreading.by_hand"),
            as_of=_day("as_of"),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        return _problems(student_id, "result", error), 422
    flash(t("proofreading.result.kept"), "good")
    return redirect(url_for(".show", student_id=student_id), 303)


@blueprint.post("/console/students/<int:student_id>/conclusion-deleted")
@access.needs(Permission.CHSI_RECORD)
def deleted(student_id: int) -> AnyResponse:
    """The conclusion at 学信网 is deleted: the student concludes again."""
    record_deletion(
        access.session(),
        scope=access.scope(),
        student_id=student_id,
        source=t("proofreading.by_hand"),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("proofreading.deleted.kept"), "good")
    return redirect(url_for(".show", student_id=student_id), 303)


@blueprint.post("/console/students/<int:student_id>/status")
@access.needs(Permission.CHSI_RECORD)
def status(student_id: int) -> AnyResponse | tuple[str, int]:
    """A change of status, which may stop the clock of study time."""
    student, table = _student(student_id), access.parts().proofreading
    try:
        kind = request.form.get("kind", "")
        if kind not in table.pauses:
            raise Invalid({"kind": "kind_needed"})
        record_status_change(
            access.session(),
            scope=access.scope(),
            student_id=student.id,
            kind=kind,
            first_day=_day("first_day"),
            last_day=_day("last_day") if request.form.get("last_day") else None,
            counts={"yes": True, "no": False}.get(request.form.get("counts", "")),
            source=t("proofreading.by_hand"),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        return _problems(student_id, "status", error), 422
    flash(t("proofreading.status.kept"), "good")
    return redirect(url_for(".show", student_id=student_id), 303)


def _student(student_id: int) -> Student:
    return student_in_scope(access.session(), scope=access.scope(), student_id=student_id)


def _witness() -> Witness:
    """What somebody of a centre writes down is the centre's word; the registry speaks for the college."""
    return Witness.CENTRE if access.account().role in CENTRE_ROLES else Witness.COLLEGE


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Invalid({name: "day_needed"}) from None


def _problems(student_id: int, form: str, error: Invalid) -> str:
    access.session().rollback()
    words = {name: t("proofreading.problem." + key) for name, key in error.problems.items()}
    return _page(_student(student_id), form, words)


def _page(student: Student, form: str = "", errors: dict[str, str] | None = None) -> str:
    session, table = access.session(), access.parts().proofreading
    photos, records = linked_photos_of(session, student.id), chsi_records_of(session, student.id)
    people = {row.added_by for row in photos} | {row.recorded_by for row in records}
    return render_template(
        "console/proofreading/show.html",
        student=student,
        standing=standing_of(student),
        photos=photos,
        pictures="pictures" in request.args,
        records=records,
        conclusions=conclusions_of(session, student.id),
        runs=runs_of(session, student.id),
        rows={row.id: row for row in table.rows},
        reminders=reminders_of(session, student.id),
        over_from=study_passed_on(session, student, table=table),
        changes=status_changes_of(session, [student.id]),
        kinds=table.pause_words,
        names=names_of(session, {person for person in people if person}),
        form=form,
        errors=errors or {},
        sent=request.form,
        today=day_of(access.now()),
    )
