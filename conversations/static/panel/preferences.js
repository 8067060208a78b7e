/** The agent's own settings: kept on the server, in force as the composer that comes with them. */
import * as draft from "./draft.js";
import { ask, show, standing } from "./server.js";
import { done } from "./uploads.js";

const IS_MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("settings"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("preferences"));
const refusal = /** @type {HTMLElement} */ (document.getElementById("settings-refusal"));

/** What the composer that is shown goes by. */
const inForce = () => document.getElementById("form")?.dataset ?? {};

/** Whether Enter alone sends. */
export const sendsWithEnter = () => inForce().enter === "true";

/** Whether the counter says all that it knows. */
export const showsDetails = () => inForce().details === "1";

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  void save();
});

// The page takes every other choice for one of From and To.
form.addEventListener("change", (event) => event.stopPropagation());

/** A composer was swapped in: name the key that this keyboard has. */
export function ready() {
  if (!IS_MAC) return;
  for (const key of document.querySelectorAll("kbd.modifier")) key.textContent = "Cmd";
  const send = document.getElementById("send");
  if (!send) return;
  send.title = send.title.replace("Ctrl", "Cmd");
  send.setAttribute("aria-keyshortcuts", sendsWithEnter() ? "Enter" : "Meta+Enter");
}

export function open() {
  const { enter = "false", details, language = "" } = inForce();
  entry("send_with_enter").value = enter;
  entry("counter_details").checked = details === "1";
  entry("language").value = language;
  refusal.replaceChildren();
  dialog.showModal();
}

async function save() {
  const chosen = Object.fromEntries(new FormData(form).entries());
  const told = /** @type {Record<string, string>} */ ({ ...standing(), ...chosen });
  const answer = await ask("preferences", { form: told }).catch(() => null);
  if (!answer?.ok) return refusal.replaceChildren(form.dataset.failed ?? "");
  const language = answer.headers.get("X-Language") ?? "";
  if (language === document.documentElement.lang) {
    await show(answer);
    return dialog.close();
  }
  await Promise.all([draft.saved(), done()]);
  const address = new URL(location.href);
  address.searchParams.set("lang", language);
  location.replace(address);
}

/** @param {string} name */
const entry = (name) =>
  /** @type {HTMLInputElement & RadioNodeList} */ (form.elements.namedItem(name));
