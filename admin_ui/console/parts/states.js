// Loading and empty: the other two of the four states that every list has.
import { html, nothing } from "../../vendor/lit.js";
import { t } from "../i18n.js";

/** Rows of the height that the real ones will have. */
export function skeleton(columns, rows = 8) {
  return html`<tbody class="skeleton" aria-hidden="true" data-state="loading">
    ${Array.from(
      { length: rows },
      () =>
        html`<tr>
          ${Array.from({ length: columns }, () => html`<td><span class="bone"></span></td>`)}
        </tr>`,
    )}
  </tbody>`;
}

/** A sentence and the next step. */
export function emptyPanel(title, text, step = nothing) {
  return html`<div class="state" data-state="empty">
    <h2>${title}</h2>
    <p>${text}</p>
    ${step}
  </div>`;
}

/** For readers who see no skeleton. */
export const loadingWords = (state) =>
  html`<p class="hidden" role="status">${state === "loading" ? t("state.loading") : nothing}</p>`;
