"""The verbs of batches: begin, choose, seal, hand over, take the receipt in, give up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.batches.answers import Said, answer, by_hand, close
from backend.batches.queries import people_of, photos_at_hand, same_photos, unwilling_in
from backend.batches.records import Batch, BatchItem
from backend.batches.rules import (
    MAX_REASON,
    MAX_REFERENCE,
    Action,
    AgreementWithdrawn,
    NothingChosen,
    State,
    check_roster,
    next_state,
    row_problems,
)
from backend.capture.records import CaptureUnit, CentreRoute
from backend.capture.rules import CaptureRules
from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.records import Student
from backend.errors import Invalid, NotFound, Outdated
from backend.history.operations import happened, happened_many, record_fact
from backend.history.rules import SYSTEM, Actor, Fact
from backend.ports import FileStore
from backend.proofreading.operations import record_evidence
from backend.proofreading.stages import Stage, Witness
from backend.records import begin_write

JPEG = b"\xff\xd8\xff"
CHUNK = 100  # photos read between two words about the progress


def begin_batch(session: Session, *, scope: Scope, centre_id: int, round_id: int, actor: Actor, now: datetime) -> Batch:
    """A new batch of the centre for the unit of its route. Raises NotFound, Invalid (unit) while none is set."""
    if not scope.covers(centre_id):
        raise NotFound(centre=centre_id)
    begin_write(session)
    route = session.scalars(
        select(CentreRoute)
        .where(CentreRoute.round_id == round_id, CentreRoute.centre_id == centre_id)
        .with_for_update(of=CentreRoute)
    ).one_or_none()
    if route is None or route.unit_id is None:
        raise Invalid({"unit": "unit_unset"})
    unit = session.get_one(CaptureUnit, route.unit_id)
    last = session.scalar(
        select(func.max(Batch.number)).where(Batch.round_id == round_id, Batch.centre_id == centre_id)
    )
    batch = Batch(
        round_id=round_id,
        centre_id=centre_id,
        unit_id=unit.id,
        number=(last or 0) + 1,
        format=unit.format,
        state=State.DRAFT.value,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    record_fact(session, Fact("batch.begun", batch.id, facts={"state": batch.state}), actor=actor, now=now)
    session.commit()
    return batch


def add_photos(
    session: Session,
    *,
    scope: Scope,
    batch_id: int,
    student_ids: Collection[int] | None,
    undo_seconds: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Put accepted photos into a draft: of these students, or of all (None); gives how many are new.

    Left out: photos in another standing batch, decisions that can still be taken back, and students who do not agree
    to the hand-over. Raises NotFound, NotAllowed.
    """
    begin_write(session)
    batch = _locked(session, scope, batch_id)
    if batch.state != State.DRAFT:
        next_state(State(batch.state), Action.SEAL)
    settled = now - timedelta(seconds=undo_seconds)
    chosen = photos_at_hand(session, batch, settled_before=settled, student_ids=student_ids)
    session.add_all(
        BatchItem(batch_id=batch.id, student_id=student_id, version_id=version_id, file_name=file_name)
        for student_id, version_id, file_name in chosen
    )
    batch.revision += 1
    record_fact(session, Fact("batch.filled", batch.id, facts={"photos": len(chosen)}), actor=actor, now=now)
    session.commit()
    return len(chosen)


def remove_photo(session: Session, *, scope: Scope, batch_id: int, item_id: int, actor: Actor, now: datetime) -> None:
    """Take one photo out of a draft. Raises NotFound, NotAllowed."""
    begin_write(session)
    batch = _locked(session, scope, batch_id)
    if batch.state != State.DRAFT:
        next_state(State(batch.state), Action.SEAL)
    item = session.get(BatchItem, item_id)
    if item is None or item.batch_id != batch.id:
        raise NotFound(item=item_id)
    session.delete(item)
    batch.revision += 1
    record_fact(session, Fact("batch.lightened", batch.id, facts={"photos": 1}), actor=actor, now=now)
    session.commit()


