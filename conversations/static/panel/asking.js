/** A question before something is sent all the same: the server asks it, the agent decides. */

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("ask"));

// It closes by itself; the page takes every other form for one to send.
dialog.addEventListener("submit", (event) => event.stopPropagation());

/**
 * Put the question that an answer brought, if it did.
 * @param {Response} answer
 * @returns {Promise<string>}  the code to come back with; empty: the agent said no, or was not asked
 */
export function confirmed({ headers }) {
  const code = headers.get("X-Ask") ?? "";
  if (!code) return Promise.resolve("");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue && code), { once: true });
  });
}
