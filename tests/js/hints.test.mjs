/** The live hints in the browser change exactly when the server's would. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { NOTHING, ready, steady } from "../../webapp/assets/js/engine/hints.js";
import { cases } from "./cases.mjs";

const { settings, sequences } = cases;

test("a sequence of frames shows the same hints as on the server", () => {
  assert.ok(sequences.length > 50);
  for (const { frames, shown: expected } of sequences) {
    let shown = NOTHING;
    const seen = frames.map((findings) => (shown = steady(shown, findings, settings)));
    assert.deepEqual(seen, expected);
  }
});

const right = settings.checks.map(({ code }) => ({ code, verdict: "ok" }));

test("the picture is taken by itself when every hard check was made and is right", () => {
  assert.equal(ready(right, settings), true);
  for (const [place, { hard }] of settings.checks.entries()) {
    for (const verdict of ["doubt", "bad", "unknown"]) {
      const findings = right.map((one, at) => (at === place ? { ...one, verdict } : one));
      assert.equal(ready(findings, settings), !hard, `${right[place].code} ${verdict}`);
    }
    assert.equal(ready(right.filter((_, at) => at !== place), settings), !hard);
  }
});
