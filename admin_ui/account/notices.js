// Sign-ins from devices that are new to this person: whether it was they. What they say is done at once,
// as somebody who reads this in alarm should not be asked twice.
import { makeInstants } from "../shared/instants.js";
import { fresh, said } from "../widgets/ask.js";
import { Failure } from "../widgets/calls.js";
import { address, make, rich, say } from "../widgets/make.js";
import { Refresher } from "../widgets/refresh.js";

/** askPassword(): leads to the form for another password. */
export function offerNotices(place, { words, calls, username, leave, refresh, askPassword }) {
  const { t } = words;
  const instants = makeInstants(words);
  const cards = new Map();
  const refresher = new Refresher(load);

  async function load() {
    try {
      show((await calls.notices()).items);
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.over) leave(error.code);
      return false; // the list of sessions says that there is no answer
    }
  }

  function show(items) {
    const written = new Map(items.map((item) => [item.id, JSON.stringify(item)]));
    for (const [id, card] of cards) if (!card.busy && !written.has(id)) drop(id);
    items.forEach((item, index) => {
      const card = cards.get(item.id);
      if (card?.busy || card?.written === written.get(item.id)) return;
      const element = item.state === "disowned" ? disowned(item) : waiting(item);
      cards.set(item.id, { element, written: written.get(item.id), busy: false });
      if (card) card.element.replaceWith(element);
      else place.insertBefore(element, place.children[index] ?? null);
    });
  }

  function drop(id) {
    cards.get(id).element.remove();
    cards.delete(id);
  }

  function card(item, title, sentence, ...rest) {
    const heading = make("b", {}, rich(words, title, { device: words.deviceName(item.device.label) }));
    return make("section", { class: "note notice", "data-notice": item.id, "data-state": item.state }, heading, make("p", {}, sentence), ...rest);
  }

  const button = (kind, text, click) => make("button", { type: "button", class: `btn small ${kind}`, click }, t(text));

  function waiting(item) {
    const time = instants.absolute(item.seenAt);
    const fault = make("p", { class: "fault", role: "alert", hidden: true });
    const answer = (run) => (event) => act(item, event.currentTarget, fault, run);
    return card(
      item,
      "own.new_device",
      rich(words, "own.new_device_body", { address: address(item.ipAddress), time }),
      item.confirmable ? null : make("p", {}, t("own.new_device_elsewhere")),
      fault,
      make(
        "div",
        { class: "row" },
        item.confirmable ? button("", "own.new_device_mine", answer(confirm)) : null,
        button("danger", "own.new_device_not_mine", answer(disown)),
      ),
    );
  }

  const disowned = (item) =>
    card(
      item,
      "own.new_device_ended",
      t("own.new_device_ended_body"),
      make("div", { class: "row" }, button("solid", "own.new_device_next", askPassword)),
    );

  async function act(item, pressed, fault, run) {
    const kept = cards.get(item.id);
    if (kept.busy) return;
    kept.busy = true;
    pressed.setAttribute("aria-busy", "true");
    fault.hidden = true;
    try {
      await run(item);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.over) return leave(error.code);
      if (error.code !== "not_found" && error.code !== "reauth_left") {
        fault.hidden = false;
        say(fault, said(words, error));
      }
    } finally {
      kept.busy = false;
      pressed.removeAttribute("aria-busy");
    }
    await refresher.now();
  }

  async function confirm(item) {
    await calls.confirmNotice(item.id);
    const device = words.deviceName(item.device.label);
    const done = make("p", { class: "note good", role: "status", tabindex: "-1" }, rich(words, "own.new_device_known", { device }));
    cards.get(item.id).element.replaceWith(done);
    cards.delete(item.id);
    done.focus();
  }

  async function disown(item) {
    await fresh(document.body, words, calls, username, () => calls.disownNotice(item.id));
    refresh();
    askPassword();
  }

  refresher.start();
  return refresher;
}
