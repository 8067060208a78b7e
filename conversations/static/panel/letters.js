/** Sending: each message once, however often it has to be tried, and none is lost. */
import { answered, refresh } from "./live.js";
import { ask, show, standing } from "./server.js";
import { isStored, promise, settle } from "./thread.js";

const RETRY_AFTER = 2_000; // milliseconds
const LONGEST_RETRY = 15_000;

/**
 * @typedef {object} Letter
 * @property {string} text
 * @property {string} sender
 * @property {string} address
 * @property {HTMLElement[]} files  as they stand in the list
 * @property {import("./quote.js").Quote | null} quote
 * @property {string[]} confirmed
 * @property {string} client_id  the same on every try: however often it arrives, it is one message
 */

/** @typedef {Omit<Letter, "client_id" | "confirmed">} Content */

/** @type {Letter | null} A message that was refused: sent again unchanged, it is the same one. */
let returned = null;

/**
 * @param {Content} content
 * @param {string[]} confirmed  codes of questions that the agent has said yes to
 * @returns {Letter}
 */
export function letterOf(content, confirmed) {
  const again = returned && told(returned) === told(content) ? returned.client_id : "";
  returned = null;
  return { ...content, confirmed, client_id: again || crypto.randomUUID() };
}

/** @param {Letter} letter */
export function announce({ text, files, client_id }) {
  const names = files.map(({ dataset }) => dataset.name ?? "");
  promise([...names, text].filter(Boolean).join("\n"), client_id);
}

/**
 * @param {Letter} letter
 * @returns {Promise<Response | null>}  the answer that refused it
 */
export async function deliver(letter) {
  let pause = RETRY_AFTER;
  let refused = null;
  while (!isStored(letter.client_id)) {
    try {
      const answer = await answered(() => post(letter));
      if (!answer.ok) {
        refused = answer;
        returned = letter;
      }
      break;
    } catch {
      // No answer: it may have arrived. The same id makes another try harmless.
      void refresh(); // whether the connection is lost is said at once, not when the clock asks
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_RETRY);
    }
  }
  settle(letter.client_id);
  return refused;
}

/** @param {Letter} letter */
async function post(letter) {
  const answer = await ask("messages", { form: formOf(letter) });
  await show(answer);
  return answer;
}

/** @param {Letter} letter */
function formOf({ files, quote, confirmed, ...fields }) {
  const attachments = files.map(({ dataset }) => ["attachments", dataset.upload ?? ""]);
  const codes = confirmed.map((code) => ["confirmed", code]);
  const alone = Object.entries({ ...standing(), ...fields, quoted: quote?.id ?? "" });
  return [...alone, ...attachments, ...codes];
}

/** @param {Content} content */
const told = ({ text, address, quote, files }) =>
  JSON.stringify([text, address, quote?.id, files.map(({ dataset }) => dataset.upload)]);
