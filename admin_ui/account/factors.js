// The second factor: an app that makes codes, and recovery codes for whoever loses it.
import { makeInstants } from "../shared/instants.js";
import { ask, fresh, said } from "../widgets/ask.js";
import { Failure } from "../widgets/calls.js";
import { make, say } from "../widgets/make.js";
import { Refresher } from "../widgets/refresh.js";
import { askFirstCode, showCodes } from "./factor-dialogs.js";

const FEW = 3;

/** place: of what there is, and of the ways to change it. */
export function offerFactors(place, { words, calls, username, leave }) {
  const { t } = words;
  const instants = makeInstants(words);
  const refresher = new Refresher(load);
  const fault = make("p", { class: "note bad", role: "alert", "data-factor-fault": true, hidden: true });
  const list = make("div");
  let written = "";

  async function load() {
    try {
      show(await calls.factors());
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.over) leave(error.code);
      return false; // the list of sessions says that there is no answer
    }
  }

  function show(seen) {
    const now = JSON.stringify(seen);
    if (now === written) return;
    written = now;
    list.replaceChildren(seen.items.length ? present(seen) : absent(seen));
  }

  const button = (label, name, click, classes = "") =>
    make("button", { type: "button", class: `btn ${classes}`, "data-act": name, click }, label);
  const time = (instant) => make("time", { datetime: instant, title: instants.whole(instant) }, instants.absolute(instant));
  const fact = (key, instant) => make("small", {}, `${t(key)}: `, instant ? time(instant) : "–");

  function absent({ mode }) {
    const why = { off: "own.factors_off", offered: "own.factors_none", required: "own.factors_required" }[mode];
    return make(
      "div",
      { class: "sheet pad spread" },
      make("p", {}, t(why)),
      mode === "off" ? null : button(t("factor.set_up"), "set-up", setUp, "primary"),
    );
  }

  function present({ items, recoveryCodes, mode }) {
    const rows = items.map((one) =>
      make(
        "li",
        { "data-factor": one.id },
        make(
          "div",
          {},
          make("b", {}, t(`factor.${one.kind}`)),
          make("div", {}, fact("factor.since", one.createdAt), " · ", fact("factor.used", one.lastUsedAt)),
        ),
        make(
          "span",
          { class: "pair" },
          mode === "off" ? null : button(t("factor.replace"), "replace", setUp, "small"),
          button(t("factor.remove"), "remove", () => remove(one), "danger small"),
        ),
      ),
    );
    const left = t("factor.codes_left", { n: recoveryCodes });
    const codes = make(
      "li",
      { "data-factor": "recovery-codes" },
      make(
        "div",
        {},
        make("b", {}, t("factor.codes_title")),
        make("div", {}, make("small", { class: recoveryCodes < FEW ? "few" : "" }, left)),
      ),
      button(t("factor.codes_renew"), "renew", renew, "small"),
    );
    return make("ul", { class: "sheet agents" }, rows, codes);
  }

  /** Do an act; what it was refused for stands above the list. */
  async function guarded(act) {
    fault.hidden = true;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.over) return leave(error.code);
      if (error.code === "reauth_left") return;
      fault.hidden = false;
      say(fault, said(words, error));
    } finally {
      refresher.now();
    }
  }

  const proven = (run) => fresh(document.body, words, calls, username, run);

  const setUp = () =>
    guarded(async () => {
      const offer = await proven(() => calls.beginTotp());
      const done = await askFirstCode(words, calls, offer);
      if (done?.recoveryCodes.length) await showCodes(words, done.recoveryCodes);
    });

  const remove = (one) =>
    guarded(() =>
      ask(document.body, {
        words,
        name: "remove-factor",
        title: t("factor.remove_title"),
        body: make("p", {}, t("factor.remove_body")),
        act: t("factor.remove"),
        keep: t("act.cancel"),
        run: () => proven(() => calls.removeFactor(one.id)),
      }),
    );

  const renew = () =>
    guarded(async () => {
      const done = await ask(document.body, {
        words,
        name: "renew-codes",
        title: t("factor.codes_renew_title"),
        body: make("p", {}, t("factor.codes_renew_body")),
        act: t("factor.codes_renew"),
        keep: t("act.cancel"),
        run: () => proven(() => calls.newRecoveryCodes()),
      });
      if (done) await showCodes(words, done.recoveryCodes);
    });

  place.replaceChildren(fault, list);
  refresher.start();
  return refresher;
}
