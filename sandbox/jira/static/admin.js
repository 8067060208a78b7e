/** The app's page among Jira's settings, for administrators only. */
import { keepFresh, lozenge, read } from "./page.js";
import { appFrame } from "./host-frame.js";

const LICENCES = { active: ["Licensed", "done"], inactive: ["Licence inactive", "removed"] };
const by = (id) => document.getElementById(id);
let shown = "";

async function refresh() {
  const app = await read("/page/app");
  const fingerprint = JSON.stringify(app);
  if (!app || fingerprint === shown) return;
  shown = fingerprint;
  by("admin").hidden = !app.admin || !app.installed;
  by("refused").hidden = app.admin;
  by("absent").hidden = !app.admin || app.installed;
  const licence = LICENCES[app.licence];
  const environment = app.environment === "PRODUCTION" ? "" : ` (${app.environment.toLowerCase()})`;
  by("installed").replaceChildren(`Version ${app.version}${environment} `, ...(licence ? [lozenge(...licence)] : []));
  if (by("admin").hidden) by("place").replaceChildren();
  else if (!by("place").firstChild) by("place").append(appFrame({ module: "omnichat-admin" }));
}

keepFresh(refresh);
