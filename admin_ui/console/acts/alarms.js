// Taking an alarm on: it leaves the badge, and whoever looks next sees by whom, and what is being done.
import { html } from "../../vendor/lit.js";
import { post } from "../api.js";
import { confirm } from "../dialog.js";
import { named, t } from "../i18n.js";
import { nameOf } from "../parts/alarm-row.js";
import { toast } from "../toast.js";
import { auditUrl } from "./sessions.js";
import { line } from "./fields.js";

/** Resolves to true when it is acknowledged. */
export async function acknowledge(alarm) {
  const href = auditUrl({ action: "alarm.acknowledged" });
  const answer = await confirm({
    name: "acknowledge",
    title: t("alarms.ack_title"),
    body: html`<p>
        <b>${named("alarm", alarm.kind)}</b> · <bdi>${nameOf(alarm)}</bdi>
      </p>
      <p>${t("alarms.ack_body")}</p>`,
    act: t("alarms.ack_act"),
    keep: t("alarms.ack_keep"),
    danger: false,
    fields: (failure) => line(failure, "note", t("alarms.ack_note"), { maxlength: 500, value: alarm.note }),
    run: (form) => post(`/admin/alarms/${encodeURIComponent(alarm.id)}/acknowledge`, { note: form.get("note").trim() }),
  });
  if (answer) toast(t("alarms.ack_done"), { href });
  return Boolean(answer);
}
