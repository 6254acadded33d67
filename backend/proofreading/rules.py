"""The decision table of proofreading, from config/proofreading.toml, and the window of a conclusion. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.enrollment.study_time import Pause, months_after
from backend.errors import DomainError

Answers = Mapping[str, str]  # input -> answer


class Kind(StrEnum):
    """What an outcome asks for."""

    DONE = "done"  # nothing more to do
    SELF = "self"  # the student does it, and looks again
    FORM = "form"  # a form is filled in here and sent to who must act
    ASK_CENTRE = "ask_centre"  # no document says what holds: a person decides


class Actor(StrEnum):
    """Who acts on the way."""

    STUDENT = "student"
    UNIT = "unit"  # the capture unit
    CENTRE = "centre"
    COLLEGE = "college"


class LookAgain(StrEnum):
    """When the student looks at 学信网 again."""

    NONE = "none"
    AT_ONCE = "at_once"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    STUDY_PASSED = "study_passed"
    CORRECTION = "correction"  # when the case is corrected: no date is known


class Form(StrEnum):
    """The form that an outcome sends."""

    IMAGE_INFO = "image_info"  # 《图像采集信息修改申请表》
    DELETE_CONCLUSION = "delete_conclusion"  # the same form once more, asking to delete a conclusion
    PHOTO = "photo"  # 《学信网电子照片修改申请表》
    DATA = "data"  # the report of wrong registered data


class ImageKind(StrEnum):
    """Which photo 学信网 shows."""

    REGISTRATION = "registration"  # 学历照片: the one that is proofread
    ENTRANCE = "entrance"  # 录取照片


class AtChsi(StrEnum):
    """What the college's download says of the proofreading."""

    UNKNOWN = ""  # the list has no such column
    PENDING = "pending"  # 待校对
    RIGHT = "right"  # 校对正确
    WRONG = "wrong"  # 校对有误


class IdentityReview(StrEnum):
    """What the comparison of faces at 学信网 says (人像比对)."""

    NOTHING = ""
    FAILED = "failed"  # 身份核验未通过
    UNCERTAIN = "uncertain"  # 身份核验不确定
    ABNORMAL = "abnormal"  # 身份核验异常


@dataclass(frozen=True)
class ChsiResult:
    """One student's line of a college's download from 学信网; None and "" where the list says nothing.

    review, remark: 原始学历审核状态 and 审核备注 in the college's own words
    """

    has_photo: bool | None = None
    proofreading: AtChsi = AtChsi.UNKNOWN
    review: str = ""
    remark: str = ""
    identity_review: IdentityReview = IdentityReview.NOTHING


class WindowOver(DomainError):
    """The answer can no longer be changed; facts: until (aware time)."""

    code = "window_over"


class NothingToConclude(DomainError):
    """There is no linked photo to say anything about."""

    code = "nothing_to_conclude"


class NotAnswered(DomainError):
    """The table needs another answer; facts: question."""

    code = "outdated"


@dataclass(frozen=True)
class Row:
    """One row of the table; see the head of config/proofreading.toml."""

    id: str
    when: Mapping[str, frozenset[str]]
    way: tuple[Actor, ...]
    kind: Kind
    look_again: LookAgain
    source: str
    days: int = 0
    form: Form | None = None
    reason: str = ""
    papers: tuple[str, ...] = ()

    def holds_for(self, known: Answers) -> bool:
        """Is every input it names known and as it says?"""
        return all(known.get(name) in values for name, values in self.when.items())

    def is_open_to(self, known: Answers) -> bool:
        """Does nothing known speak against it?"""
        return all(name not in known or known[name] in values for name, values in self.when.items())


@dataclass(frozen=True)
class Wait:
    """How long after the capture the photo can usually be proofread."""

    route: str
    source: str
    days: int = 0
    months: int = 0
    working_days: int = 0
    today: bool = False

    def after(self, day: date) -> date:
        return after_working_days(months_after(day, self.months) + timedelta(days=self.days), self.working_days)


@dataclass(frozen=True)
class Table:
    """config/proofreading.toml, checked."""

    inputs: Mapping[str, tuple[str, ...]]
    rows: tuple[Row, ...]
    window: timedelta
    study_months: int
    remind_days_before: tuple[int, ...]
    remind_hour: int
    waits: tuple[Wait, ...]
    exempt: frozenset[str]
    graduated: frozenset[str]
    enrolled: frozenset[str]
    pauses: Mapping[str, bool]  # kind of change of status -> do its days count?
    pause_words: Mapping[str, str]

    def row(self, row_id: str) -> Row:
        return next(row for row in self.rows if row.id == row_id)

    @property
    def usual_wait(self) -> Wait:
        return next(wait for wait in self.waits if wait.today)


