"""The poster: its QR is read by another library, from paper and from two metres; its words stay words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
import typst
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from backend.adapters.posters import (
    Form,
    PosterContent,
    PosterFailed,
    PosterStep,
    missing_characters,
    poster_fonts,
    render_poster,
)
from backend.adapters.qr import QUIET_ZONE, draw_qr
from backend.settings import PROJECT

TEMPLATES = PROJECT / "webapp" / "print"
ADDRESS = "https://photo.example.edu.cn/n/0123c5d7"
LONGEST = "https://xuezhao.continuing-education.some-university.edu.cn:8443/n/0123c5d7"
CODE_MM = 116  # width of the drawn code with its quiet zone: `side` in poster.typ

Pixels = NDArray[np.uint8]


def content(**change: object) -> PosterContent:
    usual = PosterContent(
        issuer="示范大学继续教育学院",
        centre="福州学习中心",
        title="毕业图像采集通知",
        deadline="2026年12月31日",
        deadline_label="截止日期",
        address=ADDRESS,
        short_address=ADDRESS.removeprefix("https://"),
        scan="微信扫一扫，开始办理",
        typed="扫不了？请在浏览器输入：",
        steps=(
            PosterStep("scan", "扫码登录", "首次使用请激活账号。"),
            PosterStep("check", "核对信息", "逐项核对学籍信息。"),
            PosterStep("camera", "拍照提交", "检测通过后提交。"),
        ),
        contact_label="有疑问请找",
        contact=("陈老师", "0591-00000000"),
        footer="本平台不是学信网。",
    )
    return replace(usual, **change)  # type: ignore[arg-type]


def drawn(form: Form, **change: object) -> bytes:
    return render_poster(content(**change), form=form, templates=TEMPLATES).content


def page(height: int = 1754, **change: object) -> Pixels:
    """The PDF page as grey pixels."""
    with pypdfium2.PdfDocument(drawn("pdf", **change)) as document:
        assert len(document) == 1
        picture = document[0].render(scale=2 * height / 842).to_pil().convert("L")
    return np.asarray(picture.resize((round(height / 297 * 210), height), Image.Resampling.BOX))


def words(**change: object) -> str:
    """The text of the PDF, as somebody would copy it, without its line breaks."""
    with pypdfium2.PdfDocument(drawn("pdf", **change)) as document:
        return str(document[0].get_textpage().get_text_bounded()).replace("\r\n", "")


def read(pixels: Pixels) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(np.ascontiguousarray(pixels))]


def from_two_metres(pixels: Pixels) -> Pixels:
    """Aslant, slightly out of focus, grey as in a corridor."""
    height, width = pixels.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + np.array([[0, 0], [-0.05 * width, 0.04 * height], [-0.05 * width, -0.03 * height], [0, 0]])
    bent = cv2.warpPerspective(
        pixels, cv2.getPerspectiveTransform(corners, seen.astype(np.float32)), (width, height), borderValue=(200,)
    )
    soft = cv2.GaussianBlur(bent, (0, 0), 0.6)
    return np.clip(soft.astype(np.float32) * 0.6 + 40, 0, 255).astype(np.uint8)


def test_the_code_is_read_from_the_printed_page() -> None:
    assert read(page()) == [ADDRESS]


def test_the_code_is_read_from_the_picture() -> None:
    with Image.open(BytesIO(drawn("png"))) as picture:
        assert picture.size == (1240, 1754)
        assert read(np.asarray(picture.convert("L"))) == [ADDRESS]


# The main camera of a phone (26 mm equivalent) sees 69 degrees along its long side: 2.75 m at a distance of 2 m. The
# scanner's picture is 1920 pixels long: 0.7 pixels a millimetre, so the A4 page is 207 pixels high and a module of
# our code 2 pixels wide. The longest addresses make smaller modules (1.5 pixels): there the scanner must come closer
# or zoom by 1.5, as WeChat does by itself.
@pytest.mark.parametrize(("address", "zoom"), [(ADDRESS, 1.0), (LONGEST, 1.5)])
def test_the_code_is_read_from_two_metres(address: str, zoom: float) -> None:
    assert read(from_two_metres(page(round(207 * zoom), address=address))) == [address]


@pytest.mark.parametrize("address", [ADDRESS, LONGEST])
def test_a_module_is_two_millimetres_or_more_with_four_of_quiet(address: str) -> None:
    assert CODE_MM / draw_qr(address).modules >= 2
    rows = page(2970, address=address)[900:2000, 480:1620] < 128  # 10 pixels a millimetre, inside the card
    side = np.flatnonzero(rows[: int(CODE_MM * 8)].any(axis=0))
    module = CODE_MM * 10 / draw_qr(address).modules
    assert side[-1] - side[0] == pytest.approx(module * (draw_qr(address).modules - 2 * QUIET_ZONE), abs=module / 2)


def test_a_tenth_of_the_code_may_be_torn_off() -> None:
    pixels = page().copy()
    side = round(CODE_MM / 297 * pixels.shape[0])
    top, left = round(115 / 297 * pixels.shape[0]), round(85 / 210 * pixels.shape[1])
    pixels[top : top + round(side * 0.25), left : left + round(side * 0.25)] = 255
    assert read(pixels) == [ADDRESS]


@pytest.mark.parametrize(
    "injected",
    ['#read("/etc/passwd")', "*粗体* _斜体_", "$x^2$", "<b>粗</b>", "= 标题", "\\ \\u{1F600}", '"] #panic("x") ["'],
)
def test_markup_in_the_words_comes_out_as_words(injected: str) -> None:
    step = PosterStep("scan", injected, "说明")
    found = words(title=injected, steps=(step, step, step)).replace(" ", "").replace("\u200b", "")
    assert found.count(injected.replace(" ", "")) == 4


def test_rare_characters_of_names_are_there() -> None:
    made = render_poster(content(title="𬱖䶮㛃", contact=("龚䶮老师",)), form="pdf", templates=TEMPLATES)
    assert made.missing == ""
    assert "𬱖䶮㛃" in words(title="𬱖䶮㛃")


def test_characters_that_no_font_has_are_reported_once_each() -> None:
    made = render_poster(content(title="📷采集📷", contact=("𠀡老师",)), form="pdf", templates=TEMPLATES)
    assert made.missing == "📷𠀡"
    assert missing_characters("林 A·，。\n", poster_fonts("")) == ""


def test_the_same_content_gives_the_same_bytes() -> None:
    for form in ("pdf", "png"):
        assert drawn(form) == drawn(form)  # type: ignore[arg-type]
    assert drawn("pdf") != drawn("pdf", title="另一份通知")


@pytest.mark.parametrize(
    "change",
    [
        {"title": "关" * 60},
        {"title": "W" * 60},
        {"deadline": "", "contact": ()},
        {"issuer": "学" * 80, "centre": "中" * 80},
        {"contact": ("地址" * 40, "周一至周五" * 8, "0591-00000000" * 2)},
        {"address": LONGEST, "short_address": LONGEST},
    ],
)
def test_any_words_stay_on_one_page_with_a_readable_code(change: dict[str, object]) -> None:
    assert read(page(**change)) == [str(change.get("address", ADDRESS))]


def test_a_font_of_the_settings_comes_first_and_the_rest_still_helps(tmp_path: Path) -> None:
    own = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
    if not own.is_file():
        pytest.skip("no second Chinese font on this machine")
    fonts = poster_fonts(str(own))
    assert [font.family for font in fonts] == ["WenQuanYi Micro Hei", "Noto Sans SC"]
    assert render_poster(content(title="䶮"), form="pdf", templates=TEMPLATES, font_file=str(own)).missing == ""


def test_a_font_file_that_is_none_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "font.otf"
    broken.write_bytes(b"no font")
    with pytest.raises(PosterFailed, match=r"font\.otf"):
        poster_fonts(str(broken))


def test_a_broken_template_is_said(tmp_path: Path) -> None:
    (tmp_path / "poster.typ").write_text("#nothing-like-this")
    with pytest.raises(PosterFailed):
        render_poster(content(), form="pdf", templates=tmp_path)


@pytest.mark.parametrize("light", [0.5, 1.0])
def test_a_code_alone_is_read_by_others(light: float, read_svg: Callable[[str, float], list[str]]) -> None:
    assert read_svg(draw_qr(ADDRESS).svg, light) == [ADDRESS]


@pytest.fixture
def read_svg(tmp_path: Path) -> Callable[[str, float], list[str]]:
    """Draw an SVG by typst and read its code."""

    def reader(svg: str, light: float) -> list[str]:
        (tmp_path / "code.svg").write_text(svg)
        (tmp_path / "code.typ").write_text(
            '#set page(width: 60mm, height: 60mm, margin: 0mm)\n#image("code.svg", width: 100%)'
        )
        made = typst.compile(str(tmp_path / "code.typ"), format="png", ppi=150)
        with Image.open(BytesIO(made)) as picture:
            return read((np.asarray(picture.convert("L")) * light).astype(np.uint8))

    return reader
