/**
 * <form data-upload data-broken="..."> with a <progress hidden> and a <p role="status"> in .upload: sends the form
 * with visible progress. An answer after a redirect is visited; a refused form takes the place of main; a broken
 * line is said and the same form (same idempotency key) can be sent again. data-at-once: sent as soon as a file is chosen.
 * With <input name="key"> (photo-picker makes one for each picture), data-later, data-later-here and a
 * button[data-now]: the picture is kept on the phone until the server has it, and sent again by itself; data-later-here
 * is said where the browser stores nothing, so that it lives as long as the page.
 */
import { post } from "./lib/post.js";
import { isBusy, setBusy, setReady } from "./submit-guard.js";

const WORK_MS = 180_000; // a file of thousands of rows is read before the answer; a photo has its own, shorter patience

/** One try. @returns {Promise<XMLHttpRequest>} status 0: the line broke, or was silent for too long */
function send(form, body, answer_ms) {
  const bar = form.querySelector("progress");
  const said = form.querySelector(".upload [role=status]");
  const onprogress = (share) => {
    if (share === 1) bar?.removeAttribute("value"); // sent: now the server works
    else if (bar) Object.assign(bar, { hidden: false, max: 1, value: share });
    if (said) said.textContent = `${Math.round(share * 100)} %`;
  };
  return post(form.action, body, { onprogress, answer_ms });
}

/** @param {HTMLFormElement} form @param {string} words  what is said while the line is broken */
function sayBroken(form, words) {
  const [bar, said] = [form.querySelector("progress"), form.querySelector(".upload [role=status]")];
  if (bar) bar.hidden = true;
  if (said) said.textContent = words ?? "";
}

/** @param {HTMLFormElement} form @param {SubmitEvent} event */
async function sendOnce(form, event) {
  const request = await send(form, new FormData(form, event.submitter), WORK_MS);
  if (request.status) return answer(form, request);
  setReady(form);
  return sayBroken(form, form.dataset.broken);
}

/** The same until it has arrived; the picture outlives the page. */
async function sendSurely(form, event) {
  const body = new FormData(form, event.submitter);
  const [{ deliver, patience }, kept] = await Promise.all([import("./camera/delivery.js"), import("./camera/kept.js")]);
  const key = body.get("key");
  const [source, blob] = [...body].find(([, value]) => value instanceof File && value.size) ?? [];
  const stays = Boolean(blob) && await kept.keep({ key, account: document.body.dataset.personal, blob, source, takenAt: Date.now() });
  const now = form.querySelector("[data-now]");
  const request = await deliver(() => send(form, body), {
    wait: (ms) => patience(ms, now),
    ontry: () => { now.hidden = true; },
    onwait: () => {
      now.hidden = false;
      sayBroken(form, stays ? form.dataset.later : form.dataset.laterHere);
    },
  });
  if (request.responseURL !== form.action || request.status === 422 || request.status === 413) await kept.forget(key);
  return answer(form, request);
}

/** @param {HTMLFormElement} form @param {XMLHttpRequest} request */
function answer(form, request) {
  if (request.status < 400 && request.responseURL !== form.action) {
    if (request.responseURL === location.href) return location.reload(); // keeps the place on a long page
    return location.assign(request.responseURL);
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) return location.reload();
  setReady(form); // the pressed button may stand outside of main and stay
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  (main.querySelector("[data-focus]") ?? main).focus();
  window.scrollTo(0, 0);
  return undefined;
}

// in the capture phase: the guard against second taps then finds the form already busy
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || isBusy(form) || event.defaultPrevented) return;
  event.preventDefault();
  setBusy(form, event.submitter);
  if (form.elements.key?.value) sendSurely(form, event);
  else sendOnce(form, event);
}, true);

document.addEventListener("change", ({ target: input }) => {
  const form = input.closest("form[data-at-once]");
  if (form && input.files?.length) form.requestSubmit?.();
});
