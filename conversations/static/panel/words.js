/** Words with numbers in them, as the document's language says and writes them. */

const { lang } = document.documentElement;
const rules = new Intl.PluralRules(lang);
const figures = new Intl.NumberFormat(lang);

/** @param {number} count */
export const number = (count) => figures.format(count);

/**
 * Say a number of things: "1 new message", "3 nove poruke".
 * @param {string | undefined} forms  what `{% plural_forms %}` wrote: a text for each plural category
 * @param {number} count  stands for its `%s`
 */
export function plural(forms = "{}", count = 0) {
  /** @type {Record<string, string>} */
  const { [rules.select(count)]: form, other = "" } = JSON.parse(forms);
  return (form ?? other).replace("%s", number(count));
}
