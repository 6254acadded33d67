/**
 * <show-password data-hide> round a password's input and a hidden button: shows what was typed, since a thumb on a small
 * keyboard mistypes and a new password is asked for once. Hidden again when the form is sent, so that no browser keeps
 * it among what was typed.
 */
class ShowPassword extends HTMLElement {
  #show = "";

  connectedCallback() {
    const button = this.querySelector("button");
    this.#show = button.textContent;
    button.hidden = false;
    button.addEventListener("click", this);
    this.querySelector("input").form?.addEventListener("submit", this);
  }

  disconnectedCallback() {
    this.querySelector("button").removeEventListener("click", this);
    this.querySelector("input").form?.removeEventListener("submit", this);
  }

  handleEvent({ type }) {
    const [input, button] = [this.querySelector("input"), this.querySelector("button")];
    const shown = type === "click" && input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? this.dataset.hide : this.#show;
    if (type === "click") input.focus();
  }
}

customElements.define("show-password", ShowPassword);
