"""The reasons a reviewer ticks: what the machine found first, then what people say most, then all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.compliance.codes import Code

NUMBERED = 9  # reasons with a number key

# what reviewers say most often beyond the machine's findings
FREQUENT = (
    Code.BG_SHADOW,
    Code.HEAD_POSE,
    Code.GLASSES_REFLECT,
    Code.CLOTH_LIKE_BG,
    Code.RETOUCHED,
    Code.MAKEUP,
    Code.NOT_SELF,
    Code.REPHOTOGRAPHED,
    Code.OTHER,
)

# each group begins with this code and goes on in the order of compliance.codes
GROUPS = {
    "file": Code.FILE_FORMAT,
    "place": Code.NO_FACE,
    "face": Code.EYES_CLOSED,
    "picture": Code.NOT_COLOR,
    "person": Code.NOT_SELF,
}


@dataclass(frozen=True)
class Reasons:
    """first: with number keys, in their order; found: codes that the machine faulted; groups: all the others."""

    first: tuple[Code, ...]
    found: frozenset[Code]
    groups: Mapping[str, tuple[Code, ...]]


def reasons_for(findings: Sequence[Mapping[str, Any]]) -> Reasons:
    """The list for one picture. findings: as in the report."""
    faulted = [finding for finding in findings if finding["verdict"] in ("bad", "doubt")]
    faulted.sort(key=lambda finding: (finding["verdict"] != "bad", finding["severity"] != "hard"))
    found = [Code(finding["code"]) for finding in faulted]
    first = tuple([*found, *(code for code in FREQUENT if code not in found)][:NUMBERED])
    groups = {name: tuple(code for code in codes if code not in first) for name, codes in grouped().items()}
    return Reasons(first, frozenset(found), groups)


def grouped() -> dict[str, list[Code]]:
    """Every code once, in its group."""
    groups: dict[str, list[Code]] = {}
    starts = {code: name for name, code in GROUPS.items()}
    name = next(iter(GROUPS))
    for code in Code:
        name = starts.get(code, name)
        groups.setdefault(name, []).append(code)
    return groups
