/**
 * <live-camera data-state data-account data-icons data-results data-versions> with the parts of
 * student/photo_camera.html: shows the camera with a guide, one hint at a time, takes the picture when everything
 * holds (or when the shutter is pressed), keeps it on the phone and sends it when the student says so.
 * States: waiting, start, live, shot, kept, sending, problem. The server's check has the last word.
 */
import { deliver, freshKey, patience } from "./delivery.js";
import { behind, fitted, met, onScreen } from "./geometry.js";
import { forget, keep, keptFor } from "./kept.js";
import { LEVEL_DEGREES, leaning } from "./level.js";
import { drawGuide, showMet } from "./overlay.js";
import { hopeless, platformOf, problemOf } from "./problems.js";
import { sendShot } from "./sending.js";
import { frameOf, takeShot } from "./shot.js";
import { NOTHING, phase, seen } from "./shutter.js";
import { closeStream, hasSeveral, hasTorch, looksAtHolder, openStream, setTorch } from "./stream.js";
import { SILENCE, hear } from "./voice.js";

const NO_HINT = { hint: null, waiting: null, frames: 0, solved: 0 }; // NOTHING of the hints, which come later
const FACING = "xuezhao-facing"; // in sessionStorage: which camera was chosen, so that a retake starts at once
const NOTICE_MS = 3000; // so long it stands there that frames will be sent, before the first one is
const LOOKS = 20; // tries to have the shot itself looked at, a tenth of a second apart: the engine may be busy

class LiveCamera extends HTMLElement {
  #data = {};
  #live = {}; // settings of the live view
  #words = {};
  #facing = "environment";
  #mirrored = false;
  #engine = null;
  #hints = null; // its module: one hint at a time
  #opening = null; // the engine, while it is loaded
  #running = 0; // number of the run that looks now; another one ends it
  #shown = NO_HINT;
  #shutter = NOTHING;
  #voice = SILENCE;
  #sight = null;
  #shot = null;
  #stored = false; // the shot outlives the page
  #unsaid = false; // the server has taken over from the phone, and the student has not been told yet
  #leaves = false;
  #levelled = false; // the level has said something, or was asked about: nothing left to ask

