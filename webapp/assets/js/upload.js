/**
 * <form data-upload data-broken="..."> with a <progress hidden> and a <p role="status"> in .upload: sends the form
 * with visible progress. An answer after a redirect is visited; a refused form takes the place of main; a broken
 * line is said and the same form (same idempotency key) can be sent again.
 */
import { isBusy, setBusy, setReady } from "./submit-guard.js";

/** @param {HTMLFormElement} form @param {SubmitEvent} event */
function send(form, event) {
  const bar = form.querySelector("progress");
  const said = form.querySelector(".upload [role=status]");
  const request = new XMLHttpRequest();
  const broken = () => {
    setReady(form);
    if (bar) bar.hidden = true;
    if (said) said.textContent = form.dataset.broken ?? "";
  };
  request.upload.onprogress = ({ loaded, total }) => {
    if (bar) Object.assign(bar, { hidden: false, max: total, value: loaded });
    if (said) said.textContent = `${Math.round((loaded / total) * 100)} %`;
  };
  request.upload.onload = () => bar?.removeAttribute("value"); // sent: now the server works
  request.onerror = request.ontimeout = broken;
  request.onload = () => answer(form, request);
  request.open("POST", form.action);
  request.send(new FormData(form, event.submitter));
}

/** @param {HTMLFormElement} form @param {XMLHttpRequest} request */
function answer(form, request) {
  if (request.status < 400 && request.responseURL !== form.action) return location.assign(request.responseURL);
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) return location.reload();
  setReady(form); // the pressed button may stand outside of main and stay
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  (main.querySelector("[data-focus]") ?? main).focus();
  window.scrollTo(0, 0);
}

// in the capture phase: the guard against second taps then finds the form already busy
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || isBusy(form) || event.defaultPrevented) return;
  event.preventDefault();
  setBusy(form, event.submitter);
  send(form, event);
}, true);
