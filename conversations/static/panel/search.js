/** Searching this conversation: a field, its results, and going from one to the next. */
import { goTo } from "./places.js";
import { ask, swap } from "./server.js";

const SEARCH_AFTER = 250; // milliseconds without a key

const part = /** @type {HTMLElement} */ (document.getElementById("search"));
const field = /** @type {HTMLInputElement} */ (document.getElementById("searched"));
const list = /** @type {HTMLElement} */ (document.getElementById("finds"));
const rest = /** @type {HTMLElement} */ (document.getElementById("more-finds"));
const count = /** @type {HTMLElement} */ (document.getElementById("finds-count"));

let timer = 0;
let searches = 0;
/** @type {HTMLElement | undefined} */
let shown;

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, SEARCH_AFTER);
});
field.addEventListener("focus", () => part.classList.remove("chosen"));
part.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.stopPropagation();
    close();
  }
  if (event.target !== field || event.key !== "Enter") return;
  event.preventDefault();
  void step(event.shiftKey ? -1 : 1);
});

const button = () =>
  /** @type {HTMLElement | null} */ (document.querySelector("#head [data-action=search]"));

/** The button that opens it, which may be another one than before, says whether it is open. */
export function ready() {
  button()?.setAttribute("aria-expanded", String(!part.hidden));
}

export function open() {
  if (!part.hidden) return close();
  part.hidden = false;
  ready();
  field.focus();
  field.select();
}

export function close() {
  part.hidden = true;
  ready();
  button()?.focus();
}

/** @param {HTMLElement} find */
export async function choose(find) {
  mark(find);
  await goTo(find.dataset.row ?? "");
}

/**
 * Go to the next result in the list, or to the one before.
 * @param {number} by
 */
export async function step(by) {
  const held = /** @type {HTMLElement} */ (document.activeElement);
  const at = shown ? finds().indexOf(shown) + by : 0;
  if (at >= finds().length) await more();
  const next = finds()[at];
  if (!next) return;
  await choose(next);
  held.focus(); // who goes on stays on the button
  if (held === field) part.classList.add("chosen");
}

/** Results that are older than those shown. */
export async function more() {
  const button = rest.querySelector("button");
  const before = button?.dataset.before;
  if (!before) return;
  const held = document.activeElement === button;
  const last = finds().length;
  await find({ before });
  if (held) finds()[last]?.focus();
}

async function search() {
  const number = ++searches;
  shown = undefined;
  if (field.value.trim()) return find({}, number);
  for (const each of [list, rest, count]) each.replaceChildren();
  judge();
}

/**
 * @param {Record<string, string>} from
 * @param {number} [number]
 */
async function find(from, number = searches) {
  const answer = await ask("search", { query: { q: field.value, ...from } }).catch(() => null);
  if (number !== searches) return;
  if (answer?.ok) await swap(await answer.text(), { quiet: true });
  else count.textContent = count.dataset.lost ?? "";
  judge();
}

/** @param {HTMLElement} find */
function mark(find) {
  shown?.removeAttribute("aria-current");
  shown = find;
  find.setAttribute("aria-current", "true");
  part.classList.add("chosen");
  const { place = "" } = count.dataset;
  const at = String(finds().indexOf(find) + 1);
  count.textContent = place.replace("%(place)s", at).replace("%(total)s", find.dataset.total ?? "");
  judge();
}

function judge() {
  const at = shown ? finds().indexOf(shown) : -1;
  const last = at + 1 >= finds().length && !rest.firstElementChild;
  allow("find-older", !last);
  allow("find-newer", at > 0);
}

/**
 * @param {string} action
 * @param {boolean} allowed
 */
function allow(action, allowed) {
  part.querySelector(`[data-action=${action}]`)?.setAttribute("aria-disabled", String(!allowed));
}

const finds = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".find")]);
