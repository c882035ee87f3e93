// What became of the newest messages to one endpoint.
import { html, nothing, repeat } from "../../vendor/lit.js";
import { redeliver } from "../acts/webhooks.js";
import { get } from "../api.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { PagedList, SIZE } from "../list.js";
import { onEvents } from "../live.js";
import { barred } from "../me.js";
import { failurePanel } from "../problem.js";
import { onChange, query } from "../router.js";
import { View } from "../view.js";
import { actButton } from "./cells.js";
import { pager } from "./pager.js";
import { RowKeys, Stillness } from "./rows.js";
import { emptyPanel, loadingWords, skeleton } from "./states.js";
import { about, eventName, outcome } from "./webhook-cells.js";

const COLUMNS = ["event", "user", "result", "attempts", "when"];
const SOON = 1_200;
const AGAIN = 5_000;

class DeliveriesList extends View {
  static properties = { webhook: { attribute: false } };

  list = new PagedList(this, (signal) =>
    get(`/admin/webhooks/${encodeURIComponent(this.webhook.id)}/deliveries`, this.#asked, signal),
  );
  stillness = new Stillness(this);
  keys = new RowKeys(this, {});
  #shown = "";

  connectedCallback() {
    super.connectedCallback();
    // What comes of an attempt is no event: the list looks for itself.
    const again = setInterval(() => document.visibilityState === "visible" && this.#soon(), AGAIN);
    this.leaving.push(
      () => clearInterval(again),
      onChange(() => this.webhook && this.list.load()),
      onEvents(() => this.#soon()),
      () => clearTimeout(this.timer),
    );
  }

  updated() {
    if (this.webhook && this.webhook.id !== this.#shown) {
      this.#shown = this.webhook.id;
      this.list.load();
    }
  }

  get #asked() {
    const { offset = 0, limit = SIZE } = query();
    return { offset, limit };
  }

  /** Whatever happens is sent: look again when nobody is about to press a row. */
  #soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.stillness.needed) this.#soon();
      else this.list.load({ quiet: true });
    }, SOON);
  }

  async #again(delivery) {
    if (await redeliver(this.webhook, delivery)) this.#soon();
  }

  render() {
    const { state, items, failure } = this.list;
    if (state === "error") return failurePanel(failure, () => this.list.load());
    if (state === "ready" && !items.length)
      return html`<div class="sheet">${emptyPanel(t("empty.deliveries"), t("empty.deliveries_next"))}</div>`;
    return html`${loadingWords(state)}
      <div class="sheet" aria-busy=${state === "loading"}>
        <table class="cards" data-list="deliveries">
          <caption class="hidden">
            ${t("delivery.caption")}
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
                    (one) => one.id,
                    (one) => this.#row(one),
                  )}
                </tbody>`
          }
        </table>
        ${state === "ready" ? pager(this.list) : nothing}
      </div>`;
  }

  #row(one) {
    const name = one.type ? eventName(one.type) : "–";
    return html`<tr data-row=${one.id} data-event=${one.type} tabindex="-1">
      <td class="lead">
        <span class="two wrap">${name}<small><code dir="ltr">${one.id}</code></small></span>
      </td>
      <td data-label=${t("column.user")}>${about(one)}</td>
      <td data-label=${t("column.result")}>${outcome(one)}</td>
      <td data-label=${t("column.attempts")} class="num">${one.attempts}</td>
      <td data-label=${t("column.when")} class="num">${when(one.at)}</td>
      <td class="end">${one.type === "webhook.test" ? nothing : this.#resend(one, name)}</td>
    </tr>`;
  }

  #resend(one, name) {
    const off = this.webhook.status === "disabled" ? t("problem.webhook_disabled") : "";
    return actButton({
      id: "redeliver",
      label: t("menu.webhook_redeliver"),
      described: t("delivery.again_of", { event: name, id: one.id }),
      barred: barred() || off,
      classes: "small",
      run: () => this.#again(one),
    });
  }
}

customElements.define("sc-deliveries-list", DeliveriesList);
