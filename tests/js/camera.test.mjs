/** The camera page's own reasoning, without a browser: geometry, the automatic shot, the voice, sending, problems. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { deliver, freshKey, isFinal, pause } from "../../webapp/assets/js/camera/delivery.js";
import { behind, fitted, met, middle, onScreen, outline } from "../../webapp/assets/js/camera/geometry.js";
import { leaning } from "../../webapp/assets/js/camera/level.js";
import { hopeless, platformOf, problemOf } from "../../webapp/assets/js/camera/problems.js";
import { COUNTS, COUNT_MS, NOTHING, SILENT_MS, phase, seen } from "../../webapp/assets/js/camera/shutter.js";
import { AGAIN_MS, PAUSE_MS, SETTLED_MS, SILENCE, hear } from "../../webapp/assets/js/camera/voice.js";
import { STALLED_MS, post } from "../../webapp/assets/js/lib/post.js";
import { wantedSize } from "../../webapp/assets/js/lib/reduce.js";

const HOLD = 1000;
const GUIDE = {
  head_top: [0.078, 0.172],
  eye_line: [0.3125, 0.46875],
  face_width: [0.375, 0.625],
  wanted: { head_top: 0.125, eye_line: 0.39, face_width: 0.46 },
};

/** Looks every `step` milliseconds; `looks` says of each whether everything holds. */
function watch(looks, step = 100) {
  let state = NOTHING;
  return looks.map((ready, number) => {
    state = seen(state, ready, number * step);
    return phase(state, number * step, HOLD);
  });
}

test("the middle of a picture is the largest 3:4 part of it", () => {
  assert.deepEqual(middle(1920, 1080), { x: 555, y: 0, width: 810, height: 1080 });
  assert.deepEqual(middle(1080, 1920), { x: 0, y: 240, width: 1080, height: 1440 });
  assert.deepEqual(middle(720, 960), { x: 0, y: 0, width: 720, height: 960 });
});

test("a frame fits its place, whichever side is short", () => {
  assert.deepEqual(fitted({ width: 360, height: 600 }), { x: 0, y: 60, width: 360, height: 480 });
  assert.deepEqual(fitted({ width: 1280, height: 480 }), { x: 460, y: 0, width: 360, height: 480 });
});

test("the picture lies so that its middle fills the frame", () => {
  const frame = { x: 100, y: 50, width: 300, height: 400 };
  const wide = behind(frame, 1600, 900);
  const part = middle(1600, 900);
  const scale = wide.width / 1600;
  assert.ok(Math.abs(wide.x + part.x * scale - frame.x) < 0.01);
  assert.ok(Math.abs(wide.y + part.y * scale - frame.y) < 0.01);
  assert.ok(Math.abs(part.height * scale - frame.height) < 0.5);
});

test("the drawn head reaches from the wanted head top to below the wanted eyes", () => {
  const { top, eyes, chin, collar } = outline(GUIDE);
  assert.ok(top < eyes && eyes < chin && chin < collar && collar < 640);
});

test("a band is met by its finding; the head top by the place of the head", () => {
  const findings = [{ code: "EYE_LINE", verdict: "ok" }, { code: "FACE_WIDTH", verdict: "bad" }];
  const points = { headTop: 0.12, eyes: [0.5, 0.4], chin: 0.6 };
  assert.deepEqual(met({ findings, points }, GUIDE), { headTop: "yes", eyes: "yes", faceWidth: "no" });
  assert.equal(met({ findings, points: { ...points, headTop: 0.02 } }, GUIDE).headTop, "no");
  assert.deepEqual(met(null, GUIDE), { headTop: "unknown", eyes: "unknown", faceWidth: "unknown" });
});

test("left and right change places in a mirrored preview only", () => {
  assert.equal(onScreen("left", true), "right");
  assert.equal(onScreen("right", true), "left");
  assert.equal(onScreen("left", false), "left");
  assert.equal(onScreen("low", true), "low");
  assert.equal(onScreen(null, true), null);
});

