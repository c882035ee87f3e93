// A filter box that follows the typing: the address changes a moment after the last key, and the list
// with it. Enter does not wait. Chromium's own `search` event, on Enter, has nothing to say and stays
// within.
import { html, live, nothing } from "../../vendor/lit.js";
import { t } from "../i18n.js";
import { View } from "../view.js";

const PAUSE = 250;

class SearchBox extends View {
  static properties = { label: {}, placeholder: {}, value: {} };

  render() {
    return html`<div class="search">
      <input
        class="field"
        type="search"
        data-search
        aria-label=${this.label}
        placeholder=${this.placeholder}
        title="${this.label} (/)"
        autocomplete="off"
        spellcheck="false"
        dir=${this.typing || this.value ? "auto" : nothing}
        .value=${live(this.typing ?? this.value ?? "")}
        @input=${this.#typed}
        @keydown=${this.#pressed}
        @blur=${this.#send}
        @search=${(event) => event.stopPropagation()}
      />
      ${
        this.value || this.typing
          ? html`<button type="button" class="btn bare" aria-label=${t("filter.clear")} @click=${this.#clear}>
              ×
            </button>`
          : html`<kbd class="kbd" aria-hidden="true">/</kbd>`
      }
    </div>`;
  }

  #typed(event) {
    this.typing = event.target.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#send(), PAUSE);
    this.requestUpdate();
  }

  #pressed(event) {
    if (event.key === "Enter") this.#send();
    if (event.key === "Escape") {
      if (this.typing ?? this.value) this.#clear();
      else event.target.blur();
    }
  }

  #send() {
    clearTimeout(this.timer);
    const typed = this.typing;
    this.typing = undefined;
    if (typed !== undefined && typed.trim() !== (this.value ?? ""))
      this.dispatchEvent(new CustomEvent("search", { detail: typed.trim() }));
    this.requestUpdate();
  }

  #clear() {
    this.typing = "";
    this.#send();
    this.querySelector("input").focus();
  }
}

customElements.define("sc-search-box", SearchBox);
