/**
 * The page around the frame: it brings session and theme, and renews the session when asked.
 *
 * @typedef {object} Session
 * @property {string} token
 * @property {number} expires_in  seconds
 * @property {string} stream_url
 * @property {string} issue_id
 *
 * @typedef {object} Theme
 * @property {"light" | "dark"} colorMode
 * @property {Record<string, string>} [tokens]
 */

const RENEW_BEFORE = 60_000; // milliseconds before the token's end

const root = document.documentElement;
/** @type {Session | null} */
let session = null;
/** @type {Set<() => void>} */
const waiting = new Set();
let renewal = 0;

/** @returns {Session} */
export function current() {
  if (!session) throw new Error("No session yet");
  return session;
}

/**
 * Ask for the first session; `begin` is called when it is there.
 * @param {() => void} begin
 */
export function connect(begin) {
  waiting.add(begin);
  addEventListener("message", ({ data, origin, source }) => {
    if (source !== parent || !isAllowed(origin)) return;
    if (data?.theme) paint(data.theme);
    if (data?.type === "omnichat.session") accept(data.session);
  });
  parent.postMessage({ type: "omnichat.ready" }, "*"); // says nothing: any parent may hear it
}

/**
 * Ask for a new session.
 * @param {number} patience  milliseconds
 * @returns {Promise<boolean>}  whether it came
 */
export function renew(patience = 10_000) {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => resolve(false), patience);
    waiting.add(() => {
      clearTimeout(timeout);
      resolve(true);
    });
    parent.postMessage({ type: "omnichat.renew" }, "*");
  });
}

/** Ask the page around to show the conversation itself. */
export function openPanel() {
  parent.postMessage({ type: "omnichat.panel" }, "*");
}

/**
 * Ask the page around to open an address in a new tab: the frame itself may open none.
 * @param {string} url
 */
export function openPage(url) {
  parent.postMessage({ type: "omnichat.open", url }, "*");
}

/**
 * Say how long our page is, where the page around has room for all of it.
 * @param {number} height  pixels
 */
export function tellHeight(height) {
  parent.postMessage({ type: "omnichat.height", height: Math.ceil(height) }, "*");
}

/** @param {Session} brought */
function accept(brought) {
  session = brought;
  clearTimeout(renewal);
  const left = Math.max(brought.expires_in * 1000 - RENEW_BEFORE, 1000);
  renewal = setTimeout(renew, left);
  for (const tell of [...waiting]) tell();
  waiting.clear();
}

/** @param {Theme} theme */
function paint({ colorMode, tokens = {} }) {
  root.dataset.colorMode = colorMode === "dark" ? "dark" : "light";
  for (const name of [...root.style]) root.style.removeProperty(name);
  for (const [name, value] of Object.entries(tokens)) {
    if (name.startsWith("--ds-")) root.style.setProperty(name, value);
  }
}

/**
 * Whether an origin is one of ours; `*` stands for one label, and only for the first.
 * @param {string} origin
 */
function isAllowed(origin) {
  return (document.body.dataset.parentOrigins ?? "").split(" ").some((allowed) => {
    const [scheme, rest] = allowed.split("://*.");
    if (rest === undefined) return origin === allowed;
    const [label, ...others] = origin.slice(`${scheme}://`.length).split(".");
    return origin.startsWith(`${scheme}://`) && label !== "" && others.join(".") === rest;
  });
}
