/** A form's way to the server with progress, and an end for a line that says nothing any more. */

export const STALLED_MS = 30_000; // without a byte either way: the line counts as broken, and the usual next try follows

/**
 * @param {string} address @param {FormData} body
 * @param {object} [how]
 * @param {(share: number) => void} [how.onprogress]  0..1; 1 when everything was sent and the server works
 * @param {number} [how.answer_ms]  how long the server may work after that
 * @param {XMLHttpRequest} [how.request]
 * @returns {Promise<XMLHttpRequest>}  status 0: the line broke, or was silent for too long
 */
export function post(address, body, { onprogress, answer_ms = STALLED_MS, request = new XMLHttpRequest() } = {}) {
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
    request.send(body);
    within(STALLED_MS);
  });
}
