// One alarm: what it is, whom it is about, what is behind it, and the acts beside the evidence.
import { html, nothing } from "../../vendor/lit.js";
import { absolute, deviceName, when } from "../format.js";
import { has, n, named, t } from "../i18n.js";
import { barred } from "../me.js";
import { pageUrl } from "../place.js";
import { actButton, ip, person } from "./cells.js";

const TAGS = { critical: "bad", warning: "warn", info: "plain" };
const INSTANTS = new Set(["begin", "end", "since"]);
const SHOWN = 8;

/** Whom it is about, in a word: a person, a name that was typed, an address, or nobody. */
export const nameOf = (alarm) => alarm.user?.username || alarm.about || t("alarms.nobody");

/** The session that it is about, as far as the evidence has it. */
export const sessionOf = ({ user, evidence: { sessionIds, devices, ipAddresses } }) => ({
  id: sessionIds[0],
  user,
  device: { label: devices[0] ?? "" },
  ipAddress: ipAddresses[0] ?? "",
});

/** run: `{end(alarm), acknowledge(alarm)}`. */
export function alarmRow(alarm, run) {
  const over = alarm.state === "resolved";
  return html`<tr
    data-row=${alarm.id}
    data-kind=${alarm.kind}
    data-alarm=${alarm.state}
    data-username=${nameOf(alarm)}
    class=${over ? "over" : ""}
    tabindex="-1"
  >
    <td class="lead">${what(alarm)}</td>
    <td data-label=${t("column.user")}>${whom(alarm)}</td>
    <td data-label=${t("column.evidence")} class="evidence">${evidence(alarm)}</td>
    <td data-label=${t("column.when")} class="num">
      ${when(alarm.lastSeenAt)}
      <small class="since">${t("alarms.first", { when: absolute(alarm.firstSeenAt) })}</small>
    </td>
    <td class="end"><span class="acts">${over ? nothing : acts(alarm, run)}</span></td>
  </tr>`;
}

function what(alarm) {
  const { acknowledgedBy: by, acknowledgedAt: at } = alarm;
  return html`<span class="two wrap"
    ><b>${named("alarm", alarm.kind)}</b>
    <span class="tags"
      ><span class="tag ${alarm.state === "resolved" ? "plain" : TAGS[alarm.severity]}" data-severity=${alarm.severity}
        >${t(`severity.${alarm.severity}`)}</span
      >
      <span class="tag plain" data-state=${alarm.state}>${t(`alarm_state.${alarm.state}`)}</span></span
    >${by ? html`<small>${t("alarms.by", { name: by.username, when: absolute(at) })}</small>` : nothing}${
      alarm.note ? html`<small><bdi>${alarm.note}</bdi></small>` : nothing
    }${
      alarm.endedSessions === null ? nothing : html`<small>${t("alarms.ended", { n: alarm.endedSessions })}</small>`
    }</span
  >`;
}

function whom(alarm) {
  if (alarm.user) return person(alarm.user);
  if (!alarm.about) return html`<span class="faint">${t("alarms.nobody")}</span>`;
  return /^[\d.]+$|:/.test(alarm.about) ? ip(alarm.about) : html`<bdi>${alarm.about}</bdi>`;
}

function evidence({ user, evidence }) {
  const { ipAddresses, devices, counts, details } = evidence;
  const more = ipAddresses.length - SHOWN;
  const facts = [...numbers(counts), ...texts(details)];
  return html`<span class="two wrap"
    >${
      ipAddresses.length
        ? html`<span class="addresses"
            >${ipAddresses.slice(0, SHOWN).map(ip)}${more > 0 ? html`<small>+${n(more)}</small>` : nothing}</span
          >`
        : nothing
    }${devices.length ? html`<span class="line">${devices.map((label, at) => html`${at ? " · " : ""}<bdi>${deviceName(label)}</bdi>`)}</span>` : nothing}<small class="line"
      >${facts.map(([label, value], at) => html`${at ? " · " : ""}${label}: <bdi>${value}</bdi>`)}</small
    >${user ? html`<span class="line">${links(user, evidence)}</span>` : nothing}</span
  >`;
}

/** Further pages, with the person carried along. */
const links = (user, { sessionIds }) =>
  html`${
      sessionIds.length
        ? html`<a href=${pageUrl("/sessions", { userId: user.id })}>${t("user.sessions", { n: sessionIds.length })}</a> · `
        : nothing
    }<a href=${pageUrl("/audit", { userId: user.id })}>${t("alarms.audit")}</a>`;

/** What the page says anyway is not said again. */
const numbers = (counts) =>
  Object.entries(counts)
    .filter(([name]) => name !== "sessions" || Object.keys(counts).length === 1)
    .map(([name, count]) => [named("alarm_count", name), n(count)]);

const texts = (details) =>
  Object.entries(details)
    .filter(([name, value]) => value && has(`alarm_detail.${name}`))
    .map(([name, value]) => [
      t(`alarm_detail.${name}`),
      INSTANTS.has(name) ? absolute(value) : name === "reason" ? named("reason", value) : value,
    ]);

function acts(alarm, run) {
  const kind = named("alarm", alarm.kind);
  const ends = t(alarm.kind === "session_shift" ? "alarms.end_one" : "alarms.end_all");
  return html`${
    alarm.user
      ? actButton({
          id: alarm.kind === "session_shift" ? "end-one" : "end-all",
          label: ends,
          described: `${ends} ${kind}, ${nameOf(alarm)}`,
          barred: barred(),
          classes: "danger small",
          run: () => run.end(alarm),
        })
      : nothing
  }
  ${
    alarm.state === "active"
      ? actButton({
          id: "acknowledge",
          label: t("alarms.ack"),
          described: t("alarms.ack_of", { kind, name: nameOf(alarm) }),
          barred: barred(),
          classes: "small",
          run: () => run.acknowledge(alarm),
        })
      : nothing
  }`;
}
