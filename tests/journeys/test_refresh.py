"""Going back shows how things are now, not what the browser remembers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opener
from tests.journeys.people import press, sees, sign_in
from tests.journeys.phone import LIN

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]


def test_after_signing_out_the_way_back_leads_to_the_sign_in(open_page: Opener) -> None:
    page = open_page(phone=True)
    sign_in(page, LIN.student_number)
    page.goto("/enrollment")
    expect(page.get_by_text(LIN.student_number)).to_be_visible()
    page.goto("/mine")
    other = page.context.new_page()
    other.goto("/mine")
    press(other, "ui.sign_out")
    other.wait_for_url(re.compile(r"/sign-in|/$"))
    page.go_back()
    page.wait_for_url("**/sign-in**")
    expect(page.get_by_text(LIN.student_number)).to_have_count(0)


def test_a_page_that_the_browser_kept_whole_is_loaded_anew(open_page: Opener) -> None:
    """As the back button does where pages are frozen: nothing was asked of the server."""
    page = open_page(phone=True)
    sign_in(page, LIN.student_number)
    page.goto("/enrollment")
    page.evaluate("window.remembered = true")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    assert page.evaluate("window.remembered"), "an ordinary page stays"
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.evaluate("window.remembered === undefined")
    sees(page, "ui.tab.mine")
