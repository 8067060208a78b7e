/** Asking our server: the token in the header, never a cookie; what comes back is swapped in. */
import { current, renew } from "./host.js";

const PATIENCE = 15_000; // milliseconds
// What is added later shall speak as the document does.
const language = document.documentElement.lang;
const panel = /** @type {HTMLElement} */ (document.querySelector("main"));

/** @typedef {Record<string, string> | string[][]} Form */

/** Where the page stands, as the server said last. */
export const place = { cursor: 0, seen: "", conversation: "0", zone: "UTC", expired: false };
let clockAhead = 0;
/** @type {{before: () => void, after: (how: {quiet: boolean}) => void}} */
let watcher = { before() {}, after() {} };

/** The server's time, however wrong the clock of this machine is. */
export const now = () => Date.now() - clockAhead;

/**
 * Be told before and after the page changes; `quiet`: what came is no news.
 * @param {typeof watcher} watching
 */
export function onSwap(watching) {
  watcher = watching;
}

/**
 * @param {string} path
 * @param {{query?: Record<string, string>, form?: Form, method?: string, keepalive?: boolean}} [content]
 *   keepalive: it arrives although the page goes
 * @returns {Promise<Response>}  rejected when no answer came
 */
export async function ask(path, content = {}) {
  let answer = await once(path, content);
  if (answer.status === 401 && (await renew())) answer = await once(path, content);
  place.expired = answer.status === 401;
  return answer;
}

/**
 * Send a file; fetch cannot say how far it is.
 * @param {string} path
 * @param {FormData} body
 * @param {{progress: (share: number) => void, signal: AbortSignal}} how
 * @returns {Promise<Response>}  rejected when no answer came
 */
export async function send(path, body, how) {
  const answer = await sendOnce(path, body, how);
  return answer.status === 401 && (await renew()) ? sendOnce(path, body, how) : answer;
}

/**
 * Put what an answer brings into the page, unless the page is further already.
 * @param {Response} answer
 */
export async function show(answer) {
  const { headers } = answer;
  const cursor = Number(headers.get("X-Cursor"));
  const state = headers.get("X-State");
  if (state === null || (answer.ok && cursor < place.cursor)) return;
  const quiet = panel.dataset.state === "loading";
  clockAhead = Date.now() - Number(headers.get("X-Now"));
  Object.assign(place, {
    cursor: Math.max(cursor, place.cursor),
    seen: headers.get("X-Seen"),
    conversation: headers.get("X-Conversation"),
    zone: headers.get("X-Zone"),
  });
  if (answer.status !== 204) await swap(await answer.text(), { quiet });
  panel.dataset.state = state;
  const unknown = headers.get("X-Unknown");
  if (unknown) panel.dispatchEvent(new CustomEvent("unknown", { detail: unknown }));
}

/**
 * @param {string} html
 * @param {{quiet: boolean}} how
 */
export async function swap(html, how) {
  watcher.before();
  // Every part names its own place: nothing is left over for a main swap.
  await htmx.swap({ sourceElement: panel, target: panel, swap: "none", text: html });
  watcher.after(how);
}

/** What the server needs to know in order to say what has changed. */
export function standing() {
  const older = /** @type {HTMLElement | null} */ (document.querySelector("#older [data-before]"));
  const gap = /** @type {HTMLElement | null} */ (document.querySelector(".gap [data-before]"));
  return {
    after: String(place.cursor),
    seen: place.seen,
    since: older?.dataset.before ?? "",
    gap_after: gap?.dataset.after ?? "",
    gap_before: gap?.dataset.before ?? "",
  };
}

/**
 * @param {string} path
 * @param {NonNullable<Parameters<typeof ask>[1]>} content
 */
function once(path, { query = {}, form, method = form ? "POST" : "GET", keepalive = false }) {
  const search = new URLSearchParams(query);
  return fetch(`${addressOf(path)}${search.size ? `?${search}` : ""}`, {
    method,
    keepalive,
    body: form && new URLSearchParams(form),
    headers: { Authorization: `Bearer ${current().token}`, "Accept-Language": language },
    credentials: "omit",
    signal: AbortSignal.timeout(PATIENCE),
  });
}

/**
 * @param {string} path
 * @param {FormData} body
 * @param {{progress: (share: number) => void, signal: AbortSignal}} how
 * @returns {Promise<Response>}
 */
function sendOnce(path, body, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", addressOf(path));
    request.setRequestHeader("Authorization", `Bearer ${current().token}`);
    request.setRequestHeader("Accept-Language", language);
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () =>
      resolve(new Response(request.response, { status: request.status }));
    request.onerror = request.onabort = () => reject(new Error("No answer"));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** @param {string} path */
const addressOf = (path) => `/panel/${encodeURIComponent(current().issue_id)}/${path}`;
