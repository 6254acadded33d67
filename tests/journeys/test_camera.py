"""The live camera in a real browser with a fake one: hint by hint to the shot, and every way in which it goes wrong."""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.adapters.database import make_engine
from backend.demo.people import Person
from backend.enrollment.records import Cohort, Student
from backend.photos.records import Photo, PhotoDraft, PhotoVersion
from tests.journeys.people import press, sees, sign_in, word
from tests.journeys.phone import (
    CHECK,
    GONE,
    LIN,
    REFUSED,
    ZHAO,
    CameraOpener,
    press_shutter,
    state_is,
    take,
    use,
    waiting_shots,
    wire_bytes,
)
from tests.journeys.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

ENGINE = re.compile(r"/vendor/\w+/mediapipe/|mediapipe")


@contextmanager
def database(installation: Server) -> Iterator[Session]:
    engine = make_engine(f"sqlite:///{installation.data / 'xuezhao.sqlite3'}", busy_seconds=10, pool_size=1)
    with Session(engine) as session:
        yield session
    engine.dispose()


def id_of(session: Session, person: Person) -> int:
    return session.scalars(select(Student.id).where(Student.student_number == person.student_number)).one()


def drafts_of(installation: Server, person: Person) -> int:
    with database(installation) as session:
        drafts = select(func.count()).where(PhotoDraft.student_id == id_of(session, person))
        return session.scalar(drafts) or 0


# keeps every hint and every count that the page shows, in their order
TRACE = """() => {
  const [seen, page] = [[], document.querySelector('live-camera')];
  const hint = page.querySelector('[data-part=hint]');
  const ring = page.querySelector('[data-part=ring]');
  const note = (what) => { if (what && seen.at(-1) !== what) seen.push(what); };
  new MutationObserver(() => {
    note(ring.hasAttribute('hidden') ? hint.dataset.code : ring.textContent.trim());
  }).observe(page, { subtree: true, childList: true, characterData: true, attributes: true });
  window.seen = seen;
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts += shift.value;
  }).observe({ type: 'layout-shift', buffered: true });
}"""
MOST_SHIFT = 0.02
MOST_BYTES = 80_000  # of the first view, with headers, without the engine

# what the page shows for each scene of the lesson, in its order
LESSON = ["FACE_WIDTH", "EYE_TILT", "UNDEREXPOSED", "MANY_FACES", "EYES_CLOSED"]


@pytest.mark.parametrize(("kind", "person"), [("device", LIN), ("server", ZHAO)])
def test_hint_by_hint_to_the_automatic_shot_and_the_submitted_photo(
    kind: str, person: Person, open_camera: CameraOpener, installation: Server
) -> None:
    page = open_camera("lesson", person=person, start="/photo/guide")
    if kind == "server":
        page.route(ENGINE, lambda route: route.abort())
    uploaded = []
    page.on("request", lambda request: uploaded.append(request.url) if request.method == "POST" else None)
    first_view = wire_bytes(page)
    press(page, "guide.start")
    page.wait_for_url("**/photo/camera")
    sees(page, "camera.start.privacy")
    page.wait_for_load_state("networkidle")
    assert len(first_view) > 15, "page, styles, scripts and pictures were counted"
    assert sum(first_view.values()) < MOST_BYTES, first_view
    assert not any(ENGINE.search(address) for address in first_view)
    page.evaluate(TRACE)
    started = time.monotonic()
    page.locator("[data-do=helper]").click()
    expect(page.locator(f"live-camera[data-engine={kind}]")).to_be_attached()
    sees(page, f"camera.engine.{kind}")
    state_is(page, "shot", timeout=90_000)
    seen = page.evaluate("window.seen")
    shifts = page.evaluate("window.shifts")
    assert shifts < MOST_SHIFT, "nothing jumps when the engine arrives and hints change"
    told = iter(seen)
    assert all(code in told for code in LESSON), f"every hint in its order: {seen}"
    assert seen[-3:] == ["3", "2", "1"]
    expect(page.locator("[data-part=voice]")).to_have_text(word("camera.shot.spoken"))
    for band in ("headTop", "eyes", "faceWidth"):
        expect(page.locator(f"[data-part=still-guide] [data-band={band}]")).to_have_attribute("data-met", "yes")
    expect(page.locator("[data-part=found] li").first).to_be_visible()
    frames = [address for address in uploaded if "/api/v1/photos/frame" in address]
    assert bool(frames) is (kind == "server")
    assert set(uploaded) <= set(frames), "nothing else leaves the phone before the student says so"

    use(page)
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))
    expect(page.locator("h1")).to_have_text(re.compile(f"{word('photo.verdict.pass')}|{word('photo.verdict.review')}"))
    press(page, "photo.submit")
    page.wait_for_url("**/photo/versions")
    seconds = time.monotonic() - started
    print(f"{kind}: {seconds:.0f} s from the start to the submitted photo, layout shift {shifts:.4f}")
    sees(page, "photo.honest")
    with database(installation) as session:
        versions = select(PhotoVersion.source).join(Photo).where(Photo.student_id == id_of(session, person))
        assert session.scalars(versions.order_by(PhotoVersion.id.desc())).first() == "live"


