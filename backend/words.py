"""The catalogue of words: webapp/i18n, one folder for each language, one file for each area. Knows no request."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = {"zh-CN": "zh_Hans_CN", "en": "en"}  # as in URLs and cookies -> as Babel names it
DEFAULT = "zh-CN"


class MissingWord(KeyError):
    """A key that the catalogue does not have."""


def read_catalogue(folder: Path) -> dict[str, str]:
    """All TOML files of one language -> "area.table.key" -> text; the area is the file's name."""
    words: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        with path.open("rb") as file:
            _flatten(path.stem, tomllib.load(file), words)
    return words


def _flatten(prefix: str, table: Mapping[str, object], words: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):
            _flatten(f"{prefix}.{key}", value, words)
        else:
            words[f"{prefix}.{key}"] = str(value)


@cache
def catalogue(root: Path, language: str) -> dict[str, str]:
    return read_catalogue(root / language)


def say(root: Path, language: str, key: str, /, **values: object) -> str:
    """The text of a key in a language, with its values. Raises MissingWord: tests find it before a reader does."""
    try:
        text = catalogue(root, language)[key]
    except KeyError:
        raise MissingWord(f"{key} ({language})") from None
    return text.format_map(values) if values else text
