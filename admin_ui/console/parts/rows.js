// Rows by keyboard: j and k move, and what else a list understands acts on the row that has the focus.
// A row can have the focus, but is not in the tab order, which its buttons and links are.

export class RowKeys {
  /** host: a view whose rows are `tr[data-row]`. keys: `{x: (id, row) => …}`. */
  constructor(host, keys) {
    this.host = host;
    this.keys = keys;
    host.addController(this);
  }

  hostConnected() {
    this.host.listen(document, "sidecar-key", (event) => this.#heard(event));
  }

  get rows() {
    return [...this.host.querySelectorAll("tr[data-row]")];
  }

  get current() {
    return document.activeElement?.closest?.("tr[data-row]") ?? null;
  }

  #heard(event) {
    const rows = this.rows;
    const key = event.detail;
    if (!rows.length || event.defaultPrevented || !this.host.checkVisibility()) return;
    const at = rows.indexOf(this.current);
    if (key === "j" || key === "k") {
      event.preventDefault();
      const next = at < 0 ? 0 : at + (key === "j" ? 1 : -1);
      rows[Math.min(Math.max(next, 0), rows.length - 1)].focus();
    } else if (at >= 0 && this.keys[key]) {
      event.preventDefault();
      this.keys[key](rows[at].dataset.row, rows[at]);
    }
  }

  /** Call before other items come: if the row with the focus goes, the nearest that stays gets it. */
  keepFocus(items) {
    const rows = this.rows;
    const at = rows.indexOf(this.current);
    const here = new Set(items.map((item) => item.id));
    const staying = (row) => here.has(row.dataset.row);
    if (at < 0 || staying(rows[at])) return;
    (rows.slice(at).find(staying) ?? rows.slice(0, at).findLast(staying))?.focus();
  }
}

/** Say whether somebody is about to press something here: nothing may move under them then. */
export class Stillness {
  #touched = 0;

  constructor(host) {
    this.host = host;
    host.addController(this);
  }

  hostConnected() {
    const touch = () => (this.#touched = Date.now());
    this.host.listen(this.host, "touchstart", touch, { passive: true });
    this.host.listen(document, "scroll", touch, { passive: true });
  }

  get needed() {
    const pointer = matchMedia("(hover: hover)").matches && this.host.querySelector("tbody:hover");
    const open = document.querySelector("dialog[open]") || this.host.querySelector("[popover]:popover-open");
    return Boolean(pointer || open) || Date.now() - this.#touched < 3_000;
  }
}
