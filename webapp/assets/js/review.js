/**
 * The review at speed. Forms with data-review and links with data-visit are sent in the background, and the main part
 * of the page that answers takes the place of this one; the next pictures ([data-next], addresses with spaces between)
 * are fetched while the reviewer looks at these. What the server answers is always what is shown: nothing is guessed.
 * Also: R opens the reasons, Enter sends them, a search narrows them, the minute to undo runs by this clock.
 */
import { isBusy, setBusy, setReady } from "./submit-guard.js";
import { narrow } from "./lib/narrow.js";

const OURS = ["/console/review", "/console/returned"];

/** @type {Map<string, Promise<string>>} address -> the picture as a blob address; what is not used next is let go */
let ahead = new Map();

/** Fetch the next pictures once the present ones are there. */
function lookAhead() {
  const addresses = document.querySelector("[data-next]")?.dataset.next.split(" ").filter(Boolean) ?? [];
  for (const address of addresses) {
    if (ahead.has(address)) continue;
    const picture = fetch(address).then((answer) => (answer.ok ? answer.blob() : Promise.reject())).then(URL.createObjectURL);
    ahead.set(address, picture);
    picture.catch(() => ahead.delete(address));
  }
}

/** @param {HTMLElement} main the new main part, not yet in the page */
async function usePicturesAhead(main) {
  const fetched = ahead;
  ahead = new Map();
  for (const image of main.querySelectorAll("[data-picture]")) {
    const address = image.getAttribute("src");
    const blob = await fetched.get(address)?.catch(() => "");
    fetched.delete(address);
    if (!blob) continue;
    image.addEventListener("load", () => URL.revokeObjectURL(blob), { once: true });
    image.src = blob;
  }
  for (const picture of fetched.values()) picture.then(URL.revokeObjectURL, () => {});
}

/** @param {Response} answer */
async function take(answer) {
  const address = new URL(answer.url);
  if (!OURS.some((place) => address.pathname.startsWith(place))) return location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  if (!main) return location.reload();
  await usePicturesAhead(main);
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  history.pushState({ review: true }, "", answer.redirected || answer.ok ? address : location.href);
  window.scrollTo(0, 0);
  prepare();
  (main.querySelector("[data-focus]") ?? main).focus({ preventScroll: true });
}

/** @param {RequestInfo} address @param {RequestInit} options @param {() => void} otherwise when the line is broken */
async function visit(address, options, otherwise) {
  const answer = await fetch(address, options).catch(() => null);
  if (answer) await take(answer);
  else otherwise();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-review]");
  if (!form || isBusy(form) || event.defaultPrevented) return;
  event.preventDefault();
  // one decision at a time: the other buttons wait for the answer too
  for (const other of document.querySelectorAll("form[data-review]")) setBusy(other, other === form ? event.submitter : null);
  const again = () => {
    document.querySelectorAll("form[data-review]").forEach(setReady);
    form.submit(); // the browser's own way says what is wrong with the line
  };
  visit(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)) }, again);
}, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-visit]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    visit(link.href, {}, () => location.assign(link.href));
  }
  if (event.target.closest("[data-return]")) {
    event.preventDefault();
    openReasons();
  }
});

function openReasons() {
  const panel = document.querySelector(".return");
  if (!panel) return;
  panel.open = true;
  panel.scrollIntoView({ block: "nearest" });
  panel.querySelector("input[name=reasons]")?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  const panel = document.querySelector(".return[open]");
  if (!panel || event.isComposing) return;
  if (event.key === "Escape") {
    panel.open = false;
    document.querySelector("[data-return]")?.focus();
  }
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey || event.target.matches("input[name=reasons], body, main"));
  if (sends) {
    event.preventDefault();
    panel.querySelector("form").requestSubmit(panel.querySelector("[data-send]"));
  }
});

/** The minute runs by this machine's clock, whatever time it shows. */
function startUndo() {
  const form = document.querySelector("[data-left]");
  const clock = form?.querySelector("count-down");
  if (!clock) return;
  clock.querySelector("time").dateTime = new Date(Date.now() + Number(form.dataset.left) * 1000).toISOString();
  clock.replaceWith(clock); // starts anew with the corrected time
  form.addEventListener("countdown:over", () => form.querySelector("button").remove(), { once: true });
}

function prepare() {
  document.querySelector(".return")?.classList.add("return--ready");
  startUndo();
  narrow(document.querySelector("[data-reason-search]"), ".reasons__more .reason");
  const coming = [...document.querySelectorAll("[data-picture]")].filter((image) => !image.complete);
  if (!coming.length) lookAhead();
  else Promise.all(coming.map((image) => new Promise((there) => {
    image.addEventListener("load", there, { once: true });
    image.addEventListener("error", there, { once: true });
  }))).then(lookAhead);
}

addEventListener("popstate", () => location.reload());
prepare();
