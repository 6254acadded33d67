"""What the camera page says is true: what leaves the phone, what stays on it, why there is no camera, how to go on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Opener
from tests.journeys.people import sees, sign_in, word
from tests.journeys.phone import CHECK, GONE, LIN, CameraOpener, press_shutter, state_is, take, use

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

# an engine on the phone that starts and then fails; what the page says whenever a frame goes up is kept
FAILING = """
window.Worker = class {
  postMessage(message) {
    setTimeout(() => this.onmessage({ data: message.open ? { opened: 'CPU' } : { failed: 'gone' } }));
  }
  terminate() {}
};
window.atFrames = [];
const send = window.fetch;
window.fetch = (address, ...rest) => {
  if (String(address).includes('/photos/frame')) {
    const said = (part) => document.querySelector(`live-camera [data-part=${part}]`).textContent.trim();
    document.documentElement.dataset.frames = '';
    window.atFrames.push([said('engine'), said('hint'), said('voice')]);
  }
  return send(address, ...rest);
};
"""
# on its way every picture becomes something that is none
BROKEN = """
const append = FormData.prototype.append;
FormData.prototype.append = function (name, value, ...rest) {
  return append.call(this, name, value instanceof Blob ? new Blob(['none'], { type: 'image/jpeg' }) : value, ...rest);
};
"""
# whatever the page may say while it is live, in these languages, that makes the place of the hint grow
TOO_HIGH = """async (languages) => {
  const plate = document.querySelector('[data-part=hint]');
  const least = parseFloat(getComputedStyle(plate).minBlockSize);
  const high = [];
  plate.dataset.tone = 'do';
  for (const language of languages) {
    const answer = await fetch(location, { headers: { 'Accept-Language': language } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const words = JSON.parse(page.querySelector('[data-words]').textContent);
    const all = [...Object.values(words.hints).flatMap(Object.values), ...Object.values(words.spoken)];
    for (const each of all) {
      plate.querySelector('.camera__said').textContent = each;
      if (plate.getBoundingClientRect().height > least) high.push(each);
    }
    if (all.length < 20 || page.documentElement.lang !== language) high.push(language);
  }
  return high;
}"""
# everything the picker says, in its order
SAID = """() => {
  window.said = [];
  const line = document.querySelector('.photo-picker__said');
  new MutationObserver(() => window.said.push(line.textContent)).observe(line, { childList: true });
}"""
REFUSES_TO_STORE = "IDBFactory.prototype.open = () => { throw new DOMException('x', 'SecurityError'); };"


def test_a_phone_that_hands_over_to_the_server_says_so_before_the_first_frame_leaves(open_camera: CameraOpener) -> None:
    page = open_camera("lesson", before=FAILING)
    sees(page, "camera.start.privacy")
    page.locator("[data-do=helper]").first.click()
    expect(page.locator("html[data-frames]")).to_be_attached()
    engine, hint, voice = page.evaluate("window.atFrames[0]")
    assert engine == word("camera.engine.server")
    assert (hint, voice) == (word("camera.engine.now_server"),) * 2


def test_where_the_browser_stores_nothing_the_page_does_not_say_that_the_shot_stays(
    open_camera: CameraOpener, good_picture: Path
) -> None:
    page = open_camera(before=REFUSES_TO_STORE)
    take(page)
    page.route(CHECK, lambda route: route.abort())
    use(page)
    sees(page, "camera.sending.not_kept")
    expect(page.get_by_text(word("camera.sending.kept"))).to_be_hidden()
    page.goto("/photo")
    page.set_input_files("#album", good_picture)
    sees(page, "photo.later_here")


def test_a_very_large_picture_is_made_smaller_on_the_phone_before_it_is_measured(
    open_camera: CameraOpener, good_picture: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.jpg"
    lying = Image.Exif()
    lying[0x0112] = 6  # the phone was upright, its sensor lies: to be turned a quarter to the right
    with Image.open(good_picture) as picture:
        sensor = picture.resize((3840, 5120)).transpose(Image.Transpose.ROTATE_90)
        sensor.save(large, quality=98, exif=lying)
    page = open_camera(start="/photo")
    picker, album = page.locator("photo-picker"), page.locator("#album")
    picker.evaluate("(picker) => { picker.dataset.maxBytes = 1000; }")
    album.set_input_files(large)
    expect(picker).to_contain_text(word("photo.too_big", megabytes=20))
    assert not album.evaluate("(input) => input.validity.valid"), "still too large when it is smaller"

    picker.evaluate("(picker, most) => { picker.dataset.maxBytes = most; }", large.stat().st_size - 1)
    page.evaluate(SAID)
    held: list[Route] = []
    page.route(CHECK, lambda route: held.append(route))
    album.set_input_files(large)
    expect(picker).to_contain_text(word("photo.reduced"))
    assert any(word("photo.reducing") in said for said in page.evaluate("window.said")), "while it is made smaller"
    assert album.evaluate("(input) => input.validity.valid")
    picked = album.evaluate(
        "async (input) => { const p = await createImageBitmap(input.files[0]); return [p.width, p.height]; }"
    )
    assert picked == [3072, 4096], "what the form sends"
    held[0].continue_()
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))
    expect(page.locator("h1")).to_have_text(re.compile(f"{word('photo.verdict.pass')}|{word('photo.verdict.review')}"))


def test_an_old_browser_outside_of_wechat_is_not_told_to_update_wechat(open_camera: CameraOpener) -> None:
    page = open_camera(before=GONE, agent="Mozilla/5.0 (Linux; Android 13) Chrome/70.0 Mobile Safari/537.36")
    state_is(page, "problem")
    sees(page, "camera.problem.unsupported.text")
    assert "微信" not in page.locator("div[data-problem=unsupported]").inner_text()
    page.locator("[data-panel=problem] [data-do=again]").click()
    sees(page, "camera.problem.unsupported.text")

    too_high = page.evaluate(TOO_HIGH, ["zh-CN", "en"])
    assert too_high == [], "a hint of more than two lines would cover the picture"


def test_chromium_itself_may_refuse_the_camera(open_camera: CameraOpener) -> None:
    page = open_camera(allowed=False)
    page.locator("[data-do=helper]").first.click()
    state_is(page, "problem")
    sees(page, "camera.problem.denied.title")


def test_a_camera_that_is_taken_away_is_said(open_camera: CameraOpener) -> None:
    page = open_camera("lesson")
    page.locator("[data-do=helper]").first.click()
    expect(page.locator("live-camera[data-playing]")).to_be_attached()
    page.evaluate(
        "document.querySelector('live-camera video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    state_is(page, "problem")
    sees(page, "camera.problem.ended.title")


def test_a_picture_that_the_server_refuses_is_said_with_its_sentence(open_camera: CameraOpener) -> None:
    page = open_camera(before=BROKEN)
    take(page)
    use(page)
    state_is(page, "problem")
    sees(page, "camera.problem.refused.title")
    expect(page.locator("div[data-problem=refused] [data-said]")).to_contain_text(word("finding.reason.not_a_picture"))
    page.locator("[data-panel=problem] [data-do=again]").click()
    press_shutter(page)


@pytest.mark.parametrize("address", ["/photo", "/photo/camera"])
def test_on_a_computer_a_code_leads_to_the_phone_without_script_too(address: str, open_page: Opener) -> None:
    def page_of(*, phone: bool) -> Page:
        page = open_page(phone=phone, script=False)
        sign_in(page, LIN.student_number)
        page.goto(address)
        return page

    page = page_of(phone=False)
    code = page.locator(".on-phone:visible")
    expect(code.locator("svg")).to_be_visible()
    expect(code).to_contain_text("/photo/camera")
    expect(page_of(phone=True).locator(".on-phone:visible")).to_have_count(0)
