/** What was typed when the box went away: shown, and to be copied where it is of use. */
import * as draft from "./draft.js";

const words = () => document.getElementById("kept-text");

/** Show it: the page may know more of it than the server did. */
export function ready() {
  const shown = words();
  const place = document.getElementById("kept");
  if (!shown || !place) return;
  shown.textContent = draft.restored({ value: shown.textContent ?? "" });
  place.hidden = !shown.textContent.trim();
}

export async function copy() {
  const shown = words();
  if (!shown) return;
  const text = shown.textContent ?? "";
  const copied = await navigator.clipboard.writeText(text).then(() => true, () => select(shown));
  const { copied: done = "", selected = "" } = document.getElementById("copied")?.dataset ?? {};
  document.getElementById("copied")?.replaceChildren(copied ? done : selected);
}

/**
 * Where the page around forbids the clipboard, as a selection it may be copied.
 * @param {HTMLElement} shown
 */
function select(shown) {
  getSelection()?.selectAllChildren(shown);
  return document.execCommand("copy");
}
