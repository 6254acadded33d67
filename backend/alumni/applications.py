"""Applications without an account: made by anybody, looked at with number and code, matched or refused by staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.activation import open_account
from backend.accounts.attempts import count_attempt, forget_attempts, plain_number
from backend.accounts.operations import check_password
from backend.accounts.passwords import hash_password
from backend.accounts.records import Account
from backend.accounts.rules import Method, Policy, SignInFailed
from backend.alumni.operations import add_case, open_case_of
from backend.alumni.records import AlumniApplication, AlumniCase
from backend.alumni.rules import (
    AlumniRules,
    Answers,
    ApplicationAction,
    ApplicationState,
    NotAlumnus,
    next_application_state,
    text_problem,
)
from backend.centres.queries import is_open
from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.records import Student
from backend.enrollment.rules import (
    IdDocument,
    certificate_number_problem,
    id_number_problem,
    normalised_id_number,
    normalised_name,
)
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.operations import happened, record_fact
from backend.history.rules import SYSTEM, Actor, ActorKind, Fact
from backend.notices.rules import new_token, read_token
from backend.records import begin_write, blind_index

ANYBODY = Actor(ActorKind.STUDENT)  # somebody without an account


@dataclass(frozen=True)
class Receipt:
    """What the applicant writes down; the code is kept as a keyed hash only."""

    number: str
    code: str


def application_problems(
    *, name: str, certificate_number: str, id_number: str, phone: str, now: datetime
) -> dict[str, str]:
    """Field -> key of its sentence, from what was typed; whether somebody is on the roster plays no part."""
    today = day_of(now)
    problems = {}
    if not normalised_name(name):
        problems["name"] = "name_needed"
    elif len(name) > 60:
        problems["name"] = "name_long"
    certificate = plain_number(certificate_number)
    if certificate and (part := certificate_number_problem(certificate, today=today)):
        problems["certificate_number"] = f"certificate_{part}"
    number = normalised_id_number(id_number)
    if not number:
        problems["id_number"] = "id_needed"
    else:  # other documents have other lengths; 18 characters are a resident's number
        document = IdDocument.RESIDENT if len(number) == 18 else IdDocument.OTHER
        if id_number_problem(document, number, today=today):
            problems["id_number"] = "id_mistyped"
    digits = "".join(sign for sign in plain_number(phone) if sign not in "-+()")
    if not digits.isdigit() or not 7 <= len(digits) <= 15:
        problems["phone"] = "phone_needed"
    return problems


def apply(
    session: Session,
    *,
    name: str,
    certificate_number: str,
    id_number: str,
    phone: str,
    centre_id: int | None,
    answers: Answers,
    rules: AlumniRules,
    now: datetime,
) -> Receipt:
    """Anybody says who they are; nothing is looked up, so that the answer tells nobody who is on the roster.

    centre_id: the centre that the applicant remembers, None for the college's registry. Raises Invalid by field.
    """
    problems = application_problems(
        name=name, certificate_number=certificate_number, id_number=id_number, phone=phone, now=now
    )
    begin_write(session)
    if centre_id is not None and not is_open(session, centre_id):
        problems["centre"] = "centre_unknown"
    if problems:
        raise Invalid(problems)
    receipt = Receipt(new_token(), new_token())
    number = normalised_id_number(id_number)
    application = AlumniApplication(
        number=receipt.number,
        code_index=_code_index(receipt.number, receipt.code),
        state=ApplicationState.WAITING.value,
        centre_id=centre_id,
        name=normalised_name(name),
        certificate_number=plain_number(certificate_number) or None,
        id_number=number,
        id_number_index=blind_index("student.id_number", number),
        phone=plain_number(phone),
        answers={
            "linked": answers.linked,
            "graduated": answers.graduated,
            "diploma": answers.diploma,
            "captured": answers.captured,
        },
        made_at=now,
        due_on=day_of(now) + timedelta(days=rules.days.application),
        forget_at=now + timedelta(days=rules.retention.application_waiting_days),
    )
    session.add(application)
    session.flush()
    facts = {"state": application.state, "delete_after_days": rules.retention.application_waiting_days}
    happened(session, Fact("alumni_application.made", application.id, facts=facts), actor=ANYBODY, now=now)
    session.commit()
    return receipt


def look_up(session: Session, *, number: str, code: str, policy: Policy, now: datetime) -> AlumniApplication:
    """The application that number and code open. Raises SignInFailed (never saying which is wrong) or LockedOut."""
    known, secret = read_token(number) or "", read_token(code) or ""
    count_attempt(session, name=f"alumni:{known}", policy=policy, now=now)
    found = application_by(session, number=known, code=secret)
    if found is None:
        raise SignInFailed()
    begin_write(session)
    forget_attempts(session, f"alumni:{known}")
    session.commit()
    return session.get_one(AlumniApplication, found.id)


def application_by(session: Session, *, number: str, code: str) -> AlumniApplication | None:
    """The application of exactly this number and code."""
    return session.scalars(
        select(AlumniApplication).where(
            AlumniApplication.number == number, AlumniApplication.code_index == _code_index(number, code)
        )
    ).one_or_none()


def plain_code(typed: str) -> str:
    """A code as it was given, from what somebody typed."""
    return read_token(typed) or ""


def withdraw_application(
    session: Session, *, application_id: int, rules: AlumniRules, now: datetime
) -> AlumniApplication:
    """The applicant, who has shown number and code, takes it back; the personal data go at once."""
    begin_write(session)
    application = session.get_one(AlumniApplication, application_id, with_for_update={"of": AlumniApplication})
    _decide(application, ApplicationAction.WITHDRAW, days=0, actor=ANYBODY, now=now)
    _forget(application, now)
    facts = {"state": application.state}
    record_fact(session, Fact("alumni_application.withdrawn", application.id, facts=facts), actor=ANYBODY, now=now)
    session.commit()
    return application


def open_matched_account(
    session: Session,
    *,
    application_id: int,
    password: str,
    device: str,
    policy: Policy,
    now: datetime,
    method: Method = Method.PASSWORD,
) -> str:
    """The applicant, who has shown number and code, opens the account of the person whom staff found them to be.

    Gives the token for the cookie (method: as for activate). Raises NotAllowed while nobody matched it or when the
    account exists, WeakPassword.
    """
    application = session.get_one(AlumniApplication, application_id)
    personal = tuple(part for part in (application.name, (application.id_number or "")[-6:]) if part)
    check_password(password, kind="student", policy=policy, personal=personal)
    password_hash = hash_password(password, memory_kib=policy.password_memory_kib)
    begin_write(session)
    application = session.get_one(AlumniApplication, application_id, with_for_update={"of": AlumniApplication})
    if application.state != ApplicationState.MATCHED or application.student_id is None:
        raise NotAllowed(state=application.state, action="open_account")
    if application.forgotten_at is not None:
        raise NotAllowed(application="forgotten")
    student = session.get_one(Student, application.student_id, with_for_update={"of": Student})
    if session.scalar(select(Account.id).where(Account.student_id == student.id)) is not None:
        raise NotAllowed(account="exists")
    token = open_account(
        session,
        student=student,
        password_hash=password_hash,
        device=device,
        policy=policy,
        now=now,
        method=method,
    )
    fact = Fact("alumni_application.account_opened", application.id, owner_id=student.id)
    record_fact(session, fact, actor=ANYBODY, now=now)
    session.commit()
    return token


def note_application_seen(session: Session, *, application_id: int, actor: Actor, now: datetime) -> None:
    """A member of staff read the personal data of an application: it is in the history."""
    begin_write(session)
    record_fact(session, Fact("alumni_application.seen", application_id), actor=actor, now=now)
    session.commit()


def pass_on(
    session: Session, *, scope: Scope, application_id: int, centre_id: int | None, actor: Actor, now: datetime
) -> AlumniApplication:
    """To another desk: a centre hands it to the registry (None), the registry to the right centre."""
    begin_write(session)
    application = _in_scope(session, scope, application_id)
    next_application_state(ApplicationState(application.state), ApplicationAction.PASS_ON)
    if centre_id == application.centre_id or (scope.centre_id is not None and centre_id is not None):
        raise NotAllowed(application="same_desk")
    if centre_id is not None and not is_open(session, centre_id):
        raise Invalid({"centre": "centre_unknown"})
    application.centre_id = centre_id
    facts = {"to": centre_id}
    record_fact(session, Fact("alumni_application.passed_on", application.id, facts=facts), actor=actor, now=now)
    session.commit()
    return application


def match_application(
    session: Session,
    *,
    scope: Scope,
    application_id: int,
    student_id: int,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniCase | None:
    """Staff confirm which person of the roster it is: the case is opened (None when there is nothing to do).

    Raises NotFound outside the scope, NotAllowed when it is decided, NotAlumnus for a person who has not graduated.
    """
    begin_write(session)
    application = _in_scope(session, scope, application_id)
    student = session.get(Student, student_id, with_for_update={"of": Student})
    if student is None or not scope.covers(student.centre_id):
        raise NotFound(student=student_id)
    if student.graduated_on is None and student.certificate_number is None:
        raise NotAlumnus(student=student_id)
    days = rules.retention.application_after_decision_days
    _decide(application, ApplicationAction.MATCH, days=days, actor=actor, now=now)
    application.student_id, application.centre_id = student.id, student.centre_id
    facts = {"state": application.state, "delete_after_days": days}
    fact = Fact("alumni_application.matched", application.id, owner_id=student.id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    case = open_case_of(session, student.id)
    if case is None and application.answers.get("linked") == "no":
        case = add_case(
            session,
            student=student,
            answers=Answers(**application.answers),
            application_id=application.id,
            rules=rules,
            actor=actor,
            now=now,
        )
    session.commit()
    return case


def refuse_application(
    session: Session,
    *,
    scope: Scope,
    application_id: int,
    reason: str,
    rules: AlumniRules,
    actor: Actor,
    now: datetime,
) -> AlumniApplication:
    """Nobody on the roster fits; the applicant reads the reason. Raises Invalid, NotFound, NotAllowed."""
    problem = text_problem(reason, needed=True)
    if problem is not None:
        raise Invalid({"reason": problem})
    begin_write(session)
    application = _in_scope(session, scope, application_id)
    days = rules.retention.application_after_decision_days
    _decide(application, ApplicationAction.REFUSE, days=days, actor=actor, now=now)
    application.reason = reason.strip()
    facts = {"state": application.state, "delete_after_days": days}
    happened(session, Fact("alumni_application.refused", application.id, facts=facts), actor=actor, now=now)
    session.commit()
    return application


def forget_due_applications(session: Session, *, now: datetime) -> int:
    """Empty the personal columns of applications whose time is over; gives their number.

    One that nobody decided lapses. Number, state and history stay.
    """
    begin_write(session)
    due = session.scalars(
        select(AlumniApplication)
        .where(AlumniApplication.forgotten_at.is_(None), AlumniApplication.forget_at <= now)
        .order_by(AlumniApplication.id)
        .with_for_update(of=AlumniApplication)
    ).all()
    for application in due:
        facts: dict[str, object] = {}
        if application.state == ApplicationState.WAITING:
            _decide(application, ApplicationAction.LAPSE, days=0, actor=SYSTEM, now=now)
            facts["state"] = application.state
        _forget(application, now)
        fact = Fact("alumni_application.forgotten", application.id, owner_id=application.student_id, facts=facts)
        record_fact(session, fact, actor=SYSTEM, now=now)
    session.commit()
    return len(due)


def _decide(
    application: AlumniApplication, action: ApplicationAction, *, days: int, actor: Actor, now: datetime
) -> None:
    application.state = next_application_state(ApplicationState(application.state), action).value
    application.decided_at, application.decided_by = now, actor.id if actor.kind is ActorKind.STAFF else None
    application.forget_at = now + timedelta(days=days)


def _forget(application: AlumniApplication, now: datetime) -> None:
    application.name = application.certificate_number = application.id_number = application.phone = None
    application.id_number_index = application.reason = None
    application.forgotten_at = now


def _in_scope(session: Session, scope: Scope, application_id: int) -> AlumniApplication:
    """The application, locked, for the transaction that has begun. Raises NotFound outside the scope."""
    application = session.get(AlumniApplication, application_id, with_for_update={"of": AlumniApplication})
    if application is None or not application_covered(scope, application):
        raise NotFound(application=application_id)
    return application


def application_covered(scope: Scope, application: AlumniApplication) -> bool:
    """One at no centre is at the college's registry, which covers all."""
    if application.centre_id is None:
        return scope.centre_id is None
    return scope.covers(application.centre_id)


def _code_index(number: str, code: str) -> bytes:
    # number and code together: the same code under another number is another hash
    return blind_index("alumni_application.code", f"{number}:{code}")
