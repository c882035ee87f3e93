// Names of people whose id is all that an address carries. Asked for once, then known.
import { get } from "../api.js";

const known = new Map();

/** The user of that id, or null while it is not known (yet); `host` hears when it is. */
export function userOf(id, host) {
  if (!id) return null;
  if (!known.has(id)) {
    known.set(id, null);
    get(`/admin/users/${encodeURIComponent(id)}`)
      .then((user) => known.set(id, user))
      .catch(() => known.delete(id))
      .finally(() => host.requestUpdate());
  }
  return known.get(id);
}
