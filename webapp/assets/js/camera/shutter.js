/**
 * The automatic shot: all hard checks hold for a while, then three counts, then the shot. Pure; the clock comes in,
 * in milliseconds. A look that fails, or an engine that falls silent, begins anew.
 */
export const COUNTS = 3;
export const COUNT_MS = 700;
export const SILENT_MS = 2000; // without a look for so long nobody knows whether it still holds

export const NOTHING = Object.freeze({ since: null, last: null });

/**
 * After one more look.
 * @param {{since: number | null, last: number | null}} state
 * @param {boolean} ready @param {number} now
 */
export function seen(state, ready, now) {
  if (!ready) return NOTHING;
  const goesOn = state.last !== null && now - state.last <= SILENT_MS;
  return { since: goesOn ? state.since : now, last: now };
}

/**
 * @param {{since: number | null, last: number | null}} state
 * @param {number} now @param {number} holdMs
 * @returns {{name: "watching" | "holding" | "counting" | "shoot", left: number, share: number}}
 *     left: the count that is shown; share: of the counting that is over, 0..1
 */
export function phase(state, now, holdMs) {
  if (state.since === null || now - state.last > SILENT_MS) return { name: "watching", left: 0, share: 0 };
  const counted = now - state.since - holdMs;
  if (counted < 0) return { name: "holding", left: 0, share: 0 };
  if (counted >= COUNTS * COUNT_MS) return { name: "shoot", left: 0, share: 1 };
  return { name: "counting", left: COUNTS - Math.floor(counted / COUNT_MS), share: counted / (COUNTS * COUNT_MS) };
}
