// What the palette offers: pages, acts that need a person, people with their acts, addresses.
import { actsOn } from "./acts/menu.js";
import { endMatching } from "./acts/sessions.js";
import { createUser } from "./acts/users.js";
import { get } from "./api.js";
import { showHelp } from "./help.js";
import { t } from "./i18n.js";
import { barred } from "./me.js";
import { readFilter } from "./parts/filter.js";
import { pageUrl } from "./place.js";
import { showPreferences, signOut } from "./preferences.js";
import { go } from "./router.js";

const PAGES = {
  overview: "/",
  sessions: "/sessions",
  users: "/users",
  agents: "/agents",
  alarms: "/alarms",
  audit: "/audit",
  webhooks: "/webhooks",
  policy: "/policy",
};
const VERBS = ["logout_all", "ban", "unban", "unlock", "reset_password", "change_role", "delete"];

/** Pages, and what concerns nobody in particular. */
export function commands() {
  const page = ([name, path]) => ({
    id: `page-${name}`,
    label: t(`page.${name}`),
    hint: t("palette.page"),
    run: () => go(pageUrl(path)),
  });
  return [
    ...Object.entries(PAGES).map(page),
    { id: "create-user", label: t("users.create"), barred: barred(), run: createAndShow },
    { id: "preferences", label: t("preferences.title"), words: t("preferences.words"), run: showPreferences },
    { id: "help", label: t("keys.title"), run: showHelp },
    { id: "sign-out", label: t("preferences.sign_out"), run: signOut },
  ];
}

async function createAndShow() {
  const user = await createUser();
  if (user) go(pageUrl(`/users/${user.id}`));
}

/** Acts that need a person: chosen without one, they ask for whom. */
export function verbs() {
  return VERBS.map((name) => {
    const label = t(`menu.${name}`).replace(/…$/, ""); // some ask more in a dialog, all ask for whom
    const words = name === "logout_all" ? t("menu.logout_all_words") : "";
    const ask = { id: name.replaceAll("_", "-"), label };
    return {
      id: `verb-${name}`,
      label: `${label}…`,
      words,
      hint: t("palette.whom"),
      barred: barred(),
      danger: name === "logout_all",
      ask,
    };
  });
}

/** A person; under the first also what can be done. verb: the act that is meant, and nothing else. */
export function personEntries(user, { verb, first }) {
  const state = user.status === "active" ? "" : `${t(`status.${user.status}`)} · `;
  const sessions = user.sessionCount ? t("user.sessions", { n: user.sessionCount }) : t("user.signed_out");
  const hint = `${user.displayName ? `${user.displayName} · ` : ""}${state}${sessions}`;
  const acts = actsOn(user).map((act) => ({
    ...act,
    id: `${act.id}-${user.id}`,
    label: `${user.username}: ${act.label}`,
  }));
  if (verb) return acts.filter((act) => act.id.startsWith(`${verb.id}-`)).map((act) => ({ ...act, hint }));
  const open = { id: `person-${user.id}`, label: user.username, hint, run: () => go(pageUrl(`/users/${user.id}`)) };
  return first ? [open, ...acts] : [open];
}

export function addressEntries(text) {
  const { ip } = readFilter(text);
  const all = async () => {
    const { total, totalIsEstimate } = await get("/admin/sessions", { ip, limit: 1 });
    await endMatching({ filter: { ip }, words: ip, count: total, estimate: Boolean(totalIsEstimate) });
  };
  return [
    {
      id: "address",
      label: t("palette.address", { ip }),
      hint: t("palette.page"),
      run: () => go(pageUrl("/sessions", { ip })),
    },
    { id: "address-end", label: t("palette.address_end", { ip }), danger: true, barred: barred(), run: all },
  ];
}

/** Those that all the words of the text are found in. */
export function matching(entries, text) {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = ({ label, words: more = "" }) => {
    const all = `${label} ${more}`.toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  };
  return entries.filter(found);
}

/** `revoke sessions mar` is the act and the person; without an act's words it is all a name. */
export function splitVerb(text) {
  const words = text.split(/\s+/).filter(Boolean);
  for (let count = words.length; count > 0; count -= 1) {
    const said = words.slice(0, count).join(" ");
    const verb = count > 1 || words.length > 1 ? matching(verbs(), said)[0] : null;
    if (verb && count < words.length) return { verb: verb.ask, name: words.slice(count).join(" ") };
  }
  return { verb: null, name: text };
}
