"""Counting what the machine finds in pictures: most are never submitted and leave no other trace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.compliance.findings import Report
from backend.days import day_of
from backend.photos.records import CheckCount
from backend.records import insert_into


def count_check(session: Session, *, centre_id: int, cohort_id: int | None, report: Report, now: datetime) -> None:
    """One picture more on this day; part of the transaction that keeps it. cohort_id: None while nobody knows whose.

    Not in the history: a number of the day is no fact about anybody.
    """
    # in one order always, so that two transactions wait for each other instead of both giving up
    found = sorted({report.verdict.value, *(finding.code.value for finding in report.hard_bad)})
    common = {"day": day_of(now), "centre_id": centre_id, "cohort_id": cohort_id or 0}
    first = insert_into(session, CheckCount).values([{**common, "found": name, "pictures": 1} for name in found])
    keys = [CheckCount.day, CheckCount.centre_id, CheckCount.cohort_id, CheckCount.found]
    session.execute(first.on_conflict_do_update(index_elements=keys, set_={"pictures": CheckCount.pictures + 1}))
