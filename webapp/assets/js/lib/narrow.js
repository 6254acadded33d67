/**
 * A search input that hides what does not fit. Expects <p hidden><input data-none> <span role="status"></span></p>
 * and items with data-search.
 * @param {HTMLElement | null} box @param {string} items selector
 */
export function narrow(box, items) {
  if (!box) return;
  const [input, said] = [box.querySelector("input"), box.querySelector("[role=status]")];
  box.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const item of document.querySelectorAll(items)) {
      const fits = words.every((word) => item.dataset.search.toLowerCase().includes(word));
      item.hidden = !fits;
      left += fits;
    }
    said.textContent = left ? "" : input.dataset.none;
  });
}
