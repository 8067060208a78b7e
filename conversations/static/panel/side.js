/** The side panel of a request: its state, its channels and numbers, and whose it is. */
import { connect, openPanel, tellHeight } from "./host.js";
import { follow, refresh } from "./live.js";
import { ask, onSwap, show, standing } from "./server.js";
import * as account from "./side-account.js";
import * as numbers from "./side-form.js";

const SAVE = "side/save";

const side = /** @type {HTMLElement} */ (document.getElementById("side"));
const stop = /** @type {HTMLDialogElement} */ (document.getElementById("stop"));

/** @type {Record<string, () => unknown>} */
const actions = {
  open: openPanel,
  try: refresh,
  search: () => account.open(true),
  cancel: () => account.open(false),
  keep: () => stop.close(),
  stop: () => {
    stop.close();
    return numbers.save(SAVE, { confirmed: true });
  },
};

document.addEventListener("click", ({ target }) => {
  const found = target instanceof Element && target.closest("[data-action]");
  if (found instanceof HTMLElement) void actions[found.dataset.action ?? ""]?.();
});
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const { id } = /** @type {HTMLFormElement} */ (event.target);
  void (id === "search" ? account.link() : numbers.save(SAVE));
});
document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  if (target.form?.id === "numbers") numbers.changed(target);
  else if (target.name === "q") account.typed();
  else account.chosen();
});

onSwap({
  before: account.hold,
  after() {
    account.restore();
    numbers.ready();
    side.removeAttribute("aria-busy");
  },
});

connect(() => follow(update));
new ResizeObserver(() => tellHeight(side.getBoundingClientRect().height)).observe(side);

/** Ask for what has changed; at first, for everything. Says whether there was an answer. */
async function update() {
  const holding = numbers.asking() ? "1" : "";
  try {
    const answer = await ask("side", { query: { seen: standing().seen, holding } });
    await show(answer);
    return answer.ok;
  } catch {
    return false;
  }
}
