// Under a list: which part of it this is, how much at once, and the way on.
import { html } from "../../vendor/lit.js";
import { n, t } from "../i18n.js";
import { SIZE, SIZES } from "../list.js";
import { setQuery } from "../router.js";
import { range } from "./cells.js";
import { options } from "./options.js";

const DEEPEST = 10_000;

/** The pager of a PagedList whose place is in the query: `offset`, `limit`. */
export function pager(list) {
  const step = (by) => setQuery({ offset: Math.max(list.offset + by, 0) || "" });
  const last = list.offset + list.items.length >= list.total || list.offset + list.limit > DEEPEST;
  return html`<div class="foot">
    <span class="num" data-total=${list.total}>${range(list)}</span>
    <span class="grow"></span>
    <label class="quiet">
      ${t("pager.size")}
      <select
        class="field small"
        @change=${(event) => setQuery({ limit: event.target.value === String(SIZE) ? "" : event.target.value })}
      >
        ${options(
          SIZES.map((size) => [size, n(size)]),
          list.limit,
        )}
      </select>
    </label>
    <span class="pair">
      <button class="btn small" type="button" ?disabled=${list.offset === 0} @click=${() => step(-list.limit)}>
        ${t("pager.previous")}
      </button>
      <button class="btn small" type="button" ?disabled=${last} @click=${() => step(list.limit)}>
        ${t("pager.next")}
      </button>
    </span>
  </div>`;
}
