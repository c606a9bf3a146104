// The grid as it is seen: rows and columns in view, drawn as people scroll, and kept while nothing about them changes.

import { letters } from "./a1.js";
import { drawCell } from "./cell.js";
import { drawCharts } from "./charts.js";
import { element, make, say } from "./config.js";

const HEAD = 24;
const MARGIN = 12;
const WIDE = 400;

export class Grid {
  /** `selection` tells what is selected; `grow(count)` is asked for more rows. */
  constructor(selection, grow) {
    this.pane = element("grid");
    this.canvas = element("sheet");
    this.selection = selection;
    this.grow = grow;
    this.rows = new Map();
    this.charts = [];
    this.pane.addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.soon()).observe(this.pane);
  }

  /** Show a tab from its upper left corner, or from where it was left. */
  show(sheet) {
    if (this.sheet) this.sheet.scrolled = [this.pane.scrollLeft, this.pane.scrollTop];
    this.sheet = sheet;
    this.rows.clear();
    this.charts = [];
    this.heading = make("div", { className: "columns", role: "row" });
    this.frozen = make("div", { className: "frozen", role: "rowgroup" });
    this.body = make("div", { className: "body", role: "rowgroup" });
    this.over = make("div", { className: "over" });
    this.more = make("button", { className: "more", type: "button", tabIndex: 0 }, say("more", { count: 1000 }));
    this.more.addEventListener("click", () => this.grow(1000));
    this.line = make("div", { className: "line" });
    const lines = make("div", { className: "lines", ariaHidden: "true" }, this.line);
    this.canvas.replaceChildren(this.heading, this.frozen, this.body, this.over, lines, this.more);
    this.headed = "";
    this.pane.setAttribute("aria-label", say("grid", { title: sheet.title }));
    this.draw();
    [this.pane.scrollLeft, this.pane.scrollTop] = sheet.scrolled ?? [0, 0];
    this.draw();
  }

  soon() {
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.draw();
    });
  }

  get side() {
    return Math.max(40, 16 + 8 * String(this.sheet.rows.count).length);
  }

  /** Draw what is in view, and ask for its cells. */
  draw() {
    const sheet = this.sheet;
    if (!sheet) return;
    this.measure();
    this.keepPlace();
    const { scrollTop, scrollLeft, clientWidth, clientHeight } = this.pane;
    const frozenTop = sheet.rows.start(this.frozenRows);
    const frozenLeft = sheet.columns.start(this.frozenColumns);
    const top = Math.max(sheet.rows.at(scrollTop + frozenTop) - MARGIN, this.frozenRows);
    const bottom = Math.min(sheet.rows.at(scrollTop + clientHeight) + 1 + MARGIN, sheet.rows.count);
    let left = Math.max(sheet.columns.at(scrollLeft + frozenLeft - WIDE), this.frozenColumns);
    left -= left % 4;
    left = Math.max(left, this.frozenColumns);
    const end = sheet.columns.at(scrollLeft + clientWidth + WIDE) + 1;
    const right = Math.min(end + 3 - ((end + 3) % 4), sheet.columns.count);
    const first = sheet.rows.at(scrollTop + frozenTop);
    this.anchor = { sheet, row: first, start: sheet.rows.start(first) - frozenTop };
    this.drawHeading(left, right);
    this.drawRows(this.inView(top, bottom), left, right);
    drawCharts(this);
    this.mark();
    const near = { top: Math.max(top - MARGIN, 0), left: 0, bottom: Math.min(bottom + MARGIN, sheet.rows.count), right };
    sheet.want(near, { top: 0, left: 0, bottom: this.frozenRows, right });
  }

  /** Sizes of the whole, and which panes are frozen: one that would leave no room to scroll is not. */
  measure() {
    const { sheet, pane, canvas } = this;
    const roomy = (frozen, room) => (frozen < room * 0.7 ? 1 : 0);
    this.frozenRows = sheet.frozenRows * roomy(sheet.rows.start(sheet.frozenRows), pane.clientHeight - HEAD);
    this.frozenColumns = sheet.frozenColumns * roomy(sheet.columns.start(sheet.frozenColumns), pane.clientWidth - this.side);
    canvas.style.width = `${this.side + sheet.columns.length}px`;
    canvas.style.height = `${HEAD + sheet.rows.length + 40}px`;
    canvas.classList.toggle("bare", !sheet.gridlines);
    this.frozen.style.height = `${sheet.rows.start(this.frozenRows)}px`;
    this.frozen.classList.toggle("some", this.frozenRows > 0);
    this.line.hidden = !this.frozenColumns || (!sheet.gridlines && !pane.scrollLeft);
    this.line.style.left = `${this.side + sheet.columns.start(this.frozenColumns) - 1}px`;
    this.more.style.top = `${HEAD + sheet.rows.length + 8}px`;
    this.more.style.left = `${this.side + 8}px`;
    pane.setAttribute("aria-rowcount", sheet.rows.count);
    pane.setAttribute("aria-colcount", sheet.columns.count);
    pane.style.scrollPadding = `${HEAD + sheet.rows.start(this.frozenRows)}px 0 0 ${this.side + sheet.columns.start(this.frozenColumns)}px`;
  }

  /** Rows above that have become higher or lower must not move what is being read. */
  keepPlace() {
    const { sheet, row, start } = this.anchor ?? {};
    const moved = sheet === this.sheet && sheet.rows.span(this.frozenRows, row) - start;
    if (moved) this.pane.scrollTop += moved;
  }

  /** The rows to draw: those in view, and those in which a merged area begins that reaches into view. */
  inView(top, bottom) {
    const rows = new Set();
    for (let row = 0; row < this.frozenRows; row++) rows.add(row);
    for (const merge of this.sheet.merges) if (merge.top < top && merge.bottom > top) rows.add(merge.top);
    for (let row = top; row < bottom; row++) rows.add(row);
    return [...rows].filter((row) => this.sheet.rows.sizes[row]).sort((a, b) => a - b);
  }

  drawHeading(left, right) {
    const { sheet, side } = this;
    const columns = this.columnsOf(left, right);
    const state = `${this.sheet.stamp}:${side}:${this.frozenColumns}:${columns}`;
    if (state === this.headed) return;
    this.headed = state;
    const corner = make("div", { className: "corner" });
    this.place(corner, 0, side, 0);
    const heads = columns.map((column) => {
      const head = make("div", { className: "head", role: "columnheader" }, letters(column));
      head.setAttribute("aria-colindex", column + 1);
      head.dataset.column = column;
      this.place(head, side + sheet.columns.start(column), sheet.columns.sizes[column], column);
      return head;
    });
    this.heads = heads;
    this.heading.replaceChildren(corner, ...heads);
  }

  columnsOf(left, right) {
    const columns = [];
    for (let column = 0; column < this.frozenColumns; column++) columns.push(column);
    for (let column = left; column < right; column++) columns.push(column);
    return columns.filter((column) => this.sheet.columns.sizes[column]);
  }

  /** Frozen elements stick at their place, the others lie at theirs. */
  place(drawn, x, width, column) {
    drawn.style.left = `${x}px`;
    drawn.style.width = `${width}px`;
    if (column < this.frozenColumns || x === 0) drawn.classList.add("stuck");
  }

  drawRows(rows, left, right) {
    const kept = new Map();
    const before = { frozen: null, body: null };
    const wantedRows = new Set(rows);
    for (const [row, drawn] of this.rows) if (!wantedRows.has(row)) drawn.element.remove(); // first, so that no other has to move
    for (const row of rows) {
      const state = `${left}:${right}:${this.frozenColumns}:${this.sheet.version(row, left, right)}`;
      const known = this.rows.get(row);
      const drawn = known?.state === state ? known : this.drawRow(row, left, right, state);
      const parent = row < this.frozenRows ? "frozen" : "body";
      const wanted = before[parent] ? before[parent].nextSibling : this[parent].firstChild;
      if (drawn !== known && known) known.element.replaceWith(drawn.element);
      else if (wanted !== drawn.element) this[parent].insertBefore(drawn.element, wanted);
      before[parent] = drawn.element;
      kept.set(row, drawn);
    }
    this.rows = kept;
  }

  drawRow(row, left, right, state) {
    const { sheet, side } = this;
    const line = make("div", { className: "row", role: "row" });
    line.setAttribute("aria-rowindex", row + 1);
    line.style.top = `${sheet.rows.start(row)}px`;
    line.style.height = `${sheet.rows.sizes[row]}px`;
    const number = make("div", { className: "line-number", role: "rowheader" }, String(row + 1));
    number.dataset.row = row;
    number.style.width = `${side}px`;
    line.append(number);
    const merges = sheet.merges.filter((merge) => merge.top <= row && row < merge.bottom);
    const columns = this.columnsOf(left, right);
    for (const merge of merges) if (merge.left < left && merge.right > left && merge.left >= this.frozenColumns) columns.push(merge.left);
    const cells = [];
    for (const column of columns) {
      const merge = merges.find((each) => each.left <= column && column < each.right);
      if (merge && (merge.left !== column || merge.top !== row)) continue;
      const cell = drawCell(sheet, row, column, merge);
      const width = sheet.columns.span(column, merge ? merge.right : column + 1);
      this.place(cell, side + sheet.columns.start(column), width, column);
      cell.style.height = `${sheet.rows.span(row, merge ? merge.bottom : row + 1)}px`;
      cells.push({ element: cell, row, column, bottom: merge?.bottom ?? row + 1, right: merge?.right ?? column + 1 });
      line.append(cell);
    }
    return { element: line, cells, number, state };
  }

  /** Show the selection on the cells that are drawn. */
  mark() {
    const { area, row, column, copied } = this.selection;
    for (const drawn of this.rows.values()) {
      for (const cell of drawn.cells) {
        const list = cell.element.classList;
        const chosen = cell.row < area.bottom && cell.bottom > area.top && cell.column < area.right && cell.right > area.left;
        const active = cell.row === row && cell.column === column;
        list.toggle("chosen", chosen);
        list.toggle("active", active);
        if (chosen) cell.element.setAttribute("aria-selected", "true");
        else cell.element.removeAttribute("aria-selected");
        outline(list, "edge", chosen, cell, area);
        outline(list, "copied", copied?.id === this.sheet.id && within(cell, copied.area), cell, copied?.area ?? area);
      }
      const at = Number(drawn.number.dataset.row);
      drawn.number.classList.toggle("chosen", at >= area.top && at < area.bottom);
    }
    for (const head of this.heads) {
      const at = Number(head.dataset.column);
      head.classList.toggle("chosen", at >= area.left && at < area.right);
    }
    const here = this.at(row, column);
    for (const focused of [this.pane, element("editor")]) {
      if (here) focused.setAttribute("aria-activedescendant", here.id);
      else focused.removeAttribute("aria-activedescendant");
    }
  }

  /** The element of a cell, if it is drawn. */
  at(row, column) {
    return this.rows.get(row)?.cells.find((cell) => cell.column === column)?.element;
  }

  /** Scroll until a cell is in view; `middle` wants it well in sight. */
  reveal(row, column, middle = false) {
    const { sheet, pane, side } = this;
    const frozenTop = sheet.rows.start(this.frozenRows);
    const frozenLeft = sheet.columns.start(this.frozenColumns);
    const height = pane.clientHeight - HEAD - frozenTop;
    const width = pane.clientWidth - side - frozenLeft;
    const merge = sheet.merge(row, column);
    const bottom = Math.min(sheet.rows.start(merge?.bottom ?? row + 1), sheet.rows.start(row) + height);
    const right = Math.min(sheet.columns.start(merge?.right ?? column + 1), sheet.columns.start(column) + width);
    if (row >= this.frozenRows) {
      const top = sheet.rows.start(row) - frozenTop;
      const hidden = top < pane.scrollTop || bottom - frozenTop > pane.scrollTop + height;
      if (middle && hidden) pane.scrollTop = top - height / 3;
      else if (top < pane.scrollTop) pane.scrollTop = top;
      else if (bottom - frozenTop > pane.scrollTop + height) pane.scrollTop = bottom - frozenTop - height;
    }
    if (column >= this.frozenColumns) {
      const start = sheet.columns.start(column) - frozenLeft;
      if (start < pane.scrollLeft) pane.scrollLeft = start;
      else if (right - frozenLeft > pane.scrollLeft + width) pane.scrollLeft = right - frozenLeft - width;
    }
    this.draw();
  }

  /** How many px a page up or down goes. */
  get page() {
    return this.pane.clientHeight - HEAD - this.sheet.rows.start(this.frozenRows) - 21;
  }

  /** What lies under a pointer event: { row, column }, of a heading only one of them; null for nothing. */
  under(event) {
    const target = event.target.closest?.("[data-cell], [data-row], [data-column]");
    if (!target || !this.canvas.contains(target)) return null;
    if (target.dataset.row) return { row: Number(target.dataset.row) };
    if (target.dataset.column) return { column: Number(target.dataset.column) };
    return { row: target.ariaRowIndex - 1, column: target.ariaColIndex - 1 };
  }
}

const within = (cell, area) =>
  cell.row < area.bottom && cell.bottom > area.top && cell.column < area.right && cell.right > area.left;

function outline(list, name, on, cell, area) {
  list.toggle(`${name}-top`, on && cell.row <= area.top);
  list.toggle(`${name}-bottom`, on && cell.bottom >= area.bottom);
  list.toggle(`${name}-left`, on && cell.column <= area.left);
  list.toggle(`${name}-right`, on && cell.right >= area.right);
}

