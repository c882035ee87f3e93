// The first page: how it stands, at a glance, and what happened last.
import { html, nothing } from "../../vendor/lit.js";
import { Failure, get } from "../api.js";
import { bytes, deviceName, milliseconds, when } from "../format.js";
import { n, t } from "../i18n.js";
import { onEvents } from "../live.js";
import "../parts/chart.js";
import { entryLine } from "../parts/entry.js";
import { pageHead } from "../parts/page-head.js";
import { emptyPanel, loadingWords } from "../parts/states.js";
import { pageUrl } from "../place.js";
import { failurePanel } from "../problem.js";
import { View } from "../view.js";

const AGAIN = 15_000;
const SOON = 2_000;
const audit = (action) => pageUrl("/audit", { action });
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

class OverviewPage extends View {
  seen = null;
  failure = null;

  connectedCallback() {
    super.connectedCallback();
    const again = setInterval(() => document.visibilityState === "visible" && this.#load(), AGAIN);
    this.leaving.push(
      () => clearInterval(again),
      () => clearTimeout(this.timer),
      onEvents(() => this.#soon()),
    );
    this.#load();
  }

  #soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.#load();
    }, SOON);
  }

  async #load() {
    try {
      this.seen = await get("/admin/overview");
      this.failure = null;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.failure = error;
    }
    this.requestUpdate();
  }

  render() {
    return html`${pageHead(t("page.overview"), { live: true })} ${this.#body()}`;
  }

  #body() {
    if (!this.seen && this.failure) return failurePanel(this.failure, () => this.#load());
    if (!this.seen) return html`${loadingWords("loading")}${this.#loading()}`;
    const { sessions, users, lastDay, devices, recentRevocations, alarms, store, product } = this.seen;
    return html`<div class="tiles">
        ${this.#tile("live", sessions.live, pageUrl("/sessions"), this.#kinds(sessions.byKind))}
        ${this.#tile("users", users.total, pageUrl("/users"), this.#standing(users))}
        ${this.#tile("opened", sum(lastDay.opened), audit("session.opened"), t("overview.last_day"))}
        ${this.#tile("alarms", alarms.active, pageUrl("/alarms"), t("overview.alarms_taken", { n: alarms.open - alarms.active }))}
        ${this.#tile("failed", sum(lastDay.failed), audit("login.failed"), this.#lockouts(lastDay))}
      </div>
      <div class="halves">
        <section class="sheet pad wide">
          <h2>${t("overview.chart")}</h2>
          <sc-chart .day=${lastDay}></sc-chart>
        </section>
        <section class="sheet pad">
          <h2>${t("overview.devices")}</h2>
          ${this.#devices(devices)}
        </section>
        <section class="sheet pad">
          <h2>${t("overview.revocations")}</h2>
          ${this.#revocations(recentRevocations)}
        </section>
        <section class="sheet pad">
          <h2>${t("overview.health")}</h2>
          ${this.#health(store, product)}
        </section>
      </div>`;
  }

  #loading() {
    const tile = html`<div class="tile sheet"><span class="bone"></span></div>`;
    return html`<div class="tiles" data-state="loading" aria-hidden="true">${[tile, tile, tile, tile, tile]}</div>`;
  }

  #lockouts = ({ locked }) => t("overview.lockouts", { n: sum(locked) });

  #tile(id, value, href, beneath) {
    return html`<a class="tile sheet" href=${href} data-tile=${id}>
      <span class="faint">${t(`overview.${id}`)}</span><b class="num">${n(value)}</b><small>${beneath}</small>
    </a>`;
  }

  #kinds(byKind) {
    const some = Object.entries(byKind).filter(([, count]) => count);
    return some.map(([kind, count]) => `${t(`kind.${kind}`)} ${n(count)}`).join(" · ") || t("overview.none");
  }

  #standing = ({ banned, locked }) => t("overview.standing", { banned, locked });

  #devices(devices) {
    if (!devices.length) return emptyPanel(t("empty.sessions"), t("empty.sessions_next"));
    const most = Math.max(...devices.map((one) => one.count));
    return html`<table class="bars">
      <caption class="hidden">
        ${t("overview.devices")}
      </caption>
      <tbody>
        ${devices.map(
          ({ label, count }) =>
            html`<tr>
              <th scope="row">${label === "Other" ? t("device.other") : deviceName(label)}</th>
              <td><meter min="0" max=${most} value=${count} aria-hidden="true"></meter></td>
              <td class="num end">${n(count)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #revocations(entries) {
    if (!entries.length) return html`<p class="faint">${t("overview.no_revocations")}</p>`;
    return html`<ol class="feed">
        ${entries.map((entry) => html`<li><span>${entryLine(entry)}</span> ${when(entry.at)}</li>`)}
      </ol>
      <a href=${audit("session.revoked")}>${t("overview.all_revocations")}</a>`;
  }

  #health(store, product) {
    const lines = [
      [
        "state",
        html`<span class="tag ${store.up ? "now" : "bad"}" data-store=${store.up ? "up" : "down"}
          >${store.up ? t("health.up") : t("health.down")}</span
        >`,
      ],
      ["latency", store.latencyMs == null ? null : milliseconds(store.latencyMs)],
      ["version", store.version && html`<bdi dir="ltr">Redis ${store.version}</bdi>`],
      ["memory", store.usedMemoryBytes == null ? null : bytes(store.usedMemoryBytes)],
      ["mode", store.mode],
      [
        "persistent",
        store.persistent == null
          ? null
          : store.persistent
            ? t("health.yes")
            : html`<span class="tag warn">${t("health.no")}</span>`,
      ],
      ["product", product.version && html`<bdi dir="ltr">${product.version}</bdi>`],
    ].filter(([, value]) => value);
    return html`<dl class="pairs">
      ${lines.map(
        ([name, value]) =>
          html`<div>
            <dt>${t(`health.${name}`)}</dt>
            <dd>${value ?? nothing}</dd>
          </div>`,
      )}
    </dl>`;
  }
}

customElements.define("sc-overview-page", OverviewPage);
