/** The draft: kept on the server, for in a frame on another site the browser may keep nothing. */
import { ask } from "./server.js";

const SAVE_AFTER = 600; // milliseconds without a key
const RETRY_AFTER = 15_000;

/** @type {string | null} What was typed; null: nothing yet, the server's draft stands. */
let text = null;
let timer = 0;
let known = false;
/** @type {"" | "saved" | "unsaved"} */
let state = "";
/** @type {Promise<unknown>} */
let saving = Promise.resolve();

/**
 * What belongs into a box: what was typed into the one before it, else the server's draft.
 * @param {{value: string}} field
 */
export const restored = (field) => text ?? field.value;

/** @param {string} typed */
export function changed(typed) {
  const begins = !text && typed;
  text = typed;
  mark("");
  clearTimeout(timer);
  // The server asks about what colleagues sent since the first key.
  timer = setTimeout(save, begins ? 0 : SAVE_AFTER);
}

/** The agent knows what colleagues have sent until now, and goes on writing. */
export function anew() {
  known = true;
  save();
}

/** A message was sent, and the server has forgotten what was typed on meanwhile: save it again. */
export function keep() {
  if (text) save();
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
  const form = { text: text ?? "", anew: known ? "1" : "" };
  const kept = form.text;
  known = false;
  // One after the other: an older draft must not arrive last.
  saving = saving.then(async () => {
    const status = await ask("draft", { form }).then((answer) => answer.status, () => 500);
    if (text !== kept) return;
    const ok = status < 300;
    mark(!ok ? "unsaved" : kept ? "saved" : "");
    if (status >= 500 && kept && !timer) timer = setTimeout(save, RETRY_AFTER);
  });
}

/** @param {"" | "saved" | "unsaved"} found */
function mark(found) {
  state = found;
  ready();
}

/** Say below the box, which may be another one than before, whether the server has the draft. */
export function ready() {
  const hint = document.getElementById("saved");
  if (!hint) return;
  hint.hidden = !state;
  const words = /** @type {Element} */ (hint.lastElementChild);
  words.textContent = state && (hint.dataset[state] ?? "");
}
