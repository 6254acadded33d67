/** One try to send a shot, with progress. What the server answers is a page: where it leads to, or what is wrong. */

/**
 * @param {string} address @param {FormData} form @param {(share: number) => void} progress  0..1
 * @returns {Promise<{status: number, address: string, problem: string}>}  status 0: the line broke
 */
export function sendShot(address, form, progress) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const end = () => done({
      status: request.status,
      address: request.responseURL || address,
      problem: request.status >= 400 ? problemIn(request.responseText) : "",
    });
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.upload.onload = () => progress(1);
    request.onload = request.onerror = request.ontimeout = request.onabort = end;
    request.open("POST", address);
    request.send(form);
  });
}

/** The sentence of a refused form, from its page. */
function problemIn(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const box = page.querySelector("#problem .notice__words, main");
  return [...(box?.querySelectorAll("p:not(.notice__title)") ?? [])].map((line) => line.textContent.trim()).join(" ");
}
