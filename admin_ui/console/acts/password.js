// A new password for somebody. A link is offered first: then only the person ever knows it.
import { html } from "../../vendor/lit.js";
import { post } from "../api.js";
import { confirm, openDialog } from "../dialog.js";
import { absolute, ago } from "../format.js";
import { rich, t } from "../i18n.js";
import { fresh } from "../reauth.js";
import { toast } from "../toast.js";
import { line, check, radio } from "./fields.js";
import { auditUrl } from "./sessions.js";

/** Resolves to true when something was done. */
export async function resetPassword(user) {
  let way = "link";
  const done = await confirm({
    name: "reset-password",
    title: t("password.title", { name: user.username }),
    body: html`<p>${t("password.body")}</p>`,
    act: t("password.act"),
    keep: t("act.cancel"),
    danger: false,
    fields: (failure, dialog) =>
      html`${radio(
        "way",
        [
          ["link", t("password.link"), t("password.link_hint")],
          ["set", t("password.set"), t("password.set_hint")],
        ],
        way,
        (chosen) => {
          way = chosen;
          dialog.update();
        },
      )}
      ${
        way === "set"
          ? html`${line(failure, "new", t("field.new_password"), {
              type: "password",
              autocomplete: "new-password",
              required: true,
              dir: "ltr",
            })}
            ${check("mustChange", t("password.must_change"))}`
          : ""
      }`,
    run: async (form) => {
      if (way === "link") return fresh(() => post(`/admin/users/${user.id}/password-reset`));
      const body = { new: form.get("new"), mustChange: form.has("mustChange") };
      return fresh(() => post(`/admin/users/${user.id}/password`, body));
    },
  });
  if (!done) return false;
  if (way === "link") await showLink(user.username, done);
  else {
    const href = auditUrl({ userId: user.id, action: "user.password_changed" });
    toast(t("password.done", { name: user.username }), { href });
  }
  return true;
}

/** Show a link that works once. It is not kept anywhere: closed is gone. */
export function showLink(name, { url, expiresAt }) {
  const copy = async (event) => {
    const button = event.currentTarget;
    const field = button.closest("dialog").querySelector("[name=link]");
    try {
      await navigator.clipboard.writeText(url);
      button.textContent = t("act.copied");
    } catch {
      field.select(); // no clipboard without https: what is selected can be copied by hand
    }
  };
  return openDialog(
    (dialog) =>
      html`<h2 id=${dialog.title}>${t("link.title", { name })}</h2>
        <div class="body">
          <p>${rich("link.body", { name })}</p>
          <p>${rich("link.until", { when: absolute(expiresAt), relative: ago(expiresAt) })}</p>
        </div>
        <label class="labelled">
          <span>${t("link.label")}</span>
          <input class="field mono" name="link" readonly dir="ltr" .value=${url} />
        </label>
        <div class="row">
          <button type="button" class="btn" @click=${() => dialog.close()}>${t("act.close")}</button>
          <button type="button" class="btn solid calm" data-safe @click=${copy}>${t("act.copy")}</button>
        </div>`,
    { name: "reset-link" },
  );
}
