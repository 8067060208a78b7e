/** Channels and numbers: what is typed stays until it is saved, and is saved once. */
import { renew } from "./host.js";
import { refresh } from "./live.js";
import { ask, show, standing } from "./server.js";

const JUST_NOW = 60_000; // milliseconds

let fading = 0;
let saving = false;
let refused = false;
/** The form as it stood when the server was asked last, and whether it held unsaved changes then. */
let asked = "";
let kept = false;
/** @type {string | null} What was saved, while the answer to that is put into the page. */
let saved = null;

const form = () => /** @type {HTMLFormElement | null} */ (document.getElementById("numbers"));
const stop = () => /** @type {HTMLDialogElement} */ (document.getElementById("stop"));

/** The server is about to be asked. Says whether the form holds what is not saved yet. */
export function asking() {
  kept = saving || isHeld();
  asked = content();
  return kept;
}

/** Take up what the server brought, unless something was typed since it was asked. */
export function ready() {
  const untouched = saved === null ? !saving && !kept && content() === asked : content() === saved;
  if (untouched) form()?.reset();
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
  if (answer?.headers.has("X-State")) await settle(answer, sent);
  else complain(form()?.dataset.failed ?? "");
  saving = false;
  wait();
}

/**
 * @param {Response} answer
 * @param {string} sent
 */
async function settle(answer, sent) {
  saved = sent;
  await show(answer);
  saved = null;
  refused = !answer.ok;
  say(isHeld() ? "unsaved" : "saved");
  // Which other request it is, only its own agents may know: Jira is asked with a new session.
  if (answer.headers.get("X-State") === "other-active") void renew().then(refresh);
  if (!refused) return;
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
  clearTimeout(fading);
  if (state === "saved") fading = setTimeout(say, JUST_NOW, "");
}

/** @param {string} words */
function complain(words) {
  const place = document.querySelector("#numbers .failed");
  if (place && place.textContent !== words) place.textContent = words;
}

/** Whether the form differs from what the server has. */
function isHeld() {
  const fields = /** @type {Iterable<HTMLInputElement>} */ (form()?.querySelectorAll("input") ?? []);
  const differs = [...fields].some(
    ({ checked, defaultChecked, value, defaultValue }) =>
      checked !== defaultChecked || value !== defaultValue,
  );
  return Boolean(form()) && (refused || differs);
}

function content() {
  const filled = form();
  if (!filled) return "";
  return new URLSearchParams(/** @type {string[][]} */ ([...new FormData(filled)])).toString();
}
