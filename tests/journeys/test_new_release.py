"""The app on the home screen after an update: the new worker takes over, and a page from before it goes on."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import sees, word
from tests.journeys.server import Server
from tests.stand_ins.server import Exchange, StandIn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

LATER = "f" * 12  # the mark of the later release's files

# `taken` resolves when another worker has taken the page over and put its house in order; to false after 20 seconds
WATCH = """() => {
  const changed = new Promise((done) => {
    navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
  });
  const ready = changed.then(() => new Promise((done) => {
    const worker = navigator.serviceWorker.controller;
    const look = () => { if (worker.state === "activated") done(true); };
    worker.addEventListener("statechange", look);
    look();
  }));
  window.taken = Promise.race([ready, new Promise((done) => { setTimeout(done, 20000, false); })]);
}"""
KEPT = "caches.keys()"


class Site(StandIn):
    """The installation, of one release or of the next: files under another mark, another worker."""

    def __init__(self, behind: str) -> None:
        super().__init__()
        self.behind = behind
        self.updated = False

    def answer(self, exchange: Exchange) -> None:
        plain = {"Accept-Encoding": "identity"}
        found = httpx.get(self.behind + exchange.path, params=exchange.query, headers=plain, trust_env=False)
        content, kind = found.content, found.headers.get("Content-Type", "")
        if self.updated and not exchange.path.startswith("/assets/"):
            text = re.sub(r"/assets/[0-9a-f]{12}/", f"/assets/{LATER}/", content.decode())
            content = text.replace('"shell-', f'"shell-{LATER}-').encode()
        exchange.send(content, status=found.status_code, media_type=kind)


def test_a_new_release_takes_over_and_strands_no_page_from_before(browser: Browser, installation: Server) -> None:
    with Site(installation.address) as site:
        context = browser.new_context(base_url=site.address, locale="zh-CN", viewport={"width": 360, "height": 780})
        context.set_default_timeout(20_000)
        old = context.new_page()
        old.goto("/help")
        old.evaluate(WATCH)
        assert old.evaluate("navigator.serviceWorker.controller !== null || window.taken")
        assert len(old.evaluate(KEPT)) == 1
        sheet = old.locator("link[href*=common]").get_attribute("href") or ""
        assert LATER not in sheet

        old.evaluate(WATCH)
        site.updated = True
        fresh = context.new_page()
        fresh.goto("/sign-in")
        fresh.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => true)")
        assert old.evaluate("window.taken"), "the new worker takes over without a word"
        (kept,) = old.evaluate(KEPT)
        assert LATER in kept

        # the page from before still gets its own files, also one that it had not needed so far
        assert old.evaluate("address => fetch(address, {cache: 'reload'}).then(answer => answer.ok)", sheet)
        module = sheet.replace("css/common.css", "js/camera/kept.js")
        assert "forgetAll" in old.evaluate("address => import(address).then(found => Object.keys(found))", module)
        context.set_offline(True)
        for page in (old, fresh):
            page.goto("/sign-in")
            sees(page, "ui.offline.title")
            assert LATER in (page.locator("link[href*=common]").get_attribute("href") or "")
            assert page.evaluate("[...document.styleSheets].every(sheet => sheet.cssRules.length > 0)")
            assert page.evaluate("document.querySelector('.figure use').getBBox().width > 0"), "the drawing is there"
        context.set_offline(False)
        old.get_by_role("link", name=word("ui.offline.again")).click()
        expect(old.locator("h1")).to_be_visible()
        expect(old.get_by_text(word("ui.offline.title"))).to_have_count(0)
        context.close()
