"""The student's own corner: data, consents, who looked at the photo, devices, password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.operations import end_other_sign_ins, end_sign_in
from backend.accounts.queries import accounts_by_id, devices_of
from backend.accounts.rules import Permission
from backend.alumni.operations import may, open_case_of, withdraw_case
from backend.alumni.papers import SCANS_CONSENT
from backend.alumni.rules import CaseAction, Party
from backend.consent.operations import withdraw_consent
from backend.consent.queries import consents_of
from backend.consent.records import Consent
from backend.consent.rules import Purpose, Text
from backend.enrollment.rules import masked_id_number
from backend.errors import NotFound
from backend.history.queries import entries_about
from backend.notifications.queries import chosen_channels
from backend.photos.operations import PHOTO_CONSENT, withdraw_photo
from backend.photos.queries import photo_of
from backend.photos.rules import State
from backend.views import access, words
from backend.views.passwords import change_own_password, min_length
from backend.views.student.consent import asked
from backend.views.student.looks import fold_looks
from backend.views.student.wechat import is_there, own_bindings
from backend.views.words import t

blueprint = Blueprint("student_mine", __name__)

LOOKS_READ = 500  # entries of the history that the page goes back


@blueprint.get("/mine")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    student = access.student()
    return render_template(
        "student/mine.html",
        student=student,
        id_number=masked_id_number(student.id_number),
        consents=sum(consent is not None for consent in _standing().values()),
        purposes=len(purposes()),
        told_by=len(chosen_channels(access.session(), student.id) & set(access.parts().messengers)),
        wechat_on=is_there(own_bindings()),
        devices=len(devices_of(access.session(), access.account().id, now=access.now())),
    )


@blueprint.get("/mine/consents")
@access.needs(Permission.OWN_DATA)
def consents() -> str:
    return render_template("student/mine_consents.html", texts=_texts(), standing=_standing(), all=_answers())


@blueprint.route("/mine/consents/<purpose>/withdraw", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def withdraw(purpose: str) -> str | Response:
    """A page that says what withdrawing means, and the withdrawal itself. Twice is harmless."""
    if purpose not in purposes():
        raise NotFound(purpose=purpose)
    if request.method == "GET":
        return render_template("student/mine_withdraw.html", purpose=purpose, text=_texts()[purpose])
    withdraw_purpose(purpose)
    flash(t("mine.consents.withdrawn_now"), "good")
    return redirect(url_for("student_mine.consents"), 303)


def withdraw_purpose(purpose: str) -> None:
    """Withdraw a consent, and first what rests on it."""
    if purpose == PHOTO_CONSENT:
        # a photo that waits must not be looked at any more; first it, so that a broken line leaves nothing waiting
        photo = photo_of(access.session(), access.student().id)
        if photo is not None and photo.state == State.READY_FOR_REVIEW:
            withdraw_photo(
                access.session(),
                student_id=photo.student_id,
                seen_revision=photo.revision,
                actor=access.actor(),
                now=access.now(),
            )
    if purpose == SCANS_CONSENT:
        _withdraw_alumni_case()
    withdraw_consent(
        access.session(),
        student_id=access.student().id,
        purpose=purpose,
        actor=access.actor(),
        now=access.now(),
    )


@blueprint.get("/mine/looks")
@access.needs(Permission.OWN_DATA)
def looks() -> str:
    """Every look of a member of staff at the own photo."""
    entries = entries_about(access.session(), access.student().id, verbs=["photo.seen"], limit=LOOKS_READ)
    found = fold_looks(entries)
    people = accounts_by_id(access.session(), {look.actor_id for look in found if look.actor_id is not None})
    return render_template("student/mine_looks.html", looks=found, people=people)


@blueprint.get("/mine/devices")
@access.needs(Permission.OWN_DATA)
def devices() -> str:
    found = devices_of(access.session(), access.account().id, now=access.now())
    return render_template("student/mine_devices.html", devices=found, this=access.sign_in_id())


@blueprint.post("/mine/devices/end-others")
@access.needs(Permission.OWN_DATA)
def end_other_devices() -> Response:
    count = end_other_sign_ins(
        access.session(),
        account_id=access.account().id,
        but=access.sign_in_id(),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("mine.devices.ended_others", count=count), "good")
    return redirect(url_for("student_mine.devices"), 303)


@blueprint.post("/mine/devices/<int:device_id>/end")
@access.needs(Permission.OWN_DATA)
def end_device(device_id: int) -> Response:
    end_sign_in(
        access.session(),
        account_id=access.account().id,
        sign_in_id=device_id,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("mine.devices.ended"), "good")
    return redirect(url_for("student_mine.devices"), 303)


@blueprint.route("/mine/password", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def password() -> str | Response | tuple[str, int]:
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        errors, status = change_own_password()
        if not errors:
            flash(t("staff.password.changed"), "good")
            return redirect(url_for("student_mine.show"), 303)
    return render_template("student/mine_password.html", errors=errors, min_length=min_length()), status


def _withdraw_alumni_case() -> None:
    """Without the consent its scans go: the case is taken back with it, unless it has been reported already."""
    session, student = access.session(), access.student()
    case = open_case_of(session, student.id)
    if case is not None and may(case, Party.STUDENT, CaseAction.WITHDRAW) and case.papers:
        withdraw_case(
            session,
            student_id=student.id,
            case_id=case.id,
            seen_revision=case.revision,
            rules=access.parts().alumni,
            actor=access.actor(),
            now=access.now(),
        )


def purposes() -> dict[str, Purpose]:
    """The purposes that everybody is asked about, and those that this person agreed to elsewhere."""
    given = {consent.purpose for consent in _answers() if consent.withdrawn_at is None}
    return {name: found for name, found in access.parts().purposes.items() if name in asked() or name in given}


def _answers() -> list[Consent]:
    return list(consents_of(access.session(), access.student().id))


def _standing() -> dict[str, Consent | None]:
    """Purpose -> the newest answer that is not withdrawn."""
    standing: dict[str, Consent | None] = dict.fromkeys(purposes())
    for consent in reversed(_answers()):
        if consent.withdrawn_at is None and consent.purpose in standing:
            standing[consent.purpose] = consent
    return standing


def _texts() -> dict[str, Text]:
    """Purpose -> its text in the reader's language."""
    return {name: purpose.texts[words.look().language] for name, purpose in purposes().items()}
