"""The life of a batch, and rows that fit a unit's table. Pure: the formats are config/capture.toml."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.capture.rules import Column, RosterForbidden, UnitFormat
from backend.errors import DomainError, NotAllowed


class State(StrEnum):
    """Where a batch stands."""

    DRAFT = "draft"  # photos are chosen
    SEALING = "sealing"  # the machine reads every photo and row
    SEALED = "sealed"  # complete: the same bytes whenever it is downloaded
    HANDED_OVER = "handed_over"  # the unit has it, as the centre says
    RECEIVED = "received"  # the unit's receipt says which photos it took
    CANCELLED = "cancelled"  # given up; its photos are free for another batch


class Action(StrEnum):
    SEAL = "seal"
    COMPLETE = "complete"  # by the machine: everything fits
    BREAK = "break"  # by the machine: something does not fit
    OPEN = "open"
    HAND_OVER = "hand_over"
    RECEIVE = "receive"
    TAKE_BACK = "take_back"  # the receipt that completed it was a mistake
    CANCEL = "cancel"


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.SEAL): State.SEALING,
    (State.SEALING, Action.COMPLETE): State.SEALED,
    (State.SEALING, Action.BREAK): State.DRAFT,
    (State.SEALED, Action.OPEN): State.DRAFT,
    (State.SEALED, Action.HAND_OVER): State.HANDED_OVER,
    (State.HANDED_OVER, Action.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Action.TAKE_BACK): State.HANDED_OVER,
    (State.DRAFT, Action.CANCEL): State.CANCELLED,
    (State.SEALED, Action.CANCEL): State.CANCELLED,
}

STANDS = frozenset(set(State) - {State.CANCELLED})  # a photo in such a batch is in no other


class Answer(StrEnum):
    """What the unit's receipt says of one photo."""

    TAKEN = "taken"
    REFUSED = "refused"


class AgreementWithdrawn(DomainError):
    """Somebody in the sealed package does not agree to the hand-over any more; facts: batch."""

    code = "agreement_withdrawn"


class NothingChosen(DomainError):
    """A batch without a photo; facts: batch."""

    code = "nothing_chosen"


GENDERS = {"male": "男", "female": "女"}  # as the in-school tables write them
UNSAFE = re.compile(r'[\x00-\x1f\\/:*?"<>|]')  # what file systems of units forbid in a name
MAX_NAME = 100  # characters of a photo's name
MAX_REFERENCE = 80
MAX_REASON = 200


@dataclass(frozen=True)
class Person:
    """One record of a batch as formats need it."""

    serial: int
    student_number: str
    name: str
    gender: str
    id_number: str
    level: str
    programme: str


@dataclass(frozen=True)
class RowProblem:
    """Why a row does not fit: "empty", "too_long", "encoding", "file_name" or "same_name", at a column's title."""

    serial: int
    column: str
    why: str
    value: str = ""  # the characters that cannot be written; never an ID number


def next_state(state: State, action: Action) -> State:
    """Raises NotAllowed when the state forbids the action."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise NotAllowed(state=state.value, action=action.value) from None


SPAN = r"\d{1,6}(?:\s*[-–—~～至]\s*\d{1,6})?"
REFUSED_LINE = re.compile(rf"\s*({SPAN}(?:\s*[,，、]\s*{SPAN})*)(?:\s*[:：]\s*|\s+)(\D.*)")


def refused_lines(text: str, known: Collection[int]) -> tuple[dict[int, str], list[int]]:
    """Serial -> reason of lines such as "3、17-19 头部过大", and the lines (from 1) that say nothing clear.

    A line is unclear without a reason, with a reason that begins with a digit (is it one more photo?), and with a
    serial that is not in `known` or stands on an earlier line: nothing is guessed.
    """
    refused: dict[int, str] = {}
    unclear: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        read = REFUSED_LINE.fullmatch(line)
        serials = _serials(read[1]) if read else []
        if read is None or not serials or any(serial not in known or serial in refused for serial in serials):
            unclear.append(number)
        else:
            refused |= dict.fromkeys(serials, read[2].strip())
    return refused, unclear


def _serials(text: str) -> list[int]:
    """All serials of "3、17-19"; none when a span runs backwards."""
    found: list[int] = []
    for span in re.findall(SPAN, text):
        ends = [int(end) for end in re.findall(r"\d+", span)]
        if ends[0] > ends[-1]:
            return []
        found += range(ends[0], ends[-1] + 1)
    return found


def check_roster(unit_format: UnitFormat, *, allowed: bool) -> None:
    """Raises RosterForbidden when the format tells who people are and the college has not allowed that."""
    if unit_format.is_roster and not allowed:
        raise RosterForbidden(format=unit_format.key)


def photo_name(unit_format: UnitFormat, person: Person) -> str:
    """The photo's file name by the unit's pattern."""
    return unit_format.photo_name.format_map({**_texts(person), "serial": f"{person.serial:05d}"})


def row_of(unit_format: UnitFormat, person: Person) -> dict[str, str]:
    """Column name -> text, in the order of the format, which never changes."""
    texts = {**_texts(person), "photo_file": photo_name(unit_format, person)}
    return {column.name: texts[column.field] for column in unit_format.columns}


def row_problems(unit_format: UnitFormat, people: Sequence[Person]) -> list[RowProblem]:
    """Everything that does not fit, by record; nothing is cut, replaced or guessed."""
    problems: list[RowProblem] = []
    names: dict[str, int] = {}
    for person in people:
        row = row_of(unit_format, person)
        for column in unit_format.columns:
            why, value = _cell_problem(unit_format, column, row[column.name])
            if why:
                problems.append(RowProblem(person.serial, column.title, why, value))
        name = photo_name(unit_format, person)
        if UNSAFE.search(name) or len(name) > MAX_NAME:
            problems.append(RowProblem(person.serial, "photo_file", "file_name"))
        # some systems of units do not tell capitals from small letters
        if names.setdefault(name.casefold(), person.serial) != person.serial:
            problems.append(RowProblem(person.serial, "photo_file", "same_name"))
    return problems


def _cell_problem(unit_format: UnitFormat, column: Column, text: str) -> tuple[str | None, str]:
    if not text:
        return "empty", ""
    if unit_format.kind == "xlsx":
        return ("too_long", "") if len(text) > column.width else (None, "")
    lost = "".join(sign for sign in text if not _fits(sign, unit_format.encoding))
    if lost:
        return "encoding", lost
    return ("too_long", "") if len(text.encode(unit_format.encoding)) > column.width else (None, "")


def _fits(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _texts(person: Person) -> Mapping[str, str]:
    return {
        "serial": str(person.serial),
        "student_number": person.student_number,
        "name": person.name,
        "gender": GENDERS.get(person.gender, ""),
        "id_number": person.id_number,
        "level": person.level,
        "programme": person.programme,
    }
