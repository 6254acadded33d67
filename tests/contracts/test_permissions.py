"""Every address says who may come in; who may do what, as a table."""

from __future__ import annotations

import pytest

from backend import App
from backend.accounts.rules import (
    ROLE_PERMISSIONS,
    STUDENT_PERMISSIONS,
    Permission,
    Role,
    may_manage,
    permissions_of,
    scope_of,
)
from backend.views.access import PUBLIC

P = Permission

# role -> exactly what it may do, written down a second time: a change is a decision
EVERY_CENTRE = {
    P.PHOTO_REVIEW,
    P.RETURNED_CHECK,
    P.STUDENT_VIEW,
    P.STUDENT_REMIND,
    P.STATISTICS_VIEW,
    P.CORRECTION_DECIDE,
    P.CHSI_RECORD,
    P.CASE_VIEW,
    P.POSTER_PRINT,
    P.IMPORT,
    P.FEE_KEEP,
    P.ALUMNI_CASES,
    P.ALUMNI_SCANS,
    P.SESSION_KEEP,
    P.BATCH_KEEP,
    P.OWN_ACCOUNT,
}
TABLE = {
    Role.CENTRE_STAFF: EVERY_CENTRE | {P.CASE_OPINION, P.PHOTO_BULK},
    Role.CENTRE_HEAD: {
        *EVERY_CENTRE,
        P.CASE_OPINION,
        P.PHOTO_BULK,
        P.IDENTITY_REVIEW,
        P.NOTICE_WRITE,
        P.STAFF_EDIT,
        P.ROUTE_SET,
        P.REVIEW_PACE,
    },
    Role.REGISTRY: {
        *EVERY_CENTRE,
        P.CASE_DECIDE,
        P.IDENTITY_REVIEW,
        P.NOTICE_WRITE,
        P.CENTRE_EDIT,
        P.JOB_VIEW,
        P.ROUTE_SET,
        P.ROUND_EDIT,
        P.ALUMNI_REPORT,
        P.REVIEW_PACE,
        P.TOKEN_KEEP,
    },
    Role.ADMINISTRATOR: {P.STAFF_EDIT, P.CENTRE_EDIT, P.JOB_VIEW, P.TOKEN_KEEP, P.OWN_ACCOUNT},
}


def test_every_address_states_its_permission(app: App) -> None:
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not isinstance(getattr(app.view_functions[rule.endpoint], "permission", None), str)
    ]
    assert silent == []


def test_only_the_doors_and_the_files_are_open_to_everybody(app: App) -> None:
    for rule in app.url_map.iter_rules():
        if app.view_functions[rule.endpoint].permission == PUBLIC:  # type: ignore[attr-defined]
            assert rule.endpoint.split(".")[0].startswith(
                ("public_", "assets", "api_document", "api_sessions", "api_applications")
            ) or rule.endpoint in (*("favicon", "healthz", "readyz", "metrics"),), rule.endpoint


def test_students_and_staff_have_separate_houses(app: App) -> None:
    for rule in app.url_map.iter_rules():
        permission = app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        if rule.endpoint.startswith("console_"):
            assert rule.rule.startswith("/console"), rule
            assert permission in set().union(*TABLE.values()), rule
        if rule.endpoint.startswith("student_"):
            assert not rule.rule.startswith("/console"), rule
            assert permission == P.OWN_DATA, rule


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_a_role_may_do_what_the_table_says(role: Role, permission: Permission) -> None:
    assert (permission in permissions_of("staff", role)) is (permission in TABLE[role])


def test_a_student_has_the_own_data_and_nothing_of_the_staff() -> None:
    assert permissions_of("student", None) == STUDENT_PERMISSIONS == {P.OWN_DATA}
    assert not STUDENT_PERMISSIONS & set().union(*ROLE_PERMISSIONS.values())


def test_reminding_and_checking_a_parcel_have_rows_of_their_own(app: App) -> None:
    """A college that lets somebody see the roster, or review, need not let the same person do these."""
    asked = {name: view.permission for name, view in app.view_functions.items()}  # type: ignore[attr-defined]
    assert {asked[f"console_chasing.{name}"] for name in ("ask", "send", "note")} == {P.STUDENT_REMIND}
    assert asked["console_chasing.show"] == P.STUDENT_VIEW
    assert {permission for name, permission in asked.items() if name.startswith("console_returned.")} == {
        P.RETURNED_CHECK
    }


def test_every_permission_is_asked_for_and_given(app: App) -> None:
    asked = {app.view_functions[rule.endpoint].permission for rule in app.url_map.iter_rules()}  # type: ignore[attr-defined]
    given = STUDENT_PERMISSIONS.union(*ROLE_PERMISSIONS.values())
    assert set(Permission) == given
    assert set(Permission) - asked == set()


@pytest.mark.parametrize(
    ("role", "centre", "covers"),
    [
        (Role.CENTRE_STAFF, 1, {1}),
        (Role.CENTRE_HEAD, 2, {2}),
        (Role.CENTRE_STAFF, None, set()),  # a centre's role without a centre covers nothing, not everything
        (Role.REGISTRY, None, {1, 2, 3}),
        (Role.ADMINISTRATOR, None, {1, 2, 3}),
    ],
)
def test_a_scope_is_one_centre_or_all(role: Role, centre: int | None, covers: set[int]) -> None:
    scope = scope_of(role, centre)
    assert {number for number in (1, 2, 3) if scope.covers(number)} == covers


@pytest.mark.parametrize(
    ("actor", "role", "centre", "allowed"),
    [
        ((Role.ADMINISTRATOR, None), Role.ADMINISTRATOR, None, True),
        ((Role.ADMINISTRATOR, None), Role.CENTRE_HEAD, 2, True),
        ((Role.CENTRE_HEAD, 1), Role.CENTRE_STAFF, 1, True),
        ((Role.CENTRE_HEAD, 1), Role.CENTRE_STAFF, 2, False),
        ((Role.CENTRE_HEAD, 1), Role.CENTRE_HEAD, 1, False),
        ((Role.CENTRE_HEAD, 1), Role.REGISTRY, None, False),
        ((Role.REGISTRY, None), Role.CENTRE_STAFF, 1, False),
        ((Role.CENTRE_STAFF, 1), Role.CENTRE_STAFF, 1, False),
    ],
)
def test_who_keeps_whose_account(actor: tuple[Role, int | None], role: Role, centre: int | None, allowed: bool) -> None:
    assert may_manage(*actor, role, centre) is allowed
