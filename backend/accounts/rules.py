"""Roles and what each may do; passwords and lockout. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Literal

from backend.centres.rules import ALL_CENTRES, Scope
from backend.errors import DomainError


class Role(StrEnum):
    CENTRE_STAFF = "centre_staff"  # reviews and answers for one centre
    CENTRE_HEAD = "centre_head"  # the same, and publishes notices and keeps the centre's staff
    REGISTRY = "registry"  # the college's registry: all centres
    ADMINISTRATOR = "administrator"  # staff accounts, jobs and settings; sees no photo


class Method(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105 - the name of the way, no password
    SIGN_ON = "sign_on"  # the college's single sign-on; staff only
    WECHAT = "wechat"  # a bound WeChat account; students only
    TOKEN = "token"  # noqa: S105 - number and password, for a program that keeps a bearer token
    MINI = "mini_program"  # a bound WeChat account in the mini program, which keeps a bearer token


# sign-ins whose token comes in a header; it is no cookie, and a cookie is not taken for one of these
BEARER = frozenset({Method.TOKEN, Method.MINI})


class Permission(StrEnum):
    OWN_DATA = "own.data"  # a student's own pages
    PHOTO_REVIEW = "photo.review"  # see photos of the scope and decide
    PHOTO_BULK = "photo.bulk"  # hand scans in for students of the own centre
    REVIEW_PACE = "review.pace"  # how many photos each colleague of the scope decided on; everybody sees the own count
    RETURNED_CHECK = "returned.check"  # hold discs and paper photos of the unit against what was accepted
    STUDENT_VIEW = "student.view"  # see the roster of the scope
    STUDENT_REMIND = "student.remind"  # send reminders to students of the scope, and note calls
    STATISTICS_VIEW = "statistics.view"  # counts of the scope; nobody is named
    CORRECTION_DECIDE = "correction.decide"
    CHSI_RECORD = "chsi.record"  # write down what 学信网 shows: linked photos, results, changes of status
    CASE_VIEW = "case.view"  # errata cases of the scope with their evidence
    CASE_OPINION = "case.opinion"  # the centre's opinion
    CASE_DECIDE = "case.decide"  # the college's decision, and the hand-over
    IDENTITY_REVIEW = "identity.review"  # identity reviews: few people know of them
    NOTICE_WRITE = "notice.write"
    POSTER_PRINT = "poster.print"
    CENTRE_EDIT = "centre.edit"
    STAFF_EDIT = "staff.edit"
    FEE_KEEP = "fee.keep"  # who paid, who owes, receipts, what went to the unit
    SESSION_KEEP = "session.keep"  # capture sessions, the door, who came as which number
    BATCH_KEEP = "batch.keep"  # batches to a capture unit
    ROUTE_SET = "route.set"  # see capture rounds, and say which route the own centre takes
    ROUND_EDIT = "round.edit"  # capture rounds, units, and what may go to them
    IMPORT = "exchange.import"  # take files of other systems in; a centre photos of its own students only
    JOB_VIEW = "job.view"
    ALUMNI_CASES = "alumni.cases"  # applications and cases of graduates without a photo
    ALUMNI_SCANS = "alumni.scans"  # look at their scans of ID cards and diplomas, while the case is at one's desk
    ALUMNI_REPORT = "alumni.report"  # packages for the supplementary report
    TOKEN_KEEP = "token.keep"  # tokens of other systems  # noqa: S105
    OWN_ACCOUNT = "own.account"  # a member of staff's own password, one-time codes and devices


_STAFF = {
    Permission.PHOTO_REVIEW,
    Permission.RETURNED_CHECK,
    Permission.STUDENT_VIEW,
    Permission.STUDENT_REMIND,
    Permission.STATISTICS_VIEW,
    Permission.CORRECTION_DECIDE,
    Permission.CHSI_RECORD,
    Permission.CASE_VIEW,
    Permission.POSTER_PRINT,
    Permission.IMPORT,
    Permission.FEE_KEEP,
    Permission.ALUMNI_CASES,
    Permission.ALUMNI_SCANS,
    Permission.SESSION_KEEP,
    Permission.BATCH_KEEP,
    Permission.OWN_ACCOUNT,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CENTRE_STAFF: frozenset(_STAFF | {Permission.CASE_OPINION, Permission.PHOTO_BULK}),
    Role.CENTRE_HEAD: frozenset(
        _STAFF
        | {Permission.CASE_OPINION, Permission.PHOTO_BULK, Permission.IDENTITY_REVIEW}
        | {Permission.NOTICE_WRITE, Permission.STAFF_EDIT, Permission.ROUTE_SET, Permission.REVIEW_PACE}
    ),
    Role.REGISTRY: frozenset(
        _STAFF
        | {Permission.CASE_DECIDE, Permission.IDENTITY_REVIEW}
        | {Permission.NOTICE_WRITE, Permission.CENTRE_EDIT, Permission.JOB_VIEW}
        | {Permission.ROUTE_SET, Permission.ROUND_EDIT, Permission.ALUMNI_REPORT}
        | {Permission.REVIEW_PACE, Permission.TOKEN_KEEP}
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            *(Permission.STAFF_EDIT, Permission.CENTRE_EDIT, Permission.JOB_VIEW),
            *(Permission.TOKEN_KEEP, Permission.OWN_ACCOUNT),
        }
    ),
}

STUDENT_PERMISSIONS = frozenset({Permission.OWN_DATA})

CENTRE_ROLES = (Role.CENTRE_STAFF, Role.CENTRE_HEAD)  # roles that belong to one centre


def permissions_of(kind: str, role: str | None) -> frozenset[Permission]:
    """What an account of this kind and role may do."""
    return ROLE_PERMISSIONS[Role(role)] if kind == "staff" and role else STUDENT_PERMISSIONS


def scope_of(role: str | None, centre_id: int | None) -> Scope:
    """The centres that a staff account covers. A centre role without a centre covers nothing."""
    return Scope(centre_id if centre_id is not None else -1) if role in CENTRE_ROLES else ALL_CENTRES


def may_manage(actor_role: str, actor_centre: int | None, role: str, centre_id: int | None) -> bool:
    """May somebody create or change a staff account of this role at this centre?"""
    if actor_role == Role.ADMINISTRATOR:
        return True
    # a head keeps the staff of the own centre, but makes no other heads
    return actor_role == Role.CENTRE_HEAD and role == Role.CENTRE_STAFF and centre_id == actor_centre


@dataclass(frozen=True)
class Policy:
    """The settings of section `security` that sign-in needs. Hours and minutes as in the settings."""

    lockout_failures: int
    lockout_minutes: int
    min_length_student: int
    min_length_staff: int
    hours_student: int
    hours_staff: int
    idle_minutes_staff: int
    password_memory_kib: int
    staff_totp_required: bool
    passwords_for: Literal["everybody", "administrators"] = "everybody"  # staff who may use the local password


def may_use_password(policy: Policy, *, kind: str, role: str | None) -> bool:
    """With the college's single sign-on, local passwords may be left to administrators: theirs open in an emergency."""
    return kind != "staff" or policy.passwords_for == "everybody" or role == Role.ADMINISTRATOR