test("everything holds for a second, three counts, then the shot", () => {
  const names = watch(Array(40).fill(true)).map((one) => one.name);
  const lasts = (name) => names.filter((one) => one === name).length;
  assert.equal(names[0], "holding");
  assert.equal(lasts("holding"), HOLD / 100);
  assert.equal(lasts("counting"), (COUNTS * COUNT_MS) / 100);
  assert.equal(names[(HOLD + COUNTS * COUNT_MS) / 100], "shoot");
});

test("the count is 3, 2, 1 and the ring only grows", () => {
  const counting = watch(Array(40).fill(true)).filter((one) => one.name === "counting");
  assert.deepEqual([...new Set(counting.map((one) => one.left))], [3, 2, 1]);
  assert.ok(counting.every((one, place) => place === 0 || one.share > counting[place - 1].share));
});

test("one failed look ends the count at once, and the second begins anew", () => {
  const looks = Array(60).fill(true);
  looks[20] = false;
  const names = watch(looks).map((one) => one.name);
  assert.equal(names[19], "counting");
  assert.equal(names[20], "watching");
  assert.equal(names[21], "holding");
  assert.equal(names.indexOf("shoot"), 21 + (HOLD + COUNTS * COUNT_MS) / 100);
});

test("an engine that falls silent takes no picture", () => {
  const state = seen(seen(NOTHING, true, 0), true, 900); // the shot would come at 3100
  assert.equal(phase(state, 900 + SILENT_MS, HOLD).name, "counting");
  assert.equal(phase(state, 901 + SILENT_MS, HOLD).name, "watching");
  assert.equal(seen(state, true, 901 + SILENT_MS).since, 901 + SILENT_MS);
});

test("looks that come slowly count as well", () => {
  assert.equal(watch(Array(8).fill(true), 500).at(-1).name, "shoot");
});

/** Says what is shown, each for so long, in steps of 100 ms. */
function spoken(script) {
  let [state, now, heard] = [SILENCE, 0, []];
  for (const [words, ms] of script) {
    for (const end = now + ms; now < end; now += 100) {
      const next = hear(state, words, now);
      state = next.state;
      if (next.say) heard.push([now, next.say]);
    }
  }
  return heard;
}

test("a hint that flickers by is not spoken, one that stays is, once", () => {
  const heard = spoken([["nearer", SETTLED_MS - 100], ["left", 2000]]);
  assert.deepEqual(heard.map(([, words]) => words), ["left"]);
});

test("between two sentences there is a pause", () => {
  const heard = spoken([["nearer", 1000], ["left", 5000]]);
  assert.equal(heard.length, 2);
  assert.ok(heard[1][0] - heard[0][0] >= PAUSE_MS);
});

test("a hint that is not followed is repeated after a while", () => {
  const heard = spoken([["nearer", AGAIN_MS + 2000]]);
  assert.equal(heard.length, 2);
  assert.ok(heard[1][0] - heard[0][0] >= AGAIN_MS);
});

test("waiting doubles, half of it is chance, and it never grows beyond half a minute", () => {
  assert.equal(pause(1, () => 0), 500);
  assert.equal(pause(1, () => 1), 1000);
  assert.equal(pause(3, () => 1), 4000);
  assert.equal(pause(20, () => 1), 30000);
});

test("which answers are final", () => {
  assert.deepEqual([200, 400, 403, 413, 422].map(isFinal), Array(5).fill(true));
  assert.deepEqual([0, 408, 429, 500, 502, 503].map(isFinal), Array(6).fill(false));
});

test("a picture is sent until it has arrived, and then no more", async () => {
  const answers = [0, 503, 200, 200];
  const waited = [];
  const answer = await deliver(async () => ({ status: answers.shift() }), {
    wait: async (ms) => waited.push(ms),
    chance: () => 1,
  });
  assert.deepEqual([answer.status, waited, answers.length], [200, [1000, 2000], 1]);
});

test("a refused picture is not sent again", async () => {
  let tries = 0;
  const send = async () => ({ status: [422][tries++] });
  const answer = await deliver(send, { wait: async () => assert.fail("nothing to wait for") });
  assert.deepEqual([answer.status, tries], [422, 1]);
});

/** A request over a line that can be moved by hand; only what post() needs of one. */
function handMade() {
  const request = { upload: {}, status: 0, open() {}, send() {}, abort() { request.onabort(); } };
  return request;
}

