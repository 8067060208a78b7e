/** Taking the customer's messages over from another request: asked first, for it is paused then. */
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("moving"));
const question = /** @type {HTMLElement} */ (document.getElementById("moving-question"));

dialog.addEventListener("close", () => {
  // The browser gives the focus back, but not to a button that was replaced meanwhile.
  if (document.activeElement !== document.body) return;
  /** @type {HTMLElement | null} */ (document.querySelector('[data-action="move-here"]'))?.focus();
});

/** @param {HTMLElement} button */
export function ask({ dataset }) {
  question.textContent = dataset.question ?? "";
  dialog.showModal();
}

export const close = () => dialog.close();
