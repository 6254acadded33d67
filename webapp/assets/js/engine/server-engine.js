/** The engine on the server: small frames, one under way, at most a few a second, and fewer when the line is bad. */
import { backOff } from "./pace.js";
import { EngineProblem } from "./problem.js";

const ANSWER_MS = 6000; // a frame that takes longer is out of date
const TRIES = 5; // failures in a row after which the server counts as out of reach
const LATER = [429, 503]; // the server asks to wait

/**
 * @param {{data: object, csrf: string, send?: typeof fetch, clock?: () => number, encode?: Function}} options
 * @returns {{kind: "server", look: (source: CanvasImageSource) => Promise<object | null>, close: () => void}}
 */
export function openServer({ data, csrf, send = (...all) => fetch(...all), clock = () => performance.now(), encode = asJpeg }) {
  const { settings, frame_address: address } = data;
  let [busy, next, failures, closed] = [false, 0, 0, false];

  /** One frame there and back. @returns {Promise<object | null>} null: not this time */
  async function ask(source) {
    const started = clock();
    const { status, body } = await post(address, csrf, await encode(source, settings), send);
    if (LATER.includes(status)) {
      failures += 1;
      next = clock() + Math.max(body.retry_after_ms ?? 0, backOff(failures));
      return null;
    }
    if (status >= 500) throw new TypeError(`${status}`);
    if (status >= 400 && status !== 422) throw new EngineProblem(body.code ?? `http_${status}`);
    failures = 0;
    next = started + Math.max(settings.sending.pause_ms, body.retry_after_ms ?? 0);
    return status === 422 ? null : body; // a frame that broke on the way: the next one will do
  }

  return {
    kind: "server",
    async look(source) {
      if (busy || closed || clock() < next) return null;
      busy = true;
      try {
        return await ask(source);
      } catch (problem) {
        if (problem instanceof EngineProblem) throw problem;
        failures += 1;
        next = clock() + backOff(failures);
        if (failures >= TRIES) throw new EngineProblem("lost");
        return null;
      } finally {
        busy = false;
      }
    },
    close() {
      closed = true;
    },
  };
}

/** Rejects when the line breaks or the answer does not come in time. */
async function post(address, csrf, body, send) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), ANSWER_MS);
  try {
    const answer = await send(address, {
      method: "POST",
      headers: { "Content-Type": "image/jpeg", "X-CSRFToken": csrf, Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
      body,
      signal: stop.signal,
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } finally {
    clearTimeout(late);
  }
}

/** The frame as a small JPEG. @param {CanvasImageSource} source @param {object} settings @returns {Promise<Blob>} */
async function asJpeg(source, { frame: { width, height }, sending: { quality, max_bytes: most } }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "medium";
  context.drawImage(source, 0, 0, width, height);
  const blob = (share) => new Promise((done) => canvas.toBlob(done, "image/jpeg", share));
  const first = await blob(quality);
  if (!first) throw new EngineProblem("none");
  return first.size <= most ? first : blob(quality / 2);
}
