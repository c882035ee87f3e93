// The second factors of somebody who has lost them.
import { html } from "../../vendor/lit.js";
import { remove } from "../api.js";
import { confirm } from "../dialog.js";
import { rich, t } from "../i18n.js";
import { fresh } from "../reauth.js";
import { toast } from "../toast.js";
import { auditUrl } from "./sessions.js";

/** Resolves to true when it was done. */
export async function resetFactors(user) {
  const { id, username: name } = user;
  const answer = await confirm({
    name: "reset-factors",
    title: t("factors_reset.title", { name }),
    body: html`<p>${rich("factors_reset.body", { name })}</p>`,
    act: t("factors_reset.act"),
    keep: t("act.cancel"),
    run: () => fresh(() => remove(`/admin/users/${encodeURIComponent(id)}/factors`)),
  });
  if (!answer) return false;
  toast(t("factors_reset.done", { name }), { href: auditUrl({ userId: id, action: "user.factors_reset" }) });
  return true;
}
