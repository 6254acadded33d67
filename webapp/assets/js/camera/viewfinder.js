/**
 * The live view of <live-camera>: the stream under its guide, one hint at a time, the count and the shutter, lamp and
 * level. It ends with a shot or a problem; what happens then is the page's.
 */
import { behind, fitted, met, onScreen } from "./geometry.js";
import { LEVEL_DEGREES, leaning } from "./level.js";
import { drawGuide, showMet } from "./overlay.js";
import { problemOf } from "./problems.js";
import { frameOf, takeShot } from "./shot.js";
import { NOTHING, phase, seen } from "./shutter.js";
import { closeStream, hasSeveral, hasTorch, looksAtHolder, openStream, setTorch } from "./stream.js";
import { SILENCE, hear } from "./voice.js";

const NO_HINT = { hint: null, waiting: null, frames: 0, solved: 0 }; // NOTHING of the hints, which come later
const NOTICE_MS = 3000; // so long it stands there that frames will be sent, before the first one is
const LOOKS = 20; // tries to have the shot itself looked at, a tenth of a second apart: the engine may be busy

export class Viewfinder {
  #page; // the element, with its parts
  #on; // {onplay, onshot, onproblem}
  #data = {};
  #live = {}; // settings of the live view
  #words = {};
  #mirrored = false;
  #engine = null;
  #hints = null; // its module: one hint at a time
  #opening = null; // the engine, while it is loaded
  #running = 0; // number of the run that looks now; another one ends it
  #shown = NO_HINT;
  #shutter = NOTHING;
  #voice = SILENCE;
  #sight = null;
  #unsaid = false; // the server has taken over from the phone, and the student has not been told yet
  #levelled = false; // the level has said something, or was asked about: nothing left to ask
  #sizes = new ResizeObserver(() => this.#place());

