"""What a file of a bulk upload comes to, as one table read from the top. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from backend.compliance.findings import PictureVerdict
from backend.errors import DomainError
from backend.photos.rules import Action, State, may


class UploadState(StrEnum):
    OPEN = "open"  # files come in, people look at them and hand them in
    CLOSED = "closed"  # a person has finished it; what was not handed in is deleted; final
    EXPIRED = "expired"  # nobody touched it for bulk.keep_days; what was not handed in is deleted; final


class UploadAction(StrEnum):
    CLOSE = "close"
    EXPIRE = "expire"


UPLOAD_TRANSITIONS: dict[tuple[UploadState, UploadAction], UploadState] = {
    (UploadState.OPEN, UploadAction.CLOSE): UploadState.CLOSED,
    (UploadState.OPEN, UploadAction.EXPIRE): UploadState.EXPIRED,
}


class UploadClosed(DomainError):
    """The bulk upload is finished: nothing is added or changed any more."""

    code = "upload_closed"


class UploadBusy(DomainError):
    """Files of the bulk upload are being handed in just now; it can be finished when that is done."""

    code = "upload_busy"


class TooManyFiles(DomainError):
    """More files than one bulk upload takes; facts: most."""

    code = "too_many_files"


def next_upload_state(state: str, action: UploadAction) -> UploadState:
    """Raises UploadClosed."""
    found = UPLOAD_TRANSITIONS.get((UploadState(state), action))
    if found is None:
        raise UploadClosed(state=state)
    return found


class Problem(StrEnum):
    """Why the content of a file is not kept, besides the reasons of compliance.decode.UNREADABLE_REASONS."""

    TOO_BIG = "too_big"  # more bytes than a photo may have
    BAD_PATH = "bad_path"  # a name in a ZIP that leads out of it
    LOCKED = "locked"  # a file in a ZIP with a password
    DAMAGED = "damaged"  # a file in a ZIP that cannot be unpacked
    FAILED = "failed"  # the check broke off: our fault, not the picture's


class Match(StrEnum):
    """Why nobody could be found for a file; the codes of exchange.people.whom."""

    NO_NUMBER = "no_number"
    UNKNOWN = "unknown_person"
    NAME_DIFFERS = "name_differs"
    SEVERAL = "several_records"
    TWO_MEANINGS = "two_meanings"


class Standing(StrEnum):
    """Where a file stands. The order is that of the list on the page: what a person has to do comes first."""

    READY = "ready"
    DOUBTFUL = "doubtful"
    RETAKE = "retake"
    NO_FACE = "no_face"
    UNREADABLE = "unreadable"
    NO_NUMBER = "no_number"
    UNKNOWN = "unknown"
    NAME_DIFFERS = "name_differs"
    SEVERAL = "several"
    SECOND_FILE = "second_file"
    SAME_PICTURE = "same_picture"
    DISPUTED = "disputed"
    UNCONFIRMED = "unconfirmed"
    NO_CONSENT = "no_consent"
    ACCEPTED = "accepted"
    OWN_WAITING = "own_waiting"
    SENT_BEFORE = "sent_before"
    LIVE_ONLY = "live_only"
    CHECKING = "checking"
    ASKED = "asked"
    TAKEN = "taken"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Facts:
    """What is known of one file, its student and the student's photo.

    problem:      a Problem or a reason of the decoder; "" when it is a picture
    match:        a Match; "" when the student is known
    rivals:       other files of this upload that wait for the same student
    same_picture: the same content waits for another student too
    waits:        whose picture waits for review: "student", "centre" or ""
    sent_before:  this very content was handed in for the student before, and not taken back by the centre
    """

    dropped: bool = False
    taken: bool = False
    asked: bool = False
    problem: str = ""
    match: str = ""
    rivals: int = 0
    same_picture: bool = False
    disputed: bool = False
    confirmed: bool = True
    consent: bool = True
    photo: State | None = None
    waits: str = ""
    sent_before: bool = False
    live_only: bool = False
    checked: bool = True
    usable: bool = True
    verdict: PictureVerdict | None = None


# the first row that holds is the answer; the last always does
RULES: tuple[tuple[Standing, Callable[[Facts], bool]], ...] = (
    (Standing.TAKEN, lambda it: it.taken),
    (Standing.DROPPED, lambda it: it.dropped),
    (Standing.UNREADABLE, lambda it: bool(it.problem)),
    # whose it is
    (Standing.NO_NUMBER, lambda it: it.match == Match.NO_NUMBER),
    (Standing.NAME_DIFFERS, lambda it: it.match == Match.NAME_DIFFERS),
    (Standing.SEVERAL, lambda it: it.match in (Match.SEVERAL, Match.TWO_MEANINGS)),
    (Standing.UNKNOWN, lambda it: bool(it.match)),
    (Standing.SECOND_FILE, lambda it: it.rivals > 0),
    (Standing.SAME_PICTURE, lambda it: it.same_picture),
    # may a photo of this student be handed in at all: the order in which a student is asked
    (Standing.DISPUTED, lambda it: it.disputed),
    (Standing.UNCONFIRMED, lambda it: not it.confirmed),
    (Standing.NO_CONSENT, lambda it: not it.consent),
    (Standing.LIVE_ONLY, lambda it: it.live_only),
    (Standing.ACCEPTED, lambda it: not may(it.photo, Action.SUBMIT)),
    (Standing.SENT_BEFORE, lambda it: it.sent_before),
    (Standing.OWN_WAITING, lambda it: it.waits == "student"),
    # the picture itself
    (Standing.ASKED, lambda it: it.asked),
    (Standing.CHECKING, lambda it: not it.checked),
    (Standing.NO_FACE, lambda it: not it.usable),
    (Standing.RETAKE, lambda it: it.verdict is PictureVerdict.RETAKE),
    (Standing.DOUBTFUL, lambda it: it.verdict is not PictureVerdict.PASS),
    (Standing.READY, lambda it: True),
)

TAKEABLE = frozenset({Standing.READY, Standing.DOUBTFUL})
# a clear defect is handed in only with a person's words: the machine alone never refuses for good
TAKEABLE_WITH_WORDS = TAKEABLE | {Standing.RETAKE}
UNMATCHED = frozenset({Standing.NO_NUMBER, Standing.UNKNOWN, Standing.NAME_DIFFERS, Standing.SEVERAL})
# whose student can still be named, or named otherwise, by hand
ASSIGNABLE = frozenset(Standing) - {Standing.TAKEN, Standing.DROPPED, Standing.ASKED, Standing.UNREADABLE}


def standing_of(facts: Facts) -> Standing:
    """Where the file stands: the first row of RULES that holds."""
    return next(standing for standing, holds in RULES if holds(facts))


def in_order(standing: Standing, path: str) -> tuple[int, str]:
    """Files are listed by what a person has to do, then by name."""
    return tuple(Standing).index(standing), path


def may_take(standing: Standing, *, words: str) -> bool:
    """May the file be handed in for its student? words: why a person shall look in spite of a clear defect."""
    return standing in (TAKEABLE_WITH_WORDS if words else TAKEABLE)


MAX_WORDS = 500  # characters of those words


def plain_path(text: str) -> str:
    """A file's place as people see it, with the folders it was chosen with; control characters left out.

    Never used as a path on this machine.
    """
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "".join(sign for sign in "/".join(parts) if sign.isprintable())[-240:] or "?"
