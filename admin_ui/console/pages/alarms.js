// Alarms: what needs to be looked at, the active ones first, with the evidence beside the act that ends it.
import { html, nothing, repeat } from "../../vendor/lit.js";
import { acknowledge } from "../acts/alarms.js";
import { endAllOf, endSession } from "../acts/sessions.js";
import { get } from "../api.js";
import { named, t } from "../i18n.js";
import { PagedList, SIZE } from "../list.js";
import { onEvents } from "../live.js";
import { barred } from "../me.js";
import { alarmRow, sessionOf } from "../parts/alarm-row.js";
import { filterOptions } from "../parts/options.js";
import { chip, pageHead } from "../parts/page-head.js";
import { pager } from "../parts/pager.js";
import { userOf } from "../parts/people.js";
import { RowKeys, Stillness } from "../parts/rows.js";
import { emptyPanel, loadingWords, skeleton } from "../parts/states.js";
import { pageUrl } from "../place.js";
import { failurePanel } from "../problem.js";
import { go, onChange, query, setQuery } from "../router.js";
import { toast } from "../toast.js";
import { View } from "../view.js";

const KINDS = [
  "ip_spread failed_logins lockout dead_token session_shift impossible_travel cap_reached mass_revocation",
  "store_degraded audit_unsealed webhook_failing policy_reload_failed",
].flatMap((line) => line.split(" "));
const STATES = ["active", "acknowledged", "resolved"];
const COLUMNS = ["alarm", "user", "evidence", "when"];
const SOON = 900;
const AGAIN = 15_000;

class AlarmsPage extends View {
  list = new PagedList(this, (signal) => get("/admin/alarms", this.#asked, signal), this.#arriving.bind(this));
  off = [];
  stillness = new Stillness(this);
  keys = new RowKeys(this, {
    Enter: (id) => this.#on(id, (alarm) => alarm.user && go(pageUrl(`/users/${alarm.user.id}`))),
    Delete: (id) => this.#on(id, (alarm) => alarm.user && alarm.state !== "resolved" && this.#end(alarm)),
  });
  run = { end: (alarm) => this.#end(alarm), acknowledge: (alarm) => this.#acknowledge(alarm) };

  connectedCallback() {
    super.connectedCallback();
    const again = setInterval(() => document.visibilityState === "visible" && this.#soon(), AGAIN);
    this.leaving.push(
      onChange(() => this.list.load()),
      onEvents(() => this.#soon()),
      () => clearInterval(again),
      () => clearTimeout(this.timer),
    );
    this.list.load();
    this.#loadOff();
  }

  get #asked() {
    const { offset = 0, limit = SIZE, kind, state, userId } = query();
    return { offset, limit, kind, state, userId };
  }

  /** The kinds that nobody will hear of; without an answer nothing is said about it. */
  async #loadOff() {
    this.off = (await get("/admin/policy").catch(() => null))?.alarmsOff ?? [];
    this.requestUpdate();
  }

  #arriving(answer) {
    this.keys.keepFocus(answer.items);
  }

  /** Look again when nobody is about to press a row. */
  #soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.stillness.needed) this.#soon();
      else this.list.load({ quiet: true });
    }, SOON);
  }

  #on(id, act) {
    const alarm = this.list.items.find((one) => one.id === id);
    if (alarm) act(alarm);
  }

  /** Ends what is concerned: of a session that moved this one, else all of the person's. */
  async #end(alarm) {
    if (barred()) return;
    if (alarm.kind === "session_shift") {
      if (await endSession(sessionOf(alarm), t("act.terminate"))) await this.list.load({ quiet: true });
      return;
    }
    const sessionCount = (await this.#countOf(alarm.user)) ?? alarm.evidence.sessionIds.length;
    if (!sessionCount) return toast(t("alarms.none_left", { name: alarm.user.username }));
    const user = { ...alarm.user, sessionCount };
    if (await endAllOf(user, t("menu.logout_all"))) await this.list.load({ quiet: true });
  }

  /** How many sessions there are now; the evidence may be older. */
  async #countOf(user) {
    const found = await get("/admin/sessions", { userId: user.id, limit: 1 }).catch(() => null);
    return found?.total;
  }

  async #acknowledge(alarm) {
    if (await acknowledge(alarm)) await this.list.load({ quiet: true });
  }

  render() {
    const { state, items, failure } = this.list;
    return html`${pageHead(t("page.alarms"), { live: true })} ${this.#bar()}
    ${
      state === "error"
        ? failurePanel(failure, () => this.list.load())
        : html`${loadingWords(state)}
            <div class="sheet" aria-busy=${state === "loading"}>
              ${state === "ready" && !items.length ? this.#empty() : this.#table(state, items)}
              ${state === "ready" && items.length ? pager(this.list) : nothing}
            </div>`
    }
    ${this.#silent()}`;
  }

  #bar() {
    const { kind = "", state = "", userId } = query();
    const remove = () => setQuery({ userId: "" });
    return html`<div class="bar">
      ${this.#choice("kind", t("column.kind"), "alarm", KINDS, kind)}
      ${this.#choice("state", t("column.status"), "alarm_state", STATES, state)}
      ${userId ? chip(t("column.user"), userOf(userId, this)?.username ?? "…", remove) : nothing}
    </div>`;
  }

  #choice(name, label, prefix, values, chosen) {
    return html`<label class="quiet"
      >${label}
      <select class="field small" data-filter=${name} @change=${(event) => setQuery({ [name]: event.target.value })}>
        ${filterOptions(prefix, values, chosen)}
      </select></label
    >`;
  }

  #table(state, items) {
    return html`<table class="cards" data-list="alarms">
      <caption class="hidden">
        ${t("alarms.caption")}
      </caption>
      <thead>
        <tr>
          ${COLUMNS.map((name) => html`<th scope="col">${t(`column.${name}`)}</th>`)}
          <th scope="col" class="end">${t("column.actions")}</th>
        </tr>
      </thead>
      ${
        state === "loading"
          ? skeleton(COLUMNS.length + 1)
          : html`<tbody>
              ${repeat(
                items,
                (alarm) => alarm.id,
                (alarm) => alarmRow(alarm, this.run),
              )}
            </tbody>`
      }
    </table>`;
  }

  #empty() {
    const { kind, state, userId } = query();
    if (!kind && !state && !userId) return emptyPanel(t("empty.alarms"), t("empty.alarms_next"));
    const clear = html`<a class="btn" href=${pageUrl("/alarms")}>${t("filter.clear")}</a>`;
    return emptyPanel(t("empty.alarms_match"), t("empty.alarms_match_next"), clear);
  }

  #silent() {
    if (!this.off.length) return nothing;
    return html`<p class="faint" data-off>
      ${t("alarms.off")}
      ${this.off.map(({ kind, why }, at) => html`${at ? "; " : ""}${named("alarm", kind)} (${t(`alarms.off_${why}`)})`)}
    </p>`;
  }
}

customElements.define("sc-alarms-page", AlarmsPage);
