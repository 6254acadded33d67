"""Printed forms: everything stands on them, rare characters too; words are never markup."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pypdfium2

from backend.adapters.forms import FormContent, Signed, render_form
from backend.settings import PROJECT

TEMPLATES = PROJECT / "webapp" / "print"
FORM = FormContent(
    title="图像采集信息修改申请表",
    ours="本平台格式",
    number="编号 12",
    rows=(("姓名", "陈𬱖䶮㛃"), ("学号", "F202400001"), ("证件号码", "990*************23")),
    other_label="互换的另一位同学",
    other=(("姓名", "林小满"), ("学号", "F202400002")),
    wrong_label="申请内容",
    wrong=(("事由", "照片与另一位同学互换了"),),
    evidence_label="所附材料",
    evidence=("学信网图像校对页面的截图（1 页）",),
    signed=(
        Signed("本人陈述", "当天的序号可能颠倒了。", "", "2026年11月2日", "本人签字"),
        Signed("学习中心意见", "", "", "", "经办人签字（盖章）"),
    ),
    footer="本表为本平台格式。",
)


def text_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        words = ""
        for page in document:
            part = page.get_textpage()
            words += part.get_text_range()
            part.close()
            page.close()
    return words


def test_everything_stands_on_the_page_rare_characters_too() -> None:
    form = render_form(FORM, templates=TEMPLATES)
    assert form.missing == ""
    words = text_of(form.content)
    for part in ("图像采集信息修改申请表", "本平台格式", "陈𬱖䶮㛃", "林小满", "990*************23", "经办人签字"):
        assert part in words, part


def test_the_page_is_a4_with_its_font_inside() -> None:
    page = pypdf.PdfReader(io.BytesIO(render_form(FORM, templates=TEMPLATES).content)).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    fonts = page["/Resources"]["/Font"].values()  # type: ignore[index]
    described = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert described
    assert all("/FontFile3" in font or "/FontFile2" in font for font in described)


def test_a_character_that_no_font_has_is_named() -> None:
    form = render_form(replace(FORM, rows=(("姓名", "陈\U000323af"),)), templates=TEMPLATES)
    assert form.missing == "\U000323af"


def test_words_that_look_like_markup_stay_words() -> None:
    nasty = '#read("/etc/passwd") $x$ *b* \\ <a> "quoted" [x] // no'
    form = render_form(replace(FORM, wrong=(("事由", nasty),)), templates=TEMPLATES)
    assert '#read("/etc/passwd")' in text_of(form.content).replace("\u200b", "")


def test_very_long_words_go_on_on_a_second_page_and_the_same_content_gives_the_same_bytes() -> None:
    long = replace(FORM, signed=tuple(replace(part, text="长" * 1000 + "a" * 300) for part in FORM.signed))
    first, second = (render_form(long, templates=TEMPLATES).content for _ in range(2))
    assert first == second
    with pypdfium2.PdfDocument(first) as document:
        assert len(document) == 2