@dataclass(frozen=True)
class Facts:
    """What is known from data about one student, so that it is not asked. None: not known.

    over_from: the first day with more than the limit of study time; None while nobody knows
    pressed_at: when the student pressed a button at 学信网, as far as they said so here
    captured:  a capture unit has the photo
    """

    today: date
    now: datetime
    exempt: bool = False
    graduated: bool | None = None
    over_from: date | None = None
    pressed_at: datetime | None = None
    captured: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """What follows, for one student on one day."""

    row: Row
    look_again_on: date | None


def read_table(data: Mapping[str, Any]) -> Table:
    """config/proofreading.toml as read -> the table. What does not fit together raises and stops the start."""
    inputs = {name: tuple(values) for name, values in data["inputs"].items()}
    usual = {name: frozenset({value}) for name, value in data["unless_named"].items()}
    rows = tuple(_read_row(entry, inputs, usual) for entry in data["rows"])
    if len({row.id for row in rows}) != len(rows):
        raise ValueError("config/proofreading.toml: two rows of one name")
    limits = data["limits"]
    return Table(
        inputs=inputs,
        rows=rows,
        window=timedelta(hours=limits["window_hours"]),
        study_months=limits["study_months"],
        remind_days_before=tuple(limits["remind_days_before"]),
        remind_hour=limits["remind_hour"],
        waits=tuple(Wait(**entry) for entry in data["waits"]),
        exempt=frozenset(data["exempt"]["universities"]),
        graduated=frozenset(data["status"]["graduated"]),
        enrolled=frozenset(data["status"]["enrolled"]),
        pauses={entry["kind"]: entry["counts"] for entry in data["pauses"]},
        pause_words={entry["kind"]: entry["word"] for entry in data["pauses"]},
    )


def _read_row(
    entry: Mapping[str, Any], inputs: Mapping[str, tuple[str, ...]], usual: Mapping[str, frozenset[str]]
) -> Row:
    when = dict(usual)
    for name, said in entry["when"].items():
        values = frozenset([said] if isinstance(said, str) else said)
        if name not in inputs or not values <= set(inputs[name]):
            raise ValueError(f"config/proofreading.toml: row {entry['id']} asks for {name} = {sorted(values)}")
        when[name] = values
    rest = {name: entry[name] for name in ("days", "reason", "source") if name in entry}
    return Row(
        id=entry["id"],
        when=when,
        way=tuple(Actor(actor) for actor in entry["way"]),
        kind=Kind(entry["kind"]),
        form=Form(entry["form"]) if "form" in entry else None,
        look_again=LookAgain(entry["look_again"]),
        papers=tuple(entry.get("papers", ())),
        **rest,
    )


def known_inputs(facts: Facts, table: Table) -> dict[str, str]:
    """What the data answer already."""
    known = {
        "exempt": "yes" if facts.exempt else "no",
        "studied": "over" if facts.over_from is not None and facts.today >= facts.over_from else "within",
    }
    if facts.graduated is not None:
        known["graduated"] = "yes" if facts.graduated else "no"
    if facts.captured:
        known["captured"] = "yes"
    if facts.pressed_at is not None:
        known["pressed"] = "within" if facts.now < facts.pressed_at + table.window else "over"
    return known


def next_question(answers: Answers, facts: Facts, table: Table) -> str | None:
    """The next input to ask for: the first that a row still possible needs; None when the row is found."""
    known = {**answers, **known_inputs(facts, table)}
    open_rows = [row for row in table.rows if row.is_open_to(known)]
    if any(row.holds_for(known) for row in open_rows):
        return None
    needed = {name for row in open_rows for name in row.when if name not in known}
    return next(name for name in table.inputs if name in needed)


def questions_before(answers: Answers, facts: Facts, table: Table) -> list[str]:
    """The questions that led here, in the order in which they were asked, without answers that no longer matter."""
    asked: list[str] = []
    given: dict[str, str] = {}
    while (question := next_question(given, facts, table)) is not None and question in answers:
        asked.append(question)
        given[question] = answers[question]
    return asked


def most_questions_left(answers: Answers, facts: Facts, table: Table) -> int:
    """How many more questions there can be at most, for the progress bar."""
    question = next_question(answers, facts, table)
    if question is None:
        return 0
    return 1 + max(most_questions_left({**answers, question: value}, facts, table) for value in table.inputs[question])


def decide(answers: Answers, facts: Facts, table: Table) -> Outcome:
    """The one row that holds. Raises NotAnswered while the table needs more."""
    question = next_question(answers, facts, table)
    if question is not None:
        raise NotAnswered(question=question)
    known = {**answers, **known_inputs(facts, table)}
    rows = [row for row in table.rows if row.holds_for(known)]
    if len(rows) != 1:
        raise ValueError(f"config/proofreading.toml: {[row.id for row in rows]} hold for {known}")
    return Outcome(rows[0], look_again_on(rows[0], facts, table))


