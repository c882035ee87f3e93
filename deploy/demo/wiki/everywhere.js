async function signOutEverywhere() {
  const others = await fetch("/_sidecar/api/sessions", { method: "DELETE" }); // all other sessions
  if (!others.ok) throw new Error((await others.json()).detail);
  const here = await fetch("/_sidecar/logout?forget=1", { method: "POST" }); // then this one
  if (!here.ok) throw new Error((await here.json()).detail);
  localStorage.clear(); // `forget=1` has the browser do this and more, where it can
  sessionStorage.clear();
  location.assign("/_sidecar/login?reason=session_signed_out");
}

document.querySelector("#everywhere").addEventListener("click", () => signOutEverywhere().catch(alert));
