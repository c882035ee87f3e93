// How instants are written: always absolute, with the relative beside.
import { now } from "./clock.js";

// Twenty-four hours everywhere: nobody should wonder about AM and PM in the middle of a night.
const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { day: "numeric", month: "short", ...TIME };
// Unit, seconds, and from when on it is used: "1 hr ago" for 89 minutes would mislead.
const UNITS = [
  ["second", 1, 0],
  ["minute", 60, 60],
  ["hour", 3600, 5400],
  ["day", 86_400, 129_600],
  ["month", 2_629_800, 5_184_000],
  ["year", 31_557_600, 47_336_400],
];

/** words: of `words.js`. */
export function makeInstants({ locale, t }) {
  const short = new Intl.DateTimeFormat(locale, DAY);
  const withYear = new Intl.DateTimeFormat(locale, { ...DAY, year: "numeric" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
  const hour = new Intl.DateTimeFormat(locale, TIME);
  const relative = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "always" });

  return {
    /** `20 Nov, 11:48`, with the year when it is not this one. */
    absolute(instant) {
      const at = new Date(instant);
      return (at.getFullYear() === new Date(now()).getFullYear() ? short : withYear).format(at);
    },

    /** Day, month, year, seconds, zone. */
    whole: (instant) => full.format(new Date(instant)),

    clockTime: (seconds) => hour.format(new Date(seconds * 1000)),

    /** `2 min ago`, `in 21 hr`, `now`. */
    ago(instant) {
      const seconds = (Date.parse(instant) - now()) / 1000;
      const size = Math.abs(seconds);
      if (size < 10) return t("time.now");
      const [unit, length] = UNITS.findLast(([, , from]) => size >= from);
      return relative.format(Math.trunc(seconds / length), unit);
    },
  };
}
