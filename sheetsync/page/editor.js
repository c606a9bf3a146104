// Editing one cell, in the cell or in the formula bar: the two show the same text. While nobody edits, the field in the cell
// has the focus unseen, so that whatever is typed, composed or dictated begins an edit. With a finger that would bring up a
// keyboard at every tap: there the grid has the focus.

import { cellName } from "./a1.js";
import { Choices } from "./choices.js";
import { element, say } from "./config.js";

const FINGER = matchMedia("(pointer: coarse)");
const ADVANCE = { Enter: [1, 0], Tab: [0, 1] };

export class Editor {
  /**
   * `commit(sheet, row, column, text)` is asked to write, `fill(text)` to write into all selected cells; `left(rows, columns)`
   * to move on, or to stay with (0, 0).
   */
  constructor(grid, selection, { commit, fill, left }) {
    Object.assign(this, { grid, selection, commit, fill, left });
    this.cell = element("editor");
    this.bar = element("formula");
    this.choices = new Choices((text) => this.pick(text));
    for (const field of [this.cell, this.bar]) {
      field.addEventListener("input", () => this.typed(field));
      field.addEventListener("keydown", (event) => this.key(event));
      field.addEventListener("blur", (event) => this.blurred(event));
    }
    this.bar.addEventListener("focus", () => this.open || this.begin(null, "edit", this.bar));
    if (!FINGER.matches) this.grid.pane.tabIndex = -1; // its focus goes on to the field
    this.grid.pane.addEventListener("focus", () => FINGER.matches || this.rest());
    this.close();
  }

  /** Wait for what is typed. */
  rest() {
    (FINGER.matches ? this.grid.pane : this.cell).focus({ preventScroll: true });
  }

  /** Whether a node has the focus for the whole grid. */
  rests(node) {
    return !this.open && (node === this.cell || node === this.grid.pane);
  }

  /** Begin with a text, or with what is in the cell; `mode` "enter" leaves arrows to the grid, "edit" to the text. */
  begin(text, mode, field = this.cell) {
    const { row, column } = this.selection;
    const sheet = this.grid.sheet;
    this.grid.reveal(row, column);
    if (sheet.cell(row, column) === undefined) {
      this.cell.value = "";
      return;
    }
    this.open = { row, column, sheet, before: sheet.typed(row, column), mode };
    for (const each of [this.cell, this.bar]) if (each.value !== (text ?? this.open.before)) each.value = text ?? this.open.before;
    this.cell.setAttribute("aria-label", say("editor", { cell: cellName(row, column) }));
    this.dress();
    this.cell.hidden = false;
    this.cell.classList.remove("resting");
    this.place();
    if (document.activeElement !== field) field.focus({ preventScroll: true });
    if (field === this.cell && text === null) field.setSelectionRange(field.value.length, field.value.length);
    const offered = sheet.rule(row, column)?.choices;
    if (offered) this.choices.open(offered, this.cell, text ?? "");
    this.grow();
  }

  /** The editor looks like its cell. */
  dress() {
    const shown = this.grid.at(this.open.row, this.open.column);
    if (!shown) return;
    const look = getComputedStyle(shown);
    for (const name of ["fontFamily", "fontSize", "fontWeight", "fontStyle", "color"]) this.cell.style[name] = look[name];
    const fill = look.backgroundColor;
    this.cell.style.backgroundColor = fill === "rgba(0, 0, 0, 0)" ? "#fff" : fill;
  }

  /** Over its cell, wherever that has been scrolled to. */
  place() {
    const { sheet, row, column } = this.open ?? this.selection;
    const shown = this.grid.sheet && this.grid.sheet === sheet && this.grid.at(row, column);
    if (!shown) return;
    const room = this.cell.parentElement.getBoundingClientRect();
    const box = shown.getBoundingClientRect();
    const { style } = this.cell;
    const left = Math.min(Math.max(box.left - room.left, 0), room.width - 80);
    style.left = `${left - 1}px`;
    style.top = `${box.top - room.top - 1}px`;
    style.minWidth = `${Math.min(box.width + 2, room.width - left)}px`;
    style.minHeight = `${box.height + 2}px`;
    style.maxWidth = `${Math.max(room.width - left - 8, 80)}px`;
    this.choices.place();
  }

  /** As large as its text. */
  grow() {
    const { style } = this.cell;
    style.width = "0";
    style.width = `${this.cell.scrollWidth + 4}px`;
    style.height = "0";
    style.height = `${this.cell.scrollHeight + 2}px`;
    this.place();
  }

  typed(field) {
    if (!this.open) return this.begin(field.value, "enter");
    const other = field === this.cell ? this.bar : this.cell;
    other.value = field.value;
    this.choices.filter(field.value);
    this.grow();
  }

  key(event) {
    if (!this.open || event.isComposing) return;
    event.stopPropagation();
    const { key } = event;
    if (this.choices.key(event)) return event.preventDefault();
    if (key === "Escape") return this.stop(event, () => this.cancel());
    if (key === "F2") return this.stop(event, () => (this.open.mode = this.open.mode === "edit" ? "enter" : "edit"));
    const control = event.ctrlKey || event.metaKey;
    if (key === "Enter" && control && !this.selection.single) return this.stop(event, () => this.spread());
    if (key === "Enter" && (event.altKey || control)) return this.stop(event, () => this.insert("\n"));
    if (key in ADVANCE) {
      const [rows, columns] = ADVANCE[key].map((step) => (event.shiftKey ? -step : step));
      if (key === "Tab" && this.choices.chosen) this.cell.value = this.choices.chosen;
      return this.stop(event, () => this.done(rows, columns, key));
    }
    const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (key in arrows && this.open.mode === "enter" && event.target === this.cell) {
      return this.stop(event, () => this.done(...arrows[key], key));
    }
  }

  stop(event, act) {
    event.preventDefault();
    act();
  }

  insert(text) {
    const field = document.activeElement === this.bar ? this.bar : this.cell;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    this.typed(field);
  }

  pick(text) {
    if (!this.open) return;
    this.cell.value = this.bar.value = text;
    this.done(0, 0);
  }

  blurred(event) {
    const inside = [this.cell, this.bar].includes(event.relatedTarget) || this.choices.holds(event.relatedTarget);
    if (this.open && !inside && document.hasFocus()) this.done(null);
  }

  /** Write what was typed, and move on; null stays where the focus has gone. */
  done(rows, columns, key) {
    const { row, column, sheet, before } = this.open;
    const text = this.cell.value;
    this.close();
    if (text !== before) this.commit(sheet, row, column, text);
    if (rows !== null) this.left(rows, columns, key);
  }

  /** Write what was typed into all selected cells. */
  spread() {
    const text = this.cell.value;
    this.close();
    this.fill(text);
    this.left(0, 0);
  }

  cancel() {
    this.close();
    this.left(0, 0);
  }

  close() {
    this.open = null;
    this.cell.value = "";
    this.cell.classList.add("resting");
    this.cell.style.cssText = "";
    this.cell.hidden = FINGER.matches;
    this.choices.close();
    this.show();
  }

  /** The formula bar tells what is in the active cell. */
  show() {
    if (this.open || !this.selection.sheet) return;
    const { sheet, row, column } = this.selection;
    const text = sheet.typed(row, column);
    if (this.bar.value !== text) this.bar.value = text;
    this.cell.setAttribute("aria-label", this.grid.pane.getAttribute("aria-label"));
    this.place();
  }
}
