"""The golden table: for each check the clearest picture of its series, its verdict and value.

python -m tests.golden.portraits      writes tests/golden/portraits.tsv again; look at the difference before keeping it
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Report
from tests.compliance.portraits import SERIES, Studio

TABLE = Path(__file__).with_suffix(".tsv")
Row = tuple[str, str, str]  # code, verdict, value


def rows(studio: Studio, judge: Callable[[bytes], Report]) -> list[Row]:
    return [row(judge(series(studio)[-1]).finding(code), code) for code, series in SERIES.items()]


def row(finding: Finding | None, code: Code) -> Row:
    if finding is None:
        return code.value, "absent", ""
    return code.value, finding.verdict.value, "" if finding.value is None else f"{finding.value:g}"


def kept() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [(code, verdict, value) for code, verdict, value in list(csv.reader(file, delimiter="\t"))[1:]]


def write() -> None:
    from backend.cli.checked import load_checker
    from backend.compliance.assess import assess
    from backend.compliance.findings import Mode

    engine = load_checker()

    def judge(content: bytes) -> Report:
        return assess(
            content,
            file_name="a.jpg",
            mode=Mode.FINAL,
            standard=engine.standard,
            profile="base",
            analyser=engine.analyser,
        ).report

    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("code", "verdict", "value"))
        writer.writerows(rows(Studio(engine.analyser), judge))


if __name__ == "__main__":
    write()
