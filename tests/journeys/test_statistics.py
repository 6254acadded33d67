"""The registry looks which centre is behind, narrows, takes the table and prints; a centre sees only itself."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opener
from tests.journeys.people import press, sees, sign_in, word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

A4 = (595, 842)  # points


def test_the_registry_compares_narrows_downloads_and_prints(open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    sign_in(page, "xueji", staff=True)
    press(page, "ui.place.statistics")
    sees(page, "statistics.table.funnel")
    press(page, "statistics.part.centres")
    rows = page.locator("tbody th")
    expect(rows).to_have_count(3)
    first = rows.first.inner_text()
    rows.first.get_by_role("link").click()  # the one that is behind most
    expect(page.locator("#field-centre option:checked")).to_have_text(first)
    sees(page, "statistics.table.waiting")
    press(page, "statistics.part.reasons")
    expect(page.locator("#field-centre option:checked")).to_have_text(first)  # the filter comes along
    page.select_option("#field-by", "month")
    press(page, "statistics.narrow")
    expect(page).to_have_url(re.compile(r"by=month"))
    expect(page.locator(".plot-columns").first).to_be_visible()

    with page.expect_download() as waited:
        press(page, "statistics.as_csv")
    path = tmp_path / "table.csv"
    waited.value.save_as(path)
    table = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert table[0][2] == word("statistics.column.code")
    assert {row[2] for row in table[1:]} >= {"BG_SHADOW", "BLUR"}

    press(page, "statistics.paper")
    sees(page, "statistics.print_hint")
    paper = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    assert [round(side) for side in paper[0].get_size()] == pytest.approx(A4, abs=1)
    text = "".join(sheet.get_textpage().get_text_range() for sheet in paper)
    for part in ("funnel", "waiting", "reasons", "posters", "centres"):
        assert word(f"statistics.part.{part}") in text
    assert word("ui.sign_out") not in text
    assert word("statistics.print_hint") not in text


def test_a_centre_sees_only_itself(open_page: Opener) -> None:
    page = open_page()
    sign_in(page, "xm", staff=True)
    press(page, "ui.place.statistics")
    sees(page, "statistics.table.funnel")
    expect(page.locator("#field-centre")).to_have_count(0)
    expect(page.get_by_role("link", name=word("statistics.part.centres"))).to_have_count(0)
    mine = int(page.locator(".plot__value").first.inner_text())
    page.goto("/console/statistics?centre=1")
    assert int(page.locator(".plot__value").first.inner_text()) == mine
    page.goto("/console/statistics/report")
    expect(page.get_by_text("福州仓山学习中心")).to_have_count(0)
