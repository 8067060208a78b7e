/** The agent's panel: brings session, thread, composer, dialogs and the bell together. */
import { confirmed } from "./asking.js";
import * as attention from "./attention.js";
import * as chooser from "./chooser.js";
import * as composer from "./composer.js";
import * as draft from "./draft.js";
import "./emoji.js";
import { download, fetchAgain, watchAddresses } from "./files.js";
import { connect, openPage } from "./host.js";
import * as kept from "./kept.js";
import * as keys from "./keys.js";
import { follow, refresh } from "./live.js";
import * as moving from "./moving.js";
import * as places from "./places.js";
import * as preferences from "./preferences.js";
import * as presence from "./presence.js";
import * as rich from "./rich.js";
import * as search from "./search.js";
import { ask, onSwap, show, standing } from "./server.js";
import * as numbers from "./side-form.js";
import * as thread from "./thread.js";
import { countDown, keepTime } from "./times.js";
import * as uploads from "./uploads.js";
import * as viewer from "./viewer.js";

const TICK = 5_000; // milliseconds

const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));

/** @type {Record<string, (target: HTMLElement) => unknown>} */
const actions = {
  pause: () => move("pause"),
  resume: () => move("resume"),
  "move-here": moving.ask,
  moved: async () => {
    moving.close();
    await move("move-here");
    document.getElementById("text")?.focus();
  },
  try: () => refresh(),
  jump: () => thread.jump(),
  emoji: (target) => composer.insert(target.textContent ?? ""),
  switch: ({ dataset }) => {
    composer.choose(dataset.sender ?? "", dataset.address ?? "");
    return refresh();
  },
  earlier: places.earlier,
  later: places.later,
  search: search.open,
  "close-search": search.close,
  find: search.choose,
  "find-older": () => search.step(1),
  "find-newer": () => search.step(-1),
  "more-finds": search.more,
  goto: ({ dataset }) => places.goTo(dataset.row ?? ""),
  open: (target) => openPage(/** @type {HTMLAnchorElement} */ (target).href),
  close: (target) => target.closest("dialog")?.close(),
  view: viewer.view,
  previous: () => viewer.step(-1),
  next: () => viewer.step(1),
  closer: viewer.closer,
  farther: viewer.farther,
  save: viewer.save,
  download,
  fetch: fetchAgain,
  attach: uploads.pick,
  unattach: uploads.remove,
  quote: composer.quote,
  unquote: composer.unquote,
  templates: ({ dataset }) => chooser.open({ ...composer.shownRoute(), ...routeIn(dataset) }),
  template: chooser.choose,
  "all-templates": chooser.clear,
  settings: preferences.open,
  cheapen: composer.cheapen,
  copy: kept.copy,
  rich: rich.open,
  add: rich.add,
  resend: ({ dataset }) => move(`messages/${dataset.message}/resend`),
  "other-channel": ({ dataset: { message, channel = "" } }) =>
    move(`messages/${message}/send-over`, { channel }),
};

document.addEventListener("click", (event) => {
  const found = event.target instanceof Element && event.target.closest("[data-action]");
  if (!(found instanceof HTMLElement)) return;
  if (found instanceof HTMLAnchorElement) event.preventDefault();
  if (found.getAttribute("aria-disabled") !== "true" || found.id === "attach") {
    void actions[found.dataset.action ?? ""]?.(found);
  }
});
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const { id } = /** @type {HTMLFormElement} */ (event.target);
  void (id === "numbers" ? begin() : composer.send());
});
document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLElement)) return;
  if (target instanceof HTMLInputElement && target.closest("#numbers")) numbers.changed(target);
  if (target.id === "text") composer.typed();
});
document.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.id === "files") uploads.picked();
  if (!(target instanceof HTMLSelectElement)) return;
  composer.pick(target);
  void refresh(); // the other channel's window may be closed
});
document.addEventListener("paste", (event) => {
  if (/** @type {HTMLElement} */ (event.target).id === "text") uploads.pasted(event);
});
document.addEventListener("uploads", composer.measure);
uploads.watchDrops();
watchAddresses();

onSwap({
  before() {
    thread.before();
    keys.before();
  },
  after(how) {
    composer.ready();
    kept.ready();
    preferences.ready();
    numbers.ready();
    if (thread.after(how)) presence.seen();
    keys.after();
    search.ready();
    panel.removeAttribute("aria-busy");
    document.getElementById("composer")?.removeAttribute("inert");
    tick();
  },
});

connect(() => {
  follow(update, attention.look);
  attention.begin();
  setInterval(tick, TICK);
});

/** Ask for everything the first time, then for what has changed. Says whether there was an answer. */
async function update() {
  const loading = panel.dataset.state === "loading";
  const query = { ...standing(), ...composer.route(), ...attention.standing() };
  numbers.asking();
  try {
    const answer = await (loading ? ask("view") : ask("updates", { query }));
    const { state } = panel.dataset;
    await show(answer);
    if (panel.dataset.state !== state) document.getElementById("refused")?.replaceChildren();
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

/**
 * Do something to the conversation or to one of its messages.
 * @param {string} action
 * @param {Record<string, string>} [how]
 */
async function move(action, how = {}) {
  document.getElementById("refused")?.replaceChildren();
  await draft.saved();
  try {
    const answer = await ask(action, { form: { ...standing(), ...composer.route(), ...how } });
    await show(answer);
    const code = await confirmed(answer);
    if (code) await move(action, { ...how, confirmed: code });
  } catch {
    await refresh();
  }
}

/** @param {DOMStringMap} dataset */
const routeIn = ({ sender, address }) => (sender && address ? { sender, address } : {});

function tick() {
  keepTime();
  countDown(refresh, thread.remark);
}
