// Ending sessions: one, those that are selected, those of a person, all that match. Each act asks
// first, says whom it hits, and reports with the way to its audit entry.
import { html, nothing } from "../../vendor/lit.js";
import { Failure, get, leave, post, remove } from "../api.js";
import { now } from "../clock.js";
import { confirm } from "../dialog.js";
import { deviceName } from "../format.js";
import { rich, t } from "../i18n.js";
import { me } from "../me.js";
import { pageUrl } from "../place.js";
import { fresh } from "../reauth.js";
import { toast } from "../toast.js";
import { check, line } from "./fields.js";

const ESTIMATE_IS_OFF_BY = 0.1;
const MOVES_BY = 0.02;

const warning = () => html`<p>${t("end.warning")}</p>`;

/** The address of the audit entries of an act that is about to begin. */
export function auditUrl(filter) {
  const from = new Date(now() - 5_000).toISOString();
  return pageUrl("/audit", { actor: me.user.username, ...filter, from });
}

function report(answer, text, href) {
  if (answer.endedCurrent) return leave("session_revoked");
  toast(text, { href });
}

/** Resolves to true when the session is over, whoever ended it. */
export async function endSession(session, verb) {
  const href = auditUrl({ userId: session.user.id, action: "session.revoked" });
  const name = session.user.username;
  const device = deviceName(session.device.label);
  const answer = await confirm({
    name: "end-session",
    title: t("end.one_title"),
    body: html`<p>${rich("end.one_body", { name, device, address: session.ipAddress })}</p>
      ${warning()}`,
    act: verb,
    keep: t("end.keep_one"),
    run: () => fresh(() => endOne(session.id)),
  });
  if (!answer) return false;
  report(answer, answer.gone ? t("end.gone") : t("end.one_done", { name, device }), href);
  return true;
}

async function endOne(id) {
  try {
    return await remove(`/admin/sessions/${id}`);
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 404) throw error;
    return { revoked: 0, gone: true }; // it ended by itself in the meantime: what was wanted
  }
}

/** Ends the sessions that were picked one by one, in one act. Resolves to true when they are over. */
export async function endSelected(sessions) {
  const href = auditUrl({ action: "session.revoked" });
  const people = [...new Set(sessions.map((session) => session.user.username))];
  const n = sessions.length;
  const answer = await confirm({
    name: "end-selected",
    title: t("end.some_title", { n }),
    body: html`<ul class="names">
        ${people.slice(0, 8).map((name) => html`<li><bdi>${name}</bdi></li>`)}
        ${people.length > 8 ? html`<li>${t("end.more_people", { n: people.length - 8 })}</li>` : nothing}
      </ul>
      ${warning()}`,
    act: t("end.some_act", { n }),
    keep: t("end.keep_some"),
    run: () => fresh(() => post("/admin/sessions/revoke", { ids: sessions.map((session) => session.id) })),
  });
  if (answer) report(answer, t("end.some_done", { n: answer.revoked }), href);
  return Boolean(answer);
}

/** Ends every session of a person. verb: the act's words where it was asked for. */
export async function endAllOf(user, verb) {
  const href = auditUrl({ userId: user.id, action: "session.revoked" });
  const self = user.id === me.user.id;
  const answer = await confirm({
    name: "end-all-of",
    title: t("end.all_title", { name: user.username }),
    body: html`<p>${rich("end.all_body", { name: user.username, n: user.sessionCount ?? 0 })}</p>
      ${self ? html`<p><b>${t("end.self")}</b></p>` : nothing} ${warning()}`,
    act: verb,
    keep: t("end.keep_some"),
    run: () => fresh(() => remove("/admin/sessions", { userId: user.id })),
  });
  if (answer) report(answer, t("end.all_done", { n: answer.revoked, name: user.username }), href);
  return Boolean(answer);
}

/** Say whether the session in use is among those that match: it stays unless it is meant to end. */
async function ownMatches(filter) {
  if (filter.userId && filter.userId !== me.user.id) return false;
  try {
    const { items } = await get("/admin/sessions", { ...filter, userId: me.user.id, limit: 200 });
    return items.some((session) => session.current);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return false; // what is wrong is said when the act itself is tried
  }
}

/** Ends all that match a filter, or, without one, everybody's. count: what the list said. */
export async function endMatching({ filter, words, count, estimate }) {
  const everyone = Object.keys(filter).length === 0;
  const href = auditUrl({ action: "session.revoked" });
  const body = { ...filter, ...(everyone ? { everyone: true } : {}) };
  const own = everyone || (await ownMatches(filter));
  const n = count - own;
  let expected = count;
  const answer = await confirm({
    name: "end-matching",
    title: everyone ? t("end.everyone_title") : t("end.match_title", { n }),
    body: html`<p>
        ${everyone ? rich("end.everyone_body", { n }) : rich("end.match_body", { words, n })}
      </p>
      ${warning()}`,
    act: everyone ? t("end.everyone_act") : t("end.match_act"),
    keep: t("end.keep_some"),
    typed: everyone ? t("end.everyone_word") : undefined,
    fields: (failure) => html`${line(failure, "reason", t("end.note"), { maxlength: 500 })}
    ${own ? check("own", t("end.own_too")) : nothing}`,
    run: (form) => {
      const share = estimate ? ESTIMATE_IS_OFF_BY : MOVES_BY;
      const sent = { ...body, expectedCount: expected, tolerance: Math.floor(expected * share) };
      if (form.has("own")) sent.includeCurrent = true;
      if (form.get("reason").trim()) sent.reason = form.get("reason").trim();
      return fresh(() => post("/admin/sessions/revoke", sent)).catch((failure) => {
        if (failure.code !== "count_changed") throw failure;
        expected = failure.count;
        throw Object.assign(failure, { count: expected - own }); // in words, those that would end
      });
    },
  });
  if (answer) report(answer, t("end.some_done", { n: answer.revoked }), href);
  return Boolean(answer);
}
