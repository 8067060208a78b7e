/** Writing: the route, the counter, and sending each message once. */
import * as draft from "./draft.js";
import { ask, show, standing } from "./server.js";
import { counter } from "./sms-text.js";
import { isStored, promise, settle } from "./thread.js";

const RETRY_AFTER = 2_000; // milliseconds
const LONGEST_RETRY = 15_000;

/**
 * @typedef {object} Letter
 * @property {string} text
 * @property {string} sender
 * @property {string} address
 * @property {string} client_id  the same on every try: however often it arrives, it is one message
 */

/** What the agent chose for good, and what must stay as it is while they write. */
const chosen = { sender: "", address: "" };
let picked = false;
/** @type {Letter | null} A message that was refused: sent again unchanged, it is the same one. */
let returned = null;

const box = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("text"));
const from = () => /** @type {HTMLSelectElement} */ (document.getElementById("from"));
const to = () => /** @type {HTMLSelectElement} */ (document.getElementById("to"));

/** From and To, as the server shall take them; empty while it may choose. */
export const route = () => ({ ...chosen });

/** Take up the composer, which may be another one than before. */
export function ready() {
  const field = box();
  if (!field) return;
  field.value = draft.restored(field);
  if (field.value) holdRoute();
  if (chosen.sender) {
    from().value = chosen.sender;
    to().value = chosen.address;
  }
  // What was chosen may be gone: then the server's choice stands.
  if (!channelOf(from()) || channelOf(from()) !== channelOf(to())) {
    from().selectedIndex = [...from().options].findIndex((option) => option.defaultSelected);
    to().selectedIndex = [...to().options].findIndex((option) => option.defaultSelected);
    holdRoute();
  }
  measure();
}

/** Something was typed. */
export function typed() {
  const text = box()?.value ?? "";
  if (text) holdRoute();
  refuse("");
  measure();
  draft.changed(text);
}

/**
 * One end was chosen: the other follows to the same channel.
 * @param {HTMLSelectElement} end
 */
export function pick(end) {
  const other = end === from() ? to() : from();
  const channel = channelOf(end);
  const fits = (/** @type {HTMLOptionElement} */ each) => each.dataset.channel === channel;
  const match = [...other.options].find((each) => fits(each) && !each.disabled);
  if (channelOf(other) !== channel && match) other.value = match.value;
  picked = true;
  holdRoute();
  measure();
}

/**
 * @param {string} sender
 * @param {string} address
 */
export function choose(sender, address) {
  picked = true;
  Object.assign(chosen, { sender, address });
}

/** @param {string} characters */
export function insert(characters) {
  const field = box();
  field?.setRangeText(characters, field.selectionStart, field.selectionEnd, "end");
  field?.focus();
  typed();
}

/** Send what is in the box. It is empty then, and an empty box sends nothing: no message twice. */
export async function send() {
  const field = box();
  if (!field?.value.trim()) return;
  holdRoute();
  const same = returned?.text === field.value && returned.address === chosen.address;
  const client_id = same && returned ? returned.client_id : crypto.randomUUID();
  const letter = { ...chosen, text: field.value, client_id };
  returned = null;
  field.value = "";
  field.focus();
  if (!picked) Object.assign(chosen, { sender: "", address: "" });
  refuse("");
  measure();
  promise(letter.text, client_id);
  await draft.dropped(); // one that arrived after the message would come back
  await deliver(letter);
}

/** @param {Letter} letter */
async function deliver(letter) {
  let pause = RETRY_AFTER;
  while (!isStored(letter.client_id)) {
    try {
      const answer = await ask("messages", { form: { ...standing(), ...letter } });
      await show(answer);
      if (!answer.ok) giveBack(letter, answer);
      break;
    } catch {
      // No answer: it may have arrived. The same id makes another try harmless.
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_RETRY);
    }
  }
  settle(letter.client_id);
}

/**
 * A refusal loses nothing that was typed.
 * @param {Letter} letter
 * @param {Response} answer
 */
function giveBack(letter, answer) {
  const field = box();
  const text = field?.value ? `${letter.text}\n${field.value}` : letter.text;
  returned = letter;
  draft.changed(text);
  if (!field) return;
  field.value = text;
  holdRoute();
  measure();
  const form = document.getElementById("form");
  if (!answer.headers.has("X-State")) refuse(form?.dataset.failed ?? "");
}

function holdRoute() {
  Object.assign(chosen, { sender: from().value, address: to().value });
}

/** Show what the text takes, and in From and To what is chosen. */
function measure() {
  const text = box()?.value ?? "";
  const count = /** @type {HTMLElement} */ (document.getElementById("count"));
  const limit = Number(from().selectedOptions[0]?.dataset.longest);
  const sms = channelOf(from()) === "sms" ? counter(text, limit) : null;
  const size = sms ? sms.characters : [...text].length;
  const figures = [...(sms ? smsFigures(sms, count.dataset) : []), `${size}/${limit}`];
  if (size > limit) figures.push((count.dataset.over ?? "").replace("%s", String(size - limit)));
  count.title = sms ? whyUnicode(sms, count.dataset) : "";
  count.classList.toggle("over", size > limit);
  count.replaceChildren(...figures.map(figureOf));
  for (const end of [from(), to()]) paint(end);
}

/**
 * @param {import("./sms-text.js").SmsCounter} sms
 * @param {DOMStringMap} words
 */
function smsFigures({ parts, used, capacity }, { one = "", many = "", message = "" }) {
  const size = parts === 1 ? one : many.replace("%s", String(parts));
  return [size, message.replace("%s", `${used}/${capacity}`)];
}

/**
 * @param {import("./sms-text.js").SmsCounter} sms
 * @param {DOMStringMap} words
 */
function whyUnicode({ unicodeCharacters, capacity }, { unicode = "" }) {
  if (!unicodeCharacters.length) return "";
  return unicode.replace("%s", unicodeCharacters.join(", ")).replace("%c", String(capacity));
}

/** @param {string} text */
function figureOf(text) {
  return Object.assign(document.createElement("span"), { textContent: text });
}

/** @param {HTMLSelectElement} end */
function paint(end) {
  const option = end.selectedOptions[0];
  const number = end.parentElement?.querySelector("bdi");
  const lozenge = end.parentElement?.querySelector(".loz");
  if (!option || !number || !lozenge) return;
  number.textContent = option.dataset.shown ?? "";
  lozenge.className = `loz ${option.dataset.channel}`;
  lozenge.textContent = option.dataset.label ?? "";
}

/** @param {string} reason */
function refuse(reason) {
  document.getElementById("refusal")?.replaceChildren(reason);
}

/** @param {HTMLSelectElement} end */
const channelOf = (end) => end.selectedOptions[0]?.dataset.channel;
