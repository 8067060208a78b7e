// One phone: which one it is stands in the address, so that every tab can be another.

import { get, post } from "./api.js";
import { clock, element } from "./dom.js";
import { wire } from "./sheets.js";
import * as thread from "./thread.js";

const POLL_MILLISECONDS = 700;
const TOLD_MILLISECONDS = 4000;
const WINDOW_SECONDS = 24 * 3600;
const number = element("number");
const company = element("company");
const text = element("text");
const notice = element("notice");
const channels = [...document.querySelectorAll("[name=channel]")];

const phone = { channel: "sms", number: "385991903327", to: "", hidden: "" };
let senders = [];
const heard = new Map();
let timer = 0;
let asked = 0;
let answering = null;
let acts = {};

begin();

async function begin() {
  const query = new URLSearchParams(location.search);
  for (const name of Object.keys(phone)) phone[name] = query.get(name) || phone[name];
  phone.channel = phone.channel.toLowerCase();
  element("settings").open = matchMedia("(min-width: 761px)").matches;
  listen();
  show();
  await poll();
}

function listen() {
  for (const choice of channels) choice.addEventListener("change", () => turn({ channel: choice.value, to: "" }));
  company.addEventListener("change", () => turn({ to: company.value }));
  number.addEventListener("change", () => turn({ number: number.value.replace(/[\s+]/g, "") }));
  element("hidden").addEventListener("change", ({ target }) => turn({ hidden: target.checked ? "1" : "" }));
  element("stop").addEventListener("click", () => send({ text: "STOP" }));
  element("start").addEventListener("click", () => send({ text: "START" }));
  element("pass").addEventListener("click", () => letPass(24));
  element("present").addEventListener("click", () => letPass(0));
  element("answering-end").addEventListener("click", () => quote(null));
  element("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim()) sendWritten(text.value.trim());
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element("composer").requestSubmit();
  });
  document.addEventListener("visibilitychange", poll);
  const sheets = wire({ send, tell, complain, quote });
  acts = {
    more: (id) => sheets.more(thread.latest(id)),
    choose: sheets.choose,
    answer: send,
    show: thread.show,
    company: () => element("who").textContent,
  };
}

function turn(change) {
  if (change.number) {
    senders = [];
    heard.clear();
  }
  Object.assign(phone, change);
  thread.clear();
  quote(null);
  show();
  poll();
}

function show() {
  document.body.dataset.channel = phone.channel;
  for (const choice of channels) choice.checked = choice.value === phone.channel;
  for (const only of document.querySelectorAll("[data-only]")) only.hidden = only.dataset.only !== phone.channel;
  number.value = phone.number;
  number.setAttribute("aria-invalid", String(!/^\d+$/.test(phone.number)));
  element("hidden").checked = Boolean(phone.hidden);
  showCompanies();
  showNews();
  const query = new URLSearchParams(phone);
  history.replaceState(null, "", `?${query}`);
  query.set("number", /^\d{1,15}$/.test(phone.number) ? String(Number(phone.number) + 1) : phone.number);
  element("another").href = `?${query}`;
  document.title = `${phone.channel === "whatsapp" ? "WhatsApp" : "SMS"} ${phone.number}`;
  text.placeholder = phone.channel === "whatsapp" ? "Message" : "Text message";
}

/** Mark where a message has come that was not looked at: a fallback arrives on the other channel. */
function showNews() {
  for (const choice of channels) {
    const fresh = senders.some((sender) => sender.channel === choice.value && isNew(sender));
    choice.toggleAttribute("data-new", fresh);
    choice.setAttribute("aria-description", fresh ? "New message" : "");
  }
}

function isNew(sender) {
  const key = `${sender.channel} ${sender.number}`;
  if (sender.channel === phone.channel && sender.number === phone.to) heard.set(key, sender.latest);
  return sender.latest > (heard.get(key) ?? 0);
}

function named(sender) {
  const name = sender.site ? `${sender.number} (${sender.site})` : sender.number;
  return isNew(sender) ? `${name}, new message` : name;
}

function showCompanies() {
  const ours = senders.filter((sender) => sender.channel === phone.channel);
  if (phone.to && !ours.some((sender) => sender.number === phone.to)) ours.push({ site: "", number: phone.to });
  phone.to = phone.to || ours[0]?.number || "";
  company.replaceChildren(...ours.map((sender) => new Option(named(sender), sender.number)));
  company.value = phone.to;
  const answered = /^\d*$/.test(phone.to);
  element("composer").hidden = !answered;
  element("nameless").hidden = answered;
  const chosen = ours.find((sender) => sender.number === phone.to);
  const name = chosen?.site || phone.to || "No company yet";
  element("who").textContent = name;
  element("avatar").textContent = name.charAt(0).toUpperCase();
}