test("a line that moves is waited for, one that is silent is given up and counts as broken", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [request, shares] = [handMade(), []];
  let ended = null;
  const sent = post("/photo/check", null, { request, onprogress: (share) => shares.push(share) }).then((how) => { ended = how; });
  for (const loaded of [1, 2, 3]) {
    t.mock.timers.tick(STALLED_MS - 1);
    request.upload.onprogress({ loaded, total: 4 });
  }
  request.upload.onload();
  t.mock.timers.tick(STALLED_MS - 1);
  await Promise.resolve();
  assert.equal(ended, null, "slow is not broken");
  t.mock.timers.tick(1);
  await sent;
  assert.deepEqual([ended.status, shares], [0, [0.25, 0.5, 0.75, 1]]);
  assert.equal(isFinal(ended.status), false, "the ordinary next try follows");
});

test("a line that never moves is given up too, and an answer ends the wait", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const silent = handMade();
  const sent = post("/photo/check", null, { request: silent });
  t.mock.timers.tick(STALLED_MS);
  assert.equal((await sent).status, 0);
  const quick = handMade();
  const answered = post("/photo/check", null, { request: quick });
  Object.assign(quick, { status: 200, abort: () => assert.fail("answered already") });
  quick.onload();
  t.mock.timers.tick(STALLED_MS * 2);
  assert.equal((await answered).status, 200);
});

test("every picture has a key of its own that the server takes", () => {
  const keys = Array.from({ length: 50 }, freshKey);
  assert.equal(new Set(keys).size, 50);
  assert.ok(keys.every((key) => /^[0-9a-f]{32}$/.test(key)));
});

test("every error of a camera has its sentence", () => {
  const known = {
    NotAllowedError: "denied", NotReadableError: "in_use", NotFoundError: "missing", OverconstrainedError: "unfitting",
    SecurityError: "insecure", AbortError: "aborted", TimeoutError: "black", TypeError: "unknown",
  };
  for (const [name, word] of Object.entries(known)) assert.equal(problemOf({ name }), word);
  assert.equal(problemOf(undefined), "unknown");
});

test("a camera is hopeless at an insecure address, and in a browser that has none; only WeChat is told to update WeChat", () => {
  const wechat = "Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0.1";
  assert.equal(hopeless({ secure: false, devices: false, agent: wechat }), "insecure");
  assert.equal(hopeless({ secure: true, devices: false, agent: wechat }), "old_wechat");
  assert.equal(hopeless({ secure: true, devices: false, agent: "Firefox/120" }), "unsupported");
  assert.equal(hopeless({ secure: true, devices: true, agent: wechat }), "");
});

test("where to allow the camera depends on the device", () => {
  const wechat = "Mozilla/5.0 (Linux; Android 13) XWEB/1160117 MicroMessenger/8.0.47";
  assert.equal(platformOf(wechat), "wechat_android");
  assert.equal(platformOf("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) MicroMessenger/8.0.50"), "wechat_ios");
  assert.equal(platformOf("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Safari"), "ios");
  assert.equal(platformOf("Mozilla/5.0 (Linux; Android 13) Chrome/120"), "android");
  assert.equal(platformOf("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0"), "computer");
});

test("an upright phone is level, and leans by as much as it is turned", () => {
  assert.ok(Math.abs(leaning(90, 0, 0)) < 0.01);
  const [one, other] = [leaning(70, 10, 0), leaning(70, -10, 0)];
  assert.ok(Math.abs(one + other) < 0.01 && Math.abs(one) > 2);
  assert.ok(Math.abs(leaning(0, -90, 270)) < 0.01 || Math.abs(leaning(0, 90, 90)) < 0.01, "lying on its side");
  assert.equal(leaning(0, 0, 0), null);
  assert.equal(leaning(null, null, 0), null);
});

test("a picture above 4096 pixels is reduced, any other stays as it is", () => {
  assert.equal(wantedSize(4096, 3072), null);
  assert.deepEqual(wantedSize(8192, 6144), { width: 4096, height: 3072 });
  assert.deepEqual(wantedSize(3000, 6000), { width: 2048, height: 4096 });
});
