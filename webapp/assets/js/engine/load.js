/** Fetching the engine's files with the bytes that really came. */

/**
 * @param {{wasm: File, model: File, outline: File}} wanted
 * @param {(loaded: number, total: number) => void} progress  bytes as they go over the wire
 * @typedef {{address: string, bytes: number, wire: number}} File  wire: bytes when compressed as the server does
 * @returns {Promise<{wasm: WebAssembly.Module, model: Uint8Array, outline: Uint8Array}>}
 */
export async function load(wanted, progress) {
  const sum = (numbers) => numbers.reduce((one, other) => one + other, 0);
  const total = sum(Object.values(wanted).map(({ wire }) => wire));
  const came = { wasm: 0, model: 0, outline: 0 };
  const count = (name) => (bytes) => {
    came[name] += bytes * (wanted[name].wire / wanted[name].bytes); // the browser unpacks before it counts
    progress(Math.min(total, Math.round(sum(Object.values(came)))), total);
  };
  const get = (name) => fetched(wanted[name].address, count(name));
  const bytes = async (name) => new Uint8Array(await (await get(name)).arrayBuffer());
  const module = WebAssembly.compileStreaming(get("wasm"));
  const [wasm, model, outline] = await Promise.all([module, bytes("model"), bytes("outline")]);
  return { wasm, model, outline };
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
