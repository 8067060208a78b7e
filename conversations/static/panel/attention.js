/** Colleagues on the same request: they see that one looks or writes, and one sees them. */
import { ask, now, swap } from "./server.js";

const SETTLED_AFTER = 3_000; // milliseconds: who only passes by is shown to nobody
const SAY_EVERY = 20_000;
const TYPING_EVERY = 3_000;
const WRITING_FOR = 8_000;
const GRACE = 1_000; // when a line's time is over, an answer may prolong it

const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));
const place = /** @type {HTMLElement} */ (document.getElementById("presence"));
let typedAt = -Infinity;
let saidAt = -Infinity;
let sayAt = Infinity;
let timer = 0;

/** Be seen, from now on and while this page is looked at. */
export function begin() {
  document.addEventListener("visibilitychange", () => plan(SETTLED_AFTER));
  addEventListener("pagehide", leave);
  setInterval(keepTime, 1000);
  plan(SETTLED_AFTER);
}

/** A key was pressed in the box. */
export function typed() {
  const begins = Date.now() - typedAt > WRITING_FOR;
  typedAt = Date.now();
  plan(begins ? 0 : saidAt + TYPING_EVERY - typedAt);
}

/** What was written is sent. */
export function quiet() {
  typedAt = -Infinity;
}

/** Ask who else is here: the bell has rung, or a line's time is over. */
export async function look() {
  if (isVisible()) await show(ask("presence", { query: { present: mark() } }));
}

/** What the server needs to know where no stream rings for colleagues. */
export const standing = () => ({ present: panel.dataset.conn === "live" ? "" : mark() });

/** @param {number} wait  milliseconds; what is planned sooner stays */
function plan(wait) {
  const at = Date.now() + wait;
  if (at >= sayAt) return;
  clearTimeout(timer);
  sayAt = at;
  timer = setTimeout(say, wait);
}

function say() {
  sayAt = Infinity;
  if (!isVisible()) return;
  saidAt = Date.now();
  plan(SAY_EVERY);
  const ago = saidAt - typedAt;
  const typed = ago < WRITING_FOR ? String(ago) : "";
  void show(ask("presence", { form: { typed, present: mark() } }));
}

function leave() {
  if (saidAt === -Infinity) return;
  saidAt = -Infinity;
  ask("presence", { form: { left: "1" }, keepalive: true }).catch(() => {}); // it lapses then
}

/** @param {Promise<Response>} asked */
async function show(asked) {
  const answer = await asked.catch(() => null); // the next sign or question comes by itself
  if (answer?.status === 200) await swap(await answer.text(), { quiet: true });
}

function keepTime() {
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("p"))) {
    const left = Date.parse(line.dataset.until ?? "") - now();
    line.hidden = left < -GRACE;
    if (left > 0 || line.dataset.asked) continue;
    line.dataset.asked = "1";
    void look();
  }
}

const mark = () => place.querySelector("p")?.dataset.mark ?? "nobody";
const isVisible = () => document.visibilityState === "visible";
