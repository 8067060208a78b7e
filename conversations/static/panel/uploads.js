/** Files that go with the next message: chosen, dropped or pasted, checked, and then uploaded. */
import { ask, send, swap } from "./server.js";

const MEGABYTE = 1024 * 1024; // bytes

/** @typedef {{types: string[], largest: number}} Limit  no types: any */

const drop = /** @type {HTMLElement} */ (document.getElementById("drop"));
/** @type {Map<HTMLElement, AbortController>} What is on its way. */
const going = new Map();

let uploading = Promise.resolve();

const list = () => document.getElementById("uploads");
const button = () => /** @type {HTMLElement | null} */ (document.getElementById("attach"));
const picker = () => /** @type {HTMLInputElement | null} */ (document.getElementById("files"));
/** What goes with the next message. */
export const rows = () =>
  /** @type {HTMLElement[]} */ ([...(list()?.querySelectorAll("li[data-upload]") ?? [])]);

/** Why a message cannot leave with what is in the list. */
export function problem() {
  const { wait = "", none = "" } = button()?.dataset ?? {};
  if (going.size) return wait;
  return rows().length && !limits().length ? none : "";
}

/** Wait for all that is on its way. */
export const done = () => uploading;

/** Watch what is dragged over the panel. */
export function watchDrops() {
  document.addEventListener("dragover", (event) => {
    if (!bringsFiles(event) || !button()) return;
    event.preventDefault();
    drop.hidden = false;
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) drop.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    drop.hidden = true;
    if (!bringsFiles(event)) return;
    event.preventDefault(); // the browser would open the file in place of the panel
    if (button()) add(event.dataTransfer?.files ?? []);
  });
}

/** The button was pressed. */
export function pick() {
  if (limits().length) picker()?.click();
  else refuse(button()?.dataset.none);
}

export function picked() {
  const field = picker();
  if (!field) return;
  add(field.files ?? []);
  field.value = ""; // the same file may be chosen again
}

/** @param {ClipboardEvent} event */
export function pasted(event) {
  const { files } = event.clipboardData ?? {};
  if (!files?.length) return;
  event.preventDefault();
  add(files);
}

/** Say whether the chosen channel carries files. */
export function ready() {
  const attach = button();
  if (!attach) return;
  const none = !limits().length;
  attach.setAttribute("aria-disabled", String(none));
  attach.title = (none ? attach.dataset.none : attach.dataset.title) ?? "";
}

/** @param {HTMLElement} remover */
export async function remove(remover) {
  const row = /** @type {HTMLElement} */ (remover.closest("li"));
  document.getElementById("text")?.focus();
  going.get(row)?.abort();
  row.remove();
  changed();
  const { upload } = row.dataset;
  if (upload) await ask(`uploads/${upload}`, { method: "DELETE" }).catch(() => {});
}

/** @param {HTMLElement[]} taken */
export function giveBack(taken) {
  list()?.prepend(...taken);
}

/** @param {Iterable<File>} files */
function add(files) {
  refuse("");
  for (const file of files) {
    const problem = tooMany() || problemOf(file);
    if (problem) refuse(problem);
    else follow(file);
  }
}

function tooMany() {
  const { most = "", many = "" } = button()?.dataset ?? {};
  return rows().length + going.size >= Number(most) ? many : "";
}

/** @param {File} file */
function problemOf(file) {
  const { none = "", type = "", large = "", empty = "" } = button()?.dataset ?? {};
  if (!limits().length) return none;
  if (!file.size) return empty.replace("%s", file.name);
  const limit = limits().find(({ types }) => !types.length || types.includes(file.type));
  if (!limit) return type.replace("%s", file.name);
  const most = String(Math.floor(limit.largest / MEGABYTE));
  return file.size > limit.largest ? large.replace("%m", most).replace("%s", file.name) : "";
}

/**
 * One after the other: they go to the customer in the order in which they were chosen.
 * @param {File} file
 */
function follow(file) {
  const row = promised(file);
  const abort = new AbortController();
  going.set(row, abort);
  uploading = uploading.then(() => upload(file, row, abort));
}

/**
 * @param {File} file
 * @param {HTMLElement} row
 * @param {AbortController} abort
 */
async function upload(file, row, abort) {
  if (abort.signal.aborted) return void going.delete(row);
  const progress = /** @type {HTMLProgressElement} */ (row.querySelector("progress"));
  const body = new FormData();
  body.set("sender", sender()?.value ?? "");
  body.set("file", file, file.name);
  try {
    const how = { progress: (/** @type {number} */ share) => (progress.value = share) };
    const answer = await send("uploads", body, { ...how, signal: abort.signal });
    row.remove();
    if (answer.status < 500) await swap(await answer.text(), { quiet: true });
    else refuse(button()?.dataset.failed?.replace("%s", file.name));
  } catch {
    row.remove();
    if (!abort.signal.aborted) refuse(button()?.dataset.failed?.replace("%s", file.name));
  } finally {
    going.delete(row);
    changed();
  }
}

/** @param {File} file */
function promised(file) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("uploading"));
  const copy = document.importNode(template.content, true);
  const row = /** @type {HTMLElement} */ (copy.querySelector("li"));
  const name = /** @type {HTMLElement} */ (row.querySelector("bdi"));
  name.textContent = file.name;
  row.querySelector("progress")?.setAttribute("aria-label", file.name);
  list()?.append(row);
  return row;
}

/** The longest text is another one with a file. */
const changed = () => document.dispatchEvent(new Event("uploads"));

/** @returns {Limit[]} */
const limits = () => JSON.parse(sender()?.selectedOptions[0]?.dataset.files ?? "[]");
const sender = () => /** @type {HTMLSelectElement | null} */ (document.getElementById("from"));
const bringsFiles = (/** @type {DragEvent} */ { dataTransfer }) =>
  dataTransfer?.types.includes("Files");

/** @param {string | undefined} reason */
function refuse(reason = "") {
  document.getElementById("refusal")?.replaceChildren(reason);
}
