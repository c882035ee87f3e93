// Questions. A dialog resolves to what it was closed with; Escape, the backdrop and the safe choice
// close it with nothing. The element is the browser's own: focus stays within and returns afterwards.
import { html, nothing, render } from "../vendor/lit.js";
import { Failure } from "./api.js";
import { rich, t } from "./i18n.js";
import { failureNote } from "./problem.js";

let count = 0;

/** Show `view(dialog)`, a template, until it is closed. dialog: `close(result)`, `update()`, and
 *  `title`, the id that the heading must have. wide: for lists. */
export function openDialog(view, { name, wide = false } = {}) {
  const element = document.createElement("dialog");
  const title = `dialog-${(count += 1)}`;
  element.setAttribute("aria-labelledby", title);
  element.classList.toggle("wide", wide);
  element.dataset.dialog = name;
  return new Promise((resolve) => {
    let result;
    const dialog = {
      title,
      element,
      close: (value) => {
        result = value;
        element.close();
      },
      update: () => render(view(dialog), element),
    };
    element.addEventListener("close", () => {
      element.remove();
      resolve(result);
    });
    element.addEventListener("cancel", (event) => {
      if (element.dataset.busy) event.preventDefault(); // what was begun ends with an answer
    });
    element.addEventListener("mousedown", (event) => {
      if (event.target === element && !element.dataset.busy) dialog.close();
    });
    document.body.append(element);
    dialog.update();
    element.showModal();
    element.querySelector("[data-safe]")?.focus();
  });
}

/** Ask before an act, do it, and stay until it is done or refused.
 *
 *  title, body: what will happen, to whom. act: the words of its button; keep: those of the safe
 *  choice, which has the focus. run(form): does it, given the dialog's fields; what it returns is
 *  what `confirm` resolves to. fields(failure, dialog): a template of further fields. typed: a word to
 *  type first, for what cannot be made good. danger: it ends something. safe: the focus is on the safe
 *  choice and not on the first field. */
export function confirm(question) {
  const { name, title, body, act, keep, run, fields, typed, danger = true, safe = danger } = question;
  let busy = false;
  let failure = null;
  return openDialog(
    (dialog) => {
      const submit = async (event) => {
        event.preventDefault();
        if (busy) return;
        const form = new FormData(event.target);
        failure = missing(event.target) ?? mistyped(form, typed);
        if (failure) return dialog.update();
        busy = true;
        failure = null;
        dialog.element.dataset.busy = "true";
        dialog.update();
        try {
          dialog.close(await run(form));
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          failure = error;
        } finally {
          busy = false;
          delete dialog.element.dataset.busy;
          if (dialog.element.open) dialog.update();
        }
      };
      return html`<form @submit=${submit} novalidate>
        <h2 id=${dialog.title}>${title}</h2>
        <div class="body">${body}</div>
        ${fields ? fields(failure, dialog) : nothing} ${typed ? typedField(typed) : nothing}
        ${failureNote(failure, (field) => dialog.element.querySelector(`[name="${field}"]`))}
        <div class="row">
          <button type="button" class="btn" ?data-safe=${safe} @click=${() => dialog.close()}>${keep}</button>
          <button class="btn solid ${danger ? "" : "calm"}" aria-busy=${busy} data-act>${act}</button>
        </div>
      </form>`;
    },
    { name },
  );
}

/** The fault of fields that must be filled in and are not. */
function missing(form) {
  const empty = [...form.querySelectorAll("[required]")].filter((field) => !field.value.trim());
  if (!empty.length) return null;
  empty[0].focus();
  const errors = empty.map((field) => ({ field: field.name, message: t("field.required"), ours: true }));
  return new Failure({ code: "invalid_input", errors });
}

function mistyped(form, typed) {
  if (!typed || form.get("typed").trim() === typed) return null;
  return new Failure({ code: "typed", detail: t("dialog.typed_wrong", { word: typed }) });
}

const typedField = (typed) =>
  html`<label class="labelled">
    <span>${rich("dialog.typed", { word: typed })}</span>
    <input class="field" name="typed" autocomplete="off" spellcheck="false" />
  </label>`;
