// The language that a person chose for all of our pages. It is in a cookie, since the server writes
// most of them.

const SECURE = location.protocol === "https:";
const NAME = SECURE ? "__Host-sidecar-language" : "sidecar-language";
const A_YEAR = 365 * 24 * 60 * 60;

/** What was chosen, or nothing. */
export const chosenLanguage = () =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);

/** Remember it, and come again: every word on screen is another one. */
export function chooseLanguage(code) {
  document.cookie = `${NAME}=${code}; Max-Age=${A_YEAR}; Path=/; SameSite=Lax${SECURE ? "; Secure" : ""}`;
  location.reload();
}

/** A language in its own name, so that those who need it can read it; as it is written in a list. */
export function ownName(code) {
  const name = new Intl.DisplayNames(code, { type: "language" }).of(code);
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}
