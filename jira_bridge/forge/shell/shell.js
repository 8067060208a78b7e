/**
 * The page of the Forge app in a request's Activity: opens a session with the app, shows the panel
 * in an inner frame and hands it session and theme. It talks to that frame's origin and no other.
 */
import { invokeRemote, router, view } from "@forge/bridge";

const PATIENCE = 10_000;
const RENEW_AT = 0.8;
const RETRY_RENEWAL = 15_000;
const WORTH_RETRYING = [401, 408, 429];

const root = document.documentElement;
const shell = document.getElementById("shell");
const opening = document.getElementById("opening");
const problem = document.getElementById("problem");
const again = document.getElementById("again");

let panel = null;
let session = null;
let context = {};
let renewing = null;
let patience;
let renewal;

class SessionRefused extends Error {}

async function openPanel() {
  show("opening");
  closePanel();
  try {
    session = await openSession();
    const { origin, protocol } = new URL(session.panel_url);
    if (!/^https?:$/.test(protocol)) throw new Error("The panel has no web address.");
    const frame = document.createElement("iframe");
    frame.title = "Conversation";
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

async function openSession() {
  const answer = await invokeRemote({ method: "POST", path: "/forge/v1/ui/session", body: {} });
  const { status = 0, body } = answer ?? {};
  if (status >= 200 && status < 300 && body?.token) return body;
  const refused = status >= 400 && status < 500 && !WORTH_RETRYING.includes(status);
  const words = typeof body?.detail === "string" ? body.detail : "";
  throw refused ? new SessionRefused(words) : new Error(`Session: ${status}`);
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
      else schedule(RETRY_RENEWAL);
    })
    .finally(() => {
      renewing = null;
    });
}

function handOver() {
  const { locale, timezone } = context;
  post({ type: "omnichat.session", session, context: { locale, timezone }, theme: theme() });
  schedule(session.expires_in * 1000 * RENEW_AT);
}

function schedule(delay) {
  clearTimeout(renewal);
  renewal = setTimeout(renew, delay);
}

function post(message) {
  panel?.frame.contentWindow?.postMessage(message, panel.origin);
}

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
  }
}

function theme() {
  const computed = getComputedStyle(root);
  const tokens = {};
  for (const name of tokenNames()) tokens[name] = computed.getPropertyValue(name).trim();
  return { colorMode: root.dataset.colorMode === "dark" ? "dark" : "light", tokens };
}

/** Jira mounts its tokens as style sheets of this page; browsers list variables nowhere else. */
function tokenNames() {
  const names = new Set();
  for (const sheet of document.styleSheets) {
    if (sheet.href && new URL(sheet.href).origin !== location.origin) continue;
    for (const { style } of sheet.cssRules) {
      for (const name of style ?? []) if (name.startsWith("--ds-")) names.add(name);
    }
  }
  return names;
}

function fail(error) {
  closePanel();
  const refused = error instanceof SessionRefused;
  const [title, text] = refused
    ? ["You cannot open OmniChat on this request", error.message || "Ask your Jira administrator."]
    : ["OmniChat does not answer", "Nothing is lost. Wait a moment, then try again."];
  document.getElementById("problem-title").textContent = title;
  document.getElementById("problem-text").textContent = text;
  show("problem");
  // Never take the focus out of Jira, only keep it for who pressed the button.
  if (document.hasFocus()) again.focus();
}

function closePanel() {
  clearTimeout(patience);
  clearTimeout(renewal);
  panel?.frame.remove();
  panel = null;
}

function show(state) {
  shell.dataset.state = state;
  opening.hidden = state !== "opening";
  problem.hidden = state !== "problem";
}

async function start() {
  addEventListener("message", hear);
  again.addEventListener("click", openPanel);
  new MutationObserver(() => post({ type: "omnichat.theme", theme: theme() })).observe(root, {
    attributeFilter: ["data-color-mode", "data-theme"],
  });
  // Colours and language are comfort: the conversation opens without them too.
  await view.theme.enable().catch(() => {});
  context = await view.getContext().catch(() => ({}));
  await openPanel();
}

start();
