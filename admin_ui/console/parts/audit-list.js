// The audit log, newest first, going on as one scrolls. What is read stays where it is: new entries
// are announced, not pushed in.
import { html, nothing, repeat } from "../../vendor/lit.js";
import { Failure, get } from "../api.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { onEvents } from "../live.js";
import { failureNote, failurePanel } from "../problem.js";
import { View } from "../view.js";
import { actorCell, deed, details, target } from "./entry.js";
import { RowKeys } from "./rows.js";
import { emptyPanel, loadingWords, skeleton } from "./states.js";

const SIZE = 50;
const LOOK = 15_000;
const SOON = 1_200;
const COLUMNS = ["when", "actor", "action", "target"];

class AuditList extends View {
  static properties = { filter: { attribute: false } };

  entries = [];
  cursor = null;
  state = "loading";
  more = "idle";
  failure = null;
  news = false;
  open = new Set();
  keys = new RowKeys(this, { Enter: (id) => this.toggle(id) });
  #asked = null;

  constructor() {
    super();
    /** Members of the query: actor, userId, action, from, to. */
    this.filter = {};
  }

  connectedCallback() {
    super.connectedCallback();
    const look = setInterval(() => this.#look(), LOOK);
    this.seen = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.next(), {
      rootMargin: "600px",
    });
    this.leaving.push(
      () => clearInterval(look),
      () => this.seen.disconnect(),
      () => this.#asked?.abort(),
      onEvents(() => setTimeout(() => this.isConnected && this.#look(), SOON)),
    );
  }

  willUpdate(changed) {
    if (changed.has("filter") && JSON.stringify(changed.get("filter")) !== JSON.stringify(this.filter)) this.reload();
  }

  updated() {
    this.seen.disconnect(); // observed anew, it tells at once whether the end is still in sight
    const end = this.querySelector("[data-more]");
    if (end) this.seen.observe(end);
  }

  async reload() {
    Object.assign(this, { state: "loading", entries: [], cursor: null, news: false, more: "idle" });
    this.requestUpdate();
    await this.#read();
  }

  next() {
    if (this.cursor && this.more === "idle") this.#read();
  }

  async #read() {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    this.more = "loading";
    this.requestUpdate();
    try {
      const page = await get("/admin/audit", { ...this.filter, limit: SIZE, cursor: this.cursor }, asked.signal);
      this.entries = [...this.entries, ...page.items];
      this.cursor = page.nextCursor ?? null;
      Object.assign(this, { state: "ready", failure: null, more: "idle" });
    } catch (error) {
      if (asked.signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.failure = error;
      if (this.state === "loading") this.state = "error";
      this.more = "failed";
    }
    this.requestUpdate();
  }

  /** Is there anything newer? */
  async #look() {
    if (this.state === "error") return this.reload();
    if (this.state !== "ready" || this.news || document.visibilityState !== "visible") return;
    try {
      const { items } = await get("/admin/audit", { ...this.filter, limit: 1 });
      if (items.length && items[0].id !== this.entries[0]?.id) this.news = true;
      this.requestUpdate();
    } catch {
      // the banner says it already
    }
  }

  toggle(id) {
    if (!this.open.delete(id)) this.open.add(id);
    this.requestUpdate();
  }

  render() {
    if (this.state === "error") return failurePanel(this.failure, () => this.reload());
    if (this.state === "ready" && !this.entries.length && !this.cursor)
      return html`<div class="sheet">${this.#news()}${emptyPanel(t("empty.audit"), t("empty.audit_next"))}</div>`;
    return html`${loadingWords(this.state)} ${this.#news()}
      <div class="sheet" aria-busy=${this.state === "loading"}>
        <table class="cards" data-list="audit">
          <caption class="hidden">
            ${t("audit.caption")}
          </caption>
          <thead>
            <tr>
              ${COLUMNS.map((name) => html`<th scope="col">${t(`column.${name}`)}</th>`)}
              <th scope="col" class="end">${t("column.details")}</th>
            </tr>
          </thead>
          ${
            this.state === "loading"
              ? skeleton(COLUMNS.length + 1)
              : html`<tbody>
                  ${repeat(
                    this.entries,
                    (entry) => entry.id,
                    (entry) => this.#row(entry),
                  )}
                </tbody>`
          }
        </table>
        ${this.#end()}
      </div>`;
  }

  #news() {
    if (!this.news) return nothing;
    return html`<p class="news">
      <button class="btn small" type="button" data-act="show-new" @click=${() => this.reload()}>
        ${t("audit.news")}
      </button>
    </p>`;
  }

  #row(entry) {
    const open = this.open.has(entry.id);
    return html`<tr data-row=${entry.id} data-action=${entry.action} tabindex="-1">
        <td class="num lead">${when(entry.at)}</td>
        <td data-label=${t("column.actor")}>${actorCell(entry)}</td>
        <td data-label=${t("column.action")}>${deed(entry)}</td>
        <td data-label=${t("column.target")}>${target(entry)}</td>
        <td class="end">
          <button class="btn small" type="button" aria-expanded=${open} @click=${() => this.toggle(entry.id)}>
            ${open ? t("act.less") : t("act.more")}
          </button>
        </td>
      </tr>
      ${
        open
          ? html`<tr class="inner">
              <td colspan=${COLUMNS.length + 1}>${details(entry)}</td>
            </tr>`
          : nothing
      }`;
  }

  #end() {
    if (this.more === "failed")
      return html`<div class="foot">
        ${failureNote(this.failure)}${this.#button(t("act.again"), () => this.#read())}
      </div>`;
    if (this.cursor)
      return html`<div class="foot" data-more>
        ${this.more === "loading"
          ? html`<span role="status">${t("state.loading")}</span>`
          : this.#button(t("audit.older"), () => this.next())}
      </div>`;
    return this.state === "ready" ? html`<div class="foot">${t("audit.end")}</div>` : nothing;
  }

  #button = (label, run) => html`<button class="btn small" type="button" @click=${run}>${label}</button>`;
}

customElements.define("sc-audit-list", AuditList);
