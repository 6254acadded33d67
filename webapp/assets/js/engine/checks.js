/** From a frame's faces and pixels to findings: the twin of backend/compliance/checks/check.py in frame mode. */
import { boxOf, eyeMiddle, MEASURES } from "./measures.js";

/**
 * @param {import("./measures.js").Mesh[]} meshes  in any order @param {import("./measures.js").Pixels} pixels
 * @param {object} settings  of live_settings
 * @param {() => Float32Array} outline  where the person is; asked only when no earlier hint is due
 * @returns {{findings: import("./hints.js").Finding[], face: object | null, points: object | null}}
 */
export function sightOf(meshes, pixels, settings, outline) {
  const faces = [...meshes].sort((one, other) => area(other) - area(one));
  const frame = { faces, pixels, outline, scale: settings.standard.height / pixels.height, settings };
  const made = new Map();
  const make = (check) => made.set(check.code, find(check, frame));
  const wanted = settings.checks.filter((check) => faces.length || !check.needs_face);
  wanted.filter((check) => !check.needs_outline).forEach(make);
  wanted.filter((check) => check.needs_outline && isTheirTurn(check, made, settings)).forEach(make);
  const findings = settings.checks.flatMap(({ code }) => made.get(code) ?? []);
  const top = made.get("HEAD_TOP")?.value;
  return { findings, ...placeOf(faces[0], pixels, settings, top) };
}

/** Whether nothing stands before this check in the order of hints. */
function isTheirTurn({ code }, made, { hints: { order } }) {
  const before = order.slice(0, order.indexOf(code)).map((one) => made.get(one)?.verdict ?? "ok");
  return before.every((verdict) => verdict === "ok" || verdict === "unknown");
}

/** @param {object} check @param {import("./measures.js").Frame} frame @returns {import("./hints.js").Finding} */
function find(check, frame) {
  let [value, reason] = [null, "not_measurable"];
  try {
    const measured = MEASURES[check.code](frame);
    [value, reason] = Array.isArray(measured) ? measured : [measured, null];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  if (value !== null && !(Math.abs(value) < 1e12)) [value, reason] = [null, "not_measurable"];
  const verdict = value === null ? "unknown" : judge(value, check);
  if (verdict === "ok") reason = null;
  else if (value !== null) reason ??= sideOf(value, check);
  const { code } = check;
  const [low, high] = [tidy(check.low, check), tidy(check.high, check)];
  return { code, verdict, reason, value: tidy(value, check), low, high };
}

/** A limit itself is still inside. */
export function judge(value, { low, high, bad_low: badLow, bad_high: badHigh, tolerance }) {
  if (badLow !== null && value < badLow) return "bad";
  if (badHigh !== null && value > badHigh) return "bad";
  if (low !== null && value < low - tolerance) return "doubt";
  if (high !== null && value > high + tolerance) return "doubt";
  return "ok";
}

function sideOf(value, { low, high }) {
  if (low !== null && value < low) return "low";
  return high !== null && value > high ? "high" : null;
}

/** As many digits as a person reads in that unit. */
function tidy(value, { digits }) {
  return value === null ? null : Number(value.toFixed(digits));
}

/** Where the face is, in shares of the frame. Without a measured head top it is guessed from the face. */
function placeOf(mesh, { width, height }, { measures, standard }, top) {
  if (!mesh) return { face: null, points: null };
  const box = boxOf(mesh);
  const [forehead, chin] = [mesh[3 * measures.forehead + 1], mesh[3 * measures.chin + 1]];
  const [x, y] = eyeMiddle(mesh, measures);
  return {
    face: { x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height },
    points: {
      eyes: [x / width, y / height],
      headTop: Number.isFinite(top) ? top / standard.height : (forehead - measures.hair * (chin - forehead)) / height,
      chin: chin / height,
    },
  };
}

function area(mesh) {
  const { width, height } = boxOf(mesh);
  return width * height;
}
