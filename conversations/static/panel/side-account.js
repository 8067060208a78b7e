/** Whose request it is: looking for the customer in Jira, and linking the one that was found. */
import { ask, show, standing, swap } from "./server.js";

const PAUSE = 300; // milliseconds without a key
const SHORTEST = 2;

let timer = 0;
let asked = 0;
/** @type {{words: string, inside: boolean} | null} */
let held = null;

const search = () => /** @type {HTMLFormElement | null} */ (document.getElementById("search"));
const opener = () => /** @type {HTMLElement | null} */ (
  document.querySelector("[data-action=search]")
);

const box = () => /** @type {HTMLInputElement} */ (document.getElementById("q"));

/** @param {boolean} wanted */
export function open(wanted) {
  const form = search();
  if (!form) return;
  clearTimeout(timer);
  form.hidden = !wanted;
  opener()?.setAttribute("aria-expanded", String(wanted));
  if (wanted) box().focus();
  else opener()?.focus();
}

/** What it stands in is about to be replaced: an open search stays open. */
export function hold() {
  const form = search();
  const open = form && !form.hidden;
  held = open ? { words: box().value, inside: form.contains(document.activeElement) } : null;
}

/** Open it again as it was, if it was replaced. */
export function restore() {
  const form = search();
  if (!held || !form?.hidden) return;
  form.hidden = false;
  opener()?.setAttribute("aria-expanded", "true");
  box().value = held.words;
  if (held.inside) box().focus();
  if (held.words) typed();
}

/** Something was typed: ask Jira once it stands still. */
export function typed() {
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE);
}

/** One of those found was chosen. */
export function chosen() {
  const button = search()?.querySelector("[type=submit]");
  if (button instanceof HTMLElement) button.hidden = false;
}

export async function link() {
  const account = new FormData(search() ?? undefined).get("account");
  if (typeof account !== "string") return;
  const { seen } = standing();
  const answer = await ask("account", { form: { account, seen } }).catch(() => null);
  if (!answer?.headers.get("Content-Type")?.startsWith("text/html")) {
    say("failed");
    return;
  }
  if (!answer.ok) {
    await swap(await answer.text(), { quiet: true });
    return;
  }
  await show(answer);
  open(false);
  const said = document.getElementById("said");
  if (said) said.textContent = said.dataset.linked ?? "";
}

async function find() {
  const question = ++asked;
  const words = box().value.trim();
  const button = search()?.querySelector("[type=submit]");
  if (button instanceof HTMLElement) button.hidden = true;
  if ([...words].length < SHORTEST) {
    document.getElementById("found")?.replaceChildren();
    say("short");
    return;
  }
  say("wait");
  const answer = await ask("accounts", { form: { q: words } }).catch(() => null);
  if (question !== asked) return;
  const readable = answer?.headers.get("Content-Type")?.startsWith("text/html");
  if (answer && readable) await swap(await answer.text(), { quiet: true });
  else say("failed");
}

/** @param {"short" | "wait" | "failed"} state */
function say(state) {
  const place = document.getElementById("found-say");
  if (place) place.textContent = place.dataset[state] ?? "";
}
