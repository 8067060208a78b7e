/** The agent's panel: brings session, thread, composer and the bell together. */
import * as composer from "./composer.js";
import * as draft from "./draft.js";
import { connect } from "./host.js";
import { follow, refresh } from "./live.js";
import { ask, onSwap, show, standing, swap } from "./server.js";
import * as numbers from "./side-form.js";
import * as thread from "./thread.js";
import { countDown, keepTime } from "./times.js";

const TICK = 5_000; // milliseconds

const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));

/** @type {Record<string, (target: HTMLElement) => unknown>} */
const actions = {
  pause: () => move("pause"),
  resume: () => move("resume"),
  try: () => refresh(),
  jump: () => thread.toEnd(),
  emoji: (target) => composer.insert(target.textContent ?? ""),
  switch: ({ dataset }) => {
    composer.choose(dataset.sender ?? "", dataset.address ?? "");
    return refresh();
  },
  earlier: async ({ dataset }) => {
    const answer = await ask("earlier", { query: { before: dataset.before ?? "" } });
    if (answer.ok) await swap(await answer.text(), { quiet: true });
  },
};

document.addEventListener("click", ({ target }) => {
  const found = target instanceof Element && target.closest("[data-action]");
  if (found instanceof HTMLElement) void actions[found.dataset.action ?? ""]?.(found);
});
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const { id } = /** @type {HTMLFormElement} */ (event.target);
  void (id === "numbers" ? begin() : composer.send());
});
document.addEventListener("input", ({ target }) => {
  if (target instanceof HTMLInputElement) numbers.changed(target);
  if (target instanceof HTMLTextAreaElement) composer.typed();
});
document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLSelectElement)) return;
  composer.pick(target);
  void refresh(); // the other channel's window may be closed
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (!(event.target instanceof HTMLTextAreaElement)) return;
  event.preventDefault();
  void composer.send();
});

onSwap({
  before: thread.before,
  after(how) {
    composer.ready();
    numbers.ready();
    thread.after(how);
    panel.removeAttribute("aria-busy");
    document.getElementById("composer")?.removeAttribute("inert");
    tick();
  },
});

connect(() => {
  follow(update);
  setInterval(tick, TICK);
});

/** Ask for everything the first time, then for what has changed. Says whether there was an answer. */
async function update() {
  const loading = panel.dataset.state === "loading";
  const query = { ...standing(), ...composer.route() };
  numbers.asking();
  try {
    const answer = await (loading ? ask("view") : ask("updates", { query }));
    await show(answer);
    return answer.ok;
  } catch {
    return false;
  }
}

/** A number was entered: the conversation can begin. */
async function begin() {
  await numbers.save("numbers");
  document.getElementById("text")?.focus();
}

/** @param {"pause" | "resume"} action */
async function move(action) {
  await draft.saved();
  try {
    await show(await ask(action, { form: { ...standing(), ...composer.route() } }));
  } catch {
    await refresh();
  }
}

function tick() {
  keepTime();
  countDown(refresh);
}
