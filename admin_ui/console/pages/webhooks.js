// System › Webhooks: who is told what happens, whether it arrives, and the way to add another.
import { html, nothing, repeat } from "../../vendor/lit.js";
import { actsOnWebhook, createWebhook } from "../acts/webhooks.js";
import { get } from "../api.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { PagedList, SIZE } from "../list.js";
import { onEvents } from "../live.js";
import { barred } from "../me.js";
import { actButton } from "../parts/cells.js";
import "../parts/menu.js";
import { pageHead } from "../parts/page-head.js";
import { pager } from "../parts/pager.js";
import { RowKeys, Stillness } from "../parts/rows.js";
import { emptyPanel, loadingWords, skeleton } from "../parts/states.js";
import { endpoint, events, health, hostOf } from "../parts/webhook-cells.js";
import { pageUrl } from "../place.js";
import { failurePanel } from "../problem.js";
import { go, onChange, query } from "../router.js";
import { View } from "../view.js";

const COLUMNS = ["endpoint", "events", "status", "last_delivery"];
const SOON = 1_500;

class WebhooksPage extends View {
  list = new PagedList(this, (signal) => get("/admin/webhooks", this.#asked, signal));
  stillness = new Stillness(this);
  keys = new RowKeys(this, { Enter: (id) => go(pageUrl(`/webhooks/${id}`)) });

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(
      onChange(() => this.list.load()),
      onEvents(() => this.#soon()),
      () => clearTimeout(this.timer),
    );
    this.list.load();
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

  async #create() {
    const webhook = await createWebhook();
    if (webhook) go(pageUrl(`/webhooks/${webhook.id}`));
  }

  render() {
    const { state, items, failure } = this.list;
    return html`${pageHead(t("page.webhooks"), { live: true })}
    ${state === "ready" && !items.length ? nothing : html`<div class="bar"><span class="grow"></span>${this.#add()}</div>`}
    ${
      state === "error"
        ? failurePanel(failure, () => this.list.load())
        : html`${loadingWords(state)}
            <div class="sheet" aria-busy=${state === "loading"}>
              ${
                state === "ready" && !items.length
                  ? emptyPanel(t("empty.webhooks"), t("empty.webhooks_next"), this.#add())
                  : this.#table(state, items)
              }
              ${state === "ready" && items.length ? pager(this.list) : nothing}
            </div>`
    }`;
  }

  #add = () =>
    actButton({
      id: "create-webhook",
      label: t("webhook.create"),
      barred: barred(),
      classes: "primary",
      run: () => this.#create(),
    });

  #table(state, items) {
    return html`<table class="cards" data-list="webhooks" @acted=${() => this.list.load({ quiet: true })}>
      <caption class="hidden">
        ${t("webhook.caption")}
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
    </table>`;
  }

  #row(one) {
    return html`<tr data-row=${one.id} tabindex="-1">
      <td class="lead">${endpoint(one)}</td>
      <td data-label=${t("column.events")}>${events(one)}</td>
      <td data-label=${t("column.status")}>${health(one)}</td>
      <td data-label=${t("column.last_delivery")} class="num">${when(one.lastDeliveredAt)}</td>
      <td class="end"><sc-menu .label=${t("menu.label", { name: hostOf(one) })} .acts=${actsOnWebhook(one)}></sc-menu></td>
    </tr>`;
  }
}

customElements.define("sc-webhooks-page", WebhooksPage);
