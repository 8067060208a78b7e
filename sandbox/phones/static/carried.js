// What a message carries, drawn by its kind: files, places, contacts, orders.

import { icon, make } from "./dom.js";

const UNITS = [[1024 * 1024, "MB"], [1024, "kB"]];
const NAMED = {
  flow: ["list", "Form"],
  payment: ["list", "Payment"],
  infected: ["file", "A file with malware, kept back"],
  unsupported: ["rare", "A message that cannot be shown"],
};

/** The nodes between a message's header and its words. */
export function carried(message) {
  const drawn = DRAWN[message.kind] || DRAWN[shape(message.file?.type)];
  if (message.location) return [place(message.location)];
  if (message.contacts?.length) return message.contacts.map(contact);
  if (message.file && drawn) return [drawn(message)];
  if (message.file) return [documentCard(message)];
  if (message.items?.length) return [order(message.items)];
  if (NAMED[message.kind]) return [make("p", { class: "named" }, icon(NAMED[message.kind][0]), NAMED[message.kind][1])];
  return [];
}

const DRAWN = {
  image: (message) => picture(message, "photo", "Photo"),
  sticker: (message) => picture(message, "sticker", "Sticker"),
  video: ({ file }) => make("video", { class: "photo", src: file.url, controls: true, preload: "metadata", "aria-label": "Video" }),
  audio: player,
  voice: player,
};

function shape(type = "") {
  return ["image/jpeg", "image/png", "image/webp", "image/gif"].includes(type) ? "image" : type.split("/")[0];
}

function picture({ file }, style, name) {
  const image = make("img", { class: style, src: file.url, alt: file.name ? `${name}: ${file.name}` : name });
  return style === "photo" ? make("a", { href: file.url, target: "_blank", rel: "noopener" }, image) : image;
}

function documentCard({ file }) {
  const ending = file.name.includes(".") ? file.name.split(".").pop().slice(0, 4) : "file";
  return make(
    "a",
    { class: "document", href: file.url, download: file.name },
    make("span", { class: "ending", "aria-hidden": "true" }, ending.toUpperCase()),
    make("span", {}, make("strong", {}, file.name || "File"), make("small", {}, size(file.size))),
  );
}

function size(bytes) {
  const [factor, unit] = UNITS.find(([least]) => bytes >= least) || [1, "bytes"];
  return `${factor === 1 ? bytes : (bytes / factor).toFixed(bytes < 10 * factor ? 1 : 0)} ${unit}`;
}

/** A sound with a button, a bar and its length; native controls do not fit a bubble. */
function player({ kind, file }) {
  const sound = make("audio", { src: file.url, preload: "metadata" });
  const name = kind === "voice" ? "voice message" : "audio";
  const bar = make("progress", { max: 1, value: 0, "aria-label": `Played of the ${name}` });
  const length = make("small", {}, "0:00");
  const button = make("button", { type: "button", class: "round", "aria-label": `Play ${name}`, onclick: () => (sound.paused ? sound.play() : sound.pause()) }, icon("play"));
  const turn = (symbol, word) => () => {
    button.replaceChildren(icon(symbol));
    button.setAttribute("aria-label", `${word} ${name}`);
  };
  sound.addEventListener("play", turn("pause", "Pause"));
  sound.addEventListener("pause", turn("play", "Play"));
  sound.addEventListener("loadedmetadata", () => { length.textContent = minutes(sound.duration); });
  sound.addEventListener("timeupdate", () => {
    bar.value = sound.currentTime / (sound.duration || 1);
    length.textContent = minutes(sound.ended ? sound.duration : sound.currentTime);
  });
  return make("div", { class: "player", data: { kind } }, button, make("span", {}, bar, length), icon(kind === "voice" ? "voice" : "file"), sound);
}

function minutes(seconds) {
  if (!Number.isFinite(seconds)) return "0:00";
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`;
}

function place({ latitude, longitude, name, address }) {
  const map = new URL("https://www.openstreetmap.org/");
  map.search = new URLSearchParams({ mlat: latitude, mlon: longitude });
  return make(
    "a",
    { class: "place", href: map.href, target: "_blank", rel: "noopener noreferrer" },
    make("img", { src: "/static/map.svg", alt: "Location" }),
    make("strong", {}, name || "Location"),
    make("small", {}, address || `${latitude}, ${longitude}`),
  );
}

function contact({ name, company, phones, emails }) {
  return make(
    "div",
    { class: "contact" },
    make("span", { class: "avatar", "aria-hidden": "true" }, name.charAt(0).toUpperCase()),
    make("div", {}, make("strong", {}, name), ...[company, ...phones, ...emails].filter(Boolean).map((line) => make("small", {}, line))),
  );
}

function order(items) {
  const rows = items.map(({ productRetailerId, quantity, itemPrice, currency }) =>
    make("li", {}, make("span", {}, `${quantity} × ${productRetailerId}`), make("span", {}, `${itemPrice} ${currency}`)),
  );
  return make("ul", { class: "order", "aria-label": "Order" }, ...rows);
}
