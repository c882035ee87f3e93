// The fields of the dialogs about people. Labels are real labels; faults stand at their field.
import { html, nothing } from "../../vendor/lit.js";
import { t } from "../i18n.js";
import { grantable } from "../me.js";
import { options } from "../parts/options.js";
import { faultOf } from "../problem.js";

let count = 0;

/** One labelled line. name: of the member that is sent, which a fault names too. */
export function line(failure, name, label, { type = "text", value = "", hint, ...more } = {}) {
  const id = `field-${(count += 1)}`;
  const fault = faultOf(failure, name);
  return html`<label class="labelled">
    <span>${label}</span>
    <input
      class="field"
      name=${name}
      type=${type}
      .defaultValue=${value}
      autocomplete=${more.autocomplete ?? "off"}
      ?required=${more.required ?? false}
      maxlength=${more.maxlength ?? 256}
      spellcheck="false"
      dir=${more.dir ?? "auto"}
      aria-invalid=${fault ? "true" : "false"}
      aria-describedby=${fault || hint ? id : nothing}
    />
    ${fault || hint ? html`<small id=${id} class=${fault ? "bad" : ""}>${fault || hint}</small>` : nothing}
  </label>`;
}

/** A choice of one. pairs: of value and words. */
export function choice(name, label, pairs, chosen) {
  return html`<label class="labelled">
    <span>${label}</span>
    <select class="field" name=${name}>
      ${options(pairs, chosen)}
    </select>
  </label>`;
}

export function radio(name, choices, chosen, change) {
  return html`<fieldset class="radios">
    ${choices.map(
      ([value, words, explained]) =>
        html`<label class="check">
          <input
            type="radio"
            name=${name}
            value=${value}
            ?checked=${value === chosen}
            @change=${() => change?.(value)}
          />
          <span>${words}${explained ? html`<small>${explained}</small>` : nothing}</span>
        </label>`,
    )}
  </fieldset>`;
}

export const check = (name, words) =>
  html`<label class="check"><input type="checkbox" name=${name} /><span>${words}</span></label>`;

export const roleChoice = (role) =>
  choice(
    "role",
    t("field.role"),
    grantable().map((one) => [one, t(`role.${one}`)]),
    role,
  );

/** `a, b` as a list; nothing is an empty one. */
export const groupsOf = (form) =>
  form
    .get("groups")
    .split(",")
    .map((group) => group.trim())
    .filter(Boolean);
