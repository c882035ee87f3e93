// An audit entry in words: who, what, to whom, and everything that was written down on request.
import { html, nothing } from "../../vendor/lit.js";
import { deviceName, named, rich, t } from "../i18n.js";
import { pageUrl } from "../place.js";
import { ip } from "./cells.js";

const NAMED = 3;

/** Who did it: a link when it is a person. */
export function actor(who) {
  if (!who) return nothing;
  if (who.kind === "user" && who.id) return html`<a href=${pageUrl(`/users/${who.id}`)}><bdi>${who.username}</bdi></a>`;
  // A wrong password shows whose name was typed, and not who typed it.
  if (who.kind === "user" && !who.username) return html`<span class="faint">${t("user.signed_out")}</span>`;
  const kind = t(`actor.${who.kind}`);
  return who.username ? html`<bdi>${who.username}</bdi> <small>${kind}</small>` : html`${kind}`;
}

export const actorCell = (entry) =>
  html`<span class="two"
    >${actor(entry.actor)}${entry.actor?.ipAddress ? html`<small>${ip(entry.actor.ipAddress)}</small>` : nothing}</span
  >`;

/** What was done, to how many, why, by which filter; or that it was refused, and so done to none. */
export function deed(entry) {
  const { filter, note, device, alarm, kind } = entry.details ?? {};
  const what = named("action", entry.action);
  const reason = entry.reason && named(entry.outcome === "refused" ? "refused" : "reason", entry.reason);
  const of = alarm && named("alarm", kind);
  const more = [reason !== what && reason, of, filter, note, device && deviceName(device)].filter(Boolean);
  return html`<span class="two wrap"
    ><span
      >${what}
      ${
        entry.outcome === "refused"
          ? html`<span class="tag bad">${t("audit.refused")}</span>`
          : entry.scope === "bulk"
            ? html`<span class="tag plain">${t("audit.count", { n: entry.count })}</span>`
            : nothing
      }</span
    >${more.map((line) => html`<small><bdi>${line}</bdi></small>`)}</span
  >`;
}

/** To whom: one person, or the first of several with the number of the others. */
export function target(entry) {
  const { userId, username } = entry.target ?? {};
  if (userId) return html`<a href=${pageUrl(`/users/${userId}`)}><bdi>${username || userId}</bdi></a>`;
  const people = entry.details?.users?.split("\n") ?? [];
  if (people.length) {
    const others = people.length - NAMED;
    return html`<span
      >${people.slice(0, NAMED).map((name, at) => html`${at ? ", " : ""}<bdi>${name}</bdi>`)}${
        others > 0 ? html` <small>${t("end.more_people", { n: others })}</small>` : nothing
      }</span
    >`;
  }
  return username ? html`<bdi>${username}</bdi>` : html`<span class="faint">–</span>`;
}

/** Every field, for those who need the letter of it. */
export function details(entry) {
  const fields = {
    id: entry.id,
    at: entry.at,
    action: entry.action,
    outcome: entry.outcome,
    scope: entry.scope,
    count: entry.count,
    reason: entry.reason,
    session: entry.target?.sessionId,
    ...entry.details,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== "" && value != null);
  return html`<dl class="fields" dir="ltr">
    ${given.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>
        </div>`,
    )}
  </dl>`;
}

/** One line for the overview. */
export function entryLine(entry) {
  const who = actor(entry.actor);
  const whom = target(entry);
  const bulk = entry.target?.userId ? "audit.line_bulk" : "audit.line_many";
  const key = entry.scope === "bulk" ? bulk : "audit.line";
  return rich(key, { who, whom, what: named("action", entry.action), n: entry.count ?? 1 });
}
