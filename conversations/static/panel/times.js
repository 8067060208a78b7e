/** What the clock changes by itself: young times, names of days, long sending, the reply window. */
import { now, place } from "./server.js";

const MINUTE = 60_000;
const STILL_AFTER = 60_000; // milliseconds
const SPOKEN = [60, 15, 0]; // minutes left at which the window is read out
const WARNING = 120; // minutes
const DANGER = 15;

const log = /** @type {HTMLElement} */ (document.getElementById("log"));
let minutesSpoken = Infinity;

/** Bring all of them up to date. */
export function keepTime() {
  for (const time of all("time[data-clock]")) {
    const minutes = Math.floor((now() - Date.parse(time.getAttribute("datetime") ?? "")) / MINUTE);
    const young = minutes < 1 ? log.dataset.now : log.dataset.minutes?.replace("%s", `${minutes}`);
    tell(time, minutes < 60 ? young : time.dataset.clock);
    if (minutes >= 60) delete time.dataset.clock; // it stands for good: a long thread is quick
  }
  for (const status of all(".status.queued, .status.sending")) {
    const late = now() - Date.parse(status.dataset.since ?? "") > STILL_AFTER;
    if (late) tell(status.querySelector(".word"), log.dataset.still);
  }
  nameDays();
}

/**
 * Count down the window for free text.
 * @param {() => void} closed  called once when it ends
 * @param {(sentence: string) => void} say  called when little is left
 */
export function countDown(closed, say) {
  const [shown] = all("#head [data-closes]");
  if (!shown) {
    minutesSpoken = Infinity;
    return;
  }
  const { closes, left, closed: over, hours, minutes: short } = shown.dataset;
  const minutes = Math.ceil((Number(closes) * 1000 - now()) / MINUTE);
  const form = minutes > 59 ? hours : short;
  const time = form?.replace("%h", `${Math.floor(minutes / 60)}`).replace("%m", `${minutes % 60}`);
  const text = (minutes > 0 ? left?.replace("%s", time ?? "") : over) ?? "";
  tell(shown.querySelector(".left"), text);
  shown.classList.toggle("warning", minutes <= WARNING && minutes > DANGER);
  shown.classList.toggle("danger", minutes <= DANGER);
  if (SPOKEN.some((at) => minutes <= at && minutesSpoken > at)) {
    if (minutesSpoken !== Infinity) say(text);
    if (minutes <= 0) closed();
  }
  minutesSpoken = minutes;
}

function nameDays() {
  const form = /** @type {const} */ ({ year: "numeric", month: "2-digit", day: "2-digit" });
  const named = new Intl.DateTimeFormat("en-CA", { ...form, timeZone: place.zone });
  const names = new Map([
    [named.format(now() - 1440 * MINUTE), log.dataset.yesterday],
    [named.format(now()), log.dataset.today],
  ]);
  for (const row of all("[data-day]")) {
    tell(row.firstElementChild, names.get(row.dataset.day ?? "") ?? row.dataset.label);
  }
}

/** @returns {HTMLElement[]} */
function all(/** @type {string} */ selector) {
  return [...document.querySelectorAll(selector)].map((found) => /** @type {HTMLElement} */ (found));
}

/**
 * Write only what differs: a text that is set anew is read out and repainted.
 * @param {Element | null | undefined} element
 * @param {string | undefined} text
 */
function tell(element, text = "") {
  if (element && element.textContent !== text) element.textContent = text;
}
