/**
 * <photo-picker data-max-bytes data-too-big data-wrong-type data-no-preview data-reducing data-reduced> with two
 * .photo-picker__way > <input type="file">, an <img class="photo-picker__preview"> and a .photo-picker__said line.
 * Shows the one chosen picture, lets the other input go, says what will not work before anything is sent, reduces very
 * large pictures before they are measured, and sends the form: choosing was the wish to have it checked. What the phone says about type and name is a hint only: the server looks at the bytes.
 */
import { freshKey } from "./camera/delivery.js";
import { sizeInWords } from "./lib/size.js";
import { wantedSize } from "./lib/reduce.js";

class PhotoPicker extends HTMLElement {
  #address = "";
  #turn = 0;

  connectedCallback() {
    this.addEventListener("change", this);
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
    this.#forget();
  }

  async handleEvent({ target: input }) {
    this.#forget();
    const turn = ++this.#turn;
    const file = input.files[0];
    for (const other of this.querySelectorAll("input[type=file]")) {
      if (other !== input && file) other.value = "";
      other.setCustomValidity("");
      other.closest(".photo-picker__way").classList.toggle("photo-picker__way--chosen", other.files.length > 0);
    }
    const key = input.form?.elements.key;
    if (key) key.value = file ? freshKey() : ""; // every picture has its own: sent twice, it is kept once
    this.#judge(input, file ? this.#wrongType(file) : "");
    if (!file || !input.validity.valid) return;
    // a picture of 200 megapixels becomes small enough below; until then, a few seconds, it is not to be sent
    const large = this.#isTooBig(file);
    if (large) input.setCustomValidity(this.dataset.reducing);
    this.#say(large ? `${this.#described(file)} · ${this.dataset.reducing}` : this.#described(file));
    await this.#show(input, file);
    if (turn !== this.#turn) return; // another one was chosen meanwhile
    if (this.#isTooBig(input.files[0])) this.#judge(input, this.dataset.tooBig);
    else this.#send(input.form);
  }

  /** Where the browser cannot, the button is pressed. */
  #send(form) {
    form.requestSubmit?.([...form.elements].find((part) => part.type === "submit"));
  }

  /** @param {string} problem  "" when it may be sent */
  #judge(input, problem) {
    input.setCustomValidity(problem);
    this.classList.toggle("photo-picker--wrong", Boolean(problem));
    this.#say(problem);
  }

  #isTooBig(file) {
    return file.size > Number(this.dataset.maxBytes);
  }

  #wrongType(file) {
    const other = file.type && !file.type.startsWith("image/") && file.type !== "application/octet-stream";
    return other ? this.dataset.wrongType : "";
  }

  #described(file) {
    return `${file.name} · ${sizeInWords(file.size)}`;
  }

  async #show(input, file) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      return this.#say(`${this.#described(file)} · ${this.dataset.noPreview}`); // HEIC: only the server reads it
    }
    const size = wantedSize(bitmap.width, bitmap.height);
    const shown = size ? await this.#reduced(input, file, bitmap, size) : file;
    bitmap.close();
    if (input.files[0] !== shown) return undefined; // another one was chosen meanwhile
    const preview = this.querySelector(".photo-picker__preview");
    this.#address = URL.createObjectURL(shown);
    preview.src = this.#address;
    preview.hidden = false;
    return undefined;
  }

  /** Puts the smaller picture into the input; where the browser cannot, the original stays. */
  async #reduced(input, file, bitmap, size) {
    const canvas = Object.assign(document.createElement("canvas"), size);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, size.width, size.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.95); });
    if (!blob || input.files[0] !== file) return file;
    try {
      const box = new DataTransfer();
      box.items.add(new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }));
      input.files = box.files;
      input.setCustomValidity("");
    } catch {
      return file;
    }
    this.#say(`${this.#described(input.files[0])} · ${this.dataset.reduced}`);
    return input.files[0];
  }

  #say(text) {
    this.querySelector(".photo-picker__said").textContent = text;
  }

  #forget() {
    this.querySelector(".photo-picker__preview").hidden = true;
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
  }
}

customElements.define("photo-picker", PhotoPicker);
