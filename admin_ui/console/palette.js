// The command palette: a person, an address or an act by a few letters, from anywhere. The best match's
// acts stand right beneath it, so that ending everything is: open, three letters, one arrow, Enter.
import { html, live, nothing, render } from "../vendor/lit.js";
import { Failure, get } from "./api.js";
import { t } from "./i18n.js";
import { isAddress } from "./parts/filter.js";
import { addressEntries, commands, matching, personEntries, verbs } from "./palette-entries.js";
import { said } from "./problem.js";

const PAUSE = 120;
const PEOPLE = 6;

/** Open it. verb: an act that a person is looked for, such as one of `verbs()`. */
export function openPalette(verb = null) {
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.dataset.dialog = "palette";
  dialog.setAttribute("aria-label", t("palette.title"));
  document.body.append(dialog);
  const palette = new Palette(dialog, verb);
  dialog.addEventListener("close", () => {
    palette.close();
    dialog.remove();
  });
  dialog.addEventListener("mousedown", (event) => event.target === dialog && dialog.close());
  palette.draw();
  dialog.showModal();
  dialog.querySelector("input").focus();
  palette.look();
}

class Palette {
  entries = [];
  at = 0;
  text = "";
  note = "";
  #asked = null;
  #looking = null;
  #keys = Promise.resolve();

  constructor(dialog, verb) {
    this.dialog = dialog;
    this.verb = verb;
  }

  close() {
    clearTimeout(this.timer);
    this.#asked?.abort();
  }

  /** Find what the text may mean. */
  look() {
    clearTimeout(this.timer);
    this.timer = undefined;
    return (this.#looking = this.#find());
  }

  /** First what is known at once, then the people. */
  async #find() {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    const text = this.text.trim();
    const known = this.verb
      ? []
      : [...(isAddress(text) ? addressEntries(text) : []), ...matching([...verbs(), ...commands()], text)];
    this.#show(known, text && !isAddress(text) ? t("state.loading") : "");
    const { verb, name } = this.verb ? { verb: this.verb, name: text } : splitVerb(text);
    if (isAddress(text) || (!name && !verb)) return;
    try {
      const { items } = await get("/admin/users", { q: name, limit: PEOPLE }, asked.signal);
      const people = items.flatMap((user, index) => personEntries(user, { verb, first: index === 0 && name }));
      this.#show([...people, ...known], people.length + known.length ? "" : t("palette.nothing"));
    } catch (error) {
      if (asked.signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.#show(known, said(error));
    }
  }

  #show(entries, note) {
    const chosen = this.entries[this.at]?.id;
    this.entries = entries;
    // Whoever has moved the choice keeps it; else the first is the best.
    this.at = this.moved
      ? Math.max(
          entries.findIndex((entry) => entry.id === chosen),
          0,
        )
      : 0;
    this.note = note;
    this.draw();
  }

  typed(event) {
    this.text = event.target.value;
    this.moved = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step || (event.key === "Enter" && !event.isComposing)) {
      event.preventDefault();
      // As fast as somebody types, these keys mean what will be found, never what stood there before.
      this.#keys = this.#keys.then(() => this.#heard(step));
    } else if (event.key === "Backspace" && !this.text && this.verb) {
      this.verb = null;
      this.look();
    }
  }

  async #heard(step) {
    if (this.timer !== undefined) this.look();
    if (!this.moved) await this.#looking;
    if (!this.dialog.open) return;
    if (step) this.#move(step);
    else this.choose(this.entries[this.at]);
  }

  #move(step) {
    if (!this.entries.length) return;
    this.moved = true;
    this.at = (this.at + step + this.entries.length) % this.entries.length;
    this.draw();
    this.dialog.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  choose(entry) {
    if (!entry || entry.barred) return;
    if (entry.ask) {
      this.verb = entry.ask;
      this.text = "";
      this.moved = false;
      return this.look();
    }
    this.dialog.close();
    entry.run();
  }

  draw() {
    const { entries, at } = this;
    const active = entries[at] ? `palette-${at}` : nothing;
    render(
      html`<div class="asked">
          ${this.verb ? html`<span class="tag role">${this.verb.label}</span>` : nothing}
          <input
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant=${active}
            aria-label=${t("palette.title")}
            placeholder=${this.verb ? t("palette.whom") : t("palette.hint")}
            autocomplete="off"
            spellcheck="false"
            dir="auto"
            .value=${live(this.text)}
            @input=${(event) => this.typed(event)}
            @keydown=${(event) => this.pressed(event)}
          />
          <kbd class="kbd" aria-hidden="true">Esc</kbd>
        </div>
        <ul id="palette-list" role="listbox" aria-label=${t("palette.title")}>
          ${entries.map((entry, index) => this.#option(entry, index))}
        </ul>
        <p class="note-line" role="status">${this.note}</p>`,
      this.dialog,
    );
  }

  #option(entry, index) {
    return html`<li
      id=${`palette-${index}`}
      role="option"
      data-entry=${entry.id}
      class=${entry.danger ? "danger" : ""}
      aria-selected=${index === this.at}
      aria-disabled=${Boolean(entry.barred)}
      @click=${() => this.choose(entry)}
    >
      <span class="what">${entry.label}</span><small>${entry.barred || entry.hint || nothing}</small>
    </li>`;
  }
}

/** `revoke sessions mar` is the act and the person; without an act's words it is all a name. */
function splitVerb(text) {
  const words = text.split(/\s+/).filter(Boolean);
  for (let count = words.length; count > 0; count -= 1) {
    const said = words.slice(0, count).join(" ");
    const verb = count > 1 || words.length > 1 ? matching(verbs(), said)[0] : null;
    if (verb && count < words.length) return { verb: verb.ask, name: words.slice(count).join(" ") };
  }
  return { verb: null, name: text };
}
