"""Taking the photo: guide, picture, check, result, submitting."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.adapters.qr import draw_qr
from backend.compliance.assess import Unreadable, mode_for
from backend.compliance.findings import Mode, Report
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed
from backend.photos import queries
from backend.photos.operations import check_may_capture, hand_in, keep_draft, known_upload
from backend.photos.queries import draft_before, own_draft, photo_of, versions_of
from backend.photos.records import PhotoDraft
from backend.photos.rules import DraftGone, SentBefore, Source, State, compare, is_allowed, is_usable
from backend.views import access
from backend.views.addresses import root_address
from backend.views.limits import upload_limit
from backend.views.uploads import UploadProblem, read_picture
from backend.views.words import as_ago, t

blueprint = Blueprint("student_photo", __name__)

MAX_WORDS = 500  # of a student who asks that a person looks
UPLOAD_KEY = re.compile(r"[0-9a-f-]{32,36}")
GUIDED = "guided"  # in the signed cookie: the guide has been seen


@blueprint.get("/photo/guide")
@access.needs(Permission.OWN_DATA)
def guide() -> str | AnyResponse:
    if (other_page := elsewhere()) is not None:
        return other_page
    return render_template("student/photo_guide.html", guided=cookie.get(GUIDED, False))


@blueprint.get("/photo")
@access.needs(Permission.OWN_DATA)
def show() -> str | AnyResponse:
    if (other_page := elsewhere()) is not None:
        return other_page
    cookie[GUIDED] = True
    return _camera_page()


@blueprint.post("/photo/check")
@upload_limit
@access.needs(Permission.OWN_DATA)
def check() -> AnyResponse | tuple[str, int]:
    """1. may this student?  2. one readable picture  3. judged  4. kept for a while  5. the result has its own page.

    A picture that was sent before, by the key that the phone made for it, leads to where it is.
    """
    if (other_page := elsewhere()) is not None:
        return other_page
    try:
        draft = checked_draft(upload_key())
    except SentBefore:
        return redirect(url_for(".versions"), 303)
    except UploadProblem as problem:
        return _problem_page(problem), 413 if problem.reason == "too_big" else 422
    except Unreadable as problem:
        return _camera_page(t("finding.reason." + problem.reason)), 422
    return redirect(url_for(".result", draft_id=draft.id), 303)


def checked_draft(key: str | None) -> PhotoDraft:
    """The one picture of this request, judged and kept for a while; sent again under its key, the draft that is there.

    Raises UploadProblem, Unreadable, and SentBefore when the picture with this key is a version already.
    """
    parts, student_id = access.parts(), access.student().id
    if key is not None:
        known = known_upload(access.session(), student_id=student_id, upload_key=key, now=access.now())
        if known is not None:
            return known
    profile = profile_of(access.student())
    live_only = _live_only()
    access.session().rollback()  # no connection is held while the picture is read and judged
    picture = read_picture(max_bytes=parts.settings.photos.max_bytes)
    if not is_allowed(picture.source, live_only=live_only):
        raise UploadProblem("live_only")
    # what comes from our camera page is raw, whatever its size
    mode = Mode.CAPTURE if picture.source is Source.LIVE else mode_for(picture.content)
    assessment = parts.check(picture.content, file_name=picture.name, mode=mode, profile=profile)
    return keep_draft(
        access.session(),
        files=parts.files,
        student_id=student_id,
        content=picture.content,
        assessment=assessment,
        source=picture.source,
        keep_minutes=parts.settings.photos.draft_minutes,
        actor=access.actor(),
        now=access.now(),
        upload_key=key,
    )


@blueprint.get("/photo/draft/<int:draft_id>")
@access.needs(Permission.OWN_DATA)
def result(draft_id: int) -> str | AnyResponse | tuple[str, int]:
    try:
        return _result_page(_draft(draft_id))
    except DraftGone:
        return _gone(draft_id)


@blueprint.get("/photo/draft/<int:draft_id>/picture")
@access.needs(Permission.OWN_DATA)
def draft_picture(draft_id: int) -> Response:
    return Response(access.parts().files.get(_draft(draft_id).judged_file), mimetype="image/jpeg")


@blueprint.post("/photo/draft/<int:draft_id>/submit")
@access.needs(Permission.OWN_DATA)
def submit(draft_id: int) -> AnyResponse | tuple[str, int]:
    """A second tap, or the same form sent again after a broken line, leads to the version that is there."""
    try:
        hand_in(
            access.session(),
            student_id=access.student().id,
            draft_id=draft_id,
            words=request.form.get("ask", "").strip()[:MAX_WORDS],
            actor=access.actor(),
            now=access.now(),
        )
    except DraftGone:
        return _gone(draft_id)
    except Invalid:
        return _result_page(_draft(draft_id), ask_error=t("photo.ask.needed")), 422
    return redirect(url_for(".versions"), 303)


def profile_of(student: Student) -> str:
    """The channel whose rules hold: the cohort's, else the centre's, else the setting."""
    return queries.profile_of(student, default=access.parts().settings.photos.default_profile)


def _live_only() -> bool:
    """Does the student's profile ask for a picture taken now?"""
    profile = access.parts().standard.profiles.get(profile_of(access.student()))
    return profile is not None and profile.live_only


