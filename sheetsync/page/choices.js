// The list of a dropdown, under the cell that is edited. The focus stays in the editor.

import { element, make } from "./config.js";

export class Choices {
  constructor(pick) {
    this.pick = pick;
    this.list = element("choices");
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const chosen = event.target.closest("[role=option]");
      if (chosen) this.pick(chosen.textContent);
    });
  }

  open(all, field, text) {
    this.all = all;
    this.field = field;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-controls", "choices");
    field.setAttribute("aria-expanded", "true");
    this.list.hidden = false;
    this.filter(text);
  }

  /** Offer those that hold the text. */
  filter(text) {
    if (this.list.hidden && !this.field) return;
    const wanted = text.trim().toLowerCase();
    const found = this.all.filter((each) => each.toLowerCase().includes(wanted));
    const offered = found.length || wanted ? found : this.all;
    this.list.replaceChildren(...offered.map((each, index) => make("li", { role: "option", id: `choice${index}` }, each)));
    this.list.hidden = !offered.length;
    this.light(-1);
    this.place();
  }

  place() {
    if (!this.field || this.list.hidden) return;
    const { style } = this.list;
    const box = this.field.getBoundingClientRect();
    const room = this.list.parentElement.getBoundingClientRect();
    const below = room.bottom - box.bottom;
    const above = box.top - room.top;
    const up = below < 140 && above > below;
    style.left = `${Math.max(0, Math.min(box.left - room.left, room.width - this.list.offsetWidth - 4))}px`;
    style.minWidth = `${box.width}px`;
    style.maxHeight = `${Math.max(Math.min((up ? above : below) - 6, 280), 60)}px`;
    style.top = up ? "auto" : `${box.bottom - room.top + 1}px`;
    style.bottom = up ? `${room.bottom - box.top + 1}px` : "auto";
  }

  light(index) {
    this.lit = index;
    [...this.list.children].forEach((each, at) => each.setAttribute("aria-selected", at === index));
    const chosen = this.list.children[index];
    if (chosen) {
      chosen.scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", chosen.id);
    } else {
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  /** The choice that the keyboard has come to; null where it is none. */
  get chosen() {
    return (this.field && !this.list.hidden && this.list.children[this.lit]?.textContent) ?? null;
  }

  /** Whether the key was for the list. */
  key(event) {
    if (!this.field || this.list.hidden) return false;
    const count = this.list.children.length;
    if (event.key === "ArrowDown") this.light((this.lit + 1) % count);
    else if (event.key === "ArrowUp") this.light((this.lit + count - 1 + (this.lit < 0)) % count);
    else if (event.key === "Enter" && this.chosen !== null && !event.altKey) this.pick(this.chosen);
    else return false;
    return true;
  }

  holds(node) {
    return this.list.contains(node);
  }

  close() {
    if (!this.field) return;
    for (const name of ["role", "aria-expanded", "aria-activedescendant"]) this.field.removeAttribute(name);
    this.field.setAttribute("aria-controls", "grid");
    this.field = null;
    this.list.hidden = true;
  }
}
