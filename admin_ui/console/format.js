// How instants, spans and sizes are written. Instants are always absolute, with the relative beside.
import { makeInstants } from "../shared/instants.js";
import { html, nothing } from "../vendor/lit.js";
import { now } from "./clock.js";
import { locale, t } from "./i18n.js";

export { deviceName } from "./i18n.js";
export const { absolute, ago, clockTime, whole } = makeInstants({ locale, t });

/** The cell of an instant: absolute, relative beneath, everything on hover. beside: what follows the latter. */
export function when(instant, beside = nothing) {
  if (!instant) return html`<span class="faint">${t("time.never")}</span>`;
  return html`<span class="two"
    ><time datetime=${instant} title=${whole(instant)}>${absolute(instant)}</time
    ><small>${ago(instant)}${beside}</small></span
  >`;
}

/** How much of a span is left, from 0 to 1. */
export function left(from, until) {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  return end > start ? Math.min(Math.max((end - now()) / (end - start), 0), 1) : 0;
}

/** `12.4 MB` in the way of the language. */
export function bytes(value) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1);
  const options = { style: "unit", unit: units[power], unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale, options).format(value / 1000 ** power);
}

export function milliseconds(value) {
  const options = { style: "unit", unit: "millisecond", maximumSignificantDigits: 2 };
  return new Intl.NumberFormat(locale, options).format(value);
}
