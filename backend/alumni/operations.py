"""The verbs of a graduate's case: open, report, submit; return, reroute, endorse, approve, close; and its end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.alumni.records import AlumniCase
from backend.alumni.rules import (
    CHECKED_AT_CHSI,
    FINAL,
    REASON_NEEDED,
    AlumniRules,
    Answers,
    CaseAction,
    CaseState,
    NotAlumnus,
    PapersMissing,
    Party,
    Route,
    due_on,
    first_state,
    graduated,
    keep_days,
    may_act,
    missing_to_endorse,
    missing_to_submit,
    next_case_state,
    photo_counts,
    route_of,
    text_problem,
)
from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.photos.records import Photo
from backend.photos.rules import State as PhotoState
from backend.records import begin_write


def open_case(
    session: Session, *, student_id: int, answers: Answers, rules: AlumniRules, actor: Actor, now: datetime
) -> AlumniCase:
    """The graduate says which case it is; a second open case is not made: the one that is there is given.

    Raises NotAlumnus for somebody who has not graduated, NotAllowed when there is nothing to do.
    """
    begin_write(session)
    # the student's row puts two taps in a line
    student = session.get_one(Student, student_id, with_for_update={"of": Student})
    known = open_case_of(session, student_id)
    if known is not None:
        session.rollback()
        return known
    case = add_case(session, student=student, answers=answers, application_id=None, rules=rules, actor=actor, now=now)
    session.commit()
    return case


def add_case(
    session: Session,
    *,
    student: Student,
    answers: Answers,
    application_id: int | None,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """A new case of a locked student who has none that is open; the caller commits. Raises as open_case does."""
    if student.graduated_on is None and student.certificate_number is None:
        raise NotAlumnus(student=student.id)
    if student.graduated_on is not None:  # what the roster knows is not asked
        since = graduated(rules, student.graduated_on)
        answers = Answers(answers.linked, since, answers.diploma, answers.captured)
    route = route_of(rules, answers)
    state = first_state(route)
    case = AlumniCase(
        student_id=student.id,
        application_id=application_id,
        route=route.value,
        state=state.value,
        answers={
            "linked": answers.linked,
            "graduated": answers.graduated,
            "diploma": answers.diploma,
            "captured": answers.captured,
        },
        opened_at=now,
        since=now,
        due_on=due_on(rules, state, today=day_of(now)),
    )
    session.add(case)
    session.flush()
    facts = {"state": state.value, "route": route.value}
    fact = Fact("alumni_case.opened", case.id, owner_id=student.id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    return case


def open_case_of(session: Session, student_id: int) -> AlumniCase | None:
    """The student's case that has not ended."""
    return session.scalars(
        select(AlumniCase).where(
            AlumniCase.student_id == student_id, AlumniCase.state.not_in([state.value for state in FINAL])
        )
    ).first()


