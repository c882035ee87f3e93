// Identity › Users: everybody in the directory, and all that can be done about them.
import { html, repeat } from "../../vendor/lit.js";
import { createUser } from "../acts/users.js";
import { actsOn } from "../acts/menu.js";
import { get } from "../api.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { PagedList, SIZE } from "../list.js";
import { onEvents } from "../live.js";
import { barred, ROLES } from "../me.js";
import { actButton, person, signedIn, status } from "../parts/cells.js";
import "../parts/menu.js";
import { filterOptions } from "../parts/options.js";
import { pageHead } from "../parts/page-head.js";
import { pager } from "../parts/pager.js";
import { RowKeys, Stillness } from "../parts/rows.js";
import "../parts/search-box.js";
import { emptyPanel, loadingWords, skeleton } from "../parts/states.js";
import { pageUrl } from "../place.js";
import { failurePanel } from "../problem.js";
import { go, onChange, query, setQuery } from "../router.js";
import { View } from "../view.js";

const STATUSES = ["active", "banned", "locked"];
const COLUMNS = ["user", "status", "signed_in", "last_login", "member_since"];
const SOON = 1_500;

class UsersPage extends View {
  list = new PagedList(this, (signal) => get("/admin/users", this.#asked, signal));
  stillness = new Stillness(this);
  keys = new RowKeys(this, {
    Enter: (id) => go(pageUrl(`/users/${id}`)),
    Delete: (id) => this.#act(id, "logout-all"),
    "Shift+Delete": (id) => this.#act(id, "logout-all"),
  });

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
    const { offset = 0, limit = SIZE, q, role, status } = query();
    return { offset, limit, q, role, status };
  }

  /** People sign in and out; look again when nobody is about to press a row. */
  #soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.stillness.needed) this.#soon();
      else this.list.load({ quiet: true });
    }, SOON);
  }

  async #act(id, name) {
    const user = this.list.items.find((one) => one.id === id);
    const act = user && actsOn(user).find((one) => one.id === name);
    if (act && !act.barred && (await act.run())) await this.list.load({ quiet: true });
  }

  async #create() {
    const user = await createUser();
    if (user) go(pageUrl(`/users/${user.id}`));
  }

  render() {
    const { state, items, failure } = this.list;
    return html`${pageHead(t("page.users"), { live: true })} ${this.#bar()}
    ${
      state === "error"
        ? failurePanel(failure, () => this.list.load())
        : html`${loadingWords(state)}
            <div class="sheet" aria-busy=${state === "loading"}>
              ${state === "ready" && !items.length ? this.#empty() : this.#table(state, items)}
              ${state === "ready" && items.length ? pager(this.list) : ""}
            </div>`
    }`;
  }

  #bar() {
    const { q = "", role = "", status: chosen = "" } = query();
    return html`<div class="bar">
      <sc-search-box
        .label=${t("users.search")}
        .placeholder=${t("users.search_hint")}
        .value=${q}
        @search=${(event) => setQuery({ q: event.detail })}
      ></sc-search-box>
      ${this.#choice("role", t("field.role"), ROLES, role)}
      ${this.#choice("status", t("column.status"), STATUSES, chosen)}
      <span class="grow"></span>
      ${actButton({
        id: "create-user",
        label: t("users.create"),
        barred: barred(),
        classes: "primary",
        run: () => this.#create(),
      })}
    </div>`;
  }

  #choice(name, label, values, chosen) {
    return html`<label class="quiet"
      >${label}
      <select class="field small" data-filter=${name} @change=${(event) => setQuery({ [name]: event.target.value })}>
        ${filterOptions(name, values, chosen)}
      </select></label
    >`;
  }

  #table(state, items) {
    return html`<table class="cards" data-list="users" @acted=${() => this.list.load({ quiet: true })}>
      <caption class="hidden">
        ${t("users.caption")}
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
                (user) => user.id,
                (user) => this.#row(user),
              )}
            </tbody>`
      }
    </table>`;
  }

  #row(user) {
    return html`<tr data-row=${user.id} data-username=${user.username} tabindex="-1">
      <td class="lead">${person(user, { display: user.displayName })}</td>
      <td data-label=${t("column.status")}>${status(user)}</td>
      <td data-label=${t("column.signed_in")} class="num">${signedIn(user)}</td>
      <td data-label=${t("column.last_login")} class="num">${when(user.lastLoginAt)}</td>
      <td data-label=${t("column.member_since")} class="num">${when(user.createdAt)}</td>
      <td class="end"><sc-menu .label=${t("menu.label", { name: user.username })} .acts=${actsOn(user)}></sc-menu></td>
    </tr>`;
  }

  #empty() {
    const clear = html`<a class="btn" href=${pageUrl("/users")}>${t("filter.clear")}</a>`;
    return emptyPanel(t("empty.users"), t("empty.users_next"), clear);
  }
}

customElements.define("sc-users-page", UsersPage);
