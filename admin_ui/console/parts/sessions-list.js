// The live sessions: of everybody, by the filter in the address, or of one person.
import { html, nothing, repeat } from "../../vendor/lit.js";
import { endSelected, endSession } from "../acts/sessions.js";
import { get } from "../api.js";
import { t } from "../i18n.js";
import { PagedList, SIZE } from "../list.js";
import { barred } from "../me.js";
import { pageUrl } from "../place.js";
import { failurePanel } from "../problem.js";
import { go, onChange, query, setQuery } from "../router.js";
import { View } from "../view.js";
import { sessionFilter } from "./filter.js";
import { LiveRows } from "./live-rows.js";
import { pager } from "./pager.js";
import { RowKeys } from "./rows.js";
import { emptySessions, pickedSessions } from "./sessions-around.js";
import { SORT, sessionHead, sessionRow, sortChoice } from "./session-row.js";
import { loadingWords, skeleton } from "./states.js";

class SessionsList extends View {
  static properties = { person: { attribute: false } };

  ended = new Map();
  selection = new Set();
  list = new PagedList(
    this,
    (signal) => get("/admin/sessions", this.#asked, signal),
    ({ items }) => this.keys.keepFocus(items),
  );
  live = new LiveRows(this);
  keys = new RowKeys(this, {
    x: (id) => this.select(id),
    Enter: (id) => this.#with(id, ({ user }) => this.person || go(pageUrl(`/users/${user.id}`))),
    Delete: (id) => this.#with(id, (session) => this.end(session)),
  });

  constructor() {
    super();
    /** Of whom (a user), or null for everybody. */
    this.person = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(onChange(() => this.#changed()));
  }

  /** The person whose sessions these are is known by now. */
  firstUpdated() {
    this.#address = this.#asked && JSON.stringify(this.#asked);
    this.reload();
  }

  #address = "";

  #changed() {
    const address = JSON.stringify(this.#asked);
    if (address === this.#address) return;
    this.#address = address;
    this.reload();
  }

  get #asked() {
    const { offset = 0, limit = SIZE, sort = SORT, ...rest } = query();
    const filter = this.person ? { userId: this.person.id } : sessionFilter(rest);
    return { ...filter, offset, limit, sort };
  }

  get sort() {
    return query().sort ?? SORT;
  }

  get verb() {
    return this.person ? t("act.revoke") : t("act.terminate");
  }

  get answer() {
    return this.list.answer;
  }

  get selectable() {
    return this.list.items.filter((session) => !session.current && !this.ended.has(session.id));
  }

  get selected() {
    return this.selectable.filter((session) => this.selection.has(session.id));
  }

  get allSelected() {
    return this.selectable.length > 0 && this.selected.length === this.selectable.length;
  }

  async reload() {
    this.selection.clear();
    if (await this.list.load()) this.#loaded();
  }

  /** Look again without losing what is on screen: the rows, the focus, the selection. */
  async refresh() {
    if (await this.list.load({ quiet: this.list.state === "ready" })) this.#loaded();
  }

  #loaded() {
    const { items, total, offset } = this.list;
    if (!items.length && offset > 0 && total > 0) return setQuery({ offset: "" }, { replace: true });
    const here = new Set(items.map((session) => session.id));
    for (const id of this.selection) if (!here.has(id)) this.selection.delete(id);
    for (const id of this.ended.keys()) this.ended.delete(id); // the answer is newer than the news
    this.dispatchEvent(new CustomEvent("loaded", { bubbles: true, detail: this.list }));
    this.requestUpdate();
  }

  select(id) {
    if (barred() || !this.selectable.some((session) => session.id === id)) return;
    if (!this.selection.delete(id)) this.selection.add(id);
    this.requestUpdate();
  }

  selectAll() {
    const all = this.allSelected ? [] : this.selectable.map((session) => session.id);
    this.selection = new Set(all);
    this.requestUpdate();
  }

  async end(session) {
    if (barred() || session.current || this.ended.has(session.id)) return;
    if (await endSession(session, this.verb)) await this.refresh();
  }

  async endSelected() {
    if (await endSelected(this.selected)) await this.refresh();
  }

  #with(id, act) {
    const session = this.list.items.find((one) => one.id === id);
    if (session) act(session);
  }

  render() {
    const { state, items, failure } = this.list;
    if (state === "error") return failurePanel(failure, () => this.reload());
    return html`${loadingWords(state)} ${this.person && items.length ? sortChoice(this.person) : nothing}
      <div class="sheet" aria-busy=${state === "loading"}>
        ${
          state === "ready" && !items.length
            ? emptySessions(this.person)
            : html`<table data-list="sessions" class="cards">
                <caption class="hidden">
                  ${t("session.caption")}
                </caption>
                ${sessionHead(this)}
                ${
                  state === "loading"
                    ? skeleton(this.person ? 6 : 8)
                    : html`<tbody>
                        ${repeat(
                          items,
                          (session) => session.id,
                          (session) => sessionRow(session, this),
                        )}
                      </tbody>`
                }
              </table>`
        }
        ${state === "ready" && items.length ? pager(this.list) : nothing}
      </div>
      ${this.selected.length ? pickedSessions(this) : nothing}`;
  }

  selectNone() {
    this.selection.clear();
    this.requestUpdate();
  }
}

customElements.define("sc-sessions-list", SessionsList);
