"""The picture of the steps in the student's guide: `python -m tests.journeys.camera_picture docs/pictures/camera.jpg`.

A demo is started, Chromium's fake camera shows the studio's invented student, and five screens are put side by side.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from backend.adapters.faces import OpenCvFaces
from backend.demo.people import PEOPLE
from backend.demo.pictures import Studio, Wish
from backend.settings import PROJECT
from tests.journeys.conftest import CHROMIUM_OPTIONS, chromium_path
from tests.journeys.film import Scene, right, shoot
from tests.journeys.people import sign_in
from tests.journeys.server import Server

SCREEN = (360, 720)
GAP, GROUND = 24, (233, 236, 234)


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="xuezhao-picture-") as folder:
        analyser = OpenCvFaces(PROJECT / "models")
        film = shoot(Path(folder) / "film.mjpeg", Studio(analyser), analyser, [Scene(Wish(), 8), right(10)])
        server = Server(Path(folder) / "data", XUEZHAO_DEMO_ENABLED="true")
        prepared = server.command("prepare")
        if prepared.returncode:
            raise SystemExit(prepared.stderr)
        server.start()
        try:
            screens = _walk(server.address, film)
        finally:
            server.stop()
    _side_by_side(screens).save(target, "JPEG", quality=82, optimize=True, progressive=True)


def _walk(address: str, film: Path) -> list[bytes]:
    """1. start  2. a hint  3. the count  4. the picture taken  5. the server's result."""
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[*CHROMIUM_OPTIONS, *fake, f"--use-file-for-fake-video-capture={film}"],
        )
        size = {"width": SCREEN[0], "height": SCREEN[1]}
        context = browser.new_context(
            base_url=address, viewport=size, device_scale_factor=2, is_mobile=True, has_touch=True, locale="zh-CN"
        )
        page = context.new_page()
        sign_in(page, PEOPLE[42].student_number)
        page.goto("/photo/camera")
        expect(page.locator("[data-panel=start]")).to_be_visible()
        screens = [_screen(page)]
        page.locator("[data-do=helper]").click()
        expect(page.locator("[data-part=hint][data-code=FACE_WIDTH]")).to_be_visible(timeout=30_000)
        screens.append(_screen(page))
        page.locator("live-camera[data-phase=counting]").wait_for(state="attached", timeout=60_000)
        screens.append(_screen(page))
        expect(page.locator("[data-part=found] li").first).to_be_visible(timeout=60_000)
        screens.append(_screen(page))
        page.locator("[data-panel=shot] [data-do=use]").click()
        page.wait_for_url(re.compile(r"/photo/draft/\d+"))
        screens.append(_screen(page))
        browser.close()
    return screens


def _screen(page: Page) -> bytes:
    return page.screenshot()


def _side_by_side(screens: list[bytes]) -> Image.Image:
    pictures = [Image.open(io.BytesIO(screen)).convert("RGB").resize(SCREEN) for screen in screens]
    width = len(pictures) * (SCREEN[0] + GAP) + GAP
    strip = Image.new("RGB", (width, SCREEN[1] + 2 * GAP), GROUND)
    for number, picture in enumerate(pictures):
        strip.paste(picture, (GAP + number * (SCREEN[0] + GAP), GAP))
    return strip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
