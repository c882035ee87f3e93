// The shortcuts, for people: what `?` shows.
import { html } from "../vendor/lit.js";
import { openDialog } from "./dialog.js";
import { t } from "./i18n.js";

const mac = /Mac|iPhone|iPad/.test(navigator.platform);
export const paletteKeys = mac ? "⌘ K" : "Ctrl K";

const SHORTCUTS = [
  [[paletteKeys], "keys.palette"],
  [["/"], "keys.search"],
  [["j", "k"], "keys.move"],
  [["x"], "keys.select"],
  [["Enter"], "keys.open"],
  [["Del"], "keys.end"],
  [["Shift Del"], "keys.end_all"],
  [["Esc"], "keys.close"],
  [["?"], "keys.help"],
];

export function showHelp() {
  return openDialog(
    (dialog) =>
      html`<h2 id=${dialog.title}>${t("keys.title")}</h2>
        <dl class="keys">
          ${SHORTCUTS.map(
            ([keys, what]) =>
              html`<div>
                <dt>${keys.map((key) => html`<kbd class="kbd">${key}</kbd> `)}</dt>
                <dd>${t(what)}</dd>
              </div>`,
          )}
        </dl>
        <div class="row">
          <button type="button" class="btn" data-safe @click=${() => dialog.close()}>${t("act.close")}</button>
        </div>`,
    { name: "help" },
  );
}
