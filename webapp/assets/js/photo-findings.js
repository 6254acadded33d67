/**
 * <photo-findings> with .judged__toggle, .marks [data-finding] and .finding[data-finding]: shows and hides the
 * drawing; a finding under the pointer or focus stands out on the picture.
 */
class PhotoFindings extends HTMLElement {
  connectedCallback() {
    const toggle = this.querySelector(".judged__toggle");
    toggle.hidden = !this.querySelector(".marks__finding");
    toggle.addEventListener("click", () => {
      const bare = this.classList.toggle("judged--bare");
      toggle.setAttribute("aria-pressed", String(!bare));
    });
    this.addEventListener("pointerover", this);
    this.addEventListener("pointerleave", this);
  }

  handleEvent(event) {
    const number = event.target.closest?.(".finding")?.dataset.finding;
    const known = number && this.querySelector(`.marks__finding[data-finding="${number}"]`);
    for (const mark of this.querySelectorAll(".marks__finding")) {
      mark.classList.toggle("marks__finding--dim", Boolean(known) && mark.dataset.finding !== number);
    }
  }
}

customElements.define("photo-findings", PhotoFindings);
