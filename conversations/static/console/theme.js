/** The reader's choice of colours: as the system has them, light, or dark. */

const KEY = "theme";
const MODES = ["auto", "light", "dark"];

show(kept());

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("button.theme-toggle")) {
    button.addEventListener("click", () => {
      const now = document.documentElement.dataset.theme ?? "auto";
      const next = MODES[(MODES.indexOf(now) + 1) % MODES.length] ?? "auto";
      show(next);
      keep(next);
    });
  }
});

/** @param {string} mode */
function show(mode) {
  document.documentElement.dataset.theme = mode;
}

function kept() {
  try {
    const mode = localStorage.getItem(KEY) ?? "";
    return MODES.includes(mode) ? mode : "auto";
  } catch {
    return "auto"; // a browser that keeps nothing shows the system's colours
  }
}

/** @param {string} mode */
function keep(mode) {
  try {
    localStorage.setItem(KEY, mode);
  } catch {
    // The choice lasts as long as the page.
  }
}
