/** The shell's own words in the languages of the panel, said in the language that Jira speaks. */

/** @type {Record<string, Record<string, string>>} */
const WORDS = {
  de: {
    "Opening OmniChat…": "OmniChat wird geöffnet…",
    "Try again": "Erneut versuchen",
    "Open the console": "Konsole öffnen",
    "Agents talk with customers over SMS and WhatsApp without leaving the request. Provider account, numbers and request types are set in the console, which opens in a new tab.":
      "Agenten schreiben mit Kunden über SMS und WhatsApp, ohne den Vorgang zu verlassen. Anbieterkonto, Nummern und Anfragetypen werden in der Konsole eingestellt, die sich in einem neuen Tab öffnet.",
    "Conversation": "Konversation",
    "Conversation details": "Details zur Konversation",
    "OmniChat does not answer. Try again in a moment.":
      "OmniChat antwortet nicht. Versuchen Sie es gleich noch einmal.",
    "Ask your Jira administrator.": "Fragen Sie Ihren Jira-Administrator.",
    "You cannot open OmniChat on this request":
      "Sie können OmniChat in diesem Vorgang nicht öffnen",
    "OmniChat cannot be opened now": "OmniChat lässt sich gerade nicht öffnen",
    "OmniChat does not answer": "OmniChat antwortet nicht",
    "Nothing is lost. Wait a moment, then try again.":
      "Es geht nichts verloren. Warten Sie einen Moment und versuchen Sie es dann erneut.",
  },
  hr: {
    "Opening OmniChat…": "Otvaranje OmniChata…",
    "Try again": "Pokušajte ponovno",
    "Open the console": "Otvori konzolu",
    "Agents talk with customers over SMS and WhatsApp without leaving the request. Provider account, numbers and request types are set in the console, which opens in a new tab.":
      "Agenti razgovaraju s korisnicima putem SMS-a i WhatsAppa bez napuštanja zahtjeva. Račun kod pružatelja, brojevi i vrste zahtjeva postavljaju se u konzoli, koja se otvara u novoj kartici.",
    "Conversation": "Razgovor",
    "Conversation details": "Pojedinosti razgovora",
    "OmniChat does not answer. Try again in a moment.":
      "OmniChat ne odgovara. Pokušajte ponovno za koji trenutak.",
    "Ask your Jira administrator.": "Obratite se Jira administratoru.",
    "You cannot open OmniChat on this request":
      "Ne možete otvoriti OmniChat na ovom zahtjevu",
    "OmniChat cannot be opened now": "OmniChat se trenutačno ne može otvoriti",
    "OmniChat does not answer": "OmniChat ne odgovara",
    "Nothing is lost. Wait a moment, then try again.":
      "Ništa nije izgubljeno. Pričekajte trenutak pa pokušajte ponovno.",
  },
};

/** @type {Record<string, string>} */
let words = {};

/**
 * Speak a language from now on, where we have it, and say in it what the page shows.
 * @param {string | undefined} locale  as Jira writes it: "de_DE", "hr-HR"
 */
export function speak(locale = "") {
  const [language] = locale.toLowerCase().split(/[-_]/);
  if (!Object.hasOwn(WORDS, language)) return;
  words = WORDS[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-words]")) {
    element.textContent = say((element.textContent ?? "").replace(/\s+/g, " ").trim());
  }
}

/** @param {string} english */
export const say = (english) => words[english] ?? english;
