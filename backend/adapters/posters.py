"""Posters by typst: words go in as data and come out as text, whatever is written in them."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from PIL import ImageFont

from backend.adapters.qr import draw_qr

Form = Literal["pdf", "png"]
PNG_DPI = 150
FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "PingFang SC", "Microsoft YaHei")


class PosterFailed(Exception):
    """Typst could not make the page: its font or its template is broken."""


@dataclass(frozen=True)
class PosterStep:
    icon: str  # a file of webapp/print/icons, without its ending
    title: str
    text: str


@dataclass(frozen=True)
class PosterContent:
    """Everything that stands on a poster. Empty texts leave their place out."""

    issuer: str  # the college, or the centre when no college is named
    centre: str
    title: str
    deadline: str
    deadline_label: str
    address: str  # what the QR says
    short_address: str  # the same to be typed, without "https://"
    scan: str
    typed: str
    steps: tuple[PosterStep, PosterStep, PosterStep]
    contact_label: str
    contact: tuple[str, ...]
    footer: str


@dataclass(frozen=True)
class Poster:
    """missing: characters that no font at hand can draw; the page shows boxes or gaps for them."""

    content: bytes
    missing: str


@dataclass(frozen=True)
class Font:
    family: str
    path: str
    index: int = 0
    of_system: bool = False


def render_poster(content: PosterContent, *, form: Form, templates: Path, font_file: str = "") -> Poster:
    """An A4 page as PDF or PNG (150 dpi); the same content gives the same bytes.

    templates: the folder with poster.typ. font_file: font of the settings, tried first. Takes 50 to 300 ms.
    Raises PosterFailed.
    """
    import typst  # 7 MB, only where something is printed

    fonts = poster_fonts(font_file)
    code = draw_qr(content.address)
    data = {**asdict(content), "title": _breakable(content.title), "qr": code.svg, "fonts": [f.family for f in fonts]}
    try:
        page: object = typst.compile(
            str(templates / "poster.typ"),
            root=str(templates),
            font_paths=[str(Path(font.path).parent) for font in fonts],
            ignore_system_fonts=not any(font.of_system for font in fonts),
            format=form,
            ppi=PNG_DPI,
            sys_inputs={"data": json.dumps(data)},
        )
    except typst.TypstError as error:
        raise PosterFailed(str(error)) from None
    if not isinstance(page, bytes):
        raise PosterFailed("more than one page")
    return Poster(page, missing_on(content, font_file))


@cache
def poster_fonts(font_file: str) -> tuple[Font, ...]:
    """The fonts of posters in their order: the settings' one, the one that the set-up brings, one of the system."""
    paths = [Path(font_file)] if font_file else []
    if find_spec("pylopdf_fonts_zh_cn"):
        from pylopdf_fonts_zh_cn import sans_path

        paths.append(sans_path())
    found = [_font_of(path) for path in paths if path.is_file()]
    if found:
        return tuple(found)
    import typst  # 7 MB, only where something is printed

    system = {font.family: font for font in typst.Fonts(include_embedded_fonts=False).fonts()}
    named = [system[family] for family in FAMILIES if family in system]
    return tuple(Font(font.family, str(font.path), font.index, of_system=True) for font in named[:1])


def _font_of(path: Path) -> Font:
    import typst  # 7 MB, only where something is printed

    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path.parent)])
    for font in known.fonts():
        if font.path and Path(font.path) == path:
            return Font(font.family, str(path), font.index)
    raise PosterFailed(f"{path.name} is no font that typst can read")


def missing_on(content: PosterContent, font_file: str = "") -> str:
    """The characters of a poster that will show as boxes. Raises PosterFailed."""
    return missing_characters(_all_words(content), poster_fonts(font_file))


def missing_characters(text: str, fonts: tuple[Font, ...]) -> str:
    """The characters of `text`, each once, that none of the fonts has."""
    return "".join(
        sign for sign in dict.fromkeys(text) if _is_drawn(sign) and not any(_has(font, sign) for font in fonts)
    )


def _is_drawn(sign: str) -> bool:
    """Control signs and spaces leave no mark. What this Python does not know yet is a character too."""
    return unicodedata.category(sign) not in ("Cc", "Cf", "Zl", "Zp", "Zs")


@cache
def _loaded(font: Font) -> tuple[ImageFont.FreeTypeFont, bytes]:
    """The font, and how it draws a character that no font has."""
    loaded = ImageFont.truetype(font.path, 24, index=font.index, layout_engine=ImageFont.Layout.BASIC)
    return loaded, bytes(loaded.getmask("\U0010fffd"))


def _has(font: Font, sign: str) -> bool:
    loaded, box = _loaded(font)
    return sign == " " or bytes(loaded.getmask(sign)) != box


def _all_words(content: PosterContent) -> str:
    steps = [word for step in content.steps for word in (step.title, step.text)]
    single = [value for value in asdict(content).values() if isinstance(value, str)]
    return "".join([*single, *steps, *content.contact])


def _breakable(title: str) -> str:
    """A word longer than a line may break anywhere: zero-width spaces in runs of 20 Latin signs or more."""
    return re.sub(r"[!-~]{20,}", lambda run: "\u200b".join(run[0]), title)
