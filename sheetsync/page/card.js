// A small card beside a cell: its note, what is wrong with it, where its link leads.

import { anchor, said } from "./cell.js";
import { element, make, say } from "./config.js";

export class Card {
  constructor(grid) {
    this.grid = grid;
    this.card = element("card");
    grid.pane.addEventListener("pointerover", (event) => {
      const at = event.pointerType === "mouse" && grid.under(event);
      if (at && at.row !== undefined && at.column !== undefined) this.hover(at);
    });
    grid.pane.addEventListener("pointerleave", () => this.hover(null));
    grid.pane.addEventListener("scroll", () => this.hide(), { passive: true });
  }

  hover(at) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (at && this.content(at.row, at.column).length) this.show(at.row, at.column);
      else if (this.here) this.show(this.here.row, this.here.column);
    }, 250);
  }

  /** The selected cell's card stays while nothing else is pointed at. */
  select(row, column) {
    clearTimeout(this.timer);
    this.here = { row, column };
    this.show(row, column);
  }

  hide() {
    clearTimeout(this.timer);
    this.here = null;
    this.card.hidden = true;
  }

  /** What is told may have changed. */
  again() {
    if (this.here) this.show(this.here.row, this.here.column);
  }

  content(row, column) {
    const { sheet } = this.grid;
    const cell = sheet.cell(row, column);
    if (!cell) return [];
    const parts = [];
    if (cell.error) parts.push(make("p", { className: "bad" }, `${say("error")}: ${cell.error}`));
    if (cell.wrong) parts.push(make("p", { className: "bad" }, say("invalid", { why: said(sheet, row, column) })));
    if (cell.link) {
      const link = anchor(cell.link);
      link.append(cell.link);
      parts.push(make("p", { className: "leads" }, link));
    }
    if (cell.note) parts.push(make("p", { className: "note" }, cell.note));
    return parts;
  }

  show(row, column) {
    const shown = this.grid.at(row, column);
    const parts = shown ? this.content(row, column) : [];
    this.card.hidden = !parts.length;
    if (!parts.length) return;
    this.card.replaceChildren(...parts);
    const room = this.card.parentElement.getBoundingClientRect();
    const box = shown.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const right = box.right - room.left + 4;
    const below = box.bottom - room.top + 4;
    const { style } = this.card;
    const fits = right + width < room.width - 8;
    style.left = `${fits ? right : Math.max(4, Math.min(box.left - room.left, room.width - width - 8))}px`;
    const top = fits ? box.top - room.top : below + height < room.height ? below : box.top - room.top - height - 4;
    style.top = `${Math.max(4, Math.min(top, room.height - height - 4))}px`;
  }
}
