/**
 * The review at speed. Forms with data-review and links with data-visit are sent in the background, and the main part
 * of the page that answers takes the place of this one; the next picture ([data-next]) is fetched while the reviewer
 * looks at this one. What the server answers is always what is shown: nothing is guessed.
 * Also: R opens the reasons, Enter sends them, a search narrows them, the minute to undo runs by this clock.
 */
import { isBusy, setBusy, setReady } from "./submit-guard.js";
import { narrow } from "./lib/narrow.js";

const OURS = "/console/review";

/** @type {{address: string, picture: Promise<string>} | null} the next picture as a blob address */
let ahead = null;

/** Fetch the next picture once the present one is there. */
function lookAhead() {
  const address = document.querySelector("[data-next]")?.dataset.next;
  if (!address || ahead?.address === address) return;
  ahead = {
    address,
    picture: fetch(address).then((answer) => (answer.ok ? answer.blob() : Promise.reject())).then(URL.createObjectURL),
  };
  ahead.picture.catch(() => { ahead = null; });
}

/** @param {HTMLElement} main the new main part, not yet in the page */
async function usePictureAhead(main) {
  const image = main.querySelector("[data-picture]");
  if (!image || !ahead || image.getAttribute("src") !== ahead.address) return;
  const taken = ahead;
  ahead = null;
  const blob = await taken.picture.catch(() => "");
  if (!blob) return;
  image.addEventListener("load", () => URL.revokeObjectURL(blob), { once: true });
  image.src = blob;
}

/** @param {Response} answer */
async function take(answer) {
  const address = new URL(answer.url);
  if (!address.pathname.startsWith(OURS)) return location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  if (!main) return location.reload();
  await usePictureAhead(main);
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
  const image = document.querySelector("[data-picture]");
  if (!image || image.complete) lookAhead();
  else image.addEventListener("load", lookAhead, { once: true });
}

addEventListener("popstate", () => location.reload());
prepare();
