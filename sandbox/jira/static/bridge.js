/**
 * The sandbox's stand-in for Forge's page bridge: the few calls the shell makes, with the shapes
 * and the rejections that Forge documents. The page around the frame plays Jira.
 */
const query = new URLSearchParams(location.search);
const where = { site: query.get("site"), issue: query.get("issue"), as: query.get("as") };
const listeners = new Map();

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
    const address = `/page/issue/${where.issue}?site=${where.site}&as=${where.as}`;
    const { frame } = await (await fetch(address)).json();
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const moduleKey = "omnichat-activity";
    return { ...frame, moduleKey, locale: navigator.language, timezone: timeZone };
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
    parent.postMessage({ type: "sandbox.open", url }, location.origin);
  },
};

export const events = {
  async on(name, listener) {
    const known = listeners.get(name) ?? new Set();
    listeners.set(name, known.add(listener));
    return { unsubscribe: () => known.delete(listener) };
  },
};

function follow(mode) {
  const root = document.documentElement;
  root.dataset.colorMode = mode === "dark" ? "dark" : "light";
  root.dataset.theme = "dark:dark light:light";
}

addEventListener("message", ({ data, origin, source }) => {
  if (origin !== location.origin || source !== parent) return;
  if (data.type === "sandbox.theme") follow(data.mode);
  if (data.type === "sandbox.event") {
    for (const listener of listeners.get(data.name) ?? []) listener(data.payload);
  }
});
