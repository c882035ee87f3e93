// Shortcuts. Single keys only count where nobody is writing; lists hear of theirs as `sidecar-key`.
import { showHelp } from "./help.js";
import { openPalette } from "./palette.js";

const LISTS = { j: "j", k: "k", x: "x", Enter: "Enter", Delete: "Delete", Backspace: "Delete" };
export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], [popover]:popover-open") || writing(event.target)) return;
    single(event);
  });
}

function single(event) {
  if (event.key === "/") {
    event.preventDefault();
    const search = document.querySelector("main [data-search]");
    if (!search) return openPalette();
    search.focus();
    search.select();
  } else if (event.key === "?") showHelp();
  else if (event.key in LISTS) {
    // Enter on a link or button is theirs, Enter on the row itself is the row's.
    if (event.key === "Enter" && event.target.tagName !== "TR") return;
    const name = (event.shiftKey ? "Shift+" : "") + LISTS[event.key];
    const told = new CustomEvent("sidecar-key", { detail: name, cancelable: true });
    if (!document.dispatchEvent(told)) event.preventDefault();
  }
}

const writing = (element) =>
  element.isContentEditable ||
  (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !/^(checkbox|radio|button)$/.test(element.type));
