/**
 * What one text costs as SMS: the browser's twin of `conversations/sms_text`, without national
 * tables. Both are tested against `tests/payloads/sms_text_cases.json`.
 *
 * @typedef {"GSM7" | "UCS2"} Encoding
 *
 * @typedef {object} Alphabet
 * @property {Encoding} encoding
 * @property {number} alone         units that fit when there is one part
 * @property {number} oneOfSeveral  units that fit in each of several parts
 * @property {(character: string) => number} cost
 *
 * @typedef {object} SmsMeasure
 * @property {Encoding} encoding
 * @property {number} units
 * @property {number} parts
 * @property {number} usedInLastPart
 * @property {number} capacityOfAPart
 * @property {number} remaining
 * @property {number} characters           what counts towards the limit
 * @property {string[]} unicodeCharacters  what forced Unicode, in order
 *
 * @typedef {object} SmsCounter
 * @property {number} parts
 * @property {number} used      in the last part
 * @property {number} capacity  of a part
 * @property {number} characters
 * @property {number} limit
 * @property {boolean} overLimit
 * @property {boolean} asksFirst
 * @property {string[]} unicodeCharacters
 *
 * @typedef {object} Saving
 * @property {string} text
 * @property {SmsMeasure} before
 * @property {SmsMeasure} after
 * @property {number} partsSaved
 * @property {string[]} replaced
 *
 * @typedef {object} TextProblem
 * @property {"EMPTY" | "CONTROL_CHARACTER" | "LONE_SURROGATE" | "TOO_LONG" | "TOO_MANY_PARTS"
 *   | "TOO_MANY_BYTES"} code
 * @property {number} found
 * @property {number} allowed
 * @property {string[]} offending
 */

export const CHARACTER_LIMIT = 1000;
export const PARTS_BEFORE_ASKING = 6;
const PROVIDER_PARTS = 25;
const PROVIDER_BYTES = 4000;

const DEFAULT =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ" +
  " !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const BASE = new Set(DEFAULT);
const EXTENSION = new Set("\f^{}\\[~]|€");

/** @type {Alphabet} */
const GSM7 = {
  encoding: "GSM7",
  alone: 160,
  oneOfSeveral: 153,
  cost: (character) => (BASE.has(character) ? 1 : 2),
};

/** @type {Alphabet} */
const UCS2 = {
  encoding: "UCS2",
  alone: 70,
  oneOfSeveral: 67,
  cost: (character) => character.length,
};

/** @type {Map<string, string>} */
const LOOK_ALIKES = new Map(/** @type {[string, string][]} */ ([
  ...each("\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u2039\u203a`\u00b4", "'"),
  ...each("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb", '"'),
  ...each("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u2023\u2043", "-"),
  ...each("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008", " "),
  ...each("\u2009\u200a\u202f\u205f\u3000", " "),
  ...each("\u2028\u2029", "\n"),
  ...each("\u00ad\u200b\u200e\u200f\u2060\ufeff", ""),
  ...[["\u2026", "..."], ["\u00b7", "."], ["\u2044", "/"]],
  ...[["\ufb01", "fi"], ["\ufb02", "fl"]],
]));
for (const letter of DEFAULT) {
  // macOS writes some letters as base and accent; the alphabet has them only in one piece.
  const pair = letter.normalize("NFD");
  if (pair.length > 1) LOOK_ALIKES.set(pair, letter);
}
// None of the keys means anything to a regular expression; the pairs come first.
const REPLACEABLE = new RegExp([...LOOK_ALIKES.keys()].sort(longestFirst).join("|"), "gu");

/**
 * The text as it is counted, stored and sent: every line ends with a single LF.
 * @param {string} text
 * @returns {string}
 */
export function normalise(text) {
  return text.replace(/\r\n?/g, "\n");
}

/**
 * @param {string} text
 * @returns {SmsMeasure}
 */
export function measure(text) {
  const sent = normalise(text);
  const strangers = unicodeCharactersOf(sent);
  const alphabet = strangers.length ? UCS2 : GSM7;
  const used = cut(sent, alphabet).map((part) => unitsOf(part, alphabet));
  const units = used.reduce((sum, one) => sum + one, 0);
  const usedInLastPart = used.at(-1) ?? 0;
  const capacityOfAPart = used.length > 1 ? alphabet.oneOfSeveral : alphabet.alone;
  return {
    encoding: alphabet.encoding,
    units,
    parts: used.length,
    usedInLastPart,
    capacityOfAPart,
    remaining: capacityOfAPart - usedInLastPart,
    characters: units,
    unicodeCharacters: strangers,
  };
}

/**
 * The figures beside the box: "3 SMS parts", "Message 61/67", "195/1000".
 * @param {string} text
 * @param {number} [limit]
 * @returns {SmsCounter}
 */
