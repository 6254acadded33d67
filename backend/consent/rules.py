"""Purposes of consent and their texts, from config/consent.toml. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors import DomainError


@dataclass(frozen=True)
class Text:
    """What a person is shown in one language: a plain summary first, the whole text (Markdown) under it."""

    title: str
    summary: tuple[str, ...]
    full: str
    without: str  # what happens when one does not agree

    @property
    def sha256(self) -> str:
        return hashlib.sha256("\0".join((self.title, *self.summary, self.full, self.without)).encode()).hexdigest()


@dataclass(frozen=True)
class Purpose:
    """One thing to agree to, in its present version."""

    name: str
    version: str
    texts: Mapping[str, Text]  # language -> text
    only: str = ""  # asked of these people alone: "alumni"; empty: of everybody


class UnknownPurpose(DomainError):
    """No such purpose, or an old version of its text."""

    code = "outdated"


def read_purposes(data: Mapping[str, Any]) -> dict[str, Purpose]:
    """config/consent.toml as read -> purposes in their order. A missing key raises KeyError and stops the start."""
    return {
        name: Purpose(
            name,
            entry["version"],
            {
                language: Text(text["title"], tuple(text["summary"]), text["full"], text["without"])
                for language, text in entry["text"].items()
            },
            entry.get("only", ""),
        )
        for name, entry in data["purpose"].items()
    }
