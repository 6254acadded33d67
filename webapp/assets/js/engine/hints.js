/**
 * One hint at a time, without flicker: the twin of backend/compliance/hints.py. The order, the frames and the margin
 * come from the settings (`live_settings` in backend/compliance/live.py).
 *
 * @typedef {{code: string, verdict: "ok" | "doubt" | "bad" | "unknown", reason: string | null, value: number | null,
 *   low: number | null, high: number | null}} Finding
 * @typedef {{code: string, reason: string | null}} Hint  words: finding.<code>.fix_<reason>, or .fix without a reason
 * @typedef {{hint: Hint | null, waiting: Hint | null, frames: number, solved: number}} Shown
 */

/** @type {Shown} before the first frame */
export const NOTHING = Object.freeze({ hint: null, waiting: null, frames: 0, solved: 0 });

/**
 * The most useful hint for one frame; null when everything is fine. `keep` is let go only when clearly solved.
 * @param {Finding[]} findings @param {object} settings @param {Hint | null} keep @returns {Hint | null}
 */
export function nextHint(findings, settings, keep = null) {
  for (const code of settings.hints.order) {
    const finding = findings.find((one) => one.code === code);
    if (!finding || finding.verdict === "unknown") continue;
    if (finding.verdict !== "ok") return { code, reason: finding.reason };
    if (keep?.code === code && !clearlyInside(finding, settings)) return keep;
  }
  return null;
}

/**
 * The hint after one more frame: a change is shown once it has held for a few frames, or when the hint has been solved
 * for twice as long and no change holds.
 * @param {Shown} shown @param {Finding[]} findings @param {object} settings @returns {Shown}
 */
export function steady(shown, findings, settings) {
  const wanted = nextHint(findings, settings, shown.hint);
  const { hint, waiting } = shown;
  if (same(wanted, hint)) return { ...NOTHING, hint };
  const frames = same(wanted, waiting) ? shown.frames + 1 : 1;
  const solved = shown.solved + 1;
  if (frames >= settings.hints.frames || solved >= settings.hints.let_go) return { ...NOTHING, hint: wanted };
  return { hint, waiting: wanted, frames, solved };
}

/**
 * Whether the picture may be taken by itself: every hard check of a frame was made and is right.
 * @param {Finding[]} findings @param {object} settings @returns {boolean}
 */
export function ready(findings, settings) {
  return settings.checks.every(
    ({ code, hard }) => !hard || findings.find((one) => one.code === code)?.verdict === "ok",
  );
}

/** @param {Hint | null} one @param {Hint | null} other */
function same(one, other) {
  return one?.code === other?.code && one?.reason === other?.reason;
}

/** @param {Finding} finding @param {object} settings */
function clearlyInside({ code, value, low, high }, settings) {
  if (value === null || settings.hints.counted.includes(code)) return true;
  const span = low !== null && high !== null ? high - low : Math.abs(high ?? (low || 1));
  const margin = settings.hints.inside * span;
  return (low === null || value >= low + margin) && (high === null || value <= high - margin);
}
