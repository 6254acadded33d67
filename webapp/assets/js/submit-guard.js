/**
 * A second tap sends nothing twice. The pressed button says that it works (data-busy) until the page changes or
 * comes back. Forms that are sent by other modules mark their event as prevented and are left alone.
 */
const busy = new Map();

/** @param {HTMLFormElement} form */
export const isBusy = (form) => busy.has(form);

/** @param {HTMLFormElement} form @param {HTMLElement | null} button */
export function setBusy(form, button) {
  const label = button?.querySelector("span");
  busy.set(form, { button, text: label?.textContent });
  button?.setAttribute("aria-busy", "true");
  if (label && button.dataset.busy) label.textContent = button.dataset.busy;
}

/** @param {HTMLFormElement} form */
export function setReady(form) {
  const { button, text } = busy.get(form) ?? {};
  busy.delete(form);
  button?.removeAttribute("aria-busy");
  const label = button?.querySelector("span");
  if (label && text !== undefined) label.textContent = text;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (isBusy(form)) return event.preventDefault();
  if (!event.defaultPrevented) setBusy(form, event.submitter);
});

addEventListener("pageshow", () => [...busy.keys()].forEach(setReady));
