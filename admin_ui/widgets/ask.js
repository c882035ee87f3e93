// Questions, in the browser's own dialog: the focus stays within and returns afterwards. Escape, the
// backdrop and the safe choice leave everything as it is.
import { Failure } from "./calls.js";
import { make, rich, say } from "./make.js";

const WANTS_CODE = new Set(["second_factor_required", "invalid_code"]);
let count = 0;

/** What a failure says to people. */
export function said(words, failure) {
  const key = `problem.${failure.code}`;
  return words.has(key) ? words.t(key) : failure.detail || words.t("problem.other");
}

/** Ask before an act, do it, and stay until it is done or refused. Resolves to what `run` returned, or
 *  to nothing; rejects only when this session is over.
 *
 *  root: a shadow root or an element to put the dialog into. body, fields: elements and texts. act: the
 *  words of its button; keep: those of the safe choice. run(form): does it, given the dialog's fields. */
export function ask(root, { words, name, title, body, act, keep, fields = [], danger = true, run }) {
  const heading = make("h2", { id: `own-dialog-${(count += 1)}` }, title);
  const fault = make("div", { class: "note bad", role: "alert", part: "failure", hidden: true });
  const safe = make("button", { type: "button", class: "btn", part: "button", click: () => element.close() }, keep);
  const go = make(
    "button",
    { type: "submit", class: `btn solid ${danger ? "" : "calm"}`, part: "button confirm", "data-act": true },
    act,
  );
  const form = make(
    "form",
    { novalidate: true },
    heading,
    make("div", { class: "body" }, body),
    fields,
    fault,
    make("div", { class: "row" }, safe, go),
  );
  const element = make("dialog", { "aria-labelledby": heading.id, "data-dialog": name, part: "dialog" }, form);
  let busy = false;
  let over, result;

  function tell(text) {
    fault.hidden = !text;
    say(fault, text);
  }

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    const empty = form.querySelector("[required]:invalid");
    if (empty) {
      tell(words.t("field.required"));
      return empty.focus();
    }
    busy = true;
    go.setAttribute("aria-busy", "true");
    tell("");
    try {
      result = await run(new FormData(form));
      element.close();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.over) {
        over = error;
        return element.close();
      }
      tell(said(words, error));
    } finally {
      busy = false;
      go.removeAttribute("aria-busy");
    }
  }

  return new Promise((resolve, reject) => {
    form.addEventListener("submit", submit);
    element.addEventListener("cancel", (event) => busy && event.preventDefault());
    element.addEventListener("mousedown", (event) => event.target === element && !busy && element.close());
    element.addEventListener("close", () => {
      element.remove();
      if (over) reject(over);
      else resolve(result);
    });
    root.append(element);
    element.showModal();
    (danger ? safe : (form.querySelector("input:not([hidden])") ?? safe)).focus();
  });
}

/** Do `run`; if it asks for a fresh sign-in, ask the person for it and do it again. */
export async function fresh(root, words, calls, username, run) {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "reauth_required") throw error;
  }
  const code = make("input", {
    class: "field",
    part: "field",
    name: "code",
    inputmode: "text",
    autocomplete: "one-time-code",
    autocapitalize: "none",
    spellcheck: "false",
    dir: "ltr",
  });
  // Who has a second factor is asked for it once the password was right.
  const more = make("label", { class: "labelled", hidden: true }, make("span", {}, words.t("field.code")), code);
  const proven = await ask(root, {
    words,
    name: "reauth",
    title: words.t("reauth.title"),
    body: make("p", {}, rich(words, "reauth.body", { name: username })),
    act: words.t("reauth.act"),
    keep: words.t("act.cancel"),
    danger: false,
    fields: [
      make("input", { hidden: true, name: "username", autocomplete: "username", value: username }),
      make(
        "label",
        { class: "labelled" },
        make("span", {}, words.t("field.password")),
        make("input", {
          class: "field",
          part: "field",
          name: "password",
          type: "password",
          autocomplete: "current-password",
          required: true,
        }),
      ),
      more,
    ],
    run: async (form) => {
      try {
        await calls.prove(form.get("password"), form.get("code").trim());
      } catch (failure) {
        if (!(failure instanceof Failure) || !WANTS_CODE.has(failure.code)) throw failure;
        more.hidden = false;
        code.required = true;
        code.select();
        code.focus();
        throw failure;
      }
      return true;
    },
  });
  if (!proven) throw new Failure({ code: "reauth_left" });
  return run();
}
