// One tick for everything on screen that ages, and what time it is.
export { hear, now } from "../shared/clock.js";

const TICK = 15_000;
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
