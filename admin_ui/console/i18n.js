// The words of the console. Every sentence is in a locale file; whatever is filled in stands in its
// own direction.
import { localeOf, makeWords } from "../shared/words.js";
import { html } from "../vendor/lit.js";

export const language = document.documentElement.lang;
export const locale = localeOf(language);
export const rightToLeft = document.documentElement.dir === "rtl";

let words = makeWords({}, language);

export async function loadTexts() {
  words = makeWords(await window.sidecarTexts, language);
}

/** A number as people here write it. */
export const n = (value) => words.n(value);

export const has = (key) => words.has(key);

/** The sentence with its places filled, as text. Numbers are written the way of the language. */
export const t = (key, values) => words.t(key, values);

/** The same for templates: values are isolated, so that a name in Latin letters does not turn an
 *  Arabic sentence around, and may be templates themselves. */
export const rich = (key, values) =>
  words.pieces(key, values).map((part, index) => (index % 2 ? html`<bdi class="given">${part}</bdi>` : part));

/** The text of `prefix.word`, or the word itself where nobody has written one. */
export const named = (prefix, word) => words.named(prefix, word);

/** `Firefox on Linux` in the way of the language. */
export const deviceName = (label) => words.deviceName(label);
