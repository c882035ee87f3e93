// The menu of languages at the foot of the page.
import { chooseLanguage, ownName } from "../shared/language.js";

export function offerLanguages(codes, { language, t }) {
  const select = document.createElement("select");
  select.className = "field";
  select.id = "language";
  select.append(...codes.map((code) => new Option(ownName(code), code, false, code === language)));
  select.addEventListener("change", () => chooseLanguage(select.value));
  const label = document.createElement("label");
  label.htmlFor = select.id;
  label.textContent = t("preferences.language");
  const place = document.createElement("div");
  place.className = "labelled";
  place.append(label, select);
  const footer = document.createElement("footer");
  footer.append(place);
  document.body.append(footer);
}
