// Elements without a template library: this runs in pages of other people, under their policies.

/** An element with attributes, listeners (functions) and children. Text never becomes markup. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false && value != null) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

/** Set the text if it is another one: what is the same is not spoken again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An address that may go on in the next line, between its groups only; it is copied as it is. */
export function address(text) {
  const [first, ...rest] = text.match(/[^:]+:*|:+/g) ?? [];
  const whole = document.createDocumentFragment();
  whole.append(first ?? "", ...rest.flatMap((group) => [make("wbr"), group]));
  return whole;
}

/** A sentence whose filled places stand in their own direction. */
export const rich = (words, key, values) =>
  words.pieces(key, values).map((part, index) => (index % 2 ? make("bdi", { class: "given" }, part) : part));
