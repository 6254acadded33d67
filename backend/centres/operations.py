"""Keeping what is known about a centre."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import CODE, DETAILS, NAMED, Scope
from backend.errors import Invalid, NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write


def save_centre(
    session: Session,
    *,
    scope: Scope,
    centre_id: int | None,
    values: Mapping[str, str],
    photo_profile: str | None,
    profiles: Collection[str],
    actor: Actor,
    now: datetime,
) -> Centre:
    """A new centre (centre_id None), or other words for one, whose code stays. The history names the changed fields.

    values: the fields of rules.NAMED and rules.DETAILS. profiles: names in the photo standard.
    Raises NotFound, Invalid by field.
    """
    new = centre_id is None
    most = {**NAMED, **DETAILS}
    wish: dict[str, str | None] = {
        field: values.get(field, "").strip() for field in most if new or field != "code"
    }  # rosters, receipts and files name a centre by its code
    problems = {field: "too_long" for field, text in wish.items() if len(text or "") > most[field]}
    problems |= {field: "needed" for field in NAMED if field in wish and not wish[field]}
    problems |= {field: "empty" for field in ("contact_name", "contact_phone") if not wish[field]}
    if wish.get("code") and not CODE.fullmatch(wish["code"] or ""):
        problems["code"] = "code_signs"
    if photo_profile is not None and photo_profile not in profiles:
        problems["photo_profile"] = "unknown_profile"
    begin_write(session)
    # a roster names a centre by either: neither may mean two
    for field in {"code", "name"} & set(wish) - set(problems):
        taken = select(Centre.id).where(or_(Centre.code == wish[field], Centre.name == wish[field]))
        if session.scalar(taken.where(Centre.id != (centre_id or 0)).limit(1)) is not None:
            problems[field] = f"{field}_taken"
    if problems:
        raise Invalid(problems)
    if centre_id is None:
        if scope.centre_id is not None:
            raise NotFound(scope=scope.centre_id)
        centre = Centre(**wish, photo_profile=photo_profile)
        session.add(centre)
        session.flush()
        record_fact(session, Fact("centre.added", centre.id), actor=actor, now=now)
    else:
        kept = session.get(Centre, centre_id, with_for_update={"of": Centre})
        if kept is None or not scope.covers(kept.id):
            raise NotFound(centre=centre_id)
        centre = kept
        wish["photo_profile"] = photo_profile
        changed = sorted(field for field, value in wish.items() if getattr(centre, field) != value)
        for field in changed:
            setattr(centre, field, wish[field])
        if changed:
            record_fact(session, Fact("centre.changed", centre_id, facts={"fields": changed}), actor=actor, now=now)
    session.commit()
    return centre


def set_centre_active(
    session: Session, *, scope: Scope, centre_id: int, active: bool, actor: Actor, now: datetime
) -> Centre:
    """Close a centre or open it again: nothing new begins at a closed one, what has begun goes on to its end.

    Raises NotFound outside the scope.
    """
    begin_write(session)
    centre = session.get(Centre, centre_id, with_for_update={"of": Centre})
    if centre is None or not scope.covers(centre.id):
        raise NotFound(centre=centre_id)
    if centre.active is not active:
        centre.active = active
        verb = "centre.opened" if active else "centre.closed"
        record_fact(session, Fact(verb, centre_id), actor=actor, now=now)
    session.commit()
    return centre
