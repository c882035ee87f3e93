// What an admin does to people. Each act asks first where it takes something away, reports with the way
// to its audit entry, and resolves to true when something changed.
import { html } from "../../vendor/lit.js";
import { patch, post, remove } from "../api.js";
import { now } from "../clock.js";
import { confirm } from "../dialog.js";
import { rich, t } from "../i18n.js";
import { said } from "../problem.js";
import { fresh } from "../reauth.js";
import { toast } from "../toast.js";
import { choice, groupsOf, line, radio, roleChoice } from "./fields.js";
import { showLink } from "./password.js";
import { auditUrl } from "./sessions.js";

const HOUR = 3_600_000;
const SPANS = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR, month: 720 * HOUR };
const RANDOM = 24;

const path = (user) => `/admin/users/${user.id}`;

function done(user, action, words) {
  toast(t(words, { name: user.username }), { href: auditUrl({ userId: user.id, action }) });
  return true;
}

export async function ban(user) {
  const answer = await confirm({
    name: "ban",
    title: t("ban.title", { name: user.username }),
    body: html`<p>${rich("ban.body", { name: user.username })}</p>
      <p>${t("end.warning")}</p>`,
    act: t("ban.act"),
    keep: t("act.cancel"),
    safe: false, // nothing happens without a reason, which is what has the focus
    fields: (failure) =>
      html`${line(failure, "reason", t("field.reason"), { required: true, maxlength: 500, hint: t("ban.reason_hint") })}
      ${choice(
        "span",
        t("ban.until"),
        ["ever", ...Object.keys(SPANS)].map((span) => [span, t(`ban.${span}`)]),
        "ever",
      )}`,
    run: (form) => {
      const span = SPANS[form.get("span")];
      const until = span ? { until: new Date(now() + span).toISOString() } : {};
      return fresh(() => post(`${path(user)}/ban`, { reason: form.get("reason").trim(), ...until }));
    },
  });
  return Boolean(answer) && done(user, "user.banned", "ban.done");
}

/** Gives something back, so it is done without a question. */
async function atOnce(user, word, action) {
  try {
    await fresh(() => post(`${path(user)}/${word}`));
  } catch (failure) {
    toast(said(failure), { bad: true });
    return false;
  }
  return done(user, action, `${word}.done`);
}

export const unban = (user) => atOnce(user, "unban", "user.unbanned");
export const unlock = (user) => atOnce(user, "unlock", "user.unlocked");

export async function changeRole(user) {
  const answer = await confirm({
    name: "change-role",
    title: t("role_change.title", { name: user.username }),
    body: html`<p>${rich("role_change.body", { name: user.username })}</p>
      <p>${t("end.warning")}</p>`,
    act: t("role_change.act"),
    keep: t("act.cancel"),
    safe: false,
    fields: () => html`${roleChoice(user.role)}`,
    run: (form) => fresh(() => patch(path(user), { role: form.get("role") })),
  });
  return Boolean(answer) && done(user, "user.role_changed", "role_change.done");
}

export async function editProfile(user) {
  const answer = await confirm({
    name: "edit-profile",
    title: t("edit.title", { name: user.username }),
    body: html`<p>${t("edit.body")}</p>`,
    act: t("edit.act"),
    keep: t("act.cancel"),
    danger: false,
    fields: (failure) =>
      html`${line(failure, "displayName", t("field.display_name"), { value: user.displayName })}
      ${line(failure, "email", t("field.email"), { type: "email", value: user.email, dir: "ltr" })}
      ${line(failure, "groups", t("field.groups"), { value: user.groups.join(", "), hint: t("field.groups_hint") })}`,
    run: (form) => {
      const [displayName, email] = [form.get("displayName").trim(), form.get("email").trim()];
      return fresh(() => patch(path(user), { displayName, email, groups: groupsOf(form) }));
    },
  });
  return Boolean(answer) && done(user, "user.updated", "edit.done");
}

export async function deleteUser(user) {
  const answer = await confirm({
    name: "delete-user",
    title: t("delete.title", { name: user.username }),
    body: html`<p>${rich("delete.body", { name: user.username })}</p>`,
    act: t("delete.act"),
    keep: t("act.cancel"),
    typed: user.username,
    run: async () => {
      await fresh(() => remove(path(user)));
      return true;
    },
  });
  return Boolean(answer) && done(user, "user.deleted", "delete.done");
}

export async function eraseUser(user) {
  const answer = await confirm({
    name: "erase-user",
    title: t("erase.title", { name: user.username }),
    body: html`<p>${rich("erase.body", { name: user.username })}</p>`,
    act: t("erase.act"),
    keep: t("act.cancel"),
    typed: user.username,
    run: async () => {
      await fresh(() => post(`${path(user)}/erase`));
      return true;
    },
  });
  return Boolean(answer) && done(user, "user.erased", "erase.done");
}

/** Resolves to the new person. Without a password of the admin's, nobody knows the first one, and a
 *  link that works once lets the person choose. */
export async function createUser() {
  let way = "link";
  const answer = await confirm({
    name: "create-user",
    title: t("create.title"),
    body: "",
    act: t("create.act"),
    keep: t("act.cancel"),
    danger: false,
    fields: (failure, dialog) =>
      html`${line(failure, "username", t("field.username"), { required: true, dir: "ltr" })}
      ${line(failure, "displayName", t("field.display_name"))}
      ${line(failure, "email", t("field.email"), { type: "email", dir: "ltr" })} ${roleChoice("user")}
      ${line(failure, "groups", t("field.groups"), { hint: t("field.groups_hint") })}
      ${radio(
        "way",
        [
          ["link", t("create.link"), t("create.link_hint")],
          ["set", t("password.set")],
        ],
        way,
        (chosen) => {
          way = chosen;
          dialog.update();
        },
      )}
      ${
        way === "set"
          ? line(failure, "password", t("field.password"), {
              required: true,
              type: "password",
              autocomplete: "new-password",
              dir: "ltr",
            })
          : ""
      }`,
    run: async (form) => {
      const [username, displayName, email] = ["username", "displayName", "email"].map((name) => form.get(name).trim());
      const password = way === "link" ? randomPassword() : form.get("password");
      const body = { username, password, role: form.get("role"), email, displayName, groups: groupsOf(form) };
      return fresh(() => post("/admin/users", body));
    },
  });
  if (!answer) return null;
  done(answer, "user.created", "create.done");
  if (way === "link") {
    try {
      await showLink(answer.username, await fresh(() => post(`${path(answer)}/password-reset`)));
    } catch (failure) {
      toast(said(failure), { bad: true });
    }
  }
  return answer;
}

function randomPassword() {
  const drawn = crypto.getRandomValues(new Uint8Array(RANDOM));
  return btoa(String.fromCharCode(...drawn));
}
