/** The engine on the phone: starts the worker, hands it frames, one at a time. */
import { EngineProblem } from "./problem.js";

const ANSWER_MS = 15_000; // a frame that takes longer will not come: choosing the delegate takes a few seconds

// the smallest module with a vector instruction: without those the runtime does not start
const VECTORS = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);
const LEAST_MEMORY = 2; // GB, where the browser tells

/** Whether this browser has what the engine needs. */
export function isCapable() {
  try {
    const { deviceMemory = LEAST_MEMORY, connection } = navigator;
    if (deviceMemory < LEAST_MEMORY || connection?.saveData) return false;
    if (!("Worker" in globalThis && "createImageBitmap" in globalThis && "ReadableStream" in globalThis)) return false;
    return WebAssembly.validate(VECTORS) && "compileStreaming" in WebAssembly && hasGraphics();
  } catch {
    return false;
  }
}

/** The runtime makes a WebGL context in the worker, even when it computes on the processor. */
function hasGraphics() {
  const context = new OffscreenCanvas(1, 1).getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext(); // phones allow only a few
  return context !== null;
}

/**
 * @param {{data: object, onprogress?: (bytes: {loaded: number, total: number}) => void}} options
 * @returns {Promise<{kind: "device", look: Function, close: Function, isSlow: boolean}>} rejects when it does not start
 */
export async function openDevice({ data: { engine, settings }, onprogress }) {
  const worker = new Worker(new URL("./device-worker.js", import.meta.url), { type: "module" });
  let waiting = null; // {resolve, reject} of the one thing that is under way
  const failed = (reason) => waiting?.reject(new EngineProblem(String(reason ?? "worker")));
  worker.onerror = (event) => failed(event.message);
  worker.onmessage = ({ data: answer }) => {
    if (answer.progress) return onprogress?.(answer.progress);
    return answer.failed ? failed(answer.failed) : waiting?.resolve(answer);
  };
  const ask = (message, transfer = []) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      worker.postMessage(message, transfer);
    });

  try {
    await ask({ open: { engine, settings } });
  } catch (problem) {
    worker.terminate();
    throw problem;
  }

  let busy = false;
  return {
    kind: "device",
    delegate: null,
    isSlow: false,
    async look(source) {
      if (busy) return null;
      busy = true;
      let late;
      try {
        const bitmap = await shrunk(source, settings.frame);
        if (!bitmap) return null;
        late = setTimeout(() => failed("late"), ANSWER_MS);
        const { sight, delegate, slow } = await ask({ look: bitmap }, [bitmap]);
        Object.assign(this, { delegate, isSlow: this.isSlow || slow });
        return sight;
      } finally {
        clearTimeout(late);
        busy = false;
      }
    },
    close() {
      worker.terminate();
      failed("closed");
    },
  };
}

/** The frame in the size in which it is looked at; null when there is none yet, as before a video starts. */
async function shrunk(source, { width, height }) {
  const size = { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" };
  // an older browser knows no sizes: the worker draws it smaller
  return createImageBitmap(source, size).catch(() => createImageBitmap(source)).catch(() => null);
}
