// Runs before anything is painted: a remembered theme must not flash in a second late.
// Its one gift to the modules is `sidecarTexts`, the words on their way while the modules still load.
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // storage is switched off
    }
  };
  const theme = kept("sidecar-theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const read = async () => (await fetch(`${root.dataset.tree}/locales/${root.lang}.json`)).json();
  window.sidecarTexts = read();
})();
