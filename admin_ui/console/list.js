// One page of a list from the API, and how it is kept fresh.
import { Failure } from "./api.js";

export const SIZES = [25, 50, 100, 200];
export const SIZE = 50;

/** A Lit controller. read(signal) asks for the page and returns the API's answer. */
export class PagedList {
  state = "loading";
  items = [];
  total = 0;
  offset = 0;
  limit = SIZE;
  estimate = false;
  failure = null;
  answer = {};
  #asked = null;

  /** arriving(answer): called while the old rows still stand. */
  constructor(host, read, arriving = () => {}) {
    Object.assign(this, { host, read, arriving });
    host.addController(this);
  }

  hostDisconnected() {
    this.#asked?.abort();
  }

  /** Ask again. quiet: what is on screen stays until the answer is there, and also if there is none. */
  async load({ quiet = false } = {}) {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    if (!quiet) this.#become({ state: "loading" });
    try {
      const answer = await this.read(asked.signal);
      this.arriving(answer);
      this.#become({
        state: "ready",
        failure: null,
        answer,
        items: answer.items,
        total: answer.total,
        offset: answer.offset,
        limit: answer.limit,
        estimate: Boolean(answer.totalIsEstimate),
      });
      return true;
    } catch (error) {
      if (asked.signal.aborted) return false;
      if (!(error instanceof Failure)) throw error;
      if (!quiet) this.#become({ state: "error", failure: error });
      return false;
    }
  }

  #become(members) {
    Object.assign(this, members);
    this.host.requestUpdate();
  }
}
