// Calls of the self-service API. A call ends with its JSON or with a Failure.
import { hear } from "../shared/clock.js";

const PATIENCE = 20_000;
const JSON_BODY = { "Content-Type": "application/json" };

/** code: the problem's stable word, or `offline`. over: this session is, and the person has to sign in. */
export class Failure extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.code);
    Object.assign(this, { status: 0, errors: [], requestId: "", over: false }, problem);
  }
}

/** mount: the path of the product. language(): in which faults of a new password are said. */
export function makeCalls(mount, language) {
  async function send(method, path, body, more) {
    let response, text;
    try {
      response = await fetch(mount + path, {
        method,
        headers: { Accept: "application/json", "Accept-Language": language(), ...(body ? JSON_BODY : {}) },
        body: body && JSON.stringify(body),
        cache: "no-store",
        credentials: "same-origin",
        signal: AbortSignal.timeout(PATIENCE),
        ...more,
      });
      text = await response.text();
    } catch {
      throw new Failure({ code: "offline" });
    }
    hear(response.headers.get("Date"));
    if (!response.ok) throw refused(response, text);
    try {
      return text ? JSON.parse(text) : null;
    } catch {
      throw new Failure({ code: "offline" }); // not ours: something in between answered
    }
  }

  return {
    mount,
    list: () => send("GET", "/api/sessions?limit=200"),
    /** What ended by itself in the meantime is what was wanted. */
    endOne: (id) => send("DELETE", `/api/sessions/${encodeURIComponent(id)}`).catch(orGone),
    endOthers: () => send("DELETE", "/api/sessions"),
    notices: () => send("GET", "/api/notices"),
    confirmNotice: (id) => send("POST", `/api/notices/${encodeURIComponent(id)}/confirm`),
    disownNotice: (id) => send("POST", `/api/notices/${encodeURIComponent(id)}/disown`),
    agents: () => send("GET", "/api/agents?limit=200"),
    createAgent: (agent) => send("POST", "/api/agents", agent),
    endAgent: (id) => send("DELETE", `/api/agents/${encodeURIComponent(id)}`).catch(orGone),
    prove: (password, code) => send("POST", "/api/reauth", code ? { password, code } : { password }),
    factors: () => send("GET", "/api/factors"),
    beginTotp: () => send("POST", "/api/totp"),
    confirmTotp: (challenge, code) => send("POST", "/api/totp/confirm", { challenge, code }),
    removeFactor: (id) => send("DELETE", `/api/factors/${encodeURIComponent(id)}`),
    newRecoveryCodes: () => send("POST", "/api/recovery-codes"),
    changePassword: (current, chosen) => send("POST", "/api/password", { current, new: chosen }),
    /** forget: what this browser keeps of the application goes too. */
    signOut: (forget) => send("POST", forget ? "/logout?forget=1" : "/logout", undefined, { keepalive: true }),
  };
}

function orGone(error) {
  if (!(error instanceof Failure) || error.code !== "not_found") throw error;
  return { revoked: 0 };
}

function refused(response, text) {
  const { status } = response;
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // not ours either
  }
  // The one rule for clients: a 401 with this challenge means that the session is over.
  const over = status === 401 && (response.headers.get("WWW-Authenticate") ?? "").startsWith("Session");
  return new Failure({ ...problem, code: problem.code ?? `http_${status}`, status, over });
}

/** Where to send somebody who is signed out: the sign-in page, which leads back here. */
export function signInUrl(mount, reason = "") {
  const query = new URLSearchParams({ return_to: location.pathname + location.search });
  if (reason) query.set("reason", reason);
  return `${mount}/login?${query}`;
}
