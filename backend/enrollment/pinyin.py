"""Finding Chinese names by letters: whole syllables or initials, with every reading of a character. Pure."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import product

# characters are asked for one at a time: the words that pypinyin would load besides take 40 MB. What it does load takes
# 10, so it is imported where somebody searches: a worker that judges pictures never does
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

MOST_READINGS = 64  # combinations of readings that are looked at; names have few


@lru_cache(maxsize=20_000)
def readings(name: str) -> frozenset[str]:
    """Every way of writing a name in letters: "shanyufei", "danyufei", and the initials "syf", "dyf"."""
    from pypinyin import Style, pinyin

    found: set[str] = set()
    for style in (Style.NORMAL, Style.FIRST_LETTER):
        # one character at a time: in a known word the other readings of its characters would be left out
        found_of = [pinyin(sign, style=style, heteronym=True, errors="ignore") for sign in name]
        syllables = [ways[0] for ways in found_of if ways]
        for number, way in enumerate(product(*syllables)):
            if number >= MOST_READINGS:
                break
            found.add("".join(way).lower())
    return frozenset(found)


@lru_cache(maxsize=10_000)
def first_letters(sign: str) -> frozenset[str]:
    """With which letters the readings of one character begin."""
    from pypinyin import Style, pinyin

    return frozenset(way[0].lower() for ways in pinyin(sign, heteronym=True, style=Style.NORMAL) for way in ways if way)


def is_letters(text: str) -> bool:
    """May the text be meant as the letters of a name?"""
    plain = text.replace(" ", "")
    return plain.isascii() and plain.isalpha()


def sounds_like(name: str, letters: str) -> bool:
    """Does the name begin with these letters, in syllables or in initials? Spaces do not matter."""
    wanted = "".join(letters.split()).lower()
    return bool(wanted) and any(reading.startswith(wanted) for reading in readings(name))
