/**
 * A personal page that the browser kept whole (back button, WeChat on iOS) shows old data, perhaps to the next
 * person at the same phone: it is loaded anew. Expects data-personal on body.
 */
addEventListener("pageshow", (event) => {
  if (event.persisted && document.body.hasAttribute("data-personal")) location.reload();
});

/**
 * A shot that waits on this phone belongs to the account whose mark it bears: it goes when that person signs out, and
 * when somebody else is signed in. Other pages do not open the database.
 */
const waits = () => {
  try {
    return localStorage.getItem("xuezhao-kept");
  } catch {
    return null;
  }
};
const wipe = async () => (await import("./camera/kept.js")).forgetAll();
const mark = document.body.dataset.personal;
if (mark && waits() !== null && waits() !== mark) wipe();
document.addEventListener("submit", (event) => {
  if (waits() !== null && event.target.action.endsWith("/sign-out")) wipe();
});

/** After a refused form the summary of errors gets the focus, so that it is read out first. */
document.querySelector("[data-focus]")?.focus();
