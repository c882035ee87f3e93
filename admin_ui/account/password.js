// Another password: the rules are said beforehand, and what is wrong with it by the server.
import { said } from "../widgets/ask.js";
import { Failure } from "../widgets/calls.js";
import { say } from "../widgets/make.js";

export function offerPassword(form, { words, calls, leave, refresh }) {
  const { current, new: chosen } = form.elements;
  const fault = form.querySelector("[data-fault]");
  const done = form.querySelector("[data-done]");
  const send = form.querySelector("[type=submit]");
  const shows = form.querySelector("[data-shows]");

  function show(visible) {
    shows.checked = visible;
    for (const field of [current, chosen]) field.type = visible ? "text" : "password";
  }

  /** Say what is wrong, and lead to the field that it is about. */
  function blame(text, field) {
    fault.hidden = !text;
    say(fault, text);
    for (const one of [current, chosen]) one.setAttribute("aria-invalid", String(Boolean(text) && one === field));
    current.setAttribute("aria-describedby", field === current ? "fault" : "");
    chosen.setAttribute("aria-describedby", field === chosen ? "fault rules" : "rules");
    if (text) field?.focus();
  }

  function refused(failure) {
    if (failure.over) return leave(failure.code);
    const weak = failure.errors.filter((one) => one.field === "new").map((one) => one.message);
    if (weak.length) return blame(weak.join(" "), chosen);
    blame(said(words, failure), failure.code === "invalid_credentials" ? current : null);
  }

  async function submit(event) {
    event.preventDefault();
    if (send.getAttribute("aria-busy") === "true") return;
    done.hidden = true;
    const empty = [current, chosen].find((field) => !field.value);
    if (empty) return blame(words.t("field.required"), empty);
    blame("");
    show(false); // a shown password must not end up among the browser's form entries
    send.setAttribute("aria-busy", "true");
    try {
      await calls.changePassword(current.value, chosen.value);
      form.reset();
      done.hidden = false;
      say(done, words.t("own.password_done"));
      refresh();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refused(error);
    } finally {
      send.removeAttribute("aria-busy");
    }
  }

  shows.addEventListener("change", () => show(shows.checked));
  form.addEventListener("submit", submit);
  show(shows.checked); // whoever was faster than this script has ticked it already
}
