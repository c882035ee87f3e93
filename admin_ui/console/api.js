// Calls of the product's own API. A call ends in one of three ways: its JSON, a Failure to be shown,
// or, when this session is over, on the sign-in page (then nothing comes back at all).
import { activity } from "./activity.js";
import { hear } from "./clock.js";
import { language } from "./i18n.js";
import { apiRoot, search, signInUrl } from "./place.js";

const PATIENCE = 20_000;

/** What went wrong. code: the problem's stable word; `offline` when there was no answer at all. */
export class Failure extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? problem.code);
    Object.assign(this, { errors: [], requestId: "" }, problem);
  }
}

const outcome = new EventTarget();

/** Tell `listener` after each call: `live`, `offline` (no answer), or `store` (it cannot be asked). */
export const onOutcome = (listener) => outcome.addEventListener("outcome", (event) => listener(event.detail));
const tell = (how) => outcome.dispatchEvent(new CustomEvent("outcome", { detail: how }));

async function send(method, path, { query = {}, body, signal } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": language, ...activity() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const signals = [AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])];
  let response, text;
  try {
    response = await fetch(apiRoot + path + search(query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.any(signals),
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error; // nobody wants the answer any more
    tell("offline");
    throw new Failure({ code: "offline", status: 0 });
  }
  hear(response.headers.get("Date"));
  if (response.ok) {
    tell("live");
    return text ? JSON.parse(text) : null;
  }
  throw await refused(response, text);
}

async function refused(response, text) {
  const status = response.status;
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // not ours: something in between answered
  }
  tell(problem.code === "store_unavailable" ? "store" : "live");
  // The one rule for clients: a 401 with this challenge means that the session is over.
  if (status === 401 && response.headers.get("WWW-Authenticate")?.startsWith("Session")) {
    leave(problem.code);
    await new Promise(() => {});
  }
  return new Failure({ ...problem, code: problem.code ?? `http_${status}`, status });
}

let leaving = false;

/** Go to the sign-in page and come back here afterwards. Every call in flight learns of the end of
 *  the session: the first of them goes, since a second start would break off the first. */
export function leave(reason) {
  if (leaving) return;
  leaving = true;
  location.replace(signInUrl(reason));
}

/** The person is going somewhere else by ending the session: nobody is to be sent to sign in now. */
export const goElsewhere = (goes) => {
  leaving = goes;
};

export const get = (path, query, signal) => send("GET", path, { query, signal });
export const post = (path, body = {}) => send("POST", path, { body });
export const patch = (path, body) => send("PATCH", path, { body });
export const remove = (path, query) => send("DELETE", path, { query });