def sign_on_name_problem(name: str) -> str | None:
    """Why a name of the single sign-on cannot be taken; None when it can. Compared letter by letter, as servers do."""
    if len(name) > 128:
        return "sign_on_long"
    return None if name.isprintable() else "sign_on_unreadable"


class SignInFailed(DomainError):
    """Wrong name, number or password. It never says which: that would tell who exists."""

    code = "sign_in_failed"


class SignOnFailed(DomainError):
    """The single sign-on did not say who it is; facts: reason.

    state: another browser or an old page; refused: the person or the server stopped; unreachable; untrusted: the
    answer does not prove anything; nameless: it lacks the claim that the settings ask for.
    """

    code = "sign_on_failed"


class SignOnUnknown(DomainError):
    """The single sign-on knows the person, but no account here has that name; facts: name."""

    code = "sign_on_unknown"


class LockedOut(DomainError):
    """Too many wrong attempts; facts: until (aware time)."""

    code = "locked_out"


class WeakPassword(DomainError):
    """A password that cannot be taken; facts: reason (key of the sentence)."""

    code = "weak_password"


def password_problem(password: str, *, min_length: int, personal: tuple[str, ...]) -> str | None:
    """Why a password cannot be taken: "short", "personal", "simple" or "long"; None when it can.

    personal: numbers and names of the person, which others know too.
    """
    if len(password) < min_length:
        return "short"
    if len(password) > 128:
        return "long"
    lowered = password.lower()
    if any(_is_telling(part) and (lowered in part.lower() or part.lower() in lowered) for part in personal):
        return "personal"
    if len(set(lowered)) < 4 or lowered in _COMMON or _is_sequence(lowered):
        return "simple"
    return None


def _is_telling(part: str) -> bool:
    """Is a personal word long enough that a password with it was made of it? "Li" is in many words by chance."""
    return len(part) >= (4 if part.isascii() else 2)


# the head of every published list of most used passwords, eight characters and more
_COMMON = {
    "password", "password1", "12345678", "123456789", "1234567890", "11111111", "88888888", "qwertyui", "qwerty123",
    "1qaz2wsx", "abc12345", "a1234567", "a12345678", "woaini1314", "5201314520", "123123123", "1q2w3e4r", "zaq12wsx",
    "iloveyou", "admin123", "password123", "qwertyuiop", "asdfghjkl", "aa123456", "a123456789", "woaini520",
}  # fmt: skip


def _is_sequence(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({1}, {-1}, {0})


def lock_until(*, failures: int, limit: int, minutes: int, now: datetime) -> datetime | None:
    """Until when a name waits after its `failures`-th wrong attempt in a row; None while it may try on."""
    return now + timedelta(minutes=minutes) if failures >= limit else None


def device_name(user_agent: str) -> str:
    """A short name that a person recognises: "WeChat, iPhone"."""
    agent = user_agent.lower()
    programs = (
        ("micromessenger", "WeChat"),
        ("edg/", "Edge"),
        ("firefox", "Firefox"),
        ("chrome", "Chrome"),
        ("safari", "Safari"),
    )
    systems = (
        ("iphone", "iPhone"),
        ("ipad", "iPad"),
        ("android", "Android"),
        ("windows", "Windows"),
        ("mac os", "Mac"),
        ("linux", "Linux"),
    )
    program = next((name for sign, name in programs if sign in agent), "?")
    system = next((name for sign, name in systems if sign in agent), "?")
    return f"{program}, {system}"
