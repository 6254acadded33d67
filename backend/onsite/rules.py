"""Sessions and their slots, the order at the door, and whether a capture code reads. Pure.

The order matters: the team takes people by number, so a person who leaves the queue gets another's photo. A number is
therefore bound to one person when they check in, is never given again, and a gap stays a gap on the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.days import ZONE, day_of
from backend.errors import DomainError, NotAllowed


class State(StrEnum):
    """Where a capture session stands."""

    DRAFT = "draft"  # only staff see it
    OPEN = "open"  # students sign up
    RUNNING = "running"  # the door is open: people check in
    DONE = "done"  # everybody has gone; the team's list may come
    CANCELLED = "cancelled"  # it does not take place; who had signed up was told


class Action(StrEnum):
    PUBLISH = "publish"
    START = "start"
    FINISH = "finish"
    REOPEN = "reopen"
    CANCEL = "cancel"


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.PUBLISH): State.OPEN,
    (State.OPEN, Action.START): State.RUNNING,
    (State.RUNNING, Action.FINISH): State.DONE,
    (State.DONE, Action.REOPEN): State.RUNNING,
    (State.DRAFT, Action.CANCEL): State.CANCELLED,
    (State.OPEN, Action.CANCEL): State.CANCELLED,
}


class Place(StrEnum):
    """Where one person who signed up stands."""

    SIGNED_UP = "signed_up"
    IN_QUEUE = "in_queue"  # checked in: bound to a number
    LEFT = "left"  # left the queue; the number stays empty, a new one is given on return
    CAPTURED = "captured"  # the team's list has the number with this person
    WITHDRAWN = "withdrawn"  # gave the slot back


ABSENT = "absent"  # derived, never stored: signed up, and the session is over without them


def place_shown(place: Place, *, state: State, held_on: date, today: date) -> str:
    """Where a person stands as people read it: who had signed up and did not come is ABSENT once the day is over."""
    over = state is State.DONE or (today > held_on and state is not State.CANCELLED)
    return ABSENT if place is Place.SIGNED_UP and over else place.value


CAME = frozenset({Place.IN_QUEUE, Place.LEFT, Place.CAPTURED})


class SlotFull(DomainError):
    """Somebody else took the last place; facts: slot."""

    code = "slot_full"


class DoorClosed(DomainError):
    """Not the day, or the session has not begun or is over; facts: state."""

    code = "door_closed"


MOST_SLOTS = 60  # of one session
MOST_PEOPLE = 500  # in one slot
MAX_TEXT = {"title": 60, "place": 120, "note": 500}


def next_state(state: State, action: Action) -> State:
    """Raises NotAllowed when the state forbids the action."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise NotAllowed(state=state.value, action=action.value) from None


def session_problems(
    texts: Mapping[str, str],
    *,
    held_on: date | None,
    begins: time | None,
    ends: time | None,
    minutes: int | None,
    capacity: int | None,
    today: date,
) -> dict[str, str]:
    """Why a session cannot be planned, by field; empty when it can."""
    problems = {field: "too_long" for field, most in MAX_TEXT.items() if len(texts.get(field, "")) > most}
    problems |= {field: "empty" for field in ("title", "place") if not texts.get(field, "").strip()}
    if held_on is None:
        problems["held_on"] = "date_needed"
    elif held_on < today:
        problems["held_on"] = "date_past"
    if begins is None or ends is None or ends <= begins:
        problems["ends"] = "times"
    if minutes is None or not 5 <= minutes <= 480:
        problems["minutes"] = "minutes"
    if capacity is None or not 1 <= capacity <= MOST_PEOPLE:
        problems["capacity"] = "capacity"
    if not problems.keys() & {"held_on", "ends", "minutes"} and held_on and begins and ends and minutes:
        count = len(slots_of(held_on, begins=begins, ends=ends, minutes=minutes))
        if not 1 <= count <= MOST_SLOTS:
            problems["minutes"] = "slots"
    return problems


