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
    // What comes may be a download, which leaves this page where it is.
    setTimeout(() => send.removeAttribute("aria-busy"), 10_000);
    // A shown password must not end up among the browser's form entries.
    for (const button of form.querySelectorAll("[data-shows]")) {
      document.getElementById(button.dataset.shows).type = "password";
    }
  });
  // Back from the next page: the form can be sent again.
  window.addEventListener("pageshow", () => send.removeAttribute("aria-busy"));
}

// Instants in the person's own time zone; the year only when it is not this one.
const { lang } = document.documentElement;
const language = navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
const words = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const thisYear = new Date().getFullYear();
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  const year = at.getFullYear() === thisYear ? {} : { year: "numeric" };
  time.title = time.textContent;
  time.removeAttribute("dir"); // which is that of figures alone
  time.textContent = new Intl.DateTimeFormat(language, { ...words, ...year }).format(at);
}

// The menu of languages closes like any other.
const languages = document.querySelector(".languages");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !languages?.open) return;
  languages.open = false;
  languages.querySelector("summary").focus();
});
document.addEventListener("pointerdown", (event) => {
  if (languages && !languages.contains(event.target)) languages.open = false;
});

// Again, with the part behind "#" too, which a link to this very page would lose.
for (const link of document.querySelectorAll("a[data-again]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.reload();
  });
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
