/** A form's way to the server with progress, and an end for a line that says nothing any more. */

export const STALLED_MS = 30_000; // without a byte either way: the line counts as broken, and the usual next try follows

/**
 * @param {string} address @param {FormData} body
 * @param {object} [how]
 * @param {(share: number) => void} [how.onprogress]  0..1; 1 when everything was sent and the server works
 * @param {number} [how.answer_ms]  how long the server may work after that
 * @param {Record<string, string>} [how.headers]
 * @param {XMLHttpRequest} [how.request]
 * @returns {Promise<XMLHttpRequest>}  status 0: the line broke, or was silent for too long
 */
export function post(
  address,
  body,
  { onprogress, answer_ms = STALLED_MS, headers = {}, request = new XMLHttpRequest() } = {},
) {
  let timer = 0;
  const within = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => request.abort(), ms);
  };
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      done(request);
    };
    request.upload.onprogress = ({ loaded, total }) => {
      within(STALLED_MS);
      onprogress?.(total ? loaded / total : 0);
    };
    request.upload.onload = () => {
      within(answer_ms);
      onprogress?.(1);
    };
    request.onprogress = () => within(STALLED_MS); // the answer is on its way
    request.onload = request.onerror = request.ontimeout = request.onabort = end;
    request.open("POST", address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body);
    within(STALLED_MS);
  });
}

/**
 * A JSON answer of the server, with the same end for a silent line.
 * @param {string} address
 * @returns {Promise<{status: number, data: unknown}>}  status 0: the line broke, or was silent for too long; data null:
 *     another page came instead, as after signing out
 */
export async function ask(address) {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), STALLED_MS);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: end.signal });
    const whole = answer.ok && !answer.redirected;
    return { status: answer.status, data: whole ? await answer.json() : null };
  } catch {
    return { status: 0, data: null };
  } finally {
    clearTimeout(timer);
  }
}