def upload_key() -> str | None:
    """The key that the phone made for this picture; None without script."""
    key = request.form.get("key", "")
    return key if UPLOAD_KEY.fullmatch(key) else None


def elsewhere() -> AnyResponse | None:
    """Where to go when no photo is to be taken now: an accepted one needs no other.

    Raises what leads to the data or to the consent.
    """
    try:
        check_may_capture(access.session(), student_id=access.student().id)
    except NotAllowed:
        return redirect(url_for(".versions"))
    return None


def _draft(draft_id: int) -> PhotoDraft:
    return own_draft(access.session(), student_id=access.student().id, draft_id=draft_id, now=access.now())


def _problem_page(problem: UploadProblem) -> str:
    if problem.reason == "missing":
        return _camera_page(t("photo.not_chosen_text"), chosen=False)
    if problem.reason == "too_big":
        return _camera_page(t("photo.too_big", megabytes=access.parts().settings.photos.max_bytes // 2**20))
    return _camera_page(t("photo.upload." + problem.reason))


def _camera_page(problem: str = "", *, chosen: bool = True) -> str:
    session, student, photos = access.session(), access.student(), access.parts().settings.photos
    photo = photo_of(session, student.id)
    return render_template(
        "student/photo.html",
        problem=problem,
        chosen=chosen,
        waiting=photo is not None and photo.state == State.READY_FOR_REVIEW,
        live_only=_live_only(),
        max_bytes=photos.max_bytes,
        **way_to_phone(),
        keep=as_ago(access.now() - timedelta(minutes=photos.draft_minutes), access.now()),
    )


def way_to_phone() -> dict[str, str]:
    """For a computer's screen: the camera page's address, drawn as a code and to type."""
    address = root_address() + url_for(".camera")
    return {"qr": draw_qr(address).svg, "phone_address": address.partition("://")[2]}


def _result_page(draft: PhotoDraft, ask_error: str = "") -> str:
    session, student, standard = access.session(), access.student(), access.parts().standard
    report = Report.from_dict(draft.report)
    photo = photo_of(session, student.id)
    before = draft_before(session, student_id=student.id, draft_id=draft.id)
    last = before.report if before else versions_of(session, photo.id)[0].report if photo else None
    return render_template(
        "student/photo_result.html",
        draft=draft,
        report=report,
        usable=is_usable(report),
        change=compare(Report.from_dict(last), report) if last else None,
        profile=standard.profiles.get(report.profile),
        waiting=photo is not None and photo.state == State.READY_FOR_REVIEW,
        ask_error=ask_error,
        max_words=MAX_WORDS,
    )


def _gone(draft_id: int) -> AnyResponse | tuple[str, int]:
    """The draft is a version already, or its time is over, or it never was this student's."""
    session = access.session()
    photo = photo_of(session, access.student().id)
    if photo is not None and any(version.draft_id == draft_id for version in versions_of(session, photo.id)):
        return redirect(url_for(".versions"), 303)
    return render_template("student/photo_gone.html"), 410
