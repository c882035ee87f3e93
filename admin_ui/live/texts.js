// The words of the dialogs, in the language that the person chose for our pages, or that their browser
// asks for. `TEXTS` stands before this file when it is served: every language, a few sentences each.

const language = (() => {
  const name = `${location.protocol === "https:" ? "__Host-" : ""}sidecar-language=`;
  const chosen = document.cookie.split("; ").find((pair) => pair.startsWith(name))?.slice(name.length);
  const wanted = [chosen, ...(navigator.languages ?? [])].filter(Boolean);
  const offered = wanted.flatMap((tag) => [tag.toLowerCase(), tag.toLowerCase().split("-")[0]]);
  return offered.find((tag) => Object.hasOwn(TEXTS, tag)) ?? "en";
})();

const t = (key, values = {}) => TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
