// One message as a bubble: what it answers, what it carries, its buttons, its ticks.

import { carried } from "./carried.js";
import { clock, icon, make } from "./dom.js";

const SYMBOLS = { sending: ["clock", "Sending"], sent: ["tick", "Sent"], read: ["ticks", "Read"] };

/** A bubble; `acts` are what the person can do with it: more, quote, answer, choose. */
export function bubble(message, acts) {
  const { header, body } = wording(message);
  const content = make(
    "div",
    { class: "bubble", data: { kind: message.kind } },
    message.quoted && quote(message.quoted, acts),
    header && make("p", { class: "title" }, header),
    ...carried(message),
    body && make("p", { class: "words" }, body),
    message.footer && make("p", { class: "small" }, message.footer),
    make("footer"),
  );
  const row = make(
    "li",
    { id: `message-${message.id}`, class: "row", data: { direction: message.direction } },
    content,
    ...choices(message, acts),
    make("span", { class: "reaction", hidden: true }),
  );
  if (acts.more) content.append(more(message, acts));
  return row;
}

/** Bring what changes after a message was drawn: its ticks, the emoji on it, what was tapped. */
export function renew(row, message, at) {
  const ticks = message.direction === "mine" ? icon(...SYMBOLS[message.state]) : null;
  row.dataset.state = message.state;
  row.querySelector("footer").replaceChildren(...[time(at), ticks].filter(Boolean));
  const reaction = row.querySelector(".reaction");
  reaction.hidden = !message.reaction;
  reaction.textContent = message.reaction;
  reaction.setAttribute("aria-label", `Your reaction: ${message.reaction}`);
  for (const button of row.querySelectorAll("[data-answers]")) button.disabled = message.answered;
}

function wording({ kind, header, text, description, contacts, location }) {
  // A choice from a list is shown as WhatsApp does: title, then its description.
  if (kind === "list" && description) return { header: text, body: description };
  return { header: header || "", body: contacts?.length || location ? "" : text };
}

function quote({ mine, text, id }, acts) {
  const said = [make("strong", {}, mine ? "You" : acts.company()), make("span", {}, text)];
  if (!id) return make("div", { class: "quote" }, ...said);
  return make("button", { type: "button", class: "quote", onclick: () => acts.show(id) }, ...said);
}

function more(message, acts) {
  const name = `Reply or react to: ${message.text || message.kind}`.slice(0, 80);
  return make("button", { type: "button", class: "more", "aria-label": name, "aria-haspopup": "dialog", onclick: () => acts.more(message.id) }, icon("more"));
}

function choices(message, acts) {
  const buttons = (message.buttons || []).map((button) => choice(message, button, acts));
  if (message.list) {
    const open = () => acts.choose(message);
    buttons.push(make("button", { type: "button", class: "choice", "aria-haspopup": "dialog", onclick: open }, icon("list"), message.list.button));
  }
  return buttons;
}

function choice(message, { type, title, id, payload, url, phone }, acts) {
  if (type === "url") return make("a", { class: "choice", href: url, target: "_blank", rel: "noopener noreferrer" }, icon("link"), title);
  if (type === "phone") return make("a", { class: "choice", href: `tel:+${phone}` }, icon("call"), title);
  if (type === "other") return make("span", { class: "choice" }, icon("copy"), title);
  const answer = type === "quick" ? { type: "button", text: title, payload } : { type: "button", id, title };
  const send = () => acts.answer({ ...answer, quotes: message.message_id });
  return make("button", { type: "button", class: "choice", data: { answers: "" }, onclick: send }, icon("reply"), title);
}

function time(at) {
  return make("time", { datetime: at.toISOString() }, clock(at));
}
