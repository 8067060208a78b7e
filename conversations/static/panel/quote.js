/** The message that is answered: it stands above the box until it is sent or taken away. */

/**
 * @typedef {object} Quote
 * @property {string} id
 * @property {string} author
 * @property {string} words
 */

/** @type {Quote | null} */
let quoted = null;

const place = () => document.getElementById("quoting");

/** What is quoted on the chosen channel; one that cannot quote leaves it where it is. */
export const current = () => (place()?.hidden === false ? quoted : null);

/** @param {Quote | null} quote */
export function set(quote) {
  quoted = quote;
}

/**
 * Show it again: the composer may be another one than before, and so may the channel.
 * @param {boolean} able  whether the chosen channel can quote
 */
export function ready(able) {
  const shown = place();
  if (!shown) return;
  shown.hidden = !quoted || !able;
  const [author, words] = shown.querySelectorAll("bdi");
  if (author) author.textContent = quoted?.author ?? "";
  if (words) words.textContent = quoted?.words ?? "";
}
