// What was done, said once, with the way to the audit entry. They stay long enough to be read, longer
// while the pointer or the focus is on them, and are spoken by screen readers.
import { html, nothing, render, repeat } from "../vendor/lit.js";
import { t } from "./i18n.js";

const STAYS = 9_000;
let region;
let toasts = [];
let last = 0;

/** Say it. href, link: where to, and its words. bad: something was not done. */
export function toast(text, { href, link = t("toast.audit"), bad = false } = {}) {
  const one = { id: (last += 1), text, href, link, bad };
  toasts = [...toasts.slice(-2), one];
  show();
  const wait = () =>
    setTimeout(() => {
      const shown = region.querySelector(`[data-toast="${one.id}"]`);
      if (shown?.matches(":hover, :focus-within")) wait();
      else dismiss(one);
    }, STAYS);
  wait();
}

function dismiss(one) {
  toasts = toasts.filter((other) => other !== one);
  show();
}

function show() {
  region ??= document.body.appendChild(makeRegion());
  render(html`${repeat(toasts, (one) => one.id, template)}`, region);
}

function makeRegion() {
  const element = document.createElement("section");
  element.className = "toasts";
  element.setAttribute("aria-label", t("toast.region"));
  element.setAttribute("role", "status"); // spoken when something appears, without taking the focus
  return element;
}

const template = (one) =>
  html`<div class="toast ${one.bad ? "bad" : ""}" data-toast=${one.id}>
    <span>${one.text}</span>
    ${one.href ? html`<a href=${one.href} @click=${() => dismiss(one)}>${one.link}</a>` : nothing}
    <button class="btn bare" type="button" aria-label=${t("act.dismiss")} @click=${() => dismiss(one)}>×</button>
  </div>`;

/** Make the region early, so that screen readers know it before the first word is in it. */
export function prepareToasts() {
  show();
}
