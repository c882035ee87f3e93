// The words of the widget: the locale files of the product, each loaded once and kept by the browser.
import { makeWords } from "../shared/words.js";

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);
const loaded = new Map();

/** The words for `tag`, such as `de-AT`, or of the nearest language that there is. */
export function wordsFor(tag, { languages, tree }) {
  const wishes = [tag, ...navigator.languages].map((wish) => wish.toLowerCase());
  const known = (wish) => languages.find((one) => one === wish || one === wish.split("-")[0]);
  const language = wishes.map(known).find(Boolean) ?? "en";
  if (!loaded.has(language)) {
    const reading = read(`${tree}/locales/${language}.json`).then((texts) => makeWords(texts, language));
    reading.catch(() => loaded.delete(language)); // the next one tries again
    loaded.set(language, reading);
  }
  return loaded.get(language);
}

async function read(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

export const directionOf = (language) => (RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr");
