// Sessions: every live one, filtered as the address says, and those that ended.
import { html, nothing } from "../../vendor/lit.js";
import { endMatching } from "../acts/sessions.js";
import { t } from "../i18n.js";
import { barred, barredFromEveryone } from "../me.js";
import { actButton } from "../parts/cells.js";
import "../parts/ended-list.js";
import { readFilter, sessionFilter } from "../parts/filter.js";
import { filterOptions } from "../parts/options.js";
import { chip, pageHead } from "../parts/page-head.js";
import { userOf } from "../parts/people.js";
import "../parts/search-box.js";
import { sortChoice } from "../parts/session-row.js";
import "../parts/sessions-list.js";
import { tabs } from "../parts/tabs.js";
import { onChange, query, setQuery } from "../router.js";
import { View } from "../view.js";

const KINDS = ["browser", "desktop", "agent", "service"];

class SessionsPage extends View {
  list = null;

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(onChange(() => this.requestUpdate()));
  }

  render() {
    const ended = query().view === "ended";
    return html`${pageHead(t("page.sessions"), { live: !ended })}
    ${tabs("view", ended ? "ended" : "", [
      ["", t("tab.live_sessions")],
      ["ended", t("tab.ended_sessions")],
    ])}
    ${
      ended
        ? html`${this.#person(query())}<sc-ended-list .userId=${query().userId ?? ""}></sc-ended-list>`
        : html`${this.#bar()} <sc-sessions-list @loaded=${(event) => this.#loaded(event.detail)}></sc-sessions-list>`
    }`;
  }

  #loaded(list) {
    this.list = list;
    this.requestUpdate();
  }

  #bar() {
    const asked = query();
    return html`<div class="bar">
      <sc-search-box
        .label=${t("sessions.filter")}
        .placeholder=${t("sessions.filter_hint")}
        .value=${asked.ip ?? asked.q ?? ""}
        @search=${(event) => setQuery(readFilter(event.detail))}
      ></sc-search-box>
      <label class="quiet"
        >${t("column.kind")}
        <select class="field small" data-filter="kind" @change=${(event) => setQuery({ kind: event.target.value })}>
          ${filterOptions("kind", KINDS, asked.kind)}
        </select></label
      >
      ${sortChoice()} ${this.#person(asked)}
      <span class="grow"></span>
      ${this.#endAll(asked)}
    </div>`;
  }

  #person({ userId }) {
    if (!userId) return nothing;
    const name = userOf(userId, this)?.username ?? "…";
    return chip(t("column.user"), name, () => setQuery({ userId: "" }));
  }

  #endAll(asked) {
    const filter = sessionFilter(asked);
    const everyone = !Object.keys(filter).length;
    const { total = 0, estimate = false } = this.list ?? {};
    const why = everyone ? barredFromEveryone() : barred();
    return actButton({
      id: "end-matching",
      label: everyone ? t("end.everyone_button") : t("end.match_button"),
      barred: why || (total ? "" : t("pager.none")),
      classes: "danger",
      run: async () => {
        const words = this.#words(filter);
        if (await endMatching({ filter, words, count: total, estimate }))
          await this.querySelector("sc-sessions-list").reload();
      },
    });
  }

  /** The filter as people would say it. */
  #words(filter) {
    const said = {
      userId: () => userOf(filter.userId, this)?.username,
      q: () => t("filter.said_q", { q: filter.q }),
      ip: () => filter.ip,
      kind: () => t(`kind.${filter.kind}`),
    };
    return Object.keys(filter)
      .map((name) => said[name]())
      .join(" · ");
  }
}

customElements.define("sc-sessions-page", SessionsPage);
