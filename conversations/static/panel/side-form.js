/** Channels and numbers: what is typed stays until it is saved, and is saved once. */
import { ask, show, standing } from "./server.js";

let saving = false;
/** The form as the server brought it, and as it stood when the server was asked last. */
let clean = "";
let asked = "";
let kept = false;

const form = () => /** @type {HTMLFormElement | null} */ (document.getElementById("numbers"));
const stop = () => /** @type {HTMLDialogElement} */ (document.getElementById("stop"));
const isHeld = () => content() !== clean;

/** The server is about to be asked. Says whether the form holds what is not saved yet. */
export function asking() {
  kept = saving || isHeld();
  asked = content();
  return kept;
}

/** Take up what the server brought, unless something was typed since it was asked. */
export function ready() {
  if (!saving && !kept && content() === asked) {
    form()?.reset();
    clean = content();
  }
  if (isHeld()) say("unsaved");
}

/**
 * Something was chosen or typed.
 * @param {HTMLInputElement} field
 */
export function changed(field) {
  if (field.name === "same") share(field.checked);
  complain("");
  say(isHeld() ? "unsaved" : "");
}

/**
 * @param {string} path
 * @param {{confirmed?: boolean}} [how]
 */
export async function save(path, { confirmed = false } = {}) {
  const filled = form();
  if (!filled || saving) return;
  const none = !filled.querySelector("[name=channels]:checked");
  if (none && "stops" in filled.dataset && !confirmed) {
    stop().showModal();
    return;
  }
  const confirm = confirmed ? [["confirm", "1"]] : [];
  const fields = /** @type {string[][]} */ ([...new FormData(filled)]);
  saving = true;
  wait();
  complain("");
  const sent = content();
  const answer = await ask(path, {
    form: [...Object.entries(standing()), ...fields, ...confirm],
  }).catch(() => null);
  saving = false;
  asked = sent;
  kept = false;
  if (answer?.headers.has("X-State")) await settle(answer, sent);
  else complain(form()?.dataset.failed ?? "");
  wait();
}

/**
 * @param {Response} answer
 * @param {string} sent
 */
async function settle(answer, sent) {
  await show(answer);
  if (answer.ok) {
    if (content() === sent) clean = sent;
    say(isHeld() ? "unsaved" : "saved");
    return;
  }
  clean = "";
  say("unsaved");
  const wrong = [...document.querySelectorAll("#numbers [aria-invalid], #numbers-problem")];
  const first = wrong.find((each) => each.checkVisibility());
  if (first instanceof HTMLElement) first.focus();
}

/**
 * One number becomes two, or two become one: nothing has to be typed again.
 * @param {boolean} together
 */
function share(together) {
  const fields = [...document.querySelectorAll("#numbers .field input")];
  const [shared, ...each] = /** @type {HTMLInputElement[]} */ (fields);
  if (!shared) return;
  for (const field of together ? [shared] : each) {
    if (field.readOnly || field.value) continue;
    field.value = together ? (each.find(({ value }) => value)?.value ?? "") : shared.value;
  }
}

function wait() {
  const button = form()?.querySelector("[type=submit]");
  button?.setAttribute("aria-disabled", String(saving));
  for (const words of button?.querySelectorAll("span") ?? []) {
    words.hidden = words.classList.contains("wait") !== saving;
  }
}

/** @param {"" | "saved" | "unsaved"} state */
function say(state) {
  form()?.classList.toggle("held", state === "unsaved");
  const said = document.getElementById("said");
  const words = (state && said?.dataset[state]) || "";
  if (said && said.textContent !== words) said.textContent = words;
  said?.classList.toggle("done", state === "saved");
}

/** @param {string} words */
function complain(words) {
  const place = document.querySelector("#numbers .failed");
  if (place && place.textContent !== words) place.textContent = words;
}

function content() {
  const filled = form();
  if (!filled) return "";
  return new URLSearchParams(/** @type {string[][]} */ ([...new FormData(filled)])).toString();
}
