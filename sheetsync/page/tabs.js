// The tabs at the bottom: hidden ones are left out.

import { element, make } from "./config.js";

export class Tabs {
  constructor(open) {
    this.list = element("tabs");
    this.list.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) open(Number(tab.dataset.gid));
    });
    this.list.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const all = [...this.list.children];
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
      event.preventDefault();
    });
  }

  show(tabs, current) {
    this.shown = tabs.filter((tab) => !tab.hidden);
    const state = JSON.stringify([this.shown, current]);
    if (state === this.state) return;
    this.state = state;
    const focused = this.list.contains(document.activeElement);
    this.list.replaceChildren(...this.shown.map((tab, index) => this.tab(tab, tab.id === current, index)));
    if (!this.list.querySelector("[tabindex='0']") && this.list.firstChild) this.list.firstChild.tabIndex = 0;
    const here = this.list.querySelector("[aria-selected=true]");
    here?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (focused) here?.focus();
  }

  tab(tab, current) {
    const made = make("button", { type: "button", role: "tab", className: "tab", tabIndex: current ? 0 : -1 }, tab.title);
    made.setAttribute("aria-selected", current);
    made.setAttribute("aria-controls", "grid");
    made.dataset.gid = tab.id;
    if (tab.colour) made.style.setProperty("--tab", tab.colour);
    return made;
  }

  /** The tab before or after another one. */
  beside(current, step) {
    const at = this.shown.findIndex((tab) => tab.id === current);
    return this.shown[Math.min(Math.max(at + step, 0), this.shown.length - 1)]?.id;
  }
}
