/** The app's frames in Jira's pages, and what Forge does for them: tabs, dialogs, height, theme. */
import { colorMode, element, person, site } from "./page.js";

const FRAME_SANDBOX = [
  "allow-downloads", "allow-forms", "allow-modals",
  "allow-pointer-lock", "allow-same-origin", "allow-scripts",
].join(" ");
const frames = new Set();

/** Make a frame of the app's shell for one of its modules; `grows` gives it its content's height. */
export function appFrame({ module, issue = "", title = "OmniChat", grows = false, modal = null }) {
  const query = new URLSearchParams({ site, issue, as: person, theme: colorMode(), module });
  if (modal) query.set("modal", JSON.stringify(modal));
  const frame = element("iframe", {
    title,
    sandbox: FRAME_SANDBOX,
    allow: "camera; clipboard-write; display-capture; fullscreen; microphone",
    src: `/forge/shell/index.html?${query}`,
    "data-module": module,
  });
  frames.add({ frame, grows, module, issue });
  return frame;
}

/** Tell every frame of the app what happened in Jira. */
export function tellFrames(name, payload) {
  for (const { frame } of frames) tell(frame, { type: "sandbox.event", name, payload });
}

function tell(frame, message) {
  frame.contentWindow?.postMessage(message, location.origin);
}

function openModal(opener, { id, size, context, closeOnEscape, closeOnOverlayClick }) {
  const frame = appFrame({ ...opener, grows: false, modal: context ?? {} });
  const dialog = element("dialog", { class: `modal ${size}`, "aria-label": "OmniChat" }, frame);
  const known = [...frames].find((each) => each.frame === frame);
  known.close = (payload) => {
    frames.delete(known);
    dialog.remove();
    tell(opener.frame, { type: "sandbox.closed", id, payload });
  };
  known.escape = () => closeOnEscape && known.close();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    known.escape();
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog && closeOnOverlayClick) known.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

addEventListener("message", ({ data, origin, source }) => {
  const known = [...frames].find(({ frame }) => frame.contentWindow === source);
  if (origin !== location.origin || !known) return;
  if (data.type === "sandbox.open") open(data.url, "_blank", "noopener");
  if (data.type === "sandbox.modal") openModal(known, data);
  if (data.type === "sandbox.close") known.close?.(data.payload);
  if (data.type === "sandbox.escape") known.escape?.();
  if (data.type === "sandbox.height" && known.grows) known.frame.style.blockSize = `${data.height}px`;
});
addEventListener("painted", ({ detail }) => {
  for (const { frame } of frames) tell(frame, { type: "sandbox.theme", mode: detail });
});
