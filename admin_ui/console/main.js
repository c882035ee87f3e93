// The start: the words and the person first, then the screen.
import { render } from "../vendor/lit.js";
import { Failure } from "./api.js";
import { loadTexts } from "./i18n.js";
import { listenToKeys } from "./keyboard.js";
import { follow } from "./live.js";
import { loadMe } from "./me.js";
import { failurePanel } from "./problem.js";
import { followLinks } from "./router.js";
import { prepareToasts } from "./toast.js";

async function start() {
  await loadTexts();
  try {
    await loadMe();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    render(
      failurePanel(error, () => location.reload()),
      document.querySelector("sc-app"),
    );
    return;
  }
  prepareToasts();
  followLinks();
  listenToKeys();
  follow();
  await import("./app.js"); // `<sc-app>` stands in the page already, and comes to life by this
}

start();