def test_a_line_that_breaks_in_mid_upload_goes_on_by_itself_and_makes_one_draft(
    open_camera: CameraOpener, installation: Server
) -> None:
    page = open_camera()
    take(page)
    before = drafts_of(installation, LIN)
    tries = []

    def answer_lost(route: Route) -> None:
        """The picture arrives; the answer does not."""
        tries.append(route.request.post_data_buffer)
        if len(tries) == 1:
            route.fetch(max_redirects=0)
        route.abort("connectionreset") if len(tries) < 3 else route.continue_()

    page.route(CHECK, answer_lost)
    use(page)
    sees(page, "camera.sending.kept")
    page.get_by_role("button", name=word("photo.try_now")).click()
    page.context.set_offline(True)
    expect(page.locator("[data-part=sent-words]")).to_have_text(word("camera.sending.offline"), timeout=30_000)
    page.context.set_offline(False)
    page.wait_for_url(re.compile(r"/photo/draft/\d+"), timeout=40_000)
    assert len(tries) >= 3
    assert drafts_of(installation, LIN) == before + 1
    page.goto("/photo/camera")
    state_is(page, "live")  # nothing waits any more, and the chosen camera opens at once


def test_a_shot_outlives_the_page_and_belongs_to_its_student(open_camera: CameraOpener, installation: Server) -> None:
    page = open_camera()
    take(page)
    page.route(CHECK, lambda route: route.abort())
    use(page)
    expect(page.get_by_role("button", name=word("photo.try_now"))).to_be_visible()
    page.goto("/home")  # as if the page had been killed
    sees(page, "camera.kept.title")
    page.unroute(CHECK)
    page.goto("/photo/camera")
    sees(page, "camera.kept.title")
    page.locator("[data-panel=kept] [data-do=use]").click()
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))

    page.goto("/photo/camera")
    press_shutter(page)
    page.context.clear_cookies()  # the sign-in is over without a sign-out, and somebody else takes the phone
    sign_in(page, ZHAO.student_number)
    page.goto("/photo/camera")
    expect(page.locator("live-camera:not([data-state=waiting])")).to_be_attached()
    expect(page.locator("[data-panel=kept]")).to_be_hidden()
    assert waiting_shots(page) == 0, "what another student took is deleted"

    page.goto("/photo/camera")
    press_shutter(page)
    assert waiting_shots(page) == 1
    page.goto("/mine")
    press(page, "ui.sign_out")
    page.wait_for_url(re.compile(r"/sign-in|/$"))
    assert waiting_shots(page) == 0, "signing out leaves nothing"


def test_the_front_camera_is_shown_mirrored_and_never_saved_so(open_camera: CameraOpener) -> None:
    page = open_camera("marked")
    take(page, "alone")
    expect(page.locator("live-camera.camera__live--mirrored")).to_be_attached()
    assert "-1" in page.evaluate("getComputedStyle(document.querySelector('live-camera video')).transform")
    sees(page, "camera.shot.not_mirrored")
    kept = base64.b64decode(page.evaluate(KEPT))
    assert mark_of(kept) == "left", "on the phone"
    use(page)
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))
    src = page.locator(".judged__picture img").get_attribute("src")
    assert src
    assert mark_of(page.request.get(src).body()) == "left", "on the server"


# the bytes that wait on the phone, as the server will get them
KEPT = """() => new Promise((done) => {
  const asked = indexedDB.open('xuezhao-shots', 1);
  asked.onsuccess = () => {
    const all = asked.result.transaction('shots').objectStore('shots').getAll();
    all.onsuccess = () => {
      asked.result.close();
      done(btoa(Array.from(new Uint8Array(all.result[0].bytes), (byte) => String.fromCharCode(byte)).join('')));
    };
  };
})"""


