// Where things are: the mount, and the addresses of the console's own pages.
const { mount } = document.documentElement.dataset;

export const apiRoot = `${mount}/api`;
export const consoleRoot = `${mount}/admin`;

/** The address of a page: `pageUrl("/users", {q: "mar"})`. Empty values are left out. */
export function pageUrl(path, query = {}) {
  return consoleRoot + path + search(query);
}

/** The address to send a signed-out person to, with the way back and the reason. */
export function signInUrl(reason) {
  const back = location.pathname + location.search;
  return `${mount}/login${search({ return_to: back, reason })}`;
}

/** The address of the line that stays open. */
export function liveUrl() {
  const url = new URL(`${mount}/live`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

export const signOutUrl = `${mount}/logout`;

/** `?a=1&b=2` of what is set, or nothing. */
export function search(query) {
  const set = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  return set.length ? `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}` : "";
}
