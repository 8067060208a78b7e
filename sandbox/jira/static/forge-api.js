/** The sandbox's stand-in for the package that Forge gives functions: it asks Jira as the app. */
const site = new URLSearchParams(location.search).get("site") || "demo";

/** Put values into a path so that none of them can leave its place. */
export function route(parts, ...values) {
  const safe = values.map((value) => encodeURIComponent(String(value)));
  return { value: String.raw({ raw: parts }, ...safe) };
}

async function requestJira({ value }) {
  const joint = value.includes("?") ? "&" : "?";
  return fetch(`/forge/jira${value}${joint}site=${encodeURIComponent(site)}`);
}

export const asApp = () => ({ requestJira });

export default { asApp };
