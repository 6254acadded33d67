/** The same points and pixels give the same findings as on the server. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { judge, sightOf } from "../../webapp/assets/js/engine/checks.js";
import { headTop, MEASURES } from "../../webapp/assets/js/engine/measures.js";
import { nextHint } from "../../webapp/assets/js/engine/hints.js";
import { cases } from "./cases.mjs";

const { settings, bands, looks } = cases;

test("every check of a frame can be measured", () => {
  assert.deepEqual(Object.keys(MEASURES).sort(), settings.checks.map(({ code }) => code).sort());
});

test("a value is judged as on the server, at every limit", () => {
  assert.ok(bands.length > 50);
  for (const { band, value, verdict } of bands) assert.equal(judge(value, band), verdict, JSON.stringify({ band, value }));
});

let judgedTops = 0;

for (const { name, meshes, pixels, outline, top, width, height, sight } of looks) {
  test(`the findings are the server's: ${name}`, () => {
    const data = new Uint8ClampedArray(Buffer.from(pixels, "base64"));
    const faces = meshes.map((points) => Float32Array.from(points));
    const person = Float32Array.from(Buffer.from(outline, "base64"), (share) => share / 255);
    const ours = sightOf(faces, { data, width, height }, settings, () => person);
    const codes = ours.findings.map(({ code }) => code);
    const theirFindings = sight.findings.filter(({ code }) => code !== "HEAD_TOP" || codes.includes(code));
    assert.deepEqual(codes, theirFindings.map(({ code }) => code));
    assert.deepEqual(nextHint(ours.findings, settings), nextHint(sight.findings, settings), "what is left out is not due");
    const order = settings.hints.order;
    const before = sight.findings.filter(({ code }) => order.indexOf(code) < order.indexOf("HEAD_TOP"));
    const due = faces.length > 0 && before.every(({ verdict }) => verdict === "ok" || verdict === "unknown");
    assert.equal(codes.includes("HEAD_TOP"), due, "the outline is looked for only when it is its turn");
    judgedTops += codes.includes("HEAD_TOP");
    for (const [place, theirs] of theirFindings.entries()) {
      const found = ours.findings[place];
      assert.deepEqual({ ...found, value: 0 }, { ...theirs, value: 0 });
      near(found.value, theirs.value, settings.checks.find(({ code }) => code === found.code).digits, found.code);
    }
    assert.equal(ours.face === null, sight.face === null);
    if (!sight.face) return;
    for (const name of ["x", "y", "width", "height"]) near(ours.face[name], sight.face[name], 3, name);
    near(ours.points.chin, sight.points.chin, 3, "chin");
    if (codes.includes("HEAD_TOP")) near(ours.points.headTop, sight.points.headTop, 3, "headTop");
    const largest = faces.reduce((one, other) => (widthOf(other) > widthOf(one) ? other : one));
    near(headTop(person, width, height, largest, settings.measures), top, 2, "head top, whatever else is wrong");
  });
}

test("the head top was judged where it was its turn, and nowhere else", () => {
  assert.ok(judgedTops >= 3 && judgedTops < looks.length);
});

function widthOf(mesh) {
  const across = mesh.filter((_, at) => at % 3 === 0);
  return Math.max(...across) - Math.min(...across);
}

/** Equal but for the last digit, where single precision rounds another way. */
function near(value, expected, digits, name) {
  assert.equal(value === null, expected === null, name);
  assert.ok(Math.abs(value - expected) <= 1.01 * 10 ** -digits, `${name}: ${value}, on the server ${expected}`);
}
