/** Filters that are open close with Escape, or when something else on the page is pressed. */

document.addEventListener("click", ({ target }) => {
  for (const filter of open()) {
    if (!(target instanceof Node && filter.contains(target))) filter.open = false;
  }
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const filter of open()) {
    filter.open = false;
    filter.querySelector("summary")?.focus();
  }
});

/** @returns {NodeListOf<HTMLDetailsElement>} */
function open() {
  return document.querySelectorAll("#changelist-filter details[open]");
}
