/** Files in the thread: their addresses last a quarter of an hour, then others are asked for. */
import { ask, show, standing } from "./server.js";

const NOT_AGAIN = 60_000; // milliseconds: what fails with a fresh address is broken

/** @typedef {{address: string, thumbnail: string, download: string}} Addresses */

/** @type {WeakMap<Element, number>} When an element got its address. */
const renewed = new WeakMap();

/** What could not be loaded gets a fresh address, once in a while. */
export function watchAddresses() {
  document.addEventListener("error", ({ target }) => void mend(target), true); // it does not bubble
}

/**
 * @param {string} id
 * @returns {Promise<Addresses | null>}
 */
export async function addressesOf(id) {
  try {
    const answer = await ask(`files/${id}`);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** @param {HTMLElement} link */
export async function download({ dataset }) {
  const fresh = await addressesOf(dataset.file ?? "");
  if (!fresh) return;
  Object.assign(document.createElement("a"), { href: fresh.download, download: "" }).click();
}

/** @param {HTMLElement} button */
export async function fetchAgain(button) {
  button.setAttribute("aria-disabled", "true");
  try {
    await show(await ask(`files/${button.dataset.file}/fetch`, { form: standing() }));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** @param {EventTarget | null} target */
async function mend(target) {
  if (!(target instanceof HTMLImageElement || target instanceof HTMLMediaElement)) return;
  const { file, shows } = target.dataset;
  if (!file || Date.now() - (renewed.get(target) ?? -NOT_AGAIN) < NOT_AGAIN) return;
  renewed.set(target, Date.now());
  const fresh = await addressesOf(file);
  if (fresh) target.src = shows === "thumbnail" ? fresh.thumbnail : fresh.address;
}
