// What stands in the place of the list, or above it, when all is not well.
import { said } from "./ask.js";
import { signInUrl } from "./calls.js";
import { make } from "./make.js";

/** Above a list that cannot be asked for now: it stays readable, and goes on by itself. */
export function interrupted(words, failure) {
  const { t } = words;
  if (failure.code === "offline") return [make("b", {}, t("banner.offline")), t("banner.offline_next")];
  if (failure.code === "store_unavailable") return [make("b", {}, t("banner.store")), t("banner.store_next")];
  return [make("b", {}, said(words, failure)), t("problem.next.any"), ...requestNumber(words, failure)];
}

/** In the place of a list that never came. */
export function unloaded(words, failure, retry) {
  const { t } = words;
  return [
    make("b", {}, t("state.error")),
    `${said(words, failure)} ${t(failure.code === "offline" ? "problem.next.offline" : "problem.next.any")}`,
    ...requestNumber(words, failure),
    make("button", { type: "button", class: "btn small", part: "button retry", click: retry }, t("act.again")),
  ];
}

/** For somebody who is not signed in any more, or never was. */
export function signedOut(words, mount, code) {
  const guest = code === "session_missing";
  const href = signInUrl(mount, guest ? "" : code);
  return make(
    "div",
    { class: "state", part: "over", role: "status" },
    make("b", {}, words.t(guest ? "own.guest" : "own.over")),
    make("a", { class: "btn solid calm", part: "button sign-in", href }, words.t("own.sign_in")),
  );
}

function requestNumber(words, { requestId }) {
  return requestId ? [make("p", { class: "technical" }, `${words.t("problem.request")} `, make("code", {}, requestId))] : [];
}
