/**
 * <count-down data-days data-hours data-minutes data-seconds data-over><time datetime="UTC">words</time></count-down>
 * counts down to the time and says data-over at its end, firing "countdown:over". The server decides, not this.
 */
class CountDown extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.#tick();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #tick() {
    const time = this.querySelector("time");
    const left = Math.floor((Date.parse(time?.dateTime) - Date.now()) / 1000);
    if (Number.isNaN(left)) return;
    if (left <= 0) {
      if (this.dataset.over) time.textContent = this.dataset.over;
      this.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
      return;
    }
    time.textContent = this.#words(left);
    // seconds are only shown, and only count, in the last hour
    this.#timer = setTimeout(() => this.#tick(), left > 3600 ? ((left % 60) + 1) * 1000 : 1000);
  }

  #words(left) {
    const [days, hours] = [Math.floor(left / 86400), Math.floor(left / 3600) % 24];
    const [minutes, seconds] = [Math.floor(left / 60) % 60, left % 60];
    const parts = [[days, "days"], [hours, "hours"], [minutes, "minutes"], [seconds, "seconds"]];
    const first = parts.findIndex(([number]) => number > 0);
    return parts.slice(first, first + 2).map(([number, name]) => `${number} ${this.dataset[name]}`).join(" ");
  }
}

customElements.define("count-down", CountDown);
