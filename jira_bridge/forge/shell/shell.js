/**
 * The pages of the Forge app: the tab in a request's Activity, the panel beside the request, and
 * the page for Jira's admins. On a request it opens a session, shows our page in an inner frame and
 * hands it session and theme. It talks to that frame's origin and no other.
 */
import { events, invokeRemote, Modal, router, view } from "@forge/bridge";
import { say, speak } from "./words.js";

const PATIENCE = 10_000;
const RENEW_AT = 0.8;
const RETRY = 15_000;
const WORTH_RETRYING = [401, 408, 429];
const BETWEEN_CHANGES = 2_000;
const HEIGHTS = { least: 120, most: 900 };
const SILENT = "OmniChat does not answer. Try again in a moment.";
const FRAME_TITLES = { panel: "Conversation", side: "Conversation details", admin: "OmniChat" };

/** @typedef {{token: string, expires_in: number, panel_url: string}} Session */

const root = document.documentElement;
const shell = part("shell");
const opening = part("opening");
const problem = part("problem");
const again = part("again");
const admin = part("admin");
const adminProblem = part("admin-problem");
const enter = /** @type {HTMLButtonElement} */ (part("enter"));

/** @type {{frame: HTMLIFrameElement, origin: string} | null} */
let panel = null;
/** @type {Session | null} */
let session = null;
/** @type {import("@forge/bridge").Context} */
let context = {};
/** @type {keyof typeof FRAME_TITLES} */
let page = "panel";
/** @type {Promise<void> | null} */
let renewing = null;
/** @type {{more: boolean} | null} */
let changes = null;
let patience = 0;
let renewal = 0;

class SessionRefused extends Error {}
class SessionDelayed extends Error {}

async function openPanel() {
  show("opening");
  closePanel();
  try {
    session = await openSession();
    const { origin, protocol } = new URL(session.panel_url);
    if (!/^https?:$/.test(protocol)) throw new Error("The panel has no web address.");
    const frame = document.createElement("iframe");
    frame.title = say(FRAME_TITLES[page]);
    frame.allow = "clipboard-write; microphone";
    frame.referrerPolicy = "no-referrer";
    frame.src = session.panel_url;
    panel = { frame, origin };
    shell.append(frame);
    patience = setTimeout(() => fail(new Error("The panel is silent.")), PATIENCE);
  } catch (error) {
    fail(error);
  }
}

/** @returns {Promise<Session>} */
async function openSession() {
  const { status, body } = await post("/forge/v1/ui/session", { page });
  if (status >= 200 && status < 300 && body?.token) return body;
  const refused = status >= 400 && status < 500 && !WORTH_RETRYING.includes(status);
  const words = wordsOf(body);
  if (refused) throw new SessionRefused(words);
  throw words ? new SessionDelayed(words) : new Error(`Session: ${status}`);
}

/**
 * @param {string} path
 * @param {object} [content]
 */
async function post(path, content) {
  const body = { locale: context.locale, ...content };
  const answer = await invokeRemote({ method: "POST", path, body });
  return { status: answer?.status ?? 0, body: answer?.body };
}

/** @param {{detail?: unknown} | undefined} body */
function wordsOf(body) {
  return typeof body?.detail === "string" ? body.detail : "";
}

/** Ask for a new session for the open panel; what the agent has typed stays if it takes a while. */
function renew() {
  renewing ??= openSession()
    .then((renewed) => {
      session = renewed;
      if (panel) handOver();
    })
    .catch((error) => {
      if (error instanceof SessionRefused) fail(error);
      else schedule(RETRY);
    })
    .finally(() => {
      renewing = null;
    });
}

function handOver() {
  if (!session) return;
  const { locale, timezone } = context;
  tell({ type: "omnichat.session", session, context: { locale, timezone }, theme: theme() });
  schedule(session.expires_in * 1000 * RENEW_AT);
}

/** @param {number} delay */
function schedule(delay) {
  clearTimeout(renewal);
  renewal = setTimeout(renew, delay);
}

/** @param {object} message */
function tell(message) {
  // Until the panel has spoken, what is in its frame may be an empty page of this origin.
  if (shell.dataset.state === "open") panel?.frame.contentWindow?.postMessage(message, panel.origin);
}

/** @param {MessageEvent} event */
function hear({ data, origin, source }) {
  if (!panel || origin !== panel.origin || source !== panel.frame.contentWindow) return;
  if (data?.type === "omnichat.ready") {
    clearTimeout(patience);
    show("open");
    handOver();
  } else if (data?.type === "omnichat.renew") {
    renew();
  } else if (data?.type === "omnichat.open" && /^https?:\/\//.test(data.url)) {
    router.open(data.url);
  } else if (data?.type === "omnichat.panel" && page === "side") {
    new Modal({ resource: "shell", size: "xlarge", context: { page: "panel" } }).open();
  } else if (data?.type === "omnichat.height" && page === "side") {
    grow(Number(data.height));
  }
}

/**
 * Beside a request Jira gives the frame the height of what is in it.
 * @param {number} height
 */
