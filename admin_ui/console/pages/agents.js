// Identity › Agents: the software that acts for people, what it may, its last use, and the way to end it.
import { html, nothing, repeat } from "../../vendor/lit.js";
import { createService, disableAgent } from "../acts/agents.js";
import { get } from "../api.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { PagedList, SIZE } from "../list.js";
import { onEvents } from "../live.js";
import { barred } from "../me.js";
import { actButton, ip, life, person } from "../parts/cells.js";
import { pageHead } from "../parts/page-head.js";
import { pager } from "../parts/pager.js";
import { Stillness } from "../parts/rows.js";
import { emptyPanel, loadingWords, skeleton } from "../parts/states.js";
import { failurePanel } from "../problem.js";
import { onChange, query } from "../router.js";
import { View } from "../view.js";

const SOON = 1_500;
const columns = () => [t("agent.name"), t("agent.of"), t("agent.scopes"), t("agent.used"), t("column.expires")];

class AgentsPage extends View {
  list = new PagedList(this, (signal) => get("/admin/agents", this.#asked, signal));
  stillness = new Stillness(this);

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

  /** Something opened or ended: look again when nobody is about to press a row. */
  #soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.stillness.needed) this.#soon();
      else this.list.load({ quiet: true });
    }, SOON);
  }

  async #act(done) {
    if (await done) this.list.load({ quiet: true });
  }

  render() {
    const { state, items, failure } = this.list;
    const none = state === "ready" && !items.length;
    return html`${pageHead(t("page.agents"), { live: true })}
    ${none ? nothing : html`<div class="bar"><span class="grow"></span>${this.#add()}</div>`}
    ${
      state === "error"
        ? failurePanel(failure, () => this.list.load())
        : html`${loadingWords(state)}
            <div class="sheet" aria-busy=${state === "loading"}>
              ${none ? emptyPanel(t("empty.agents"), t("empty.agents_next"), this.#add()) : this.#table(state, items)}
              ${state === "ready" && items.length ? pager(this.list) : nothing}
            </div>`
    }`;
  }

  #add = () =>
    actButton({
      id: "create-agent",
      label: t("agent.create"),
      barred: barred(),
      classes: "primary",
      run: () => this.#act(createService()),
    });

  #table(state, items) {
    return html`<table class="cards" data-list="agents">
      <caption class="hidden">
        ${t("agent.caption")}
      </caption>
      <thead>
        <tr>
          ${columns().map((name) => html`<th scope="col">${name}</th>`)}
          <th scope="col" class="end">${t("column.actions")}</th>
        </tr>
      </thead>
      ${
        state === "loading"
          ? skeleton(columns().length + 1)
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
    const [, of, scopes, used, expires] = columns();
    return html`<tr data-row=${one.id} tabindex="-1">
      <td class="lead">
        <span class="two wrap"><bdi>${one.name}</bdi><small>${t(`device.${one.kind}`)}</small></span>
      </td>
      <td data-label=${of}>${person(one.user)}</td>
      <td data-label=${scopes}>
        ${one.scopes.map((scope) => html`<div><code dir="ltr">${scope}</code></div>`)}
      </td>
      <td data-label=${used} class="num">${when(one.lastActiveAt)} ${ip(one.lastIpAddress)}</td>
      <td data-label=${expires} class="num">${life(one)}</td>
      <td class="end">
        ${actButton({
          id: "disable-agent",
          label: t("agent.disable"),
          described: t("agent.disable_of", { name: one.name }),
          barred: barred(),
          classes: "danger small",
          run: () => this.#act(disableAgent(one)),
        })}
      </td>
    </tr>`;
  }
}

customElements.define("sc-agents-page", AgentsPage);
