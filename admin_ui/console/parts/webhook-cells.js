// The small things that rows of endpoints and of deliveries are made of.
import { html, nothing } from "../../vendor/lit.js";
import { absolute, milliseconds } from "../format.js";
import { has, named, t } from "../i18n.js";
import { pageUrl } from "../place.js";

const STATUSES = { healthy: "plain", failing: "warn", disabled: "bad" };
const STATES = { delivered: "plain", retrying: "warn", failed: "bad" };
const SHOWN = 3;

/** Where it is, without what only the receiver is to know. */
export const hostOf = (webhook) => URL.parse(webhook.url)?.host ?? webhook.url;

/** What an event is called: as the act that it tells of. */
export const eventName = (type) => (has(`action.${type}`) ? t(`action.${type}`) : named("event", type));

/** The endpoint: its host as a link to its page, what it is for beneath. */
export function endpoint(webhook) {
  return html`<span class="two wrap"
    ><a href=${pageUrl(`/webhooks/${webhook.id}`)} data-webhook=${webhook.id}><bdi dir="ltr">${hostOf(webhook)}</bdi></a
    >${webhook.description ? html`<small><bdi>${webhook.description}</bdi></small>` : nothing}</span
  >`;
}

/** Which events it gets; many are counted. */
export function events(webhook) {
  const { types } = webhook;
  if (!types.length) return html`<span class="tag plain">${t("webhook.all_events")}</span>`;
  const rest = types.slice(SHOWN).map(eventName).join(", ");
  return html`<span class="tags"
    >${types.slice(0, SHOWN).map((type) => html`<span class="tag plain" title=${type}>${eventName(type)}</span> `)}${
      rest
        ? html`<span class="faint" title=${rest}>${t("webhook.more_events", { n: types.length - SHOWN })}</span>`
        : nothing
    }</span
  >`;
}

/** Whether it works; since when not, and why. */
export function health(webhook) {
  const failing = webhook.failingSince && t("webhook.failing_since", { when: absolute(webhook.failingSince) });
  const why = webhook.disabledBy ? t(`webhook.cause_${webhook.disabledBy}`) : failing;
  return html`<span class="two wrap"
    ><span class="tag ${STATUSES[webhook.status]}" data-status=${webhook.status}>${t(`webhook.${webhook.status}`)}</span
    >${why ? html`<small>${why}</small>` : nothing}${
      webhook.waiting ? html`<small>${t("webhook.waiting", { n: webhook.waiting })}</small>` : nothing
    }</span
  >`;
}

/** What came of a delivery at its newest attempt. */
export function outcome(delivery) {
  const answer = delivery.status ? `HTTP ${delivery.status}` : named("delivery_error", delivery.error);
  const next = delivery.nextAt ? t("delivery.next", { when: absolute(delivery.nextAt) }) : "";
  return html`<span class="two wrap"
    ><span class="tag ${STATES[delivery.state]}" data-state=${delivery.state}>${t(`delivery.${delivery.state}`)}</span
    ><small><bdi>${answer}</bdi> · ${milliseconds(delivery.milliseconds)}</small>${
      next ? html`<small>${next}</small>` : nothing
    }</span
  >`;
}

/** Whom a delivery is about. */
export const about = (delivery) =>
  delivery.userId
    ? html`<a href=${pageUrl(`/users/${delivery.userId}`)}><bdi>${delivery.username}</bdi></a>`
    : html`<span class="faint">–</span>`;
