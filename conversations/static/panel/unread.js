/** What the agent has not read: the line above it, and the button that leads there. */
import { ask } from "./server.js";
import { plural } from "./words.js";

const READ_AFTER = 3_000; // milliseconds at the end of the thread
const MARGIN = 16; // pixels

const log = /** @type {HTMLElement} */ (document.getElementById("log"));
const jump = /** @type {HTMLElement} */ (document.getElementById("jump"));
let atEnd = true;
let newest = 0;
let marked = 0;
let awaited = 0;
let timer = 0;
/** @type {HTMLElement | null} */
let held = null;

document.addEventListener("visibilitychange", () => look(atEnd));

/**
 * The customer's messages have come on the page.
 * @param {HTMLElement[]} rows
 * @param {{quiet: boolean}} how  quiet: the server has said which of them are new
 */
export function arrived(rows, { quiet }) {
  newest = Math.max(newest, ...rows.map((row) => Number(row.id.slice(1))));
  if (quiet || !rows.length || (atEnd && isVisible() && !line())) return;
  const shown = line() ?? draw(rows[0]);
  const count = Number(shown.dataset.count) + rows.length;
  shown.dataset.count = String(count);
  /** @type {Element} */ (shown.firstElementChild).textContent = plural(log.dataset.new, count);
}

/** Put the line back where it was: the whole thread may be another piece now. */
export function restore() {
  if (!held || held.isConnected || line()) return;
  const { order = "" } = held.dataset;
  const rows = /** @type {HTMLElement[]} */ ([...log.children]);
  log.insertBefore(held, rows.find((row) => (row.dataset.order ?? "") > order) ?? null);
}

/** Remember the line: what is swapped in may come without it. */
export function hold() {
  held = line();
}

/**
 * Look where the reader is: what they have had before their eyes at the end is read in a while.
 * @param {boolean} end
 */
export function look(end) {
  atEnd = end;
  const shown = line();
  if (shown && isVisible() && side(shown) === "here") shown.dataset.looked = "1";
  const looked = !shown || shown.dataset.looked === "1";
  jump.hidden = !shown || (looked && atEnd);
  if (shown) {
    const label = /** @type {HTMLElement} */ (jump.firstElementChild);
    label.textContent = plural(log.dataset.new, Number(shown.dataset.count));
    jump.classList.toggle("up", !looked && side(shown) === "above");
  }
  wait(isVisible() && atEnd && looked && (shown !== null || newest > marked));
}

/** Go to the line, if the reader has not been there. Says whether it did. */
export function goTo() {
  const shown = line();
  if (!shown || shown.dataset.looked === "1") return false;
  // Not scrollIntoView: it moves the page around the frame too.
  log.scrollTop += shown.getBoundingClientRect().top - log.getBoundingClientRect().top - MARGIN;
  return true;
}

/** Who answers has read what they answer. */
export function answered() {
  line()?.setAttribute("data-looked", "1");
}

/** @param {boolean} reading */
function wait(reading) {
  if (reading && timer && awaited === newest) return;
  clearTimeout(timer);
  awaited = newest;
  timer = reading ? setTimeout(read, READ_AFTER) : 0;
}

function read() {
  timer = 0;
  line()?.remove();
  look(atEnd);
  if (newest <= marked) return;
  marked = newest;
  ask("seen", { form: { upto: String(newest) } }).catch(() => (marked = 0));
}

/** @param {HTMLElement} row */
function draw(row) {
  const drawn = Object.assign(document.createElement("li"), { id: "new", className: "rule unread" });
  drawn.append(document.createElement("span"));
  drawn.dataset.count = "0";
  // Sorted before the row: of the same time and kind, without an id.
  drawn.dataset.order = (row.dataset.order ?? "").slice(0, -12).padEnd(30, "0");
  row.before(drawn);
  return drawn;
}

/**
 * On which side of what the reader sees it is.
 * @param {HTMLElement} shown
 */
function side(shown) {
  const { top, bottom } = log.getBoundingClientRect();
  const box = shown.getBoundingClientRect();
  if (box.bottom <= top) return "above";
  return box.top >= bottom ? "below" : "here";
}

const line = () => document.getElementById("new");
const isVisible = () => document.visibilityState === "visible";
