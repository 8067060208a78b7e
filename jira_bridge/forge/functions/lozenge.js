/**
 * The lozenge of the side panel: what Jira shows while the panel is closed. It reads the request's
 * entity property as the app and calls no host of ours, so that it stands while we do not answer.
 */
import api, { route } from "@forge/api";

/** @type {Record<string, string[]>} */
const LOOKS = {
  opening: ["Opening", "inprogress"],
  active: ["Active", "success"],
  paused: ["Paused", "moved"],
  ended: ["Ended", "default"],
};
const NONE = ["No number", "default"];

/** @param {{extension?: {issue?: {id?: string, key?: string}}}} asked */
export async function lozenge({ extension }) {
  const state = await stateOf(extension?.issue?.id ?? extension?.issue?.key).catch(() => "");
  const [label, type] = Object.hasOwn(LOOKS, state) ? LOOKS[state] : NONE;
  return { status: { type: "lozenge", value: { label, type } } };
}

/** @param {string | undefined} issue */
async function stateOf(issue) {
  if (!issue) return "";
  const path = route`/rest/api/3/issue/${issue}/properties/omnichat`;
  const answer = await api.asApp().requestJira(path);
  if (!answer.ok) return "";
  const { value } = await answer.json();
  return value?.state ?? "";
}
