// What is shown once: the secret of an app that is set up, and recovery codes. Nothing here keeps them.
import { ask } from "../widgets/ask.js";
import { Failure } from "../widgets/calls.js";
import { make, rich } from "../widgets/make.js";

/** Show the app's secret, and ask for its first code. Resolves to the answer to that. */
export function askFirstCode(words, calls, offer) {
  const { t } = words;
  let { challenge } = offer;
  const code = make("input", {
    class: "field mono",
    name: "code",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    dir: "ltr",
    required: true,
  });
  return ask(document.body, {
    words,
    name: "set-up-totp",
    title: t("factor.set_up_title"),
    body: [
      make("p", {}, t("factor.set_up_body")),
      picture(words, offer.qr),
      make("p", { class: "typed" }, t("factor.typed"), " ", make("code", { dir: "ltr" }, offer.secret)),
    ],
    fields: [make("label", { class: "labelled" }, make("span", {}, t("factor.first_code")), code)],
    act: t("factor.set_up_act"),
    keep: t("act.cancel"),
    danger: false,
    run: async (form) => {
      try {
        return await calls.confirmTotp(challenge, form.get("code"));
      } catch (failure) {
        if (failure instanceof Failure && failure.challenge) challenge = failure.challenge;
        code.select();
        code.focus();
        throw failure;
      }
    },
  });
}

function picture({ t }, { size, path }) {
  const svg = document.querySelector("[data-qr]").content.firstElementChild.cloneNode(true);
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("aria-label", t("factor.qr"));
  svg.firstElementChild.setAttribute("d", path);
  return make("div", { class: "qr" }, svg);
}

/** Show recovery codes. */
export function showCodes(words, codes) {
  const { t } = words;
  const items = codes.map((code) => make("li", {}, make("code", {}, code)));
  return ask(document.body, {
    words,
    name: "recovery-codes",
    title: t("factor.codes_title"),
    body: [make("p", {}, rich(words, "factor.codes_body", {})), make("ul", { class: "codes", dir: "ltr" }, items)],
    act: t("factor.codes_copy"),
    keep: t("factor.codes_kept"),
    danger: false,
    run: () => copy(t, codes),
  });
}

async function copy(t, codes) {
  try {
    await navigator.clipboard.writeText(codes.join("\n"));
  } catch {
    throw new Failure({ code: "not_copied", detail: t("factor.codes_by_hand") }); // no clipboard without https
  }
}