def seal(
    session: Session,
    *,
    scope: Scope,
    batch_id: int,
    seen_revision: int,
    rules: CaptureRules,
    actor: Actor,
    now: datetime,
) -> Batch:
    """Begin to seal: a job reads every photo and row. Raises RosterForbidden, NothingChosen, Outdated, NotAllowed."""
    begin_write(session)
    batch = _seen(session, scope, batch_id, seen_revision)
    check_roster(rules.formats[batch.format], allowed=batch.unit.rosters_allowed)
    items = _items(session, batch)
    if not items:
        raise NothingChosen(batch=batch_id)
    for serial, item in enumerate(items, 1):
        item.serial, item.bytes = serial, None
    batch.problems = []
    _move(session, batch, Action.SEAL, "batch.sealing", actor=actor, now=now)
    session.commit()
    return batch


def run_sealing(
    sessions: sessionmaker[Session], *, files: FileStore, rules: CaptureRules, batch_id: int, now: datetime
) -> None:
    """Read every photo, fit every row; then the batch is sealed, or a draft again with its problems; repeatable."""
    problems: list[dict[str, object]] = []
    while True:
        with sessions() as session:
            unread = session.execute(
                select(BatchItem.id, BatchItem.file_name, BatchItem.serial)
                .where(BatchItem.batch_id == batch_id, BatchItem.bytes.is_(None))
                .order_by(BatchItem.serial)
                .limit(CHUNK)
            ).all()
            if not unread:
                break
            sizes: dict[int, int] = {}
            for item_id, file_name, serial in unread:
                content = _content(files, file_name)
                sizes[item_id] = len(content or b"")
                if content is None or not content.startswith(JPEG):
                    why = "file_gone" if content is None else "not_jpeg"
                    problems.append({"serial": serial, "column": "photo_file", "why": why, "value": ""})
            begin_write(session)
            for item in session.scalars(select(BatchItem).where(BatchItem.id.in_(sizes))):
                item.bytes = sizes[item.id]
            session.commit()
    with sessions() as session:
        begin_write(session)
        batch = session.get(Batch, batch_id, with_for_update={"of": Batch})
        if batch is None or batch.state != State.SEALING:
            return
        found = row_problems(rules.formats[batch.format], people_of(session, batch_id))
        for serial, first in same_photos(session, batch_id):
            problems.append({"serial": serial, "column": "photo_file", "why": "same_photo", "value": str(first)})
        for item in unwilling_in(session, batch_id):
            problems.append({"serial": item.serial, "column": "photo_file", "why": "no_consent", "value": ""})
        problems += [{"serial": row.serial, "column": row.column, "why": row.why, "value": row.value} for row in found]
        batch.problems = problems
        if problems:
            _move(session, batch, Action.BREAK, "batch.broken", actor=SYSTEM, now=now)
        else:
            batch.sealed_at = now
            _move(session, batch, Action.COMPLETE, "batch.sealed", actor=SYSTEM, now=now)
        session.commit()


def _content(files: FileStore, file_name: str) -> bytes | None:
    """None when the file is missing or damaged: the batch says which one, and is not sealed."""
    try:
        return files.get(file_name)
    except Exception:
        return None


def reopen(session: Session, *, scope: Scope, batch_id: int, seen_revision: int, actor: Actor, now: datetime) -> Batch:
    """A sealed batch becomes a draft again, before it is handed over."""
    begin_write(session)
    batch = _seen(session, scope, batch_id, seen_revision)
    batch.sealed_at = None
    _move(session, batch, Action.OPEN, "batch.reopened", actor=actor, now=now)
    session.commit()
    return batch


def cancel(session: Session, *, scope: Scope, batch_id: int, seen_revision: int, actor: Actor, now: datetime) -> Batch:
    """Give a batch up: its photos are free for another one."""
    begin_write(session)
    batch = _seen(session, scope, batch_id, seen_revision)
    _move(session, batch, Action.CANCEL, "batch.cancelled", actor=actor, now=now)
    session.commit()
    return batch


def hand_over(
    session: Session,
    *,
    scope: Scope,
    batch_id: int,
    seen_revision: int,
    handed_on: date | None,
    reference: str,
    actor: Actor,
    now: datetime,
) -> Batch:
    """The unit has it, as the centre says: the centre's word for each student's stage. Raises Invalid, Outdated."""
    _check_day(handed_on, reference, now, "handed_on")
    begin_write(session)
    batch = _seen(session, scope, batch_id, seen_revision)
    batch.handed_on, batch.reference = handed_on, reference.strip()
    _move(session, batch, Action.HAND_OVER, "batch.handed_over", actor=actor, now=now)
    items = _items(session, batch)
    for item in items:
        _witness(session, item, Witness.CENTRE, holds=True, batch=batch, actor=actor, now=now)
    state = {"state": "handed_over"}
    facts = [Fact("batch_item.handed_over", item.id, owner_id=item.student_id, facts=state) for item in items]
    happened_many(session, facts, actor=actor, now=now)
    session.commit()
    return batch


