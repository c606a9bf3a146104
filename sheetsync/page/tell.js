// What the page says: a toast for trouble, the state of saving, and a quiet voice for screen readers.

import { element, make, say } from "./config.js";

let timer;

/** Trouble, in the server's words; `act` is { name, run } for a button. */
export function trouble(message, act) {
  const toast = element("toast");
  const close = make("button", { type: "button", className: "close", ariaLabel: say("close") }, "×");
  close.addEventListener("click", calm);
  const button = act && make("button", { type: "button" }, act.name);
  button?.addEventListener("click", act.run);
  toast.replaceChildren(make("span", {}, message), ...[button].filter(Boolean), close);
  toast.hidden = false;
  clearTimeout(timer);
  if (!act) timer = setTimeout(calm, 12000);
}

export function calm() {
  element("toast").hidden = true;
  element("toast").replaceChildren();
}

export function state(text) {
  element("state").textContent = text;
}

/** For those who listen. */
export function voice(text) {
  element("live").textContent = text;
}