def mark_of(content: bytes) -> str:
    """On which side the red patch is."""
    with Image.open(io.BytesIO(content)) as picture:
        rgb = np.asarray(picture.convert("RGB"), int)
    red = (rgb[..., 0] > 140) & (rgb[..., 1] < 90) & (rgb[..., 2] < 90)
    red[: rgb.shape[0] * 2 // 3] = False
    assert red.sum() > 500
    return "left" if np.nonzero(red)[1].mean() < rgb.shape[1] / 2 else "right"


# a camera that opens and gives no picture
BLACK = """
navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream(0);
"""

# until the camera has been opened
OPENED = """() => new Promise((done) => {
  const video = document.querySelector('live-camera video');
  const look = () => (video.srcObject ? done() : requestAnimationFrame(look));
  look();
})"""
PROBLEMS = {
    "old_wechat": GONE,
    "insecure": "Object.defineProperty(window, 'isSecureContext', { value: false })",
    "in_use": REFUSED.format(name="NotReadableError"),
    "unfitting": REFUSED.format(name="OverconstrainedError"),
    "missing": REFUSED.format(name="NotFoundError"),
    "aborted": REFUSED.format(name="AbortError"),
    "unknown": REFUSED.format(name="SomethingNewError"),
    "black": BLACK,
    "denied": REFUSED.format(name="NotAllowedError"),
}


def test_without_a_camera_there_is_a_sentence_and_the_plain_way(open_camera: CameraOpener, good_picture: Path) -> None:
    page = open_camera()
    for problem, before in PROBLEMS.items():
        page = page.context.new_page()
        page.add_init_script(before)
        if problem == "black":
            page.clock.install()
        page.goto("/photo/camera")
        if problem not in ("old_wechat", "insecure"):
            page.locator("[data-do=helper]").click()
        if problem == "black":
            page.evaluate(OPENED)
            page.clock.fast_forward(8_000)
        state_is(page, "problem")
        sees(page, f"camera.problem.{problem}.title")
        sees(page, f"camera.problem.{problem}.text")
    sees(page, "camera.allow.wechat_android")
    press(page, "camera.other_way")
    page.wait_for_url("**/photo")
    page.set_input_files("#camera", good_picture)
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))


def test_the_plain_inputs_too_go_on_by_themselves_after_a_broken_line(
    open_camera: CameraOpener, good_picture: Path, installation: Server
) -> None:
    page = open_camera(start="/photo")
    before = drafts_of(installation, LIN)
    tries: list[int] = []

    def lost(route: Route) -> None:
        tries.append(1)
        if len(tries) == 1:
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(CHECK, lost)
    page.set_input_files("#album", good_picture)
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))
    assert len(tries) == 2
    assert drafts_of(installation, LIN) == before + 1
    assert waiting_shots(page) == 0


def test_a_page_that_is_left_gives_the_camera_back(open_camera: CameraOpener) -> None:
    page = open_camera("lesson")
    page.locator("[data-do=helper]").first.click()
    expect(page.locator("live-camera[data-playing]")).to_be_attached()
    track = page.evaluate_handle("document.querySelector('live-camera video').srcObject.getVideoTracks()[0]")
    assert track.evaluate("(track) => track.readyState") == "live"
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert track.evaluate("(track) => track.readyState") == "ended"


def test_without_script_the_camera_page_is_the_two_plain_inputs(open_camera: CameraOpener, good_picture: Path) -> None:
    page = open_camera(script=False)
    expect(page.locator("live-camera")).to_be_hidden()
    page.set_input_files("#camera", good_picture)
    press(page, "photo.check")
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))


def test_a_profile_for_live_pictures_takes_one_and_no_album(open_camera: CameraOpener, installation: Server) -> None:
    with database(installation) as session:
        own = session.scalars(select(Student.cohort_id).where(Student.id == id_of(session, ZHAO))).one()
        cohort = Cohort(code="LIVE", name="现场拍摄批次", photo_profile="live-capture")
        session.add(cohort)
        session.flush()
        session.execute(update(Student).where(Student.id == id_of(session, ZHAO)).values(cohort_id=cohort.id))
        session.commit()
    page = open_camera(person=ZHAO, start="/photo")
    assert page.locator("#album").count() == 0
    page.goto("/photo/camera")
    expect(page.locator("[data-panel=start]")).to_contain_text(word("photo.live_only"))
    take(page)
    use(page)
    page.wait_for_url(re.compile(r"/photo/draft/\d+"))
    with database(installation) as session:
        assert session.scalars(select(PhotoDraft.source).order_by(PhotoDraft.id.desc())).first() == "live"
        session.execute(update(Student).where(Student.id == id_of(session, ZHAO)).values(cohort_id=own))
        session.commit()


