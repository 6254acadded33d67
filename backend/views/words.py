"""Words, dates and numbers in the reader's language, and how the reader wants the pages to look."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, g, request
from markupsafe import Markup, escape

from backend.days import ZONE, day_of
from backend.words import DEFAULT, LANGUAGES, catalogue, say

COOKIE = "look"
BESIDE_DIGIT = re.compile(r"(?<=\d)(?=[\u4e00-\u9fff])")  # where "3小时" gets its space


@dataclass(frozen=True)
class Look:
    """How the reader wants the pages: kept in a cookie of this device, no account needed."""

    theme: str = "auto"  # "auto", "light", "dark"
    care: bool = False  # 大字
    language: str = DEFAULT

    def as_cookie(self) -> str:
        return json.dumps({"theme": self.theme, "care": self.care, "language": self.language})


def look() -> Look:
    """How this request's reader wants the pages."""
    if "look" not in g:
        g.look = _look_from(request.cookies.get(COOKIE), request.accept_languages.best_match(["zh-CN", "zh", "en"]))
    return cast(Look, g.look)


def _look_from(text: str | None, asked: str | None) -> Look:
    try:
        kept = json.loads(text or "{}")
    except ValueError:
        kept = {}
    kept = kept if isinstance(kept, dict) else {}
    theme, language = kept.get("theme"), kept.get("language") or asked
    return Look(
        theme=theme if theme in ("light", "dark") else "auto",
        care=kept.get("care") is True,
        language=language if language in LANGUAGES else DEFAULT,
    )


def _locale() -> str:
    return LANGUAGES[look().language]


def as_date(value: date | datetime | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = day_of(value)
    return format_date(value, "long" if look().language == "zh-CN" else "medium", locale=_locale())


def as_datetime(value: datetime | None) -> str:
    if value is None:
        return "—"
    return format_datetime(value.astimezone(ZONE), "short", locale=_locale())


def as_clock(value: datetime) -> str:
    """The time of day, 09:30, where the college is."""
    return value.astimezone(ZONE).strftime("%H:%M")


def as_ago(value: datetime, now: datetime) -> str:
    """The time between two moments, in words."""
    words = format_timedelta(max(now - value, timedelta(minutes=1)), locale=_locale())
    return BESIDE_DIGIT.sub(" ", words)  # as in all our words


def as_number(value: float) -> str:
    return format_decimal(round(value, 1), locale=_locale())


def whole(text: str) -> Markup:
    """A title whose compound words stay on one line: browsers take Chinese for a row of signs, each to break at."""
    words = "|".join(map(re.escape, t("ui.whole_words").split()))
    kept = re.sub(words, r'<span class="whole">\g<0></span>', str(escape(text)))
    return Markup(kept)  # noqa: S704 - escaped above


def register(app: Flask) -> None:
    root = app.parts.webapp / "i18n"  # type: ignore[attr-defined]

    def t(key: str, /, **values: object) -> str:
        return say(root, look().language, key, **values)

    app.jinja_env.globals.update(t=t, has_word=has_word)
    app.jinja_env.filters.update(
        date=as_date, datetime=as_datetime, number=as_number, ago=as_ago, clock=as_clock, whole=whole
    )

    @app.context_processor
    def _look() -> dict[str, object]:
        return {"look": look()}


def t(key: str, /, **values: object) -> str:
    """The text of a key in this reader's language, for views (flash messages)."""
    from backend.views.access import parts

    return say(parts().webapp / "i18n", look().language, key, **values)


def has_word(key: str) -> bool:
    """Has this reader's language such a key? For words that only some things have."""
    from backend.views.access import parts

    return key in catalogue(parts().webapp / "i18n", look().language)
