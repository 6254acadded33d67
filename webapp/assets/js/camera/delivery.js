/**
 * Bringing one picture to the server over a line that breaks: tries again until there is an answer. Pure; sending,
 * waiting and chance come in.
 */
export const FIRST_MS = 1000;
export const MOST_MS = 30000;

/**
 * How long to wait before another try: doubles, and half of it is chance, so that a hall full of phones does not come
 * back in the same instant.
 * @param {number} tries  made so far, from 1 @param {() => number} chance  0..1
 */
export function pause(tries, chance = Math.random) {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** (tries - 1));
  return Math.round(full / 2 + (full / 2) * chance());
}

/** Is this an answer, or does it only say "later"? 0 is a broken line. */
export function isFinal(status) {
  return status !== 0 && status !== 408 && status !== 429 && status < 500;
}

/**
 * @param {() => Promise<{status: number}>} send  one try; a broken line gives status 0
 * @param {{wait: (ms: number) => Promise<void>, onwait?: (ms: number, tries: number) => void, ontry?: () => void,
 *     chance?: () => number, stopped?: () => boolean}} how
 * @returns {Promise<{status: number} | null>}  null when it was stopped
 */
export async function deliver(send, { wait, onwait, ontry, chance, stopped = () => false }) {
  for (let tries = 1; !stopped(); tries += 1) {
    ontry?.();
    const answer = await send();
    if (stopped()) return null;
    if (isFinal(answer.status)) return answer;
    const ms = pause(tries, chance);
    onwait?.(ms, tries);
    await wait(ms);
  }
  return null;
}

/** Waits for the time, or until the line is back, or until someone presses the button. */
export function patience(ms, button) {
  return new Promise((done) => {
    const enough = () => {
      clearTimeout(timer);
      removeEventListener("online", enough);
      button?.removeEventListener("click", enough);
      done();
    };
    const timer = setTimeout(enough, ms);
    addEventListener("online", enough);
    button?.addEventListener("click", enough);
  });
}

/** A key for one picture: however often it is sent, it is kept once. Works without HTTPS too. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
