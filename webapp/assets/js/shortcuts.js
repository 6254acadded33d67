/**
 * Keys for staff: an element with data-key="a" is clicked by that key, a field is focused. Nothing happens while
 * somebody writes, or with Ctrl, Alt or Meta. "?" and the
 * button [data-shortcuts-open] list the keys of the page in <dialog data-shortcuts data-space="word for space">.
 */
const named = () => [...document.querySelectorAll("[data-key]")].filter((element) => element.checkVisibility?.() ?? true);

const writes = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");

const nameOf = (element) =>
  element.getAttribute("aria-label") ?? (element.querySelector("span") ?? element.labels?.[0] ?? element).textContent;

/** @param {HTMLDialogElement} dialog */
function list(dialog) {
  const rows = named().map((element) => {
    const [key, name] = [document.createElement("dt"), document.createElement("dd")];
    const cap = document.createElement("kbd");
    cap.textContent = element.dataset.key === " " ? dialog.dataset.space : element.dataset.key.toUpperCase();
    key.append(cap);
    name.textContent = nameOf(element);
    return [key, name];
  });
  dialog.querySelector("[data-shortcuts-list]").replaceChildren(...rows.flat());
  dialog.showModal();
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  if (writes(event.target)) return;
  const dialog = document.querySelector("dialog[data-shortcuts]");
  if (event.key === "?" && dialog) return list(dialog);
  if (document.querySelector("dialog[open]")) return;
  const target = named().find((element) => element.dataset.key.toLowerCase() === event.key.toLowerCase());
  // the space bar belongs to a focused button or link first
  if (!target || (event.key === " " && event.target.closest("button, a, summary, input"))) return;
  event.preventDefault();
  if (writes(target)) target.focus();
  else target.click();
}

document.addEventListener("keydown", press);

const opener = document.querySelector("[data-shortcuts-open]");
if (opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => list(document.querySelector("dialog[data-shortcuts]")));
}