def receive(
    session: Session,
    *,
    scope: Scope,
    batch_id: int,
    seen_revision: int,
    received_on: date | None,
    refused: Mapping[int, str],
    actor: Actor,
    now: datetime,
) -> Batch:
    """The unit's receipt: everything taken, but for `refused` (item -> reason). Raises Invalid, Outdated, NotFound.

    A refused photo is returned to its student with the reason.
    """
    _check_day(received_on, "", now, "received_on")
    if any(not 2 <= len(reason.strip()) <= MAX_REASON for reason in refused.values()):
        raise Invalid({"refused": "reason_needed"})
    begin_write(session)
    batch = _seen(session, scope, batch_id, seen_revision)
    items = _items(session, batch)
    if not set(refused) <= {item.id for item in items}:
        raise NotFound(batch=batch_id)
    close(session, batch, received_on=received_on, actor=actor, now=now)
    for item in items:
        if item.answer is not None and item.id not in refused:
            continue  # a file has answered it already
        said = Said(item.id not in refused, refused.get(item.id, ""))
        source = by_hand(batch.id)
        answer(session, item, said, source=source, said_on=received_on, actor=actor, now=now)
        _witness(session, item, Witness.UNIT, holds=item.id not in refused, batch=batch, actor=actor, now=now)
    session.commit()
    return batch


def check_download(session: Session, *, batch: Batch) -> None:
    """May the package still leave the house? Raises AgreementWithdrawn while it holds somebody who took it back.

    What was handed over already stays as it was: the receipt speaks of these very bytes.
    """
    if batch.state == State.SEALED and unwilling_in(session, batch.id):
        raise AgreementWithdrawn(batch=batch.id)


def note_download(session: Session, *, batch: Batch, roster: bool, actor: Actor, now: datetime) -> None:
    """The package left the house; whether it tells who people are is in the history."""
    begin_write(session)
    fact = Fact("batch.downloaded", batch.id, facts={"roster": roster})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def _witness(
    session: Session, item: BatchItem, witness: Witness, *, holds: bool, batch: Batch, actor: Actor, now: datetime
) -> None:
    record_evidence(
        session,
        student_id=item.student_id,
        stage=Stage.HAND_OVER,
        witness=witness,
        holds=holds,
        since=now,
        source=by_hand(batch.id),
        actor=actor,
        now=now,
    )


def _check_day(day: date | None, reference: str, now: datetime, field: str) -> None:
    problems: dict[str, str] = {}
    if day is None:
        problems[field] = "date_needed"
    elif day > day_of(now):
        problems[field] = "date_future"
    if len(reference) > MAX_REFERENCE:
        problems["reference"] = "too_long"
    if problems:
        raise Invalid(problems)


def _move(session: Session, batch: Batch, action: Action, verb: str, *, actor: Actor, now: datetime) -> None:
    batch.state = next_state(State(batch.state), action).value
    batch.revision += 1
    happened(session, Fact(verb, batch.id, facts={"state": batch.state}), actor=actor, now=now)


def _locked(session: Session, scope: Scope, batch_id: int) -> Batch:
    batch = session.get(Batch, batch_id, with_for_update={"of": Batch})
    if batch is None or not scope.covers(batch.centre_id):
        raise NotFound(batch=batch_id)
    return batch


def _seen(session: Session, scope: Scope, batch_id: int, seen_revision: int) -> Batch:
    batch = _locked(session, scope, batch_id)
    if batch.revision != seen_revision:
        raise Outdated(batch=batch_id)
    return batch


def _items(session: Session, batch: Batch) -> list[BatchItem]:
    query = select(BatchItem).join(Student, Student.id == BatchItem.student_id).where(BatchItem.batch_id == batch.id)
    return list(session.scalars(query.order_by(Student.student_number, BatchItem.id)))
