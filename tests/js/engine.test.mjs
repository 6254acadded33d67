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

/** A browser with all that the engine needs, or with something else in its place. */
function within(changed, what) {
  class OffscreenCanvas {
    getContext = () => (changed.webgl2 === null ? null : { getExtension: () => null });
  }
  const whole = { Worker: class {}, createImageBitmap() {}, ReadableStream, OffscreenCanvas, navigator: { deviceMemory: 4 }, WebAssembly };
  const browser = { ...whole, ...changed };
  const before = new Map(Object.keys(browser).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  try {
    for (const [name, value] of Object.entries(browser)) {
      delete globalThis[name];
      if (value !== null) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    return what();
  } finally {
    for (const [name, descriptor] of before) {
      delete globalThis[name];
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

test("a phone is only asked when it has what the engine needs", () => {
  assert.equal(within({}, isCapable), true);
  const lacking = {
    workers: { Worker: null },
    "pictures to hand over": { createImageBitmap: null },
    "a download that can be counted": { ReadableStream: null },
    WebAssembly: { WebAssembly: null },
    vectors: { WebAssembly: { validate: () => false, compileStreaming() {} } },
    "compiling while it comes": { WebAssembly: { validate: () => true } },
    "a canvas in a worker": { OffscreenCanvas: null },
    WebGL: { webgl2: null },
    memory: { navigator: { deviceMemory: 1 } },
    "data to spend": { navigator: { connection: { saveData: true } } },
  };
  for (const [what, changed] of Object.entries(lacking)) assert.equal(within(changed, isCapable), false, `without ${what}`);
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
