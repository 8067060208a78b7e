/** The queue: every request of the site, newest first, looked up again each second. */
import { avatar, element, keepFresh, link, lozenge, query, read, site, time } from "./page.js";

let shown = "";

async function refresh() {
  const queue = await read("/page/queue");
  const fingerprint = JSON.stringify(queue);
  if (!queue || fingerprint === shown) return;
  shown = fingerprint;
  document.getElementById("rows").replaceChildren(...queue.rows.map(row));
  document.getElementById("count").textContent = queue.count;
  document.getElementById("table").hidden = queue.count === 0;
  document.getElementById("nothing").hidden = queue.count > 0;
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
    element("td", { class: "person" }, avatar(name), element("span", {}, name)),
    element("td", {}, lozenge(request.status, request.category)),
    element("td", { class: "when" }, time(request.created)),
  );
}

function drawSites(sites) {
  const choice = document.getElementById("site");
  choice.closest("label").hidden = sites.length < 2;
  choice.replaceChildren(...sites.map((slug) => new Option(slug, slug)));
  choice.value = site;
}

document.getElementById("site").addEventListener("change", ({ target }) => {
  query.set("site", target.value);
  location.assign(link("/"));
});
keepFresh(refresh);
