/** The chooser: found by what is typed, seen as it is filled in; then sent once, or inserted. */
import { confirmed } from "./asking.js";
import { place } from "./composer.js";
import { ask, send, show, standing, swap } from "./server.js";

const SEARCH_AFTER = 200; // milliseconds without a key

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("chooser"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("choosing"));
const query = /** @type {HTMLInputElement} */ (document.getElementById("query"));
const language = /** @type {HTMLSelectElement} */ (document.getElementById("language"));
const found = /** @type {HTMLElement} */ (document.getElementById("found"));
const filling = /** @type {HTMLElement} */ (document.getElementById("filling"));
const unsent = /** @type {HTMLElement} */ (document.getElementById("unsent"));
const submit = /** @type {HTMLElement} */ (document.getElementById("take"));

let route = { sender: "", address: "" };
/** The same on every try with the same template: however often it arrives, it is one message. */
let clientId = "";
let timer = 0;
/** @type {Promise<unknown>} */
let searching = Promise.resolve();
let searches = 0;
let sending = false;
let uploading = false;
let instead = "";

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  if (event.submitter !== submit || submit.getAttribute("aria-disabled") === "true") return;
  void (shown().canned ? insert() : post());
});
form.addEventListener("input", ({ target }) => {
  if (target === query) searchSoon();
  else if (target instanceof HTMLElement) fill(target);
});
form.addEventListener("change", (event) => {
  event.stopPropagation();
  if (event.target === language) void search();
  if (event.target instanceof HTMLInputElement && "header" in event.target.dataset) {
    void attach(event.target);
  }
});
form.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const inList = event.target === query || found.contains(/** @type {Node} */ (event.target));
  if (event.key === "Enter" && event.target === query) {
    event.preventDefault();
    void chooseFirst();
  } else if (by && inList) {
    event.preventDefault();
    const at = choices().indexOf(/** @type {HTMLElement} */ (document.activeElement));
    (choices()[at + by] ?? query).focus();
  }
});
dialog.addEventListener("close", forget);

/** @param {typeof route} chosen */
export function open(chosen) {
  route = chosen;
  query.value = "";
  language.value = "";
  // What was found last time may go by another route.
  for (const each of [found, filling, unsent]) each.replaceChildren();
  submit.textContent = submit.dataset.none ?? "";
  dialog.showModal();
  query.focus();
  judge();
  void search();
}

export function clear() {
  query.value = "";
  language.value = "";
  query.focus();
  void search();
}

/** @param {HTMLElement} choice */
export async function choose(choice) {
  for (const each of choices()) each.setAttribute("aria-pressed", String(each === choice));
  forget();
  unsent.replaceChildren();
  clientId = crypto.randomUUID();
  const answer = await ask(choice.dataset.from ?? "").catch(() => null);
  if (!answer?.ok) return say(form.dataset.lost);
  const filled = await answer.text();
  // From fields of the same id htmx takes over inline styles, which the policy forbids.
  filling.replaceChildren();
  await swap(filled, { quiet: true });
  instead = words();
  judge();
  const field = filling.querySelector("input");
  // A text that has all its values is inserted by another Enter; what is sent asks for more care.
  if (field || shown().canned) (field ?? submit).focus();
}

/** The first of what was typed: who is quick has not seen it yet. */
async function chooseFirst() {
  if (timer) void search();
  await searching;
  choices()[0]?.click();
}

function search() {
  clearTimeout(timer);
  timer = 0;
  return (searching = find());
}

async function find() {
  const number = ++searches;
  const asked = { ...route, q: query.value, language: language.value };
  const answer = await ask("templates", { query: asked }).catch(() => null);
  if (number !== searches || !dialog.open) return;
  if (!answer?.ok) return say(form.dataset.lost);
  await swap(await answer.text(), { quiet: true });
}

function searchSoon() {
  clearTimeout(timer);
  timer = setTimeout(search, SEARCH_AFTER);
}

