"""The templates parse, the gallery shows every component in every look, and what they point at exists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

WEBAPP = Path(__file__).parents[2] / "webapp"
FIGURES = WEBAPP / "assets" / "figures"
TEMPLATES = sorted(path.relative_to(WEBAPP / "templates") for path in (WEBAPP / "templates").rglob("*.*"))
LOOKS = [
    (language, theme, care)
    for language in ("zh-CN", "en")
    for theme in ("auto", "light", "dark")
    for care in (True, False)
]


def words(language: str) -> dict[str, str]:
    """ "area.table.key" -> text, of all catalogues of a language."""

    def walk(prefix: str, table: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from walk(f"{prefix}.{key}", value)
            else:
                yield f"{prefix}.{key}", value

    folder = WEBAPP / "i18n" / language
    return dict(
        pair for path in folder.glob("*.toml") for pair in walk(path.stem, tomllib.loads(path.read_text("utf-8")))
    )


@cache
def environment(language: str = "zh-CN") -> Environment:
    """What the application gives to templates, as far as layouts and components need it."""
    catalogue = words(language)

    def t(key: str, **values: object) -> str:
        return catalogue[key].format(**values)

    made = Environment(loader=FileSystemLoader(WEBAPP / "templates"), autoescape=True, undefined=StrictUndefined)
    made.filters.update(date=str, datetime=str, number=str, whole=str)
    made.globals.update(
        t=t,
        has_word=catalogue.__contains__,
        csrf_field=lambda: Markup('<input type="hidden" name="csrf_token" value="made-up">'),
        asset=lambda path: f"/assets/{path}",
        vendor=lambda path: f"/vendor/{path}",
        csp_nonce=lambda: "made-up",
        url_for=lambda endpoint, **_: f"/{endpoint}",
        may=lambda permission: True,
        in_wechat=lambda: False,
        me=None,
        look=SimpleNamespace(language=language, theme="light", care=False),
        request=SimpleNamespace(method="GET", path="/gallery", full_path="/gallery?"),
        get_flashed_messages=lambda with_categories: [("good", "已保存"), ("error", "没有保存")],
    )
    return made


class Page(HTMLParser):
    """The elements of a page: [(tag, attributes)]."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def gallery() -> Page:
    return Page(environment().get_template("public/gallery.html").render())


@pytest.mark.parametrize("name", TEMPLATES, ids=str)
def test_every_template_parses(name: Path) -> None:
    environment().parse((WEBAPP / "templates" / name).read_text("utf-8"))


@pytest.mark.parametrize(("language", "theme", "care"), LOOKS)
def test_the_gallery_renders_in_every_look(language: str, theme: str, care: bool) -> None:
    look = SimpleNamespace(language=language, theme=theme, care=care)
    page = Page(environment(language).get_template("public/gallery.html").render(look=look))
    body = page.all("body")[0]
    assert (body["data-weui-theme"], body["data-weui-mode"]) == (theme, "care" if care else "default")
    assert page.all("html")[0]["lang"] == language


def test_the_page_may_be_scaled(gallery: Page) -> None:
    viewport = next(meta["content"] for meta in gallery.all("meta") if meta.get("name") == "viewport")
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport


def test_nothing_needs_inline_style_or_script(gallery: Page) -> None:
    for tag, attributes in gallery.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert tag != "style"
        assert tag != "script" or attributes.get("src")


