/** Says before the press how many faces of the sheet are accepted and how many are left. */
class ContactSheet extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this);
    this.handleEvent();
  }

  handleEvent() {
    const faces = [...this.querySelectorAll("input[name=faces]")];
    const taken = faces.filter((face) => face.checked).length;
    this.querySelector("[data-count]").textContent = this.dataset.summary
      .replace("{taken}", taken)
      .replace("{left}", faces.length - taken);
    this.querySelector("form > .sheet__bar button").disabled = taken === 0;
  }
}

customElements.define("contact-sheet", ContactSheet);
