/** Going through a thread that is longer than the screen holds. */
import { ask, swap } from "./server.js";
import * as thread from "./thread.js";

const NEAR_TOP = 60; // pixels

const log = /** @type {HTMLElement} */ (document.getElementById("log"));

/** @type {Promise<void> | null} */
let loading = null;
let wanted = "";
let scrolled = 0;

// Who scrolls up to the beginning goes on reading.
log.addEventListener("scroll", () => {
  const up = log.scrollTop < scrolled;
  scrolled = log.scrollTop;
  const older = log.querySelector("[data-action=earlier]");
  if (up && scrolled < NEAR_TOP && older instanceof HTMLElement) void earlier(older);
});

/** @param {HTMLElement} button */
export const earlier = ({ dataset }) => load("earlier", { before: dataset.before ?? "" });

/** @param {HTMLElement} button */
export const later = ({ dataset: { after = "", before = "" } }) => load("later", { after, before });

/**
 * Go to a message of the thread, however far up it is.
 * @param {string} id
 */
export async function goTo(id) {
  wanted = id;
  await loading;
  if (wanted === id && !document.getElementById(id)) {
    await load(`messages/${id.slice(1)}/around`, {});
  }
  if (wanted === id) thread.point(id); // who goes on quickly wants the last one
}

/**
 * @param {string} what
 * @param {Record<string, string>} query
 */
function load(what, query) {
  loading ??= fill(what, query).finally(() => (loading = null));
  return loading;
}

/**
 * @param {string} what
 * @param {Record<string, string>} query
 */
async function fill(what, query) {
  const held = log.contains(document.activeElement) && document.activeElement !== log;
  const answer = await ask(what, { query }).catch(() => null);
  if (answer?.ok) await swap(await answer.text(), { quiet: true });
  // The button that was pressed is another one now, or gone: the keyboard stays in the thread.
  if (held && document.activeElement === document.body) {
    const next = /** @type {HTMLElement | null} */ (log.querySelector(`[data-action=${what}]`));
    (next ?? log).focus({ preventScroll: true });
  }
}
