// The one line to the server that all tabs of a browser share. It runs in a SharedWorker, in the tab
// that leads the others, or (without a socket) in each tab by itself.
//
//   waiting ─▶ asking (poll) and connecting (socket) ─▶ open ── lost ─▶ waiting …
//        └────────────── told that the session ended ─▶ ended ── somebody signed in ─▶ open
//
// Only two things mean that the session has ended: the server's word on the line, and a 401 of its API
// whose challenge is `Session`. An answer that does not come, or any other, means nothing.

const PATIENCE = 6_000; // for an answer
const FIRST = [300, 900]; // until the line is opened: many pages are left again at once
const AGAIN = [500, 4_000]; // after it was lost: thousands may have lost theirs in the same moment
const POLL = [9_000, 14_000];
const BEAT = [20_000, 27_000];
const LEAD = 60_000; // before the idle end: somebody ought to be asked
const CLOSE_LOOK = 5_000;
const OFTEN = 800;
const MOMENT = 250;

const between = ([least, most]) => least + Math.random() * (most - least);

/** When the person ought to be asked, in milliseconds before the end: sooner than a third of the span. */
const leadOf = (limits) => Math.min(LEAD, (limits.idleTimeout * 1000) / 3);

/** Make the hub. tell: hears each message for the tabs. sockets: whether to open a line, or only ask. */
function makeHub(mount, tell, sockets = true) {
  let socket; // connecting or open
  let open = false;
  let timer;
  let patience;
  let stopped = true;
  let failures = 0;
  let polls = 0;
  let over; // the message that the session has ended
  let last; // what is known of it: hello, limits
  let ahead = 0; // of the server's clock
  let asked = 0; // when a tab asked to look again

  const after = (span, act) => {
    clearTimeout(timer);
    timer = setTimeout(guarded(act), span);
  };

  /** The session lives. Who it is of is said each time: it may be another's than before. */
  function learn(message) {
    over = undefined;
    ahead = Date.parse(message.now) - Date.now();
    last = { ...last, ...message, type: "limits", ahead };
    tell(last);
  }

  function finish(code) {
    if (!over) tell((over = { type: "ended", code }));
    plan();
  }

  /** Decide when to do the next thing, whatever it will be. */
  function plan() {
    if (stopped) return;
    if (!open) return after(between(POLL), look);
    const left = Date.parse(last.idleExpiresAt) - ahead - Date.now();
    const lead = leadOf(last);
    // Near the end the others are asked often, because one of them may be at work; and at the end.
    const next = left > lead ? left - lead : left > 0 ? Math.min(left + 200, CLOSE_LOOK) : CLOSE_LOOK;
    after(Math.max(100, Math.min(next, between(BEAT))), beat);
  }

  function beat() {
    if (!open) return look();
    say("limits");
    expect();
    plan();
  }

  /** The line must say something soon, or it is none. */
  function expect() {
    clearTimeout(patience);
    patience = setTimeout(guarded(drop), PATIENCE);
  }

  function say(type) {
    if (socket?.readyState === 1) socket.send(JSON.stringify({ type }));
  }

  /** Without a line: try to open one, and ask where there was none. After some times, try less often. */
  function look() {
    if (stopped) return;
    polls += 1;
    if (!sockets || failures || over) poll();
    if (!over && (failures < 4 || polls % 4 === 0)) connect();
    plan();
  }

  function connect() {
    if (!sockets || socket || stopped) return;
    const url = new URL(`${mount}/live`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    try {
      socket = new WebSocket(url.href);
    } catch {
      failures += 1; // the page's policy forbids it
      poll();
      return;
    }
    const mine = socket;
    const ours = (act) => guarded((event) => mine === socket && act(event));
    mine.onmessage = ours((event) => heard(JSON.parse(event.data)));
    mine.onclose = ours(lost);
    expect();
  }

  function heard(message) {
    clearTimeout(patience);
    switch (message.type) {
      case "hello":
        open = true;
        failures = polls = 0;
        learn(message);
        return plan();
      case "limits":
        learn(message);
        return plan();
      case "ended":
        drop();
        return confirm(message.code);
    }
  }

  /** The session of the line has ended. Somebody may have signed in again here, in another tab: the new
   *  cookie is on its way then. */
  async function confirm(code) {
    await new Promise((done) => setTimeout(done, MOMENT));
    const found = await ask();
    if (stopped) return;
    if (found?.session) {
      learn(ofAnswer(found));
      connect();
      plan();
    } else finish(code);
  }

  function lost() {
    const was = open;
    socket = undefined;
    open = false;
    clearTimeout(patience);
    if (stopped || over) return;
    failures = was ? 0 : failures + 1;
    if (was) return after(between(AGAIN), look);
    poll(); // why it was refused, no script can see
    plan();
  }

  /** Hang up. */
  function drop() {
    const line = socket;
    if (!line) return;
    lost();
    line.onmessage = line.onclose = null;
    line.close();
  }

  async function poll(active) {
    const found = await ask(active);
    if (stopped || !found) return;
    const was = over;
    if (!found.session) return open || finish(found.code);
    learn(ofAnswer(found));
    if (was) connect();
  }

  /** Ask the API. Nothing is returned for an answer that says nothing of the session. */
  async function ask(active = false) {
    const late = new AbortController();
    const timeout = setTimeout(() => late.abort(), PATIENCE);
    try {
      const response = await fetch(`${mount}/api/session`, {
        cache: "no-store",
        credentials: "same-origin",
        redirect: "error",
        headers: { Accept: "application/json", ...(active ? { "X-Sidecar-Active": "1" } : {}) },
        signal: late.signal,
      });
      const challenge = response.headers.get("WWW-Authenticate") ?? "";
      if (response.status === 401 && /^session\b/i.test(challenge)) {
        const problem = await response.json().catch(() => ({}));
        return { code: problem.code ?? "session_invalid" };
      }
      if (!response.ok) return undefined;
      const { session, user } = await response.json();
      return session?.idleExpiresAt && { session, user, at: response.headers.get("Date"), active };
    } catch {
      return undefined; // offline, too slow, or not ours
    } finally {
      clearTimeout(timeout);
    }
  }

  /** What the API says, as the line would say it. */
  function ofAnswer({ session, user, at, active }) {
    const now = Date.parse(at ?? "") || Date.now();
    const used = Date.parse(session.lastActiveAt);
    const span = Math.max(1000, Date.parse(session.idleExpiresAt) - used);
    const end = Math.min(now + span, Date.parse(session.expiresAt));
    return {
      type: "limits",
      now: new Date(now).toISOString(),
      expiresAt: session.expiresAt,
      idleExpiresAt: active ? new Date(end).toISOString() : session.idleExpiresAt,
      idleTimeout: last?.idleTimeout ?? span / 1000,
      user: { id: user.id, username: user.username },
    };
  }

  return {
    /** A tab has come: open the line if there is none, and say what is known. */
    join() {
      if (open) tell(last);
      if (stopped) {
        stopped = false;
        after(between(FIRST), look);
      } else if (over) {
        over = undefined; // of a session before: this tab may have come with a new one
        look();
      }
    },
    /** Something may have happened meanwhile: the machine slept, was offline, the page was frozen. */
    again() {
      if (Date.now() - asked < OFTEN) return;
      asked = Date.now();
      if (stopped) return this.join();
      if (open) {
        say("limits");
        return expect();
      }
      failures = 0;
      look();
    },
    /** Somebody is there. */
    stay() {
      if (open) say("stay");
      else poll(true);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      drop();
      clearTimeout(patience);
      over = last = undefined;
    },
  };
}

/** Nothing that goes wrong here may become the application's trouble. */
function guarded(act) {
  return (...given) => {
    try {
      const done = act(...given);
      if (typeof done?.catch === "function") done.catch(() => {});
    } catch {
      // said nowhere: the page's own error handling would take it for the application's
    }
  };
}