export function counter(text, limit = CHARACTER_LIMIT) {
  const size = measure(text);
  return {
    parts: size.parts,
    used: size.usedInLastPart,
    capacity: size.capacityOfAPart,
    characters: size.characters,
    limit,
    overLimit: size.characters > limit,
    asksFirst: size.parts > PARTS_BEFORE_ASKING,
    unicodeCharacters: size.unicodeCharacters,
  };
}

/**
 * The parts of the normalised text. Neither a surrogate pair nor an extension character falls
 * across two of them: the part before is a unit short instead.
 * @param {string} text
 * @returns {string[]}
 */
export function split(text) {
  const sent = normalise(text);
  return cut(sent, unicodeCharactersOf(sent).length ? UCS2 : GSM7);
}

/**
 * The text with look-alikes from the default alphabet, unless that took more parts.
 * @param {string} text
 * @returns {string}
 */
export function plain(text) {
  const sent = normalise(text);
  const replaced = sent.replace(REPLACEABLE, (found) => LOOK_ALIKES.get(found) ?? found);
  return measure(replaced).parts <= measure(sent).parts ? replaced : sent;
}

/**
 * The offer to send look-alikes, or null when it would not save a whole part.
 * @param {string} text
 * @returns {Saving | null}
 */
export function lookAlikeSaving(text) {
  const sent = normalise(text);
  const replacement = plain(sent);
  const before = measure(sent);
  const after = measure(replacement);
  const partsSaved = before.parts - after.parts;
  if (partsSaved <= 0) return null;
  const replaced = [...new Set(sent.match(REPLACEABLE))];
  return { text: replacement, before, after, partsSaved, replaced };
}

/**
 * The first reason against sending the text, or null if it can be sent.
 * @param {string} text
 * @param {number} [limit]
 * @returns {TextProblem | null}
 */
export function refusal(text, limit = CHARACTER_LIMIT) {
  const sent = normalise(text);
  return (
    unsendable(sent, /\p{Cs}/gu, "LONE_SURROGATE") ??
    // All controls but tab, LF and form feed, which is a character of the GSM alphabet.
    unsendable(sent, /[^\P{Cc}\t\n\f]/gu, "CONTROL_CHARACTER") ??
    (/^[\s\u00ad\u200b-\u200f\u2060]*$/u.test(sent) ? problem("EMPTY") : null) ??
    oversized(sent, limit)
  );
}

/**
 * @param {string} text
 * @param {RegExp} unwanted
 * @param {TextProblem["code"]} code
 * @returns {TextProblem | null}
 */
function unsendable(text, unwanted, code) {
  const found = text.match(unwanted);
  if (!found) return null;
  const offending = [...new Set(found)].map(codePointName);
  return { ...problem(code, found.length), offending };
}

/**
 * @param {string} text
 * @param {number} limit
 * @returns {TextProblem | null}
 */
function oversized(text, limit) {
  const size = measure(text);
  const bytes = new TextEncoder().encode(text).length;
  if (size.characters > limit) return problem("TOO_LONG", size.characters, limit);
  if (size.parts > PROVIDER_PARTS) return problem("TOO_MANY_PARTS", size.parts, PROVIDER_PARTS);
  if (bytes > PROVIDER_BYTES) return problem("TOO_MANY_BYTES", bytes, PROVIDER_BYTES);
  return null;
}

/**
 * @param {TextProblem["code"]} code
 * @returns {TextProblem}
 */
function problem(code, found = 0, allowed = 0) {
  return { code, found, allowed, offending: [] };
}

/** @param {string} character */
function codePointName(character) {
  const point = /** @type {number} */ (character.codePointAt(0));
  return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * @param {string} text
 * @param {Alphabet} alphabet
 * @returns {string[]}
 */
function cut(text, alphabet) {
  if (!text) return [];
  if (unitsOf(text, alphabet) <= alphabet.alone) return [text];
  const parts = [""];
  let filled = 0;
  for (const character of text) {
    const cost = alphabet.cost(character);
    if (filled + cost > alphabet.oneOfSeveral) {
      parts.push("");
      filled = 0;
    }
    parts[parts.length - 1] += character;
    filled += cost;
  }
  return parts;
}

/**
 * @param {string} text
 * @param {Alphabet} alphabet
 */
function unitsOf(text, alphabet) {
  let units = 0;
  for (const character of text) units += alphabet.cost(character);
  return units;
}

/** @param {string} text */
function unicodeCharactersOf(text) {
  const found = [...text].filter((character) => !BASE.has(character) && !EXTENSION.has(character));
  return [...new Set(found)];
}

/**
 * @param {string} characters
 * @param {string} replacement
 * @returns {[string, string][]}
 */
function each(characters, replacement) {
  return [...characters].map((character) => [character, replacement]);
}

/**
 * @param {string} one
 * @param {string} other
 */
function longestFirst(one, other) {
  return other.length - one.length;
}
