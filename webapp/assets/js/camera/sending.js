/** One try to send a shot, with progress. What the server answers is a page: where it leads to, or what is wrong. */
import { post } from "../lib/post.js";

/**
 * @param {string} address @param {FormData} form @param {(share: number) => void} progress  0..1
 * @returns {Promise<{status: number, address: string, problem: string}>}  status 0: the line broke
 */
export async function sendShot(address, form, progress) {
  const request = await post(address, form, { onprogress: progress });
  return {
    status: request.status,
    address: request.responseURL || address,
    problem: request.status >= 400 ? problemIn(request.responseText) : "",
  };
}

/** The sentence of a refused form, from its page. */
function problemIn(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const box = page.querySelector("#problem .notice__words, main");
  return [...(box?.querySelectorAll("p:not(.notice__title)") ?? [])].map((line) => line.textContent.trim()).join(" ");
}
