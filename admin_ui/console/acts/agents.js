// What an admin does with agents and services. Each resolves to something when it was done.
import { html } from "../../vendor/lit.js";
import { post, remove } from "../api.js";
import { confirm, openDialog } from "../dialog.js";
import { t } from "../i18n.js";
import { faultOf } from "../problem.js";
import { fresh } from "../reauth.js";
import { toast } from "../toast.js";
import { choice, line } from "./fields.js";
import { auditUrl } from "./sessions.js";

const HOURS = [1, 8];
const SECONDS = 3600;

/** Resolves to true when there is another service, and its token has been shown. */
export async function createService() {
  const answer = await confirm({
    name: "create-agent",
    title: t("agent.create_title"),
    body: html`<p>${t("agent.create_body")}</p>`,
    act: t("agent.create_act"),
    keep: t("act.cancel"),
    danger: false,
    fields,
    run: (form) => fresh(() => post("/admin/agents", given(form))),
  });
  if (!answer) return false;
  const { name } = answer.agent;
  toast(t("agent.create_done", { name }), { href: auditUrl({ action: "agent.created" }) });
  await showToken(answer);
  return true;
}

/** Resolves to true when it is over. */
export async function disableAgent(agent) {
  const { name } = agent;
  const answer = await confirm({
    name: "disable-agent",
    title: t("agent.disable_title", { name }),
    body: html`<p>${t("agent.disable_body")}</p>`,
    act: t("agent.disable"),
    keep: t("act.cancel"),
    run: () => fresh(() => remove(`/admin/agents/${agent.id}`)),
  });
  if (answer) toast(t("agent.disable_done", { name }), { href: auditUrl({ action: "session.revoked" }) });
  return Boolean(answer);
}

const lifetimes = () => [...HOURS.map((n) => [String(n), t("agent.hours", { n })]), ["", t("agent.longest")]];

function fields(failure) {
  const fault = faultOf(failure, "scopes") || faultOf(failure, "scopes.0");
  return html`${line(failure, "name", t("agent.name"), { required: true, maxlength: 64 })}
    <label class="labelled">
      <span>${t("agent.scopes")}</span>
      <textarea class="field mono" name="scopes" rows="3" dir="ltr" spellcheck="false" required></textarea>
      <small class=${fault ? "bad" : ""}>${fault || t("agent.scopes_hint")}</small>
    </label>
    ${choice("lasts", t("agent.lasts"), lifetimes(), "8")}`;
}

function given(form) {
  const scopes = form.get("scopes").split("\n");
  const lasts = Number(form.get("lasts"));
  return {
    name: form.get("name").trim(),
    scopes: scopes.map((scope) => scope.trim()).filter(Boolean),
    ...(lasts ? { expiresIn: lasts * SECONDS } : {}),
  };
}

/** Show a token. It is not kept anywhere where it could be read: closed is gone. */
function showToken({ agent, token }) {
  const copy = async (event) => {
    const button = event.currentTarget;
    const field = button.closest("dialog").querySelector("[name=token]");
    try {
      await navigator.clipboard.writeText(token);
      button.textContent = t("act.copied");
    } catch {
      field.select(); // no clipboard without https: what is selected can be copied by hand
    }
  };
  return openDialog(
    (dialog) =>
      html`<h2 id=${dialog.title}>${t("agent.token_title", { name: agent.name })}</h2>
        <div class="body"><p>${t("agent.token_body")}</p></div>
        <label class="labelled">
          <span>${t("agent.token")}</span>
          <input class="field mono" name="token" readonly dir="ltr" .value=${token} />
        </label>
        <div class="row">
          <button type="button" class="btn" @click=${() => dialog.close()}>${t("act.close")}</button>
          <button type="button" class="btn solid calm" data-safe @click=${copy}>${t("agent.copy")}</button>
        </div>`,
    { name: "agent-token" },
  );
}
