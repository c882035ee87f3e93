// The server's clock, as far as its answers tell it: people's own clocks are often wrong, and "2 min
// ago" must not be. And one tick for everything on screen that ages.
const TICK = 15_000;
let ahead = 0;

/** Take note of the `Date` field of an answer (whole seconds, so half a second is added). */
export function hear(dateField) {
  const at = Date.parse(dateField ?? "");
  if (!Number.isNaN(at)) ahead = at + 500 - Date.now();
}

export const now = () => Date.now() + ahead;

const listeners = new Set();

/** Call `listener` every few seconds while the page is visible. Returns how to stop. */
export function onTick(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tick = () => {
  if (document.visibilityState === "visible") for (const listener of listeners) listener();
};
setInterval(tick, TICK);
document.addEventListener("visibilitychange", tick);
