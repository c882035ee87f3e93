// One person: who they are, where they are signed in, where they were, and what was done to them or by
// them.
import { html, nothing } from "../../vendor/lit.js";
import { actsOn, waysFrom } from "../acts/menu.js";
import { endAllOf } from "../acts/sessions.js";
import { Failure, get } from "../api.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { onEvents } from "../live.js";
import { barred } from "../me.js";
import "../parts/audit-list.js";
import { actButton, spread, status } from "../parts/cells.js";
import "../parts/ended-list.js";
import "../parts/menu.js";
import { pageHead } from "../parts/page-head.js";
import "../parts/sessions-list.js";
import { tabs } from "../parts/tabs.js";
import { pageUrl } from "../place.js";
import { failurePanel } from "../problem.js";
import { go, onChange, query } from "../router.js";
import { View } from "../view.js";

const SOON = 1_200;

class PersonPage extends View {
  static properties = { userId: {} };

  user = null;
  failure = null;
  spread = 0;
  factors = null;

  constructor() {
    super();
    this.userId = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(
      onChange(() => this.requestUpdate()),
      onEvents((events) => this.#heard(events)),
      () => clearTimeout(this.timer),
    );
    this.listen(document, "sidecar-key", (event) => {
      if (event.detail === "Shift+Delete" && this.user && !barred()) {
        event.preventDefault();
        this.#endAll();
      }
    });
  }

  willUpdate(changed) {
    if (changed.has("userId")) this.#load();
  }

  async #load({ quiet = false } = {}) {
    const id = this.userId;
    if (!quiet) Object.assign(this, { user: null, failure: null, spread: 0, factors: null });
    try {
      const path = `/admin/users/${encodeURIComponent(id)}`;
      const [user, factors] = await Promise.all([get(path), get(`${path}/factors`)]);
      if (id === this.userId) Object.assign(this, { user, factors });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Somebody who was deleted meanwhile is gone here too; any other failure may pass.
      if (!quiet || error.status === 404) Object.assign(this, { user: null, failure: error });
    }
    this.requestUpdate();
  }

  #heard(events) {
    if (events && !events.some((event) => event.user?.id === this.userId)) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.#load({ quiet: true });
    }, SOON);
  }

  async #endAll() {
    if (!(await endAllOf(this.user, t("person.end_all")))) return;
    await this.#changed();
  }

  async #changed(act) {
    if (act === "delete") return go(pageUrl("/users"));
    await Promise.all([this.#load({ quiet: true }), this.querySelector("sc-sessions-list")?.refresh()]);
  }

  render() {
    return html`${this.#head()} ${this.#body()}`;
  }

  #head() {
    const user = this.user;
    if (!user) return pageHead(this.failure ? t("page.person") : "…");
    const beside = html`<span class="tag role">${t(`role.${user.role}`)}</span>
      ${user.status === "active" ? nothing : status(user)} ${spread(user, this.spread)}`;
    return pageHead(html`<bdi>${user.username}</bdi>`, { live: true, beside });
  }

  #body() {
    if (this.failure) return this.#failed();
    if (this.user) return html`${this.#profile(this.user)} ${this.#tabs(this.user)}`;
    return html`<div class="sheet pad" data-state="loading"><span class="bone"></span></div>`;
  }

  #loaded(list) {
    this.user = { ...this.user, sessionCount: list.total };
    this.spread = list.answer.addressCounts?.[this.userId] ?? 0;
    this.requestUpdate();
  }

  #failed() {
    if (this.failure.status !== 404) return failurePanel(this.failure, () => this.#load());
    return html`<div class="state" data-state="empty">
      <h2>${t("person.gone")}</h2>
      <p>${t("person.gone_next")}</p>
      <span class="pair">
        <a class="btn" href=${pageUrl("/users")}>${t("page.users")}</a>
        <a class="btn" href=${pageUrl("/audit", { userId: this.userId })}>${t("page.audit")}</a>
      </span>
    </div>`;
  }

  #profile(user) {
    const fields = [
      ["display_name", user.displayName && html`<bdi>${user.displayName}</bdi>`],
      ["email", user.email && html`<bdi dir="ltr">${user.email}</bdi>`],
      [
        "groups",
        user.groups.length > 0 && user.groups.map((group) => html`<span class="tag plain"><bdi>${group}</bdi></span> `),
      ],
      ["factors", this.factors?.items.map((one) => html`<span class="tag plain">${t(`factor.${one.kind}`)}</span> `)],
      ["last_login", when(user.lastLoginAt)],
      ["member_since", when(user.createdAt)],
    ];
    const words = { display_name: "field.display_name", email: "field.email", groups: "field.groups", factors: "own.factors" };
    return html`<section
      class="sheet profile"
      aria-label=${t("person.profile")}
      @acted=${(event) => this.#changed(event.detail)}
    >
      <dl>
        ${fields.map(
          ([name, value]) =>
            html`<div>
              <dt>${t(words[name] ?? `column.${name}`)}</dt>
              <dd>${(Array.isArray(value) ? value.length && value : value) || html`<span class="faint">–</span>`}</dd>
            </div>`,
        )}
      </dl>
      <div class="acts">
        ${actButton({
          id: "revoke-all",
          label: t("person.end_all"),
          barred: barred() || this.#none(user),
          classes: "danger",
          title: "Shift+Del",
          run: () => this.#endAll(),
        })}
        <sc-menu
          .label=${t("menu.label", { name: user.username })}
          .acts=${[...actsOn(user).filter((act) => act.id !== "logout-all"), ...waysFrom(user)]}
        ></sc-menu>
      </div>
    </section>`;
  }

  #none = (user) => (user.sessionCount ? "" : t("empty.person"));

  #tabs(user) {
    const tab = query().tab ?? "";
    const sessions = t("tab.sessions_n", { n: user.sessionCount });
    return html`${tabs("tab", tab, [
      ["", sessions],
      ["history", t("tab.ended_sessions")],
      ["audit", t("tab.audit")],
    ])}
    ${
      tab === "history"
        ? html`<sc-ended-list alone .userId=${user.id}></sc-ended-list>`
        : tab === "audit"
          ? html`<sc-audit-list .filter=${{ userId: user.id }}></sc-audit-list>`
          : html`<sc-sessions-list .person=${user} @loaded=${(event) => this.#loaded(event.detail)}></sc-sessions-list>`
    }`;
  }
}

customElements.define("sc-person-page", PersonPage);
