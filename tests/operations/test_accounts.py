"""Signing in, activating and keeping accounts, without the web."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.activation import activate
from backend.accounts.operations import change_password, give_totp, remove_totp, resume, sign_in
from backend.accounts.queries import devices_of, staff_accounts
from backend.accounts.records import Account, SignIn
from backend.accounts.rules import LockedOut, Role, SignInFailed
from backend.accounts.staff import create_staff, reset_staff
from backend.centres.rules import ALL_CENTRES, Scope
from backend.demo.people import invented_id_number
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.queries import broken_links
from backend.history.records import HistoryEntry
from backend.history.rules import SYSTEM
from backend.parts import Parts
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory

NEW = "klatsch-mohn-4"


def enter(session: Session, account: Account, parts: Parts, clock: Clock, password: str = PASSWORD) -> SignIn:
    token = sign_in(
        session,
        kind=account.kind,
        login=account.login,
        password=password,
        device="test",
        policy=parts.policy,
        now=clock(),
    )
    found = resume(session, token=token, policy=parts.policy, now=clock())
    assert found is not None
    return found


def test_the_table_keeps_no_token_and_no_password(session: Session, make: Factory, parts: Parts, clock: Clock) -> None:
    account = make.student_account()
    token = sign_in(
        session, kind="student", login=account.login, password=PASSWORD, device="t", policy=parts.policy, now=clock()
    )
    kept = session.scalars(select(SignIn)).one()
    assert token.encode() not in kept.token_hash
    assert len(token) >= 43, "32 random bytes"
    assert PASSWORD not in account.password_hash
    assert resume(session, token=token + "x", policy=parts.policy, now=clock()) is None


def test_two_activations_at_once_make_one_account(make: Factory, parts: Parts, session: Session, clock: Clock) -> None:
    number = invented_id_number(date(1996, 2, 29), 7, male=False)
    student = make.student(id_number=number)
    results: list[str] = []
    start = threading.Barrier(4)

    def open_account() -> None:
        with parts.sessions() as own:
            start.wait()
            try:
                activate(
                    own,
                    number=student.student_number,
                    name=student.name,
                    id_number=number,
                    password=NEW,
                    device="t",
                    policy=parts.policy,
                    now=clock(),
                )
                results.append("done")
            except SignInFailed:
                results.append("refused")

    threads = [threading.Thread(target=open_account) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "refused", "refused", "refused"]
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_one_code_at_the_same_moment_works_once(make: Factory, parts: Parts, session: Session, clock: Clock) -> None:
    import pyotp

    secret = "JBSWY3DPEHPK3PXP" * 2
    wang = make.staff(totp_secret=secret, totp_confirmed_at=clock())
    sign_ins = [enter(session, wang, parts, clock).id for _ in range(3)]
    code = pyotp.TOTP(secret).at(clock())
    results: list[str] = []
    start = threading.Barrier(3)

    def give(sign_in_id: int) -> None:
        with parts.sessions() as own:
            start.wait()
            try:
                give_totp(
                    own,
                    account_id=wang.id,
                    sign_in_id=sign_in_id,
                    code=code,
                    policy=parts.policy,
                    actor=SYSTEM,
                    now=clock(),
                )
                results.append("in")
            except SignInFailed:
                results.append("refused")

    threads = [threading.Thread(target=give, args=(number,)) for number in sign_ins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["in", "refused", "refused"]


def test_changing_the_password_keeps_this_device_only(
    session: Session, make: Factory, parts: Parts, clock: Clock
) -> None:
    account = make.student_account()
    here, there = enter(session, account, parts, clock), enter(session, account, parts, clock)
    assert {device.id for device in devices_of(session, account.id, now=clock())} == {here.id, there.id}
    change_password(
        session,
        account_id=account.id,
        current=PASSWORD,
        new=NEW,
        keep_sign_in=here.id,
        policy=parts.policy,
        actor=SYSTEM,
        now=clock(),
    )
    assert [device.id for device in devices_of(session, account.id, now=clock())] == [here.id]
    with pytest.raises(SignInFailed):
        enter(session, account, parts, clock)
    enter(session, account, parts, clock, NEW)


def test_guessing_is_counted_across_sign_in_and_change_of_password(
    session: Session, make: Factory, parts: Parts, clock: Clock
) -> None:
    account = make.student_account()
    for _ in range(4):
        with pytest.raises(SignInFailed):
            enter(session, account, parts, clock, "wrong")
    with pytest.raises(SignInFailed):
        change_password(
            session,
            account_id=account.id,
            current="wrong",
            new=NEW,
            keep_sign_in=0,
            policy=parts.policy,
            actor=SYSTEM,
            now=clock(),
        )
    with pytest.raises(LockedOut):
        enter(session, account, parts, clock)


def test_a_quiet_quarter_of_an_hour_forgets_old_mistakes(
    session: Session, make: Factory, parts: Parts, clock: Clock
) -> None:
    account = make.student_account()
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(SignInFailed):
                enter(session, account, parts, clock, "wrong")
        clock.move(minutes=16)
    enter(session, account, parts, clock)


def test_required_codes_cannot_be_removed(session: Session, make: Factory, parts: Parts, clock: Clock) -> None:
    from dataclasses import replace

    strict = replace(parts.policy, staff_totp_required=True)
    with pytest.raises(NotAllowed):
        remove_totp(session, account_id=make.staff().id, password=PASSWORD, policy=strict, actor=SYSTEM, now=clock())


def test_nobody_resets_the_own_account_or_a_student(
    session: Session, make: Factory, parts: Parts, clock: Clock
) -> None:
    admin, lin = make.staff(Role.ADMINISTRATOR), make.student_account()
    for account, error in ((admin, NotAllowed), (lin, NotFound)):
        with pytest.raises(error):
            reset_staff(session, account_id=account.id, creator=admin, policy=parts.policy, actor=SYSTEM, now=clock())


@pytest.mark.parametrize(("role", "with_centre"), [(Role.CENTRE_STAFF, False), (Role.REGISTRY, True)])
def test_role_and_centre_belong_together(
    session: Session, make: Factory, parts: Parts, clock: Clock, role: Role, with_centre: bool
) -> None:
    with pytest.raises(Invalid) as refused:
        create_staff(
            session,
            login="neu",
            display_name="",
            role=role,
            centre_id=make.centre().id if with_centre else None,
            password=None,
            creator=None,
            policy=parts.policy,
            actor=SYSTEM,
            now=clock(),
        )
    assert refused.value.problems == {"centre_id": "role_and_centre"}


def test_a_scope_lists_its_own_staff(session: Session, make: Factory) -> None:
    here, there = make.centre(), make.centre()
    wang, zhao, registry = make.staff(centre=here), make.staff(centre=there), make.staff(Role.REGISTRY)
    assert {account.id for account in staff_accounts(session, scope=Scope(here.id))} == {wang.id}
    assert {account.id for account in staff_accounts(session, scope=ALL_CENTRES)} == {wang.id, zhao.id, registry.id}


def test_the_history_tells_of_sign_ins_without_names(
    session: Session, make: Factory, parts: Parts, clock: Clock
) -> None:
    account = make.student_account()
    enter(session, account, parts, clock)
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "account.signed_in")).one()
    student = session.get_one(Student, account.student_id)
    assert student.name not in str(entry.facts)
    assert account.login not in str(entry.facts)
    assert list(broken_links(session)) == []
