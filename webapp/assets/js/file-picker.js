/**
 * <file-picker data-max-bytes data-too-big data-wrong-type data-count> with an <input type="file">, a .picker__said line
 * and an <img class="picker__preview">: says name and size of what was chosen, shows a picture, and says what will not
 * work before it is sent. Type and name as the phone gives them are hints only: WeChat hands over pictures without either.
 */
import { sizeInWords } from "./lib/size.js";

class FilePicker extends HTMLElement {
  #address = "";

  connectedCallback() {
    this.addEventListener("change", this);
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
    this.#forget();
  }

  handleEvent() {
    const input = this.querySelector("input[type=file]");
    const files = [...input.files];
    const problem = input.webkitdirectory ? "" : files.map((file) => this.#problem(file, input.accept)).find(Boolean) ?? "";
    this.#forget();
    input.setCustomValidity(problem);
    this.classList.toggle("picker--wrong", Boolean(problem));
    this.classList.toggle("picker--chosen", files.length > 0);
    this.querySelector(".picker__said").textContent = problem || (files.length ? this.#described(files) : "");
    if (files.length === 1 && !problem) this.#show(files[0]);
  }

  #described(files) {
    const size = sizeInWords(files.reduce((sum, file) => sum + file.size, 0));
    return files.length === 1 ? `${files[0].name} · ${size}` : `${this.dataset.count.replace("{count}", files.length)} · ${size}`;
  }

  #problem(file, accept) {
    const most = Number(this.dataset.maxBytes);
    if (most && file.size > most) {
      return this.dataset.tooBig.replace("{size}", sizeInWords(file.size)).replace("{most}", sizeInWords(most));
    }
    const other = file.type && !file.type.startsWith("image/") && file.type !== "application/octet-stream";
    const others = accept.split(",").filter((kind) => !kind.startsWith("image/"));
    return other && accept && !others.length ? this.dataset.wrongType : "";
  }

  #show(file) {
    const preview = this.querySelector(".picker__preview");
    this.#address = URL.createObjectURL(file);
    preview.onload = () => { preview.hidden = false; };
    preview.onerror = () => { preview.hidden = true; }; // HEIC: the server reads it, most browsers do not
    preview.src = this.#address;
  }

  #forget() {
    const preview = this.querySelector(".picker__preview");
    if (preview) preview.hidden = true;
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
  }
}

customElements.define("file-picker", FilePicker);
