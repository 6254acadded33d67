"""Making and revoking tokens, keeping answers under idempotency keys, registering and calling webhooks."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound
from backend.follow_ups import call_job
from backend.history.operations import record_fact
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, Fact
from backend.photos.records import Decision
from backend.ports import JobQueue
from backend.programs.records import ApiToken, KeptAnswer, Webhook, WebhookDelivery
from backend.programs.rules import (
    KEPT_FOR,
    LONGEST_DAYS,
    MAX_WEBHOOKS,
    Answered,
    DeliveryState,
    Event,
    Grant,
    KeyReused,
    Network,
    address_problem,
    grants_of,
    signature,
    wait_after,
)
from backend.records import begin_write, insert_into

PREFIX = "xzt_"  # so that a token is known for what it is wherever it turns up

# address, body, headers -> the status that was answered; raises OSError (or what is made of it) without an answer
Caller = Callable[[str, str, Mapping[str, str]], int]


def make_token(
    session: Session,
    *,
    name: str,
    grants: Sequence[str],
    centre_id: int | None,
    days: int,
    actor: Actor,
    now: datetime,
) -> tuple[ApiToken, str]:
    """A token for another system; gives its record, and the token itself, which is shown once.

    Raises Invalid: a name and a life are needed, and nobody gives more than they may do themselves.
    """
    begin_write(session)
    maker = session.get_one(Account, actor.known_id)
    problems = {}
    if not name.strip() or len(name.strip()) > 60:
        problems["name"] = "name"
    if not grants or not set(grants) <= set(grants_of(maker.role)):
        problems["grants"] = "grants"
    if not 1 <= days <= LONGEST_DAYS:
        problems["days"] = "days"
    if problems:
        raise Invalid(problems)
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken(
        token_hash=_hash(token),
        name=name.strip(),
        grants=[grant.value for grant in Grant if grant in set(grants)],
        centre_id=centre_id,
        made_by=maker.id,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(made)
    session.flush()
    facts = {"grants": made.grants, "days": days, "centre": centre_id}
    record_fact(session, Fact("api_token.made", made.id, facts=facts), actor=actor, now=now)
    session.commit()
    return made, token


def revoke_token(session: Session, *, token_id: int, actor: Actor, now: datetime) -> None:
    """The token lets nobody in any more, and its webhooks are told nothing. Twice is harmless."""
    begin_write(session)
    token = session.get(ApiToken, token_id, with_for_update={"of": ApiToken})
    if token is None:
        raise NotFound(token=token_id)
    if token.revoked_at is None:
        token.revoked_at = now
        record_fact(session, Fact("api_token.revoked", token.id), actor=actor, now=now)
    session.commit()


def token_for(session: Session, *, token: str, now: datetime) -> ApiToken | None:
    """The token that a program shows; None when it is unknown, over or revoked. Reads only."""
    found = session.scalars(select(ApiToken).where(ApiToken.token_hash == _hash(token))).one_or_none()
    return None if found is None or found.revoked_at is not None or found.expires_at <= now else found


def note_token_seen(session: Session, *, token_id: int, now: datetime) -> None:
    """The token was used. Called at most once a minute, not at every request."""
    begin_write(session)
    session.get_one(ApiToken, token_id).seen_at = now
    session.commit()


def answer_under(
    session: Session, *, asker: str, key: str, request_hash: bytes, now: datetime
) -> tuple[int, str] | None:
    """What was answered to a change under this key: status and body; None when it was not made yet. Reads only.

    Raises KeyReused for a key that came with another request.
    """
    known = session.scalars(
        select(KeptAnswer).where(
            *_under(asker, key), KeptAnswer.status.is_not(None), KeptAnswer.claimed_at >= now - KEPT_FOR
        )
    ).one_or_none()
    if known is None or known.status is None:
        return None
    if known.request_hash != request_hash:
        raise KeyReused()
    return known.status, known.body or ""


def claim_key(session: Session, *, asker: str, key: str, request_hash: bytes, now: datetime) -> None:
    """Take a key in the transaction of the change, which ends with keep_answer or release_key.

    Another request with the same key waits here until this one has ended. Raises Answered when it was made by then,
    KeyReused when another request was.
    """
    over = KeptAnswer.status.is_(None) | (KeptAnswer.claimed_at < now - KEPT_FOR)
    session.execute(delete(KeptAnswer).where(*_under(asker, key), over).execution_options(synchronize_session=False))
    values = {"asker": asker, "key_hash": _hash(key), "request_hash": request_hash, "claimed_at": now}
    added = session.execute(
        insert_into(session, KeptAnswer).values(**values).on_conflict_do_nothing().returning(KeptAnswer.id)
    ).scalar()
    if added is None:
        known = answer_under(session, asker=asker, key=key, request_hash=request_hash, now=now)
        raise RuntimeError("a key neither free nor answered") if known is None else Answered(*known)


def keep_answer(session: Session, *, asker: str, key: str, status: int, body: str) -> None:
    """The change was made: whoever sends it again gets this."""
    begin_write(session)
    known = session.scalars(select(KeptAnswer).where(*_under(asker, key))).one()
    known.status, known.body = status, body
    session.commit()


def release_key(session: Session, *, asker: str, key: str) -> None:
    """The change was refused: the same key may try again. In the transaction of the caller."""
    session.execute(delete(KeptAnswer).where(*_under(asker, key)).execution_options(synchronize_session=False))


def forget_answers(session: Session, *, now: datetime) -> None:
    """Answers whose time is over."""
    begin_write(session)
    session.execute(
        delete(KeptAnswer).where(KeptAnswer.claimed_at < now - KEPT_FOR).execution_options(synchronize_session=False)
    )
    session.commit()


def add_webhook(
    session: Session,
    *,
    token_id: int,
    address: str,
    events: Sequence[Event],
    plain: bool,
    own: Sequence[Network],
    actor: Actor,
    now: datetime,
) -> Webhook:
    """Tell this address of these events from now on; the secret by which calls are signed is given once.

    plain: an address without TLS will do; own: networks inside that may be called. Raises Invalid.
    """
    if (problem := address_problem(address, plain=plain, own=own)) is not None:
        raise Invalid({"address": problem})
    begin_write(session)
    session.get_one(ApiToken, token_id, with_for_update={"of": ApiToken})  # puts registrations in a line
    kept = session.scalars(select(Webhook).where(Webhook.token_id == token_id, Webhook.ended_at.is_(None))).all()
    if len(kept) >= MAX_WEBHOOKS:
        raise Invalid({"address": "many"})
    webhook = Webhook(
        token_id=token_id,
        address=address,
        events=[event.value for event in Event if event in events],
        secret="whs_" + secrets.token_urlsafe(32),
        made_at=now,
    )
    session.add(webhook)
    session.flush()
    facts = {"events": webhook.events, "token": token_id}
    record_fact(session, Fact("webhook.added", webhook.id, facts=facts), actor=actor, now=now)
    session.commit()
    return webhook


def end_webhook(session: Session, *, token_id: int, webhook_id: int, actor: Actor, now: datetime) -> None:
    """Stop telling this address. Raises NotFound for another token's."""
    begin_write(session)
    webhook = session.get(Webhook, webhook_id, with_for_update={"of": Webhook})
    if webhook is None or webhook.token_id != token_id or webhook.ended_at is not None:
        raise NotFound(webhook=webhook_id)
    webhook.ended_at = now
    record_fact(session, Fact("webhook.ended", webhook.id), actor=actor, now=now)
    session.commit()


