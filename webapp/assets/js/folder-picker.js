/**
 * <folder-picker data-for="id of a file input" data-max-bytes data-most data-packing data-packed data-too-big
 * data-too-many data-unreadable> with an <input type="file" webkitdirectory> without a name and a .picker__said line:
 * packs the chosen folder into a ZIP and puts it into the form's own file input, as if it had been chosen there.
 * Hidden without script: then a ZIP is sent.
 */
import { sizeInWords } from "./lib/size.js";
import { packed } from "./lib/zip.js";

class FolderPicker extends HTMLElement {
  #chosen = 0;

  connectedCallback() {
    this.hidden = false;
    this.addEventListener("change", this);
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
  }

  async handleEvent(event) {
    const files = [...event.target.files].sort((one, other) => (path(one) < path(other) ? -1 : 1));
    const turn = ++this.#chosen;
    if (!files.length) return;
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const most = Number(this.dataset.maxBytes);
    if (files.length > Number(this.dataset.most)) return this.#say("tooMany", { count: files.length, most: this.dataset.most });
    if (size > most) return this.#say("tooBig", { size: sizeInWords(size), most: sizeInWords(most) });
    const entries = files.map((file) => ({ name: path(file), file }));
    const root = path(files[0]).split("/")[0] || "photos";
    try {
      const archive = await packed(entries, (done) => {
        if (turn === this.#chosen) this.#say("packing", { done, total: files.length });
      });
      if (turn === this.#chosen) this.#hand(new File([archive], `${root}.zip`, { type: "application/zip" }), files.length);
    } catch (problem) {
      if (turn === this.#chosen) this.#say("unreadable", { name: problem.file ?? "" });
    }
  }

  #hand(file, count) {
    const held = new DataTransfer();
    held.items.add(file);
    const input = document.getElementById(this.dataset.for);
    input.files = held.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    this.#say("packed", { count });
  }

  #say(what, values) {
    const text = Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), this.dataset[what]);
    this.querySelector(".picker__said").textContent = text;
    this.classList.toggle("picker--wrong", what === "tooMany" || what === "tooBig" || what === "unreadable");
  }
}

/** Where the file is, from the chosen folder on. */
function path(file) {
  return file.webkitRelativePath || file.name;
}

customElements.define("folder-picker", FolderPicker);
