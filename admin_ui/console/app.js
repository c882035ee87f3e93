// The frame: navigation, the page that the address names, and the banner when the line is cut.
import { html, nothing } from "../vendor/lit.js";
import { Failure, get } from "./api.js";
import { deviceName } from "./format.js";
import { n, t } from "./i18n.js";
import { onEvents, state } from "./live.js";
import { me } from "./me.js";
import "./pages/agents.js";
import "./pages/alarms.js";
import "./pages/audit.js";
import "./pages/overview.js";
import "./pages/person.js";
import "./pages/policy.js";
import "./pages/sessions.js";
import "./pages/users.js";
import "./pages/webhook.js";
import "./pages/webhooks.js";
import { pageUrl } from "./place.js";
import { showPreferences } from "./preferences.js";
import { onChange, path } from "./router.js";
import { View } from "./view.js";

const NAVIGATION = [
  [
    "",
    [
      ["overview", "/"],
      ["sessions", "/sessions"],
    ],
  ],
  [
    "identity",
    [
      ["users", "/users"],
      ["agents", "/agents"],
    ],
  ],
  [
    "evidence",
    [
      ["alarms", "/alarms"],
      ["audit", "/audit"],
    ],
  ],
  [
    "system",
    [
      ["webhooks", "/webhooks"],
      ["policy", "/policy"],
    ],
  ],
];
const RARE = new Set(["agents", "overview", "policy", "webhooks"]); // not in the bar of a phone, but under "More"
const COUNT_AGAIN = 3_000;

/** The page of a path: its name, its template. */
function pageOf(at) {
  const person = /^\/users\/([^/]+)$/.exec(at);
  if (person) return ["users", html`<sc-person-page .userId=${decodeURIComponent(person[1])}></sc-person-page>`];
  const webhook = /^\/webhooks\/([^/]+)$/.exec(at);
  if (webhook)
    return ["webhooks", html`<sc-webhook-page .webhookId=${decodeURIComponent(webhook[1])}></sc-webhook-page>`];
  switch (at) {
    case "/sessions":
      return ["sessions", html`<sc-sessions-page></sc-sessions-page>`];
    case "/users":
      return ["users", html`<sc-users-page></sc-users-page>`];
    case "/agents":
      return ["agents", html`<sc-agents-page></sc-agents-page>`];
    case "/alarms":
      return ["alarms", html`<sc-alarms-page></sc-alarms-page>`];
    case "/audit":
      return ["audit", html`<sc-audit-page></sc-audit-page>`];
    case "/webhooks":
      return ["webhooks", html`<sc-webhooks-page></sc-webhooks-page>`];
    case "/policy":
      return ["policy", html`<sc-policy-page></sc-policy-page>`];
    default:
      return ["overview", html`<sc-overview-page></sc-overview-page>`];
  }
}

class App extends View {
  counts = {};
  at = path();

  connectedCallback() {
    super.connectedCallback();
    this.leaving.push(
      onChange(() => this.#moved()),
      onEvents(() => (this.timer ??= setTimeout(() => this.#count(), COUNT_AGAIN))),
    );
    this.#count();
  }

  async #count() {
    this.timer = undefined;
    try {
      const [sessions, alarms] = await Promise.all([
        get("/admin/sessions", { limit: 1 }),
        get("/admin/alarms", { limit: 1 }),
      ]);
      this.counts = { sessions: sessions.total, alarms: alarms.active };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    this.requestUpdate();
  }

  /** Another page: begin at its top, and let screen readers say its name. */
  async #moved() {
    const before = this.at;
    this.at = path();
    this.requestUpdate();
    if (this.at === before) return;
    await new Promise(requestAnimationFrame); // the page has rendered by then
    scrollTo(0, 0);
    this.querySelector("h1")?.focus({ preventScroll: true });
  }

  updated() {
    const [name] = pageOf(this.at);
    document.title = `${t(`page.${name}`)} · Session Sidecar`;
  }

  render() {
    const [name, page] = pageOf(this.at);
    return html`<a class="skip" href="#main" @click=${this.#skip}>${t("nav.skip")}</a>
      ${this.#navigation(name)}
      <main id="main" tabindex="-1">${this.#banner()} ${page}</main>`;
  }

  #skip(event) {
    event.preventDefault();
    document.querySelector("main").focus();
  }

  #banner() {
    if (state === "live") return nothing;
    return html`<div class="note banner" role="alert" data-banner=${state}>
      <b>${t(`banner.${state}`)}</b> ${t(`banner.${state}_next`)}
    </div>`;
  }

  /** How many sessions there are, and how many alarms wait for somebody: of none of these no badge. */
  #badge(name) {
    const count = this.counts[name];
    if (count === undefined || (name === "alarms" && !count)) return nothing;
    if (name === "sessions") return html`<span class="count" data-count>${n(count)}</span>`;
    const words = t("nav.alarms_active", { n: count });
    return html`<span class="count alarm" data-badge="alarms" title=${words}
      ><span aria-hidden="true">${n(count)}</span><span class="hidden">${words}</span></span
    >`;
  }

  #navigation(current) {
    return html`<nav class="main" aria-label=${t("nav.label")}>
      <div class="brand"><img src=${this.dataset.icon} alt="" width="20" height="20" />Session Sidecar</div>
      ${NAVIGATION.map(
        ([group, pages]) =>
          html`${group ? html`<small>${t(`nav.${group}`)}</small>` : nothing}
          ${pages.map(
            ([name, to]) =>
              html`<a
                href=${pageUrl(to)}
                class=${RARE.has(name) ? "rare" : ""}
                aria-current=${name === current ? "page" : nothing}
                ><span>${t(`nav.${name}`)}</span> ${this.#badge(name)}</a
              >`,
          )}`,
      )}
      <button type="button" class="me" data-act="preferences" @click=${showPreferences}>
        <b><bdi>${me.user.username}</bdi> <span class="tag role">${t(`role.${me.user.role}`)}</span></b>
        <span class="long">${t("preferences.from", { device: deviceName(me.session.device.label) })}</span>
        <span class="short">${t("nav.more")}</span>
      </button>
    </nav>`;
  }
}

customElements.define("sc-app", App);
