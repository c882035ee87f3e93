// The table of sessions: rows come, change and go in place. While the pointer is on them nothing
// moves, so that nobody presses the button of another row than they meant.
import { make } from "./make.js";
import { Row, head, skeleton } from "./rows.js";

export class Table {
  #rows = new Map();
  #words;
  #end;
  #waiting = null;

  /** end(row): asks whether to end that session. */
  constructor(words, end) {
    this.#words = words;
    this.#end = end;
    this.body = skeleton();
    this.element = make(
      "table",
      { class: "cards", part: "table", "aria-busy": true },
      make("caption", { class: "hidden" }, words.t("own.caption")),
      head(words),
      this.body,
    );
    this.element.addEventListener("pointerleave", () => this.#waiting && this.show(this.#waiting));
  }

  /** Show these sessions, in their order. */
  show(items) {
    if (this.element.hasAttribute("aria-busy")) this.#begin();
    const here = new Set(items.map((item) => item.id));
    const gone = [...this.#rows.values()].filter((row) => !here.has(row.session.id));
    const still = this.#pointed && (gone.length || items.some((item) => !this.#rows.has(item.id)));
    this.#waiting = still ? items : null;
    for (const item of items) this.#rows.get(item.id)?.update(item);
    if (still) for (const row of gone) row.end();
    else this.#settle(items, gone);
  }

  /** Take out what this person has ended; the focus goes to what is next. */
  remove(ids) {
    const gone = [...this.#rows.values()].filter((row) => ids.includes(row.session.id));
    this.#drop(gone);
  }

  get count() {
    return this.#rows.size;
  }

  #begin() {
    const body = make("tbody", { part: "body" });
    this.body.replaceWith(body);
    this.body = body;
    this.element.removeAttribute("aria-busy");
  }

  #settle(items, gone) {
    this.#drop(gone);
    items.forEach((item, index) => {
      const row = this.#rows.get(item.id) ?? this.#add(item);
      if (this.body.children[index] !== row.element) this.body.insertBefore(row.element, this.body.children[index]);
    });
  }

  #add(item) {
    const row = new Row(item, this.#words, this.#end);
    this.#rows.set(item.id, row);
    return row;
  }

  #drop(gone) {
    const root = this.element.getRootNode();
    const focused = root.activeElement?.closest("tr");
    for (const row of gone) {
      if (row.element === focused) this.#focusBeside(focused, gone);
      this.#rows.delete(row.session.id);
      row.element.remove();
    }
  }

  #focusBeside(element, gone) {
    const leaving = new Set(gone.map((row) => row.element));
    const rows = [...this.body.children];
    const at = rows.indexOf(element);
    const next = [...rows.slice(at), ...rows.slice(0, at).reverse()].find((row) => !leaving.has(row));
    const target = next?.querySelector("button") ?? this.element;
    if (target === this.element) target.tabIndex = -1;
    target.focus();
  }

  get #pointed() {
    return matchMedia("(hover: hover)").matches && this.body.matches(":hover");
  }
}
