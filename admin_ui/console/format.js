// How instants, spans and sizes are written. Instants are always absolute, with the relative beside.
import { html, nothing } from "../vendor/lit.js";
import { now } from "./clock.js";
import { locale, t } from "./i18n.js";

// Twenty-four hours everywhere: nobody should wonder about AM and PM in the middle of a night.
const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { day: "numeric", month: "short", ...TIME };
const short = new Intl.DateTimeFormat(locale, DAY);
const withYear = new Intl.DateTimeFormat(locale, { ...DAY, year: "numeric" });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const hour = new Intl.DateTimeFormat(locale, TIME);
const relative = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "always" });
// Unit, seconds, and from when on it is used: "1 hr ago" for 89 minutes would mislead.
const UNITS = [
  ["second", 1, 0],
  ["minute", 60, 60],
  ["hour", 3600, 5400],
  ["day", 86_400, 129_600],
  ["month", 2_629_800, 5_184_000],
  ["year", 31_557_600, 47_336_400],
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
  const [unit, length] = UNITS.findLast(([, , from]) => size >= from);
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

/** `Firefox on Linux` in the way of the language; what is no such pair stays as it is. */
export function deviceName(label) {
  const pair = /^(.+) on (.+)$/.exec(label);
  return pair ? t("device.on", { browser: pair[1], os: pair[2] }) : label;
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
