// One endpoint: what it gets, and what became of the newest messages to it.
import { html } from "../../vendor/lit.js";
import { actsOnWebhook, sendTest } from "../acts/webhooks.js";
import { Failure, get } from "../api.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { onEvents } from "../live.js";
import { barred } from "../me.js";
import { actButton } from "../parts/cells.js";
import "../parts/deliveries-list.js";
import "../parts/menu.js";
import { pageHead } from "../parts/page-head.js";
import { events, health, hostOf } from "../parts/webhook-cells.js";
import { pageUrl } from "../place.js";
import { failurePanel } from "../problem.js";
import { go } from "../router.js";
import { View } from "../view.js";

const SOON = 1_200;

class WebhookPage extends View {
  static properties = { webhookId: {} };

  webhook = null;
  failure = null;

  constructor() {
    super();
    this.webhookId = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(
      onEvents(() => this.#soon()),
      () => clearTimeout(this.timer),
    );
  }

  willUpdate(changed) {
    if (changed.has("webhookId")) this.#load();
  }

  get #path() {
    return `/admin/webhooks/${encodeURIComponent(this.webhookId)}`;
  }

  #soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.#load({ quiet: true });
    }, SOON);
  }

  async #load({ quiet = false } = {}) {
    const id = this.webhookId;
    if (!quiet) Object.assign(this, { webhook: null, failure: null });
    try {
      const webhook = await get(this.#path);
      if (id === this.webhookId) Object.assign(this, { webhook, failure: null });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!quiet || error.status === 404) Object.assign(this, { webhook: null, failure: error });
    }
    this.requestUpdate();
  }

  #acted(act) {
    if (act === "delete") return go(pageUrl("/webhooks"));
    return this.#soon();
  }

  async #test() {
    if (await sendTest(this.webhook)) this.#soon();
  }

  render() {
    const { webhook, failure } = this;
    if (!webhook) return html`${pageHead(failure ? t("page.webhook") : "…")} ${this.#without(failure)}`;
    return html`${pageHead(html`<bdi dir="ltr">${hostOf(webhook)}</bdi>`, { live: true })} ${this.#profile(webhook)}
      <sc-deliveries-list .webhook=${webhook}></sc-deliveries-list>`;
  }

  #without(failure) {
    if (!failure) return html`<div class="sheet pad" data-state="loading"><span class="bone"></span></div>`;
    if (failure.status !== 404) return failurePanel(failure, () => this.#load());
    return html`<div class="state" data-state="empty">
      <h2>${t("webhook.gone")}</h2>
      <p>${t("webhook.gone_next")}</p>
      <a class="btn" href=${pageUrl("/webhooks")}>${t("page.webhooks")}</a>
    </div>`;
  }

  #profile(webhook) {
    const off = webhook.status === "disabled" ? t("problem.webhook_disabled") : "";
    const fields = [
      ["field.url", html`<code dir="ltr">${webhook.url}</code>`],
      ["webhook.description", webhook.description && html`<bdi>${webhook.description}</bdi>`],
      ["column.status", health(webhook)],
      ["column.events", events(webhook)],
      ["column.last_delivery", when(webhook.lastDeliveredAt)],
      ["column.created", when(webhook.createdAt)],
    ];
    return html`<section
      class="sheet profile"
      aria-label=${t("page.webhook")}
      @acted=${(event) => this.#acted(event.detail)}
    >
      <dl>
        ${fields.map(
          ([key, value]) =>
            html`<div>
              <dt>${t(key)}</dt>
              <dd>${value || html`<span class="faint">–</span>`}</dd>
            </div>`,
        )}
      </dl>
      <div class="acts">
        ${actButton({
          id: "send-test",
          label: t("menu.webhook_test"),
          barred: barred() || off,
          run: () => this.#test(),
        })}
        <sc-menu
          .label=${t("menu.label", { name: hostOf(webhook) })}
          .acts=${actsOnWebhook(webhook).filter((act) => act.id !== "test")}
        ></sc-menu>
      </div>
    </section>`;
  }
}

customElements.define("sc-webhook-page", WebhookPage);
