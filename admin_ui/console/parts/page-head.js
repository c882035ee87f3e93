// The first line of a page: its name, whether it is live, and the way into the palette.
import { html, nothing } from "../../vendor/lit.js";
import { t } from "../i18n.js";
import { paletteKeys } from "../help.js";
import { state } from "../live.js";
import { openPalette } from "../palette.js";

/** title: the heading. live: the page follows what happens. beside: what stands next to the name. */
export function pageHead(title, { live = false, beside = nothing } = {}) {
  return html`<header class="head">
    <h1 tabindex="-1">${title}</h1>
    ${beside} ${live ? html`<span class="live" data-live=${state}>${t(`live.${state}`)}</span>` : nothing}
    <span class="grow"></span>
    <button class="find" type="button" data-open-palette @click=${() => openPalette()}>
      <span>${t("palette.button")}</span><span class="grow"></span><kbd class="kbd">${paletteKeys}</kbd>
    </button>
  </header>`;
}

/** What a list is narrowed to, with the way to take it off again. */
export const chip = (label, value, remove) =>
  html`<span class="chip"
    >${label} <b><bdi>${value}</bdi></b
    ><button type="button" class="btn bare" aria-label=${t("filter.remove", { label })} @click=${remove}>
      ×
    </button></span
  >`;