def slots_of(held_on: date, *, begins: time, ends: time, minutes: int) -> list[tuple[datetime, datetime]]:
    """The slots of a day, local time of the college; a rest shorter than a slot is left out."""
    first = datetime.combine(held_on, begins, ZONE)
    last = datetime.combine(held_on, ends, ZONE)
    length = timedelta(minutes=minutes)
    return [
        (first + number * length, first + (number + 1) * length) for number in range(max(0, (last - first) // length))
    ]


def check_door(state: State, *, held_on: date, now: datetime) -> None:
    """May people check in now? On the day of the session, once staff have opened the door. Raises DoorClosed."""
    if state is not State.RUNNING or day_of(now) != held_on:
        raise DoorClosed(state=state.value)


@dataclass(frozen=True)
class Number:
    """One number of a session. student_id None: nobody stands there any more. at: when it was given."""

    sequence: int
    student_id: int | None
    at: datetime | None = None


@dataclass(frozen=True)
class ResultLine:
    """One line of the team's list, as read. id_number: normalised; None: the list has none."""

    row: int
    sequence: int | None
    id_number: str | None


class Match(StrEnum):
    """What a line of the team's list means."""

    RIGHT = "right"  # number and person belong together
    SWAPPED = "swapped"  # the number belongs to somebody else: this photo may be another's
    GAP = "gap"  # a number whose person left the queue: whose photo is it?
    UNKNOWN = "unknown"  # no such number, or nobody of this session has this ID number
    TWICE = "twice"  # the number stands on an earlier line as well
    UNREADABLE = "unreadable"  # no number on the line


def match_results(
    lines: Sequence[ResultLine], numbers: Sequence[Number], people: Mapping[str, int]
) -> list[tuple[ResultLine, Match, int | None]]:
    """Each line with what it means and whose it is: by number, confirmed by the ID number where the list has one.

    people: ID number -> student, of those who checked in. Nothing is guessed: where number and ID number disagree
    it is SWAPPED, and a person looks.
    """
    by_number = {number.sequence: number.student_id for number in numbers}
    seen: set[int] = set()
    found: list[tuple[ResultLine, Match, int | None]] = []
    for line in lines:
        if line.sequence is None:
            found.append((line, Match.UNREADABLE, None))
            continue
        holder = by_number.get(line.sequence)
        named = people.get(line.id_number) if line.id_number else None
        if line.sequence in seen:
            match = Match.TWICE
        elif line.sequence not in by_number or (line.id_number and named is None):
            match = Match.UNKNOWN
        elif holder is None:
            match = Match.GAP
        elif named is not None and named != holder:
            match = Match.SWAPPED
        else:
            match = Match.RIGHT
        seen.add(line.sequence)
        found.append((line, match, holder if match is Match.RIGHT else named))
    return found


class Decision(StrEnum):
    """What staff found out about a line that does not agree."""

    HOLDER = "holder"  # the photo is of the person who stands at the number
    NAMED = "named"  # the photo is of the person whose ID number the line has
    RETAKE = "retake"  # nobody can say: these people are captured again
    VOID = "void"  # the line is a slip: there is no photo of anybody here


MAX_NOTE = 200  # characters of why


def decision_problems(decision: str, note: str, *, holder: int | None, named: int | None) -> dict[str, str]:
    """Why a line cannot be settled so, by field; empty when it can. holder, named: the people whom it could mean."""
    problems: dict[str, str] = {}
    if decision not in set(Decision):
        problems["decision"] = "decision_needed"
    elif (decision == Decision.HOLDER and holder is None) or (decision == Decision.NAMED and named is None):
        problems["decision"] = "nobody_there"
    if not 2 <= len(note.strip()) <= MAX_NOTE:
        problems["note"] = "note_needed"
    return problems


class CodeState(StrEnum):
    """Whether a student's capture code (图像采集码) would be read at the door."""

    MISSING = "missing"  # no picture was added
    READS = "reads"  # a reader got its content, and the squares are large enough
    UNREADABLE = "unreadable"  # no QR code that a reader finds, often a small or scaled screenshot


MIN_MODULE_PIXELS = 2.0  # ours: below, phone screens and prints of it were not read any more in our tests


@dataclass(frozen=True)
class CodeSight:
    """What a reader saw in the picture. Its content is not kept: the code is the student's and the unit's business.

    found: a QR code was located; read: its content came out; module_pixels: width of its smallest square.
    """

    found: bool
    read: bool
    module_pixels: float


def code_state(sight: CodeSight) -> tuple[CodeState, str]:
    """The state, and the key of the sentence that says why."""
    if not sight.found:
        return CodeState.UNREADABLE, "no_code"
    if not sight.read:
        return CodeState.UNREADABLE, "not_read"
    if sight.module_pixels < MIN_MODULE_PIXELS:
        return CodeState.UNREADABLE, "too_small"
    return CodeState.READS, "reads"
