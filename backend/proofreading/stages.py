"""The official steps, and whose word counts how much. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """The official steps, in their order."""

    VERIFY = "verify"  # 核对学籍: the student confirms the registered data
    CAPTURE = "capture"  # 采集照片: a photo is submitted
    REVIEW = "review"  # 中心审核: a person of the centre accepts it
    HAND_OVER = "hand_over"  # 报送: the capture unit has it
    LINKED = "linked"  # 学信网已有照片
    PROOFREAD = "proofread"  # 校对: the student says at 学信网 that it is right
    REGISTRABLE = "registrable"  # 可注册


class Witness(StrEnum):
    """Who says so; the later, the stronger."""

    STUDENT = "student"  # the student's own word
    CENTRE = "centre"  # staff of the centre
    UNIT = "unit"  # a receipt of the capture unit
    COLLEGE = "college"  # the college's download from 学信网


ON_SITE = "session "  # how the source of a hand-over begins where the unit's own team took the picture

RANK = {witness: rank for rank, witness in enumerate(Witness)}


@dataclass(frozen=True)
class Evidence:
    """One word of one witness: the stage is reached, or it is not (`holds` False).

    since:  when it came about, or the date of the list that says so
    source: where it was read, e.g. "import 12"; empty when it is plain from the witness
    """

    stage: Stage
    witness: Witness
    holds: bool
    since: datetime
    source: str = ""


def standing(evidence: Iterable[Evidence]) -> Evidence | None:
    """What counts among words on one stage: the strongest witness, and of one witness the newest word."""
    return max(evidence, key=lambda word: (RANK[word.witness], word.since), default=None)


def newest_words(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The newest word of each witness on each stage, the strongest witness first."""
    newest: dict[tuple[Stage, Witness], Evidence] = {}
    for word in sorted(evidence, key=lambda word: word.since):
        newest[word.stage, word.witness] = word
    return sorted(newest.values(), key=lambda word: -RANK[word.witness])
