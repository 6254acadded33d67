/** Which engine is used, and what happens when it is not the right one. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isCapable } from "../../webapp/assets/js/engine/device-engine.js";
import { openEngine } from "../../webapp/assets/js/engine/engine.js";
import { backOff, median, pick } from "../../webapp/assets/js/engine/pace.js";
import { cases } from "./cases.mjs";

const data = { settings: cases.settings, frame_address: "/frame", engine: {} };

test("without workers and graphics the server looks", async () => {
  assert.equal(isCapable(), false);
  const engine = await openEngine({ data, csrf: "" });
  assert.equal(engine.kind, "server");
  assert.equal(engine.delegate, null);
});

test("who wants the phone only gets it or a plain word", async () => {
  await assert.rejects(openEngine({ data, csrf: "", prefer: "device" }), { name: "EngineProblem", code: "none" });
});

test("the middle of some times", () => {
  assert.equal(median([30, 10, 20]), 20);
  assert.equal(median([40, 10, 20, 30]), 25);
});

test("another way of computing has to be clearly quicker", () => {
  assert.equal(pick(100, 79), "second");
  assert.equal(pick(100, 81), "first");
});

test("waiting grows and has an end", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map(backOff), [0, 1000, 2000, 4000, 8000, 8000, 8000]);
});
