/** The same points and pixels give the same findings as on the server. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { judge, sightOf } from "../../webapp/assets/js/engine/checks.js";
import { MEASURES } from "../../webapp/assets/js/engine/measures.js";
import { cases } from "./cases.mjs";

const { settings, bands, looks } = cases;

test("every check of a frame can be measured", () => {
  assert.deepEqual(Object.keys(MEASURES).sort(), settings.checks.map(({ code }) => code).sort());
});

test("a value is judged as on the server, at every limit", () => {
  assert.ok(bands.length > 50);
  for (const { band, value, verdict } of bands) assert.equal(judge(value, band), verdict, JSON.stringify({ band, value }));
});

for (const { name, meshes, pixels, width, height, sight } of looks) {
  test(`the findings are the server's: ${name}`, () => {
    const data = new Uint8ClampedArray(Buffer.from(pixels, "base64"));
    const faces = meshes.map((points) => Float32Array.from(points));
    const ours = sightOf(faces, { data, width, height }, settings);
    assert.equal(ours.findings.length, sight.findings.length);
    for (const [place, theirs] of sight.findings.entries()) {
      const found = ours.findings[place];
      assert.deepEqual({ ...found, value: 0 }, { ...theirs, value: 0 });
      near(found.value, theirs.value, settings.checks.find(({ code }) => code === found.code).digits, found.code);
    }
    assert.equal(ours.face === null, sight.face === null);
    if (!sight.face) return;
    for (const name of ["x", "y", "width", "height"]) near(ours.face[name], sight.face[name], 3, name);
    for (const name of ["headTop", "chin"]) near(ours.points[name], sight.points[name], 3, name);
  });
}

/** Equal but for the last digit, where single precision rounds another way. */
function near(value, expected, digits, name) {
  assert.equal(value === null, expected === null, name);
  assert.ok(Math.abs(value - expected) <= 1.01 * 10 ** -digits, `${name}: ${value}, on the server ${expected}`);
}