  connectedCallback() {
    this.#data = JSON.parse(this.querySelector("[data-live]").textContent);
    this.#live = this.#data.settings;
    this.#words = JSON.parse(this.querySelector("[data-words]").textContent);
    for (const svg of [this.#part("guide"), this.#part("still-guide")]) {
      drawGuide(svg, this.#live.guide, this.#words.bands, this.dataset.icons);
    }
    this.addEventListener("click", this);
    document.addEventListener("visibilitychange", this);
    addEventListener("pagehide", this);
    addEventListener("orientationchange", this);
    new ResizeObserver(() => this.#place()).observe(this.#part("stage"));
    this.#part("video").addEventListener("resize", () => this.#place());
    this.#begin();
  }

  disconnectedCallback() {
    this.#stop();
    document.removeEventListener("visibilitychange", this);
    removeEventListener("pagehide", this);
    removeEventListener("orientationchange", this);
    removeEventListener("deviceorientation", this);
    this.#engine?.close();
  }

  handleEvent(event) {
    if (event.type === "deviceorientation") return this.#lean(event);
    if (event.type === "orientationchange") return this.#place();
    if (event.type === "pagehide") return this.#stop();
    if (event.type === "visibilitychange") return document.hidden ? this.#rest() : this.#wake();
    const what = event.target.closest("[data-do]")?.dataset.do;
    const deeds = {
      helper: () => this.#open("environment"),
      alone: () => this.#open("user"),
      flip: () => this.#open(this.#facing === "user" ? "environment" : "user"),
      again: () => this.#open(this.#facing),
      retake: () => this.#again(),
      drop: () => this.#again(),
      shutter: () => this.#take(),
      torch: () => this.#light(),
      level: () => this.#askLevel(),
      use: () => this.#send(),
    };
    return deeds[what]?.();
  }

  /* ------------------------------------------------------------------ from the start to the stream */

  async #begin() {
    const kept = await keptFor(this.dataset.account);
    if (kept) {
      this.#shot = kept;
      this.#stored = true;
      this.#part("kept-still").src = URL.createObjectURL(kept.blob);
      return this.#show("kept");
    }
    return this.#prepare();
  }

  #prepare() {
    const devices = Boolean(navigator.mediaDevices?.getUserMedia);
    const why = hopeless({ secure: isSecureContext, devices, agent: navigator.userAgent });
    if (why) return this.#fail(why);
    const chosen = remembered();
    return chosen ? this.#open(chosen) : this.#show("start");
  }

  async #open(facing) {
    this.#stop();
    this.#facing = facing;
    this.#loadEngine();
    this.#say("wait", this.#words.spoken.wait);
    this.#show("live");
    const video = this.#part("video");
    const run = this.#running;
    try {
      const stream = await openStream(video, facing);
      if (run !== this.#running) return closeStream(video); // another camera was asked for meanwhile, or the page left
      const [track] = stream.getVideoTracks();
      track.addEventListener("ended", () => this.#running === run && this.#fail("ended"));
      remember(facing);
      this.dataset.playing = facing;
      this.#mirrored = looksAtHolder(track, facing);
      this.classList.toggle("camera__live--mirrored", this.#mirrored);
      this.#tool("torch").hidden = !hasTorch(track);
      this.#tool("flip").disabled = !(await hasSeveral());
      this.#watchLevel();
      this.#place();
      this.#look(run);
      this.#tick(run);
    } catch (error) {
      if (run === this.#running) this.#fail(problemOf(error));
    }
    return undefined;
  }

  /** Ends looking and gives the camera back: its lamp goes out. */
  #stop() {
    this.#running += 1;
    delete this.dataset.playing;
    this.#shutter = NOTHING;
    this.#shown = NO_HINT;
    this.#sight = null;
    this.#part("ring").toggleAttribute("hidden", true);
    this.#tool("torch").setAttribute("aria-pressed", "false");
    closeStream(this.#part("video"));
  }

  #rest() {
    this.#leaves = this.dataset.state === "live";
    if (this.#leaves) this.#stop();
  }

  #wake() {
    if (this.#leaves) this.#open(this.#facing);
    this.#leaves = false;
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
    this.dataset.engine = kind;
    this.#part("engine").querySelector("progress").hidden = true;
    this.#part("engine").querySelector("span").textContent = this.#words.engine[kind];
  }

  async #look(run) {
    const video = this.#part("video");
    while (run === this.#running) {
      await nextPicture(video);
      if (run !== this.#running) return;
      if (!this.#engine) {
        if (this.dataset.engine === "none") return this.#say("wait", this.#words.spoken.no_engine);
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
    this.dataset.looks = Number(this.dataset.looks ?? 0) + 1;
  }

  /** Once for every picture of the screen: the count, the hint, the voice. */
  #tick(run) {
    if (run !== this.#running) return;
    const now = performance.now();
    const { name, left, share } = phase(this.#shutter, now, this.#live.hold_ms);
    if (name === "shoot") {
      this.#take();
      return;
    }
    const ring = this.#part("ring");
    ring.toggleAttribute("hidden", name !== "counting"); // a drawing has no property of that name
    if (name === "counting") {
      ring.querySelector("text").textContent = left;
      ring.style.setProperty("--run", share);
    }
    this.dataset.phase = name;
    if (this.#sight) this.#hint(name, now);
    requestAnimationFrame(() => this.#tick(run));
  }

  #hint(name, now) {
    const hint = this.#shown?.hint ?? null;
    const holds = name === "holding" || name === "counting";
    const words = holds ? this.#words.spoken.hold : hint ? this.#wordsOf(hint) : this.#words.spoken.wait;
    this.#say(holds ? "good" : hint ? "do" : "wait", words, holds ? "" : (hint?.code ?? ""));
    const { state, say } = hear(this.#voice, words, now);
    this.#voice = state;
    if (say) this.#part("voice").textContent = say;
  }

  /** On the screen: a mirrored preview changes left and right. */
  #wordsOf({ code, reason }) {
    return this.#fileWordsOf({ code, reason: onScreen(reason, this.#mirrored) });
  }

  #fileWordsOf({ code, reason }) {
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

  async #take() {
    const video = this.#part("video");
    if (this.dataset.state !== "live" || !video.videoWidth) return;
    this.#running += 1; // looking ends, the stream goes on until the picture is taken
    const run = this.#running;
    this.classList.add("camera__live--flash");
    try {
      const shot = await takeShot(video);
      if (run !== this.#running) return;
      this.#shot = { key: freshKey(), account: this.dataset.account, source: "live", takenAt: Date.now(), ...shot };
      this.#stored = await keep(this.#shot);
      this.#stop();
      this.#part("voice").textContent = this.#words.spoken.shot;
      this.#review();
    } catch (error) {
      if (run === this.#running) this.#fail(problemOf(error));
    } finally {
      this.classList.remove("camera__live--flash");
    }
  }

  async #review() {
    const still = this.#part("still");
    URL.revokeObjectURL(still.src);
    still.src = URL.createObjectURL(this.#shot.blob);
    this.#part("mirror").hidden = !this.#mirrored;
    this.#part("reduced").hidden = !this.#shot.reduced;
    this.#part("found").replaceChildren();
    this.#part("still-guide").toggleAttribute("hidden", true);
    this.#show("shot");
    const shot = this.#shot;
    let sight = null;
    try {
      const picture = await createImageBitmap(shot.blob);
      for (let tries = 0; this.#engine && !this.#unsaid && !sight && tries < LOOKS; tries += 1) {
        sight = await this.#sightOf(picture, picture.width, picture.height);
        if (!sight) await new Promise((done) => { setTimeout(done, 100); });
      }
      picture.close();
    } catch {
      sight = null;
    }
    if (this.#shot === shot) this.#found(sight);
  }

  /** What the phone finds on the picture: drawn, and in words; the server looks again. */
  #found(sight) {
    const wrong = sight?.findings.filter((finding) => finding.verdict === "bad" || finding.verdict === "doubt") ?? [];
    const lines = wrong.map((finding) => this.#line("arrow", this.#fileWordsOf(finding)));
    if (!lines.length) {
      lines.push(sight ? this.#line("check", this.#words.shot.fine) : this.#line("info", this.#words.shot.unknown));
    }
    this.#part("found").replaceChildren(...lines);
    const guide = this.#part("still-guide");
    showMet(guide, met(sight, this.#live.guide));
    guide.toggleAttribute("hidden", !sight);
  }

  #line(icon, words) {
    const line = document.createElement("li");
    line.className = `camera__line camera__line--${icon}`;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${this.dataset.icons}#${icon}`);
    svg.append(use);
    const text = document.createElement("span");
    text.textContent = words;
    line.append(svg, text);
    return line;
  }

  async #again() {
    if (this.#shot) await forget(this.#shot.key);
    this.#shot = null;
    this.#prepare();
  }

  /* ------------------------------------------------------------------ sending */

  async #send() {
    const words = this.#words.sending;
    const [bar, share, said, now] = ["sent", "sent-share", "sent-words", "now"].map((name) => this.#part(name));
    this.#part("sent-still").src = URL.createObjectURL(this.#shot.blob);
    this.#part("sent-kept").textContent = this.#stored ? words.kept : words.not_kept;
    this.#show("sending");
    const form = new FormData(this.#part("form"));
    form.append("key", this.#shot.key);
    form.append(this.#shot.source, this.#shot.blob, this.#shot.source + ".jpg");
    const progress = (part) => {
      if (part < 1) bar.value = part;
      else bar.removeAttribute("value"); // sent: now the server looks
      share.textContent = part < 1 ? `${Math.round(part * 100)} %` : "";
      said.textContent = part < 1 ? words.now : words.checking;
    };
    const answer = await deliver(() => sendShot(this.#part("form").action, form, progress), {
      wait: (ms) => patience(ms, now),
      ontry: () => {
        now.hidden = true;
        said.textContent = words.now;
      },
      onwait: () => {
        now.hidden = false;
        bar.value = 0;
        share.textContent = "";
        said.textContent = navigator.onLine ? words.later : words.offline;
      },
    });
    if (answer) await this.#answered(answer);
  }

  async #answered({ status, address, problem }) {
    const path = new URL(address, location.href).pathname;
    if (status < 400 && (path.startsWith(this.dataset.results) || path === this.dataset.versions)) {
      await forget(this.#shot.key);
      return location.assign(address);
    }
    // signed out, or something has to be agreed to first: the shot stays for when they come back
    if (status < 400) return location.assign(address);
    const final = status === 422 || status === 413;
    if (final) {
      await forget(this.#shot.key);
      this.#shot = null;
    }
    return this.#fail("refused", final ? problem : this.#stored ? this.#words.stale : this.#words.stale_lost);
  }

  /* ------------------------------------------------------------------ what is shown */

  #fail(name, words = "") {
    this.#stop();
    for (const box of this.querySelectorAll("[data-problem]")) box.hidden = box.dataset.problem !== name;
    const box = this.querySelector(`[data-problem="${name}"]`);
    if (words) box.querySelector("[data-said]").textContent = words;
    const platform = platformOf(navigator.userAgent);
    for (const way of box.querySelectorAll("[data-platform]")) way.hidden = way.dataset.platform !== platform;
    this.dataset.problem = name;
    this.#show("problem");
  }

  #show(state) {
    this.dataset.state = state;
    let shown = null;
    for (const panel of this.querySelectorAll("[data-panel]")) {
      panel.hidden = panel.dataset.panel !== state;
      if (!panel.hidden) shown = panel;
    }
    const heading = shown && [...shown.querySelectorAll("h1")].find((title) => !title.closest("[hidden]"));
    heading?.focus({ preventScroll: true });
    shown?.scrollTo(0, 0);
  }

  /** Puts the picture where its middle fills the frame. */
  #place() {
    const stage = this.#part("stage").getBoundingClientRect();
    const room = this.#part("frame");
    const [above, below] = [".camera__hint", ".camera__controls"].map((name) => this.querySelector(name));
    const top = above.getBoundingClientRect().bottom - stage.top;
    const high = below.getBoundingClientRect().top - stage.top - top;
    if (high <= 0) return;
    const box = fitted({ width: stage.width, height: high });
    const frame = { ...box, y: box.y + top };
    put(room, frame);
    const video = this.#part("video");
    if (video.videoWidth) put(video, behind(frame, video.videoWidth, video.videoHeight));
  }

  async #light() {
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

  async #askLevel() {
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
    return this.querySelector(`[data-part="${name}"]`);
  }

  #tool(name) {
    return this.querySelector(`[data-do="${name}"]`);
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

function remembered() {
  try {
    return sessionStorage.getItem(FACING);
  } catch {
    return null;
  }
}

function remember(facing) {
  try {
    sessionStorage.setItem(FACING, facing);
  } catch {
    // a private window: it is asked again
  }
}

customElements.define("live-camera", LiveCamera);
