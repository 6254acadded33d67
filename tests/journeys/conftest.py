"""A running installation with the invented college, and browsers that look at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from backend.adapters.faces import FaceNetworks
from backend.demo.people import Person
from backend.demo.pictures import Studio, Wish
from backend.settings import PROJECT
from tests.journeys.film import lesson, right, shoot
from tests.journeys.people import sign_in
from tests.journeys.phone import LIN, CameraOpener
from tests.journeys.server import Server

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2166A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 "
    "Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64"
)


def chromium_path() -> str:
    return os.environ.get("CHROMIUM") or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo, served. Decisions stand after two seconds instead of a minute."""
    server = Server(
        tmp_path_factory.mktemp("installation") / "data", XUEZHAO_DEMO_ENABLED="true", XUEZHAO_PHOTOS_UNDO_SECONDS="2"
    )
    prepared = server.command("prepare")
    assert prepared.returncode == 0, prepared.stderr[-3000:]
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = chromium_path()
    if not Path(chromium).exists():
        if os.environ.get("SKIP_BROWSER") == "1":
            pytest.skip("SKIP_BROWSER=1 and there is no Chromium")
        pytest.fail("there is no Chromium: `make test` as root installs it, or set CHROMIUM to its path")
    opened = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
    yield opened
    opened.close()


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, installation: Server) -> Iterator[Opener]:
    """open_page(phone=True): a fresh browser. Any error of a page's script fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opened(*, phone: bool = False, script: bool = True, dark: bool = False, **options: object) -> Page:
        context = browser.new_context(
            base_url=installation.address,
            viewport={"width": 360, "height": 780} if phone else {"width": 1280, "height": 800},
            user_agent=WECHAT if phone else None,
            is_mobile=phone,
            has_touch=phone,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                problems.append(f"{page.url}: {message.text}")
                if message.type == "error" and "status of 4" not in message.text
                else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio(FaceNetworks(PROJECT / "models"))


@pytest.fixture(scope="session")
def good_picture(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compliant portrait, as a phone would take it."""
    path = tmp_path_factory.mktemp("pictures") / "IMG_0001.jpg"
    path.write_bytes(studio.take(Wish()))
    return path


@pytest.fixture(scope="session")
def bad_picture(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Teeth, and a red wall."""
    path = tmp_path_factory.mktemp("pictures") / "微信图片_😀.jpg"
    path.write_bytes(studio.take(Wish(smiling=True, wall=(196, 64, 54))))
    return path


@pytest.fixture(scope="session")
def films(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, analyser = tmp_path_factory.mktemp("films"), FaceNetworks(PROJECT / "models")
    scenes = {"lesson": lesson(), "right": [right(1)], "marked": [right(1, marked=True)]}
    return {name: shoot(folder / f"{name}.mjpeg", studio, analyser, film) for name, film in scenes.items()}


@pytest.fixture(scope="session")
def sign_ins() -> dict[str, Any]:
    """Student number -> cookies of a sign-in that no test ends: many phones need not sign in anew."""
    return {}


@pytest.fixture
def open_camera(
    playwright: Playwright,
    films: dict[str, Path],
    installation: Server,
    browser: object,
    sign_ins: dict[str, Any],
) -> Iterator[CameraOpener]:
    """open_camera("right"): a phone whose camera shows this film, signed in, on the camera page.

    allowed=False: Chromium itself refuses the camera, as after a tap on "don't allow".
    """
    opened, problems = [], []

    def camera(
        film: str = "right",
        *,
        person: Person = LIN,
        script: bool = True,
        before: str = "",
        start: str = "/photo/camera",
        allowed: bool = True,
        agent: str = WECHAT,
    ) -> Page:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                *CHROMIUM_OPTIONS,
                "--use-fake-device-for-media-stream",
                *(["--use-fake-ui-for-media-stream"] if allowed else []),
                f"--use-file-for-fake-video-capture={films[film]}",
            ],
        )
        opened.append(browser)
        context = browser.new_context(
            base_url=installation.address,
            viewport={"width": 360, "height": 780},
            user_agent=agent,
            is_mobile=True,
            has_touch=True,
            java_script_enabled=script,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        if not allowed:
            context.grant_permissions([])  # whoever asks for another is refused
        if before:
            page.add_init_script(before)
        if kept := sign_ins.get(person.student_number):
            context.add_cookies(kept)
        else:
            sign_in(page, person.student_number)
            sign_ins[person.student_number] = context.cookies()
        page.goto(start)
        return page

    yield camera
    for each in opened:
        each.close()
    assert problems == []
