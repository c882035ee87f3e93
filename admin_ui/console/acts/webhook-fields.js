// The fields of the dialogs about endpoints.
import { html } from "../../vendor/lit.js";
import { t } from "../i18n.js";
import { eventName } from "../parts/webhook-cells.js";
import { line } from "./fields.js";

const EVENTS = [
  "session.opened session.revoked session.expired session.signed_out session.evicted session.rotated",
  "device.first_seen device.confirmed device.disowned login.failed",
  "user.created user.updated user.role_changed user.banned user.unbanned user.locked user.unlocked",
  "user.password_changed user.password_reset_started user.deleted",
  "user.factor_added user.factor_removed user.factors_reset user.recovery_codes_made user.recovery_code_used",
  "alarm.raised alarm.acknowledged alarm.resolved",
  "webhook.created webhook.updated webhook.enabled webhook.disabled webhook.secret_rotated webhook.deleted",
].flatMap((group) => group.split(" "));

/** Where to, what for, and which events. */
export const fields = (failure, webhook) =>
  html`${line(failure, "url", t("field.url"), {
    required: true,
    type: "url",
    maxlength: 2048,
    dir: "ltr",
    value: webhook?.url ?? "",
    hint: t("webhook.url_hint"),
  })}
  ${line(failure, "description", t("webhook.description"), { maxlength: 200, value: webhook?.description ?? "" })}
  ${eventChoice(webhook?.types ?? [])}`;

function eventChoice(chosen) {
  const known = [...EVENTS, ...chosen.filter((type) => !EVENTS.includes(type))];
  return html`<fieldset class="radios picks">
    <legend>${t("column.events")}</legend>
    <small>${t("webhook.events_hint")}</small>
    ${known.map(
      (type) =>
        html`<label class="check"
          ><input type="checkbox" name="types" value=${type} ?checked=${chosen.includes(type)} /><span
            >${eventName(type)}<small><code dir="ltr">${type}</code></small></span
          ></label
        >`,
    )}
  </fieldset>`;
}

/** What was filled in, as the API takes it. */
export const given = (form) => ({
  url: form.get("url").trim(),
  description: form.get("description").trim(),
  types: form.getAll("types"),
});
