// What stands around the live sessions: the words when there are none, the bar when some are selected.
import { html } from "../../vendor/lit.js";
import { t } from "../i18n.js";
import { pageUrl } from "../place.js";
import { query } from "../router.js";
import { sessionFilter } from "./filter.js";
import { emptyPanel } from "./states.js";

/** person: whose sessions were looked for, or null for everybody's. */
export function emptySessions(person) {
  if (person) return emptyPanel(t("empty.person"), t("empty.person_next", { name: person.username }));
  const filtered = Object.keys(sessionFilter(query())).length > 0;
  if (!filtered) return emptyPanel(t("empty.sessions"), t("empty.sessions_next"));
  const clear = html`<a class="btn" href=${pageUrl("/sessions")}>${t("filter.clear")}</a>`;
  return emptyPanel(t("empty.match"), t("empty.match_next"), clear);
}

/** list: the view that they are selected in. */
export function pickedSessions(list) {
  const n = list.selected.length;
  const people = new Set(list.selected.map((session) => session.user.id)).size;
  return html`<div class="pick" role="region" aria-label=${t("pick.region")}>
    <b class="num" role="status">${t("pick.selected", { n })}</b>
    <span class="faint">${t("pick.people", { n: people })}</span>
    <button class="btn small" type="button" @click=${() => list.selectNone()}>${t("pick.none")}</button>
    <button class="btn solid small" type="button" data-act="end-selected" @click=${() => list.endSelected()}>
      ${t("pick.end", { n })}
    </button>
  </div>`;
}
