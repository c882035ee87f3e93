// What a person may choose for this browser: language and colours. And the way out.
import { chooseLanguage, ownName } from "../shared/language.js";
import { html } from "../vendor/lit.js";
import { goElsewhere } from "./api.js";
import { openDialog } from "./dialog.js";
import { deviceName } from "./format.js";
import { language, t } from "./i18n.js";
import { me } from "./me.js";
import { options } from "./parts/options.js";
import { pageUrl, signOutUrl } from "./place.js";
import { toast } from "./toast.js";

const root = document.documentElement;
const THEMES = ["system", "light", "dark"];
const languages = root.dataset.languages.split(" ");

function keep(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // storage is switched off: it holds until the page is loaded again
  }
}

function chooseTheme(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  keep("sidecar-theme", theme === "system" ? "" : theme);
}

export function showPreferences() {
  return openDialog(
    (dialog) =>
      html`<h2 id=${dialog.title}>${t("preferences.title")}</h2>
        <div class="body">
          <p>${t("preferences.signed_in", { name: me.user.username, device: deviceName(me.session.device.label) })}</p>
        </div>
        <label class="labelled">
          <span>${t("preferences.language")}</span>
          <select class="field" name="language" @change=${(event) => chooseLanguage(event.target.value)}>
            ${options(
              languages.map((code) => [code, ownName(code)]),
              language,
            )}
          </select>
        </label>
        <label class="labelled">
          <span>${t("preferences.theme")}</span>
          <select class="field" name="theme" @change=${(event) => chooseTheme(event.target.value)}>
            ${options(
              THEMES.map((theme) => [theme, t(`theme.${theme}`)]),
              root.dataset.theme ?? "system",
            )}
          </select>
        </label>
        <nav
          class="more-pages phone-only"
          aria-label=${t("nav.more")}
          @click=${(event) => event.target.closest("a") && dialog.close()}
        >
          <a class="btn" href=${pageUrl("/")}>${t("page.overview")}</a>
          <a class="btn" href=${pageUrl("/webhooks")}>${t("page.webhooks")}</a>
          <a class="btn" href=${pageUrl("/policy")}>${t("page.policy")}</a>
        </nav>
        <div class="row">
          <button type="button" class="btn" @click=${signOut}>${t("preferences.sign_out")}</button>
          <button type="button" class="btn solid calm" data-safe @click=${() => dialog.close()}>
            ${t("act.close")}
          </button>
        </div>`,
    { name: "preferences" },
  );
}

export async function signOut() {
  goElsewhere(true);
  const response = await fetch(signOutUrl, { method: "POST", headers: { Accept: "application/json" } }).catch(
    () => null,
  );
  if (response?.ok) return location.assign(signOutUrl);
  goElsewhere(false);
  toast(t("preferences.sign_out_failed"), { bad: true });
}
