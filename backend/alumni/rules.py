"""Which way a graduate without a photo goes, who may do what on it, by when, and what is deleted when. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from string import Formatter
from typing import Any

from backend.accounts.rules import CENTRE_ROLES, Role
from backend.compliance.findings import PictureVerdict
from backend.errors import DomainError, NotAllowed


class Route(StrEnum):
    """The way to a photo at 学信网; one of them follows from the answers."""

    NOTHING = "nothing"  # the photo is there
    BIND = "bind"  # case 1: diploma received, captured by Xinhua, not linked: bind it by hand at 学信网
    CAPTURE = "capture"  # case 2: no diploma, not captured: capture and two prints
    SCANS = "scans"  # case 3: diploma received, not captured by Xinhua: scans, opinion and seal, review, report
    CHECK_FIRST = "check_first"  # the check of case 1 first, then the centre decides
    ASK_CENTRE = "ask_centre"  # graduated since the boundary: the centre, with an explanation


CHECKED_AT_CHSI = frozenset({Route.BIND, Route.CHECK_FIRST})  # the graduate looks and binds, and tells the result


@dataclass(frozen=True)
class Answers:
    """What the triage asks. graduated: "before" | "since" the boundary; the others "yes" | "no", captured "unknown"."""

    linked: str
    graduated: str
    diploma: str
    captured: str


QUESTIONS: dict[str, tuple[str, ...]] = {
    "linked": ("yes", "no"),
    "graduated": ("before", "since"),
    "diploma": ("yes", "no"),
    "captured": ("yes", "no", "unknown"),
}


@dataclass(frozen=True)
class TriageRow:
    """answers: question -> the answer that the row asks for; questions left out do not matter."""

    route: Route
    answers: Mapping[str, str]
    source: str

    def meets(self, answers: Answers) -> bool:
        return all(getattr(answers, question) == answer for question, answer in self.answers.items())


@dataclass(frozen=True)
class Needs:
    """What a way asks for: scans by the graduate, a sealed sheet by the centre, paper prints, an accepted photo."""

    scans: tuple[str, ...]
    sheet: bool
    prints: int
    photo: bool


@dataclass(frozen=True)
class Days:
    """Days that everybody has."""

    student: int
    centre: int
    college: int
    look_again: int
    application: int


@dataclass(frozen=True)
class Retention:
    """Days after which scans and the data of applications are deleted."""

    scans_after_end_days: int
    scans_after_withdrawal_days: int
    scans_after_sending_days: int
    scans_not_submitted_days: int
    application_after_decision_days: int
    application_waiting_days: int


@dataclass(frozen=True)
class AlumniRules:
    """config/alumni.toml."""

    boundary: date
    triage: tuple[TriageRow, ...]
    needs: Mapping[Route, Needs]
    days: Days
    retention: Retention
    package_name: str
    package_most: int


class RulesProblem(Exception):
    """config/alumni.toml cannot be used; the text says why."""


PAPERS = ("diploma", "id_front", "id_back", "photo", "sheet")  # kinds of files of a case; the sheet is the centre's
PERSONAL_PLACES = {"certificate_number", "student_number", "name"}
PLACES = {"serial", "paper", "ending"} | PERSONAL_PLACES


def read_rules(data: Mapping[str, Any]) -> AlumniRules:
    """The parsed file -> rules. Raises RulesProblem: a combination without exactly one way stops the start."""
    try:
        rules = AlumniRules(
            boundary=data["boundary"],
            triage=tuple(
                TriageRow(Route(row["route"]), {name: row[name] for name in QUESTIONS if name in row}, row["source"])
                for row in data["triage"]
            ),
            needs={
                Route(name): Needs(tuple(row["scans"]), row["sheet"], row["prints"], row["photo"])
                for name, row in data["route"].items()
            },
            days=Days(**_numbers(data["days"])),
            retention=Retention(**_numbers(data["retention"])),
            package_name=data["package"]["name"],
            package_most=data["package"]["most"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RulesProblem(f"config/alumni.toml: {error}") from error
    for answers in combinations():
        route_of(rules, answers)
    used = {name for _, name, _, _ in Formatter().parse(rules.package_name) if name}
    if not used <= PLACES or not {"serial", "paper"} <= used:
        raise RulesProblem(f"config/alumni.toml: package.name {rules.package_name!r}")
    if set(rules.needs) != set(Route) - {Route.NOTHING}:
        raise RulesProblem("config/alumni.toml: every way but 'nothing' needs its table")
    return rules


def _numbers(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != "source"}


def combinations() -> list[Answers]:
    """Every combination of answers that there is."""
    return [
        Answers(linked, graduated, diploma, captured)
        for linked in QUESTIONS["linked"]
        for graduated in QUESTIONS["graduated"]
        for diploma in QUESTIONS["diploma"]
        for captured in QUESTIONS["captured"]
    ]


def route_of(rules: AlumniRules, answers: Answers) -> Route:
    """The one way that follows. Raises RulesProblem when the table says none or two."""
    found = [row.route for row in rules.triage if row.meets(answers)]
    if len(found) != 1:
        raise RulesProblem(f"config/alumni.toml: {answers} meets {len(found)} rows of the triage")
    return found[0]


def next_question(rules: AlumniRules, given: Mapping[str, str]) -> str | None:
    """The next question that still matters, in the order of QUESTIONS; None when the way is clear.

    given: question -> answer so far, valid answers only.
    """
    open_rows = [
        row for row in rules.triage if all(given.get(name, answer) == answer for name, answer in row.answers.items())
    ]
    for name in QUESTIONS:
        if (
            name not in given
            and len({row.route for row in open_rows}) > 1
            and any(name in r.answers for r in open_rows)
        ):
            return name
    return None


def completed(given: Mapping[str, str]) -> Answers:
    """Answers from those that were asked; what did not matter is filled in with the last answer of its question."""
    return Answers(**{name: given.get(name, answers[-1]) for name, answers in QUESTIONS.items()})


def graduated(rules: AlumniRules, graduated_on: date) -> str:
    """The answer that the roster knows."""
    return "before" if graduated_on < rules.boundary else "since"


def answers_from(
    rules: AlumniRules, given: Mapping[str, str], *, graduated_on: date | None = None
) -> tuple[Answers | None, str]:
    """The whole answers with "", or None with the question that is still to be asked.

    given: valid answers only. Whoever comes here has no photo at 学信网 unless they say so, and what the roster knows
    (graduated_on) is not asked.
    """
    known = {} if graduated_on is None else {"graduated": graduated(rules, graduated_on)}
    answered = {"linked": "no", **given, **known}
    question = next_question(rules, answered)
    return (completed(answered), "") if question is None else (None, question)


# ---------------------------------------------------------------- cases


class Party(StrEnum):
    """Who acts."""

    STUDENT = "student"  # the graduate
    CENTRE = "centre"  # staff of the graduate's centre
    REGISTRY = "registry"  # the college's registry


def party_of(role: str | None) -> Party | None:
    """Whose part a member of staff plays; None for administrators, who have none."""
    if role in CENTRE_ROLES:
        return Party.CENTRE
    return Party.REGISTRY if role == Role.REGISTRY else None


class CaseState(StrEnum):
    WITH_STUDENT = "with_student"  # the graduate binds, captures, or uploads what the way asks for
    AT_CENTRE = "at_centre"  # the centre helps, or gives its opinion and seal
    AT_COLLEGE = "at_college"  # the college's registry reviews
    APPROVED = "approved"  # reviewed: goes into the next package
    SENT = "sent"  # reported to 学信网; the graduate looks again
    RETURNED = "returned"  # something is to be mended, with a reason
    DONE = "done"  # the photo is at 学信网; final
    WITHDRAWN = "withdrawn"  # the graduate took it back; final
    CLOSED = "closed"  # staff ended it, with a reason; final


FINAL = frozenset({CaseState.DONE, CaseState.WITHDRAWN, CaseState.CLOSED})


class CaseAction(StrEnum):
    REPORT_FOUND = "report_found"  # bound at 学信网
    REPORT_MISSING = "report_missing"  # looked at 学信网, and it is not there
    SUBMIT = "submit"  # everything that the way asks for is there
    RETURN = "return"  # back to the graduate, with a reason
    REROUTE = "reroute"  # another way is the right one, with a reason
    ENDORSE = "endorse"  # the centre's opinion (and seal): on to the college
    SEND_BACK = "send_back"  # from the college to the centre, with a reason
    APPROVE = "approve"  # the college's review
    SEND = "send"  # the package went to 学信网
    CONFIRM = "confirm"  # the photo is there
    WITHDRAW = "withdraw"
    CLOSE = "close"


@dataclass(frozen=True)
class Step:
    """What an action leads to, and who may do it, on which ways."""

    state: CaseState
    who: frozenset[Party]
    routes: frozenset[Route]


_STUDENT = frozenset({Party.STUDENT})
_CENTRE = frozenset({Party.CENTRE})
_REGISTRY = frozenset({Party.REGISTRY})
_STAFF = _CENTRE | _REGISTRY
_ANY = frozenset(Route) - {Route.NOTHING}
_WITH_PAPERS = frozenset({Route.SCANS, Route.CAPTURE})

STEPS: dict[tuple[CaseState, CaseAction], Step] = {
    (CaseState.WITH_STUDENT, CaseAction.REPORT_FOUND): Step(CaseState.DONE, _STUDENT, CHECKED_AT_CHSI),
    (CaseState.WITH_STUDENT, CaseAction.REPORT_MISSING): Step(CaseState.AT_CENTRE, _STUDENT, CHECKED_AT_CHSI),
    (CaseState.WITH_STUDENT, CaseAction.SUBMIT): Step(CaseState.AT_CENTRE, _STUDENT, _WITH_PAPERS),
    (CaseState.WITH_STUDENT, CaseAction.WITHDRAW): Step(CaseState.WITHDRAWN, _STUDENT, _ANY),
    (CaseState.WITH_STUDENT, CaseAction.CLOSE): Step(CaseState.CLOSED, _STAFF, _ANY),
    (CaseState.RETURNED, CaseAction.REPORT_FOUND): Step(CaseState.DONE, _STUDENT, CHECKED_AT_CHSI),
    (CaseState.RETURNED, CaseAction.REPORT_MISSING): Step(CaseState.AT_CENTRE, _STUDENT, CHECKED_AT_CHSI),
    (CaseState.RETURNED, CaseAction.SUBMIT): Step(CaseState.AT_CENTRE, _STUDENT, _ANY - CHECKED_AT_CHSI),
    (CaseState.RETURNED, CaseAction.WITHDRAW): Step(CaseState.WITHDRAWN, _STUDENT, _ANY),
    (CaseState.RETURNED, CaseAction.CLOSE): Step(CaseState.CLOSED, _STAFF, _ANY),
    (CaseState.AT_CENTRE, CaseAction.RETURN): Step(CaseState.RETURNED, _STAFF, _ANY),
    (CaseState.AT_CENTRE, CaseAction.REROUTE): Step(CaseState.WITH_STUDENT, _STAFF, _ANY),
    (CaseState.AT_CENTRE, CaseAction.ENDORSE): Step(CaseState.AT_COLLEGE, _CENTRE, _WITH_PAPERS),
    (CaseState.AT_CENTRE, CaseAction.WITHDRAW): Step(CaseState.WITHDRAWN, _STUDENT, _ANY),
    (CaseState.AT_CENTRE, CaseAction.CLOSE): Step(CaseState.CLOSED, _STAFF, _ANY),
    (CaseState.AT_COLLEGE, CaseAction.APPROVE): Step(CaseState.APPROVED, _REGISTRY, _WITH_PAPERS),
    (CaseState.AT_COLLEGE, CaseAction.RETURN): Step(CaseState.RETURNED, _REGISTRY, _WITH_PAPERS),
    (CaseState.AT_COLLEGE, CaseAction.SEND_BACK): Step(CaseState.AT_CENTRE, _REGISTRY, _WITH_PAPERS),
    (CaseState.AT_COLLEGE, CaseAction.REROUTE): Step(CaseState.WITH_STUDENT, _REGISTRY, _WITH_PAPERS),
    (CaseState.AT_COLLEGE, CaseAction.WITHDRAW): Step(CaseState.WITHDRAWN, _STUDENT, _WITH_PAPERS),
    (CaseState.AT_COLLEGE, CaseAction.CLOSE): Step(CaseState.CLOSED, _REGISTRY, _WITH_PAPERS),
    (CaseState.APPROVED, CaseAction.SEND): Step(CaseState.SENT, _REGISTRY, _WITH_PAPERS),
    (CaseState.APPROVED, CaseAction.SEND_BACK): Step(CaseState.AT_CENTRE, _REGISTRY, _WITH_PAPERS),
    (CaseState.SENT, CaseAction.CONFIRM): Step(CaseState.DONE, _STUDENT | _REGISTRY, _WITH_PAPERS),
    (CaseState.SENT, CaseAction.REPORT_MISSING): Step(CaseState.AT_COLLEGE, _STUDENT, _WITH_PAPERS),
    (CaseState.SENT, CaseAction.CLOSE): Step(CaseState.CLOSED, _REGISTRY, _WITH_PAPERS),
}

CASE_TRANSITIONS = {pair: step.state for pair, step in STEPS.items()}

REASON_NEEDED = frozenset({CaseAction.RETURN, CaseAction.REROUTE, CaseAction.SEND_BACK, CaseAction.CLOSE})

WAITS_FOR: dict[CaseState, Party] = {
    CaseState.WITH_STUDENT: Party.STUDENT,
    CaseState.RETURNED: Party.STUDENT,
    CaseState.AT_CENTRE: Party.CENTRE,
    CaseState.AT_COLLEGE: Party.REGISTRY,
    CaseState.APPROVED: Party.REGISTRY,
    CaseState.SENT: Party.STUDENT,
}


def may_act(party: Party | None, route: Route, state: CaseState, action: CaseAction) -> bool:
    """May this party do this now, on this way?"""
    step = STEPS.get((state, action))
    return step is not None and party in step.who and route in step.routes


def next_case_state(party: Party | None, route: Route, state: CaseState, action: CaseAction) -> CaseState:
    """The state after the action. Raises NotAllowed."""
    if not may_act(party, route, state, action):
        raise NotAllowed(state=state.value, action=action.value, route=route.value)
    return STEPS[state, action].state


def actions_of(party: Party | None, route: Route, state: CaseState) -> tuple[CaseAction, ...]:
    """Everything that this party may do now."""
    return tuple(action for action in CaseAction if may_act(party, route, state, action))


def first_state(route: Route) -> CaseState:
    """Where a new case stands. Raises NotAllowed: nothing is to be done about a photo that is there."""
    if route is Route.NOTHING:
        raise NotAllowed(route=route.value)
    return CaseState.AT_CENTRE if route is Route.ASK_CENTRE else CaseState.WITH_STUDENT


def due_on(rules: AlumniRules, state: CaseState, *, today: date) -> date | None:
    """Until when whoever has it should act; None when nobody has."""
    if state is CaseState.SENT:
        return today + timedelta(days=rules.days.look_again)
    party = WAITS_FOR.get(state)
    days = {Party.STUDENT: rules.days.student, Party.CENTRE: rules.days.centre, Party.REGISTRY: rules.days.college}
    return None if party is None else today + timedelta(days=days[party])


def keep_days(rules: AlumniRules, state: CaseState) -> int | None:
    """After how many days the scans of a case that came to this state are deleted; None while they are needed."""
    if state in (CaseState.DONE, CaseState.CLOSED):
        return rules.retention.scans_after_end_days
    if state is CaseState.WITHDRAWN:
        return rules.retention.scans_after_withdrawal_days
    if state is CaseState.SENT:
        return rules.retention.scans_after_sending_days
    return rules.retention.scans_not_submitted_days if WAITS_FOR[state] is Party.STUDENT else None


# scans of ID cards are the most sensitive thing here: who sees them, while the case stands where
SCANS_SEEN_BY: dict[Party, frozenset[CaseState]] = {
    Party.CENTRE: frozenset({CaseState.AT_CENTRE}),
    Party.REGISTRY: frozenset({CaseState.AT_CENTRE, CaseState.AT_COLLEGE, CaseState.APPROVED, CaseState.SENT}),
}


def may_see_scans(party: Party | None, state: CaseState) -> bool:
    """May a member of staff look at the scans of a case that stands here?"""
    return party is not None and state in SCANS_SEEN_BY.get(party, frozenset())


def missing_to_submit(needs: Needs, *, papers: Collection[str], photo_accepted: bool) -> tuple[str, ...]:
    """What the graduate still owes before the case can go to the centre."""
    owed = [kind for kind in needs.scans if kind not in papers]
    return (*owed, "capture") if needs.photo and not photo_accepted else tuple(owed)


def missing_to_endorse(needs: Needs, *, papers: Collection[str], photo_accepted: bool, prints: int) -> tuple[str, ...]:
    """What is missing before the centre can hand the case to the college."""
    owed = list(missing_to_submit(needs, papers=papers, photo_accepted=photo_accepted))
    if needs.sheet and "sheet" not in papers:
        owed.append("sheet")
    if prints < needs.prints:
        owed.append("prints")
    return tuple(owed)


class NotAlumnus(DomainError):
    """Somebody who has not graduated, as far as the roster says."""

    code = "not_alumnus"


class PapersMissing(DomainError):
    """Something that the way asks for is not there yet; facts: missing (names)."""

    code = "papers_missing"


class ScansConsentMissing(DomainError):
    """The graduate has not agreed to the handling of the scans."""

    code = "scans_consent_missing"


def photo_counts(verdict: str, asked: str) -> bool:
    """Does the photo of the diploma count? With a clear defect only when a person is asked: no machine refuses it."""
    return verdict in (PictureVerdict.PASS, PictureVerdict.REVIEW) or bool(asked.strip())


MAX_TEXT = 500  # characters of a reason or an opinion


def text_problem(text: str, *, needed: bool) -> str | None:
    """Why a text cannot be taken, as the key of its sentence."""
    if needed and not text.strip():
        return "text_needed"
    return "text_too_long" if len(text.strip()) > MAX_TEXT else None


# ---------------------------------------------------------------- applications without an account


class ApplicationState(StrEnum):
    WAITING = "waiting"  # staff look for the person on the roster
    MATCHED = "matched"  # the person was found, and a case opened; final
    REFUSED = "refused"  # nobody on the roster fits, with a reason; final
    WITHDRAWN = "withdrawn"  # the applicant took it back; final
    LAPSED = "lapsed"  # nobody decided in time and the data were deleted; final


class ApplicationAction(StrEnum):
    PASS_ON = "pass_on"  # noqa: S105 - from one centre to the college's registry, or to another centre
    MATCH = "match"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


APPLICATION_TRANSITIONS: dict[tuple[ApplicationState, ApplicationAction], ApplicationState] = {
    (ApplicationState.WAITING, ApplicationAction.PASS_ON): ApplicationState.WAITING,
    (ApplicationState.WAITING, ApplicationAction.MATCH): ApplicationState.MATCHED,
    (ApplicationState.WAITING, ApplicationAction.REFUSE): ApplicationState.REFUSED,
    (ApplicationState.WAITING, ApplicationAction.WITHDRAW): ApplicationState.WITHDRAWN,
    (ApplicationState.WAITING, ApplicationAction.LAPSE): ApplicationState.LAPSED,
}


def next_application_state(state: ApplicationState, action: ApplicationAction) -> ApplicationState:
    """Raises NotAllowed when it is decided already."""
    try:
        return APPLICATION_TRANSITIONS[state, action]
    except KeyError:
        raise NotAllowed(state=state.value, action=action.value) from None


@dataclass(frozen=True)
class Likeness:
    """In which of the three an application and a person of the roster agree."""

    id_number: bool
    certificate_number: bool
    name: bool

    @property
    def strength(self) -> int:
        """For the order of candidates: the ID number weighs more than the other two together."""
        return 4 * self.id_number + 2 * self.certificate_number + self.name


# ---------------------------------------------------------------- the package


def package_path(
    pattern: str,
    *,
    serial: int,
    paper: str,
    ending: str,
    certificate_number: str,
    student_number: str,
    name: str,
) -> str:
    """The name of one file in the package: no step out of it, no separator or dot from the data."""
    clean = {
        key: "".join("_" if sign in '/\\:*?"<>|' or not sign.isprintable() else sign for sign in value).strip(". ")
        for key, value in {
            "certificate_number": certificate_number,
            "student_number": student_number,
            "name": name,
        }.items()
    }
    return pattern.format(serial=f"{serial:03d}", paper=paper, ending=ending, **clean)
