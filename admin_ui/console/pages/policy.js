// Policy in force: what is allowed now, value by value, and where each comes from. Read only: it is
// changed where it is written, and reloaded from there.
import { html, nothing } from "../../vendor/lit.js";
import { Failure, get } from "../api.js";
import { absolute, ago } from "../format.js";
import { has, named, t } from "../i18n.js";
import { onState, state } from "../live.js";
import { pageHead } from "../parts/page-head.js";
import { emptyPanel, loadingWords, skeleton } from "../parts/states.js";
import { failurePanel } from "../problem.js";
import { View } from "../view.js";

class PolicyPage extends View {
  seen = null;
  failure = null;

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(onState(() => this.failure && state === "live" && this.#load()));
    this.#load();
  }

  async #load() {
    this.failure = null;
    try {
      this.seen = await get("/admin/policy");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.failure = error;
    }
    this.requestUpdate();
  }

  render() {
    return html`${pageHead(t("page.policy"))} ${this.#body()}`;
  }

  #body() {
    if (this.failure) return failurePanel(this.failure, () => this.#load());
    if (!this.seen)
      return html`${loadingWords("loading")}
        <div class="sheet">
          <table>
            ${skeleton(3, 12)}
          </table>
        </div>`;
    const tables = grouped(this.seen.values);
    return html`${this.#loaded()}
      <div class="stack">${[...tables].map(([table, values]) => this.#table(table, values))} ${this.#routes()}</div>`;
  }

  #loaded() {
    const { loadedAt, lastReload } = this.seen;
    const failed = lastReload && !lastReload.ok;
    return html`<p class="faint">
        ${t("policy.read_only")}
        ${t("policy.loaded")} <time datetime=${loadedAt}>${absolute(loadedAt)}</time> (${ago(loadedAt)}).
      </p>
      ${
        failed
          ? html`<div class="note bad apart" role="alert">
              <b>${t("policy.reload_failed")}</b>
              <ul>
                ${lastReload.faults.map((fault) => html`<li><code>${fault.place} ${fault.key}</code> ${fault.problem}</li>`)}
              </ul>
            </div>`
          : nothing
      }`;
  }

  #table(table, values) {
    return html`<section class="sheet" data-policy=${table}>
      <h2 class="cap">${named("policy", table)} <code>[${table}]</code></h2>
      <table class="cards">
        <caption class="hidden">
          ${named("policy", table)}
        </caption>
        <thead>
          <tr>
            ${["setting", "value", "source"].map((name) => html`<th scope="col">${t(`column.${name}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${values.map(
            (one) =>
              html`<tr data-key=${one.key}>
                <td class="lead">
                  <span class="two wrap"
                    >${labelOf(one.key)}<small><code>${one.key}</code></small></span
                  >
                </td>
                <td data-label=${t("column.value")}><code class="value">${shown(one.value)}</code></td>
                <td data-label=${t("column.source")}>${this.#source(one)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`;
  }

  #source({ source, place }) {
    if (source === "default") return html`<span class="faint">${t("policy.default")}</span>`;
    return html`<span class="two wrap"
      ><span class="tag now">${t("policy.file")}</span
      >${place ? html`<small><code>${place}</code></small>` : nothing}</span
    >`;
  }

  #routes() {
    const routes = this.seen.routes ?? [];
    return html`<section class="sheet" data-policy="routes">
      <h2 class="cap">${t("policy.routes")} <code>[[routes]]</code></h2>
      ${
        routes.length
          ? html`<ol class="routes">
              ${routes.map(
                (route) =>
                  html`<li>
                    <code>${route.path}</code>
                    <dl class="pairs">${rest(route)}</dl>
                  </li>`,
              )}
            </ol>`
          : emptyPanel(t("policy.no_routes"), t("policy.no_routes_next"))
      }
    </section>`;
  }
}

const tableOf = (one) => one.key.split(/[.[]/)[0];

/** What a key is about, where there are words for it; those of a role are the same as everybody's. */
function labelOf(key) {
  const [table, name, member] = key.split(".");
  if (has(`policy.${key}`)) return t(`policy.${key}`);
  if (table === "triggers") return named("reason", name);
  if (table === "alarms") return html`${named("alarm", name)} · ${member}`;
  const inherited = key.replace(/^session\.roles\.(\w+)/, "session").replace(/^mfa\.roles\.\w+/, "mfa.mode");
  if (inherited !== key)
    return html`${named("policy", inherited)} <span class="tag role">${t(`role.${member}`)}</span>`;
  return nothing;
}

function grouped(values) {
  const groups = new Map();
  for (const one of values) groups.set(tableOf(one), [...(groups.get(tableOf(one)) ?? []), one]);
  return groups;
}

const shown = (value) => (typeof value === "string" ? value || "–" : JSON.stringify(value));

const rest = (route) =>
  Object.entries(route)
    .filter(([name, value]) => name !== "path" && value !== null && !(Array.isArray(value) && !value.length))
    .map(
      ([name, value]) =>
        html`<div>
          <dt><code>${name}</code></dt>
          <dd><code>${shown(value)}</code></dd>
        </div>`,
    );

customElements.define("sc-policy-page", PolicyPage);
