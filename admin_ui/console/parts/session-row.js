// One session as a row, which on a phone is a card.
import { classMap, html, nothing } from "../../vendor/lit.js";
import { deviceName, when } from "../format.js";
import { named, t } from "../i18n.js";
import { barred } from "../me.js";
import { query, setQuery } from "../router.js";
import { actButton, address, device, life, person } from "./cells.js";
import { options } from "./options.js";

/** list: the view that it is in (`sessions-list.js`). */
export function sessionRow(session, list) {
  const ended = list.ended.get(session.id);
  const selected = list.selection.has(session.id);
  const name = session.user.username;
  return html`<tr
    data-row=${session.id}
    data-username=${name}
    tabindex="-1"
    aria-selected=${list.person ? nothing : String(selected)}
    class=${classMap({ ended: Boolean(ended) })}
  >
    ${
      list.person
        ? nothing
        : html`<td class="sel">
              <input
                type="checkbox"
                aria-label=${t("session.select", { name, device: deviceName(session.device.label) })}
                .checked=${selected}
                ?disabled=${session.current || Boolean(ended) || Boolean(barred())}
                @change=${() => list.select(session.id)}
              />
            </td>
            <td class="lead">${person(session.user)}</td>`
    }
    <td data-label=${t("column.ip")}>
      ${address(session, list.person ? 0 : list.answer.addressCounts?.[session.user.id])}
    </td>
    <td data-label=${t("column.device")} class=${list.person ? "lead" : ""}>${device(session)}</td>
    <td data-label=${t("column.created")} class="num">${when(session.createdAt)}</td>
    <td data-label=${t("column.active")} class="num">${when(session.lastActiveAt)}</td>
    <td data-label=${t("column.expires")} class="num">${life(session)}</td>
    <td class="end">${act(session, ended, list)}</td>
  </tr>`;
}

function act(session, ended, list) {
  if (ended) return html`<span class="tag bad">${named("reason", ended)}</span>`;
  if (session.current)
    return html`<span class="tag now" title=${t("session.current_hint")}>${t("session.current")}</span>`;
  const label = list.verb;
  const described = t("session.end_of", {
    verb: label,
    name: session.user.username,
    device: deviceName(session.device.label),
  });
  const run = () => list.end(session);
  return actButton({
    label,
    described,
    barred: barred(),
    run,
    classes: "danger small",
    id: "terminate",
    title: `${label} (Del)`,
  });
}

const SORTED = { user: "username", created: "createdAt", active: "lastActiveAt", expires: "expiresAt" };
export const SORT = "-lastActiveAt";

export const sortBy = (sort) => setQuery({ sort: sort === SORT ? "" : sort });

/** The head of the table: the columns that can be sorted by are buttons. */
export function sessionHead(list) {
  const columns = ["user", "ip", "device", "created", "active", "expires"].filter(
    (name) => name !== "user" || !list.person,
  );
  return html`<thead>
    <tr>
      ${
        list.person
          ? nothing
          : html`<th class="sel" scope="col">
              <input
                type="checkbox"
                aria-label=${t("session.select_all")}
                .checked=${list.allSelected}
                .indeterminate=${list.selection.size > 0 && !list.allSelected}
                ?disabled=${Boolean(barred()) || !list.selectable.length}
                @change=${() => list.selectAll()}
              />
            </th>`
      }
      ${columns.map((name) => column(name, list))}
      <th scope="col" class="end">${t("column.actions")}</th>
    </tr>
  </thead>`;
}

function column(name, list) {
  const key = SORTED[name];
  if (!key) return html`<th scope="col">${t(`column.${name}`)}</th>`;
  const down = list.sort === `-${key}`;
  const up = list.sort === key;
  // The first press gives what people look for: names from A, instants from the latest.
  const next = down ? key : up || name !== "user" ? `-${key}` : key;
  return html`<th scope="col" aria-sort=${down ? "descending" : up ? "ascending" : "none"}>
    <button type="button" class="sort" @click=${() => sortBy(next)}>
      ${t(`column.${name}`)}<span aria-hidden="true" class="arrow">${down ? "↓" : up ? "↑" : "↕"}</span>
    </button>
  </th>`;
}

/** The same choice for phones, which have no head. person: whose sessions are shown, or null. */
export function sortChoice(person = null) {
  const shown = Object.entries(SORTED).filter(([name]) => name !== "user" || !person);
  const pairs = shown.flatMap(([name, key]) => [
    [`-${key}`, `${t(`column.${name}`)} ↓`],
    [key, `${t(`column.${name}`)} ↑`],
  ]);
  return html`<label class="phone-only quiet">
    ${t("sort.label")}
    <select class="field small" @change=${(event) => sortBy(event.target.value)}>
      ${options(pairs, query().sort ?? SORT)}
    </select>
  </label>`;
}
