"""The sheet of a supplementary photo on A4, by typst: words go in as data and come out as text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.adapters.posters import poster_fonts


class SheetFailed(Exception):
    """Typst could not make the page: its font or its template is broken."""


@dataclass(frozen=True)
class Opinion:
    """A part that somebody signs: its heading, what is printed in it, and the lines to sign and seal on."""

    title: str
    text: str
    sign: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """Everything that stands on the page."""

    title: str
    form: str  # whose form this is
    rows: tuple[tuple[str, str], ...]
    papers_title: str
    papers: tuple[str, ...]
    opinions: tuple[Opinion, ...]
    footer: str


def render_sheet(sheet: Sheet, *, templates: Path, font_file: str = "") -> bytes:
    """A PDF of one page; the same sheet gives the same bytes. templates: the folder with alumni_sheet.typ."""
    import typst  # 7 MB, only where something is printed

    fonts = poster_fonts(font_file)
    try:
        page: object = typst.compile(
            str(templates / "alumni_sheet.typ"),
            root=str(templates),
            font_paths=[str(Path(font.path).parent) for font in fonts],
            ignore_system_fonts=not any(font.of_system for font in fonts),
            format="pdf",
            sys_inputs={"data": json.dumps({**asdict(sheet), "fonts": [font.family for font in fonts]})},
        )
    except typst.TypstError as error:
        raise SheetFailed(str(error)) from None
    if not isinstance(page, bytes):
        raise SheetFailed("more than one page")
    return page
