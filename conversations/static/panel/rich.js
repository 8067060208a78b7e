/** A place, a contact, buttons or a list: a short form in a dialog, sent once. */
import * as composer from "./composer.js";
import { coordinatesIn } from "./coordinates.js";
import * as more from "./more.js";
import * as quoting from "./quote.js";
import { ask, show, standing, swap } from "./server.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("rich"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("composing"));
const entries = /** @type {HTMLElement} */ (document.getElementById("rich-fields"));
const refusal = /** @type {HTMLElement} */ (document.getElementById("rich-refusal"));
const submit = /** @type {HTMLElement} */ (form.querySelector("[type=submit]"));

let kind = "";
/** The same on every try with the same content: however often it arrives, it is one message. */
let clientId = "";
let busy = false;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  void post();
});
form.addEventListener("input", ({ target }) => {
  clientId = crypto.randomUUID();
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) changed(target);
});

/**
 * @param {HTMLElement} item  of the menu
 */
export async function open({ dataset }) {
  more.close();
  if (busy) return;
  busy = true;
  kind = dataset.kind ?? "";
  const answer = await ask(`rich/${kind}`).catch(() => null);
  busy = false;
  if (!answer?.ok) return composer.refuse(form.dataset.lost ?? "");
  // From fields of the same id htmx takes over inline styles, which the policy forbids.
  entries.replaceChildren();
  await swap(await answer.text(), { quiet: true });
  clientId = crypto.randomUUID();
  const text = entries.querySelector("textarea");
  if (text) {
    text.value = composer.text();
    changed(text);
  }
  dialog.showModal();
  /** @type {HTMLElement | null} */ (entries.querySelector("input, textarea"))?.focus();
}

/**
 * Show one more of several fields.
 * @param {HTMLElement} button
 */
export function add(button) {
  const hidden = () => [...(button.closest("fieldset") ?? entries).querySelectorAll("[hidden]")];
  const [next, ...others] = /** @type {HTMLElement[]} */ (hidden());
  if (!next) return;
  next.hidden = false;
  button.hidden = !others.length;
  const fields = /** @type {HTMLElement[]} */ ([...next.querySelectorAll("input")]);
  fields.find((field) => field.checkVisibility())?.focus();
}

async function post() {
  if (busy) return;
  hold(true);
  const fields = /** @type {string[][]} */ ([...new FormData(form)]);
  const quoted = quoting.current()?.id ?? "";
  const told = { ...standing(), ...composer.shownRoute(), client_id: clientId, quoted };
  refusal.replaceChildren();
  for (const wrong of entries.querySelectorAll(".wrong")) wrong.replaceChildren();
  const answer = await ask(`rich/${kind}`, {
    form: [...Object.entries(told), ...fields],
  }).catch(() => null);
  if (answer?.ok) {
    composer.left(entries.querySelector("textarea")?.value ?? "");
    dialog.close();
  }
  if (answer?.headers.has("X-State")) await show(answer);
  else refusal.replaceChildren(form.dataset.failed ?? "");
  hold(false);
  point();
}

/** @param {boolean} held */
function hold(held) {
  busy = held;
  submit.setAttribute("aria-disabled", String(held));
}

/** Lead to the field that was refused. */
function point() {
  const wrong = entries.querySelector(".wrong:not(:empty)");
  const field = wrong?.closest(".field")?.querySelector("input, textarea");
  if (!(field instanceof HTMLElement)) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

/** @param {HTMLInputElement | HTMLTextAreaElement} field */
function changed(field) {
  const { longest, reads } = field.dataset;
  field.removeAttribute("aria-invalid");
  const place = field.closest(".field");
  place?.querySelector(".wrong")?.replaceChildren();
  const count = place?.querySelector(".count");
  if (count && longest) {
    const size = [...field.value.trim()].length;
    count.textContent = `${size}/${longest}`;
    count.classList.toggle("over", size > Number(longest));
  }
  if (reads) read(field);
}

/** @param {HTMLInputElement | HTMLTextAreaElement} field */
function read(field) {
  const found = coordinatesIn(field.value);
  for (const [name, number] of Object.entries(found ?? {})) {
    const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
    input.value = number;
    changed(input);
  }
  const wrong = field.closest(".field")?.querySelector(".wrong");
  const lost = !found && /^\w+:\S+$/.test(field.value.trim());
  wrong?.replaceChildren((lost && field.dataset.none) || "");
}
