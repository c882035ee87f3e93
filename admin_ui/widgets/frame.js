// What the element consists of besides the table.
import { make } from "./make.js";
import { directionOf } from "./texts.js";

/** endOthers(): asks whether to end all other sessions. */
export function frame(words, table, endOthers) {
  const { language, t } = words;
  const note = make("div", { class: "note", part: "note", role: "status", hidden: true });
  const others = make(
    "button",
    { type: "button", class: "btn danger", part: "button revoke-others", hidden: true, click: endOthers },
    t("own.others"),
  );
  const told = make("p", { class: "told", part: "status", role: "status" }, t("state.loading"));
  const section = make(
    "section",
    { role: "group", part: "base", lang: language, dir: directionOf(language), "aria-label": t("own.sessions") },
    note,
    make("div", { class: "sheet", part: "sheet" }, table.element),
    make("div", { class: "foot", part: "foot" }, told, others),
  );
  return { note, others, told, section };
}
