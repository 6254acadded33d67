/** <copy-button data-text data-done> with a hidden button and a status line: copies the text and says so. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.querySelector("button")?.removeEventListener("click", this);
  }

  async handleEvent() {
    await navigator.clipboard.writeText(this.dataset.text);
    const label = this.querySelector("button span");
    const before = label.textContent;
    label.textContent = this.querySelector("[role=status]").textContent = this.dataset.done;
    setTimeout(() => { label.textContent = before; }, 2000);
  }
}

customElements.define("copy-button", CopyButton);
