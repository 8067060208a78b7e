/** What every page of the sandbox's Jira shares: bar, navigation, theme, user, DOM. */
export const query = new URLSearchParams(location.search);
export const site = query.get("site") || "demo";
export const person = query.get("as") || "ana";

const PEOPLE = {
  ana: "Ana Kovač (Jira admin)",
  ivan: "Ivan Babić (agent)",
  vera: "Vera Gost (reader)",
  mia: "Mia Horvat (agent, Croatian)",
  jonas: "Jonas Weber (agent, German)",
};
export const QUEUES = {
  all: "All requests",
  open: "All open",
  chats: "OmniChat: active",
  resolved: "Resolved",
};
const CLOCK = new Intl.DateTimeFormat(undefined, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});

/** Make an element; texts are never read as markup. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Keep site, user and theme from page to page. */
export function link(path, changes = {}) {
  const kept = new URLSearchParams();
  for (const name of ["site", "as", "theme", "queue"]) {
    const value = name in changes ? changes[name] : query.get(name);
    if (value) kept.set(name, value);
  }
  const tail = kept.toString();
  return tail ? `${path}?${tail}` : path;
}

export async function read(path) {
  const asked = new URLSearchParams({ site, as: person, queue: query.get("queue") ?? "" });
  const answer = await fetch(`${path}?${asked}`);
  return answer.ok ? answer.json() : null;
}

export async function act(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...body, site, as: person }),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(JSON.parse(said).error);
  return said ? JSON.parse(said) : null;
}

export function lozenge(status, category) {
  return element("span", { class: `lozenge ${category}` }, status);
}

export function avatar(name) {
  const initials = name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2);
  return element("span", { class: `avatar tone-${name.length % 3}`, "aria-hidden": "true" }, initials);
}

export function time(iso) {
  return element("time", { datetime: iso, title: iso }, CLOCK.format(new Date(iso)));
}

export function colorMode() {
  return document.documentElement.dataset.colorMode;
}

/** Ask again every second while the page is seen, and at once when it comes back. */
export function keepFresh(refresh) {
  refresh();
  setInterval(() => document.hidden || refresh(), 1000);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
}

function drawTop() {
  const people = element("select", { id: "as" });
  for (const [slug, name] of Object.entries(PEOPLE)) people.append(new Option(name, slug));
  people.value = person;
  people.addEventListener("change", () => {
    location.assign(link(location.pathname, { as: people.value }));
  });
  const toggle = element("button", { id: "theme", type: "button" });
  toggle.addEventListener("click", () => paint(colorMode() === "dark" ? "light" : "dark"));
  document.getElementById("top").append(
    element("a", { class: "brand", href: link("/") }, element("i", {}), "Jira"),
    element(
      "nav",
      { "aria-label": "Main" },
      element("a", { href: link("/") }, "Queues"),
      element("a", { href: link("/admin") }, "Apps"),
    ),
    element("label", { class: "who" }, element("span", { class: "sr" }, "User"), people),
    toggle,
  );
}

function drawSide() {
  const entry = (href, text, chosen) =>
    element("a", { href, "aria-current": chosen ? "page" : null }, text);
  const here = location.pathname;
  const chosen = here === "/" ? query.get("queue") || "all" : "";
  const queues = Object.entries(QUEUES).map(([key, name]) =>
    entry(link("/", { queue: key === "all" ? "" : key }), name, key === chosen),
  );
  document.getElementById("side").append(
    element("p", { class: "space" }, element("i", {}), "Support"),
    element("p", { class: "group" }, "Queues"),
    ...queues,
    element("p", { class: "group apps" }, "Apps"),
    entry(link("/admin"), "OmniChat", here === "/admin"),
  );
}

function paint(mode) {
  const root = document.documentElement;
  root.dataset.colorMode = mode;
  root.dataset.theme = "dark:dark light:light";
  const toggle = document.getElementById("theme");
  toggle.textContent = mode === "dark" ? "Light" : "Dark";
  toggle.setAttribute("aria-label", mode === "dark" ? "Use light theme" : "Use dark theme");
  if (mode !== (query.get("theme") || "light")) {
    query.set("theme", mode);
    history.replaceState(null, "", link(location.pathname));
  }
  dispatchEvent(new CustomEvent("painted", { detail: mode }));
}

drawTop();
drawSide();
paint(query.get("theme") === "dark" ? "dark" : "light");