function quote(message) {
  answering = message;
  element("answering").hidden = !message;
  if (!message) return;
  element("answering-who").textContent = message.direction === "mine" ? "You" : element("who").textContent;
  element("answering-what").textContent = message.text || message.file?.name || message.kind;
  text.focus();
}

async function sendWritten(written) {
  text.value = "";
  const taken = await send({ text: written });
  if (!taken) text.value = text.value || written;
  text.focus();
}

/** Send what the composer, a sheet or a button made; true if the sandbox took it. */
async function send(message) {
  const quotes = phone.channel === "whatsapp" && answering && message.type !== "reaction" ? { quotes: answering.message_id } : {};
  const carries = phone.channel === "sms" && message.file ? { format: "mms" } : {};
  const ago = phone.channel === "whatsapp" ? Number(element("ago").value) : 0;
  const posted = post("/api/messages", { ...phone, hidden: Boolean(phone.hidden), ago, ...quotes, ...carries, ...message });
  setTimeout(poll, 60);
  try {
    await posted;
    if (quotes.quotes) quote(null);
    await poll();
    return true;
  } catch (error) {
    complain(error.message);
    return false;
  }
}

/** What the company hears without a message: promotions stopped, another phone behind the number. */
async function tell(what, says, words) {
  const site = senders.find((sender) => sender.number === phone.to)?.site;
  try {
    await post(`/api/${what}`, { customer: phone.number, sender: phone.to, site, says });
    element("told").textContent = `The company is told: ${words}.`;
    setTimeout(() => element("told").replaceChildren(), TOLD_MILLISECONDS);
  } catch (error) {
    complain(error.message);
  }
}

async function letPass(hours) {
  try {
    await post("/api/clock", { hours });
    await poll();
  } catch (error) {
    complain(error.message);
  }
}

async function poll() {
  clearTimeout(timer);
  const mine = ++asked;
  try {
    await refreshSenders();
    const answer = await get(`/api/thread?${new URLSearchParams(phone)}`);
    if (mine === asked) {
      paint(answer);
      complain("");
      await readWhatIsShown(answer.unread);
    }
  } catch (error) {
    if (mine === asked) complain(error.message);
  }
  if (mine === asked) timer = setTimeout(poll, POLL_MILLISECONDS);
}

async function refreshSenders() {
  const known = JSON.stringify(senders);
  const answer = await get(`/api/senders?${new URLSearchParams({ number: phone.number })}`);
  senders = answer.senders;
  if (!heard.size) for (const sender of senders) heard.set(`${sender.channel} ${sender.number}`, sender.latest);
  element("queue").href = answer.jira_url;
  if (JSON.stringify(senders) !== known) show();
}

async function readWhatIsShown(unread) {
  const watched = document.visibilityState === "visible" && element("reads").checked;
  if (unread && watched && phone.channel === "whatsapp") await post("/api/read", phone);
}

function paint({ messages, typing, now, ahead, heard_at: heardAt }) {
  const here = new Date(now * 1000);
  element("clock-now").textContent = clock(here);
  element("presence").textContent = typing ? "typing…" : phone.to;
  element("window").textContent = windowInWords(heardAt, now, ahead);
  element("present").hidden = !ahead;
  const whatsapp = phone.channel === "whatsapp";
  thread.paint(messages, here, whatsapp ? acts : { ...acts, more: null });
}

/** Say how long the company may write freely, and how one gets to see the window closed. */
function windowInWords(heardAt, now, ahead) {
  if (!heardAt) return "Write your first message as of 25 hours ago, and the company can only send templates.";
  const left = heardAt + WINDOW_SECONDS - now;
  if (left <= 0) {
    return ahead
      ? "For Infobip the window is closed. The company's clock did not jump: what it still writes freely is refused."
      : "The window is closed: until you write as of now, the company can only send templates.";
  }
  const whole = `${Math.floor(left / 3600)} h ${Math.floor((left % 3600) / 60)} min`;
  return `The company can write freely for ${whole} more. An older message does not shorten that: for a closed window, open another phone.`;
}

function complain(reason) {
  notice.textContent = reason;
  notice.hidden = !reason;
}
