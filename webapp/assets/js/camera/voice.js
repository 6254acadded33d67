/** What a screen reader is told: a hint that stays, not every change of it. Pure; times in milliseconds. */
export const SETTLED_MS = 700; // a hint is worth saying when it has stayed for so long
export const PAUSE_MS = 3000; // between two sentences
export const AGAIN_MS = 12000; // the same hint is repeated after so long

export const SILENCE = Object.freeze({ words: "", since: 0, said: "", saidAt: -Infinity });

/**
 * @param {typeof SILENCE} state @param {string} words  shown now @param {number} now
 * @returns {{state: typeof SILENCE, say: string | null}}
 */
export function hear(state, words, now) {
  const next = words === state.words ? state : { ...state, words, since: now };
  const waited = now - next.saidAt;
  const wait = words === next.said ? AGAIN_MS : PAUSE_MS;
  if (!words || now - next.since < SETTLED_MS || waited < wait) return { state: next, say: null };
  return { state: { ...next, said: words, saidAt: now }, say: words };
}
