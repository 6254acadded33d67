/**
 * <import-progress data-address="...json"> around a progress bar: asks every second how far the import is, moves the
 * bar, and loads the page anew when the step is over or has failed (data-trouble: what the page says of that already). Without script the page refreshes itself.
 */
const EVERY = 1000;

class ImportProgress extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.#timer = setTimeout(() => this.#ask(), EVERY);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  async #ask() {
    try {
      const answer = await fetch(this.dataset.address, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return location.reload();
      const { done, total, under_way: underWay, trouble } = await answer.json();
      if (!underWay || trouble !== this.dataset.trouble) return location.reload();
      this.#show(done, total);
    } catch {
      // the line is broken: asked again
    }
    this.#timer = setTimeout(() => this.#ask(), EVERY);
  }

  #show(done, total) {
    if (!total) return;
    const bar = this.querySelector("progress");
    bar.max = total;
    bar.value = done;
    const number = this.querySelector(".progress__number");
    if (number) number.textContent = `${done} / ${total}`;
  }
}

customElements.define("import-progress", ImportProgress);