function grow(height) {
  if (!panel || !Number.isFinite(height)) return;
  const bounded = Math.min(Math.max(Math.ceil(height), HEIGHTS.least), HEIGHTS.most);
  shell.style.blockSize = panel.frame.style.blockSize = `${bounded}px`;
}

/**
 * Have the request's status read when Jira says that it changed: at once, then every 2 s.
 * @param {{issueId?: unknown}} [change]
 */
function hearChange({ issueId } = {}) {
  if (String(issueId) !== String(context.extension?.issue?.id)) return;
  if (changes) {
    changes.more = true;
    return;
  }
  changes = { more: false };
  // An event of Jira's to our host says the same, a little later.
  post("/forge/v1/ui/changed").catch(() => {});
  setTimeout(() => {
    const more = changes?.more;
    changes = null;
    if (more) hearChange({ issueId });
  }, BETWEEN_CHANGES);
}

async function openConsole() {
  enter.disabled = true;
  adminProblem.textContent = "";
  try {
    const { status, body } = await post("/forge/v1/ui/console");
    const made = status >= 200 && status < 300 && /^https?:\/\//.test(body?.url);
    if (made) await router.open(body.url);
    else adminProblem.textContent = wordsOf(body) || say(SILENT);
  } catch {
    adminProblem.textContent = say(SILENT);
  } finally {
    enter.disabled = false;
  }
}

function theme() {
  const computed = getComputedStyle(root);
  /** @type {Record<string, string>} */
  const tokens = {};
  for (const name of tokenNames()) tokens[name] = computed.getPropertyValue(name).trim();
  return { colorMode: root.dataset.colorMode === "dark" ? "dark" : "light", tokens };
}

/** Jira mounts its tokens as style sheets of this page; browsers list variables nowhere else. */
function tokenNames() {
  /** @type {Set<string>} */
  const names = new Set();
  for (const sheet of document.styleSheets) {
    if (sheet.href && new URL(sheet.href).origin !== location.origin) continue;
    for (const rule of sheet.cssRules) {
      const { style = [] } = /** @type {CSSStyleRule} */ (rule);
      for (const name of style) if (name.startsWith("--ds-")) names.add(name);
    }
  }
  return names;
}

/** @param {unknown} error */
function fail(error) {
  closePanel();
  const [title, text] = describe(error);
  part("problem-title").textContent = say(title);
  part("problem-text").textContent = say(text);
  show("problem");
  // Never take the focus out of Jira, only keep it for who pressed the button.
  if (document.hasFocus()) again.focus();
  if (!(error instanceof SessionRefused)) openLater();
}

/** Open the panel when there is a session again; nothing moves on the page until then. */
function openLater() {
  clearTimeout(patience);
  patience = setTimeout(async () => {
    const answer = await openSession().catch((error) => error);
    // Whoever has pressed the button meanwhile may be writing in the panel by now.
    if (shell.dataset.state !== "problem") return;
    if (answer instanceof SessionRefused) fail(answer);
    else if (answer?.token) void openPanel();
    else openLater();
  }, RETRY);
}

/** @param {unknown} error */
function describe(error) {
  if (error instanceof SessionRefused) {
    const text = error.message || "Ask your Jira administrator.";
    return ["You cannot open OmniChat on this request", text];
  }
  if (error instanceof SessionDelayed) {
    return ["OmniChat cannot be opened now", error.message];
  }
  return ["OmniChat does not answer", "Nothing is lost. Wait a moment, then try again."];
}

function closePanel() {
  clearTimeout(patience);
  clearTimeout(renewal);
  panel?.frame.remove();
  panel = null;
}

/** @param {"opening" | "open" | "problem" | "admin"} state */
function show(state) {
  shell.dataset.state = state;
  opening.hidden = state !== "opening";
  problem.hidden = state !== "problem";
  admin.hidden = state !== "admin";
}

/**
 * @param {import("@forge/bridge").Extension} [extension]
 * @returns {typeof page}
 */
function pageOf({ type, modal } = {}) {
  if (modal) return "panel";
  if (type === "jira:adminPage") return "admin";
  return type === "jira:issueContext" ? "side" : "panel";
}

/** @param {string} id */
function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

async function start() {
  addEventListener("message", hear);
  again.addEventListener("click", openPanel);
  enter.addEventListener("click", openConsole);
  new MutationObserver(() => tell({ type: "omnichat.theme", theme: theme() })).observe(root, {
    attributeFilter: ["data-color-mode", "data-theme"],
  });
  // Colours and language are comfort: the conversation opens without them too.
  await view.theme.enable().catch(() => {});
  context = await view.getContext().catch(() => ({}));
  speak(context.locale);
  page = root.dataset.page = pageOf(context.extension);
  if (page === "admin") {
    show("admin");
    return;
  }
  // Without this the conversation opens too, and learns of changes by Jira's events.
  Promise.resolve(events.on("JIRA_ISSUE_CHANGED", hearChange)).catch(() => {});
  await openPanel();
}

start();
