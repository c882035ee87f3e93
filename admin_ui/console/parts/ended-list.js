// The history: sessions that ended, of everybody or of one person, newest first, with who, why and when.
import { html, repeat } from "../../vendor/lit.js";
import { get } from "../api.js";
import { deviceName, when } from "../format.js";
import { named, t } from "../i18n.js";
import { PagedList, SIZE } from "../list.js";
import { failurePanel } from "../problem.js";
import { onChange, query } from "../router.js";
import { View } from "../view.js";
import { ip, person } from "./cells.js";
import { actor } from "./entry.js";
import { pager } from "./pager.js";
import { RowKeys } from "./rows.js";
import { emptyPanel, loadingWords, skeleton } from "./states.js";

const COLUMNS = ["user", "device", "ip", "created", "ended", "why"];

class EndedList extends View {
  static properties = { userId: {}, alone: { type: Boolean } };

  list = new PagedList(this, (signal) => get("/admin/sessions/ended", this.#asked, signal));
  keys = new RowKeys(this, {});

  constructor() {
    super();
    this.userId = "";
    /** Of one person, whose page this is: no column for the name. */
    this.alone = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(onChange(() => this.list.load()));
  }

  updated(changed) {
    if (changed.has("userId")) this.list.load();
  }

  get #asked() {
    const { offset = 0, limit = SIZE } = query();
    return { userId: this.userId, offset, limit };
  }

  render() {
    const { state, items, failure } = this.list;
    const columns = COLUMNS.filter((name) => name !== "user" || !this.alone);
    if (state === "error") return failurePanel(failure, () => this.list.load());
    if (state === "ready" && !items.length)
      return html`<div class="sheet">${emptyPanel(t("empty.ended"), t("empty.ended_next"))}</div>`;
    return html`${loadingWords(state)}
      <div class="sheet" aria-busy=${state === "loading"}>
        <table class="cards" data-list="ended">
          <caption class="hidden">
            ${t("ended.caption")}
          </caption>
          <thead>
            <tr>
              ${columns.map((name) => html`<th scope="col">${t(`column.${name}`)}</th>`)}
            </tr>
          </thead>
          ${
            state === "loading"
              ? skeleton(columns.length)
              : html`<tbody>
                  ${repeat(
                    items,
                    (one) => one.id,
                    (one) => this.#row(one),
                  )}
                </tbody>`
          }
        </table>
        ${state === "ready" ? pager(this.list) : ""}
      </div>`;
  }

  #row(one) {
    return html`<tr data-row=${one.id} tabindex="-1">
      ${this.alone ? "" : html`<td class="lead">${person(one.user)}</td>`}
      <td data-label=${t("column.device")}>
        <span class="two">${deviceName(one.device.label)}<small>${t(`kind.${one.kind}`)}</small></span>
      </td>
      <td data-label=${t("column.ip")}>${ip(one.ipAddress)}</td>
      <td data-label=${t("column.created")} class="num">${when(one.createdAt)}</td>
      <td data-label=${t("column.ended")} class="num">${when(one.endedAt)}</td>
      <td data-label=${t("column.why")}>
        <span class="two wrap">${named("reason", one.reason)}<small>${actor(one.endedBy)}</small></span>
        ${one.note ? html`<small class="since"><bdi>${one.note}</bdi></small>` : ""}
      </td>
    </tr>`;
  }
}

customElements.define("sc-ended-list", EndedList);
