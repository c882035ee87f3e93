// How our dialogs look on a page that is not ours: nothing of its style comes in, nothing of ours goes
// out. A constructed sheet needs no permission of the page's Content-Security-Policy.

const SHEET = `
:host { all: initial !important; color-scheme: light dark !important; }
dialog {
  --surface: light-dark(#ffffff, #191b1e); --line: light-dark(#e3e3de, #2b2f34);
  --field-line: light-dark(#868680, #6f767f); --ink: light-dark(#1b1d1f, #eceef0);
  --ink-2: light-dark(#5a5f66, #a3aab3); --accent: light-dark(#1f5f5b, #6cc9c0);
  --accent-ink: light-dark(#ffffff, #08201e); --focus: light-dark(#0b63ce, #7db4ff);
  --danger: light-dark(#b3261e, #ff8a80); --danger-soft: light-dark(#fbe9e7, #3a1714);
  box-sizing: border-box; inline-size: min(26rem, calc(100vw - 2rem)); max-block-size: calc(100vh - 2rem);
  overflow: auto; margin: auto; padding: 1.5rem; border: 1px solid var(--line); border-radius: 16px;
  background: var(--surface); color: var(--ink); box-shadow: 0 12px 48px rgb(0 0 0 / .3);
  font: 400 15px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
dialog::backdrop { background: light-dark(rgb(20 22 24 / .45), rgb(0 0 0 / .6)); }
dialog.over::backdrop { background: light-dark(rgb(240 240 238 / .94), rgb(12 13 15 / .94)); backdrop-filter: blur(12px); }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.3; }
p { margin: 0 0 1rem; color: var(--ink-2); }
[role=alert]:not(:empty) { padding: .5rem .75rem; border-radius: 6px; background: var(--danger-soft); color: var(--danger); }
[role=alert]:empty { display: none; }
.time { font-variant-numeric: tabular-nums; color: var(--ink); font-weight: 600; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
label { display: block; margin: 0 0 .5rem; font-weight: 600; }
input {
  box-sizing: border-box; inline-size: 100%; margin: 0 0 1rem; padding: .5rem .75rem; min-block-size: 44px;
  border: 1px solid var(--field-line); border-radius: 6px; background: transparent; color: inherit; font: inherit;
}
[hidden] { display: none; }
input[readonly] { border-color: var(--line); color: var(--ink-2); }
.acts { display: flex; flex-flow: row-reverse wrap; gap: .75rem; align-items: center; }
button {
  min-block-size: 44px; padding: .5rem 1.25rem; border: 1px solid transparent; border-radius: 6px;
  background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 600; cursor: pointer;
}
button[aria-busy=true] { opacity: .6; cursor: progress; }
a { color: var(--accent); padding-block: .6rem; margin-inline-end: auto; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
@media (max-width: 30rem) {
  .acts { flex-direction: column; align-items: stretch; }
  .acts a { margin: 0; text-align: center; }
}
@media (prefers-reduced-motion: no-preference) {
  dialog { animation: rise 160ms cubic-bezier(.2, .7, .2, 1); }
  @keyframes rise { from { opacity: 0; translate: 0 8px; } }
}
@media (forced-colors: active) { button, dialog { border-color: ButtonText; } }
`;

const RIGHT_TO_LEFT = new Set(["ar"]);

/** `make("p", {class: "time"}, "text", child)`. */
function make(name, attributes = {}, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
}

/** Lay a modal dialog over the page; everything behind it is inert, and comes back as it was. */
function showDialog(kind, inside, onCancel) {
  const host = make("session-sidecar", { lang: language, "data-dialog": kind });
  host.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [sheet];
  const dialog = make("dialog", { "aria-labelledby": "title", dir: host.dir }, ...inside);
  if (kind === "over") dialog.className = "over";
  root.append(dialog);
  dialog.addEventListener("cancel", guarded((event) => {
    event.preventDefault();
    onCancel?.();
  }));
  let wanted = true;
  const put = guarded(() => {
    if (!wanted || (host.isConnected && dialog.open)) return;
    if (dialog.open) dialog.close();
    document.documentElement.append(host);
    dialog.showModal();
  });
  // Keys are for the dialog, not for the shortcuts of the page behind it; and it keeps the focus.
  const keys = ["keydown", "keypress", "keyup"];
  const turn = (event) => {
    const stops = [...dialog.querySelectorAll("input:not([readonly]), button, a")];
    const to = event.shiftKey ? stops.at(-1) : stops[0];
    const from = event.shiftKey ? stops[0] : stops.at(-1);
    if (root.activeElement && root.activeElement !== from && stops.includes(root.activeElement)) return;
    event.preventDefault();
    to.focus();
  };
  const within = guarded((event) => {
    event.stopPropagation();
    if (event.type === "keydown" && event.key === "Tab") turn(event);
  });
  const beyond = guarded((event) => {
    if (event.target === host) return;
    event.stopImmediatePropagation();
    if (event.type === "keydown" && event.key === "Tab") turn(event);
  });
  for (const key of keys) {
    root.addEventListener(key, within);
    window.addEventListener(key, beyond, true);
  }
  // A page that clears what it did not put there itself does not get rid of it.
  const watcher = new MutationObserver(put);
  watcher.observe(document.documentElement, { childList: true });
  dialog.addEventListener("close", put);
  put();
  return {
    dialog,
    close: guarded(() => {
      wanted = false;
      watcher.disconnect();
      for (const key of keys) window.removeEventListener(key, beyond, true);
      dialog.close();
      host.remove();
    }),
  };
}
