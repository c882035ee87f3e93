// What a `<select>` offers.
import { html } from "../../vendor/lit.js";
import { t } from "../i18n.js";

/** pairs: of value and words. The property, not the attribute: what somebody chose by hand must give
 *  way when the address changes. */
export const options = (pairs, chosen) =>
  pairs.map(([value, words]) => html`<option value=${value} .selected=${value === chosen}>${words}</option>`);

/** A filter's choices, before them the one that filters nothing. prefix: of their words. */
export const filterOptions = (prefix, values, chosen = "") =>
  options([["", t("filter.any")], ...values.map((value) => [value, t(`${prefix}.${value}`)])], chosen);
