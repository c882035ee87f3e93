// The page behind a one-time link. The token stands behind the "#": it is taken out of the address at
// once, so that it stays in no history and no shared screen, and goes nowhere but to our own server.

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname + location.search);

const form = document.querySelector("#choose form");
const field = form.elements.new;
const send = form.querySelector("[type=submit]");
let sending = false;

function say(what, why = []) {
  for (const note of document.querySelectorAll("[data-says]")) {
    note.hidden = note.dataset.says !== what;
  }
  document.querySelector("[data-why]").textContent = why.join(" ");
  const wrong = what === "weak";
  field.setAttribute("aria-invalid", String(wrong));
  field.setAttribute("aria-describedby", wrong ? "fault hint" : "hint");
}

// The end of this page, one way or the other.
function close(end) {
  field.value = "";
  say("");
  document.querySelector("#choose").hidden = true;
  const shown = document.querySelector(end);
  shown.hidden = false;
  shown.querySelector("h1").focus();
}

function open() {
  form.hidden = false;
  field.focus();
}

function post(password) {
  return fetch(location.pathname, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      // What is wrong with a password is said in the language of the page.
      "Accept-Language": document.documentElement.lang,
    },
    body: JSON.stringify({ token, new: password }),
  });
}

// Nobody should think of a password for a link that is of no use. One character never is a password,
// so a good link stays good. Whatever else comes of it is said when it counts.
async function look() {
  try {
    if ((await post("-")).status === 410) return close("#invalid");
  } catch {
    // There is no server at the moment; there may be one by the time of the answer.
  }
  open();
}

async function ask() {
  const answer = await post(field.value);
  if (answer.status === 204) return close("#done");
  if (answer.status === 410) return close("#invalid");
  const problem = await answer.json();
  const why = (problem.errors ?? []).filter((fault) => fault.field === "new");
  say(answer.status === 400 && why.length ? "weak" : "failed", why.map((fault) => fault.message));
  field.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  sending = true;
  try {
    await ask();
  } catch {
    say("failed");
  } finally {
    sending = false;
    send.removeAttribute("aria-busy");
  }
});

// In another language the page is a new one, and the token would be lost with the old.
document.querySelector(".languages form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const chosen = new URLSearchParams(new FormData(event.target, event.submitter));
  await fetch(event.target.action, { method: "POST", body: chosen, redirect: "manual" });
  if (token && !document.querySelector("#choose").hidden) history.replaceState(null, "", `#${token}`);
  location.reload();
});

if (token) {
  look();
} else {
  close("#invalid");
}

// Another link opened in the same tab changes only what stands behind the "#".
addEventListener("hashchange", () => location.reload());
