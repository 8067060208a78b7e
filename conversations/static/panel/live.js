/** Staying up to date: the stream only rings, the same question is asked then and by the clock. */
import { current, renew } from "./host.js";
import { place } from "./server.js";

const OFTEN = 4_000; // milliseconds between two questions while no stream rings
const SELDOM = 60_000;
const WHILE_LATE = 15_000; // what is late now, and what is no more, is nobody's to ring
const LATE = "[data-late], #log .out[data-status=queued], #log .out[data-status=sending]";
const TRUSTED_AFTER = 10_000; // a stream must live this long before the clock is slowed down
const SILENT_AFTER = 30_000; // the server pings every 15 s
const LONGEST_PAUSE = 15_000;
const SLOW_AFTER = 8_000;
const HELD_BACK = 500;

const panel = /** @type {HTMLElement} */ (document.querySelector("main"));
const connection = /** @type {HTMLElement} */ (document.getElementById("connection"));
const words = /** @type {HTMLElement} */ (document.getElementById("connection-text"));

/** @type {() => Promise<boolean>} */
let question = async () => true;
let lookAround = () => {};
let asking = false;
let again = false;
let rung = 0; // the newest version that was rung while a question or a send was under way
let sends = 0; // under way
let misses = 0;
let timer = 0;
let nextAt = 0;
let openSince = 0;
let heardAt = 0;
let ear = { conversation: "", stop: new AbortController() };
const startedAt = Date.now();

/**
 * Begin to listen; `update` asks the server and says whether it answered.
 * @param {() => Promise<boolean>} update
 * @param {() => void} [look]  called when something has changed about colleagues
 */
export function follow(update, look = () => {}) {
  question = update;
  lookAround = look;
  setInterval(describe, 1000);
  void refresh().then(listen);
}

// The customer has begun elsewhere since the session was made: a new one may know where. Asked once
// for each such place, for it may well be closed to this agent.
/** @type {Set<string>} */
const askedFor = new Set();
panel.addEventListener("unknown", async (event) => {
  const { detail } = /** @type {CustomEvent<string>} */ (event);
  if (askedFor.has(detail)) return;
  askedFor.add(detail);
  if (await renew()) void refresh();
});

/** Ask now; while a question is under way, once more after it. */
export async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  do {
    again = false;
    rung = 0;
    misses = (await question()) ? 0 : misses + 1;
    // What was rung meanwhile is often in this answer already.
  } while ((again || rung > place.cursor) && !misses);
  asking = false;
  // A panel whose conversation has only begun has to listen to that one.
  if (ear.conversation !== place.conversation) ear.stop.abort();
  plan();
  describe();
}

/**
 * Send what is answered with what is new: a ring meanwhile waits for that, for a moment.
 * @template T
 * @param {() => Promise<T>} send
 */
export async function answered(send) {
  sends += 1;
  try {
    return await send();
  } finally {
    sends -= 1;
    catchUp();
  }
}

function catchUp() {
  if (!asking && rung > place.cursor) void refresh();
}

function plan() {
  clearTimeout(timer);
  const trusted = openSince && Date.now() - openSince > TRUSTED_AFTER;
  const alive = Date.now() - heardAt < SILENT_AFTER;
  const pause = misses ? Math.min(OFTEN * misses, LONGEST_PAUSE) : OFTEN;
  const calm = document.querySelector(LATE) ? WHILE_LATE : SELDOM;
  const wait = trusted && alive && !misses ? calm : pause;
  nextAt = Date.now() + wait;
  timer = setTimeout(refresh, wait);
}

function describe() {
  if (openSince && Date.now() - heardAt > SILENT_AFTER && nextAt - Date.now() > OFTEN) plan();
  panel.dataset.conn = misses > 1 ? "down" : openSince ? "live" : "poll";
  const slow = panel.dataset.state === "loading" && Date.now() - startedAt > SLOW_AFTER;
  connection.hidden = misses < 2 && !slow;
  const { lost = "", slow: loading = "", over = "" } = words.dataset;
  const left = Math.max(Math.ceil((nextAt - Date.now()) / 1000), 0);
  const text = place.expired ? over : misses > 1 ? lost.replace("%s", String(left)) : loading;
  if (words.textContent !== text) words.textContent = text;
}

/** Hold the stream open, for ever: read with fetch, for an EventSource cannot send the token. */
async function listen() {
  for (let pause = 1000; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const { conversation } = place;
    const stop = new AbortController();
    ear = { conversation, stop };
    const watch = setInterval(() => {
      if (Date.now() - heardAt > SILENT_AFTER) stop.abort();
    }, 5000);
    heardAt = Date.now();
    try {
      const answer = await open(stop.signal);
      if (answer.status === 401) await renew();
      if (answer.ok && answer.body) {
        openSince = Date.now();
        pause = 1000;
        void refresh();
        await read(answer.body);
      }
    } catch {
      // Any end is an end: the loop opens it again.
    }
    openSince = 0;
    clearInterval(watch);
    // Never later than planned: a stream that fails again and again must not keep the clock waiting.
    if (nextAt - Date.now() > OFTEN) plan();
    if (conversation !== place.conversation) continue;
    await new Promise((resolve) => setTimeout(resolve, pause * (0.8 + Math.random() * 0.4)));
  }
}

/** @param {AbortSignal} signal */
function open(signal) {
  const { stream_url: address, token } = current();
  const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
  const url = `${address}?conversation=${ear.conversation}`;
  return fetch(url, { headers, signal, credentials: "omit", cache: "no-store" });
}

/** @param {ReadableStream<BufferSource>} body */
async function read(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heardAt = Date.now();
    const events = (text + value).split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) hear(event);
  }
}

/** @param {string} event */
function hear(event) {
  if (event.startsWith("event: presence")) return lookAround();
  const version = Number(/^data: ?(\d+)/m.exec(event)?.[1] ?? 0);
  if (version > place.cursor) rung = Math.max(rung, version);
  if (sends) setTimeout(catchUp, HELD_BACK);
  else catchUp();
  if (event.startsWith("event: resync")) void refresh();
}
