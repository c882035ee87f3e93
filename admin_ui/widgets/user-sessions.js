// <user-sessions>: where somebody is signed in, in any page of the application. It shows the sessions
// of whoever looks at it, ends others after asking, and tells the page what it did by events:
// `session-revoked` ({id, revoked}) and `signed-out` ({code}).
import { chosenLanguage } from "../shared/language.js";
import { ask, fresh } from "./ask.js";
import { Failure, makeCalls } from "./calls.js";
import { frame } from "./frame.js";
import { make, rich, say } from "./make.js";
import { Refresher } from "./refresh.js";
import { interrupted, signedOut, unloaded } from "./states.js";
import { makeStyle } from "./style.js";
import { Table } from "./table.js";
import { wordsFor } from "./texts.js";

let place = { mount: "", tree: "", languages: ["en"] };
let style;

/** Make the element known. config: where this product is, and which languages it speaks. */
export function define(config) {
  place = config;
  if (!customElements.get("user-sessions")) customElements.define("user-sessions", UserSessions);
}

const isPath = (text) => /^\/(?!\/)[\w./~-]*$/.test(text);

class UserSessions extends HTMLElement {
  static observedAttributes = ["lang", "mount"];

  #root = this.attachShadow({ mode: "open" });
  #refresher = new Refresher(() => this.#load());
  #building = null;
  #parts = null;
  #items = [];

  connectedCallback() {
    style ??= makeStyle();
    this.#root.adoptedStyleSheets = [style];
    this.#build();
  }

  disconnectedCallback() {
    this.#refresher.stop();
    this.#building = this.#parts = null;
  }

  attributeChangedCallback(_, before, after) {
    if (this.isConnected && before !== after) this.#build();
  }

  /** Ask for the list now. */
  refresh() {
    return this.#refresher.now();
  }

  /** The path of the product, of our own origin whatever the attribute says. */
  get mount() {
    const given = this.getAttribute("mount") ?? "";
    return isPath(given) ? given.replace(/\/$/, "") : place.mount;
  }

  /** Its own if it has one; then what was chosen for our pages; then that of the page around it. */
  get #tag() {
    return this.lang || chosenLanguage() || this.closest("[lang]")?.lang || navigator.language;
  }

  async #build() {
    this.#refresher.stop();
    const building = (this.#building = {});
    let words;
    try {
      words = await wordsFor(this.#tag, place);
    } catch {
      return setTimeout(() => this.#building === building && this.#build(), 5_000);
    }
    if (this.#building !== building) return; // taken out, or another language meanwhile
    const calls = makeCalls(this.mount, () => words.language);
    const table = new Table(words, (row) => this.#endOne(row));
    const parts = frame(words, table, () => this.#endOthers());
    this.#root.replaceChildren(parts.section);
    this.#parts = { words, calls, table, ...parts };
    this.#is("loading");
    this.#refresher.start();
  }

  #is(state) {
    this.#parts.section.dataset.state = state;
  }

  /** Resolves to whether there was an answer. */
  async #load() {
    const parts = this.#parts;
    if (!parts || parts.section.dataset.state === "over") return true;
    try {
      const answer = await parts.calls.list();
      if (parts === this.#parts) this.#show(answer.items);
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (parts === this.#parts) this.#failed(error);
      return false;
    }
  }

  #show(items) {
    const { words, table, note, others, told, section } = this.#parts;
    const first = section.dataset.state !== "ready";
    this.#items = items;
    note.hidden = true;
    this.#is("ready");
    table.show(items);
    const elsewhere = items.filter((item) => !item.current).length;
    others.hidden = elsewhere === 0;
    if (first || elsewhere === 0) say(told, elsewhere ? "" : words.t("own.only"));
    else if (told.textContent === words.t("own.only")) say(told, "");
  }

  #failed(failure) {
    if (failure.over) return this.#over(failure.code);
    const { words, note, told, section } = this.#parts;
    const never = ["loading", "error"].includes(section.dataset.state);
    this.#is(never ? "error" : "offline");
    say(told, "");
    if (!note.hidden && note.dataset.code === failure.code) return; // said already
    note.dataset.code = failure.code;
    note.replaceChildren(...(never ? unloaded(words, failure, () => this.refresh()) : interrupted(words, failure)));
    note.hidden = false;
  }

  /** This session has ended: nothing of it is shown any more. */
  #over(code) {
    this.#refresher.stop();
    const { words, calls, section } = this.#parts;
    this.#items = [];
    section.replaceChildren(signedOut(words, calls.mount, code));
    this.#is("over");
    this.#tell("signed-out", { code });
  }

  async #endOne(row) {
    const { words, table } = this.#parts;
    const { values, session: { id } } = row;
    const done = await this.#act({
      name: "end-session",
      title: words.t("own.one_title"),
      body: make("p", {}, rich(words, "own.one_body", values)),
      act: words.t("act.revoke"),
      keep: words.t("end.keep_one"),
      run: (calls) => calls.endOne(id),
    });
    if (!done) return;
    table.remove([id]);
    this.#tell("session-revoked", { id, revoked: done.revoked });
    this.#done(done.revoked ? words.t("own.one_done", values) : words.t("end.gone"));
  }

  async #endOthers() {
    const { words, table, section } = this.#parts;
    const ids = this.#items.filter((item) => !item.current).map((item) => item.id);
    const done = await this.#act({
      name: "end-others",
      title: words.t("own.others_title"),
      body: make("p", {}, rich(words, "own.others_body", { n: ids.length })),
      act: words.t("own.others"),
      keep: words.t("end.keep_some"),
      run: (calls) => calls.endOthers(),
    });
    if (!done) return;
    table.remove(ids);
    section.tabIndex = -1;
    section.focus(); // the button that had it is gone
    this.#tell("session-revoked", { id: null, revoked: done.revoked });
    this.#done(words.t("end.some_done", { n: done.revoked }));
  }

  /** Ask and do; resolves to the answer, or to nothing. */
  async #act({ run, ...question }) {
    const { words, calls } = this.#parts;
    const username = this.#items[0]?.user.username ?? "";
    try {
      return await ask(this.#parts.section, {
        words,
        ...question,
        run: () => fresh(this.#parts.section, words, calls, username, () => run(calls)),
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#failed(error);
      return undefined;
    }
  }

  async #done(text) {
    await this.refresh();
    if (this.#parts) say(this.#parts.told, text);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
