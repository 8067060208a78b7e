/** What a text of the site's own takes: below each textarea that has `data-longest`. */
import { number, plural } from "../panel/words.js";
import { counter } from "../panel/sms-text.js";

// Rows may be added: it is the page that listens.
for (const happened of ["input", "change", "formset:added"]) {
  document.addEventListener(happened, ({ target }) => {
    const alone = target instanceof HTMLTextAreaElement ? target.parentElement : null;
    showIn(alone ?? document);
  });
}
showIn(document);

/** @param {ParentNode} place */
function showIn(place) {
  for (const field of place.querySelectorAll("textarea[data-longest]")) {
    if (!(field instanceof HTMLTextAreaElement)) continue;
    const channel = field.form?.elements.namedItem(field.name.replace(/[^-]*$/, "channel"));
    count(field, channel instanceof HTMLSelectElement ? channel.value : "sms");
  }
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {string} channel  empty for any: then the shortest counts
 */
function count(field, channel) {
  const place = document.getElementById(`count-${field.name}`);
  if (!place) return;
  const { parts, message = "", over = "", unicode = "", examples = "" } = place.dataset;
  const text = withExamples(field);
  const limit = JSON.parse(field.dataset.longest ?? "{}")[channel];
  const sms = channel === "whatsapp" ? null : counter(text, limit);
  const length = sms ? sms.characters : [...text].length;
  const figures = [`${length}/${limit}`];
  if (sms) {
    const used = message.replace("%s", `${sms.used}/${sms.capacity}`);
    figures.unshift(plural(parts, sms.parts), used);
  }
  if (length > limit) figures.push(over.replace("%s", number(length - limit)));
  if (sms?.unicodeCharacters.length) {
    const which = unicode.replace("%c", String(sms.capacity));
    figures.push(which.replace("%s", () => sms.unicodeCharacters.join(", ")));
  }
  if (text !== field.value) figures.push(examples);
  preview(field, text);
  place.classList.toggle("over", length > limit);
  place.textContent = figures.join(" · ");
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {string} text  with example values
 */
function preview(field, text) {
  const place = document.getElementById(`preview-${field.name}`);
  if (!place) return;
  place.hidden = text === field.value;
  place.textContent = text;
}

/** @param {HTMLTextAreaElement} field */
function withExamples({ value, dataset }) {
  /** @type {Record<string, string>} */
  const known = JSON.parse(dataset.examples ?? "{}");
  return value.replace(/\{\{[ \t]*([^{}\n]*?)[ \t]*\}\}/g, (found, name) => known[name] ?? found);
}
