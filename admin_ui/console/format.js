// How instants, spans and sizes are written. Instants are always absolute, with the relative beside.
import { html, nothing } from "../vendor/lit.js";
import { now } from "./clock.js";
import { language, t } from "./i18n.js";

const DAY = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
const short = new Intl.DateTimeFormat(language, DAY);
const withYear = new Intl.DateTimeFormat(language, { ...DAY, year: "numeric" });
const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat(language, { style: "short", numeric: "always" });
const UNITS = [
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
  ["year", 31_557_600],
];

/** `20 Nov, 11:48`, with the year when it is not this one. */
export function absolute(instant) {
  const at = new Date(instant);
  return (at.getFullYear() === new Date(now()).getFullYear() ? short : withYear).format(at);
}

export const clockTime = (seconds) => hour.format(new Date(seconds * 1000));

/** `2 min ago`, `in 21 hr`, `now`. */
export function ago(instant) {
  const seconds = (Date.parse(instant) - now()) / 1000;
  const size = Math.abs(seconds);
  if (size < 10) return t("time.now");
  // From 90 seconds on minutes, from 90 minutes on hours: "1 hr ago" for 119 minutes misleads.
  const [unit, length] = UNITS.findLast(([, span]) => size >= span * 1.5) ?? UNITS[0];
  return relative.format(Math.trunc(seconds / length), unit);
}

/** The cell of an instant: absolute, relative beneath, everything on hover. */
export function when(instant, beneath = nothing) {
  if (!instant) return html`<span class="faint">${t("time.never")}</span>`;
  return html`<span class="two"
    ><time datetime=${instant} title=${whole.format(new Date(instant))}>${absolute(instant)}</time
    ><small>${ago(instant)}</small>${beneath}</span
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
  return new Intl.NumberFormat(language, options).format(value / 1000 ** power);
}

export function milliseconds(value) {
  const options = { style: "unit", unit: "millisecond", maximumSignificantDigits: 2 };
  return new Intl.NumberFormat(language, options).format(value);
}
