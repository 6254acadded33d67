"""Addresses do not vanish: posters, messages and bookmarks keep theirs."""

from __future__ import annotations

from pathlib import Path

from backend import App

KNOWN = Path(__file__).with_name("addresses.txt")

# an address that was given up -> where it leads now (a redirect), or "gone" with a reason in docs/decisions
GIVEN_UP: dict[str, str] = {}


def pages(app: App) -> set[str]:
    """Every address that answers GET, as its rule."""
    return {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def test_no_address_vanishes_without_a_decision(app: App) -> None:
    known = set(KNOWN.read_text().splitlines())
    vanished = known - pages(app) - set(GIVEN_UP)
    assert vanished == set(), "keep a redirect and note it in GIVEN_UP"


def test_every_address_is_on_the_list(app: App) -> None:
    new = pages(app) - set(KNOWN.read_text().splitlines())
    assert new == set(), f"add to {KNOWN.name}: {sorted(new)}"
