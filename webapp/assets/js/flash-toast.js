/**
 * <flash-toast data-tone> round a notice: can be closed; where there is room it floats and goes by itself when it brings
 * good news and nobody is reading it. Bad news stays in the page, and so does any on a phone, where it would cover the title.
 */
const VISIBLE_MS = 6000;
const room = matchMedia("(min-width: 48rem)");

class FlashToast extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    const close = this.querySelector(".toast__close");
    close.hidden = false;
    this.classList.add("toast--ready");
    close.addEventListener("click", () => this.remove());
    if (!room.matches || !["good", "info"].includes(this.dataset.tone)) return;
    this.classList.add("toast--floating");
    for (const kind of ["pointerenter", "focusin", "pointerleave", "focusout"]) this.addEventListener(kind, this);
    this.#wait();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  handleEvent({ type }) {
    clearTimeout(this.#timer);
    if (type === "pointerleave" || type === "focusout") this.#wait();
  }

  #wait() {
    this.#timer = setTimeout(() => this.remove(), VISIBLE_MS);
  }
}

customElements.define("flash-toast", FlashToast);
