"""Numbers of the past weeks, so that the statistics have something to draw: checks and scans, and nobody in them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.compliance.findings import PictureVerdict
from backend.days import day_of
from backend.enrollment.records import Cohort
from backend.notices.records import NoticeLink, ScanCount
from backend.photos.records import CheckCount
from backend.records import begin_write

DAYS = 63
# how often the machine finds what, among about a hundred pictures, in the beginning: it grows less as people learn
FOUND = {
    "BG_SHADOW": 17, "BG_COLOR": 12, "HEAD_TOP": 11, "GLASSES_REFLECT": 8, "UNDEREXPOSED": 7, "EYES_CLOSED": 5,
    "BLUR": 5, "EYE_TILT": 4, "MOUTH_OPEN": 3, "EARS_HIDDEN": 3, "CENTERING": 3, "CLOTH_LIKE_BG": 2,
}  # fmt: skip


def load_weeks(session: Session, *, now: datetime) -> None:
    """Checks of nine weeks, scans since the notices hang; what this demo's own people did is counted already."""
    begin_write(session)
    today = day_of(now)
    cohort = session.scalars(select(Cohort.id).where(Cohort.capture_by.is_not(None)).order_by(Cohort.id)).first()
    checks = []
    for place, centre_id in enumerate(session.scalars(select(Centre.id).order_by(Centre.id)).all()):
        for back in range(2, DAYS):
            day = today - timedelta(days=back)
            pictures = (7 + 5 * ((back * 5 + place * 3) % 7)) // (3 if day.weekday() > 4 else 1)
            known = {"day": day, "centre_id": centre_id, "cohort_id": cohort or 0}
            again = pictures * (25 + back * 35 // DAYS) // 100
            counted = {PictureVerdict.RETAKE.value: again, PictureVerdict.PASS.value: pictures - again}
            counted |= {code: again * share // 35 for code, share in FOUND.items() if (back + share + place) % 3}
            checks += [{**known, "found": name, "pictures": count} for name, count in counted.items() if count]
    session.execute(insert(CheckCount), _new(session, checks))
    scans = [
        {"link_id": link_id, "day": today - timedelta(days=back), "scans": 1 + (link_id * 7 + back * 11) % 23}
        for link_id in session.scalars(select(NoticeLink.id).order_by(NoticeLink.id))
        for back in range(18)
        if (link_id + back) % 6
    ]
    session.execute(insert(ScanCount), scans)
    session.commit()


def _new(session: Session, checks: list[dict[str, object]]) -> list[dict[str, object]]:
    """Without the days and findings that are counted already."""
    keys = (CheckCount.day, CheckCount.centre_id, CheckCount.cohort_id, CheckCount.found)
    known = {tuple(row) for row in session.execute(select(*keys))}
    return [row for row in checks if tuple(row[key.key] for key in keys) not in known]
