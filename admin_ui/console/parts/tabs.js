// Tabs that are addresses: links, of which one is the current one. They can be opened beside, and the
// way back leads through them.
import { html, nothing } from "../../vendor/lit.js";
import { pageUrl } from "../place.js";
import { path, query } from "../router.js";

/** name: the member of the query that says which. options: pairs of value and words. What else is in
 *  the query goes along if it is in `keep`. */
export function tabs(name, chosen, options, keep = ["userId"]) {
  const kept = Object.fromEntries(keep.map((member) => [member, query()[member]]));
  return html`<nav class="tabs" aria-label=${options.map(([, words]) => words).join(", ")}>
    ${options.map(
      ([value, words]) =>
        html`<a
          href=${pageUrl(path(), { ...kept, [name]: value })}
          data-tab=${value || "first"}
          aria-current=${value === chosen ? "page" : nothing}
          >${words}</a
        >`,
    )}
  </nav>`;
}
