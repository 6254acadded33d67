"""Words can be read: the contrast of every pair of text and ground, computed from tokens.css, in every theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "webapp" / "assets" / "css"
TEXT = 4.5  # WCAG 2.2, 1.4.3
SHAPE = 3.0  # WCAG 2.2, 1.4.11: edges of controls, the focus ring

DARK = ':root[data-weui-theme="dark"]'
CARE = ':root[data-weui-mode="care"]'
CARE_DARK = ':root[data-weui-mode="care"][data-weui-theme="dark"]'
THEMES = {"light": [], "dark": [DARK], "care": [CARE], "care dark": [DARK, CARE, CARE_DARK]}

TONES = ("good", "attention", "bad", "info", "neutral")
TEXT_PAIRS = [
    *[
        (text, ground)
        for text in ("text", "text-quiet")
        for ground in ("background-page", "background-card", "background-sunken")
    ],
    ("text", "background-press"),
    *[
        (text, ground)
        for text in ("text-accent", "text-link")
        for ground in ("background-page", "background-card", "background-sunken")
    ],
    *[(f"{tone}-text", f"{tone}-ground") for tone in TONES],
    *[("text", f"{tone}-ground") for tone in TONES],
    *[
        (f"{tone}-text", ground)
        for tone in ("good", "attention", "bad")
        for ground in ("background-page", "background-card")
    ],
    *[("on-accent", ground) for ground in ("accent", "accent-press")],
    *[("on-danger", ground) for ground in ("danger", "danger-press")],
    *[("on-mark", ground) for ground in ("mark-bad", "mark-doubt")],
]
SHAPE_PAIRS = [
    (shape, ground) for shape in ("line-control", "focus") for ground in ("background-page", "background-card")
]


def blocks(text: str) -> list[tuple[str, dict[str, str]]]:
    """[(selector, {name: value})] of a sheet of custom properties; inside a media query the selector begins with @."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    found: list[tuple[str, dict[str, str]]] = []
    in_media = False
    for before, mark in re.findall(r"([^{}]*)([{}])", text):
        if mark == "{":
            opened = before.strip()
            in_media = in_media or opened.startswith("@media")
        elif before.strip():
            properties = dict(re.findall(r"--([\w-]+):\s*([^;]+);", before))
            found.append((f"@{opened}" if in_media else opened, properties))
        else:
            in_media = False
    return found


def values(selectors: list[str]) -> dict[str, str]:
    """Every token with these blocks laid over the light ones, in the order of the file."""
    made: dict[str, str] = {}
    for selector, tokens in blocks((CSS / "tokens.css").read_text("utf-8")):
        if selector == ":root" or selector in selectors:
            made |= tokens
    return made


def colour(name: str, tokens: dict[str, str]) -> tuple[float, float, float]:
    """Linear red, green, blue 0..1 of a token. Raises KeyError for an unknown one."""
    value = tokens[name].strip()
    if inner := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colour(inner[1], tokens)
    assert re.fullmatch(r"#[0-9a-f]{6}", value), f"{name} is no opaque colour: {value}"
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str, tokens: dict[str, str]) -> float:
    """1 (the same) .. 21 (black on white), as WCAG defines it."""

    def luminance(name: str) -> float:
        red, green, blue = colour(name, tokens)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_words_can_be_read(theme: str, text: str, ground: str) -> None:
    assert contrast(text, ground, values(THEMES[theme])) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_edges_can_be_seen(theme: str, shape: str, ground: str) -> None:
    assert contrast(shape, ground, values(THEMES[theme])) >= SHAPE


def test_the_contrast_of_black_on_white_is_21() -> None:
    assert contrast("a", "b", {"a": "#000000", "b": "#ffffff"}) == pytest.approx(21)


def test_dark_by_choice_and_dark_by_system_are_the_same() -> None:
    by_selector = dict(blocks((CSS / "tokens.css").read_text("utf-8")))
    for chosen in (DARK, CARE_DARK):
        assert by_selector[chosen] == by_selector["@" + chosen.replace('"dark"', '"auto"')]


def test_every_token_that_is_used_is_defined() -> None:
    sheets = {path.name: path.read_text("utf-8") for path in CSS.glob("*.css")}
    defined = set(re.findall(r"--([\w-]+):", "".join(sheets.values())))
    for sheet, text in sheets.items():
        for name in re.findall(r"var\(--([\w-]+)\)", text):
            assert name in defined, (sheet, name)


def test_figures_only_use_colours_that_follow_the_theme() -> None:
    tokens = values([])
    for path in (CSS.parent / "figures").glob("*.svg"):
        for name in re.findall(r"var\(--([\w-]+)", path.read_text("utf-8")):
            assert name in tokens, (path.name, name)


@pytest.mark.parametrize("name", ["BRAND", "RED", "LINK", "FG-0", "FG-1", "FG-2", "BG-0", "BG-2"])
def test_weui_takes_its_colours_from_our_tokens(name: str) -> None:
    bridge = (CSS / "weui_bridge.css").read_text("utf-8")
    assert re.search(rf"--weui-{name}: var\(--[\w-]+\);", bridge)
