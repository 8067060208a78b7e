/** The keyboard: what sends, from message to message, and back to the box. */
import * as composer from "./composer.js";
import { sendsWithEnter } from "./preferences.js";

const log = /** @type {HTMLElement} */ (document.getElementById("log"));
// They do something of their own with these keys.
const OWN_KEYS = "input, select, textarea, audio, video, [contenteditable]";

/** The one message that Tab comes to; the newest while the reader has been to none. */
let current = "";
/** What had the focus before the page changed, and where it was. */
let held = { part: "", row: "", client: "", action: "" };

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

/** Remember what has the focus: it may be replaced. */
export function before() {
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  const part = document.hasFocus() ? focused.closest("#panel > [id]")?.id : "";
  const row = /** @type {HTMLElement | null} */ (focused.closest("#log li.row"));
  const { pending: client = "" } = row?.dataset ?? {};
  const { action = "" } = focused.dataset;
  held = { part: part ?? "", row: row?.id ?? "", client, action };
}

/** Give the focus back to what it was on, and keep one message within Tab's reach. */
export function after() {
  stand();
  if (!held.part || document.activeElement !== document.body) return;
  const sent = held.client && log.querySelector(`[data-client="${held.client}"]`);
  const row = sent || document.getElementById(held.row);
  const place = row ?? document.getElementById(held.part);
  const again = held.action && place?.querySelector(`[data-action="${held.action}"]`);
  const next = again || row || box() || (held.action && instead()) || log;
  /** @type {HTMLElement} */ (next).focus({ preventScroll: true });
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
  const next = box() ?? instead();
  next?.focus();
  return Boolean(next);
}

/** The first button that can be pressed where there is no box. */
function instead() {
  const buttons = document.querySelectorAll("#banner button, #composer button");
  return /** @type {HTMLElement[]} */ ([...buttons]).find((each) => each.checkVisibility());
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
  for (const row of all) {
    const stop = row === one ? 0 : -1;
    if (row.tabIndex !== stop) row.tabIndex = stop; // what is written is styled anew
  }
  log.tabIndex = one ? -1 : 0; // one stop is enough
}
