// What is selected: one active cell, and the area around it. Knows merged and hidden cells.

export class Selection {
  /** `moved(middle, at)` is called after each change; `at` is the cell to have in view. */
  constructor(moved) {
    this.moved = moved;
    this.row = this.column = 0;
    this.head = { row: 0, column: 0 };
    this.area = { top: 0, left: 0, bottom: 1, right: 1 };
    this.copied = null;
  }

  /** Another tab, with what was selected there. */
  show(sheet) {
    if (this.sheet) this.sheet.selected = { row: this.row, column: this.column };
    this.sheet = sheet;
    const { row, column } = sheet.selected ?? { row: sheet.rows.next(-1, 1), column: sheet.columns.next(-1, 1) };
    this.set(row, column);
  }

  /** One cell. */
  to(row, column, middle = false) {
    this.set(row, column);
    this.moved(middle);
  }

  set(row, column) {
    const merge = this.sheet.merge(row, column);
    this.row = Math.min(merge?.top ?? row, this.sheet.rows.count - 1);
    this.column = Math.min(merge?.left ?? column, this.sheet.columns.count - 1);
    this.head = { row: this.row, column: this.column };
    this.cover();
  }

  /** Up to another cell, the active one staying where it is. */
  extend(row, column) {
    this.head = { row, column };
    this.cover();
    this.moved(false, this.head);
  }

  /** An area, its first cell being the active one. */
  choose(area, middle = false) {
    this.set(area.top, area.left);
    this.head = { row: area.bottom - 1, column: area.right - 1 };
    this.cover();
    this.moved(middle);
  }

  /** The area from the active cell to the head, with all of the merged cells that it touches; whole lines stay as they are. */
  cover() {
    const { row, column, head } = this;
    const area = {
      top: Math.min(row, head.row),
      left: Math.min(column, head.column),
      bottom: Math.max(row, head.row) + 1,
      right: Math.max(column, head.column) + 1,
    };
    const { rows, columns } = this.sheet;
    const whole = area.bottom - area.top === rows.count || area.right - area.left === columns.count;
    for (let grown = !whole; grown; ) {
      grown = false;
      for (const merge of this.sheet.merges) {
        if (merge.top >= area.bottom || merge.bottom <= area.top || merge.left >= area.right || merge.right <= area.left) continue;
        for (const [side, pick] of [["top", Math.min], ["left", Math.min], ["bottom", Math.max], ["right", Math.max]]) {
          const wanted = pick(area[side], merge[side]);
          grown ||= wanted !== area[side];
          area[side] = wanted;
        }
      }
    }
    this.area = area;
  }

  get single() {
    const merge = this.sheet.merge(this.row, this.column);
    const { top, left, bottom, right } = this.area;
    return merge ? merge.bottom === bottom && merge.right === right && merge.top === top : bottom - top === 1 && right - left === 1;
  }

  /** The next cell in a direction, from the head where the area is `extended`. */
  step(rows, columns, extended) {
    const from = extended ? this.head : this;
    const merge = this.sheet.merge(from.row, from.column);
    const row = rows > 0 ? (merge?.bottom ?? from.row + 1) - 1 : from.row;
    const column = columns > 0 ? (merge?.right ?? from.column + 1) - 1 : from.column;
    const next = {
      row: rows ? this.sheet.rows.next(row, rows) : row,
      column: columns ? this.sheet.columns.next(column, columns) : column,
    };
    this.go(next, extended);
  }

  go({ row, column }, extended) {
    if (extended) this.extend(row, column);
    else this.to(row, column);
  }

  /** The next cell within a selected area, as Tab and Enter go round in it. */
  cycle(rows, columns) {
    const { top, left, bottom, right } = this.area;
    const height = bottom - top;
    const width = right - left;
    const at = { row: this.row - top, column: this.column - left };
    const count = height * width;
    const place = columns ? at.row * width + at.column + columns : at.column * height + at.row + rows;
    const next = (place + count) % count;
    this.row = top + (columns ? Math.floor(next / width) : next % height);
    this.column = left + (columns ? next % width : Math.floor(next / height));
    const merge = this.sheet.merge(this.row, this.column);
    if (merge && (merge.top !== this.row || merge.left !== this.column)) this.cycle(rows, columns);
    else this.moved(false);
  }
}
