"""A day is a day of the college's calendar: at half past midnight in China it is still yesterday in UTC."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

BACKEND = Path(__file__).resolve().parents[2] / "backend"
# where a date may be taken from a time otherwise, and why
OTHERS = {
    "days.py": "the one place",
    "notifications/rules.py": "calm hours have a zone of their own, which is set in config/messages.toml",
    "adapters/workbook_child.py": "the cell of a workbook has no zone; this process imports nothing of ours",
}


def wrong_days(source: str) -> Iterator[int]:
    """Lines that take a date without saying where: x.date(), date.today(), datetime.now() without a zone, a zone."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("date", "now") and not node.args and not node.keywords and isinstance(node.func, ast.Attribute):
            if name == "date" or "datetime" in ast.dump(node.func.value):
                yield node.lineno
        elif (
            name in ("today", "utcnow", "utcfromtimestamp") and isinstance(node.func, ast.Attribute)
        ) or name == "ZoneInfo":
            yield node.lineno


def test_a_date_taken_from_a_time_is_noticed() -> None:
    for line in ("day = now.date()", "day = date.today()", "day = datetime.now()", 'zone = ZoneInfo("UTC")'):
        assert list(wrong_days(line)) == [1], line
    for line in ("day = day_of(now)", "day = date(2026, 1, 1)", "now = datetime.now(UTC)", "now = access.now()"):
        assert list(wrong_days(line)) == [], line


def test_days_are_taken_in_one_place() -> None:
    found = {
        f"backend/{path.relative_to(BACKEND)}:{line}"
        for path in sorted(BACKEND.rglob("*.py"))
        if str(path.relative_to(BACKEND)) not in OTHERS
        for line in wrong_days(path.read_text())
    }
    assert not found, f"take the day by backend.days.day_of: {sorted(found)}"
