"""Errors of the business. They carry facts, no HTTP: `views/errors.py` alone turns them into pages."""

from __future__ import annotations


class DomainError(Exception):
    """Something the business forbids or cannot do. `code` names the sentence in the catalogue (area `error`)."""

    code = "error"

    def __init__(self, **facts: object) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in facts.items()))
        self.facts = facts


class NotFound(DomainError):
    """No such thing, or not for this person: the two are not told apart."""

    code = "not_found"


class NotAllowed(DomainError):
    """The state of the thing forbids this action now."""

    code = "not_allowed"


class Outdated(DomainError):
    """The thing has moved on since the page was made."""

    code = "outdated"


class Invalid(DomainError):
    """Input that cannot be taken. `problems` maps a field's name to the key of its sentence."""

    code = "invalid"

    def __init__(self, problems: dict[str, str], **facts: object) -> None:
        super().__init__(**facts)
        self.problems = problems