  /**
   * @param {HTMLElement} page
   * @param {{words: object, onplay: (facing: string) => void, onproblem: (name: string) => void,
   *   onshot: (shot: {blob: Blob, width: number, height: number, reduced: boolean}) => Promise<void>}} how
   *   words: of the page; onproblem: the name of the problem's sentence
   */
  constructor(page, { words, ...on }) {
    [this.#page, this.#on, this.#words] = [page, on, words];
    this.#data = JSON.parse(page.querySelector("[data-live]").textContent);
    this.#live = this.#data.settings;
    for (const svg of [this.#part("guide"), this.#part("still-guide")]) {
      drawGuide(svg, this.#live.guide, words.bands, page.dataset.icons);
    }
    addEventListener("orientationchange", this);
    this.#sizes.observe(this.#part("stage"));
    this.#part("video").addEventListener("resize", this);
    this.#place();
  }

  /** Is the picture of the stream shown as in a mirror? A file never is. */
  get mirrored() {
    return this.#mirrored;
  }

  handleEvent(event) {
    return event.type === "deviceorientation" ? this.#lean(event) : this.#place();
  }

  /** @param {"user" | "environment"} facing */
  async open(facing) {
    this.stop();
    this.#loadEngine();
    this.#say("wait", this.#words.spoken.wait);
    const video = this.#part("video");
    const run = this.#running;
    try {
      const stream = await openStream(video, facing);
      if (run !== this.#running) return closeStream(video); // another camera was asked for meanwhile, or the page left
      const [track] = stream.getVideoTracks();
      track.addEventListener("ended", () => this.#running === run && this.#on.onproblem("ended"));
      this.#on.onplay(facing);
      this.#page.dataset.playing = facing;
      this.#mirrored = looksAtHolder(track, facing);
      this.#page.classList.toggle("camera__live--mirrored", this.#mirrored);
      this.#tool("torch").hidden = !hasTorch(track);
      this.#tool("flip").disabled = !(await hasSeveral());
      this.#watchLevel();
      this.#place();
      this.#look(run);
      this.#tick(run);
    } catch (error) {
      if (run === this.#running) this.#on.onproblem(problemOf(error));
    }
  }

  /** For good: nothing is left of it. */
  close() {
    this.stop();
    this.#engine?.close();
    this.#sizes.disconnect();
    removeEventListener("orientationchange", this);
    removeEventListener("deviceorientation", this);
  }

  /** Ends looking and gives the camera back: its lamp goes out. */
  stop() {
    this.#running += 1;
    delete this.#page.dataset.playing;
    this.#shutter = NOTHING;
    this.#shown = NO_HINT;
    this.#sight = null;
    this.#part("ring").toggleAttribute("hidden", true);
    this.#tool("torch").setAttribute("aria-pressed", "false");
    closeStream(this.#part("video"));
  }

  /* ------------------------------------------------------------------ looking */

  #loadEngine() {
    this.#opening ??= this.#openEngine().catch(() => this.#name("none"));
  }

  async #openEngine() {
    const [{ openEngine }, hints] = await Promise.all([import("../engine/engine.js"), import("../engine/hints.js")]);
    this.#hints = hints;
    this.#engine = await openEngine({
      data: this.#data,
      csrf: this.#part("form").elements.csrf_token.value,
      onprogress: ({ loaded, total }) => this.#loading(loaded / total),
      onkind: (kind) => {
        this.#unsaid = kind === "server";
        this.#name(kind);
      },
    });
    this.#name(this.#engine.kind);
  }

  #loading(share) {
    const bar = this.#part("engine").querySelector("progress");
    bar.hidden = false;
    if (Number.isFinite(share)) bar.value = share;
    this.#part("engine").querySelector("span").textContent = this.#words.engine.loading;
  }

  #name(kind) {
    this.#page.dataset.engine = kind;
    this.#part("engine").querySelector("progress").hidden = true;
    this.#part("engine").querySelector("span").textContent = this.#words.engine[kind];
  }

  async #look(run) {
    const video = this.#part("video");
    while (run === this.#running) {
      await nextPicture(video);
      if (run !== this.#running) return;
      if (!this.#engine) {
        if (this.#page.dataset.engine === "none") return this.#say("wait", this.#words.spoken.no_engine);
        continue;
      }
      if (this.#unsaid) {
        await this.#sayServer();
        continue;
      }
      try {
        const sight = await this.#sightOf(video, video.videoWidth, video.videoHeight);
        if (run === this.#running && sight) this.#saw(sight);
      } catch {
        this.#name("none"); // no live guidance any more: the shutter, and the server's check, are left
        this.#engine = null;
        this.#shutter = NOTHING;
        this.#sight = null;
        showMet(this.#part("guide"), met(null, this.#live.guide));
      }
    }
    return undefined;
  }

  /** From now on frames leave the phone: said and read before the first one does. */
  async #sayServer() {
    this.#shutter = NOTHING;
    this.#sight = null;
    this.#say("wait", this.#words.spoken.now_server);
    this.#part("voice").textContent = this.#words.spoken.now_server;
    const run = this.#running;
    await new Promise((done) => { setTimeout(done, NOTICE_MS); });
    if (run === this.#running) this.#unsaid = false; // else it is said again when looking goes on
  }

  async #sightOf(source, width, height) {
    const frame = await frameOf(source, width, height, this.#live.frame);
    try {
      return await this.#engine.look(frame);
    } finally {
      frame.close();
    }
  }

  #saw(sight) {
    this.#sight = sight;
    showMet(this.#part("guide"), met(sight, this.#live.guide));
    this.#shown = this.#hints.steady(this.#shown, sight.findings, this.#live);
    this.#shutter = seen(this.#shutter, this.#hints.ready(sight.findings, this.#live), performance.now());
    this.#page.dataset.looks = Number(this.#page.dataset.looks ?? 0) + 1;
  }

  /** Once for every picture of the screen: the count, the hint, the voice. */
  #tick(run) {
    if (run !== this.#running) return;
    const now = performance.now();
    const { name, left, share } = phase(this.#shutter, now, this.#live.hold_ms);
    if (name === "shoot") {
      this.take();
      return;
    }
    const ring = this.#part("ring");
    ring.toggleAttribute("hidden", name !== "counting"); // a drawing has no property of that name
    if (name === "counting") {
      ring.querySelector("text").textContent = left;
      ring.style.setProperty("--run", share);
    }
    this.#page.dataset.phase = name;
    if (this.#sight) this.#hint(name, now);
    requestAnimationFrame(() => this.#tick(run));
  }

  #hint(name, now) {
    const hint = this.#shown?.hint ?? null;
    const holds = name === "holding" || name === "counting";
    const words = holds ? this.#words.spoken.hold : hint ? this.#wordsOnScreen(hint) : this.#words.spoken.wait;
    this.#say(holds ? "good" : hint ? "do" : "wait", words, holds ? "" : (hint?.code ?? ""));
    const { state, say } = hear(this.#voice, words, now);
    this.#voice = state;
    if (say) this.#part("voice").textContent = say;
  }

  /** In a mirrored preview left and right change places. */
  #wordsOnScreen({ code, reason }) {
    return this.wordsOf({ code, reason: onScreen(reason, this.#mirrored) });
  }

  /** What to do about a finding, as it is on the file. */
  wordsOf({ code, reason }) {
    const known = this.#words.hints[code] ?? {};
    return known[reason] ?? known[""] ?? "";
  }

  #say(tone, words, code = "") {
    const plate = this.#part("hint");
    if (plate.dataset.tone !== tone) plate.dataset.tone = tone;
    if (plate.dataset.code !== code) plate.dataset.code = code;
    const line = plate.querySelector(".camera__said");
    if (line.textContent !== words) line.textContent = words;
  }

  /* ------------------------------------------------------------------ the shot */

  /** The shutter. */
  async take() {
    const video = this.#part("video");
    if (this.#page.dataset.state !== "live" || !video.videoWidth) return;
    this.#running += 1; // looking ends, the stream goes on until the picture is taken
    const run = this.#running;
    this.#page.classList.add("camera__live--flash");
    try {
      const shot = await takeShot(video);
      if (run === this.#running) await this.#on.onshot(shot);
    } catch (error) {
      if (run === this.#running) this.#on.onproblem(problemOf(error));
    } finally {
      this.#page.classList.remove("camera__live--flash");
    }
  }

  /** What this device or the server sees on the shot, shown in its guide; null: nobody looked. @param {Blob} blob */
  async lookAt(blob) {
    let sight = null;
    try {
      const picture = await createImageBitmap(blob);
      for (let tries = 0; this.#engine && !this.#unsaid && !sight && tries < LOOKS; tries += 1) {
        sight = await this.#sightOf(picture, picture.width, picture.height);
        if (!sight) await new Promise((done) => { setTimeout(done, 100); });
      }
      picture.close();
    } catch {
      sight = null;
    }
    showMet(this.#part("still-guide"), met(sight, this.#live.guide));
    return sight;
  }

  /* ------------------------------------------------------------------ place, lamp, level */

  /** Puts the picture where its middle fills the frame. */
  #place() {
    const stage = this.#part("stage").getBoundingClientRect();
    const room = this.#part("frame");
    const [above, below] = [".camera__hint", ".camera__controls"].map((name) => this.#page.querySelector(name));
    const top = above.getBoundingClientRect().bottom - stage.top;
    const high = below.getBoundingClientRect().top - stage.top - top;
    if (high <= 0) return;
    const box = fitted({ width: stage.width, height: high });
    const frame = { ...box, y: box.y + top };
    put(room, frame);
    const video = this.#part("video");
    if (video.videoWidth) put(video, behind(frame, video.videoWidth, video.videoHeight));
  }

  /** The lamp, on or off. */
  async light() {
    const button = this.#tool("torch");
    const [track] = this.#part("video").srcObject?.getVideoTracks() ?? [];
    if (!track) return;
    const on = await setTorch(track, button.getAttribute("aria-pressed") !== "true");
    button.setAttribute("aria-pressed", String(on));
    button.setAttribute("aria-label", on ? this.#words.torch.off : this.#words.torch.on);
  }

  /** Where the level needs leave (iOS) a button asks for it; browsers that only know the question send events at once. */
  #watchLevel() {
    const asks = typeof globalThis.DeviceOrientationEvent?.requestPermission === "function";
    const held = matchMedia("(pointer: coarse)").matches; // a computer is not
    this.#tool("level").hidden = !asks || !held || this.#levelled;
    addEventListener("deviceorientation", this);
  }

  /** May the level be told how the phone is held? Asked by a finger. */
  async askLevel() {
    removeEventListener("deviceorientation", this);
    await DeviceOrientationEvent.requestPermission().catch(() => "denied"); // denied: the button goes, nothing is lost
    this.#levelled = true;
    this.#watchLevel();
  }

  #lean({ beta, gamma }) {
    const degrees = leaning(beta, gamma, screen.orientation?.angle ?? 0);
    const level = this.#part("level");
    level.hidden = degrees === null;
    if (degrees === null) return;
    this.#levelled = true;
    this.#tool("level").hidden = true;
    const straight = Math.abs(degrees) <= LEVEL_DEGREES;
    level.dataset.level = straight ? "yes" : "no";
    level.style.setProperty("--lean", `${Math.max(-30, Math.min(30, degrees))}deg`);
    const words = straight ? this.#words.level.yes : this.#words.level.no;
    const line = level.querySelector("span");
    if (line.textContent !== words) line.textContent = words;
  }

  #part(name) {
    return this.#page.querySelector(`[data-part="${name}"]`);
  }

  #tool(name) {
    return this.#page.querySelector(`[data-do="${name}"]`);
  }
}

function put(element, { x, y, width, height }) {
  Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
}

/** The next picture of the stream; a stream that stands still is looked at twice a second. */
function nextPicture(video) {
  return new Promise((done) => {
    const timer = setTimeout(done, 500);
    const go = () => {
      clearTimeout(timer);
      done();
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(go);
    else requestAnimationFrame(go);
  });
}
