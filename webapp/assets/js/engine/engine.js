/**
 * One engine for the camera page, wherever it runs: on the phone where that is possible and quick enough, else on the
 * server. Both answer with the same sight; the page says which one is in use.
 */
import { isCapable, openDevice } from "./device-engine.js";
import { EngineProblem } from "./problem.js";
import { openServer } from "./server-engine.js";

/**
 * @param {object} options
 * @param {object} options.data  of live_data in backend/views/live.py
 * @param {string} options.csrf  the page's token
 * @param {"device" | "server"} [options.prefer]  "server" skips the phone, "device" allows nothing else
 * @param {(bytes: {loaded: number, total: number}) => void} [options.onprogress]  of the download
 * @param {(kind: "device" | "server") => void} [options.onkind]  the engine changed: the phone was too slow or failed
 * @returns {Promise<{kind: "device" | "server", delegate: string | null, look: (source: CanvasImageSource) =>
 *   Promise<object | null>, close: () => void}>}  look: null when a frame is under way already, or it is too early for
 *   the next; rejects with an EngineProblem when there is no live guidance any more. Rejects itself with code "none".
 */
export async function openEngine({ data, csrf, prefer, onprogress, onkind }) {
  let engine = await firstEngine({ data, csrf, prefer, onprogress });
  let closed = false;

  /** On to the server; what was under way on the phone is left alone. */
  const change = () => {
    if (closed || prefer === "device") throw new EngineProblem("none");
    engine.close();
    engine = openServer({ data, csrf });
    onkind?.(engine.kind);
  };

  return {
    get kind() {
      return engine.kind;
    },
    get delegate() {
      return engine.delegate ?? null;
    },
    async look(source) {
      if (engine.kind === "server") return engine.look(source);
      let sight = null;
      try {
        sight = await engine.look(source);
      } catch {
        change();
      }
      if (engine.isSlow && prefer !== "device") change();
      return sight;
    },
    close() {
      closed = true;
      engine.close();
    },
  };
}

async function firstEngine({ data, csrf, prefer, onprogress }) {
  if (prefer === "device" || (prefer !== "server" && isCapable())) {
    try {
      return await openDevice({ data, onprogress });
    } catch (problem) {
      if (prefer === "device") throw new EngineProblem("none", { cause: problem });
    }
  }
  if (!("fetch" in globalThis && "AbortController" in globalThis)) throw new EngineProblem("none");
  return openServer({ data, csrf });
}
