// One phone: which one it is stands in the address, so that every tab can be another.
"use strict";

const POLL_MILLISECONDS = 700;
const element = (id) => document.getElementById(id);
const channel = element("channel");
const number = element("number");
const company = element("company");
const text = element("text");
const thread = element("thread");
const scroller = element("scroller");
const notice = element("notice");

const phone = { channel: "sms", number: "385991903327", to: "" };
let senders = [];
let timer = 0;
let asked = 0;
let atEnd = true;

start();

async function start() {
  const query = new URLSearchParams(location.search);
  for (const name of Object.keys(phone)) phone[name] = query.get(name) || phone[name];
  phone.channel = phone.channel.toLowerCase();
  listen();
  show();
  await poll();
}

function listen() {
  channel.addEventListener("change", () => turn({ channel: channel.value, to: "" }));
  company.addEventListener("change", () => turn({ to: company.value }));
  number.addEventListener("change", () => turn({ number: number.value.replace(/[\s+]/g, "") }));
  element("stop").addEventListener("click", () => send("STOP"));
  element("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const written = text.value.trim();
    if (written) send(written);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element("composer").requestSubmit();
  });
  document.addEventListener("visibilitychange", poll);
  scroller.addEventListener("scroll", () => {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  });
  new ResizeObserver(() => atEnd && scrollToEnd()).observe(scroller);
}

function scrollToEnd() {
  scroller.scrollTop = scroller.scrollHeight;
}

function turn(change) {
  Object.assign(phone, change);
  thread.replaceChildren();
  show();
  poll();
}

function show() {
  document.body.dataset.channel = phone.channel;
  channel.value = phone.channel;
  number.value = phone.number;
  number.setAttribute("aria-invalid", String(!/^\d+$/.test(phone.number)));
  showCompanies();
  const query = new URLSearchParams(phone);
  history.replaceState(null, "", `?${query}`);
  query.set("number", /^\d{1,15}$/.test(phone.number) ? String(Number(phone.number) + 1) : phone.number);
  element("another").href = `?${query}`;
  document.title = `${channel.selectedOptions[0]?.text ?? "Phone"} ${phone.number}`;
  text.placeholder = phone.channel === "whatsapp" ? "Message" : "Text message";
}

function showCompanies() {
  const ours = senders.filter((sender) => sender.channel === phone.channel);
  if (phone.to && !ours.some((sender) => sender.number === phone.to)) {
    ours.push({ site: "", number: phone.to });
  }
  phone.to = phone.to || ours[0]?.number || "";
  company.replaceChildren(
    ...ours.map(({ site, number: value }) => new Option(site ? `${value} (${site})` : value, value)),
  );
  company.value = phone.to;
  const chosen = ours.find((sender) => sender.number === phone.to);
  const name = chosen?.site || phone.to || "No company yet";
  element("who").textContent = name;
  element("avatar").textContent = name.charAt(0).toUpperCase();
}

async function send(written) {
  text.value = "";
  const posted = post("/api/messages", { ...phone, text: written });
  setTimeout(poll, 60);
  try {
    await posted;
    await poll();
  } catch (error) {
    text.value = text.value || written;
    complain(error.message);
  }
  text.focus();
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
  const answer = await get("/api/senders");
  senders = answer.senders;
  element("queue").href = answer.jira_url;
  if (JSON.stringify(senders) !== known) show();
}

async function readWhatIsShown(unread) {
  const watched = document.visibilityState === "visible" && element("reads").checked;
  if (unread && watched && phone.channel === "whatsapp") await post("/api/read", phone);
}

function paint({ messages, typing }) {
  const now = new Date();
  element("clock-now").textContent = clock(now);
  element("presence").textContent = typing ? "typing…" : phone.to;
  element("empty").hidden = messages.length > 0;
  const before = thread.childElementCount;
  messages.forEach((message, index) => paintOne(message, messages[index - 1], messages[index + 1]));
  if (thread.childElementCount !== before && (atEnd || before === 0)) scrollToEnd();
}

function paintOne(message, previous, next) {
  const at = new Date(message.at * 1000);
  if (!previous || day(new Date(previous.at * 1000)) !== day(at)) paintDay(message.id, day(at));
  const bubble = element(`message-${message.id}`) || newBubble(message, at);
  bubble.classList.toggle("turn", previous?.direction !== message.direction);
  bubble.classList.toggle("last", next?.direction !== message.direction);
  if (bubble.dataset.state === message.state) return;
  bubble.dataset.state = message.state;
  if (message.direction === "mine") bubble.querySelector("footer").replaceChildren(...mark(message, at));
}

function paintDay(id, name) {
  if (element(`day-${id}`)) return;
  const row = document.createElement("li");
  row.id = `day-${id}`;
  row.className = "day";
  row.textContent = name;
  thread.append(row);
}

function newBubble(message, at) {
  const bubble = document.createElement("li");
  bubble.id = `message-${message.id}`;
  bubble.className = "bubble";
  bubble.dataset.direction = message.direction;
  const body = document.createElement("p");
  body.textContent = message.text;
  const footer = document.createElement("footer");
  footer.append(time(at));
  bubble.append(body, footer);
  thread.append(bubble);
  return bubble;
}

function mark(message, at) {
  const symbols = { sending: ["clock", "Sending"], sent: ["tick", "Sent"], read: ["ticks", "Read"] };
  const [symbol, name] = symbols[message.state];
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("role", "img");
  icon.setAttribute("aria-label", name);
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${symbol}`);
  icon.append(use);
  return [time(at), icon];
}

function time(at) {
  const node = document.createElement("time");
  node.dateTime = at.toISOString();
  node.textContent = clock(at);
  return node;
}

function clock(at) {
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

function day(at) {
  const today = new Date();
  if (at.toDateString() === today.toDateString()) return "Today";
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

function complain(reason) {
  notice.textContent = reason;
  notice.hidden = !reason;
}

const get = (url) => request(url, {});

const post = (url, body) =>
  request(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function request(url, options) {
  const response = await fetch(url, options).catch(() => {
    throw new Error("The sandbox does not answer. Trying again.");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || `The sandbox answers ${response.status}.`);
  return answer;
}
