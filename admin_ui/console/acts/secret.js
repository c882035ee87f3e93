// The secret of an endpoint, shown once, when it is made.
import { html, nothing } from "../../vendor/lit.js";
import { openDialog } from "../dialog.js";
import { absolute } from "../format.js";
import { rich, t } from "../i18n.js";
import { hostOf } from "../parts/webhook-cells.js";

/** Show a secret. It is not kept anywhere where it could be read: closed is gone. */
export function showSecret({ webhook, secret }) {
  const copy = async (event) => {
    const button = event.currentTarget;
    const field = button.closest("dialog").querySelector("[name=secret]");
    try {
      await navigator.clipboard.writeText(secret);
      button.textContent = t("act.copied");
    } catch {
      field.select(); // no clipboard without https: what is selected can be copied by hand
    }
  };
  const until = webhook.previousSecretUntil;
  return openDialog(
    (dialog) =>
      html`<h2 id=${dialog.title}>${t("webhook.secret_title", { host: hostOf(webhook) })}</h2>
        <div class="body">
          <p>${t("webhook.secret_body")}</p>
          ${until ? html`<p>${rich("webhook.secret_until", { when: absolute(until) })}</p>` : nothing}
        </div>
        <label class="labelled">
          <span>${t("webhook.secret")}</span>
          <input class="field mono" name="secret" readonly dir="ltr" .value=${secret} />
        </label>
        <div class="row">
          <button type="button" class="btn" @click=${() => dialog.close()}>${t("act.close")}</button>
          <button type="button" class="btn solid calm" data-safe @click=${copy}>${t("webhook.secret_copy")}</button>
        </div>`,
    { name: "webhook-secret" },
  );
}
