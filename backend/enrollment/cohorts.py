"""Cohorts: their names and last days, and the photo profile that goes before the centre's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.enrollment.records import Cohort
from backend.enrollment.rules import cohort_problems
from backend.errors import Invalid, NotFound
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write


def save_cohort(
    session: Session,
    *,
    cohort_id: int | None,
    code: str,
    name: str,
    verify_by: date | None,
    capture_by: date | None,
    proofread_by: date | None,
    actor: Actor,
    now: datetime,
) -> Cohort:
    """A new cohort (cohort_id None), or another name and other last days for one, whose code stays.

    The history names the changed fields. Raises NotFound, Invalid by field.
    """
    code, name = code.strip(), name.strip()
    days = {"verify_by": verify_by, "capture_by": capture_by, "proofread_by": proofread_by}
    begin_write(session)
    if cohort_id is None:
        cohort = Cohort(code=code)
    else:
        kept = session.get(Cohort, cohort_id, with_for_update=True)
        if kept is None:
            raise NotFound(cohort=cohort_id)
        cohort = kept
    problems = cohort_problems(code=cohort.code, name=name, days=list(days.items()))
    # a roster names a cohort by either: neither may mean two
    for field, text in (("code", cohort.code), ("name", name)):
        taken = select(Cohort.id).where(or_(Cohort.code == text, Cohort.name == text), Cohort.id != (cohort_id or 0))
        if field not in problems and session.scalar(taken.limit(1)) is not None:
            problems[field] = f"{field}_taken"
    if problems:
        raise Invalid(problems)
    wish = {"name": name, **days}
    changed = sorted(field for field, value in wish.items() if getattr(cohort, field) != value)
    for field in changed:
        setattr(cohort, field, wish[field])
    if cohort_id is None:
        session.add(cohort)
        session.flush()
        record_fact(session, Fact("cohort.added", cohort.id), actor=actor, now=now)
    elif changed:
        happened(session, Fact("cohort.changed", cohort_id, facts={"fields": changed}), actor=actor, now=now)
    session.commit()
    return cohort


def set_cohort_active(session: Session, *, cohort_id: int, active: bool, actor: Actor, now: datetime) -> Cohort:
    """Close a cohort or open it again: nobody new joins a closed one, its students go on. Raises NotFound."""
    begin_write(session)
    cohort = session.get(Cohort, cohort_id, with_for_update=True)
    if cohort is None:
        raise NotFound(cohort=cohort_id)
    if cohort.active is not active:
        cohort.active = active
        verb = "cohort.opened" if active else "cohort.closed"
        record_fact(session, Fact(verb, cohort_id), actor=actor, now=now)
    session.commit()
    return cohort


def choose_photo_profile(
    session: Session,
    *,
    cohort_id: int,
    photo_profile: str | None,
    profiles: Collection[str],
    actor: Actor,
    now: datetime,
) -> Cohort:
    """Say by which photo profile a cohort's pictures are judged from now on; None leaves it to each centre.

    profiles: names in the photo standard. Pictures that were judged keep the profile they were judged by.
    Raises NotFound, Invalid for a name that is not in the standard.
    """
    if photo_profile is not None and photo_profile not in profiles:
        raise Invalid({"photo_profile": "unknown_profile"})
    begin_write(session)
    cohort = session.get(Cohort, cohort_id, with_for_update=True)
    if cohort is None:
        raise NotFound(cohort=cohort_id)
    if cohort.photo_profile != photo_profile:
        facts = {"from": cohort.photo_profile, "to": photo_profile}
        cohort.photo_profile = photo_profile
        record_fact(session, Fact("cohort.profile_chosen", cohort_id, facts=facts), actor=actor, now=now)
    session.commit()
    return cohort
