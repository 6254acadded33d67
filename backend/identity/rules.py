"""The way of an identity review as a table, and the rounds as config/identity.toml gives them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from backend.accounts.rules import Role
from backend.errors import NotAllowed

LANGUAGES = ("zh-CN", "en")


class Mark(StrEnum):
    """What the college's download says; the student is never shown the word."""

    FAILED = "failed"  # 身份核验未通过
    UNCERTAIN = "uncertain"  # 身份核验不确定
    ABNORMAL = "abnormal"  # 身份核验异常


_WORDS = (("未通过", Mark.FAILED), ("不确定", Mark.UNCERTAIN), ("异常", Mark.ABNORMAL))


def mark_of(text: str) -> Mark | None:
    """The mark in the remark (bz) of a line of the download; None when it says nothing of the kind."""
    plain = "".join(text.split())
    if "身份核验" not in plain:
        return None
    return next((mark for word, mark in _WORDS if word in plain), None)


class State(StrEnum):
    OPEN = "open"  # the student brings what is asked for
    HANDED_IN = "handed_in"  # it is there; the college reviews
    FILED = "filed"  # the college found: the same person; waits for the consent of the authority
    CLEARED = "cleared"  # consented to: the way is free; final
    NOT_CLEARED = "not_cleared"  # not cleared in this round; may come again in a next one
    CLOSED = "closed"  # opened by mistake, or settled elsewhere; final


class Action(StrEnum):
    ADD = "add"  # evidence
    HAND_IN = "hand_in"
    ASK_AGAIN = "ask_again"  # something is missing
    FILE = "file"
    CLEAR = "clear"
    REFUSE = "refuse"
    REOPEN = "reopen"  # in a next round
    CLOSE = "close"


class Party(StrEnum):
    """Who somebody is to a review. Ordinary staff of the centre are nothing to it."""

    STUDENT = "student"
    HEAD = "head"  # of the student's centre
    COLLEGE = "college"  # the college's registry


@dataclass(frozen=True)
class Step:
    to: State
    by: frozenset[Party]


_COLLEGE = frozenset({Party.COLLEGE})
_STAFF = frozenset({Party.HEAD, Party.COLLEGE})
_ALL = frozenset(Party)

STEPS: dict[tuple[State, Action], Step] = {
    (State.OPEN, Action.ADD): Step(State.OPEN, _ALL),
    (State.OPEN, Action.HAND_IN): Step(State.HANDED_IN, _ALL),
    (State.OPEN, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
    (State.HANDED_IN, Action.ADD): Step(State.HANDED_IN, _STAFF),
    (State.HANDED_IN, Action.ASK_AGAIN): Step(State.OPEN, _STAFF),
    (State.HANDED_IN, Action.FILE): Step(State.FILED, _COLLEGE),
    (State.HANDED_IN, Action.REFUSE): Step(State.NOT_CLEARED, _COLLEGE),
    (State.HANDED_IN, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
    (State.FILED, Action.CLEAR): Step(State.CLEARED, _COLLEGE),
    (State.FILED, Action.REFUSE): Step(State.NOT_CLEARED, _COLLEGE),
    (State.FILED, Action.ASK_AGAIN): Step(State.OPEN, _COLLEGE),
    (State.NOT_CLEARED, Action.REOPEN): Step(State.OPEN, _COLLEGE),
    (State.NOT_CLEARED, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
}

TRANSITIONS: dict[tuple[State, Action], State] = {pair: step.to for pair, step in STEPS.items()}

WAITS_FOR: dict[State, Party | None] = {
    State.OPEN: Party.STUDENT,
    State.HANDED_IN: Party.COLLEGE,
    State.FILED: Party.COLLEGE,
    State.NOT_CLEARED: Party.COLLEGE,  # the next round
    State.CLEARED: None,
    State.CLOSED: None,
}

FINAL = frozenset({State.CLEARED, State.CLOSED})
OPEN = tuple(state for state in State if state not in FINAL)

# whoever decides writes why; the student never reads it
NEEDS_WORDS = frozenset({Action.FILE, Action.REFUSE, Action.CLEAR, Action.CLOSE})
MAX_WORDS = 1000


def next_state(state: State, action: Action, party: Party | None) -> State:
    """The state after the action. Raises NotAllowed when the table has no such row, or not for this party."""
    step = STEPS.get((state, action))
    if step is None or party not in step.by:
        raise NotAllowed(state=state.value, action=action.value, party=party and party.value)
    return step.to


def actions_of(state: State, party: Party | None) -> tuple[Action, ...]:
    """What somebody may do with a review now."""
    return tuple(action for action in Action if (step := STEPS.get((state, action))) is not None and party in step.by)


def staff_party(role: str | None) -> Party | None:
    """What a member of staff is to the reviews of the own centres."""
    if role == Role.CENTRE_HEAD:
        return Party.HEAD
    return Party.COLLEGE if role == Role.REGISTRY else None


@dataclass(frozen=True)
class Wanted:
    """One thing that the student brings or hands in."""

    name: str
    label: Mapping[str, str]
    required: bool


@dataclass(frozen=True)
class Round:
    """One round of reviews. The dates are the college's."""

    name: str
    starts_on: date
    hand_in_by: date  # the student
    review_by: date  # the college
    file_by: date  # the authority's consent is there

    def due_on(self, state: State) -> date | None:
        return {State.OPEN: self.hand_in_by, State.HANDED_IN: self.review_by, State.FILED: self.file_by}.get(state)


@dataclass(frozen=True)
class Rounds:
    """What is asked for, and when."""

    wanted: tuple[Wanted, ...]
    rounds: tuple[Round, ...]
    source: str
    evidence_after_end_days: int  # what was handed in is deleted so long after the review is over

    def current(self, today: date) -> Round | None:
        """The round in which a case that is opened today is reviewed: the first that still takes something."""
        return next((found for found in self.rounds if found.hand_in_by >= today), None)

    def named(self, name: str) -> Round | None:
        return next((found for found in self.rounds if found.name == name), None)


def read_rounds(data: Mapping[str, Any]) -> Rounds:
    """config/identity.toml as read. A missing key, or dates in the wrong order, stop the start."""
    wanted = tuple(
        Wanted(name, {language: str(entry["label"][language]) for language in LANGUAGES}, bool(entry["required"]))
        for name, entry in data["evidence"].items()
    )
    rounds = tuple(
        Round(name, entry["starts_on"], entry["hand_in_by"], entry["review_by"], entry["file_by"])
        for name, entry in data["round"].items()
    )
    keep = int(data["retention"]["evidence_after_end_days"])
    if keep < 0:
        raise ValueError("identity.toml: days of retention cannot be less than none")
    for found in rounds:
        if not found.starts_on <= found.hand_in_by <= found.review_by <= found.file_by:
            raise ValueError(f"identity.toml: the dates of {found.name} are out of order")
    return Rounds(wanted, tuple(sorted(rounds, key=lambda found: found.hand_in_by)), str(data["source"]), keep)
