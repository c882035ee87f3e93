// The rows of the table. A row is built once and changed in place, so that an open detail stays open
// and the focus where it is.
import { makeInstants } from "../shared/instants.js";
import { address, make, say } from "./make.js";

const COLUMNS = ["own.device", "column.created", "column.active", "column.ip"];

export function head(words) {
  return make(
    "thead",
    { part: "head" },
    make(
      "tr",
      {},
      COLUMNS.map((key) => make("th", { scope: "col", part: "heading" }, words.t(key))),
      make("th", { scope: "col", part: "heading", class: "end" }, words.t("column.actions")),
    ),
  );
}

/** Rows of about the height that the real ones will have. */
export function skeleton() {
  const row = () =>
    make(
      "tr",
      {},
      Array.from({ length: COLUMNS.length + 1 }, () => make("td", {}, make("span", { class: "bone" }))),
    );
  return make("tbody", { class: "skeleton", "aria-hidden": "true" }, row(), row(), row());
}

/** One session. end(session, button): asks whether to end it. */
export class Row {
  constructor(session, words, end) {
    this.session = session;
    this.words = words;
    this.instants = makeInstants(words);
    const labelled = (key, ...children) => make("td", { "data-label": words.t(key), part: "cell" }, ...children);
    this.created = this.#time();
    this.active = this.#time();
    this.label = make("b", { part: "device" });
    this.kind = make("small", {});
    this.sent = make("code", { dir: "ltr" });
    this.ip = make("span", { class: "ip", dir: "ltr", part: "address" });
    this.moved = make("small", { class: "since" });
    this.act = make("td", { class: "end", part: "cell action" });
    this.element = make(
      "tr",
      { "data-row": session.id, part: session.current ? "row current" : "row" },
      make(
        "td",
        { class: "lead", part: "cell" },
        make("span", { class: "two" }, this.label, this.kind),
        make("details", { part: "details" }, make("summary", {}, words.t("own.sent")), this.sent),
      ),
      labelled("column.created", this.created.box),
      labelled("column.active", this.active.box),
      labelled("column.ip", this.ip, this.moved),
      this.act,
    );
    this.#setAct(end);
    this.update(session);
  }

  /** device, address: as sentences name this session. */
  get values() {
    return { device: this.words.deviceName(this.session.device.label), address: this.session.lastIpAddress };
  }

  get button() {
    return this.act.querySelector("button");
  }

  update(session) {
    const { words } = this;
    const kind = session.kind === "browser" ? session.device.type : session.kind;
    const moved = session.lastIpAddress !== session.ipAddress;
    this.session = session;
    say(this.label, words.deviceName(session.device.label));
    say(this.kind, kind === "unknown" ? "" : words.named("device", kind));
    say(this.sent, session.userAgent || "–");
    if (this.ip.textContent !== session.ipAddress) this.ip.replaceChildren(address(session.ipAddress));
    if (moved) this.moved.replaceChildren(`${words.t("address.now")} `, this.#address(session.lastIpAddress));
    else this.moved.replaceChildren();
    this.#age();
  }

  /** It ended elsewhere while somebody was pointing at the table: nothing moves, but it says so. */
  end() {
    this.element.classList.add("ended");
    this.act.replaceChildren(make("span", { class: "tag", part: "badge" }, this.words.t("column.ended")));
  }

  #age() {
    for (const [time, instant] of [
      [this.created, this.session.createdAt],
      [this.active, this.session.lastActiveAt],
    ]) {
      time.at.dateTime = instant;
      time.at.title = this.instants.whole(instant);
      say(time.at, this.instants.absolute(instant));
      say(time.ago, this.instants.ago(instant));
    }
  }

  #setAct(end) {
    const { words, session } = this;
    if (session.current) {
      const hint = words.t("session.current_hint");
      this.act.append(make("span", { class: "tag now", part: "badge", title: hint }, words.t("session.current")));
      return;
    }
    const described = words.t("own.one_of", this.values);
    this.act.append(
      make(
        "button",
        {
          type: "button",
          class: "btn danger small",
          part: "button revoke",
          "aria-label": described,
          click: () => end(this),
        },
        words.t("act.revoke"),
      ),
    );
  }

  #time() {
    const at = make("time", {});
    const ago = make("small", {});
    return { at, ago, box: make("span", { class: "two" }, at, ago) };
  }

  #address = (value) => make("span", { class: "ip", dir: "ltr" }, address(value));
}
