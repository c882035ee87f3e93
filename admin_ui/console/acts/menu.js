// All that can be done about a person, in one list: for the row menu, the person's page and the
// palette. barred: why not, which is shown in the act's place.
import { t } from "../i18n.js";
import { barred, barredFrom, isOwner } from "../me.js";
import { pageUrl } from "../place.js";
import { go } from "../router.js";
import { resetFactors } from "./factors.js";
import { resetPassword } from "./password.js";
import { endAllOf } from "./sessions.js";
import { ban, changeRole, deleteUser, editProfile, eraseUser, unban, unlock } from "./users.js";

/** `[{id, label, words, run, barred, danger}]`; words: what else the palette finds it by. run()
 *  resolves to true when something changed. */
export function actsOn(user) {
  const others = barredFrom(user);
  const notSelf = barredFrom(user, { self: false });
  const all = t("menu.logout_all");
  return [
    {
      id: "logout-all",
      label: all,
      words: t("menu.logout_all_words"),
      danger: true,
      barred: barred(),
      run: () => endAllOf(user, all),
    },
    user.status === "locked" && { id: "unlock", label: t("menu.unlock"), barred: others, run: () => unlock(user) },
    user.status === "banned"
      ? { id: "unban", label: t("menu.unban"), barred: others, run: () => unban(user) }
      : { id: "ban", label: t("menu.ban"), danger: true, barred: notSelf, run: () => ban(user) },
    { id: "reset-password", label: t("menu.reset_password"), barred: others, run: () => resetPassword(user) },
    { id: "reset-factors", label: t("menu.reset_factors"), barred: others, run: () => resetFactors(user) },
    { id: "change-role", label: t("menu.change_role"), barred: notSelf, run: () => changeRole(user) },
    { id: "edit", label: t("menu.edit"), barred: others, run: () => editProfile(user) },
    { id: "delete", label: t("menu.delete"), danger: true, barred: notSelf, run: () => deleteUser(user) },
    isOwner() && { id: "erase", label: t("menu.erase"), danger: true, barred: notSelf, run: () => eraseUser(user) },
  ].filter(Boolean);
}

/** Where else a person leads to. */
export function waysFrom(user) {
  const way = (id, path, query) => ({ id, label: t(`menu.${id}`), run: () => go(pageUrl(path, query)) });
  return [way("to_sessions", "/sessions", { userId: user.id }), way("to_audit", "/audit", { userId: user.id })];
}
