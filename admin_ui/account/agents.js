// Software that acts for this person: what there is, the way to switch it off, and the form that makes a
// token. The token is shown once, in a dialog; nothing here keeps it.
import { makeInstants } from "../shared/instants.js";
import { ask, fresh, said } from "../widgets/ask.js";
import { Failure } from "../widgets/calls.js";
import { make, rich, say } from "../widgets/make.js";
import { Refresher } from "../widgets/refresh.js";

const HOURS = [1, 8];
const SECONDS = 3600;

/** place: of the list. form: what makes another. */
export function offerAgents(place, form, { words, calls, username, leave, refresh }) {
  const { t } = words;
  const instants = makeInstants(words);
  const refresher = new Refresher(load);
  const { name, scopes, lasts } = form.elements;
  const fault = form.querySelector("[data-agent-fault]");
  const send = form.querySelector("[type=submit]");
  let written = "";

  async function load() {
    try {
      show((await calls.agents()).items);
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.over) leave(error.code);
      return false; // the list of sessions says that there is no answer
    }
  }

  function show(items) {
    const now = JSON.stringify(items);
    if (now === written || place.contains(document.activeElement)) return;
    written = now;
    place.replaceChildren(
      items.length ? make("ul", { class: "sheet agents" }, items.map(row)) : make("p", { class: "hint" }, t("own.agents_none")),
    );
  }

  const fact = (key, ...value) => make("small", {}, `${t(key)}: `, ...value);
  const time = (instant) => make("time", { datetime: instant, title: instants.whole(instant) }, instants.absolute(instant));

  function row(agent) {
    const off = make(
      "button",
      {
        type: "button",
        class: "btn danger small",
        "aria-label": t("agent.disable_of", { name: agent.name }),
        click: () => disable(agent),
      },
      t("agent.disable"),
    );
    return make(
      "li",
      { "data-agent": agent.id },
      make(
        "div",
        {},
        make("b", {}, make("bdi", {}, agent.name)),
        " ",
        make("span", { class: "tag plain" }, words.named("kind", agent.kind)),
        make("div", { class: "scopes" }, agent.scopes.map((scope) => make("code", { dir: "ltr" }, scope))),
        fact("agent.used", time(agent.lastActiveAt)),
        " · ",
        fact("column.expires", time(agent.expiresAt)),
      ),
      off,
    );
  }

  async function disable(agent) {
    try {
      await ask(document.body, {
        words,
        name: "disable-agent",
        title: t("agent.disable_title", { name: agent.name }),
        body: make("p", {}, t("agent.disable_body")),
        act: t("agent.disable"),
        keep: t("act.cancel"),
        run: () => fresh(document.body, words, calls, username, () => calls.endAgent(agent.id)),
      });
    } catch (error) {
      if (!(error instanceof Failure) || !error.over) throw error;
      return leave(error.code);
    }
    document.activeElement?.blur();
    await changed();
  }

  const changed = () => Promise.all([refresher.now(), refresh()]);

  /** Say what is wrong, and lead to the field that it is about. */
  function blame(text, field) {
    fault.hidden = !text;
    say(fault, text);
    for (const one of [name, scopes]) one.setAttribute("aria-invalid", String(Boolean(text) && one === field));
    if (text) field?.focus();
  }

  function refused(failure) {
    if (failure.over) return leave(failure.code);
    const [first] = failure.errors;
    if (!first) return blame(said(words, failure), scopes);
    blame(first.message, first.field.startsWith("scopes") ? scopes : name);
  }

  async function submit(event) {
    event.preventDefault();
    if (send.getAttribute("aria-busy") === "true") return;
    const empty = [name, scopes].find((field) => !field.value.trim());
    if (empty) return blame(t("field.required"), empty);
    blame("");
    send.setAttribute("aria-busy", "true");
    const lines = scopes.value.split("\n").map((line) => line.trim());
    const wanted = { name: name.value.trim(), scopes: lines.filter(Boolean) };
    if (lasts.value) wanted.expiresIn = Number(lasts.value) * SECONDS;
    try {
      const answer = await calls.createAgent(wanted);
      form.reset();
      changed();
      await showToken(answer);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refused(error);
    } finally {
      send.removeAttribute("aria-busy");
    }
  }

  function showToken({ agent, token }) {
    const field = make("input", { class: "field mono", name: "token", readonly: true, dir: "ltr", value: token });
    const label = make("label", { class: "labelled" }, make("span", {}, t("agent.token")), field);
    return ask(document.body, {
      words,
      name: "agent-token",
      title: t("agent.token_title", { name: agent.name }),
      body: make("p", {}, rich(words, "agent.token_body", {})),
      fields: [label],
      act: t("agent.copy"),
      keep: t("act.close"),
      danger: false,
      run: () => copy(field, token),
    });
  }

  async function copy(field, token) {
    try {
      await navigator.clipboard.writeText(token);
    } catch {
      field.select(); // no clipboard without https: what is selected can be copied by hand
      throw new Failure({ code: "not_copied", detail: t("agent.token_body") });
    }
  }

  lasts.replaceChildren(
    ...HOURS.map((n) => make("option", { value: n }, t("agent.hours", { n }))),
    make("option", { value: "" }, t("agent.longest")),
  );
  form.addEventListener("submit", submit);
  refresher.start();
  return refresher;
}
