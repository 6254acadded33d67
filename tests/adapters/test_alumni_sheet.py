"""The sheet of a supplementary photo: one page, the same bytes again, every name on it, markup is text."""

from __future__ import annotations

from io import BytesIO

import pypdfium2

from backend.adapters.alumni_sheet import Opinion, Sheet, render_sheet
from backend.settings import PROJECT

SHEET = Sheet(
    title="学历证书电子注册图像补报意见表",
    form="本平台格式",
    rows=(("姓名", "柳𬱖 㛃䶮"), ("证件号码", "990101198809113198"), ("备注", "#set text(red) $x$ <b>")),
    papers_title="随附材料",
    papers=("毕业证扫描件",),
    opinions=(Opinion("学习中心意见", "同意" * 200, ("签名：", "（盖章）")), Opinion("学院审核意见", "", ("签名：",))),
    footer="不是学信网的表格。",
)


def test_a_sheet_is_one_page_with_its_words_and_the_same_bytes_again() -> None:
    content = render_sheet(SHEET, templates=PROJECT / "webapp" / "print")
    assert content == render_sheet(SHEET, templates=PROJECT / "webapp" / "print")
    document = pypdfium2.PdfDocument(BytesIO(content))
    try:
        assert len(document) == 1
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    for words in ("柳𬱖", "㛃䶮", "990101198809113198", "本平台格式", "#set text(red)", "（盖章）"):
        assert words in text
