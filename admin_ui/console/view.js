// The base of everything on screen. Views render into the page itself, not into shadows: one style
// sheet, one tab order, and labels that reach across.
import { LitElement } from "../vendor/lit.js";
import { onTick } from "./clock.js";
import { onState } from "./live.js";

export class View extends LitElement {
  createRenderRoot() {
    return this;
  }

  /** What to undo when the view goes: functions. */
  leaving = [];

  connectedCallback() {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    this.leaving.push(onTick(again), onState(again)); // what ages, and what says if it is live
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const undo of this.leaving.splice(0)) undo();
  }

  /** Listen until the view goes. */
  listen(target, type, listener, options) {
    target.addEventListener(type, listener, options);
    this.leaving.push(() => target.removeEventListener(type, listener, options));
  }
}
