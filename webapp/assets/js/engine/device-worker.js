/**
 * Looks at frames on the phone itself: MediaPipe's face landmarks in a worker, so that the page stays quick. Nothing
 * leaves the phone. This file is answered with a policy of its own that allows WebAssembly.
 *
 * In:  {open: {engine, settings}}, {look: ImageBitmap}
 * Out: {progress: {loaded, total}}, {opened: delegate}, {sight}, {failed: message}; with a sight: {delegate, slow}
 */
import { sightOf } from "./checks.js";
import { load } from "./load.js";
import { median, pick } from "./pace.js";

const MOST_FACES = 3;
// when nobody is seen, parts of the frame are looked at enlarged, since the model misses small faces: share of the
// frame's sides, and where the parts begin, as shares of the height that is left
const NEAR = 0.5;
const PARTS = [0.5, 1, 0];

let settings, files, vision, runtime, loader, landmarker, segmenter, delegate, canvas, enlarged;
let settled = false;
const times = [];

self.onmessage = async ({ data: { open: wanted, look: bitmap } }) => {
  try {
    self.postMessage(wanted ? { opened: await open(wanted) } : await look(bitmap));
  } catch (error) {
    self.postMessage({ failed: `${error?.name}: ${error?.message}` });
  }
};

async function open({ engine, settings: given }) {
  settings = given;
  const progress = (loaded, total) => self.postMessage({ progress: { loaded, total } });
  files = await load(engine.files, progress);
  [vision, runtime] = await Promise.all([import(engine.bundle), import(engine.loader)]);
  loader = engine.loader;
  canvas = surface();
  enlarged = surface();
  landmarker = await create("CPU");
  segmenter = await vision.ImageSegmenter.createFromOptions(fresh(), {
    ...options(files.outline, "CPU"),
    outputConfidenceMasks: true,
    outputCategoryMask: false,
  });
  delegate = "CPU";
  return delegate;
}

function surface() {
  const { width, height } = settings.frame;
  return new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
}

function create(wanted) {
  return vision.FaceLandmarker.createFromOptions(fresh(), { ...options(files.model, wanted), numFaces: MOST_FACES });
}

/** Each task has a runtime of its own. The module is compiled once; the runtime asks for it by `instantiateWasm`. */
function fresh() {
  self.Module = {
    instantiateWasm: (imports, done) => void WebAssembly.instantiate(files.wasm, imports).then((made) => done(made, files.wasm)),
    print: () => {},
    printErr: () => {},
  };
  self.ModuleFactory = runtime.default; // the library takes it away each time, and a script is loaded only once
  return { wasmLoaderPath: loader, wasmBinaryPath: "vision.wasm" };
}

function options(modelAssetBuffer, wanted) {
  return {
    baseOptions: { modelAssetBuffer, delegate: wanted },
    canvas: new OffscreenCanvas(1, 1),
    runningMode: "IMAGE", // every frame for itself, as the server sees it
  };
}

async function look(bitmap) {
  const started = performance.now();
  const { width, height } = settings.frame;
  canvas.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const pixels = canvas.getImageData(0, 0, width, height);
  const meshes = seen(landmarker, pixels);
  const took = performance.now() - started;
  let slow = false;
  if (!settled && meshes.length) slow = await settle(took, pixels);
  const found = meshes.length ? meshes : seenNearer(pixels);
  const sight = { ...sightOf(found, pixels, settings, () => outlineOf(pixels)), milliseconds: Math.round(performance.now() - started) };
  return { sight, delegate, slow };
}

/** @returns {Float32Array[]} the faces of the picture, in its pixels */
function seen(by, picture) {
  const { width, height } = picture;
  return by.detect(picture).faceLandmarks.map((points) => {
    const mesh = new Float32Array(3 * points.length);
    points.forEach(({ x, y, z }, index) => mesh.set([x * width, y * height, z * width], 3 * index));
    return mesh;
  });
}

/** Somebody far away, in one of the parts. */
function seenNearer({ width, height }) {
  const left = (width * (1 - NEAR)) / 2;
  for (const part of PARTS) {
    const top = height * (1 - NEAR) * part;
    enlarged.drawImage(canvas.canvas, left, top, width * NEAR, height * NEAR, 0, 0, width, height);
    const meshes = seen(landmarker, enlarged.getImageData(0, 0, width, height));
    if (meshes.length) return meshes.map((mesh) => mesh.map((value, at) => value * NEAR + [left, top, 0][at % 3]));
  }
  return [];
}

/** How much each pixel belongs to a person. */
function outlineOf(pixels) {
  const answer = segmenter.segment(pixels);
  const [mask] = answer.confidenceMasks;
  const outline = mask.getAsFloat32Array().slice();
  answer.close();
  return outline;
}

/** After a few frames with a face: is this delegate quick enough, or is the other one? @returns {Promise<boolean>} slow */
async function settle(took, pixels) {
  times.push(took);
  const { frames, good_ms: good, slow_ms: limit } = settings.pace;
  if (times.length <= frames) return false; // the first one warms up
  settled = true;
  let best = median(times.slice(1));
  if (best > good) best = await tryOther(best, pixels, frames);
  return best > limit;
}

/** The graphics processor, on the same picture. @returns {Promise<number>} milliseconds of the one that is kept */
async function tryOther(before, pixels, frames) {
  if (drawsInSoftware()) return before; // minutes of work for a processor that is slow already
  let other;
  try {
    other = await create("GPU");
    const taken = [];
    for (let frame = 0; frame <= frames; frame += 1) {
      const started = performance.now();
      if (!seen(other, pixels).length) throw new Error("the other delegate sees nothing");
      taken.push(performance.now() - started);
      if (frame && pick(before, taken[frame]) === "first") throw new Error("the other delegate is slower");
    }
    landmarker.close();
    [landmarker, delegate] = [other, "GPU"];
    return median(taken.slice(1));
  } catch {
    other?.close();
    return before;
  }
}

function drawsInSoftware() {
  const graphics = new OffscreenCanvas(1, 1).getContext("webgl2");
  const info = graphics?.getExtension("WEBGL_debug_renderer_info");
  const name = info ? graphics.getParameter(info.UNMASKED_RENDERER_WEBGL) : "";
  graphics?.getExtension("WEBGL_lose_context")?.loseContext();
  return !graphics || /swiftshader|llvmpipe|software|basic render/i.test(name);
}
