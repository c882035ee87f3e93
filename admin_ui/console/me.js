// Who is looking, and what they may do. The server decides every act again; this only keeps people
// from pressing what would be refused, and says why.
import { get } from "./api.js";
import { t } from "./i18n.js";

export const ROLES = ["user", "viewer", "admin", "owner"];
const rank = (role) => ROLES.indexOf(role);

/** `{session, user}` of the person in front of the console. */
export let me = null;

export async function loadMe() {
  me = await get("/session");
}

/** Why this person may not act at all, or nothing. */
export const barred = () => (rank(me.user.role) < rank("admin") ? t("may.viewer") : "");

/** Why this person may not do this to that one. Ending sessions is free of it: an admin may end an
 *  owner's. */
export function barredFrom(user, { self = true } = {}) {
  if (barred()) return barred();
  if (rank(user.role) > rank(me.user.role)) return t("may.higher");
  return !self && user.id === me.user.id ? t("may.self") : "";
}

export const isOwner = () => me.user.role === "owner";

export const barredFromEveryone = () => barred() || (isOwner() ? "" : t("may.owner"));

/** The roles that this person may give. */
export const grantable = () => ROLES.filter((role) => rank(role) <= rank(me.user.role));
