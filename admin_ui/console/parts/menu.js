// The row menu: a button and a list of acts, as the ARIA menu pattern asks (arrows, Home, End, Escape).
// An act that is barred stays in the list with the reason, so that nobody looks for it.
import { html, nothing } from "../../vendor/lit.js";
import { View } from "../view.js";

let count = 0;

class Menu extends View {
  static properties = { label: {}, acts: { attribute: false } };

  name = `menu-${(count += 1)}`;

  constructor() {
    super();
    this.acts = [];
  }

  get list() {
    return this.querySelector("[role=menu]");
  }

  get items() {
    return [...this.querySelectorAll("[role=menuitem]")];
  }

  render() {
    return html`<button
        class="btn small menu-button"
        type="button"
        aria-haspopup="menu"
        aria-expanded="false"
        aria-label=${this.label}
        title=${this.label}
        popovertarget=${this.name}
        @keydown=${this.openByKey}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      <div
        role="menu"
        popover
        id=${this.name}
        aria-label=${this.label}
        class="menu"
        @toggle=${this.toggled}
        @keydown=${this.move}
      >
        ${this.acts.map(
          (act) =>
            html`<button
              type="button"
              role="menuitem"
              tabindex="-1"
              class=${act.danger ? "danger" : ""}
              data-act=${act.id}
              aria-disabled=${Boolean(act.barred)}
              @click=${() => this.choose(act)}
            >
              ${act.label}${act.barred ? html`<small>${act.barred}</small>` : nothing}
            </button>`,
        )}
      </div>`;
  }

  openByKey(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.list.showPopover();
      this.items.at(event.key === "ArrowUp" ? -1 : 0).focus();
    }
  }

  /** Stand under the button's end, or above it when there is no room. */
  toggled({ newState }) {
    const open = newState === "open";
    const button = this.querySelector("button");
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const box = button.getBoundingClientRect();
    const menu = this.list;
    const end = document.documentElement.dir === "rtl" ? box.left : innerWidth - box.right;
    const below = box.bottom + 4 + menu.offsetHeight < innerHeight;
    menu.style.setProperty("--end", `${Math.max(end, 8)}px`);
    menu.style.setProperty("--start", `${below ? box.bottom + 4 : Math.max(box.top - 4 - menu.offsetHeight, 8)}px`);
    this.items[0]?.focus();
  }

  move(event) {
    const items = this.items;
    const at = items.indexOf(document.activeElement);
    const next = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (event.key === "Tab") this.list.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    items[next].focus();
  }

  async choose(act) {
    if (act.barred) return;
    this.list.hidePopover();
    this.querySelector("button").focus(); // where the dialog gives the focus back to
    if (await act.run()) this.dispatchEvent(new CustomEvent("acted", { bubbles: true, detail: act.id }));
  }
}

customElements.define("sc-menu", Menu);
