/**
 * A personal page that the browser kept whole (back button, WeChat on iOS) shows old data, perhaps to the next
 * person at the same phone: it is loaded anew. Expects data-personal on body.
 */
addEventListener("pageshow", (event) => {
  if (event.persisted && document.body.hasAttribute("data-personal")) location.reload();
});

/** After a refused form the summary of errors gets the focus, so that it is read out first. */
document.querySelector("[data-focus]")?.focus();
