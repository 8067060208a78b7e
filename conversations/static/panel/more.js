/** The button for what else can be sent: places, contacts, buttons, lists. */

const menu = /** @type {HTMLElement} */ (document.getElementById("more-menu"));
const button = () => document.getElementById("more");

menu.addEventListener("beforetoggle", (event) => {
  const { newState } = /** @type {ToggleEvent} */ (event);
  if (newState !== "open" || button()?.getAttribute("aria-disabled") !== "true") return;
  event.preventDefault();
  document.getElementById("refusal")?.replaceChildren(button()?.dataset.none ?? "");
});

menu.addEventListener("toggle", (event) => {
  if (/** @type {ToggleEvent} */ (event).newState === "open") menu.querySelector("button")?.focus();
});

/**
 * Say whether the chosen channel carries them.
 * @param {boolean} able
 */
export function ready(able) {
  const more = button();
  if (!more) return;
  more.setAttribute("aria-disabled", String(!able));
  more.title = (able ? more.dataset.title : more.dataset.none) ?? "";
}

/** The focus goes back to the button, and from there into what was chosen. */
export const close = () => menu.hidePopover();
