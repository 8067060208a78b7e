/** The keyboard: what sends, from message to message, and back to the box. */
import * as composer from "./composer.js";
import { sendsWithEnter } from "./preferences.js";

const log = /** @type {HTMLElement} */ (document.getElementById("log"));
// They do something of their own with these keys.
const OWN_KEYS = "input, select, textarea, audio, video, [contenteditable]";

/** The one message that Tab comes to; the newest while the reader has been to none. */
let current = "";
/** What had the focus before the page changed. */
let held = { row: "", action: "" };

const box = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("text"));
const rows = () => /** @type {HTMLElement[]} */ ([...log.querySelectorAll("li.row")]);

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || !(event.target instanceof HTMLElement)) return;
  const done = event.target === box() ? inBox(event) : inPanel(event, event.target);
  if (done) event.preventDefault();
});
log.addEventListener("focusin", ({ target }) => {
  const row = target instanceof Element && target.closest("li.row");
  if (!row) return;
  current = row.id;
  stand();
});

/** Remember what has the focus: its row may be replaced. */
export function before() {
  const focused = document.activeElement;
  const row = log.contains(focused) && focused?.closest("li.row");
  const action = focused instanceof HTMLElement ? focused.dataset.action : "";
  held = { row: (row && row.id) || "", action: action ?? "" };
}

/** Give the focus back to what it was on, and keep one message within Tab's reach. */
export function after() {
  stand();
  if (!held.row || document.activeElement !== document.body) return;
  const row = document.getElementById(held.row);
  const button = held.action && row?.querySelector(`[data-action="${held.action}"]`);
  const next = button instanceof HTMLElement ? button : row;
  if (next) next.focus({ preventScroll: true });
  else box()?.focus();
}

/** @param {KeyboardEvent} event  returns whether it was ours */
function inBox(event) {
  const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
  if (key === "Enter" && (ctrlKey || metaKey || (sendsWithEnter() && !shiftKey && !altKey))) {
    if (!event.repeat) void composer.send();
    return true;
  }
  if (box()?.value || ctrlKey || metaKey || altKey || shiftKey) return false;
  if (key === "ArrowUp") return go(rows().at(-1));
  const templates = key === "/" && document.getElementById("templates");
  if (templates) templates.click();
  return Boolean(templates);
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} target
 */
function inPanel({ key, ctrlKey, metaKey, shiftKey, altKey }, target) {
  if (!log.contains(target) || ctrlKey || metaKey || shiftKey || altKey) return false;
  if (key === "Escape") return !document.querySelector("dialog[open], :popover-open") && leave();
  if (target.closest(OWN_KEYS)) return false;
  const all = rows();
  const at = all.findIndex((row) => row.contains(target));
  switch (key) {
    case "ArrowUp":
      return go(at < 0 ? all.at(-1) : all[at - 1]);
    case "ArrowDown":
      return go(all[at + 1]);
    case "Home":
      return go(all[0]);
    case "End":
      return go(all.at(-1));
    default:
      return false;
  }
}

/** Back to the box, or to what stands in its place. */
function leave() {
  const instead = document.querySelector("#composer button, #banner button");
  const next = box() ?? instead;
  if (next instanceof HTMLElement) next.focus();
  return Boolean(next);
}

/** @param {HTMLElement | undefined} row */
function go(row) {
  if (!row) return true; // the page behind must not scroll in its place
  row.tabIndex = -1;
  row.focus();
  return true;
}

function stand() {
  const all = rows();
  const one = all.find((row) => row.id && row.id === current) ?? all.at(-1);
  for (const row of all) row.tabIndex = row === one ? 0 : -1;
  log.tabIndex = one ? -1 : 0; // one stop is enough
}
