/** The emoji beside the box: more of them once they are wanted, found by a word, by keys alone. */

const popover = /** @type {HTMLElement} */ (document.getElementById("emoji"));
const search = /** @type {HTMLInputElement} */ (document.getElementById("emoji-search"));
const groups = /** @type {HTMLElement} */ (document.getElementById("emoji-groups"));
const none = /** @type {HTMLElement} */ (document.getElementById("emoji-none"));

/**
 * @typedef {object} Names  of one language; of each emoji itself, its name and words to find it by
 * @property {Record<string, string>} favourites
 * @property {{name: string, emoji: [string, string, string][]}[]} groups
 */

let asked = false;

popover.addEventListener("toggle", (event) => {
  if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
  search.value = "";
  filter();
  search.focus();
  void load();
});
// Before the emoji goes into the box, and takes the focus there.
groups.addEventListener("click", ({ target }) => {
  if (target instanceof HTMLButtonElement) popover.hidePopover();
});
search.addEventListener("input", filter);
popover.addEventListener("keydown", (event) => {
  const from = document.activeElement;
  const to = from === search ? fromSearch(event.key) : fromEmoji(event.key, from);
  if (!to) return;
  event.preventDefault();
  if (event.key === "Enter") to.click();
  else to.focus();
});

async function load() {
  if (asked) return;
  asked = true;
  const answer = await fetch(groups.dataset.from ?? "").catch(() => null);
  if (!answer?.ok) return void (asked = false); // those at hand do; the next opening asks again
  const names = /** @type {Names} */ (await answer.json());
  for (const each of buttons()) each.dataset.words = names.favourites[each.textContent ?? ""];
  groups.append(...names.groups.map(sectionOf));
  filter();
}

/** @param {Names["groups"][number]} group */
function sectionOf({ name, emoji }) {
  const section = document.createElement("section");
  const title = Object.assign(document.createElement("h2"), { textContent: name });
  const grid = Object.assign(document.createElement("div"), { className: "grid" });
  grid.append(...emoji.map(buttonOf));
  section.append(title, grid);
  return section;
}

/** @param {[string, string, string]} emoji */
function buttonOf([character, name, words]) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", title: name, textContent: character });
  Object.assign(button.dataset, { action: "emoji", words });
  button.setAttribute("aria-label", name);
  return button;
}

/** Show what has every word that was typed; one of them can be reached by Tab. */
function filter() {
  const words = search.value.toLowerCase().split(/\s+/);
  for (const each of buttons()) {
    const known = ` ${each.title} ${each.dataset.words ?? ""}`.toLowerCase();
    each.hidden = !words.every((word) => known.includes(` ${word}`)); // begins one
    each.tabIndex = -1;
  }
  for (const section of groups.children) {
    /** @type {HTMLElement} */ (section).hidden = !section.querySelector("button:not([hidden])");
  }
  const [first] = shown();
  if (first) first.tabIndex = 0;
  none.hidden = Boolean(first);
}

/** @param {string} key */
function fromSearch(key) {
  return key === "ArrowDown" || (key === "Enter" && search.value) ? shown()[0] : null;
}

/**
 * @param {string} key
 * @param {Element | null} from
 */
function fromEmoji(key, from) {
  const all = shown();
  const at = all.indexOf(/** @type {HTMLButtonElement} */ (from));
  if (at < 0) return null;
  const forward = getComputedStyle(groups).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  if (key === forward) return all[at + 1];
  if (key === back) return all[at - 1] ?? search;
  if (key === "ArrowDown") return nearest(all[at], all.slice(at + 1));
  if (key === "ArrowUp") return nearest(all[at], all.slice(0, at).reverse()) ?? search;
  return null;
}

/**
 * The one below or above, or the closest to it in a shorter row.
 * @param {HTMLElement} from
 * @param {HTMLElement[]} others  the next first
 */
function nearest(from, others) {
  const other = others.find(({ offsetTop }) => offsetTop !== from.offsetTop);
  const row = others.filter(({ offsetTop }) => offsetTop === other?.offsetTop);
  const away = (/** @type {HTMLElement} */ each) => Math.abs(each.offsetLeft - from.offsetLeft);
  return row.sort((one, another) => away(one) - away(another))[0];
}

const buttons = () => [...groups.querySelectorAll("button")];
const shown = () => buttons().filter((each) => !each.hidden);
