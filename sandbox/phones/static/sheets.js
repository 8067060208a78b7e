// The sheets that come up: what to attach, a place, a contact, a message's menu, a list's rows.

import { packed } from "./api.js";
import { element, make } from "./dom.js";

const EMOJIS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const KINDS = { image: "image", audio: "audio", video: "video" };

/**
 * Wire the sheets: `send` takes a message, `tell` what Infobip says beside messages, `complain`
 * a reason, `quote` a message to answer.
 */
export function wire({ send, tell, complain, quote }) {
  const deliver = (message) => {
    closeAll();
    return send(message);
  };
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", ({ target }) => {
      if (target === dialog || target.closest("[data-close]")) dialog.close();
    });
  }
  element("attach").addEventListener("click", () => element("attach-sheet").showModal());
  wireFiles(deliver, complain);
  wireForms(deliver);
  for (const button of document.querySelectorAll("[data-rare]")) {
    button.addEventListener("click", () => deliver({ type: button.dataset.rare }));
  }
  for (const button of document.querySelectorAll("[data-tells]")) {
    button.addEventListener("click", () => {
      closeAll();
      tell(button.dataset.tells, button.dataset.says, button.textContent);
    });
  }
  return { more: (message) => openMenu(message, deliver, quote), choose: (message) => openList(message, deliver) };
}

function wireFiles(deliver, complain) {
  const picker = element("picker");
  const sendFile = async (file, name, type) => {
    try {
      await deliver({ type: type || KINDS[file.type.split("/")[0]] || "document", file: await packed(file, name) });
    } catch (error) {
      complain(error.message);
    }
  };
  picker.addEventListener("change", () => {
    const [file] = picker.files;
    if (file) sendFile(file, file.name, picker.dataset.type);
    picker.value = "";
  });
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => {
      closeAll();
      picker.dataset.type = button.dataset.pick;
      picker.accept = button.dataset.pick ? "audio/*" : "";
      picker.click();
    });
  }
  for (const button of document.querySelectorAll("[data-sample]")) {
    const { sample, type } = button.dataset;
    button.addEventListener("click", async () => {
      const answer = await fetch(`/static/samples/${sample}`);
      await sendFile(await answer.blob(), sample, type);
    });
  }
}

function wireForms(deliver) {
  for (const button of document.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () => {
      closeAll();
      element(button.dataset.open).showModal();
    });
  }
  for (const button of document.querySelectorAll("[data-place]")) {
    const [latitude, longitude] = button.dataset.place.split(",").map(Number);
    const place = { name: button.textContent, address: button.dataset.address, latitude, longitude };
    button.addEventListener("click", () => deliver({ type: "location", ...place }));
  }
  onSubmit("place", (given) =>
    deliver({ type: "location", ...given, latitude: Number(given.latitude), longitude: Number(given.longitude) }));
  onSubmit("contact", (contact) => deliver({ type: "contact", contact }));
}

function onSubmit(id, take) {
  element(id).addEventListener("submit", (event) => {
    event.preventDefault();
    take(Object.fromEntries(new FormData(event.target)));
  });
}

function openMenu(message, deliver, quote) {
  const react = (emoji) => deliver({ type: "reaction", reaction: { emoji, to: message.message_id } });
  const buttons = EMOJIS.map((emoji) => {
    const chosen = emoji === message.reaction;
    const name = chosen ? `Take back ${emoji}` : `React with ${emoji}`;
    return make("button", { type: "button", "aria-label": name, "aria-pressed": String(chosen), onclick: () => react(chosen ? "" : emoji) }, emoji);
  });
  const sheet = element("message-sheet");
  sheet.querySelector(".emojis").replaceChildren(...buttons);
  element("reply").onclick = () => {
    closeAll();
    quote(message);
  };
  sheet.showModal();
}

function openList(message, deliver) {
  const rows = message.list.sections.map((section) =>
    make("section", {}, section.title && make("h3", {}, section.title), ...section.rows.map((row) => line(row, message, deliver))));
  element("list-title").textContent = message.list.button;
  element("list-rows").replaceChildren(...rows);
  element("list-sheet").showModal();
}

function line({ id, title, description }, message, deliver) {
  const choose = () => deliver({ type: "list", id, title, description, quotes: message.message_id });
  return make("button", { type: "button", class: "wide", onclick: choose }, make("span", {}, title, description && make("small", {}, description)));
}

function closeAll() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}
