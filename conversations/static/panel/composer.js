/** Writing: the route, the counter, files and a quote, and what becomes of the box. */
import { confirmed } from "./asking.js";
import * as attention from "./attention.js";
import * as counter from "./counter.js";
import * as draft from "./draft.js";
import * as kept from "./kept.js";
import * as letters from "./letters.js";
import * as more from "./more.js";
import * as presence from "./presence.js";
import * as quoting from "./quote.js";
import * as uploads from "./uploads.js";

/** What the agent chose for good, and what must stay as it is while they write. */
const chosen = { sender: "", address: "" };
let picked = false;

const box = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("text"));
const from = () => /** @type {HTMLSelectElement} */ (document.getElementById("from"));
const to = () => /** @type {HTMLSelectElement} */ (document.getElementById("to"));

const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));
new MutationObserver(hold).observe(panel, { attributeFilter: ["data-conn"] });

/** From and To, as the server shall take them; empty while it may choose. */
export const route = () => ({ ...chosen });

/** The same as it stands on the screen. */
export function shownRoute() {
  const closed = document.getElementById("closed")?.dataset;
  return closed
    ? { sender: closed.sender ?? "", address: closed.address ?? "" }
    : { sender: from().value, address: to().value };
}

/** What stands in the box. */
export const text = () => box()?.value ?? "";

/**
 * Something was sent beside the box: the quote went with it, and what the box holds only if it
 * was that.
 * @param {string} sent
 */
export function left(sent) {
  const field = box();
  quoting.set(null);
  if (field?.value && field.value === sent) {
    field.value = "";
    draft.changed("");
  }
  measure();
}

/** Take up the composer, which may be another one than before. */
export function ready() {
  const field = box();
  if (!field) return;
  field.value = draft.restored(field);
  draft.ready();
  const empty = !field.value && !uploads.rows().length;
  if (chosen.sender) {
    from().value = chosen.sender;
    to().value = chosen.address;
  } else if (field.value) holdRoute();
  // What was chosen may be gone: then the server's choice stands. Where the customer has opted out
  // it stands only while nothing is written, for that was written for this channel.
  const gone = !channelOf(from()) || channelOf(from()) !== channelOf(to());
  if (gone || (empty && to().selectedOptions[0]?.disabled)) {
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
  if (!text) return;
  presence.typing(route());
  attention.typed();
}

/**
 * Answer a message of the thread: the answer goes the way that it came.
 * @param {HTMLElement} button
 */
export function quote({ dataset }) {
  if (!box()) return;
  const { message: id = "", author = "", words = "", sender = "", address = "" } = dataset;
  if (has(from(), sender) && has(to(), address)) {
    choose(sender, address);
    from().value = sender;
    to().value = address;
  }
  quoting.set({ id, author, words });
  measure();
  box()?.focus();
}

export function unquote() {
  quoting.set(null);
  measure();
  box()?.focus();
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

/**
 * Put a whole text where the caret is: nothing of what was typed goes, not even what is selected.
 * Says whether there was a box.
 * @param {string} text
 */
export function place(text) {
  const field = box();
  if (!field) return false;
  const at = field.selectionEnd;
  const before = /\S$/.test(field.value.slice(0, at)) ? " " : "";
  const after = /^\S/.test(field.value.slice(at)) ? " " : "";
  field.setSelectionRange(at, at);
  insert(before + text + after);
  const gap = /\{\{[^{}\n]*\}\}/.exec(text); // a variable that nobody has filled in yet
  const start = at + before.length + (gap?.index ?? 0);
  if (gap) field.setSelectionRange(start, start + gap[0].length);
  return true;
}

/**
 * Send what is in the box. It is empty then, and an empty box sends nothing: no message twice.
 * @param {string[]} agreed  codes of questions that the agent has said yes to
 */
export async function send(agreed = []) {
  const field = box();
  const held = uploads.rows();
  if (!field || (!field.value.trim() && !held.length)) return;
  const problem = uploads.problem();
  if (problem) return refuse(problem);
  if (isAway()) return refuse(document.getElementById("form")?.dataset.away ?? "");
  holdRoute();
  const content = { ...chosen, text: field.value, files: held, quote: quoting.current() };
  const letter = letters.letterOf(content, agreed);
  field.value = "";
  for (const row of held) row.remove();
  if (letter.quote) quoting.set(null);
  field.focus();
  if (!picked) Object.assign(chosen, { sender: "", address: "" });
  refuse("");
  measure();
  presence.quiet();
  attention.quiet();
  letters.announce(letter);
  await draft.dropped(); // one that arrived after the message would come back
  const refused = await letters.deliver(letter);
  if (!refused) return draft.keep();
  giveBack(letter, refused);
  const code = await confirmed(refused);
  if (code) return send([...agreed, code]);
  if (!refused.headers.has("X-Ask")) return;
  draft.anew();
  const end = box()?.value.length ?? 0;
  box()?.setSelectionRange(end, end); // a closed dialog gives the focus back without a caret
}

/**
 * A refusal loses nothing that was typed or attached.
 * @param {letters.Letter} letter
 * @param {Response} answer
 */
function giveBack(letter, answer) {
  const field = box();
  // The box may be gone by now, and with it what was typed on: the draft still has it.
  const text = [letter.text, draft.restored({ value: "" })].filter(Boolean).join("\n");
  draft.changed(text);
  if (letter.quote) quoting.set(letter.quote);
  kept.ready();
  if (!field) return;
  field.value = text;
  uploads.giveBack(letter.files);
  holdRoute();
  measure();
  const { failed = "", ...others } = document.getElementById("form")?.dataset ?? {};
  if (!answer.headers.has("X-State")) refuse(others[`failed-${answer.status}`] ?? failed);
}

function holdRoute() {
  Object.assign(chosen, { sender: from().value, address: to().value });
}

/** Show what the text takes, and in From and To what is chosen. */
export function measure() {
  if (!box()) return;
  const text = box()?.value ?? "";
  const { longest, caption, quotes, rich } = from().selectedOptions[0]?.dataset ?? {};
  const limit = Number(uploads.rows().length ? caption : longest);
  uploads.ready();
  quoting.ready(quotes === "1");
  more.ready(rich === "1");
  counter.show(text, limit, channelOf(from()) === "sms");
  for (const end of [from(), to()]) paint(end);
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
  end.parentElement?.classList.toggle("out", option.disabled);
  const note = end.parentElement?.querySelector(".note");
  if (note) note.textContent = option.dataset.note ?? "";
}

/** While our server is out of reach nothing leaves the box. */
function hold() {
  document.getElementById("send")?.setAttribute("aria-disabled", String(isAway()));
  const { away } = document.getElementById("form")?.dataset ?? {};
  if (!isAway() && document.getElementById("refusal")?.textContent === away) refuse("");
}

const isAway = () => panel.dataset.conn === "down";

/** Take the offer to make the SMS cheaper. */
export function cheapen() {
  const field = box();
  if (!field) return;
  counter.replace(field);
  typed();
}

/** @param {string} reason */
export function refuse(reason) {
  document.getElementById("refusal")?.replaceChildren(reason);
}

/**
 * @param {HTMLSelectElement} end
 * @param {string} value
 */
const has = (end, value) =>
  [...end.options].some((option) => option.value === value && !option.disabled);
/** @param {HTMLSelectElement} end */
const channelOf = (end) => end.selectedOptions[0]?.dataset.channel;
