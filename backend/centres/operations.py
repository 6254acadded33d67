"""Keeping what is known about a centre."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import DETAILS, Scope
from backend.errors import Invalid, NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write


def edit_centre(
    session: Session,
    *,
    scope: Scope,
    centre_id: int,
    details: Mapping[str, str],
    photo_profile: str | None,
    profiles: Collection[str],
    actor: Actor,
    now: datetime,
) -> Centre:
    """Set the contacts that students see, and the photo profile. The history names the changed fields.

    details: the fields of rules.DETAILS. profiles: names in the photo standard. Raises NotFound, Invalid by field.
    """
    details = {field: details.get(field, "").strip() for field in DETAILS}
    problems = {field: "too_long" for field, value in details.items() if len(value) > DETAILS[field]}
    problems |= {field: "empty" for field in ("contact_name", "contact_phone") if not details[field]}
    if photo_profile is not None and photo_profile not in profiles:
        problems["photo_profile"] = "unknown_profile"
    if problems:
        raise Invalid(problems)
    begin_write(session)
    centre = session.get(Centre, centre_id, with_for_update={"of": Centre})
    if centre is None or not scope.covers(centre.id):
        raise NotFound(centre=centre_id)
    values: dict[str, str | None] = {**details, "photo_profile": photo_profile}
    changed = sorted(field for field, value in values.items() if getattr(centre, field) != value)
    for field in changed:
        setattr(centre, field, values[field])
    if changed:
        record_fact(session, Fact("centre.changed", centre_id, facts={"fields": changed}), actor=actor, now=now)
    session.commit()
    return centre
