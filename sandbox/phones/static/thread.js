// The conversation on the screen: days and bubbles, each drawn once and then kept up to date.

import { bubble, renew } from "./bubbles.js";
import { element, make } from "./dom.js";

const NEAR_THE_END = 60;
const list = element("thread");
const scroller = element("scroller");
let atEnd = true;
let shown = [];

scroller.addEventListener("scroll", () => {
  atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END;
});
// A picture that has loaded makes the list longer; a keyboard makes the screen shorter.
const watcher = new ResizeObserver(() => atEnd && toEnd());
watcher.observe(scroller);
watcher.observe(list);

/** A message as it was last told: what a bubble was drawn from may be old. */
export const latest = (id) => shown.find((message) => message.id === id);

export function clear() {
  list.replaceChildren();
  atEnd = true;
}

export function paint(messages, now, acts) {
  shown = messages;
  element("empty").hidden = messages.length > 0;
  const before = list.childElementCount;
  messages.forEach((message, index) => {
    const at = new Date(message.at * 1000);
    const previous = messages[index - 1];
    if (!previous || day(new Date(previous.at * 1000), now) !== day(at, now)) paintDay(message.id, day(at, now));
    const row = element(`message-${message.id}`) || list.appendChild(bubble(message, acts));
    row.classList.toggle("turn", previous?.direction !== message.direction);
    row.classList.toggle("last", messages[index + 1]?.direction !== message.direction);
    renewIfChanged(row, message, at);
  });
  if (list.childElementCount !== before && (atEnd || before === 0)) toEnd();
}

/** Bring a message into view and mark it for a moment. */
export function show(id) {
  const row = element(`message-${id}`);
  if (!row) return;
  row.scrollIntoView({ block: "center" });
  row.classList.remove("found");
  requestAnimationFrame(() => row.classList.add("found"));
}

function renewIfChanged(row, message, at) {
  const signature = JSON.stringify([message.state, message.reaction, message.answered]);
  if (row.dataset.signature === signature) return;
  row.dataset.signature = signature;
  renew(row, message, at);
}

function paintDay(id, name) {
  const known = element(`day-${id}`);
  if (!known) list.append(make("li", { id: `day-${id}`, class: "day" }, name));
  else if (known.textContent !== name) known.textContent = name;
}

function day(at, now) {
  if (at.toDateString() === now.toDateString()) return "Today";
  if (at.toDateString() === new Date(now - 86_400_000).toDateString()) return "Yesterday";
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
}
