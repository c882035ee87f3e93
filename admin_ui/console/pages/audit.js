// Auth audit: who did what to whom. Filters in the address; exports of exactly what is filtered.
import { html, nothing } from "../../vendor/lit.js";
import { get } from "../api.js";
import { t } from "../i18n.js";
import { absolute } from "../format.js";
import { now } from "../clock.js";
import "../parts/audit-list.js";
import { filterOptions, options } from "../parts/options.js";
import { chip, pageHead } from "../parts/page-head.js";
import { userOf } from "../parts/people.js";
import "../parts/search-box.js";
import { apiRoot, search } from "../place.js";
import { onChange, query, setQuery } from "../router.js";
import { View } from "../view.js";

const ACTIONS = [
  "session.opened session.revoked session.signed_out session.expired session.evicted session.rotated",
  "session.address_changed login.failed",
  "agent.created agent.accessed",
  "device.first_seen device.confirmed device.disowned",
  "user.created user.updated user.role_changed user.banned user.unbanned user.locked user.unlocked",
  "user.password_changed user.password_reset_started user.deleted user.erased",
  "user.factor_added user.factor_removed user.factors_reset user.recovery_codes_made user.recovery_code_used",
  "webhook.created webhook.updated webhook.deleted webhook.enabled webhook.disabled webhook.secret_rotated",
  "webhook.test_sent webhook.redelivered",
  "alarm.raised alarm.acknowledged alarm.resolved policy.reloaded audit.read audit.exported service.started",
].flatMap((line) => line.split(" "));
const HOURS = { hour: 1, day: 24, week: 168, month: 720 };

class AuditPage extends View {
  choosing = false;

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(onChange(() => this.requestUpdate()));
  }

  get filter() {
    const { actor, userId, action, from, to } = query();
    return { actor, userId, action, from, to };
  }

  render() {
    const filter = this.filter;
    return html`${pageHead(t("page.audit"))} ${this.#bar(filter)} <sc-audit-list .filter=${filter}></sc-audit-list>`;
  }

  #bar(filter) {
    return html`<div class="bar">
      <sc-search-box
        .label=${t("audit.actor")}
        .placeholder=${t("audit.actor_hint")}
        .value=${filter.actor ?? ""}
        @search=${(event) => setQuery({ actor: event.detail })}
      ></sc-search-box>
      <label class="quiet"
        >${t("column.action")}
        <select class="field small" data-filter="action" @change=${(event) => setQuery({ action: event.target.value })}>
          ${filterOptions("action", ACTIONS, filter.action)}
        </select></label
      >
      ${this.#span(filter)} ${this.#person(filter.userId)}
      <span class="grow"></span>
      <span class="pair">${this.#export("csv", filter)} ${this.#export("jsonl", filter)}</span>
    </div>`;
  }

  #person(id) {
    if (!id)
      return html`<label class="quiet"
        >${t("column.user")}
        <input
          class="field small"
          type="text"
          size="11"
          data-filter="person"
          autocomplete="off"
          spellcheck="false"
          dir="auto"
          @input=${({ target }) => target.setCustomValidity("")}
          @change=${({ target }) => this.#find(target)}
      /></label>`;
    return chip(t("column.user"), userOf(id, this)?.username ?? "…", () => setQuery({ userId: "" }));
  }

  /** Choose the person whose name is typed, or begins so; the chip then says who it is. */
  async #find(input) {
    const q = input.value.trim();
    if (!q) return;
    const found = await get("/admin/users", { q, limit: 1 }).catch(() => null);
    if (found?.items.length) setQuery({ userId: found.items[0].id });
    else if (found) {
      input.setCustomValidity(t("palette.nothing"));
      input.reportValidity();
    }
  }

  #span({ from, to }) {
    const since = (name) => {
      this.choosing = name === "chosen";
      const hours = HOURS[name];
      setQuery({ from: hours ? new Date(now() - hours * 3_600_000).toISOString() : "", to: "" });
      this.requestUpdate();
    };
    const chosen = Boolean(from || to || this.choosing);
    return html`<label class="quiet"
        >${t("audit.time")}
        <select class="field small" data-filter="time" @change=${(event) => since(event.target.value)}>
          ${options(
            [
              ["", t("audit.ever")],
              ...Object.keys(HOURS).map((name) => [name, t(`audit.last_${name}`)]),
              ["chosen", t("audit.chosen")],
            ],
            chosen ? "chosen" : "",
          )}
        </select></label
      >
      ${chosen ? html`${this.#instant("from", from)} ${this.#instant("to", to)}` : nothing}`;
  }

  /** An exact instant, to be typed in the person's own time zone. */
  #instant(name, value) {
    const local = (at) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    const change = ({ target }) => setQuery({ [name]: target.value ? new Date(target.value).toISOString() : "" });
    const at = new Date(value ?? Number.NaN); // an address may hold anything
    const known = !Number.isNaN(at.getTime());
    return html`<label class="quiet" title=${known ? absolute(value) : nothing}
      >${t(`audit.${name}`)}
      <input
        class="field small"
        type="datetime-local"
        data-filter=${name}
        .value=${known ? local(at) : ""}
        @change=${change}
    /></label>`;
  }

  #export(format, filter) {
    const url = `${apiRoot}/admin/audit/export${search({ format, ...filter })}`;
    return html`<a class="btn" href=${url} download data-export=${format}>${t(`audit.export_${format}`)}</a>`;
  }
}

customElements.define("sc-audit-page", AuditPage);
