// The words of one language. No sentence is put together from pieces, because other languages order
// them differently: it is there as a whole, with places to fill.

/** The language as this person has it: `en-GB` and `en-US` read the same words and write other dates. */
export const localeOf = (language) =>
  navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;

// What the server calls devices that do not say what they are (`login/device.py`).
const NAMELESS = { "Unknown device": "device.unknown", "Desktop app": "device.app" };

/** texts: of a locale file; a sentence with a count is an object with the forms of the language. */
export function makeWords(texts, language, locale = localeOf(language)) {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(locale);

  const n = (value) => number.format(value);
  const has = (key) => key in texts;
  const written = (value) => (typeof value === "number" ? n(value) : (value ?? ""));

  function sentence(key, values) {
    const found = texts[key] ?? key;
    if (typeof found === "string") return found;
    return found[plural.select(values.n)] ?? found.other; // which form is decided by `n`
  }

  /** The sentence with its places filled, as text. Numbers are written the way of the language. */
  const t = (key, values = {}) => sentence(key, values).replace(/\{(\w+)\}/g, (_, name) => written(values[name]));

  /** Its pieces: at even places text of the sentence, at odd ones what fills a place. */
  const pieces = (key, values = {}) =>
    sentence(key, values)
      .split(/\{(\w+)\}/)
      .map((part, index) => (index % 2 ? written(values[part]) : part));

  /** The text of `prefix.word`, or the word itself where nobody has written one (a later version's
   *  audit action, say). */
  const named = (prefix, word) => (has(`${prefix}.${word}`) ? t(`${prefix}.${word}`) : word);

  const called = (name) => (Object.hasOwn(NAMELESS, name) ? t(NAMELESS[name]) : name);

  /** `Firefox on Linux` in the way of the language, and what has no name of its own in its words. Any
   *  other label stays as it is. */
  function deviceName(label) {
    const pair = /^(.+) on (.+)$/.exec(label);
    return pair ? t("device.on", { browser: called(pair[1]), os: pair[2] }) : called(label);
  }

  return { language, locale, n, has, t, pieces, named, deviceName };
}