def test_every_id_is_given_once_and_every_reference_has_its_target(gallery: Page) -> None:
    ids = [attributes["id"] for _, attributes in gallery.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in gallery.elements:
        for name in ("for", "aria-describedby", "aria-labelledby", "data-dialog"):
            for target in attributes.get(name, "").split():
                assert target in ids, (name, target)


def test_every_field_has_a_label(gallery: Page) -> None:
    labelled = {label.get("for") for label in gallery.all("label")}
    for field in gallery.all("input", "select", "textarea"):
        wrapped = field.get("class") == "choice__input"
        assert field.get("type") == "hidden" or wrapped or field["id"] in labelled


def test_every_form_that_posts_carries_the_csrf_field(gallery: Page) -> None:
    forms = [form for form in gallery.all("form") if form.get("method") == "post"]
    tokens = [field for field in gallery.all("input") if field.get("name") == "csrf_token"]
    assert len(forms) == len(tokens) >= 3


def test_every_picture_used_exists(gallery: Page) -> None:
    for use in gallery.all("use"):
        path, _, name = use["href"].removeprefix("/assets/").partition("#")
        assert f'id="{name}"' in (WEBAPP / "assets" / path).read_text("utf-8"), use["href"]


def test_every_icon_and_figure_named_in_a_template_exists() -> None:
    sprite = (FIGURES / "icons.svg").read_text("utf-8")
    for name in TEMPLATES:
        text = (WEBAPP / "templates" / name).read_text("utf-8")
        for icon in re.findall(r'(?:\bicon\(|"icon": |icon_name=)"([\w-]+)"(?! ~)', text):
            assert f'<symbol id="{icon}"' in sprite, (name, icon)
        for figure in re.findall(r'(?:\bfigure\(|"figure": |\bempty\()"([\w-]+)"(?! ~)', text):
            assert (FIGURES / f"{figure}.svg").exists(), (name, figure)


@pytest.mark.parametrize("path", sorted(FIGURES.glob("*.svg")), ids=lambda path: path.stem)
def test_every_figure_has_a_title_and_loads_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "<title>" in text
    assert "style=" not in text
    assert not re.search(r"url\(|<image|<script|href=", text)


def test_every_style_sheet_is_linked_and_every_linked_one_exists() -> None:
    texts = [(WEBAPP / "templates" / name).read_text("utf-8") for name in TEMPLATES]
    named = set(re.findall(r"css/([\w-]+)\.css", "".join(texts)))
    common = (WEBAPP / "assets/css/common.txt").read_text("utf-8").split()
    assert named - {"common"} | set(common) == {path.stem for path in (WEBAPP / "assets/css").glob("*.css")}


def test_both_languages_have_the_same_keys_for_layouts_and_states() -> None:
    chinese, english = words("zh-CN"), words("en")
    for area in ("ui.", "state."):
        assert {key for key in chinese if key.startswith(area)} == {key for key in english if key.startswith(area)}


def test_a_finding_that_could_not_be_measured_blames_nobody() -> None:
    photo: Any = environment("en").get_template("components/photo.html").module
    finding = {"code": "BLUR", "verdict": "unknown", "severity": "hard", "value": None, "low": None, "high": None}
    shown = photo.photo_with_findings("/p", (480, 640), [finding | {"unit": "", "reason": "no face", "marks": []}])
    assert "finding--doubt" in shown
    assert words("en")["finding.blur.wrong"] not in shown


def test_what_must_change_stands_before_what_a_person_looks_at() -> None:
    photo: Any = environment().get_template("components/photo.html").module
    base = {"unit": "px", "value": 1, "low": 2, "high": 3, "reason": None, "marks": []}
    doubt = base | {"code": "EYE_LINE", "verdict": "doubt", "severity": "hard"}
    soft = base | {"code": "EARS_HIDDEN", "verdict": "bad", "severity": "soft"}
    hard = base | {"code": "HEAD_TOP", "verdict": "bad", "severity": "hard"}
    shown = str(photo.photo_with_findings("/p", (480, 640), [doubt, soft, hard], advice=False))
    assert shown.index("HEAD_TOP") < shown.index("EYE_LINE") < shown.index("EARS_HIDDEN")
    assert shown.count("finding--bad") == 1


def test_the_value_lies_left_of_its_range_when_it_is_too_small() -> None:
    scale: Any = environment().get_template("components/scale_bar.html").module
    drawn = str(scale.scale_bar({"value": 38.0, "low": 50, "high": 110}))
    left = re.search(r'scale__range" x="([\d.]+)"', drawn)
    value = re.search(r'scale__value" d="M([\d.]+) ', drawn)
    assert left is not None
    assert value is not None
    assert 0 < float(value[1]) < float(left[1])


def test_the_advice_that_fits_the_reason_is_given() -> None:
    photo: Any = environment("en").get_template("components/photo.html").module
    low = {"code": "PIXEL_SIZE", "verdict": "bad", "severity": "hard", "value": 0.5, "unit": "x", "low": 1, "high": 1}
    shown = photo.photo_with_findings("/p", (480, 640), [low | {"reason": "low", "marks": []}])
    assert words("en")["finding.pixel_size.fix_low"].split(",")[0] in shown
    assert words("en")["finding.pixel_size.fix"] not in shown


def test_numbers_that_only_the_desk_understands_are_kept_from_students() -> None:
    photo: Any = environment("en").get_template("components/photo.html").module
    base = {"code": "BG_COLOR", "verdict": "bad", "severity": "hard", "reason": None, "marks": []}
    finding = base | {"value": 31.4, "unit": "ΔE", "low": None, "high": 12}
    assert "31.4 ΔE" not in photo.photo_with_findings("/p", (480, 640), [finding])
    assert "31.4 ΔE" in photo.photo_with_findings("/p", (480, 640), [finding], advice=False)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(38, 50, 110), (-30.0, 0.1, None), (0.0, 0.5, None), (5, None, 0), (7.4, None, 7), (900, 1, 2), (0, 0, None)],
)
def test_value_and_range_stay_inside_the_drawing(value: float, low: float | None, high: float | None) -> None:
    scale: Any = environment().get_template("components/scale_bar.html").module
    drawn = str(scale.scale_bar({"value": value, "low": low, "high": high}))
    at = re.search(r'scale__value" d="M([-\d.]+) ', drawn)
    stretch = re.search(r'scale__range" x="([-\d.]+)" y="7" width="([-\d.]+)"', drawn)
    assert at is not None
    assert stretch is not None
    assert 4 < float(at[1]) < 196
    assert float(stretch[1]) >= 0
    assert float(stretch[2]) > 0
    assert float(stretch[1]) + float(stretch[2]) <= 200


def test_numbers_of_findings_that_begin_at_one_place_lie_side_by_side() -> None:
    photo: Any = environment().get_template("components/photo.html").module
    mark = {"kind": "outline", "tone": "measured", "points": [(300, 200), (340, 200), (340, 220)]}
    eyes = [{"code": code, "verdict": "doubt", "severity": "hard", "marks": [mark]} for code in "ABC"]
    at = re.findall(
        r'marks__number--doubt"><circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', str(photo.overlay((480, 640), eyes))
    )
    assert [float(y) for _, y, _ in at] == [200, 200, 200]
    places = sorted(float(x) for x, _, _ in at)
    assert all(right - left > 2 * float(at[0][2]) for left, right in pairwise(places))


def test_every_list_of_choices_shows_that_it_opens() -> None:
    """The page takes the browser's own arrow away; ours stands beside the list."""
    bare = [
        f"{path}: {markup[0][:60]}"
        for path in TEMPLATES
        for markup in re.finditer(r"<select\b[^>]*>", (WEBAPP / "templates" / path).read_text())
        if not markup.string[: markup.start()].rstrip().endswith('class="field__select">')
        and not markup.string[: markup.start()].rstrip().endswith('import-select">')
    ]
    assert bare == []
