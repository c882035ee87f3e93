// What happens elsewhere, as it happens: the event feed, asked again and again from the last place
// read. A call that is refused because this session ended takes the console to the sign-in page, so
// an untouched tab notices within seconds.
import { get, onOutcome } from "./api.js";

const PACE = 1500;
const PACE_HIDDEN = 15_000;
const SLOWEST = 10_000;
const MOST = 200;

const feed = new EventTarget();
let cursor = "latest";
let timer;
let failures = 0;
let asking = false;

/** `live`, `offline` (the server does not answer) or `store` (it cannot ask its own store). */
export let state = "live";

/** Call `listener(events)` with each batch, oldest first; `null` means that too much happened to
 *  follow: look again at everything. Returns how to stop. */
export function onEvents(listener) {
  return on("events", (event) => listener(event.detail));
}

export const onState = (listener) => on("state", listener);

function on(type, listener) {
  feed.addEventListener(type, listener);
  return () => feed.removeEventListener(type, listener);
}

function become(next) {
  if (state === next) return;
  state = next;
  feed.dispatchEvent(new Event("state"));
  if (next === "live") tell(null); // what was missed is not known
}

const tell = (events) => feed.dispatchEvent(new CustomEvent("events", { detail: events }));

async function ask() {
  if (asking) return;
  asking = true;
  try {
    const page = await get("/admin/events", { after: cursor, limit: MOST });
    cursor = page.nextCursor ?? cursor;
    failures = 0;
    if (page.items.length >= MOST) {
      cursor = "latest";
      tell(null);
    } else if (page.items.length) tell(page.items);
  } catch {
    failures += 1; // the outcome was told to everybody already
  } finally {
    asking = false;
    plan();
  }
}

function plan() {
  const pace = document.visibilityState === "visible" ? PACE : PACE_HIDDEN;
  clearTimeout(timer);
  timer = setTimeout(ask, Math.min(pace * 2 ** Math.min(failures, 4), Math.max(pace, SLOWEST)));
}

const atOnce = () => {
  failures = 0;
  clearTimeout(timer);
  if (document.visibilityState === "visible") ask();
  else plan();
};

export function follow() {
  onOutcome(become);
  document.addEventListener("visibilitychange", atOnce);
  window.addEventListener("online", atOnce);
  window.addEventListener("offline", () => become("offline"));
  ask();
}
