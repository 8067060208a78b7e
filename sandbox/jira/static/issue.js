/** The issue view: what Jira shows of a request, and the app in its Activity and beside it. */
import { act, avatar, element, keepFresh, link, lozenge, person, query, read, site, time } from "./page.js";
import { appFrame, tellFrames } from "./host-frame.js";

// Jira tells the app's frames a few seconds after somebody else has changed the issue.
const NEWS_DELAY = 2000;
const PANEL_KEY = "sandbox.omnichat-panel";
const TONES = { success: "done", inprogress: "indeterminate", new: "new", removed: "removed", moved: "moved" };
const STAFF = [["", "Unassigned"], ["ana", "Ana Kovač"], ["ivan", "Ivan Babić"]];

const key = location.pathname.split("/").pop();
const page = `/page/issue/${encodeURIComponent(key)}`;
const by = (id) => document.getElementById(id);
let shown = "";
let revision = null;

async function refresh() {
  const issue = await read(page);
  by("issue").hidden = issue === null;
  by("gone").hidden = issue !== null;
  const fingerprint = JSON.stringify(issue);
  if (!issue || fingerprint === shown) return;
  shown = fingerprint;
  draw(issue);
  if (revision !== null && revision !== issue.revision) tellNews(issue);
  revision = issue.revision;
}

function draw(issue) {
  document.title = `[${issue.key}] ${issue.summary} – Jira`;
  by("back").href = link("/");
  by("key").textContent = issue.key;
  by("space").textContent = issue.project.name;
  by("summary").textContent = issue.summary;
  by("raised").replaceChildren(
    avatar(issue.reporter.displayName),
    element("span", {}, element("b", {}, issue.reporter.displayName), " raised this request"),
  );
  by("description").textContent = issue.description || "No description";
  by("reporter").textContent = issue.reporter.displayName;
  by("type").textContent = issue.request_type;
  by("created").replaceChildren(time(issue.created));
  by("updated").replaceChildren(time(issue.updated));
  by("files").hidden = issue.attachments.length === 0;
  by("file-list").replaceChildren(...issue.attachments.map(fileEntry));
  drawChoices(issue);
  drawActivity(issue);
  by("tab-omnichat").hidden = by("app-panel").hidden = !issue.installed;
  drawAppStatus(issue);
}

function fileEntry({ id, filename, mimeType, size }) {
  const tail = new URLSearchParams({ site, as: person });
  const href = `${page}/files/${id}?${tail}`;
  const kilobytes = `${Math.max(1, Math.round(size / 1024))} kB`;
  const name = element("a", { href, target: "_blank", rel: "noopener" }, filename);
  const picture = mimeType.startsWith("image/") && element("img", { src: href, alt: "" });
  return element("li", {}, ...(picture ? [picture] : []), name, element("small", {}, kilobytes));
}

/** Ask the app's own function what the collapsed panel shows, as Jira does. */
async function drawAppStatus({ extension }) {
  try {
    const { lozenge: ask } = await import("/forge/functions/lozenge.js");
    const { status } = await ask({ extension });
    const { label, type = "default" } = status.value;
    by("app-status").replaceChildren(lozenge(label, TONES[type] ?? "default"));
  } catch {
    by("app-status").replaceChildren();
  }
}

function drawChoices(issue) {
  const status = by("status");
  status.replaceChildren(...issue.statuses.map(({ name }) => new Option(name, name)));
  status.value = issue.status;
  status.className = issue.category;
  status.disabled = !issue.agent;
  const assignee = by("assignee");
  assignee.replaceChildren(...STAFF.map(([slug, name]) => new Option(name, slug)));
  assignee.value = issue.assignee;
  assignee.disabled = !issue.agent;
}

function drawActivity(issue) {
  by("comment").hidden = !issue.agent;
  const comments = issue.comments.map((comment) => [comment.created, commentEntry(comment)]);
  const changes = issue.history.map((change) => [Date.parse(change.created), changeEntry(change)]);
  by("comments").replaceChildren(...comments.map(([, entry]) => entry));
  by("panel-history").replaceChildren(list(changes, "Nothing has changed yet."));
  const all = [
    ...issue.comments.map((comment) => [comment.created, commentEntry(comment)]),
    ...issue.history.map((change) => [Date.parse(change.created), changeEntry(change)]),
  ].sort(([left], [right]) => left - right);
  by("panel-all").replaceChildren(list(all, "There is no activity yet."));
}

function list(entries, empty) {
  if (entries.length === 0) return element("p", { class: "empty" }, empty);
  return element("ol", { class: "entries" }, ...entries.map(([, entry]) => entry));
}

function commentEntry(comment) {
  const at = time(new Date(comment.created).toISOString());
  const head = element("header", {}, element("b", {}, comment.author), at);
  if (!comment.public) head.append(lozenge("Internal note", "new"));
  const text = element("p", {}, comment.body);
  return element("li", {}, avatar(comment.author), element("div", {}, head, text));
}

function changeEntry({ author, created, items }) {
  const lines = items.map((item) =>
    element("p", {}, `${item.field}: ${item.fromString ?? "None"} → ${item.toString ?? "None"}`),
  );
  const head = element("header", {}, element("b", {}, author), time(created));
  return element("li", {}, avatar(author), element("div", {}, head, ...lines));
}

function select(tab) {
  for (const each of by("tabs").children) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    by(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (tab.id === "tab-omnichat" && !frame()) openFrame();
}

function openFrame() {
  by("panel-omnichat").append(appFrame({ module: "omnichat-activity", issue: key }));
}

function frame() {
  return by("panel-omnichat").querySelector("iframe");
}

function openSidePanel() {
  if (by("app-place").firstChild) return;
  by("app-place").append(appFrame({ module: "omnichat-context", issue: key, title: "OmniChat details", grows: true }));
}

function tellNews({ id, me, changed, extension }) {
  if (changed.atlassianId === me) return;
  const payload = { issueId: id, projectId: extension.project.id, changes: [changed] };
  setTimeout(() => tellFrames("JIRA_ISSUE_CHANGED", payload), NEWS_DELAY);
}

async function change(action, body) {
  try {
    await act(`${page}/${action}`, body);
    by("say").textContent = "Saved";
  } catch (error) {
    by("say").textContent = error.message;
  }
  shown = "";
  await refresh();
}

by("status").addEventListener("change", ({ target }) => change("transition", { to: target.value }));
by("assignee").addEventListener("change", ({ target }) => change("assign", { to: target.value }));
by("comment").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = by("text").value;
  by("text").value = "";
  await change("comment", { text, public: event.submitter.value === "public" });
});
by("tabs").addEventListener("click", ({ target }) => target.role === "tab" && select(target));
by("tabs").addEventListener("keydown", ({ key: pressed, target }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[pressed];
  if (!step) return;
  const tabs = [...by("tabs").children];
  const next = tabs.at((tabs.indexOf(target) + step) % tabs.length);
  next.focus();
  select(next);
});
by("app-panel").addEventListener("toggle", ({ target }) => {
  remember(target.open);
  if (target.open) openSidePanel();
  else if (shown) drawAppStatus(JSON.parse(shown));
});

/** Jira keeps per user whether the panel is open; without storage it starts closed. */
function remember(isOpen) {
  try {
    localStorage.setItem(PANEL_KEY, isOpen ? "open" : "");
  } catch {
    by("say").textContent = "";
  }
}

function wasOpen() {
  try {
    return localStorage.getItem(PANEL_KEY) === "open";
  } catch {
    return false;
  }
}

by("app-panel").open = wasOpen();
select(by("tab-omnichat"));
keepFresh(refresh);
