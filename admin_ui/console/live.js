// What happens elsewhere, as it happens: told on a line that stays open, or, while there is none, asked
// for again and again; from the last place read in either way. A session that has ended takes the
// console to the sign-in page, so an untouched tab is there at once, or within seconds.
import { get, leave, onOutcome } from "./api.js";
import { openLine } from "./line.js";

const PACE = 1500;
const PACE_HIDDEN = 15_000;
const SLOWEST = 10_000;
const MOST = 200;

const feed = new EventTarget();
let cursor = "latest";
let timer;
let failures = 0;
let asking = false;
let line;

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

/** Take what happened behind the cursor, and move it on. Returns false if it is too much to follow. */
function take(items, next) {
  cursor = next ?? cursor;
  if (items.length < MOST) {
    if (items.length) tell(items);
    return true;
  }
  cursor = "latest";
  tell(null);
  return false;
}

async function ask() {
  if (asking || line?.follows) return;
  asking = true;
  try {
    const page = await get("/admin/events", { after: cursor, limit: MOST });
    failures = 0;
    take(page.items, page.nextCursor);
  } catch {
    failures += 1; // the outcome was told to everybody already
  } finally {
    asking = false;
    plan();
  }
}

function plan() {
  clearTimeout(timer);
  if (line?.follows) return;
  const pace = document.visibilityState === "visible" ? PACE : PACE_HIDDEN;
  timer = setTimeout(ask, Math.min(pace * 2 ** Math.min(failures, 4), Math.max(pace, SLOWEST)));
}

const atOnce = () => {
  failures = 0;
  clearTimeout(timer);
  line.look();
  if (document.visibilityState === "visible") ask();
  else plan();
};

export function follow() {
  onOutcome(become);
  line = openLine({
    cursor: () => cursor,
    heard(items, next) {
      if (!take(items, next)) line.follow();
      become("live");
    },
    ended: leave,
    silent: () => become("store"),
    lost: atOnce,
  });
  document.addEventListener("visibilitychange", atOnce);
  window.addEventListener("online", atOnce);
  window.addEventListener("offline", () => {
    become("offline");
    line.drop();
  });
  ask();
}
