"""The verbs of photos: keep a draft, submit it, withdraw, object; accept, return, undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.compliance.assess import Assessment
from backend.compliance.codes import Code
from backend.compliance.findings import PictureVerdict, Report
from backend.consent.queries import has_consent
from backend.enrollment.queries import may_capture
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import SYSTEM, Actor, Fact
from backend.photos.check_counts import count_check
from backend.photos.queries import draft_of_upload, standing_decision, version_of_upload
from backend.photos.records import Decision, Objection, Photo, PhotoDraft, PhotoVersion, ScannedPicture
from backend.photos.rules import (
    Action,
    AlreadyObjected,
    ConsentMissing,
    DraftGone,
    NoUsableFrame,
    OwnScan,
    ReasonMissing,
    SentBefore,
    Source,
    State,
    UndoTooLate,
    is_usable,
    may_decide,
    may_undo,
    next_state,
    text_problems,
    words_that_count,
)
from backend.ports import FileStore
from backend.records import begin_write

PHOTO_CONSENT = "photo_handling"


def keep_draft(
    session: Session,
    *,
    files: FileStore,
    student_id: int,
    content: bytes,
    assessment: Assessment,
    source: Source,
    keep_minutes: int,
    actor: Actor,
    now: datetime,
    upload_key: str | None = None,
) -> PhotoDraft:
    """Keep a checked picture for a while, so that submitting it needs no second upload.

    upload_key: made by the phone for each picture. The same key again gives the draft that is there already.
    Raises what check_may_capture raises, before anything is stored, and SentBefore for the key of a version.
    """
    check_may_capture(session, student_id=student_id)
    originals = {
        "original_file": files.put(content),
        "judged_file": files.put(assessment.judged_jpeg),
        "registration_file": files.put(assessment.registration_jpeg) if assessment.registration_jpeg else None,
    }
    begin_write(session)
    if upload_key is not None:
        # the student's row puts two sendings of one picture in a line
        session.get_one(Student, student_id, with_for_update={"of": Student})
        known = known_upload(session, student_id=student_id, upload_key=upload_key, now=now)
        if known is not None:
            session.rollback()
            return known
        known = draft_of_upload(session, student_id=student_id, upload_key=upload_key)
        if known is not None:
            known.upload_key = None  # its time is over: it waits to be swept up
            session.flush()
    draft = PhotoDraft(
        student_id=student_id,
        upload_key=upload_key,
        source=source.value,
        report=assessment.report.as_dict(),
        created_at=now,
        expires_at=now + timedelta(minutes=keep_minutes),
        **originals,
    )
    session.add(draft)
    session.flush()
    student = session.get_one(Student, student_id)
    count_check(session, centre_id=student.centre_id, cohort_id=student.cohort_id, report=assessment.report, now=now)
    facts = {"verdict": assessment.report.verdict.value, "keep_minutes": keep_minutes}
    happened(session, Fact("photo.draft_kept", None, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.commit()
    return draft


def known_upload(session: Session, *, student_id: int, upload_key: str, now: datetime) -> PhotoDraft | None:
    """The draft of the picture with this key of the phone; None when it is to be judged (again).

    Raises SentBefore when it is a version already.
    """
    version = version_of_upload(session, student_id=student_id, upload_key=upload_key)
    if version is not None:
        raise SentBefore(version=version.number)
    draft = draft_of_upload(session, student_id=student_id, upload_key=upload_key)
    return draft if draft is not None and draft.expires_at > now else None


def check_may_capture(session: Session, *, student_id: int) -> None:
    """May the student take a photo now?

    Raises DataDisputed or DataNotConfirmed while the registered data are not settled, ConsentMissing, and NotAllowed
    when a photo is accepted already. The order is the order in which the student is asked.
    """
    may_capture(session, student=session.get_one(Student, student_id))
    if not has_consent(session, student_id=student_id, purpose=PHOTO_CONSENT):
        raise ConsentMissing(student=student_id)
    state = session.scalar(select(Photo.state).where(Photo.student_id == student_id))
    next_state(State(state) if state else None, Action.SUBMIT)


def hand_in(
    session: Session, *, student_id: int, draft_id: int, words: str, actor: Actor, now: datetime
) -> PhotoVersion:
    """What a student's tap on "submit" does, on whichever way: submit_photo, with the words that count.

    Raises Invalid for a clear defect without words, and what submit_photo raises.
    """
    draft, ask_person = session.get(PhotoDraft, draft_id), None
    if draft is not None and draft.student_id == student_id and is_usable(Report.from_dict(draft.report)):
        ask_person = words_that_count(PictureVerdict(draft.report["verdict"]), words)
    return submit_photo(session, student_id=student_id, draft_id=draft_id, ask_person=ask_person, actor=actor, now=now)


def submit_photo(
    session: Session,
    *,
    student_id: int,
    draft_id: int,
    ask_person: str | None,
    actor: Actor,
    now: datetime,
) -> PhotoVersion:
    """Make the draft the student's next version. Doing it twice gives the version that is there already.

    ask_person: the student's words to the person who looks: against a clear defect, or with a doubt (a head covering
    that is worn for religious, medical or cultural need); else None.
    Raises DraftGone when the draft's time is over, NoUsableFrame when no registration file can come of it, and what
    check_may_capture raises.
    """
    begin_write(session)
    # the student's row puts two taps in a line, also before there is a photo to lock
    session.get_one(Student, student_id, with_for_update={"of": Student})
    photo = session.scalars(select(Photo).where(Photo.student_id == student_id).with_for_update(of=Photo)).one_or_none()
    if photo is not None:
        done = session.scalars(
            select(PhotoVersion).where(PhotoVersion.photo_id == photo.id, PhotoVersion.draft_id == draft_id)
        ).one_or_none()
        if done is not None:
            session.rollback()
            return done
    draft = session.get(PhotoDraft, draft_id)
    if draft is None or draft.student_id != student_id or draft.expires_at <= now:
        raise DraftGone(draft=draft_id)
    check_may_capture(session, student_id=student_id)
    if not is_usable(Report.from_dict(draft.report)):
        raise NoUsableFrame(draft=draft_id)
    version, state = add_version(
        session, student_id=student_id, photo=photo, picture=draft, ask_person=ask_person, submitted_by=None, now=now
    )
    session.delete(draft)
    facts = {"state": state.value, "version": version.number, "verdict": version.verdict}
    fact = Fact("photo.submitted", version.photo_id, owner_id=student_id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    session.commit()
    return version


def add_version(
    session: Session,
    *,
    student_id: int,
    photo: Photo | None,
    picture: PhotoDraft | ScannedPicture,
    ask_person: str | None,
    submitted_by: int | None,
    now: datetime,
) -> tuple[PhotoVersion, State]:
    """Make a checked picture the student's next version, in the transaction of the caller, who commits.

    photo: the student's, locked; None when there is none. Raises NotAllowed when its state forbids it.
    """
    report, judged = picture.report, picture.judged_file
    if report is None or judged is None:
        raise NoUsableFrame(picture=picture.id)
    defect = report["verdict"] == PictureVerdict.RETAKE and ask_person is None
    state = next_state(State(photo.state) if photo else None, Action.SUBMIT_DEFECT if defect else Action.SUBMIT)
    if photo is None:
        photo = Photo(student_id=student_id, state=state, current=1, submitted_at=now)
        session.add(photo)
    else:
        photo.current += 1
        photo.revision += 1
    photo.state, photo.submitted_at, photo.objected = state, now, ask_person is not None
    session.flush()
    draft = picture if isinstance(picture, PhotoDraft) else None
    version = PhotoVersion(
        photo_id=photo.id,
        number=photo.current,
        draft_id=draft.id if draft else -photo.current,
        upload_key=draft.upload_key if draft else None,
        original_file=picture.original_file,
        judged_file=judged,
        registration_file=picture.registration_file,
        source=draft.source if draft else Source.SCANNED.value,
        verdict=report["verdict"],
        edition=report["edition"],
        profile=report["profile"],
        report=report,
        submitted_at=now,
        submitted_by=submitted_by,
    )
    session.add(version)
    session.flush()
    if ask_person is not None:
        session.add(Objection(version_id=version.id, text=ask_person, made_at=now))
    return version, state


def withdraw_photo(session: Session, *, student_id: int, seen_revision: int, actor: Actor, now: datetime) -> Photo:
    """The student takes the photo back while nobody has decided."""
    photo = _own_photo(session, student_id, seen_revision)
    return _change(session, photo, Action.WITHDRAW, "photo.withdrawn", {}, actor=actor, now=now)


def object_to_return(
    session: Session, *, student_id: int, seen_revision: int, text: str, actor: Actor, now: datetime
) -> Photo:
    """The student asks that a person looks (again) at the newest version; once per version."""
    photo = _own_photo(session, student_id, seen_revision)
    version = current_version(session, photo)
    if session.scalar(select(Objection.id).where(Objection.version_id == version.id)):
        raise AlreadyObjected(version=version.number)
    next_state(State(photo.state), Action.OBJECT)
    session.add(Objection(version_id=version.id, text=text.strip(), made_at=now))
    photo.objected = True
    facts = {"version": version.number}
    return _change(session, photo, Action.OBJECT, "photo.objected", facts, actor=actor, now=now)


def decide(
    session: Session,
    *,
    scope: Scope,
    photo_id: int,
    seen_revision: int,
    action: Action,
    reasons: Sequence[str],
    text_student: str,
    text_staff: str,
    undo_seconds: int,
    actor: Actor,
    now: datetime,
    sheet: str | None = None,
) -> Decision:
    """A reviewer accepts or returns the version they were looking at.

    sheet: the same mark on all photos that were accepted with one press; see photos.sheet.

    Raises Outdated when the photo has moved on, NotAllowed when its state forbids the action, ReasonMissing when a
    return names no reason of the list, OwnScan for accepting what the reviewer handed in, Invalid for texts, NotFound
    outside the reviewer's centres.
    """
    begin_write(session)
    photo = session.get(Photo, photo_id, with_for_update={"of": Photo})
    if photo is None or not scope.covers(photo.student.centre_id):
        raise NotFound(photo=photo_id)
    if photo.revision != seen_revision:
        raise Outdated(photo=photo_id)
    if action not in (Action.ACCEPT, Action.RETURN):
        raise NotAllowed(action=action.value)
    next_state(State(photo.state), action)
    if action is Action.RETURN and (not reasons or any(code not in Code.__members__ for code in reasons)):
        raise ReasonMissing(photo=photo_id)
    problems = text_problems(reasons if action is Action.RETURN else (), text_student, text_staff)
    if problems:
        raise Invalid(problems)
    version = current_version(session, photo)
    if not may_decide(action, submitted_by=version.submitted_by, reviewer_id=actor.known_id):
        raise OwnScan(photo=photo_id)
    decision = Decision(
        version_id=version.id,
        action=action.value,
        reasons=list(reasons) if action is Action.RETURN else [],
        text_student=text_student.strip(),
        text_staff=text_staff.strip(),
        reviewer_id=actor.known_id,
        decided_at=now,
        sheet=sheet,
    )
    session.add(decision)
    session.flush()
    facts = {
        "version": version.number,
        "decision": decision.id,
        "reasons": decision.reasons,
        "stands_after_seconds": undo_seconds,
    }
    verb = "photo.accepted" if action is Action.ACCEPT else "photo.returned"
    _change(session, photo, action, verb, facts, actor=actor, now=now)
    return decision


def undo_decision(session: Session, *, decision_id: int, undo_seconds: int, actor: Actor, now: datetime) -> Photo:
    """The reviewer takes the own decision back, shortly after it. Raises UndoTooLate, NotAllowed, NotFound."""
    begin_write(session)
    decision = session.get(Decision, decision_id, with_for_update={"of": Decision})
    if decision is None or decision.reviewer_id != actor.id:
        raise NotFound(decision=decision_id)
    version = session.get_one(PhotoVersion, decision.version_id)
    photo = session.get_one(Photo, version.photo_id, with_for_update={"of": Photo})
    # not the last word any more: a new picture came, or the student objected and somebody decided again
    last = standing_decision(session, version.id)
    if decision.action == Action.UNIT_REFUSES:
        raise NotAllowed(action=decision.action)
    if last is None or last.id != decision.id or photo.current != version.number:
        raise Outdated(photo=photo.id)
    if not may_undo(decided_at=decision.decided_at, seconds=undo_seconds, now=now):
        raise UndoTooLate(seconds=undo_seconds)
    decision.undone_at = now
    facts = {"version": version.number, "decision": decision.id}
    return _change(session, photo, Action.UNDO, "photo.decision_undone", facts, actor=actor, now=now)


def note_photo_seen(
    session: Session, *, version: PhotoVersion, student_id: int, purpose: str, actor: Actor, now: datetime
) -> None:
    """A member of staff looked at a picture: every such read is in the history.

    purpose: where they saw it ("review", "student", "thumbnail"), or why they took the original ("original_dispute").
    """
    begin_write(session)
    facts = {"version": version.number, "purpose": purpose}
    record_fact(session, Fact("photo.seen", version.photo_id, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.commit()


def drop_expired_drafts(session: Session, *, files: FileStore, now: datetime) -> int:
    """Delete drafts whose time is over, with the files that nothing else refers to; gives their number."""
    begin_write(session)
    drafts = session.scalars(select(PhotoDraft).where(PhotoDraft.expires_at <= now)).all()
    names = {name for draft in drafts for name in (draft.original_file, draft.judged_file, draft.registration_file)}
    for draft in drafts:
        session.delete(draft)
    if drafts:
        facts = {"drafts": len(drafts)}
        record_fact(session, Fact("photo.drafts_dropped", None, facts=facts), actor=SYSTEM, now=now)
    session.flush()
    unused = [name for name in names if name is not None and not is_file_used(session, name)]
    session.commit()
    # after the commit: a file without a row is swept up later, a row without a file would be a loss
    for name in unused:
        files.delete(name)
    return len(drafts)


def current_version(session: Session, photo: Photo) -> PhotoVersion:
    return session.scalars(
        select(PhotoVersion).where(PhotoVersion.photo_id == photo.id, PhotoVersion.number == photo.current)
    ).one()


def _own_photo(session: Session, student_id: int, seen_revision: int) -> Photo:
    begin_write(session)
    photo = session.scalars(select(Photo).where(Photo.student_id == student_id).with_for_update(of=Photo)).one_or_none()
    if photo is None:
        raise NotFound(student=student_id)
    if photo.revision != seen_revision:
        raise Outdated(photo=photo.id)
    return photo


def _change(
    session: Session,
    photo: Photo,
    action: Action,
    verb: str,
    facts: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> Photo:
    photo.state = next_state(State(photo.state), action)
    photo.revision += 1
    fact = Fact(verb, photo.id, owner_id=photo.student_id, facts={"state": str(photo.state), **facts})
    happened(session, fact, actor=actor, now=now)
    session.commit()
    return photo


def is_file_used(session: Session, name: str) -> bool:
    """Does any picture of this domain refer to the file?"""
    return any(
        session.scalar(select(table.id).where(column == name).limit(1)) is not None
        for table in (PhotoDraft, PhotoVersion, ScannedPicture)
        for column in (table.original_file, table.judged_file, table.registration_file)
    )
