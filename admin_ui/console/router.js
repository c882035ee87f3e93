// Addresses. Filters live in the query, so that every view can be linked to, gone back to and shared,
// and pages hand the person or address on to each other.
import { consoleRoot, pageUrl } from "./place.js";

const changes = new EventTarget();

/** The path below the console's root, such as `/users/u1`; the overview is `/`. */
export const path = () => location.pathname.slice(consoleRoot.length) || "/";

export const query = () => Object.fromEntries(new URLSearchParams(location.search));

/** Call `listener` when the address has changed. Returns how to stop. */
export function onChange(listener) {
  changes.addEventListener("change", listener);
  return () => changes.removeEventListener("change", listener);
}

const tell = () => changes.dispatchEvent(new Event("change"));

/** Go to an address of ours. replace: without a step in the history. */
export function go(url, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", url);
  tell();
}

/** Change some members of the query, and start again on the first page unless told which. */
export function setQuery(members, options) {
  go(pageUrl(path(), { ...query(), offset: "", ...members }), options);
}

/** Follow links within the console without loading the page again. */
export function followLinks() {
  window.addEventListener("popstate", tell);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || event.defaultPrevented || event.button !== 0 || !plain) return;
    const url = new URL(link.href);
    const ours = url.origin === location.origin && `${url.pathname}/`.startsWith(`${consoleRoot}/`);
    if (!ours || link.target || link.hasAttribute("download") || link.hash) return;
    event.preventDefault();
    if (url.href !== location.href) go(url.href);
    else tell();
  });
}
