/** The thread on the screen: what is new in it, where it is scrolled to, what is read out. */
import { now } from "./server.js";
import { keepTime } from "./times.js";
import * as unread from "./unread.js";
import { plural } from "./words.js";

const SAY_PAUSE = 3_000; // milliseconds: at most one sentence in this time
const SAY_FOR = 1_000;
const AT_END = 40; // pixels

const log = /** @type {HTMLElement} */ (document.getElementById("log"));
const say = /** @type {HTMLElement} */ (document.getElementById("say"));
const alarm = /** @type {HTMLElement} */ (document.getElementById("alarm"));

/** @type {Map<string, string | undefined>} */
let known = new Map();
let atEnd = true;
let scrolled = 0;
/** @type {string[]} */
let unsaid = [];
let saying = 0;
/** @type {{row: HTMLElement | undefined, top: number}} */
let anchor = { row: undefined, top: 0 };

log.addEventListener("scroll", () => {
  // Content that grows moves the end away, not the reader: only who scrolls back has left it.
  atEnd = isAtEnd() || (atEnd && log.scrollTop >= scrolled);
  scrolled = log.scrollTop;
  unread.look(atEnd);
});
// Pictures and players take their room once they have come; these events do not bubble.
for (const come of ["load", "loadedmetadata"]) {
  log.addEventListener(come, () => {
    if (atEnd) toEnd();
  }, true);
}
// The box below grows with its text: who reads the newest message goes on seeing it.
new ResizeObserver(() => {
  if (atEnd) toEnd();
}).observe(log);

log.addEventListener("toggle", ({ target }) => {
  const details = /** @type {HTMLDetailsElement} */ (target);
  if (details.open) details.scrollIntoView({ block: "nearest" });
}, true); // it does not bubble

/** Remember where the reader is, so that nothing moves under their eyes. */
export function before() {
  unread.hold();
  const { top } = log.getBoundingClientRect();
  const row = rows().find((each) => each.getBoundingClientRect().bottom > top);
  anchor = { row, top: row?.getBoundingClientRect().top ?? 0 };
}

/**
 * Says whether the customer has written something that was not on the screen before.
 * @param {{quiet: boolean}} how  quiet: nothing of it is news
 */
export function after({ quiet }) {
  const fresh = rows().filter((row) => !known.has(row.id));
  const failed = rows().filter((row) => isFailed(row) && known.get(row.id) !== "failed");
  known = new Map(rows().map((row) => [row.id, row.dataset.status]));
  for (const row of fresh) settle(row.dataset.client);
  const heard = fresh.filter((row) => row.dataset.dir === "in");
  unread.restore();
  unread.arrived(heard, { quiet });
  keepTime();
  if (atEnd) toEnd();
  else if (anchor.row) log.scrollTop += here(anchor.row).getBoundingClientRect().top - anchor.top;
  unread.look(atEnd);
  if (quiet) return heard.length > 0;
  speak(heard.map((row) => row.dataset.say ?? ""));
  tell(alarm, failed.map((row) => row.querySelector(".word")?.textContent ?? "").join(" "));
  return heard.length > 0;
}

/**
 * Show where a message is.
 * @param {string} id
 */
export function point(id) {
  const row = document.getElementById(id);
  if (!row) return;
  for (const each of log.querySelectorAll(".pointed")) each.classList.remove("pointed");
  row.classList.add("pointed");
  row.tabIndex = -1;
  row.scrollIntoView({ block: "center" });
  row.focus({ preventScroll: true });
}

/**
 * Show a message before the server has it.
 * @param {string} text
 * @param {string} clientId
 */
export function promise(text, clientId) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("pending"));
  const copy = document.importNode(template.content, true);
  const row = /** @type {HTMLElement} */ (copy.querySelector("li"));
  row.dataset.pending = clientId;
  row.dataset.order = "9".repeat(30); // after everything that the server knows
  /** @type {HTMLElement} */ (row.querySelector(".bub")).textContent = text;
  /** @type {HTMLElement} */ (row.querySelector(".status")).dataset.since = new Date(now()).toISOString();
  log.append(row);
  unread.answered();
  toEnd();
}

/**
 * Take a promised message away: it is here now, or it will not be.
 * @param {string | undefined} clientId
 */
export function settle(clientId) {
  if (clientId) log.querySelector(`[data-pending="${CSS.escape(clientId)}"]`)?.remove();
}

/** @param {string} clientId */
export const isStored = (clientId) =>
  log.querySelector(`[data-client="${CSS.escape(clientId)}"]`) !== null;

/** Go to what is new, else to the newest message. */
export function jump() {
  if (!unread.goTo()) toEnd();
  log.focus({ preventScroll: true }); // the button may go
}

/** Go to the newest message. */
export function toEnd() {
  log.scrollTop = log.scrollHeight;
  scrolled = log.scrollTop;
  atEnd = true;
  unread.look(atEnd);
}

/**
 * Read out at most one sentence in a while; what came meanwhile is counted.
 * @param {string[]} sentences
 */
function speak(sentences) {
  unsaid.push(...sentences);
  if (saying || !unsaid.length) return;
  remark(unsaid.length > 1 ? plural(log.dataset.new, unsaid.length) : unsaid[0]);
  unsaid = [];
  saying = setTimeout(() => {
    saying = 0;
    speak([]);
  }, SAY_PAUSE);
}

/** @param {string} sentence  about the conversation as it stands */
export const remark = (sentence) => tell(say, sentence);

/**
 * @param {HTMLElement} place
 * @param {string} sentence
 */
function tell(place, sentence) {
  if (!sentence) return;
  place.textContent = sentence;
  setTimeout(() => {
    if (place.textContent === sentence) place.textContent = ""; // else browsing finds it again
  }, SAY_FOR);
}

const rows = () => /** @type {HTMLElement[]} */ ([...log.querySelectorAll("li.row[id]")]);
const isFailed = (/** @type {HTMLElement} */ row) => row.dataset.status === "failed";
const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < AT_END;
/** The row itself, or what has replaced it. */
const here = (/** @type {HTMLElement} */ row) => document.getElementById(row.id) ?? row;
