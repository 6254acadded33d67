"""`make bench ONLY=review`: a scripted reviewer accepts and returns the demo's queue by keys.

Prints the time from the key to the next picture on the screen, the middle and the slowest; ends with 1 when the middle
is above MOST_MS. Not a test: one noisy machine gives noisy numbers.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.journeys.conftest import CHROMIUM_OPTIONS, chromium_path
from tests.journeys.people import sign_in
from tests.journeys.server import Server

MOST_MS = 1000  # what a reviewer should wait at most, in the middle: ours
LOOK_MS = 700  # how long the reviewer looks before the key
REVIEWER = "xueji"  # sees the queues of all centres
# the number of the photo, once its picture is drawn; null before
SHOWN = r"""(before) => {
  const image = document.querySelector('main [data-picture]');
  const photo = location.pathname.match(/\/review\/(\d+)/)?.[1] ?? 'end';
  if (photo === before) return null;
  return photo === 'end' || (image?.complete && image.naturalWidth > 0) ? photo : null;
}"""
# from the key to the frame after the one in which the next picture is drawn, by the browser's own clock
WAITS = f"""async ([before]) => {{
  const shown = {SHOWN};
  const until = () => new Promise((done) => {{
    const look = () => {{
      const photo = shown(before);
      if (photo) requestAnimationFrame(() => done(photo)); else requestAnimationFrame(look);
    }};
    look();
  }});
  const photo = await until();
  return [photo, performance.now() - window.keyAt];
}}"""
CLOCK = "() => addEventListener('keydown', () => { window.keyAt = performance.now(); }, true)"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="xuezhao-review-") as temporary:
        server = Server(Path(temporary) / "data", XUEZHAO_DEMO_ENABLED="true")
        prepared = server.command("prepare")
        if prepared.returncode:
            print(prepared.stderr, file=sys.stderr)
            return 1
        server.start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_OPTIONS)
                page = browser.new_page(base_url=server.address, locale="zh-CN")
                sign_in(page, REVIEWER, staff=True)
                times = _work(page)
                browser.close()
        finally:
            server.stop()
    return judge(times)


def judge(times: list[float]) -> int:
    """Say what was measured, in ms; 1 when it is nothing or too slow."""
    if not times:
        print("the queue is empty", file=sys.stderr)
        return 1
    middle = statistics.median(times)
    print(f"{len(times)} decisions: key to next picture {middle:.0f} ms in the middle, {max(times):.0f} ms at most")
    if middle <= MOST_MS:
        return 0
    print(f"slower than {MOST_MS} ms in the middle", file=sys.stderr)
    return 1


def _work(page: Page) -> list[float]:
    """Every third photo is returned for its first reason, the others are accepted."""
    page.goto("/console/review")
    page.keyboard.press("a")
    page.wait_for_url("**/console/review/*")
    page.evaluate(CLOCK)
    photo, times = page.evaluate(SHOWN, ""), []
    while photo != "end":
        page.wait_for_timeout(LOOK_MS)
        if len(times) % 3 == 2:
            page.keyboard.press("r")
            page.keyboard.press("1")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("a")
        photo, took = page.evaluate(WAITS, [photo])
        times.append(took)
    return times


if __name__ == "__main__":
    sys.exit(main())
