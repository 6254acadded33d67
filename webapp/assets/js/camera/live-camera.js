/**
 * <live-camera data-state data-account data-icons data-results data-versions> with the parts of
 * student/photo_camera.html: from the start to the picture that the server has. The live view itself is viewfinder.js,
 * fetched when the student starts, so that the first view stays light; what a shot needs to be kept and sent is here
 * from the beginning, because the line may break.
 * States: waiting, start, live, shot, kept, sending, problem. The server's check has the last word.
 */
import { deliver, freshKey, patience } from "./delivery.js";
import { forget, keep, keptFor } from "./kept.js";
import { hopeless, platformOf, problemOf } from "./problems.js";
import { sendShot } from "./sending.js";

const FACING = "xuezhao-facing"; // in sessionStorage: which camera was chosen, so that a retake starts at once

class LiveCamera extends HTMLElement {
  #words = {};
  #facing = "environment";
  #view = null; // the live view, once it was needed
  #shot = null;
  #stored = false; // the shot outlives the page
  #leaves = false;

  connectedCallback() {
    this.#words = JSON.parse(this.querySelector("[data-words]").textContent);
    this.addEventListener("click", this);
    document.addEventListener("visibilitychange", this);
    addEventListener("pagehide", this);
    this.#begin();
  }

  disconnectedCallback() {
    this.#view?.close();
    document.removeEventListener("visibilitychange", this);
    removeEventListener("pagehide", this);
  }

  handleEvent(event) {
    if (event.type === "pagehide") return this.#view?.stop();
    if (event.type === "visibilitychange") return document.hidden ? this.#rest() : this.#wake();
    const what = event.target.closest("[data-do]")?.dataset.do;
    const deeds = {
      helper: () => this.#open("environment"),
      alone: () => this.#open("user"),
      flip: () => this.#open(this.#facing === "user" ? "environment" : "user"),
      again: () => this.#open(this.#facing),
      retake: () => this.#again(),
      drop: () => this.#again(),
      shutter: () => this.#view?.take(),
      torch: () => this.#view?.light(),
      level: () => this.#view?.askLevel(),
      use: () => this.#send(),
    };
    return deeds[what]?.();
  }

  /* ------------------------------------------------------------------ from the start to the live view */

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
    const why = hopelessHere();
    if (why) return this.#fail(why);
    const chosen = remembered();
    return chosen ? this.#open(chosen) : this.#show("start");
  }

  async #open(facing) {
    const why = hopelessHere();
    if (why) return this.#fail(why);
    this.#facing = facing;
    this.#leaves = false;
    this.#show("live");
    try {
      const { Viewfinder } = await import("./viewfinder.js");
      this.#view ??= new Viewfinder(this, {
        words: this.#words,
        onplay: remember,
        onshot: (shot) => this.#taken(shot),
        onproblem: (name) => this.#fail(name),
      });
      // the page may have been left, or another camera asked for, meanwhile
      if (this.dataset.state === "live" && !this.#leaves && this.#facing === facing) this.#view.open(facing);
    } catch (error) {
      this.#fail(problemOf(error)); // the line broke before the view came
    }
  }

  #rest() {
    this.#leaves = this.dataset.state === "live";
    if (this.#leaves) this.#view?.stop();
  }

  #wake() {
    if (this.#leaves) this.#open(this.#facing);
  }

  /* ------------------------------------------------------------------ the shot */

  async #taken(shot) {
    this.#shot = { key: freshKey(), account: this.dataset.account, source: "live", takenAt: Date.now(), ...shot };
    this.#stored = await keep(this.#shot);
    this.#view.stop();
    this.#part("voice").textContent = this.#words.spoken.shot;
    this.#review();
  }

  async #review() {
    const still = this.#part("still");
    URL.revokeObjectURL(still.src);
    still.src = URL.createObjectURL(this.#shot.blob);
    this.#part("mirror").hidden = !this.#view.mirrored;
    this.#part("reduced").hidden = !this.#shot.reduced;
    this.#part("found").replaceChildren();
    this.#part("still-guide").toggleAttribute("hidden", true);
    this.#show("shot");
    const shot = this.#shot;
    const sight = await this.#view.lookAt(shot.blob);
    if (this.#shot === shot) this.#found(sight);
  }

  /** What the phone finds on the picture: drawn, and in words; the server looks again. */
  #found(sight) {
    const wrong = sight?.findings.filter((finding) => finding.verdict === "bad" || finding.verdict === "doubt") ?? [];
    const lines = wrong.map((finding) => this.#line("arrow", this.#view.wordsOf(finding)));
    if (!lines.length) {
      lines.push(sight ? this.#line("check", this.#words.shot.fine) : this.#line("info", this.#words.shot.unknown));
    }
    this.#part("found").replaceChildren(...lines);
    this.#part("still-guide").toggleAttribute("hidden", !sight);
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
    this.#view?.stop();
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

  #part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }
}

function hopelessHere() {
  const devices = Boolean(navigator.mediaDevices?.getUserMedia);
  return hopeless({ secure: isSecureContext, devices, agent: navigator.userAgent });
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
