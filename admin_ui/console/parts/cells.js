// The small things that rows are made of.
import { html, nothing } from "../../vendor/lit.js";
import { deviceName, left, when } from "../format.js";
import { n, t } from "../i18n.js";
import { pageUrl } from "../place.js";

/** A person: a letter, the name as a link to their page, the role if it is more than `user`. */
export function person(user, { display } = {}) {
  const letter = [...(user.username || "?")][0].toUpperCase();
  const role = user.role && user.role !== "user";
  return html`<span class="who"
    ><span class="face" aria-hidden="true">${letter}</span
    ><span class="two"
      ><a href=${pageUrl(`/users/${user.id}`)} data-person=${user.id}><bdi>${user.username}</bdi></a
      >${
        role ? html` <span class="tag role">${t(`role.${user.role}`)}</span>` : nothing
      }${display ? html`<small><bdi>${display}</bdi></small>` : nothing}</span
    ></span
  >`;
}

/** Browser and system in words; the kind beneath; what was sent, on hover. */
export function device(session) {
  const kind = session.kind === "browser" ? session.device.type : session.kind;
  return html`<span class="two" title=${session.userAgent}
    >${deviceName(session.device.label)}<small>${t(`device.${kind}`)}</small></span
  >`;
}

/** The address at creation, the latest if it differs, and the mark of a person with many. */
export function address(session, count = 0) {
  const moved = session.lastIpAddress && session.lastIpAddress !== session.ipAddress;
  return html`${ip(session.ipAddress)} ${spread(session.user, count)}
  ${moved ? html`<small class="since">${t("address.now")} ${ip(session.lastIpAddress)}</small>` : nothing}`;
}

/** The mark of a person who is using many addresses: a link to all of their sessions. */
export function spread(user, count) {
  if (!count) return nothing;
  const values = { n: count, name: user.username };
  const href = pageUrl("/sessions", { userId: user.id });
  return html`<a class="tag warn" data-spread=${count} href=${href} title=${t("spread.explained", values)}
    >${t("spread.mark", values)}</a
  >`;
}

/** A long one breaks between its groups. */
export const ip = (value) =>
  value
    ? html`<a class="ip" dir="ltr" href=${pageUrl("/sessions", { ip: value })} title=${t("address.sessions")}
        >${value.split(/(?<=:)/).map((group, index) => (index ? html`<wbr />${group}` : group))}</a
      >`
    : nothing;

/** When it expires, and how much of its life is left. */
export function life(session) {
  const rest = left(session.createdAt, session.expiresAt);
  const bar = html`<meter class="life" min="0" max="1" value=${rest} aria-label=${t("session.left")}></meter>`;
  return when(session.expiresAt, bar);
}

export function status(user) {
  const kind = { active: "plain", banned: "bad", locked: "warn" }[user.status];
  return html`<span class="tag ${kind}" data-status=${user.status}>${t(`status.${user.status}`)}</span>`;
}

/** How many sessions a person has: a link to them. */
export const signedIn = (user) =>
  user.sessionCount
    ? html`<a href=${pageUrl("/sessions", { userId: user.id })}
        ><span class="dot" aria-hidden="true"></span>${t("user.sessions", { n: user.sessionCount })}</a
      >`
    : html`<span class="faint">${t("user.signed_out")}</span>`;

/** A button that says why it does nothing, instead of one that is grey without a word. */
export function actButton({ label, barred, run, classes = "", ...more }) {
  return html`<button
    type="button"
    class="btn ${classes}"
    data-act=${more.id ?? nothing}
    aria-label=${more.described ?? nothing}
    aria-disabled=${Boolean(barred)}
    title=${barred || more.title || nothing}
    @click=${(event) => !barred && run(event)}
  >
    ${label}
  </button>`;
}

/** `1–50 of 1,284`. */
export function range(list) {
  if (!list.total) return t("pager.none");
  const [from, to] = [list.offset + 1, list.offset + list.items.length];
  const key = list.estimate ? "pager.about" : "pager.range";
  return t(key, { from: n(from), to: n(to), n: list.total });
}
