// Keeps a list up to date: asks again every few seconds while somebody can see it, at once when the
// page comes back, and more and more seldom while there is no answer. Asking is no activity: it keeps
// no session alive.
const EVERY = 5_000;
const AT_MOST = 60_000;
const AWAKE = ["visibilitychange", "resume"];
const BACK = ["online", "pageshow", "focus"];

export class Refresher {
  #load;
  #timer = 0;
  #wait = EVERY;
  #asking = null;
  #running = false;

  /** load(): asks, and resolves to whether there was an answer. */
  constructor(load) {
    this.#load = load;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    for (const name of AWAKE) document.addEventListener(name, this.#wake);
    for (const name of BACK) window.addEventListener(name, this.#wake);
    this.now();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    for (const name of AWAKE) document.removeEventListener(name, this.#wake);
    for (const name of BACK) window.removeEventListener(name, this.#wake);
  }

  /** Ask now; whoever asks meanwhile waits for the same answer. */
  now() {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  #wake = () => {
    if (document.visibilityState === "visible") this.now();
  };

  async #ask() {
    clearTimeout(this.#timer);
    const answered = await this.#load();
    this.#wait = answered ? EVERY : Math.min(this.#wait * 2, AT_MOST);
    if (!this.#running) return;
    // A little apart, so that the tabs of many people do not ask in step.
    this.#timer = setTimeout(this.#wake, this.#wait * (0.9 + Math.random() / 5));
  }
}