def look_again_on(row: Row, facts: Facts, table: Table) -> date | None:
    """The day on which the student looks again; None when no day can be named."""
    if row.look_again is LookAgain.AT_ONCE:
        return facts.today
    if row.look_again is LookAgain.DAYS:
        return facts.today + timedelta(days=row.days)
    if row.look_again is LookAgain.WORKING_DAYS:
        return table.usual_wait.after(facts.today)
    return facts.over_from if row.look_again is LookAgain.STUDY_PASSED else None


def after_working_days(day: date, count: int) -> date:
    """So many days from Monday to Friday later. Public holidays are not known: the date is a usual one, no promise."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def has_graduated(status: str, graduated_on: date | None, *, table: Table, today: date) -> bool | None:
    """From the college's word for the state of the enrolment; None when the word does not tell."""
    if status in table.graduated or (graduated_on is not None and graduated_on <= today):
        return True
    return False if status in table.enrolled else None


def pauses_of(changes: Sequence[tuple[str, date, date | None, bool | None]], table: Table) -> list[Pause]:
    """Changes of status (kind, first day, last day, own word on counting) -> the pauses that stop the clock."""
    return [
        Pause(first, last)
        for kind, first, last, counts in changes
        if not (table.pauses.get(kind, True) if counts is None else counts)
    ]


def reminder_days(deadline: date | None, *, table: Table, today: date) -> list[date]:
    """The days on which the cohort's last day is called to mind; those that are over are left out."""
    if deadline is None:
        return []
    days = [deadline - timedelta(days=before) for before in table.remind_days_before]
    return [day for day in days if day > today]


class ProofStep(StrEnum):
    """Where a student stands in proofreading."""

    NOT_LINKED = "not_linked"  # nobody says that the photo is at 学信网
    NO_PHOTO = "no_photo"  # the college's download says that 学信网 has none, though it should
    TO_CONCLUDE = "to_conclude"  # the photo is there: right or wrong?
    TO_CLICK = "to_click"  # right here; the click at 学信网 is missing, or not in the college's download
    FIND_WAY = "find_way"  # something is wrong: the wizard finds who acts
    LOOK_AGAIN = "look_again"  # the student looks again on a day
    FORM_MINE = "form_mine"  # the form lies with the student: to complete, or to look whether it is corrected
    IN_HANDS = "in_hands"  # a form is on its way
    ASK_CENTRE = "ask_centre"  # a person of the centre decides
    DONE = "done"  # right, and clicked; or not asked for


@dataclass(frozen=True)
class ProofFacts:
    """What proof_step needs.

    linked:    does 学信网 have the photo, by the standing word? None: nobody says
    seen:      the linked photo itself is here to be looked at
    expected:  the unit has the photo, or the student has graduated: 学信网 should have it
    not_asked: the university does not ask for proofreading, or the graduate's photo is at the diploma's record already
    all_right: the standing conclusion says photo and data right; None: no conclusion
    clicked:   the standing word on proofreading at 学信网; None: nobody says
    kind:      of the last outcome of the wizard that still stands; None: none
    settled:   its look-again date has come, or its case is over
    """

    linked: bool | None = None
    seen: bool = False
    expected: bool = False
    not_asked: bool = False
    all_right: bool | None = None
    clicked: bool | None = None
    kind: Kind | None = None
    settled: bool = False
    mine: bool = False  # its form waits for the student


def proof_step(facts: ProofFacts) -> ProofStep:
    """One step for every combination of facts. An outcome that is under way comes before everything else."""
    if facts.clicked and facts.all_right is not False:
        return ProofStep.DONE
    if facts.kind in AFTER_OUTCOME and not facts.settled:
        return ProofStep.FORM_MINE if facts.mine and facts.kind is Kind.FORM else AFTER_OUTCOME[facts.kind]
    if facts.not_asked and (facts.linked or facts.kind is Kind.DONE):
        return ProofStep.DONE
    if facts.all_right is not None:
        return ProofStep.TO_CLICK if facts.all_right else ProofStep.FIND_WAY
    if facts.linked is False and facts.expected and not facts.seen:
        return ProofStep.NO_PHOTO
    return ProofStep.TO_CONCLUDE if facts.linked or facts.seen else ProofStep.NOT_LINKED


AFTER_OUTCOME: dict[Kind | None, ProofStep] = {
    Kind.SELF: ProofStep.LOOK_AGAIN,
    Kind.FORM: ProofStep.IN_HANDS,
    Kind.ASK_CENTRE: ProofStep.ASK_CENTRE,
}
