"""The five screens of the live camera, for the picture in the student's guide (see pictures.py).

Chromium's fake camera shows the studio's invented student.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Playwright, ViewportSize, expect

from backend.adapters.faces import FaceNetworks
from backend.demo.people import PEOPLE
from backend.demo.pictures import Studio, Wish
from backend.settings import PROJECT
from tests.journeys.conftest import CHROMIUM_OPTIONS, chromium_path
from tests.journeys.film import Scene, right, shoot
from tests.journeys.people import sign_in


def camera_screens(
    playwright: Playwright, address: str, *, size: ViewportSize, scale: float, folder: Path
) -> list[bytes]:
    """1. start  2. a hint  3. the count  4. the picture taken  5. the server's result."""
    analyser = FaceNetworks(PROJECT / "models")
    film = shoot(folder / "film.mjpeg", Studio(analyser), analyser, [Scene(Wish(), 8), right(10)])
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    browser = playwright.chromium.launch(
        executable_path=chromium_path(),
        args=[*CHROMIUM_OPTIONS, *fake, f"--use-file-for-fake-video-capture={film}"],
    )
    context = browser.new_context(
        base_url=address, viewport=size, device_scale_factor=scale, is_mobile=True, has_touch=True, locale="zh-CN"
    )
    page = context.new_page()
    sign_in(page, PEOPLE[42].student_number)
    page.goto("/photo/camera")
    expect(page.locator("[data-panel=start]")).to_be_visible()
    screens = [page.screenshot()]
    page.locator("[data-do=helper]").click()
    expect(page.locator("[data-part=hint][data-code=FACE_WIDTH]")).to_be_visible(timeout=30_000)
    screens.append(page.screenshot())
    page.locator("live-camera[data-phase=counting]").wait_for(state="attached", timeout=60_000)
    screens.append(page.screenshot())
    expect(page.locator("[data-part=found] li").first).to_be_visible(timeout=60_000)
    screens.append(page.screenshot())
    page.locator("[data-panel=shot] [data-do=use]").click()
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))
    screens.append(page.screenshot())
    browser.close()
    return screens
