// The two dialogs: one that counts down to the idle end, one in which the person signs in again.

const SAID_AT = new Set([60, 30, 10]);

/** Count down to `endsAt` (this machine's clock). final: nothing that is done here would help. */
function askWhetherThere({ endsAt, final }, onStay) {
  const time = make("span", { class: "time" });
  const said = make("p", { class: "unseen", "aria-live": "polite" });
  const stay = make("button", { type: "button", autofocus: "" }, t(final ? "go_on" : "stay"));
  const [before, behind] = t(final ? "live_final_in" : "live_idle_in", { time: "\n" }).split("\n");
  const shown = showDialog(
    "idle",
    [
      make("h2", { id: "title" }, t(final ? "live_final" : "live_idle")),
      make("p", { id: "about" }, before, time, behind),
      said,
      make("div", { class: "acts" }, stay),
    ],
    onStay,
  );
  shown.dialog.setAttribute("role", "alertdialog");
  shown.dialog.setAttribute("aria-describedby", "about");
  stay.addEventListener("click", guarded(onStay));
  const tick = guarded(() => {
    const left = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (SAID_AT.has(left)) said.textContent = before + time.textContent + behind;
  });
  tick();
  const ticking = setInterval(tick, 1000);
  return {
    until(instant) {
      endsAt = instant;
      tick();
    },
    close() {
      clearInterval(ticking);
      shown.close();
    },
  };
}

const FAULTS = {
  invalid_credentials: "fault_wrong",
  banned: "fault_banned",
  locked: "fault_locked",
  session_limit: "limit_title",
  invalid_code: "fault_wrong_code",
  second_factor_enrolment_required: "live_elsewhere",
  sign_in_busy: "fault_busy",
  store_unavailable: "fault_store",
};

/** Let the same person sign in again over the page. onDone: hears the session of who did. */
function askToSignIn({ mount, user, code, away }, onDone) {
  const reason = Object.hasOwn(TEXTS.en, code) ? code : "session_invalid";
  const alert = make("p", { role: "alert" });
  const name = make("input", { id: "name", readonly: "", autocomplete: "username" });
  name.value = user.username;
  const password = make("input", {
    id: "password",
    type: "password",
    autocomplete: "current-password",
    required: "",
    autofocus: "",
  });
  const given = make("input", { id: "code", autocomplete: "one-time-code", autocapitalize: "none", dir: "ltr" });
  const second = make("div", { hidden: "" }, make("label", { for: "code" }, t("code")), given);
  let challenge = "";
  const send = make("button", { type: "submit" }, t("sign_in"));
  const elsewhere = make("a", { href: away, target: "_blank", rel: "noopener" }, t("live_elsewhere"));
  const form = make(
    "form",
    { method: "dialog", novalidate: "" },
    make("label", { for: "name" }, t("username")),
    name,
    make("label", { for: "password" }, t("password")),
    password,
    second,
    alert,
    make("div", { class: "acts" }, send, elsewhere),
  );
  const shown = showDialog("over", [
    make("h2", { id: "title" }, t("needed")),
    make("p", { id: "about" }, t(reason), " ", t("live_kept")),
    form,
  ]);
  shown.dialog.setAttribute("aria-describedby", "about");

  /** The second step follows a right password, and the first one what is of no use any more. */
  function askCode(asked) {
    challenge = asked;
    second.hidden = !asked;
    password.readOnly = Boolean(asked);
    given.value = "";
  }

  async function attempt() {
    const response = await fetch(`${mount}/login`, {
      method: "POST",
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body: JSON.stringify(
        challenge ? { challenge, code: given.value } : { username: user.username, password: password.value },
      ),
    });
    const answer = await response.json();
    askCode(answer.totp ? "" : (answer.challenge ?? ""));
    return response.ok ? answer : Promise.reject(answer.code);
  }

  form.addEventListener("submit", guarded(async (event) => {
    event.preventDefault();
    if (send.getAttribute("aria-busy") === "true") return;
    const asked = challenge ? given : password;
    if (!asked.value) return asked.focus();
    send.setAttribute("aria-busy", "true");
    alert.textContent = "";
    try {
      onDone((await attempt()).session);
    } catch (fault) {
      const known = Object.hasOwn(FAULTS, fault);
      const failed = known ? t(FAULTS[fault]) : `${t("live_failed")} ${t("live_failed_next")}`;
      alert.textContent = fault === "second_factor_required" ? "" : failed;
      const next = challenge ? given : password;
      next.select();
      next.focus();
    } finally {
      send.removeAttribute("aria-busy");
    }
  }));
  return shown;
}