# a phone with a lamp and two cameras; what is asked of it is kept
PHONE = """
window.asked = [];
const able = MediaStreamTrack.prototype.getCapabilities;
MediaStreamTrack.prototype.getCapabilities = function () { return { ...able.call(this), torch: true }; };
MediaStreamTrack.prototype.applyConstraints = async (wanted) => window.asked.push(['torch', wanted.advanced[0].torch]);
const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
devices.getUserMedia = (wanted) => {
  window.asked.push(["facing", wanted.video.facingMode.ideal]);
  return open(wanted);
};
devices.enumerateDevices = async () => [{ kind: 'videoinput' }, { kind: 'videoinput' }];
"""


def test_the_lamp_and_the_other_camera_are_at_hand_where_the_phone_has_them(
    open_camera: CameraOpener,
) -> None:
    page = open_camera("lesson", before=PHONE)  # it begins too far away: no shot goes off by itself
    page.locator("[data-do=helper]").first.click()
    expect(page.locator("live-camera[data-playing=environment]")).to_be_attached()
    torch = page.locator("[data-do=torch]")
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "true")
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "false")
    page.locator("[data-do=flip]").click()
    expect(page.locator("live-camera[data-playing=user]")).to_be_attached()
    expect(page.locator("live-camera.camera__live--mirrored")).to_be_attached()
    assert page.evaluate("window.asked") == [
        *(["facing", "environment"], ["torch", True], ["torch", False], ["facing", "user"]),
    ]


def test_the_level_tells_how_the_phone_leans(open_camera: CameraOpener) -> None:
    page = open_camera("lesson")  # it begins too far away: no shot goes off by itself
    page.locator("[data-do=helper]").first.click()
    expect(page.locator("live-camera[data-playing=environment]")).to_be_attached()
    level, ask = page.locator("[data-part=level]"), page.locator("[data-do=level]")
    expect(level).to_be_hidden()
    # offered by browsers that know the question; some Chromiums do not
    expect(ask).to_be_visible(visible=page.evaluate("'requestPermission' in DeviceOrientationEvent"))
    phone = page.context.new_cdp_session(page)

    def hold(beta: float, gamma: float) -> None:
        phone.send("DeviceOrientation.setDeviceOrientationOverride", {"alpha": 0, "beta": beta, "gamma": gamma})

    hold(80, 20)
    expect(level).to_be_visible()
    expect(level).to_have_attribute("data-level", "no")
    expect(level).to_have_text(word("camera.level.no"))
    hold(88, 0)
    expect(level).to_have_attribute("data-level", "yes")
    expect(level).to_have_text(word("camera.level.yes"))
    expect(ask).to_be_hidden()
    hold(0, 0)  # lying flat, nothing can be told
    expect(level).to_be_hidden()


# an iPhone: silent until it was asked, by a finger, and told yes
ASKING = """
const listens = window.addEventListener.bind(window);
let granted = false;
DeviceOrientationEvent.requestPermission = async () => { granted = true; return "granted"; };
window.addEventListener = (name, ...rest) => { if (name !== "deviceorientation" || granted) listens(name, ...rest); };
"""


def test_a_phone_that_wants_to_be_asked_for_its_level_is_asked_once(open_camera: CameraOpener) -> None:
    page = open_camera("lesson", before=ASKING)
    page.locator("[data-do=helper]").first.click()
    level, ask = page.locator("[data-part=level]"), page.locator("[data-do=level]")
    ask.click()
    expect(ask).to_be_hidden()
    page.context.new_cdp_session(page).send(
        "DeviceOrientation.setDeviceOrientationOverride", {"alpha": 0, "beta": 88, "gamma": 1}
    )
    expect(level).to_have_attribute("data-level", "yes")
    page.locator("[data-do=flip]").click(force=True)
    expect(ask).to_be_hidden()
