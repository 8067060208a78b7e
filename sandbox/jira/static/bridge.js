/**
 * The sandbox's stand-in for Forge's page bridge: the few calls the shell makes, with the shapes
 * and the rejections that Forge documents. The page around the frame plays Jira.
 */
const query = new URLSearchParams(location.search);
const where = Object.fromEntries(["site", "issue", "as", "module"].map((name) => [name, query.get(name)]));
const modal = JSON.parse(query.get("modal") ?? "null");
const listeners = new Map();
const modals = new Map();

export async function invokeRemote({ method, path, headers = {}, body }) {
  const answer = await fetch("/forge/invoke", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...where, call: { method, path, headers, body } }),
  });
  const result = await answer.json();
  if (result.error) throw new Error(result.error);
  return result;
}

export const view = {
  async getContext() {
    const context = await (await fetch(`/forge/context?${new URLSearchParams(where)}`)).json();
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    if (modal) context.extension.modal = modal;
    return { ...context, timezone: timeZone };
  },
  async close(payload) {
    post({ type: "sandbox.close", payload });
  },
  async submit(payload) {
    post({ type: "sandbox.close", payload });
  },
  theme: {
    async enable() {
      const sheet = document.createElement("link");
      sheet.rel = "stylesheet";
      sheet.href = "/static/tokens.css";
      const loaded = new Promise((done) => sheet.addEventListener("load", done, { once: true }));
      document.head.append(sheet);
      follow(query.get("theme"));
      await loaded;
    },
  },
};

export const router = {
  async open(url) {
    post({ type: "sandbox.open", url });
  },
};

/** A dialog of the host page with another frame of the app; its `view.close` gives the payload. */
export class Modal {
  constructor({ size = "medium", context = {}, onClose = () => {}, ...options } = {}) {
    const { closeOnEscape = true, closeOnOverlayClick = true } = options;
    this.onClose = onClose;
    this.wanted = { size, context, closeOnEscape, closeOnOverlayClick };
  }

  async open() {
    const id = crypto.randomUUID();
    modals.set(id, this.onClose);
    post({ type: "sandbox.modal", id, ...this.wanted });
  }
}

export const events = {
  async on(name, listener) {
    const known = listeners.get(name) ?? new Set();
    listeners.set(name, known.add(listener));
    return { unsubscribe: () => known.delete(listener) };
  },
};

function post(message) {
  parent.postMessage(message, location.origin);
}

function follow(mode) {
  const root = document.documentElement;
  root.dataset.colorMode = mode === "dark" ? "dark" : "light";
  root.dataset.theme = "dark:dark light:light";
}

/** Where the lowest part of the page ends: Jira gives a frame without a fixed size that height. */
function tellHeight() {
  const ends = [...document.body.children].map((part) => part.getBoundingClientRect().bottom);
  post({ type: "sandbox.height", height: Math.ceil(Math.max(0, ...ends)) });
}

addEventListener("message", ({ data, origin, source }) => {
  if (origin !== location.origin || source !== parent) return;
  if (data.type === "sandbox.theme") follow(data.mode);
  if (data.type === "sandbox.closed") {
    modals.get(data.id)?.(data.payload);
    modals.delete(data.id);
  }
  if (data.type === "sandbox.event") {
    for (const listener of listeners.get(data.name) ?? []) listener(data.payload);
  }
});
addEventListener("keydown", ({ key }) => {
  if (modal && key === "Escape") post({ type: "sandbox.escape" });
});
addEventListener("DOMContentLoaded", () => {
  const sizes = new ResizeObserver(tellHeight);
  for (const part of document.body.children) sizes.observe(part);
});
