"""A phone on the camera page: who holds it, what its camera refuses, and the steps to a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from backend.demo.people import PEOPLE

LIN, ZHAO = PEOPLE[44], PEOPLE[49]  # have everything but the photo
CHECK = "**/photo/check"
GONE = "navigator.mediaDevices.getUserMedia = undefined"
REFUSED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('x', '{name}'))"
CameraOpener = Callable[..., Page]


def wire_bytes(page: Page) -> dict[str, int]:
    """From now on: address -> bytes over the wire, body and headers, of everything the page fetches, as if for the
    first time. Filled while it is fetched.
    """
    chromium = page.context.new_cdp_session(page)
    chromium.send("Network.enable")
    chromium.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def asked(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def came(event: dict[str, Any]) -> None:
        address = addresses.get(event["requestId"])
        if address is not None:  # else it was on its way before: of the page that is left
            sizes[address] = sizes.get(address, 0) + event["encodedDataLength"]

    chromium.on("Network.requestWillBeSent", asked)
    chromium.on("Network.loadingFinished", came)
    return sizes


def state_is(page: Page, state: str, timeout: float = 20_000) -> None:
    expect(page.locator(f"live-camera[data-state={state}]")).to_be_attached(timeout=timeout)


def take(page: Page, who: str = "helper") -> None:
    """From the start to a picture taken by hand."""
    page.locator(f"[data-do={who}]").first.click()
    press_shutter(page)


def press_shutter(page: Page) -> None:
    expect(page.locator("live-camera[data-playing]")).to_be_attached()
    page.locator("[data-do=shutter]").click()
    state_is(page, "shot")


def use(page: Page) -> None:
    page.locator("[data-panel=shot] [data-do=use]").click()


def waiting_shots(page: Page) -> int:
    return int(
        page.evaluate("""() => new Promise((done) => {
          const asked = indexedDB.open('xuezhao-shots', 1);
          asked.onupgradeneeded = () => asked.result.createObjectStore('shots', { keyPath: 'key' });
          asked.onsuccess = () => {
            const count = asked.result.transaction('shots').objectStore('shots').count();
            count.onsuccess = () => { asked.result.close(); done(count.result); };
          };
        })""")
    )
