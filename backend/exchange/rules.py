"""The life of an import, what its rows can come to, and who may take in what. Pure."""

from __future__ import annotations

from enum import StrEnum

from backend.centres.rules import Scope
from backend.errors import DomainError
from backend.exchange.kinds import Kind


class ImportState(StrEnum):
    UPLOADED = "uploaded"  # the file is here; its columns are to be matched
    CHECKING = "checking"  # the dry run is under way
    CHECKED = "checked"  # what would happen is shown; nothing has happened
    COMMITTING = "committing"  # rows are being written, a few hundred at a time
    DONE = "done"  # every row is written or refused by name
    UNDOING = "undoing"  # what was written is being taken back
    UNDONE = "undone"  # everything that could be taken back is; final
    DISCARDED = "discarded"  # given up before anything was written; the file is gone; final


class ImportAction(StrEnum):
    CHOOSE = "choose"  # another sheet of the workbook
    MATCH = "match"  # the columns are known: check it
    CHECKED = "checked"  # the dry run is through
    REMATCH = "rematch"  # other columns, another date
    COMMIT = "commit"
    FINISH = "finish"
    UNDO = "undo"
    FINISH_UNDO = "finish_undo"
    DISCARD = "discard"


S, A = ImportState, ImportAction
IMPORT_TRANSITIONS: dict[tuple[ImportState, ImportAction], ImportState] = {
    (S.UPLOADED, A.CHOOSE): S.UPLOADED,
    (S.UPLOADED, A.MATCH): S.CHECKING,
    (S.CHECKING, A.CHECKED): S.CHECKED,
    (S.CHECKED, A.REMATCH): S.UPLOADED,
    (S.CHECKED, A.COMMIT): S.COMMITTING,
    (S.COMMITTING, A.FINISH): S.DONE,
    (S.DONE, A.UNDO): S.UNDOING,
    (S.COMMITTING, A.UNDO): S.UNDOING,  # only when the writing was given up
    (S.UNDOING, A.FINISH_UNDO): S.UNDONE,
    (S.UPLOADED, A.DISCARD): S.DISCARDED,
    (S.CHECKING, A.DISCARD): S.DISCARDED,  # only when the dry run was given up
    (S.CHECKED, A.DISCARD): S.DISCARDED,
}

UNDER_WAY = frozenset({S.CHECKING, S.COMMITTING, S.UNDOING})  # the worker has it; pages look again by themselves


class Outcome(StrEnum):
    """What a row comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Medium(StrEnum):
    """In what form a photo came back."""

    DISC = "disc"  # the file on the disc
    PAPER = "paper"  # the print that lies in the parcel


class Side(StrEnum):
    """Which of two pictures that are laid side by side."""

    ACCEPTED = "accepted"  # the photo that the centre accepted
    RETURNED = "returned"  # the photo that came back


class Answer(StrEnum):
    """What a person says of a photo that came back."""

    SAME = "same"  # the same person, and the right record
    WRONG = "wrong"  # somebody else, or wrong data: an errata case is opened
    MISSING = "missing"  # the print is not in the parcel: the unit is asked


ANSWERS: dict[Medium, frozenset[Answer]] = {
    Medium.DISC: frozenset({Answer.SAME, Answer.WRONG}),
    Medium.PAPER: frozenset(Answer),
}

MAX_NOTE = 200  # characters of a note on an answer


class Obstacle(StrEnum):
    """Why nobody is asked to compare a photo that came back."""

    NO_ACCEPTED = "no_accepted"  # there is no accepted photo here to lay it beside
    REPLACED = "replaced"  # a later disc brought another photo of this student


class NothingBeside(DomainError):
    """There is no accepted photo to compare with; only the print can be checked, against the record."""

    code = "nothing_beside"


class AnswerRests(DomainError):
    """An answer cannot be taken back: the student has begun to work on the form that it opened."""

    code = "answer_rests"


class ImportNotAllowed(DomainError):
    """The import is at another point than the page that asked."""

    code = "not_allowed"


class ColumnsMissing(DomainError):
    """Required columns that nobody has pointed out; facts: columns."""

    code = "columns_missing"


class StillNeeded(DomainError):
    """The import cannot be undone: something rests on what it wrote; facts: depends {key of the word: number}."""

    code = "still_needed"

    def __init__(self, depends: dict[str, int]) -> None:
        super().__init__()
        self.depends = depends


def next_state(state: str, action: ImportAction) -> ImportState:
    """Raises ImportNotAllowed."""
    found = IMPORT_TRANSITIONS.get((ImportState(state), action))
    if found is None:
        raise ImportNotAllowed(state=state, action=action.value)
    return found


def may_take_in(kind: Kind, scope: Scope) -> bool:
    """The registry takes in everything; people of one centre the photos of their own students."""
    return scope.centre_id is None or kind.centres
