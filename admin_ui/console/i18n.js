// The words. Every sentence is in a locale file; none is put together from pieces, because other
// languages order them differently. Whatever is filled in stands in its own direction.
import { html } from "../vendor/lit.js";

export const language = document.documentElement.lang;

/** The language as this person has it: `en-GB` and `en-US` read the same words and write other dates. */
export const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;

export const rightToLeft = document.documentElement.dir === "rtl";

const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(locale);
let texts = {};

export async function loadTexts() {
  texts = await window.sidecarTexts;
}

/** A number as people here write it. */
export const n = (value) => number.format(value);

export const has = (key) => key in texts;

function sentence(key, values) {
  const found = texts[key] ?? key;
  if (typeof found === "string") return found;
  return found[plural.select(values.n)] ?? found.other; // which form is decided by `n`
}

/** The sentence with its places filled, as text. Numbers are written the way of the language. */
export function t(key, values = {}) {
  return sentence(key, values).replace(/\{(\w+)\}/g, (_, name) => written(values[name]));
}

/** The same for templates: values are isolated, so that a name in Latin letters does not turn an
 *  Arabic sentence around, and may be templates themselves. */
export function rich(key, values = {}) {
  const parts = sentence(key, values).split(/\{(\w+)\}/);
  return parts.map((part, index) => (index % 2 ? html`<bdi class="given">${written(values[part])}</bdi>` : part));
}

/** The text of `prefix.word`, or the word itself where nobody has written one (a later version's
 *  audit action, say). */
export function named(prefix, word) {
  return has(`${prefix}.${word}`) ? t(`${prefix}.${word}`) : word;
}

const written = (value) => (typeof value === "number" ? n(value) : (value ?? ""));
