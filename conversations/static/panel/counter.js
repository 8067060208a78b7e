/** What the text in the box takes: the figures below it, and the offer to make an SMS cheaper. */
import { showsDetails } from "./preferences.js";
import { counter, lookAlikeSaving, plain } from "./sms-text.js";
import { number, plural } from "./words.js";

/**
 * @param {string} text
 * @param {number} limit  characters
 * @param {boolean} sms
 */
export function show(text, limit, sms) {
  const place = /** @type {HTMLElement} */ (document.getElementById("count"));
  const size = sms ? counter(text, limit) : null;
  const length = size ? size.characters : [...text].length;
  const figures = [...(size ? figuresOf(size, place.dataset) : []), `${length}/${limit}`];
  if (length > limit) figures.push((place.dataset.over ?? "").replace("%s", number(length - limit)));
  place.title = size ? whyUnicode(size, place.dataset) : "";
  place.classList.toggle("over", length > limit);
  place.replaceChildren(...figures.map(figureOf));
  offer(sms ? lookAlikeSaving(text) : null);
}

/**
 * Put look-alikes in the place of what makes the SMS dearer, as if they had been typed.
 * @param {HTMLTextAreaElement} field
 */
export function replace(field) {
  const { value, selectionStart } = field;
  const saving = lookAlikeSaving(value);
  if (!saving) return;
  const caret = plain(value.slice(0, selectionStart)).length;
  field.focus();
  field.select();
  // The one way that Ctrl+Z takes back.
  if (!document.execCommand("insertText", false, saving.text)) field.value = saving.text;
  field.setSelectionRange(caret, caret);
}

/** @param {import("./sms-text.js").Saving | null} saving */
function offer(saving) {
  const line = /** @type {HTMLElement} */ (document.getElementById("offer"));
  line.hidden = !saving;
  if (!saving) return;
  const { before, after, replaced } = saving;
  const words = plural(line.dataset.words, after.parts).replace("%b", number(before.parts));
  const text = /** @type {HTMLElement} */ (line.firstElementChild);
  text.textContent = words.replace("%c", () => replaced.map(visible).join(" "));
}

/**
 * @param {import("./sms-text.js").SmsCounter} sms
 * @param {DOMStringMap} words
 */
function figuresOf({ parts, used, capacity }, { parts: forms, message = "" }) {
  const size = plural(forms, parts);
  if (showsDetails()) return [size, message.replace("%s", `${used}/${capacity}`)];
  return parts > 1 ? [size] : [];
}

/**
 * @param {import("./sms-text.js").SmsCounter} sms
 * @param {DOMStringMap} words
 */
function whyUnicode({ unicodeCharacters, capacity }, { unicode = "" }) {
  if (!unicodeCharacters.length) return "";
  return unicode.replace("%s", () => unicodeCharacters.join(", ")).replace("%c", String(capacity));
}

/** @param {string} text */
function figureOf(text) {
  return Object.assign(document.createElement("span"), { textContent: text });
}

/** @param {string} character */
function visible(character) {
  if (!/^[\p{Z}\p{C}]$/u.test(character)) return character;
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
