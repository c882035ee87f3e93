// Keeps a list of sessions as it is in truth. A session that ends anywhere is marked at once; it leaves,
// and new ones come, when nobody is about to press a row.
import { onEvents } from "../live.js";
import { Stillness } from "./rows.js";

const SOON = 900;
const AGAIN = 30_000;
const ENDS = /^session\.(revoked|expired|signed_out|evicted)$/;

export class LiveRows {
  /** host: has `list` (a PagedList), `ended` (a Map), and `refresh()`. */
  constructor(host) {
    this.host = host;
    this.waiting = false;
    this.stillness = new Stillness(host);
    host.addController(this);
  }

  hostConnected() {
    this.host.leaving.push(onEvents((events) => this.#heard(events)));
    const again = setInterval(() => this.#plan(), AGAIN);
    this.host.leaving.push(
      () => clearInterval(again),
      () => clearTimeout(this.timer),
    );
    this.host.listen(document, "visibilitychange", () => this.#plan());
    this.host.listen(this.host, "mouseleave", () => this.waiting && this.#plan(), true);
  }

  #heard(events) {
    if (events === null) return this.#plan();
    for (const event of events)
      if (ENDS.test(event.type) && this.#shown(event.sessionId))
        this.host.ended.set(event.sessionId, event.reason || "revoked");
    if (events.some((event) => event.type.startsWith("session.") || event.type.startsWith("user."))) this.#plan();
    this.host.requestUpdate();
  }

  #shown(id) {
    return this.host.list.items.some((session) => session.id === id);
  }

  /** One look for all that happens within a moment, and at most one at a time. */
  #plan() {
    if (document.visibilityState !== "visible") return;
    this.waiting = true;
    this.timer ??= setTimeout(() => this.#look(), SOON);
  }

  async #look() {
    this.timer = undefined;
    if (this.stillness.needed) {
      this.timer = setTimeout(() => this.#look(), SOON);
      this.host.requestUpdate();
      return;
    }
    this.waiting = false;
    await this.host.refresh();
  }
}