def report_result(
    session: Session,
    *,
    student_id: int,
    case_id: int,
    seen_revision: int,
    found: bool,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """The graduate looked at 学信网: the photo is there (bound, or after the report), or it is not.

    It is the graduate's word: nothing was clicked at 学信网 by us. Raises NotFound, Outdated, NotAllowed.
    """
    case = _own_case(session, student_id, case_id, seen_revision)
    if found:
        bound = Route(case.route) in CHECKED_AT_CHSI
        action = CaseAction.REPORT_FOUND if bound else CaseAction.CONFIRM
    else:
        action = CaseAction.REPORT_MISSING
    verb = "alumni_case.found" if found else "alumni_case.missing"
    return _change(session, case, Party.STUDENT, action, verb, rules=rules, actor=actor, now=now)


def submit_case(
    session: Session,
    *,
    student_id: int,
    case_id: int,
    seen_revision: int,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """Everything that the way asks for is there: on to the centre. Raises PapersMissing naming what is not."""
    case = _own_case(session, student_id, case_id, seen_revision)
    next_case_state(Party.STUDENT, Route(case.route), CaseState(case.state), CaseAction.SUBMIT)
    missing = missing_to_submit(
        rules.needs[Route(case.route)], papers=kinds_of(case), photo_accepted=photo_accepted(session, student_id)
    )
    if missing:
        raise PapersMissing(missing=missing)
    verb = "alumni_case.submitted"
    return _change(session, case, Party.STUDENT, CaseAction.SUBMIT, verb, rules=rules, actor=actor, now=now)


def withdraw_case(
    session: Session,
    *,
    student_id: int,
    case_id: int,
    seen_revision: int,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """The graduate takes the case back; its scans are deleted."""
    case = _own_case(session, student_id, case_id, seen_revision)
    verb = "alumni_case.withdrawn"
    return _change(session, case, Party.STUDENT, CaseAction.WITHDRAW, verb, rules=rules, actor=actor, now=now)


# what staff do that needs a reason or nothing but the click -> its verb in the history
STAFF_VERBS: dict[CaseAction, str] = {
    CaseAction.RETURN: "alumni_case.returned",
    CaseAction.CLOSE: "alumni_case.closed",
    CaseAction.SEND_BACK: "alumni_case.sent_back",
    CaseAction.APPROVE: "alumni_case.approved",
    CaseAction.CONFIRM: "alumni_case.confirmed",
}


def decide_case(
    session: Session,
    *,
    scope: Scope,
    party: Party,
    case_id: int,
    seen_revision: int,
    action: CaseAction,
    reason: str,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """Staff return, close, send back, approve or confirm. Raises Invalid without a needed reason, and as above."""
    if action not in STAFF_VERBS:
        raise NotAllowed(action=action.value)
    problem = text_problem(reason, needed=action in REASON_NEEDED)
    if problem is not None:
        raise Invalid({"reason": problem})
    case = _case_in_scope(session, scope, case_id, seen_revision)
    if action in REASON_NEEDED:
        case.note = reason.strip()
    return _change(session, case, party, action, STAFF_VERBS[action], rules=rules, actor=actor, now=now)


def reroute_case(
    session: Session,
    *,
    scope: Scope,
    party: Party,
    case_id: int,
    seen_revision: int,
    route: Route,
    reason: str,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """Staff found that another way is the right one: the graduate goes on there, and is told why."""
    problem = text_problem(reason, needed=True)
    if problem is not None:
        raise Invalid({"reason": problem})
    if route in (Route.NOTHING, Route.ASK_CENTRE):
        raise Invalid({"route": "route_needed"})
    case = _case_in_scope(session, scope, case_id, seen_revision)
    next_case_state(party, Route(case.route), CaseState(case.state), CaseAction.REROUTE)
    if route.value == case.route:
        raise Invalid({"route": "route_same"})
    case.note = reason.strip()
    facts = {"route": route.value}
    verb = "alumni_case.rerouted"
    changed = _move(session, case, party, CaseAction.REROUTE, rules=rules, now=now)
    case.route = route.value
    _tell(session, case, verb, {**facts, **changed}, actor=actor, now=now)
    session.commit()
    return case


def endorse_case(
    session: Session,
    *,
    scope: Scope,
    party: Party,
    case_id: int,
    seen_revision: int,
    opinion: str,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """The centre's opinion: on to the college's registry. Raises PapersMissing while scan, seal or print is missing."""
    problem = text_problem(opinion, needed=True)
    if problem is not None:
        raise Invalid({"opinion": problem})
    case = _case_in_scope(session, scope, case_id, seen_revision)
    next_case_state(party, Route(case.route), CaseState(case.state), CaseAction.ENDORSE)
    missing = missing_to_endorse(
        rules.needs[Route(case.route)],
        papers=kinds_of(case),
        photo_accepted=photo_accepted(session, case.student_id),
        prints=case.prints,
    )
    if missing:
        raise PapersMissing(missing=missing)
    case.opinion, case.opinion_by, case.opinion_at = opinion.strip(), actor.known_id, now
    verb = "alumni_case.endorsed"
    return _change(session, case, party, CaseAction.ENDORSE, verb, rules=rules, actor=actor, now=now)


def receive_prints(
    session: Session,
    *,
    scope: Scope,
    party: Party,
    case_id: int,
    seen_revision: int,
    count: int,
    received_on: date,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    """The centre notes how many paper prints of the same exposure have come in, and on which day.

    Raises Invalid for a number or a day that cannot be, NotAllowed on a way without prints or after the centre's part.
    """
    case = _case_in_scope(session, scope, case_id, seen_revision)
    owed = rules.needs[Route(case.route)].prints
    at_desk = CaseState(case.state) in (CaseState.WITH_STUDENT, CaseState.RETURNED, CaseState.AT_CENTRE)
    if party is not Party.CENTRE or not owed or not at_desk:
        raise NotAllowed(state=case.state, action="receive_prints")
    problems = {}
    if not 1 <= count <= owed:
        problems["count"] = "prints_count"
    if not day_of(case.opened_at) - timedelta(days=365) <= received_on <= day_of(now):
        problems["received_on"] = "prints_day"
    if problems:
        raise Invalid(problems)
    case.prints, case.prints_on, case.prints_by = count, received_on, actor.known_id
    case.revision += 1
    facts = {"prints": count, "owed": owed, "on": received_on.isoformat()}
    fact = Fact("alumni_case.prints_received", case.id, owner_id=case.student_id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    session.commit()
    return case


def send_cases(
    session: Session, *, cases: list[AlumniCase], sent_on: date, rules: AlumniRules, actor: Actor, now: datetime
) -> None:
    """The package went to 学信网 with these locked cases; the caller commits. Raises NotAllowed when one moved on."""
    for case in cases:
        changed = _move(session, case, Party.REGISTRY, CaseAction.SEND, rules=rules, now=now)
        case.sent_on = sent_on
        _tell(session, case, "alumni_case.sent", changed, actor=actor, now=now)


def photo_accepted(session: Session, student_id: int) -> bool:
    """Has the centre accepted a photo that was taken with this application?"""
    state = session.scalar(select(Photo.state).where(Photo.student_id == student_id))
    return state == PhotoState.ACCEPTED


def kinds_of(case: AlumniCase) -> set[str]:
    """The papers that are there and count: not a photo with a clear defect about which nobody was asked."""
    return {
        paper.kind
        for paper in case.papers
        if paper.kind != "photo" or photo_counts(str((paper.report or {}).get("verdict")), paper.asked)
    }


def note_case_seen(session: Session, *, case: AlumniCase, actor: Actor, now: datetime) -> None:
    """A member of staff had the ID number of a case shown in full: it is in the history."""
    begin_write(session)
    fact = Fact("alumni_case.number_seen", case.id, owner_id=case.student_id)
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def locked_case(session: Session, case_id: int, seen_revision: int) -> AlumniCase | None:
    """The case, locked, in the transaction that has begun. Raises Outdated when it moved on since the page was made."""
    case = session.get(AlumniCase, case_id, with_for_update={"of": AlumniCase})
    if case is not None and case.revision != seen_revision:
        raise Outdated(case=case_id)
    return case


def _own_case(session: Session, student_id: int, case_id: int, seen_revision: int) -> AlumniCase:
    begin_write(session)
    found = session.get(AlumniCase, case_id)
    if found is None or found.student_id != student_id:
        raise NotFound(case=case_id)
    case = locked_case(session, case_id, seen_revision)
    if case is None:
        raise NotFound(case=case_id)
    return case


def _case_in_scope(session: Session, scope: Scope, case_id: int, seen_revision: int) -> AlumniCase:
    begin_write(session)
    found = session.get(AlumniCase, case_id)
    if found is None or not scope.covers(found.student.centre_id):
        raise NotFound(case=case_id)
    case = locked_case(session, case_id, seen_revision)
    if case is None:
        raise NotFound(case=case_id)
    return case


def _change(
    session: Session,
    case: AlumniCase,
    party: Party,
    action: CaseAction,
    verb: str,
    *,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase:
    facts = _move(session, case, party, action, rules=rules, now=now)
    _tell(session, case, verb, facts, actor=actor, now=now)
    session.commit()
    return case


def _move(
    session: Session, case: AlumniCase, party: Party, action: CaseAction, *, rules: AlumniRules, now: datetime
) -> dict[str, object]:
    """The next state with its date, and from when the scans are not needed any more; gives the facts."""
    state = next_case_state(party, Route(case.route), CaseState(case.state), action)
    case.state, case.since, case.due_on = state.value, now, due_on(rules, state, today=day_of(now))
    case.revision += 1
    if state in FINAL:
        case.ended_at = now
    facts: dict[str, object] = {"state": state.value}
    days = keep_days(rules, state)
    case.scans_until = now + timedelta(days=days) if days is not None and case.papers else None
    if case.scans_until is not None:
        facts["delete_after_days"] = days
    return facts


def _tell(
    session: Session, case: AlumniCase, verb: str, facts: dict[str, object], *, actor: Actor, now: datetime
) -> None:
    happened(session, Fact(verb, case.id, owner_id=case.student_id, facts=facts), actor=actor, now=now)


def may(case: AlumniCase, party: Party | None, action: CaseAction) -> bool:
    """May this party do this to the case as it stands? For screens."""
    return may_act(party, Route(case.route), CaseState(case.state), action)