def announce(session: Session, *, event: Event, entry_id: int, now: datetime) -> int:
    """Set off the calls about one entry of the history; gives their number.

    A decision that was taken back in the meantime is not told.
    """
    begin_write(session)
    entry = session.get_one(HistoryEntry, entry_id)
    decision_id = entry.facts.get("decision")
    decision = session.get(Decision, decision_id) if decision_id is not None else None
    if decision is not None and decision.undone_at is not None:
        session.rollback()
        return 0
    student_centre = _centre_of(session, entry.owner_id)
    queue: JobQueue = session.info["queue"]
    number = 0
    for webhook in session.scalars(select(Webhook).where(Webhook.ended_at.is_(None)).order_by(Webhook.id)):
        token = webhook.token
        known = select(WebhookDelivery.id).where(
            WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.entry_id == entry_id
        )
        over = token.revoked_at is not None or token.expires_at <= now
        elsewhere = token.centre_id is not None and token.centre_id != student_centre
        if event not in webhook.events or over or elsewhere or session.scalar(known) is not None:
            continue
        delivery = WebhookDelivery(
            webhook_id=webhook.id,
            entry_id=entry_id,
            event=event.value,
            body=_body(event, entry),
            state=DeliveryState.WAITING,
            made_at=now,
        )
        session.add(delivery)
        session.flush()
        job = call_job(delivery.id)
        queue.enqueue(session, kind=job.kind, payload=job.payload, run_at=now)
        number += 1
    session.commit()
    return number


