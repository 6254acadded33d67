"""How far everybody is, where it lies and for how long, and who is missing why: counted by the database.

Whoever is alike is one row of the answer, so that the rules are asked once for each kind, not once for each student.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, Subquery

from backend.alumni.records import AlumniCase
from backend.alumni.rules import WAITS_FOR as ALUMNI_WAIT
from backend.alumni.rules import Party as AlumniParty
from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.records import Cohort
from backend.errata.records import ErratumCase
from backend.errata.rules import WAITS_FOR as ERRATA_WAIT
from backend.errata.rules import Party
from backend.photos.rules import State
from backend.progress.causes import Cause, cause_of
from backend.progress.missing import FACTS, facts_in, missing_facts
from backend.proofreading.stages import RANK, Witness
from backend.statistics.rules import Limits, Matter, Pile, Standing
from backend.statistics.sql import day_text, text_of, time_of, time_text
from backend.statistics.standing import (
    TOLD,
    Narrowed,
    kept,
    newest_alumni,
    newest_erratum,
    people,
    says,
    since_of,
    standing_rows,
    with_units,
)

Group = tuple[int, int | None, Standing, int]  # centre, cohort, what is known, of how many


def standings(session: Session, *, scope: Scope, narrowed: Narrowed) -> list[Group]:
    """Everybody of the scope, put together by centre, cohort and what is known."""
    rows = kept(standing_rows(people(scope, narrowed)), "standing")
    return [_group(*row) for row in session.execute(_alike(rows))]


def standings_and_waits(
    session: Session, *, scope: Scope, narrowed: Narrowed, limits: Limits, now: datetime
) -> tuple[list[Group], list[Pile]]:
    """What `standings` and `waits` give, with one reading of what is known of each student."""
    rows = kept(standing_rows(people(scope, narrowed), decided=True), "standing")
    alike, piled = _alike(rows).subquery(), _piled(rows, limits, now).subquery()
    # one statement has one width: a pile stands in the columns of a group that have its types
    names = [column.name for column in alike.c]
    places = {"k0": "centre_id", "k1": "late", "k4": "matter", "k5": "since", "many": "many"}
    both = union_all(
        select(literal(False).label("piled"), *alike.c),
        select(literal(True), *(piled.c[places[name]] if name in places else null() for name in names)),
    )
    groups, piles = [], []
    for is_pile, *row in session.execute(both):
        if is_pile:
            centre_id, late, _, _, matter, since, _, _, _, many = row
            piles.append(_pile(centre_id, matter, many, late, since))
        else:
            groups.append(_group(*row))
    return groups, piles


def _alike(rows: CTE) -> Select[Any]:
    """centre, cohort, what is known, of how many: as `_group` takes them. rows: of `standing_rows`."""
    kinds: list[ColumnElement[Any]] = [
        rows.c.centre_id,
        rows.c.cohort_id,
        rows.c.confirmed_at.is_not(None),
        rows.c.disputed_at.is_not(None),
        func.coalesce(rows.c.photo_state, ""),
        *(says(rows.c[stage.value]) for stage in TOLD),
    ]
    named = [kind.label(f"k{place}") for place, kind in enumerate(kinds)]
    alike = kept(select(*named), "alike")
    return select(*alike.c, func.count().label("many")).group_by(*alike.c)


def _group(
    centre_id: int, cohort_id: int | None, confirmed: bool, disputed: bool, photo: str, *words_and_count: Any
) -> Group:
    *words, count = words_and_count
    told = tuple((stage, text == "1") for stage, text in zip(TOLD, words, strict=True) if text)
    state = State(photo) if photo else None
    return centre_id, cohort_id, Standing(bool(confirmed), bool(disputed), state, told), count


def causes(session: Session, *, scope: Scope, narrowed: Narrowed, identity: bool) -> dict[int, Counter[Cause]]:
    """Centre id -> why 学信网 has no photo of its students, by the newest match list, with how many.

    identity: may the reader know of identity reviews? (see `match_list`)
    """
    alike = missing_facts(people(scope, narrowed), identity=identity).subquery()
    kinds = [alike.c.centre_id, *(alike.c[name] for name in FACTS)]
    found: dict[int, Counter[Cause]] = {}
    for centre_id, *facts, many in session.execute(select(*kinds, func.count()).group_by(*kinds)):
        found.setdefault(centre_id, Counter())[cause_of(facts_in(facts))] += many
    return found


# --- waiting ----------------------------------------------------------------------------------------------------


def waits(session: Session, *, scope: Scope, narrowed: Narrowed, limits: Limits, now: datetime) -> list[Pile]:
    """Everybody who is not done, at the one desk where the way of each student has stopped.

    Who began to wait on one day (UTC) at one centre's students is one pile.
    """
    rows = kept(standing_rows(people(scope, narrowed), decided=True), "standing")
    return [_pile(*row) for row in session.execute(_piled(rows, limits, now))]


def _piled(rows: CTE, limits: Limits, now: datetime) -> Select[Any]:
    """centre_id, matter, many, late, since: as `_pile` takes them. rows: of `standing_rows`, decided."""
    lying = _lying(rows, limits, now)
    day = func.substr(lying.c.since, 1, 10)
    return select(
        lying.c.centre_id,
        lying.c.matter,
        func.count().label("many"),
        func.sum(lying.c.late).label("late"),
        func.min(lying.c.since).label("since"),
    ).group_by(lying.c.centre_id, lying.c.matter, day)


def _pile(centre_id: int, matter: str, many: int, late: int | None, since: str | None) -> Pile:
    return Pile(centre_id, Matter(matter), many, int(late or 0), time_of(since))


def _lying(rows: CTE, limits: Limits, now: datetime) -> Subquery:
    """centre_id, matter, since (text, or null) and late (1 or 0) of everybody who is not done."""
    units = with_units()
    has_it = says(rows.c.hand_over) == "1"
    centre_says = func.substr(rows.c.hand_over, 1, 1) == str(RANK[Witness.CENTRE])
    case_of = {
        state.value: _case(party is AlumniParty.CENTRE, party is AlumniParty.REGISTRY)
        for state, party in ALUMNI_WAIT.items()
    }
    form_of = {
        state.value: _case(party is Party.CENTRE, party is Party.COLLEGE)
        for state, party in ERRATA_WAIT.items()
        if party is not None
    }
    here = {
        Matter.CORRECTION: (rows.c.disputed_at.is_not(None), time_text(rows.c.disputed_at)),
        Matter.REGISTER: (says(rows.c.proofread) == "1", since_of(rows.c.proofread)),
        Matter.PROOFREAD: (says(rows.c.linked) == "1", since_of(rows.c.linked)),
        Matter.LINK: (and_(has_it, ~centre_says), since_of(rows.c.hand_over)),
        Matter.RECEIPT: (
            or_(units.c.student_id.is_not(None), has_it),
            func.coalesce(day_text(units.c.handed_on), since_of(rows.c.hand_over)),
        ),
        Matter.HAND_OVER: (rows.c.photo_state == State.ACCEPTED, time_text(rows.c.decided_at)),
        Matter.REVIEW: (rows.c.photo_state == State.READY_FOR_REVIEW, time_text(rows.c.photo_at)),
    }
    returned, defect = rows.c.photo_state == State.RETURNED, rows.c.photo_state == State.NEEDS_RETAKE
    confirmed = rows.c.confirmed_at.is_not(None)
    by_case = [
        (AlumniCase.id.is_not(None), case(case_of, value=AlumniCase.state), time_text(AlumniCase.since)),
        (ErratumCase.id.is_not(None), case(form_of, value=ErratumCase.state), time_text(ErratumCase.state_since)),
    ]
    order = [
        (says(rows.c.registrable) == "1", null(), null()),
        (here[Matter.CORRECTION][0], literal(Matter.CORRECTION.value), here[Matter.CORRECTION][1]),
        *by_case,
        (rows.c.graduate, null(), null()),  # without a case of their own, nobody waits for graduates
        *(
            (holds, literal(matter.value), since)
            for matter, (holds, since) in here.items()
            if matter is not Matter.CORRECTION
        ),
        (returned, literal(Matter.RETAKE.value), time_text(rows.c.decided_at)),
        (defect, literal(Matter.RETAKE.value), time_text(rows.c.photo_at)),
        (confirmed, literal(Matter.CAPTURE.value), time_text(rows.c.confirmed_at)),
    ]
    found = (
        select(
            rows.c.centre_id,
            case(*((holds, name) for holds, name, _ in order), else_=Matter.VERIFY.value).label("matter"),
            case(*((holds, since) for holds, _, since in order), else_=null()).label("since"),
            func.coalesce(AlumniCase.due_on, ErratumCase.due_on).label("due_on"),
            Cohort.verify_by,
            Cohort.capture_by,
            Cohort.proofread_by,
        )
        .select_from(rows)
        .outerjoin(AlumniCase, AlumniCase.id == newest_alumni(rows.c.student_id))
        .outerjoin(ErratumCase, ErratumCase.id == newest_erratum(rows.c.student_id))
        .outerjoin(units, units.c.student_id == rows.c.student_id)
        .outerjoin(Cohort, Cohort.id == rows.c.cohort_id)
    )
    lying = kept(found, "lying")
    return (
        select(lying.c.centre_id, lying.c.matter, lying.c.since, _late(lying, limits, now).label("late"))
        .where(lying.c.matter.is_not(None))
        .subquery()
    )


def _case(centre: bool, college: bool) -> str:
    return (Matter.CASE_CENTRE if centre else Matter.CASE_COLLEGE if college else Matter.CASE_STUDENT).value


def _late(lying: CTE, limits: Limits, now: datetime) -> ColumnElement[int]:
    """1 past the cohort's or the case's last day, or after the days that a desk usually has."""
    today = day_of(now)
    days = {
        Matter.VERIFY: lying.c.verify_by,
        Matter.CAPTURE: lying.c.capture_by,
        Matter.RETAKE: lying.c.capture_by,
        Matter.PROOFREAD: lying.c.proofread_by,
        Matter.CASE_STUDENT: lying.c.due_on,
        Matter.CASE_CENTRE: lying.c.due_on,
        Matter.CASE_COLLEGE: lying.c.due_on,
    }
    past = [and_(lying.c.matter == matter.value, day < today) for matter, day in days.items()]
    past += [
        and_(lying.c.matter == matter.value, lying.c.since < text_of(now - usual))
        for matter, usual in limits.overdue.items()
    ]
    return case((or_(*past), 1), else_=0)
