"""What may happen to an errata case, and by whom, as one table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backend.accounts.rules import CENTRE_ROLES, Role
from backend.errors import DomainError, NotAllowed


class Form(StrEnum):
    """The forms; titles, columns and the evidence they ask for stand in config/forms.toml."""

    IMAGE_INFO = "image_info"  # 《图像采集信息修改申请表》
    PHOTO = "photo"  # 《学信网电子照片修改申请表》
    DATA_CHECK = "data_check"  # 《数据检查勘误表》, also called 《新华图片社数据勘误表》
    DELETE_CONCLUSION = "delete_conclusion"  # the first form once more, asking to delete a conclusion


class Reason(StrEnum):
    """Why a form is filled in."""

    SWAPPED = "swapped"  # the photo at 学信网 belongs to another student, and theirs is mine
    CAPTURE_DATA = "capture_data"  # name or ID number were wrong at capture
    NOT_ME = "not_me"  # not my photo, and not swapped; more than 2.5 years of study
    UNLINKED_GRADUATE = "unlinked_graduate"  # graduated, and the photo is not linked
    PAPER_PHOTO = "paper_photo"  # the paper photo or the disc shows somebody else
    PRINTED_DATA = "printed_data"  # the data with the paper photo or on the disc are wrong
    WRONG_CLICK = "wrong_click"  # the wrong button was pressed at 学信网 more than 24 hours ago


REASONS: dict[Form, tuple[Reason, ...]] = {
    Form.IMAGE_INFO: (Reason.SWAPPED, Reason.CAPTURE_DATA),
    Form.PHOTO: (Reason.NOT_ME, Reason.UNLINKED_GRADUATE),
    Form.DATA_CHECK: (Reason.PAPER_PHOTO, Reason.PRINTED_DATA),
    Form.DELETE_CONCLUSION: (Reason.WRONG_CLICK,),
}

NEEDS_OTHER = frozenset({Reason.SWAPPED})  # both students are named in one case
NEEDS_PHOTO = frozenset({Reason.NOT_ME, Reason.UNLINKED_GRADUATE})  # the right e-photo goes with the form


class Origin(StrEnum):
    """Where a case came from."""

    STUDENT = "student"  # the student chose the form
    PROOFREADING = "proofreading"  # the wizard led to it
    STAFF = "staff"  # the centre opened it for a student


class State(StrEnum):
    DRAFT = "draft"  # the student fills it in; nobody else sees it
    SUBMITTED = "submitted"  # waits for the centre's opinion
    WITH_COLLEGE = "with_college"  # the centre agrees; waits for the college's decision
    APPROVED = "approved"  # the college agrees; waits to be handed over
    SENT = "sent"  # handed over; waits for the correction
    CORRECTED = "corrected"  # said to be corrected; the student looks at 学信网
    CONFIRMED = "confirmed"  # the student saw that it is right; final
    RETURNED = "returned"  # back at the student with a reason
    WITHDRAWN = "withdrawn"  # taken back by the student, or by staff who opened it by a slip; final
    CLOSED = "closed"  # staff ended it with a reason; final


class Action(StrEnum):
    EDIT = "edit"  # words, evidence, photo
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    PAIR = "pair"  # the named other student is found on the roster, or not
    ANSWER = "answer"  # the other student says whether the photos are swapped
    OPINE = "opine"  # the centre's opinion: agreed, on to the college
    DECIDE = "decide"  # the college's decision: agreed
    RETURN = "return"
    SEND = "send"  # handed over, with the date
    CORRECT = "correct"  # whoever corrects says that it is done
    CONFIRM = "confirm"  # the student saw it corrected
    STILL_WRONG = "still_wrong"  # the student looked, and it is not
    CLOSE = "close"
    TAKE_BACK = "take_back"  # staff opened it for a student by a slip


class Party(StrEnum):
    """Who somebody is to one case."""

    STUDENT = "student"  # whose case it is
    OTHER = "other"  # the other student of a swap, once staff have paired the two
    CENTRE = "centre"  # staff of the student's centre
    COLLEGE = "college"  # the college's registry


@dataclass(frozen=True)
class Step:
    """One line of the table: where the action leads, and who may take it."""

    to: State
    by: frozenset[Party]


def _by(*parties: Party) -> frozenset[Party]:
    return frozenset(parties)


_STUDENT, _CENTRE, _COLLEGE = _by(Party.STUDENT), _by(Party.CENTRE), _by(Party.COLLEGE)
_STAFF = _CENTRE | _COLLEGE

STEPS: dict[tuple[State, Action], Step] = {
    (State.DRAFT, Action.EDIT): Step(State.DRAFT, _STUDENT),
    (State.DRAFT, Action.SUBMIT): Step(State.SUBMITTED, _STUDENT),
    (State.DRAFT, Action.WITHDRAW): Step(State.WITHDRAWN, _STUDENT),
    (State.DRAFT, Action.TAKE_BACK): Step(State.WITHDRAWN, _STAFF),
    (State.SUBMITTED, Action.WITHDRAW): Step(State.WITHDRAWN, _STUDENT),
    (State.SUBMITTED, Action.PAIR): Step(State.SUBMITTED, _STAFF),
    (State.SUBMITTED, Action.ANSWER): Step(State.SUBMITTED, _by(Party.OTHER)),
    (State.SUBMITTED, Action.OPINE): Step(State.WITH_COLLEGE, _CENTRE),
    (State.SUBMITTED, Action.RETURN): Step(State.RETURNED, _CENTRE),
    (State.SUBMITTED, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
    (State.WITH_COLLEGE, Action.WITHDRAW): Step(State.WITHDRAWN, _STUDENT),
    # a student of another centre is found by those who see all centres
    (State.WITH_COLLEGE, Action.PAIR): Step(State.WITH_COLLEGE, _COLLEGE),
    (State.WITH_COLLEGE, Action.ANSWER): Step(State.WITH_COLLEGE, _by(Party.OTHER)),
    (State.WITH_COLLEGE, Action.DECIDE): Step(State.APPROVED, _COLLEGE),
    (State.WITH_COLLEGE, Action.RETURN): Step(State.RETURNED, _COLLEGE),
    (State.WITH_COLLEGE, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
    (State.APPROVED, Action.SEND): Step(State.SENT, _COLLEGE),
    (State.APPROVED, Action.RETURN): Step(State.RETURNED, _COLLEGE),
    (State.APPROVED, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
    (State.SENT, Action.CORRECT): Step(State.CORRECTED, _STAFF),
    # the student sees it first, now and then
    (State.SENT, Action.CONFIRM): Step(State.CONFIRMED, _STUDENT),
    (State.SENT, Action.RETURN): Step(State.RETURNED, _COLLEGE),
    (State.SENT, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
    (State.CORRECTED, Action.CONFIRM): Step(State.CONFIRMED, _STUDENT),
    (State.CORRECTED, Action.STILL_WRONG): Step(State.SENT, _STUDENT),
    (State.CORRECTED, Action.CLOSE): Step(State.CLOSED, _COLLEGE),
    (State.RETURNED, Action.EDIT): Step(State.RETURNED, _STUDENT),
    (State.RETURNED, Action.SUBMIT): Step(State.SUBMITTED, _STUDENT),
    (State.RETURNED, Action.WITHDRAW): Step(State.WITHDRAWN, _STUDENT),
    (State.RETURNED, Action.CLOSE): Step(State.CLOSED, _STAFF),
}

TRANSITIONS: dict[tuple[State, Action], State] = {pair: step.to for pair, step in STEPS.items()}

WAITS_FOR: dict[State, Party | None] = {
    State.DRAFT: Party.STUDENT,
    State.SUBMITTED: Party.CENTRE,
    State.WITH_COLLEGE: Party.COLLEGE,
    State.APPROVED: Party.COLLEGE,
    State.SENT: Party.COLLEGE,  # who follows it up with those who correct
    State.CORRECTED: Party.STUDENT,
    State.RETURNED: Party.STUDENT,
    State.CONFIRMED: None,
    State.WITHDRAWN: None,
    State.CLOSED: None,
}

FINAL = frozenset({State.CONFIRMED, State.WITHDRAWN, State.CLOSED})
OPEN = tuple(state for state in State if state not in FINAL)
DESK = tuple(state for state in State if state is not State.DRAFT)  # what staff see: a draft is the student's own
CHANGEABLE = frozenset({State.DRAFT, State.RETURNED})

NEEDS_WORDS = frozenset({Action.OPINE, Action.DECIDE, Action.RETURN, Action.CLOSE, Action.STILL_WRONG})
MAX_WORDS = 500  # characters of an opinion, a decision, a reason
MAX_STATEMENT = 1000  # characters of the student's statement


def next_state(state: State, action: Action, party: Party | None) -> State:
    """The state after the action. Raises NotAllowed when the table has no such row, or not for this party."""
    step = STEPS.get((state, action))
    if step is None or party not in step.by:
        raise NotAllowed(state=state.value, action=action.value, party=party and party.value)
    return step.to


def may(state: State, action: Action, party: Party | None) -> bool:
    step = STEPS.get((state, action))
    return step is not None and party in step.by


def actions_of(state: State, party: Party | None) -> tuple[Action, ...]:
    """What somebody may do with a case now."""
    return tuple(action for action in Action if may(state, action, party))


def staff_party(role: str | None) -> Party | None:
    """What a member of staff is to the cases of the own centres; None: nothing (administrators)."""
    if role in CENTRE_ROLES:
        return Party.CENTRE
    return Party.COLLEGE if role == Role.REGISTRY else None


class PairMissing(DomainError):
    """A swap goes to the college's decision only with both students known."""

    code = "pair_missing"


class PairRefused(DomainError):
    """The other student says that the photos are not swapped: somebody speaks with both first."""

    code = "pair_refused"


class NotComplete(DomainError):
    """Something that the form asks for is missing; facts: missing (names)."""

    code = "case_not_complete"


class Urgency(StrEnum):
    """How a deadline is shown."""

    NONE = "none"  # nobody must act, or there is time
    SOON = "soon"  # within two days
    OVER = "over"  # passed


SOON_DAYS = 2


def urgency(due_on: date | None, *, today: date) -> Urgency:
    if due_on is None or due_on - today > timedelta(days=SOON_DAYS):
        return Urgency.NONE
    return Urgency.OVER if due_on < today else Urgency.SOON
