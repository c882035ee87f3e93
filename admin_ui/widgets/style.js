// How it looks. Colours are those of the product, unless the page sets the custom properties named
// here; type and size are the page's own. A sheet of a shadow root: no policy about inline styles
// forbids it, and nothing of the page gets in.
const SHEET = `
:host { display: block; min-inline-size: 0; container-type: inline-size; }
:host([hidden]) { display: none; }
/* Not on the host: a page may say --user-sessions-line: var(--line), of its own. */
section {
  --surface: var(--user-sessions-surface, light-dark(#ffffff, #191b1e));
  --raised: var(--user-sessions-raised, light-dark(#ffffff, #212428));
  --sunken: var(--user-sessions-sunken, light-dark(#efefec, #0d0e10));
  --line: var(--user-sessions-line, light-dark(#e3e3de, #2b2f34));
  --line-strong: var(--user-sessions-line-strong, light-dark(#c9c9c2, #3d434a));
  --field-line: var(--user-sessions-field-line, light-dark(#868680, #6f767f));
  --ink: var(--user-sessions-ink, light-dark(#1b1d1f, #eceef0));
  --ink-2: var(--user-sessions-ink-2, light-dark(#5a5f66, #a3aab3));
  --ink-3: var(--user-sessions-ink-3, light-dark(#676c73, #8b929b));
  --accent: var(--user-sessions-accent, light-dark(#1f5f5b, #6cc9c0));
  --accent-ink: var(--user-sessions-accent-ink, light-dark(#ffffff, #08201e));
  --danger: var(--user-sessions-danger, light-dark(#b3261e, #ff8a80));
  --danger-ink: var(--user-sessions-danger-ink, light-dark(#ffffff, #2b0705));
  --danger-soft: var(--user-sessions-danger-soft, light-dark(#fbe9e7, #3a1714));
  --warn: var(--user-sessions-warn, light-dark(#8a5300, #f2b862));
  --warn-soft: var(--user-sessions-warn-soft, light-dark(#fdf1dc, #38290f));
  --ok: var(--user-sessions-ok, light-dark(#1e6b3a, #7fd49b));
  --ok-soft: var(--user-sessions-ok-soft, light-dark(#e4f3e8, #14301f));
  --focus: var(--user-sessions-focus, light-dark(#0b63ce, #7db4ff));
  --radius: var(--user-sessions-radius, 10px);
  --mono: var(--user-sessions-mono, ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace);
}
*, ::before, ::after { box-sizing: border-box; }
section { color: var(--ink); font-size: var(--user-sessions-size, .875rem); line-height: 1.45; text-align: start; }
section:lang(ja) { line-height: 1.7; }
section:focus, table:focus { outline: none; } /* they take the focus only to be read out */
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
[hidden] { display: none !important; }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
p, h2 { margin: 0; }
h2 { font-size: 1.25rem; font-weight: 650; line-height: 1.25; margin-block-end: .5rem; overflow-wrap: anywhere; text-wrap: balance; }
small { font-size: .857em; color: var(--ink-3); }
bdi.given { font-weight: 600; color: var(--ink); overflow-wrap: anywhere; }
.ip, code { font-family: var(--mono); font-size: .93em; overflow-wrap: anywhere; }

.ip { display: inline-block; max-inline-size: 22ch; overflow-wrap: break-word; } /* never within a group for want of room */

.sheet { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); overflow: auto hidden; }
section[data-state="offline"] .sheet { opacity: .75; }
section[data-state="error"] .sheet { display: none; }
table { border-collapse: collapse; inline-size: 100%; }
th { font-size: .857em; font-weight: 600; color: var(--ink-3); text-align: start; padding: 8px 12px; border-block-end: 1px solid var(--line); white-space: nowrap; }
td { padding: 10px 12px; border-block-end: 1px solid var(--line); vertical-align: top; font-variant-numeric: tabular-nums; }
tbody tr:last-child td { border-block-end: 0; }
th.end, td.end { text-align: end; }
.two { display: inline-block; line-height: 1.35; }
.two > small { display: block; }
td:not(.lead) .two { white-space: nowrap; }
td.lead { min-inline-size: 9rem; overflow-wrap: anywhere; }
td.lead b { font-weight: 600; }
.since { display: block; }
.since:empty { display: none; }
summary { cursor: pointer; color: var(--ink-2); font-size: .857em; inline-size: fit-content; padding-block: 3px; }
summary:hover { color: var(--ink); }
details code { display: block; color: var(--ink-2); font-size: .857em; max-inline-size: 46ch; padding-block: 2px 4px; }
tr.ended td:not(.end) { opacity: .5; text-decoration: line-through; text-decoration-color: var(--ink-3); }
.tag { display: inline-block; font-size: .857em; font-weight: 600; border-radius: 5px; padding: 1px 7px; white-space: nowrap; background: var(--sunken); color: var(--ink-2); }
.tag.now { background: var(--ok-soft); color: var(--ok); }

.btn {
  display: inline-flex; align-items: center; justify-content: center; border: 1px solid var(--line-strong); background: var(--surface);
  color: var(--ink); border-radius: 6px; padding: 6px 12px; min-block-size: 34px; font: inherit; font-weight: 550; text-align: center;
  cursor: pointer; text-decoration: none;
}
.btn:hover { background: var(--sunken); }
.btn.small { min-block-size: 28px; padding: 3px 10px; font-size: .93em; }
.btn.danger { color: var(--danger); border-color: color-mix(in srgb, var(--danger) 40%, transparent); }
.btn.danger:hover { background: var(--danger-soft); }
.btn.solid { background: var(--danger); border-color: var(--danger); color: var(--danger-ink); }
.btn.calm { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.btn.solid:hover { filter: brightness(1.08); }
.btn[aria-busy="true"] { opacity: .7; cursor: progress; }
.foot { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; justify-content: space-between; margin-block-start: 12px; }
.foot .btn { margin-inline-start: auto; }
.told { color: var(--ink-2); }
.told:empty { display: none; }
.note { border-inline-start: 3px solid var(--warn); background: var(--warn-soft); border-radius: 6px; padding: 10px 12px; margin-block-end: 12px; overflow-wrap: anywhere; }
.note.bad { border-color: var(--danger); background: var(--danger-soft); }
.note b { display: block; }
.technical { font-size: .857em; color: var(--ink-2); margin-block-start: 6px; }
.note .btn { margin-block-start: 8px; }
.state { display: grid; gap: 12px; justify-items: center; text-align: center; padding: 2rem 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
.bone { display: inline-block; block-size: .8em; inline-size: min(100%, 7em); border-radius: 4px; background: var(--sunken); animation: breathe 1.4s ease-in-out infinite alternate; }
.skeleton td { block-size: 58px; }
@keyframes breathe { to { opacity: .45; } }

dialog {
  border: 1px solid var(--line-strong); border-radius: calc(var(--radius) + 6px); background: var(--raised); color: inherit; padding: 24px;
  inline-size: min(460px, calc(100vw - 32px)); max-block-size: calc(100dvh - 32px); overflow-y: auto; box-shadow: 0 8px 24px rgb(0 0 0 / .25);
}
dialog::backdrop { background: rgb(0 0 0 / .38); }
.body { color: var(--ink-2); margin-block-end: 16px; overflow-wrap: anywhere; }
.row { display: flex; gap: 8px; justify-content: end; flex-wrap: wrap; margin-block-start: 8px; }
.labelled { display: grid; gap: 6px; margin-block-end: 16px; }
.labelled span { font-weight: 600; }
.field { font: inherit; font-size: 1rem; color: inherit; inline-size: 100%; min-block-size: 38px; padding: 6px 10px; border: 1px solid var(--field-line); border-radius: 6px; background: var(--surface); }

@container (max-width: 600px) {
  thead { display: none; }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 12px; padding: 12px 14px; border-block-end: 1px solid var(--line); }
  tbody tr:last-child { border-block-end: 0; }
  td { border: 0; padding: 0; grid-column: 1 / -1; }
  td.lead { grid-area: 1 / 1; min-inline-size: 0; }
  td.end { grid-area: 1 / 2; }
  td[data-label] { display: grid; grid-template-columns: minmax(84px, 32%) minmax(0, 1fr); gap: 0 8px; align-items: baseline; }
  td[data-label]::before { content: attr(data-label); color: var(--ink-3); font-size: .857em; grid-row: 1 / span 2; }
  td[data-label] > * { grid-column: 2; justify-self: start; }
  td:not(.lead) .two { display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; white-space: normal; }
  .skeleton td:nth-child(n + 4) { display: none; }
  .skeleton td { block-size: auto; }
  .btn, .btn.small { min-block-size: 40px; }
  .foot .btn { inline-size: 100%; }
}
@media (prefers-reduced-motion: reduce) { .bone { animation: none; } }
@media (forced-colors: active) { .btn, .tag, .field { border: 1px solid; } }
`;

export function makeStyle() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  return sheet;
}
