"""The guides name pictures, pages and places that there are; no picture lies about unused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.settings import PROJECT
from backend.words import say

DOCS = PROJECT / "docs"
PAGES = sorted([PROJECT / "README.md", PROJECT / "CHANGELOG.md", *DOCS.rglob("*.md")])
GUIDES = sorted(DOCS.glob("guide-*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
WORDS = PROJECT / "webapp" / "i18n"


def links_of(page: Path) -> list[str]:
    """Relative addresses of a page, without the part of the page that they name."""
    code = re.compile(r"```.*?```|`[^`\n]*`", re.S)
    found = LINK.findall(code.sub("", page.read_text("utf-8")))
    return [link.split("#")[0] for link in found if not re.match(r"\w+:|#", link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert [link for link in links_of(page) if not (page.parent / link).exists()] == []


def test_every_picture_is_used() -> None:
    used = {(page.parent / link).resolve() for page in PAGES for link in links_of(page)}
    assert [picture.name for picture in sorted((DOCS / "pictures").iterdir()) if picture.resolve() not in used] == []


def test_every_picture_is_made_by_the_one_command() -> None:
    made = set(re.findall(r'^    "([\w-]+)": ', (PROJECT / "tests/journeys/pictures.py").read_text("utf-8"), re.M))
    assert {picture.stem for picture in (DOCS / "pictures").iterdir()} == made | {"camera"}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_guide_says_how_its_pictures_are_made_anew(guide: Path) -> None:
    assert "python -m tests.journeys.pictures" in guide.read_text("utf-8")


def test_the_guides_for_staff_speak_of_every_place_of_the_console() -> None:
    places = (PROJECT / "webapp/templates/components/places.html").read_text("utf-8")
    names = [say(WORDS, "zh-CN", key) for key in re.findall(r't\("(ui\.place\.\w+)"\)', places)]
    assert names
    guides = {guide.name: guide.read_text("utf-8") for guide in GUIDES}
    staff = guides["guide-centre.md"] + guides["guide-registry.md"]
    assert [name for name in names if name not in staff] == []


def test_the_guide_for_students_speaks_of_every_tab() -> None:
    places = (PROJECT / "webapp/templates/components/places.html").read_text("utf-8")
    names = [say(WORDS, "zh-CN", key) for key in re.findall(r't\("(ui\.tab\.\w+)"\)', places)]
    assert names
    text = (DOCS / "guide-student.md").read_text("utf-8")
    assert [name for name in names if name not in text] == []
