// The command palette: a person, an address or an act by a few letters, from anywhere. The best match's
// acts stand right beneath it, so that ending everything is: open, three letters, one arrow, Enter.
import { html, live, nothing, render } from "../vendor/lit.js";
import { Failure, get } from "./api.js";
import { t } from "./i18n.js";
import { isAddress } from "./parts/filter.js";
import { addressEntries, commands, matching, personEntries, splitVerb, verbs } from "./palette-entries.js";
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
  #sought = "";
  #keys = Promise.resolve();
  #pending = 0;

  constructor(dialog, verb) {
    this.dialog = dialog;
    this.verb = verb;
  }

  close() {
    clearTimeout(this.timer);
    this.#asked?.abort();
  }

  /** Find what the text may mean. */
  look(text = this.text) {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.#sought = text;
    return (this.#looking = this.#find(text.trim()));
  }

  /** First what is known at once, then the people. */
  async #find(text) {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
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
    if (this.#pending) return; // it comes after a key that is still to be heard
    this.moved = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step || (event.key === "Enter" && !event.isComposing)) {
      event.preventDefault();
      // As fast as somebody types, these keys mean what will be found for what was typed until then.
      const said = this.text;
      this.#pending += 1;
      this.#keys = this.#keys.then(() => this.#heard(step, said));
    } else if (event.key === "Backspace" && !this.text && this.verb) {
      this.verb = null;
      this.look();
    }
  }

  async #heard(step, said) {
    if (this.#sought !== said) this.look(said);
    if (!this.moved) await this.#looking;
    this.#pending -= 1;
    if (!this.dialog.open) return;
    if (step) this.#move(step);
    else this.choose(this.entries[this.at], said);
    if (!this.#pending && this.#sought !== this.text) this.look();
  }

  #move(step) {
    if (!this.entries.length) return;
    this.moved = true;
    this.at = (this.at + step + this.entries.length) % this.entries.length;
    this.draw();
    this.dialog.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  /** said: what led to it; what was typed since is the name of a person. */
  choose(entry, said = this.text) {
    if (!entry || entry.barred) return;
    if (entry.ask) {
      this.verb = entry.ask;
      this.text = this.text.slice(said.length);
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
