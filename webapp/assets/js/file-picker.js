/**
 * <file-picker data-max-bytes data-too-big data-wrong-type> with an <input type="file">, a .picker__said line and
 * an <img class="picker__preview">: shows the chosen picture, its size, and says what will not work before it is
 * sent. Type and name as the phone gives them are hints only: WeChat hands over pictures without either.
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
    const file = input.files[0];
    const problem = file ? this.#problem(file) : "";
    this.#forget();
    input.setCustomValidity(problem);
    this.classList.toggle("picker--wrong", Boolean(problem));
    this.querySelector(".picker__said").textContent = problem || (file ? `${file.name} · ${sizeInWords(file.size)}` : "");
    if (file && !problem) this.#show(file);
  }

  #problem(file) {
    const most = Number(this.dataset.maxBytes);
    if (most && file.size > most) {
      return this.dataset.tooBig.replace("{size}", sizeInWords(file.size)).replace("{most}", sizeInWords(most));
    }
    const other = file.type && !file.type.startsWith("image/") && file.type !== "application/octet-stream";
    const wantsPicture = this.querySelector("input").accept.includes("image/");
    return other && wantsPicture ? this.dataset.wrongType : "";
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
