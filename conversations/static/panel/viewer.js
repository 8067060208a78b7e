/** Images in full size: one after the other, larger and smaller, and back to where one was. */
import { addressesOf, download } from "./files.js";

const STEP = 1.4;
const CLOSEST = 8;

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("viewer"));
const image = /** @type {HTMLImageElement} */ (dialog.querySelector("img"));
const title = /** @type {HTMLElement} */ (dialog.querySelector("h2"));
const stage = /** @type {HTMLElement} */ (dialog.querySelector(".stage"));
/** @type {HTMLElement | undefined} */
let shown;
let scale = 1;
let fitting = 0; // pixels

dialog.addEventListener("keydown", (event) => {
  const does = { ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": closer, "-": farther };
  const action = does[/** @type {keyof does} */ (event.key)];
  if (!action) return;
  event.preventDefault();
  action();
});
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY < 0 ? STEP : 1 / STEP);
}, { passive: false });
dialog.addEventListener("close", () => {
  image.removeAttribute("src");
  // The row may be another element by now.
  const again = shots().find((shot) => shot.dataset.file === shown?.dataset.file);
  (again ?? shown)?.focus();
});

/** @param {HTMLElement} shot */
export function view(shot) {
  if (!dialog.open) dialog.showModal();
  void put(shot);
}

export const closer = () => zoom(STEP);
export const farther = () => zoom(1 / STEP);
export const save = () => shown && download(shown);

/** @param {number} by */
export function step(by) {
  const all = shots();
  const at = all.findIndex((shot) => shot.dataset.file === shown?.dataset.file);
  const next = all[at + by];
  if (next) void put(next);
}

/** @param {HTMLElement} shot */
async function put(shot) {
  shown = shot;
  const { file = "", name = "", by = "" } = shot.dataset;
  const words = `${name} · ${by}`;
  title.textContent = words;
  image.alt = words;
  image.removeAttribute("src");
  image.dataset.file = file;
  zoom(1 / CLOSEST);
  const at = shots().indexOf(shot);
  for (const [name, there] of [["previous", shots()[at - 1]], ["next", shots()[at + 1]]]) {
    const button = dialog.querySelector(`[data-action="${name}"]`);
    button?.setAttribute("aria-disabled", String(!there));
  }
  const fresh = await addressesOf(file);
  if (fresh && shown === shot && dialog.open) image.src = fresh.address;
}

/**
 * From as large as fits; what is in the middle stays there.
 * @param {number} by
 */
function zoom(by) {
  if (scale === 1) fitting = image.getBoundingClientRect().width;
  scale = Math.min(Math.max(scale * by, 1), CLOSEST);
  const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = stage;
  const x = (scrollLeft + clientWidth / 2) / scrollWidth;
  const y = (scrollTop + clientHeight / 2) / scrollHeight;
  stage.classList.toggle("near", scale > 1);
  image.style.setProperty("inline-size", scale > 1 ? `${fitting * scale}px` : "");
  stage.scrollLeft = x * stage.scrollWidth - clientWidth / 2;
  stage.scrollTop = y * stage.scrollHeight - clientHeight / 2;
}

const shots = () =>
  /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#log .shot[data-file]")]);
