/** Frames to the server: one under way, not too many, fewer when the line is bad, and an end to trying. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { openServer } from "../../webapp/assets/js/engine/server-engine.js";
import { cases } from "./cases.mjs";

const { settings } = cases;
const PAUSE = settings.sending.pause_ms;
const GOOD = { findings: [], retry_after_ms: PAUSE };

/** An engine whose clock and line are in our hands. */
function engine(answers) {
  const world = { now: 1000, sent: [], takes: 0 };
  const send = async (address, options) => {
    world.sent.push({ address, at: world.now, ...options });
    world.now += world.takes;
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    const { status = 200, body = GOOD } = answer;
    return { status, json: async () => body };
  };
  const data = { settings, frame_address: "/api/v1/photos/frame" };
  const opened = openServer({ data, csrf: "token", send, clock: () => world.now, encode: async () => "jpeg" });
  return { ...world, world, look: () => opened.look("frame"), close: opened.close };
}

test("a frame is sent as the server wants it", async () => {
  const { look, world } = engine([{}]);
  assert.deepEqual(await look(), GOOD);
  const [{ address, method, headers, body, redirect }] = world.sent;
  assert.deepEqual([address, method, body, redirect], ["/api/v1/photos/frame", "POST", "jpeg", "error"]);
  assert.equal(headers["Content-Type"], "image/jpeg");
  assert.equal(headers["X-CSRFToken"], "token");
});

test("only one frame is under way", async () => {
  const { look, world } = engine([{}]);
  const [first, second] = await Promise.all([look(), look()]);
  assert.deepEqual([first, second], [GOOD, null]);
  assert.equal(world.sent.length, 1);
});

test("never more than three frames a second are sent", async () => {
  const { look, world } = engine([{}]);
  for (; world.now < 11_000; world.now += 16) await look();
  assert.ok(world.sent.length > 25 && world.sent.length <= 30, `${world.sent.length} in ten seconds`);
  for (const { at } of world.sent) {
    assert.ok(world.sent.filter((one) => one.at >= at && one.at < at + 1000).length <= 3);
  }
});

test("a slow server is asked as seldom as it wishes", async () => {
  const { look, world } = engine([{ body: { ...GOOD, retry_after_ms: 2000 } }]);
  for (; world.now < 11_000; world.now += 100) await look();
  assert.equal(world.sent.length, 5);
});

for (const status of [429, 503]) {
  test(`${status}: the engine waits as it is told, longer each time, and goes on`, async () => {
    const { look, world } = engine([{ status, body: { code: `http_${status}`, retry_after_ms: 1500 } }]);
    const times = [];
    for (; world.now < 20_000; world.now += 100) {
      const before = world.sent.length;
      assert.equal(await look(), null);
      if (world.sent.length > before) times.push(world.now);
    }
    const waits = times.slice(1).map((time, at) => time - times[at]);
    assert.ok(waits[0] >= 1500 && waits.every((wait, at) => at === 0 || wait >= waits[at - 1]), `${waits}`);
    assert.ok(times.length < 8);
  });
}

test("after some broken tries in a row the server counts as lost", async () => {
  const { look, world } = engine([new TypeError("Failed to fetch")]);
  const problems = [];
  for (; world.now < 60_000 && !problems.length; world.now += 100) await look().catch((problem) => problems.push(problem));
  assert.equal(problems[0].code, "lost");
  assert.equal(world.sent.length, 5);
});

test("one answer in between begins the count anew", async () => {
  const broken = new TypeError("Failed to fetch");
  const { look, world } = engine([broken, broken, broken, broken, {}, broken, broken, broken, broken, {}]);
  for (; world.now < 60_000; world.now += 100) await look();
  assert.ok(world.sent.length > 10);
});

for (const [status, code] of [[401, "http_401"], [400, "stale_form"], [409, "consent_missing"], [404, "not_found"]]) {
  test(`${status} ${code}: no more frames would help, and the page is told why`, async () => {
    const { look } = engine([{ status, body: { code, message: "…" } }]);
    await assert.rejects(look(), { name: "EngineProblem", code });
  });
}

test("a frame that broke on the way is left out", async () => {
  const { look, world } = engine([{ status: 422, body: { code: "unreadable" } }, {}]);
  assert.equal(await look(), null);
  world.now += 1000;
  assert.deepEqual(await look(), GOOD);
});

test("a closed engine sends nothing", async () => {
  const { look, close, world } = engine([{}]);
  close();
  assert.equal(await look(), null);
  assert.equal(world.sent.length, 0);
});
