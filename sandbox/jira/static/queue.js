/** A queue of the site's requests, newest first, looked up again each second. */
import { act, avatar, element, keepFresh, link, lozenge, query, QUEUES, read, site, time } from "./page.js";

const CHANNELS = { sms: "SMS", whatsapp: "WhatsApp" };
const STATES = { active: "Active", paused: "Paused", ended: "Ended", opening: "Opening" };
const by = (id) => document.getElementById(id);
let shown = "";

async function refresh() {
  const queue = await read("/page/queue");
  const fingerprint = JSON.stringify(queue);
  if (!queue || fingerprint === shown) return;
  shown = fingerprint;
  by("rows").replaceChildren(...queue.rows.map(row));
  by("count").textContent = queue.count;
  by("table").hidden = queue.count === 0;
  by("nothing").hidden = queue.count > 0;
  by("create").hidden = !queue.agent;
  if (!by("types").length) by("types").append(...queue.types.map(({ id, name }) => new Option(name, id)));
  drawSites(queue.sites);
}

function row(request) {
  const address = link(`/browse/${request.key}`);
  const name = request.reporter.displayName;
  return element(
    "tr",
    { "data-key": request.key },
    element("td", { class: "key" }, element("a", { href: address }, request.key)),
    element("td", { class: "summary" }, element("a", { href: address }, request.summary)),
    element("td", { class: "person" }, element("div", {}, avatar(name), element("span", {}, name))),
    element("td", { class: "chat" }, element("div", {}, ...conversation(request.properties.omnichat))),
    element("td", { class: "assignee" }, request.assignee || "Unassigned"),
    element("td", { class: "status" }, lozenge(request.status, request.category)),
    element("td", { class: "when" }, time(request.updated)),
  );
}

/** What our property says of the request's conversation, as a column over JQL would show it. */
function conversation(property) {
  if (!property) return [];
  const channels = [property.channels ?? property.channel ?? []].flat();
  const names = channels.map((channel) => CHANNELS[channel] ?? channel).join(", ");
  const state = STATES[property.state] ?? property.state;
  return [lozenge(state, property.state === "active" ? "done" : "new"), element("span", {}, names)];
}

function drawSites(sites) {
  const choice = by("site");
  choice.closest("label").hidden = sites.length < 2;
  choice.replaceChildren(...sites.map((slug) => new Option(slug, slug)));
  choice.value = site;
}

by("site").addEventListener("change", ({ target }) => {
  query.set("site", target.value);
  location.assign(link("/"));
});
by("create").addEventListener("click", () => by("creation").showModal());
by("cancel").addEventListener("click", () => by("creation").close());
by("request").addEventListener("submit", async (event) => {
  event.preventDefault();
  by("refusal").hidden = true;
  try {
    const { key } = await act("/page/requests", Object.fromEntries(new FormData(event.target)));
    location.assign(link(`/browse/${key}`));
  } catch (error) {
    by("refusal").textContent = error.message;
    by("refusal").hidden = false;
  }
});
by("name").textContent = QUEUES[query.get("queue")] ?? QUEUES.all;
document.title = `${by("name").textContent} – Support – Jira`;
keepFresh(refresh);
