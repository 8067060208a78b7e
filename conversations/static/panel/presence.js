/** What the customer sees of us: that their messages were read, and that somebody is writing. */
import { ask } from "./server.js";

const TYPING_PAUSE = 20_000; // milliseconds: they see it for about so long

let typedAt = -Infinity;
let owed = false;

/** Messages are on the screen: say so once it is looked at. */
export function seen() {
  owed = true;
  pay();
}

/** @param {{sender: string, address: string}} route */
export function typing(route) {
  if (Date.now() - typedAt < TYPING_PAUSE) return;
  typedAt = Date.now();
  ask("typing", { form: route }).catch(() => {}); // the next key says it again
}

/** The reply is sent: the next one is typed anew. */
export function quiet() {
  typedAt = -Infinity;
}

function pay() {
  if (!owed || document.visibilityState !== "visible") return;
  owed = false;
  ask("seen", { form: {} }).catch(() => (owed = true));
}

document.addEventListener("visibilitychange", pay);