def has_ended(webhook: Webhook, now: datetime) -> bool:
    """Is nobody called any more: the webhook was ended, or its token was revoked or is over?"""
    return webhook.ended_at is not None or webhook.token.revoked_at is not None or webhook.token.expires_at <= now


def call_webhook(session: Session, *, delivery_id: int, call: Caller, now: datetime) -> DeliveryState | None:
    """Call one webhook about one event; gives the state. A failed call is tried again later, each time later.

    The attempt is counted before the line is opened, and no transaction is open while the other system answers.
    """
    begin_write(session)
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update={"of": WebhookDelivery})
    if delivery is None:
        return None
    if delivery.state != DeliveryState.WAITING:
        state = DeliveryState(delivery.state)
        session.rollback()
        return state
    webhook = delivery.webhook
    if has_ended(webhook, now):
        delivery.state, delivery.last_error = DeliveryState.DEAD, "ended"
        session.commit()
        return DeliveryState.DEAD
    delivery.attempts += 1
    address, body, secret = webhook.address, delivery.body, webhook.secret
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Webhook-Id": str(delivery.id),
        "Webhook-Event": delivery.event,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": f"v1={signature(secret, timestamp=timestamp, body=body)}",
    }
    session.commit()
    try:
        status = call(address, body, headers)
        trouble = "" if 200 <= status < 300 else f"http_{status}"
    except Exception as error:  # the other house's server may do anything; the type says no personal data
        trouble = type(error).__name__[:40]
    return _after_call(session, delivery_id, trouble, now)


def revive_call(session: Session, *, delivery_id: int, actor: Actor, now: datetime) -> None:
    """Staff have removed the cause: a call that was given up is made again, with a fresh count.

    Raises NotFound when there is no such call, NotAllowed when its webhook or token has ended.
    """
    begin_write(session)
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update={"of": WebhookDelivery})
    if delivery is None or delivery.state != DeliveryState.DEAD:
        raise NotFound(call=delivery_id)
    webhook = delivery.webhook
    if has_ended(webhook, now):
        raise NotAllowed(webhook="ended")
    delivery.state, delivery.attempts, delivery.last_error = DeliveryState.WAITING, 0, ""
    record_fact(session, Fact("webhook.call_revived", webhook.id, facts={"call": delivery.id}), actor=actor, now=now)
    queue: JobQueue = session.info["queue"]
    job = call_job(delivery.id)
    queue.enqueue(session, kind=job.kind, payload=job.payload, run_at=now)
    session.commit()


def _after_call(session: Session, delivery_id: int, trouble: str, now: datetime) -> DeliveryState:
    begin_write(session)
    delivery = session.get_one(WebhookDelivery, delivery_id, with_for_update={"of": WebhookDelivery})
    delivery.last_error = trouble
    wait = wait_after(delivery.attempts)
    if not trouble:
        delivery.state, delivery.sent_at = DeliveryState.SENT, now
    elif wait is None:
        delivery.state = DeliveryState.DEAD
    else:
        queue: JobQueue = session.info["queue"]
        job = call_job(delivery.id)
        queue.enqueue(session, kind=job.kind, payload=job.payload, run_at=now + wait)
    state = DeliveryState(delivery.state)
    session.commit()
    return state


def _body(event: Event, entry: HistoryEntry) -> str:
    """What is told: who and what by number, never a name. The receiver asks the API for more."""
    said = {
        "id": entry.id,
        "event": event.value,
        "at": entry.at.isoformat(),
        "student_id": entry.owner_id,
        "subject": {"kind": entry.subject_kind, "id": entry.subject_id},
        "state": entry.facts.get("state"),
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _centre_of(session: Session, student_id: int | None) -> int | None:
    return session.scalar(select(Student.centre_id).where(Student.id == student_id)) if student_id else None


def _under(asker: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return KeptAnswer.asker == asker, KeptAnswer.key_hash == _hash(key)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
