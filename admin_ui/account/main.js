// The page on which people look after their own sign-in. The list is the element that other pages may
// use too; this adds the password, and the way out of everywhere.
import { makeCalls, signInUrl } from "../widgets/calls.js";
import { wordsFor } from "../widgets/texts.js";
import { offerAgents } from "./agents.js";
import { offerEverywhere } from "./everywhere.js";
import { offerFactors } from "./factors.js";
import { offerLanguages } from "./languages.js";
import { offerNotices } from "./notices.js";
import { offerPassword } from "./password.js";

const { mount, tree, languages, username } = document.documentElement.dataset;
const language = document.documentElement.lang;

// Whoever has chosen colours in the console has them here too.
try {
  const theme = localStorage.getItem("sidecar-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is switched off
}

let leaving = false;

/** Go to sign in; the first to learn of the end of the session goes. */
function leave(code) {
  if (leaving) return;
  leaving = true;
  location.replace(signInUrl(mount, code));
}

const sessions = document.querySelector("user-sessions");
sessions.addEventListener("signed-out", (event) => leave(event.detail.code));

const words = await wordsFor(language, { tree, languages: languages.split(" ") });
const rules = document.querySelector("[data-least]");
rules.textContent = words.t("own.password_rules", { n: Number(rules.dataset.least) }); // in figures of the language
const form = document.querySelector("[data-form=password]");
const page = { words, username, leave, calls: makeCalls(mount, () => language), refresh: () => sessions.refresh?.() };
const askPassword = () => form.elements.current.focus();
const notices = offerNotices(document.querySelector("[data-place=notices]"), { ...page, askPassword });
const agents = offerAgents(document.querySelector("[data-place=agents]"), document.querySelector("[data-form=agent]"), page);
offerFactors(document.querySelector("[data-place=factors]"), page);
offerPassword(form, { ...page, refresh: () => Promise.all([page.refresh(), notices.now(), agents.now()]) });
offerEverywhere(document.querySelector("[data-everywhere]"), page);
offerLanguages(languages.split(" "), words);
