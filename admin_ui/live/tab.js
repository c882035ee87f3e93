// This tab: goes to the sign-in page when its session ends, or lays the sign-in over the page; asks
// before the idle end whether anybody is there. It leaves no name behind, and throws nothing.

const LATE = 5_000; // after the start, it is still open whose page this is
const STUCK = 10_000;
const UNHEARD = 4_000;

function start(mount, reauth) {
  const began = Date.now();
  let link;
  let me;
  let over; // the dialog to sign in again
  let idle; // the dialog that counts down
  let known = ""; // the end that the person has been asked about, and has answered
  let leaving = false;

  const signInPage = (given) => {
    // Another page of this browser may have met the end before, and its cookie is gone since then.
    const code = given === "session_missing" ? "session_invalid" : given;
    const back = location.pathname + location.search + location.hash;
    return `${mount}/login?${new URLSearchParams({ ...(code ? { reason: code } : {}), return_to: back })}`;
  };

  /** Go to the sign-in page. What the page asks before it is left is for people who leave of themselves. */
  function leave(code) {
    if (leaving) return;
    leaving = true;
    closeIdle();
    setTimeout(() => (leaving = false), STUCK);
    addEventListener("beforeunload", (event) => leaving && event.stopImmediatePropagation(), true);
    location.replace(signInPage(code));
  }

  function closeIdle() {
    idle?.close();
    idle = undefined;
  }

  function ended(code) {
    closeIdle();
    // Who signed out wants nothing of this to stay on a screen; without a name, nobody can come back.
    if (reauth !== "overlay" || !me || code === "session_signed_out") return leave(code);
    over ??= askToSignIn({ mount, user: me, code, away: signInPage("") }, (session) => {
      if (session.user.id !== me.id) return leave("");
      closeOver();
      link.say("again");
    });
  }

  function closeOver() {
    over?.close();
    over = undefined;
  }

  function alive(message) {
    if (leaving) return;
    const { user } = message;
    if (!me || Date.now() - began < LATE) me = user;
    if (user.id !== me.id) return leave("session_signed_out"); // this page is of somebody else's session
    closeOver();
    const endsAt = Date.parse(message.idleExpiresAt) - message.ahead;
    if (endsAt - Date.now() > leadOf(message)) {
      closeIdle();
      known = "";
    } else if (idle) idle.until(endsAt);
    else if (known !== message.idleExpiresAt) {
      const final = message.idleExpiresAt === message.expiresAt;
      idle = askWhetherThere({ endsAt, final }, () => {
        known = message.idleExpiresAt;
        closeIdle();
        if (final) return;
        link.say("stay");
        setTimeout(() => (known = ""), UNHEARD); // if the server has not heard it, ask again
      });
    }
  }

  const open = () => {
    link ??= openLink(mount, (message) => (message.type === "ended" ? ended(message.code) : alive(message)));
  };
  const close = () => {
    link?.close();
    link = undefined;
  };
  const again = () => {
    open();
    link.say("again");
  };

  const on = (target, name, act) => target.addEventListener(name, guarded(act));
  on(window, "pagehide", close);
  on(window, "pageshow", (event) => event.persisted && again());
  on(window, "online", again);
  on(document, "freeze", close);
  on(document, "resume", again);
  on(document, "visibilitychange", () => document.visibilityState === "visible" && again());
  open();
}

guarded(() => {
  const script = document.currentScript;
  const mount = script?.dataset.sidecarMount;
  // Once in each page, and only where the page is what the person has in front of them.
  if (mount === undefined || window.top !== window || document.querySelector("script[data-sidecar-started]")) return;
  script.dataset.sidecarStarted = "";
  // With the origin, since a path alone would be one of wherever the page's <base> leads.
  const begin = guarded(() => start(location.origin + mount, script.dataset.reauth));
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
})();
