"""A message in words: the same on the page and outside of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from backend.photos.rules import State
from backend.words import MissingWord


class Say(Protocol):
    """The text of a key with its values, in one language."""

    def __call__(self, key: str, /, **values: object) -> str: ...


def kind_shown(kind: str, facts: Mapping[str, Any]) -> str:
    """Which words a message has: a photo with a clear defect is told differently."""
    if kind == "photo_submitted" and facts.get("state") == State.NEEDS_RETAKE:
        return "photo_needs_retake"
    return kind


def message_words(kind: str, facts: Mapping[str, Any], say: Say) -> tuple[str, str]:
    """Title and text."""
    kind = kind_shown(kind, facts)
    reasons = say("message.and").join(_reason_name(code, say) for code in facts.get("reasons", ()))
    until = say("message.until", day=facts["until"]) if facts.get("until") else ""
    text = say(f"message.{kind}.text", version=facts.get("version", ""), reasons=reasons, until=until)
    return say(f"message.{kind}.title"), text


def outside_words(say_in: Callable[..., str]) -> Callable[[str, Mapping[str, Any], str], tuple[str, str, str]]:
    """For messages that leave the house. say_in: language, key, values -> text."""

    def words(kind: str, facts: Mapping[str, Any], language: str) -> tuple[str, str, str]:
        def say(key: str, /, **values: object) -> str:
            return say_in(language, key, **values)

        return *message_words(kind, facts, say), say("channels.foot")

    return words


def code_words(say_in: Callable[..., str]) -> Callable[[str, str, timedelta], tuple[str, str]]:
    """For the message with a verification code."""

    def words(language: str, code: str, lasts: timedelta) -> tuple[str, str]:
        minutes = int(lasts.total_seconds() // 60)
        return say_in(language, "channels.code.title"), say_in(
            language, "channels.code.text", code=code, minutes=minutes
        )

    return words


def _reason_name(code: str, say: Say) -> str:
    """A reason as the student reads it; a code of a later version of the standard as it is."""
    try:
        return say(f"finding.{code.lower()}.name")
    except MissingWord:
        return code
