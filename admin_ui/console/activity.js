// Whether somebody is there. The console asks again and again by itself, which must keep nobody signed
// in; so each call says whether mouse, keys or touch were used since the last one that said so.
const USED = ["keydown", "pointerdown", "pointermove", "wheel"];

let used = true; // whoever opens the page is there

for (const name of USED) {
  addEventListener(name, () => (used = true), { capture: true, passive: true });
}

/** The header fields that a call carries for it. */
export function activity() {
  if (!used) return {};
  used = false;
  return { "X-Sidecar-Active": "1" };
}
