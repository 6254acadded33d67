/** Fetching the engine's files with the bytes that really came. */

/**
 * @param {{wasm: File, model: File}} wanted
 * @param {(loaded: number, total: number) => void} progress  bytes as they go over the wire
 * @typedef {{address: string, bytes: number, wire: number}} File  wire: bytes when compressed as the server does
 * @returns {Promise<{wasm: WebAssembly.Module, model: Uint8Array}>}
 */
export async function load(wanted, progress) {
  const total = wanted.wasm.wire + wanted.model.wire;
  const came = { wasm: 0, model: 0 };
  const count = (name) => (bytes) => {
    came[name] += bytes * (wanted[name].wire / wanted[name].bytes); // the browser unpacks before it counts
    progress(Math.min(total, Math.round(came.wasm + came.model)), total);
  };
  const [wasm, model] = await Promise.all([
    fetched(wanted.wasm.address, count("wasm")).then((answer) => WebAssembly.compileStreaming(answer)),
    fetched(wanted.model.address, count("model")).then((answer) => answer.arrayBuffer()),
  ]);
  return { wasm, model: new Uint8Array(model) };
}

/** The answer with its bytes counted while they come. */
async function fetched(address, count) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const reader = answer.body.getReader();
  const counted = new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      count(value.byteLength);
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(counted, { headers: { "Content-Type": answer.headers.get("Content-Type") } });
}
