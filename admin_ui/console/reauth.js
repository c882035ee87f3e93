// Some acts ask for a fresh sign-in. The person proves it here, and the act goes on by itself.
import { html, nothing } from "../vendor/lit.js";
import { Failure, post } from "./api.js";
import { confirm } from "./dialog.js";
import { rich, t } from "./i18n.js";
import { me } from "./me.js";

/** Do `run`; if it asks for a fresh sign-in, ask the person for it and do it again. */
export async function fresh(run) {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "reauth_required") throw error;
    if (!(await prove())) throw new Failure({ code: "reauth_left" });
    return run();
  }
}

// Who has a second factor is asked for it once the password was right.
const WANTS_CODE = new Set(["second_factor_required", "invalid_code"]);

const codeField = () =>
  html`<label class="labelled">
    <span>${t("field.code")}</span>
    <input
      class="field"
      name="code"
      autocomplete="one-time-code"
      autocapitalize="none"
      spellcheck="false"
      dir="ltr"
      required
    />
  </label>`;

function prove() {
  let codeAsked = false;
  return confirm({
    name: "reauth",
    title: t("reauth.title"),
    body: html`<p>${rich("reauth.body", { name: me.user.username })}</p>`,
    act: t("reauth.act"),
    keep: t("act.cancel"),
    danger: false,
    fields: (failure) => {
      codeAsked ||= WANTS_CODE.has(failure?.code);
      return html`<input hidden name="username" autocomplete="username" value=${me.user.username} />
        <label class="labelled">
          <span>${t("field.password")}</span>
          <input class="field" name="password" type="password" autocomplete="current-password" required autofocus />
        </label>
        ${codeAsked ? codeField() : nothing}`;
    },
    run: async (form) => {
      const code = form.get("code")?.trim();
      await post("/reauth", { password: form.get("password"), ...(code ? { code } : {}) });
      return true;
    },
  });
}
