// Out of everywhere: all other sessions, then this one, then what this browser keeps, then sign-in.
import { ask, fresh } from "../widgets/ask.js";
import { Failure } from "../widgets/calls.js";
import { make } from "../widgets/make.js";

export function offerEverywhere(button, { words, calls, username, leave }) {
  const { t } = words;

  async function end() {
    await fresh(document.body, words, calls, username, () => calls.endOthers());
    await calls.signOut(true);
    await forget();
    return true;
  }

  async function offer() {
    try {
      const done = await ask(document.body, {
        words,
        name: "everywhere",
        title: t("own.everywhere_title"),
        body: make("p", {}, t("own.everywhere_body")),
        act: t("own.everywhere"),
        keep: t("act.cancel"),
        run: end,
      });
      if (done) leave("session_signed_out");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      leave(error.code); // this session was over before
    }
  }

  button.hidden = false;
  button.addEventListener("click", offer);
}

/** The answer to signing out asks the browser to forget; older ones, and those without https, are told
 *  so here. */
async function forget() {
  for (const store of ["localStorage", "sessionStorage"]) {
    try {
      window[store].clear();
    } catch {
      // storage is switched off
    }
  }
  if (!("caches" in window)) return;
  for (const name of await caches.keys().catch(() => [])) await caches.delete(name);
}
