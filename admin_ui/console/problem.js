// What a failure says to people: what failed, what to try, and the number to ask support with.
import { html, nothing } from "../vendor/lit.js";
import { has, named, t } from "./i18n.js";

/** What happened, as a sentence of ours where there is one. */
export function said(failure) {
  if (has(`problem.${failure.code}`)) return t(`problem.${failure.code}`, { n: failure.count ?? 0 });
  return failure.detail || t("problem.other");
}

// Members whose faults have words of ours; those of a password come in the language of the page.
const SAID = {
  ip: "fault.ip",
  username: "fault.username",
  displayName: "fault.text",
  email: "fault.text",
  groups: "fault.text",
  description: "fault.text",
  url: "fault.url",
};

const memberOf = (fault) => fault.field.split(".")[0];

function words(fault) {
  const key = !fault.ours && SAID[memberOf(fault)];
  return key ? t(key) : fault.message;
}

/** What is wrong with one member of what was sent, or nothing. */
export function faultOf(failure, field) {
  const faults = failure?.errors?.filter((fault) => memberOf(fault) === field) ?? [];
  return [...new Set(faults.map(words))].join(" ");
}

/** A failure within a dialog or a form. elsewhere(field): the fault is said at its field already. */
export function failureNote(failure, elsewhere = () => false) {
  if (!failure) return nothing;
  const faults = failure.errors.filter((fault) => !elsewhere(memberOf(fault)));
  if (failure.errors.length && !faults.length)
    return html`<div class="note bad" role="alert" data-failure=${failure.code}><b>${said(failure)}</b></div>`;
  return html`<div class="note bad" role="alert" data-failure=${failure.code}>
    <b>${said(failure)}</b>
    ${faults.map((fault) => html`<p><code>${fault.field}</code> ${words(fault)}</p>`)} ${requestNumber(failure)}
  </div>`;
}

export function requestNumber(failure) {
  if (!failure.requestId) return nothing;
  return html`<p class="technical">${t("problem.request")} <code>${failure.requestId}</code></p>`;
}

/** In the place of a list that could not be loaded. */
export function failurePanel(failure, retry) {
  if (failure.code === "invalid_input" && failure.errors.length) return filterPanel(failure);
  return html`<div class="state" role="alert" data-state="error">
    <h2>${t("state.error")}</h2>
    <p>${said(failure)} ${named("problem.next", failure.code === "offline" ? "offline" : "any")}</p>
    <button class="btn" type="button" @click=${retry}>${t("act.again")}</button>
    ${requestNumber(failure)}
  </div>`;
}

/** What the address asks for makes no sense: asking for it again would not either. */
const filterPanel = (failure) =>
  html`<div class="state" role="alert" data-state="error">
    <h2>${t("state.error")}</h2>
    <p>${said(failure)}</p>
    ${failure.errors.map((fault) => html`<p><code>${fault.field}</code> ${foreign(fault)}</p>`)}
    <a class="btn" href=${location.pathname}>${t("filter.clear")}</a>
  </div>`;

/** What is typed into the address by hand may be wrong in ways that only the API has words for. */
const foreign = (fault) =>
  SAID[memberOf(fault)] ? words(fault) : html`<span lang="en" dir="ltr">${fault.message}</span>`;
