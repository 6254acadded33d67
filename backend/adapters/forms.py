"""Printed forms by typst: words go in as data and come out as text, whatever is written in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.adapters.posters import missing_characters, poster_fonts


class FormFailed(Exception):
    """Typst could not make the page: its font or its template is broken."""


@dataclass(frozen=True)
class Signed:
    """A place for somebody's words: what they wrote here, who, when; and room for a signature or a seal."""

    label: str
    text: str
    signer: str
    date: str
    place: str  # what the room is for: "签字", "签字并盖章"


@dataclass(frozen=True)
class FormContent:
    """Everything that stands on a form. rows: (label, value) pairs; empty sections leave their place out."""

    title: str
    ours: str  # 本平台格式
    number: str
    rows: tuple[tuple[str, str], ...]
    other_label: str
    other: tuple[tuple[str, str], ...]
    wrong_label: str
    wrong: tuple[tuple[str, str], ...]
    evidence_label: str
    evidence: tuple[str, ...]
    signed: tuple[Signed, ...]
    footer: str


@dataclass(frozen=True)
class PrintedForm:
    """missing: characters that no font at hand can draw; the page shows boxes or gaps for them."""

    content: bytes
    missing: str


def render_form(content: FormContent, *, templates: Path, font_file: str = "") -> PrintedForm:
    """An A4 form as PDF (a second page when the words need it); the same content gives the same bytes.

    templates: the folder with form.typ. font_file: font of the settings, tried first. Raises FormFailed.
    """
    import typst  # 7 MB, only where something is printed

    fonts = poster_fonts(font_file)
    data = {**_breakable(asdict(content)), "fonts": [font.family for font in fonts]}
    try:
        page: object = typst.compile(
            str(templates / "form.typ"),
            root=str(templates),
            font_paths=[str(Path(font.path).parent) for font in fonts],
            ignore_system_fonts=not any(font.of_system for font in fonts),
            format="pdf",
            sys_inputs={"data": json.dumps(data)},
        )
    except typst.TypstError as error:
        raise FormFailed(str(error)) from None
    if not isinstance(page, bytes):
        raise FormFailed("no page")
    return PrintedForm(page, missing_on_form(content, font_file))


def missing_on_form(content: FormContent, font_file: str = "") -> str:
    """The characters of a form that will show as boxes."""
    return missing_characters("".join(_words(asdict(content))), poster_fonts(font_file))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.replace("\n", "")
    elif isinstance(value, dict):
        for part in value.values():
            yield from _words(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _words(part)


def _breakable(value: object) -> dict[str, object]:
    """A word longer than its place may break anywhere: zero-width spaces in runs of 20 Latin signs or more."""

    def walk(part: object) -> object:
        if isinstance(part, str):
            return re.sub(r"[!-~]{20,}", lambda run: "\u200b".join(run[0]), part)
        if isinstance(part, dict):
            return {name: walk(inner) for name, inner in part.items()}
        return [walk(inner) for inner in part] if isinstance(part, list | tuple) else part

    walked = walk(value)
    if not isinstance(walked, dict):
        raise TypeError("a form's content is a mapping")
    return walked
