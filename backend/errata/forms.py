"""The forms as config/forms.toml describes them: titles, columns, evidence, days. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from backend.enrollment.rules import normalised_id_number, normalised_name
from backend.errata.rules import REASONS, WAITS_FOR, Form, Reason, State

LANGUAGES = ("zh-CN", "en")
MAX_VALUE = 200  # characters of one column


class Kind(StrEnum):
    """What is written into a column."""

    TEXT = "text"
    NAME = "name"
    ID_NUMBER = "id_number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True)
class Named:
    """One thing to choose, in each language."""

    name: str
    label: Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """One column that the student fills in. from_record: the registered value that is proposed, or ""."""

    name: str
    label: Mapping[str, str]
    hint: Mapping[str, str]
    kind: Kind
    required: bool
    from_record: str
    options: tuple[Named, ...]


@dataclass(frozen=True)
class EvidenceKind:
    """One kind of evidence; required: the form is not complete without."""

    name: str
    label: Mapping[str, str]
    required: bool


@dataclass(frozen=True)
class ReasonSpec:
    """What one reason asks for. look_again_days: so long after the correction the student looks at 学信网."""

    reason: Reason
    columns: tuple[Column, ...]
    evidence: tuple[EvidenceKind, ...]
    look_again_days: int
    source: str


@dataclass(frozen=True)
class FormSpec:
    """One form. titles: one model may bear two names in the source; the first is used when none is chosen."""

    form: Form
    titles: tuple[Named, ...]
    purpose: Mapping[str, str]
    reasons: Mapping[Reason, ReasonSpec]
    source: str

    def title(self, name: str) -> Named:
        return next((title for title in self.titles if title.name == name), self.titles[0])


@dataclass(frozen=True)
class Wait:
    """So many days whoever must act has in a state."""

    days: int
    source: str


@dataclass(frozen=True)
class Retention:
    """Days after which what was handed in with a form is deleted."""

    after_end_days: int  # the case is confirmed or closed
    after_withdrawal_days: int  # the case was taken back
    not_submitted_days: int  # the draft was never sent; counted from the newest piece
    source: str

    def days(self, state: State) -> int:
        """Of a state in which nobody must act any more."""
        return self.after_withdrawal_days if state is State.WITHDRAWN else self.after_end_days


@dataclass(frozen=True)
class Forms:
    """All forms, the days of each state, and how long evidence is kept."""

    forms: Mapping[Form, FormSpec]
    waits: Mapping[State, Wait]
    retention: Retention

    def of(self, form: str, reason: str) -> ReasonSpec:
        return self.forms[Form(form)].reasons[Reason(reason)]

    def due_on(self, state: State, *, since: date) -> date | None:
        """Until when whoever must act acts; None when nobody must."""
        wait = self.waits.get(state)
        return since + timedelta(days=wait.days) if wait else None


def read_forms(data: Mapping[str, Any]) -> Forms:
    """config/forms.toml as read. A missing or unknown key raises and stops the start."""
    forms = {form: _form(form, data["form"][form.value]) for form in Form}
    if set(data["form"]) != {form.value for form in Form}:
        raise ValueError("forms.toml: an unknown form")
    waits = {State(name): Wait(int(entry["days"]), str(entry["source"])) for name, entry in data["wait"].items()}
    if set(waits) != {state for state, party in WAITS_FOR.items() if party is not None}:
        raise ValueError("forms.toml: days for each state in which somebody must act, and for no other")
    retention = Retention(**data["retention"])
    if min(retention.after_end_days, retention.after_withdrawal_days, retention.not_submitted_days) < 0:
        raise ValueError("forms.toml: days of retention cannot be less than none")
    return Forms(forms, waits, retention)


def _form(form: Form, entry: Mapping[str, Any]) -> FormSpec:
    reasons = {reason: _reason(reason, entry["reason"][reason.value]) for reason in REASONS[form]}
    if set(entry["reason"]) != {reason.value for reason in REASONS[form]}:
        raise ValueError(f"forms.toml: an unknown reason of {form}")
    titles = tuple(Named(name, _words(words)) for name, words in entry["title"].items())
    return FormSpec(form, titles, _words(entry["purpose"]), reasons, str(entry["source"]))


def _reason(reason: Reason, entry: Mapping[str, Any]) -> ReasonSpec:
    return ReasonSpec(
        reason,
        tuple(_column(name, column) for name, column in entry.get("column", {}).items()),
        tuple(
            EvidenceKind(name, _words(kind["label"]), bool(kind["required"]))
            for name, kind in entry.get("evidence", {}).items()
        ),
        int(entry["look_again_days"]),
        str(entry["source"]),
    )


def _column(name: str, entry: Mapping[str, Any]) -> Column:
    return Column(
        name,
        _words(entry["label"]),
        _words(entry["hint"]) if "hint" in entry else dict.fromkeys(LANGUAGES, ""),
        Kind(entry["kind"]),
        bool(entry["required"]),
        str(entry.get("from_record", "")),
        tuple(Named(option, _words(words)) for option, words in entry.get("option", {}).items()),
    )


def _words(entry: Mapping[str, Any]) -> dict[str, str]:
    return {language: str(entry[language]) for language in LANGUAGES}


def cleaned(spec: ReasonSpec, values: Mapping[str, str]) -> dict[str, str]:
    """What was written into the columns of this form -> as it is kept; anything else is left out."""
    found = {column.name: _clean(column, values.get(column.name, "")) for column in spec.columns}
    return {name: value for name, value in found.items() if value}


def _clean(column: Column, text: str) -> str:
    if column.kind is Kind.ID_NUMBER:
        return normalised_id_number(text)
    return normalised_name(text) if column.kind is Kind.NAME else text.strip()


def value_problems(spec: ReasonSpec, values: Mapping[str, str]) -> dict[str, str]:
    """Column -> key of what is wrong with what was written into it (cleaned)."""
    problems = {}
    for column in spec.columns:
        problem = _problem(column, values.get(column.name, ""))
        if problem:
            problems[column.name] = problem
    return problems


def _problem(column: Column, value: str) -> str | None:
    if not value:
        return "needed" if column.required else None
    if len(value) > MAX_VALUE:
        return "too_long"
    if column.kind is Kind.CHOICE and value not in {option.name for option in column.options}:
        return "needed"
    if column.kind is Kind.DATE and not _is_date(value):
        return "no_date"
    return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