/** @param {HTMLElement} field */
function fill(field) {
  const { fills } = field.dataset;
  if (fills) {
    const { value, dataset } = /** @type {HTMLInputElement} */ (field);
    const filled = value.trim() || dataset.default || "";
    for (const mark of filling.querySelectorAll(`[data-variable="${CSS.escape(fills)}"]`)) {
      mark.textContent = filled || (/** @type {HTMLElement} */ (mark).dataset.empty ?? "");
      mark.classList.toggle("filled", filled !== "");
    }
    const wrong = document.getElementById(field.getAttribute("aria-describedby") ?? "");
    wrong?.replaceChildren();
  }
  if (field.id === "fallback") {
    const text = /** @type {HTMLElement} */ (document.getElementById("instead"));
    text.hidden = !(/** @type {HTMLInputElement} */ (field).checked);
  }
  follow();
  judge();
}

/** The SMS that may go in its place says the same, unless the agent has changed it. */
function follow() {
  const field = document.getElementById("fallback-text");
  if (!(field instanceof HTMLTextAreaElement) || field.value !== instead) return;
  instead = field.value = words();
}

/** What the customer reads, without the buttons. */
function words() {
  const parts = [...filling.querySelectorAll(".preview .bub > p:not(.file)")];
  return parts.map(({ textContent }) => textContent?.trim()).filter(Boolean).join("\n");
}

/** Whether everything is there that has to be. */
function judge() {
  const fields = /** @type {HTMLInputElement[]} */ ([...filling.querySelectorAll("[required]")]);
  const files = filling.querySelector("[data-header]") && !attachment();
  const empty = fields.some(({ value }) => !value.trim());
  const ready = (template() || shown().canned) && !empty && !files && !sending && !uploading;
  submit.setAttribute("aria-disabled", String(!ready));
}

/** @param {HTMLInputElement} field */
async function attach(field) {
  const [file] = field.files ?? [];
  if (!file) return;
  unsent.replaceChildren();
  forget();
  const body = new FormData();
  body.set("sender", route.sender);
  body.set("header", "1");
  body.set("file", file, file.name);
  uploading = true;
  judge();
  try {
    const { signal } = new AbortController();
    const answer = await send("uploads", body, { progress() {}, signal });
    if (answer.status < 500) await swap(await answer.text(), { quiet: true });
    else say(form.dataset.failed);
  } catch {
    say(form.dataset.failed);
  } finally {
    uploading = false;
    field.value = "";
    judge();
  }
}

/** A file that is not sent is not kept. */
function forget() {
  const id = attachment();
  document.getElementById("header-file")?.replaceChildren();
  if (id) ask(`uploads/${id}`, { method: "DELETE" }).catch(() => {});
  judge();
}

function insert() {
  const { canned } = shown();
  const text = words();
  if (!document.getElementById("text")) return say(form.dataset.gone);
  dialog.close(); // first: closing gives the focus back
  place(text);
  ask(`canned-replies/${canned}`, { form: {} }).catch(() => {}); // only not offered first, then
}

/** @param {string[]} agreed  codes of questions that the agent has said yes to */
async function post(agreed = []) {
  sending = true;
  judge();
  const fields = /** @type {string[][]} */ ([...new FormData(form)]);
  const chosen = { ...standing(), ...route, template: template(), client_id: clientId };
  const codes = agreed.map((code) => ["confirmed", code]);
  const told = [...Object.entries({ ...chosen, attachment: attachment() }), ...fields, ...codes];
  unsent.replaceChildren();
  const answer = await ask("templates", { form: told }).catch(() => null);
  sending = false;
  if (answer?.ok) {
    document.getElementById("header-file")?.replaceChildren(); // it went with the message
    dialog.close();
  }
  if (answer?.headers.has("X-State")) await show(answer);
  else say(form.dataset.failed);
  judge();
  const code = answer && (await confirmed(answer));
  if (code) return post([...agreed, code]);
  refused()?.focus(); // it may lie below what is seen
}

const refused = () => /** @type {HTMLElement | null} */ (
  filling.querySelector(".field:has(.wrong:not(:empty)) :is(input, textarea)"));
const choices = () => /** @type {HTMLElement[]} */ ([...found.querySelectorAll(".choice")]);
/** @returns {DOMStringMap} */
const shown = () =>
  /** @type {HTMLElement | null} */ (filling.querySelector(".preview"))?.dataset ?? {};
const template = () => shown().template ?? "";
const attachment = () =>
  /** @type {HTMLElement | null} */ (document.querySelector("#header-file [data-upload]"))
    ?.dataset.upload ?? "";
/** @param {string | undefined} reason */
const say = (reason = "") => unsent.replaceChildren(reason);
