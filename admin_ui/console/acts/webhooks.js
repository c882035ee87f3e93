// What an admin does to endpoints. Each resolves to something when it was done, and says so with the way
// to its audit entry.
import { html, nothing } from "../../vendor/lit.js";
import { patch, post, remove } from "../api.js";
import { confirm } from "../dialog.js";
import { t } from "../i18n.js";
import { barred } from "../me.js";
import { hostOf } from "../parts/webhook-cells.js";
import { said } from "../problem.js";
import { toast } from "../toast.js";
import { showSecret } from "./secret.js";
import { auditUrl } from "./sessions.js";
import { fields, given } from "./webhook-fields.js";

const path = (webhook) => `/admin/webhooks/${webhook.id}`;

function done(action, words, webhook) {
  toast(t(words, { host: hostOf(webhook) }), { href: auditUrl({ action }) });
  return true;
}

/** `[{id, label, run, barred, danger}]`, as the row menu takes them. */
export function actsOnWebhook(webhook) {
  const off = webhook.status === "disabled";
  const act = (id, run, more = {}) => ({ id, label: t(`menu.webhook_${id}`), barred: barred(), run, ...more });
  return [
    act("test", () => sendTest(webhook), { barred: barred() || (off ? t("problem.webhook_disabled") : "") }),
    act("edit", () => editWebhook(webhook)),
    act("rotate", () => rotateSecret(webhook)),
    off ? act("enable", () => enable(webhook)) : act("disable", () => disable(webhook), { danger: true }),
    act("delete", () => deleteWebhook(webhook), { danger: true }),
  ];
}

/** Resolves to the new endpoint. */
export async function createWebhook() {
  const answer = await confirm({
    name: "create-webhook",
    title: t("webhook.create_title"),
    body: html`<p>${t("webhook.create_body")}</p>`,
    act: t("webhook.create_act"),
    keep: t("act.cancel"),
    danger: false,
    fields: (failure) => fields(failure),
    run: (form) => post("/admin/webhooks", given(form)),
  });
  if (!answer) return null;
  done("webhook.created", "webhook.create_done", answer.webhook);
  await showSecret(answer);
  return answer.webhook;
}

async function editWebhook(webhook) {
  const answer = await confirm({
    name: "edit-webhook",
    title: t("webhook.edit_title", { host: hostOf(webhook) }),
    body: nothing,
    act: t("edit.act"),
    keep: t("act.cancel"),
    danger: false,
    fields: (failure) => fields(failure, webhook),
    run: (form) => patch(path(webhook), given(form)),
  });
  return Boolean(answer) && done("webhook.updated", "webhook.edit_done", answer);
}

async function rotateSecret(webhook) {
  const answer = await confirm({
    name: "rotate-secret",
    title: t("webhook.rotate_title", { host: hostOf(webhook) }),
    body: html`<p>${t("webhook.rotate_body")}</p>`,
    act: t("webhook.rotate_act"),
    keep: t("act.cancel"),
    danger: false,
    run: () => post(`${path(webhook)}/rotate-secret`),
  });
  if (!answer) return false;
  done("webhook.secret_rotated", "webhook.rotate_done", webhook);
  await showSecret(answer);
  return true;
}

async function disable(webhook) {
  const answer = await confirm({
    name: "disable-webhook",
    title: t("webhook.disable_title", { host: hostOf(webhook) }),
    body: html`<p>${t("webhook.disable_body")}</p>`,
    act: t("webhook.disable_act"),
    keep: t("act.cancel"),
    run: () => patch(path(webhook), { enabled: false }),
  });
  return Boolean(answer) && done("webhook.disabled", "webhook.disable_done", webhook);
}

async function deleteWebhook(webhook) {
  const answer = await confirm({
    name: "delete-webhook",
    title: t("webhook.delete_title", { host: hostOf(webhook) }),
    body: html`<p>${t("webhook.delete_body")}</p>`,
    act: t("webhook.delete_act"),
    keep: t("act.cancel"),
    run: () => remove(path(webhook)),
  });
  return Boolean(answer) && done("webhook.deleted", "webhook.delete_done", webhook) && "delete";
}

/** What gives something, or only sends, is done without a question. */
async function atOnce(run) {
  try {
    await run();
    return true;
  } catch (failure) {
    toast(said(failure), { bad: true });
    return false;
  }
}

const enable = async (webhook) =>
  (await atOnce(() => patch(path(webhook), { enabled: true }))) &&
  done("webhook.enabled", "webhook.enable_done", webhook);

export const sendTest = async (webhook) =>
  (await atOnce(() => post(`${path(webhook)}/test`))) && done("webhook.test_sent", "webhook.test_done", webhook);

export const redeliver = async (webhook, delivery) =>
  (await atOnce(() => post(`${path(webhook)}/deliveries/${delivery.id}/redeliver`))) &&
  done("webhook.redelivered", "webhook.redeliver_done", webhook);
