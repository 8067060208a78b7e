/** The draft: kept on the server, for in a frame on another site the browser may keep nothing. */
import { ask } from "./server.js";

const SAVE_AFTER = 600; // milliseconds without a key

/** @type {string | null} What was typed; null: nothing yet, the server's draft stands. */
let text = null;
let timer = 0;
/** @type {Promise<unknown>} */
let saving = Promise.resolve();

/**
 * What belongs into a box: what was typed into the one before it, else the server's draft.
 * @param {HTMLTextAreaElement} field
 */
export const restored = (field) => text ?? field.value;

/** @param {string} typed */
export function changed(typed) {
  text = typed;
  mark("");
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_AFTER);
}

/** Save at once what has not been saved yet. */
export async function saved() {
  if (timer) save();
  await saving;
}

/** It was sent, and the server forgets it then: wait for what is on its way. */
export async function dropped() {
  clearTimeout(timer);
  timer = 0;
  text = "";
  mark("");
  await saving;
}

function save() {
  clearTimeout(timer);
  timer = 0;
  const kept = text ?? "";
  // One after the other: an older draft must not arrive last.
  saving = saving.then(async () => {
    const ok = await ask("draft", { form: { text: kept } }).then((answer) => answer.ok, () => false);
    if (text !== kept) return;
    mark(!ok ? "unsaved" : kept ? "saved" : "");
  });
}

/** @param {"" | "saved" | "unsaved"} state */
function mark(state) {
  const hint = document.getElementById("saved");
  if (!hint) return;
  hint.hidden = !state;
  const words = /** @type {Element} */ (hint.lastElementChild);
  words.textContent = state && (hint.dataset[state] ?? "");
}
