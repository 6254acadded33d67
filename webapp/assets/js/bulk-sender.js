/**
 * <bulk-sender data-known data-here data-most data-words...> around the form of a bulk upload with the inputs
 * [name=files], [name=folder] and [name=zip], a .progress, .bulk-send [role=status], [data-pace] and a button[data-now].
 * Sends the chosen files one by one, a few at a time; skips what the server has; waits and tries again when the line
 * is broken or says nothing any more; loads the page anew at the end. A ZIP goes the ordinary way of a form, as everything does without script.
 */
import { deliver, patience } from "./camera/delivery.js";
import { keyOf, pace, plainPath } from "./lib/bulk.js";
import { ask, post } from "./lib/post.js";

const AT_ONCE = 3;
const GONE = [401, 403, 404, 409, 422]; // no file will be taken any more: signed out, finished, full

class BulkSender extends HTMLElement {
  #total = 0;
  #done = 0;
  #sent = 0;
  #known = 0;
  #started = 0;
  #stop = "";
  #busy = false;

  connectedCallback() {
    this.addEventListener("submit", this);
    this.addEventListener("change", this);
    addEventListener("beforeunload", this);
  }

  disconnectedCallback() {
    removeEventListener("beforeunload", this);
  }

  handleEvent(event) {
    if (event.type === "beforeunload") {
      if (this.#busy) event.preventDefault();
      return;
    }
    if (event.type === "change") return this.#sayChosen();
    const files = this.#files();
    if (!files.length) return; // a ZIP, or nothing: the server says so
    event.preventDefault();
    if (!this.#busy) this.#run(files);
  }

  #files() {
    return [...this.querySelectorAll("input[name=files], input[name=folder]")].flatMap((input) => [...input.files]);
  }

  #sayChosen() {
    const files = this.#files();
    this.#say(files.length ? this.dataset.chosen.replace("{count}", files.length) : "");
  }

  async #run(files) {
    this.#busy = true;
    document.querySelector("import-progress")?.remove(); // it would load the page anew under our hands
    this.#total = files.length;
    this.#started = performance.now();
    for (const part of this.querySelectorAll("input, form button:not([data-now])")) part.disabled = true;
    this.querySelector(".progress").hidden = false;
    this.#show();
    const known = await this.#askKnown();
    const queue = files[Symbol.iterator]();
    const hands = Array.from({ length: AT_ONCE }, async () => {
      for (const file of queue) {
        if (this.#stop) return;
        await this.#send(file, known);
      }
    });
    await Promise.all(hands);
    this.#busy = false;
    if (this.#stop) return this.#say(this.dataset[this.#stop] ?? this.dataset.stopped);
    location.reload();
  }

  async #askKnown() {
    const answer = await this.#surely(() => ask(this.dataset.known));
    if (!answer?.data) {
      this.#stop ||= "stopped";
      return new Set();
    }
    return new Set(answer.data.keys);
  }

  async #send(file, known) {
    const path = plainPath(file.webkitRelativePath || file.name);
    const large = file.size > Number(this.dataset.most);
    let key = "";
    try {
      key = large ? "" : await keyOf(file, path);
    } catch {
      key = ""; // moved or locked meanwhile: sending it will say so
    }
    if (key && known.has(key)) {
      this.#known += 1;
      return this.#count();
    }
    const body = new FormData();
    body.set("csrf_token", this.querySelector("[name=csrf_token]")?.value ?? "");
    body.set("path", path);
    if (large) body.set("size", file.size);
    else body.set("file", file, "photo"); // the name goes as a field, not as a header that a log may show
    const address = this.querySelector("form").action;
    const headers = { Accept: "application/json" };
    const answer = await this.#surely(() => post(address, body, { headers }));
    if (!answer) return undefined;
    if (answer.responseURL !== address || GONE.includes(answer.status)) {
      this.#stop = answer.status === 422 ? "full" : "stopped";
      return undefined;
    }
    this.#sent += 1;
    return this.#count();
  }

  /** The same until there is an answer. */
  async #surely(send) {
    const now = this.querySelector("[data-now]");
    return deliver(send, {
      wait: (ms) => patience(ms, now),
      ontry: () => { now.hidden = true; },
      onwait: () => {
        now.hidden = false;
        this.#say(this.dataset.broken);
      },
      stopped: () => Boolean(this.#stop),
    });
  }

  #count() {
    this.#done += 1;
    this.#show();
  }

  #show() {
    const bar = this.querySelector("progress");
    Object.assign(bar, { max: this.#total, value: this.#done });
    this.querySelector(".progress__number").textContent = `${this.#done} / ${this.#total}`;
    this.#say(this.#known ? this.dataset.skipped.replace("{count}", this.#known) : this.dataset.sending);
    const speed = pace(this.#sent, this.#total - this.#done, performance.now() - this.#started);
    this.querySelector("[data-pace]").textContent = speed
      ? this.dataset.pace.replace("{rate}", speed.perMinute).replace("{minutes}", speed.minutes)
      : "";
  }

  #say(text) {
    this.querySelector(".bulk-send [role=status]").textContent = text;
  }
}

customElements.define("bulk-sender", BulkSender);
