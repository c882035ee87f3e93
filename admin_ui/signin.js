// Comfort for the sign-in page and its neighbours. Everything works without it.

// Show what was typed, for those who want to look.
for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
}

for (const form of document.querySelectorAll("form")) {
  const send = form.querySelector("[type=submit]");
  form.addEventListener("submit", (event) => {
    // A second press while the first is on its way would count as a second attempt.
    if (send.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    send.setAttribute("aria-busy", "true");
    // A shown password must not end up among the browser's form entries.
    for (const button of form.querySelectorAll("[data-shows]")) {
      document.getElementById(button.dataset.shows).type = "password";
    }
  });
  // Back from the next page: the form can be sent again.
  window.addEventListener("pageshow", () => send.removeAttribute("aria-busy"));
}

// Instants in the person's own time zone, as exact as they were.
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "medium", timeStyle: "short",
});
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = format.format(new Date(time.dateTime));
}

// The part behind "#" never reaches the server; keep it on the way to the sign-in page and back.
const onward = document.querySelector("a[data-onward]");
if (onward) {
  const target = new URL(onward.href);
  const back = target.searchParams.get("return_to");
  if (location.hash && back) {
    target.searchParams.set("return_to", back.split("#")[0] + location.hash);
  }
  location.replace(target);
}
