// One tab: sizes, merges, and the cells fetched so far, in blocks. Only blocks that are looked at are asked for.

import { Axis } from "./axis.js";
import { ask } from "./server.js";

const ROWS = 40;
const COLUMNS = 60;
const AT_ONCE = 2;
const KEPT = 120;
export const EMPTY = Object.freeze({});

export class Sheet {
  /** `changed()` is called when cells or sizes are others than before, `failed(error)` when they can't be had. */
  constructor(told, changed, failed) {
    this.id = told.id;
    this.changed = changed;
    this.failed = failed;
    this.blocks = new Map();
    this.underWay = new Set();
    this.wanted = [];
    this.pending = new Map();
    this.stamp = 0;
    this.versions = 0;
    this.tell(told);
  }

  /** Take over what the server says of the tab; every block is out of date then. */
  tell(told) {
    const grown = new Map([...this.blocks.values()].flatMap((block) => Object.entries(block.heights)));
    Object.assign(this, {
      title: told.title,
      revision: told.revision,
      gridlines: told.gridlines,
      frozenRows: told.frozenRows,
      frozenColumns: told.frozenColumns,
      charts: told.charts,
      merges: told.merges.map(([top, left, bottom, right]) => ({ top, left, bottom, right })),
    });
    this.rows = new Axis(told.rows, 21, told.heights);
    this.columns = new Axis(told.columns, 100, told.widths);
    this.grow(grown);
    for (const block of this.blocks.values()) block.stale = true;
    const layout = JSON.stringify([told.heights, told.widths, told.merges, told.rows, told.columns, told.gridlines]);
    if (layout !== this.layout) this.stamp++;
    this.layout = layout;
  }

  /** Rows without a size of their own are as high as their text needs. */
  grow(heights) {
    let any = false;
    for (const [row, px] of heights) {
      if (row < this.rows.count && this.rows.sizes[row] === 21) {
        this.rows.sizes[row] = px;
        any = true;
      }
    }
    if (any) {
      this.rows.measure();
      this.stamp++;
    }
    return any;
  }

  block(row, column) {
    return this.blocks.get(`${Math.floor(row / ROWS)},${Math.floor(column / COLUMNS)}`);
  }

  /** The cell as the server tells it; EMPTY for an empty one, undefined while it is not known. */
  cell(row, column) {
    const block = this.block(row, column);
    return block && (block.rows[row % ROWS]?.[column % COLUMNS] || EMPTY);
  }

  style(row, column) {
    const cell = this.cell(row, column);
    return cell?.style === undefined ? null : this.block(row, column).styles[cell.style];
  }

  rule(row, column) {
    const cell = this.cell(row, column);
    return cell?.rule === undefined ? null : this.block(row, column).rules[cell.rule];
  }

  /** What stands in the formula bar. */
  typed(row, column) {
    const cell = this.cell(row, column) ?? EMPTY;
    return this.pending.get(`${row},${column}`)?.text ?? cell.typed ?? cell.text ?? "";
  }

  merge(row, column) {
    return this.merges.find((each) => each.top <= row && row < each.bottom && each.left <= column && column < each.right);
  }

  /** A text that is another one when anything in a row's cells is. */
  version(row, left, right) {
    let text = `${this.stamp}`;
    for (let column = 0; column < right; column += COLUMNS) {
      if (column === 0 || column + COLUMNS > left) text += `:${this.block(row, column)?.version ?? 0}`;
    }
    return text;
  }

  /** See to it that the cells of these areas are known, soon; what was wanted before is not wanted any more. */
  want(...areas) {
    this.wanted = [];
    areas.forEach((area) => this.lack(area));
    this.fetch();
  }

  lack(area) {
    for (let row = area.top - (area.top % ROWS); row < area.bottom; row += ROWS) {
      for (let column = area.left - (area.left % COLUMNS); column < area.right; column += COLUMNS) {
        const known = this.block(row, column);
        if (!known || known.stale) this.wanted.push([row, column]);
      }
    }
  }

  /** The shown texts of an area as rows; null where not all of them are known. */
  texts(area) {
    const rows = [];
    for (let row = area.top; row < area.bottom; row++) {
      const texts = [];
      for (let column = area.left; column < area.right; column++) {
        const cell = this.cell(row, column);
        if (!cell || this.block(row, column).stale) return null;
        texts.push(cell.text ?? "");
      }
      rows.push(texts);
    }
    return rows;
  }

  fetch() {
    for (const [row, column] of this.wanted) {
      const key = `${row / ROWS},${column / COLUMNS}`;
      if (this.underWay.size >= AT_ONCE || this.underWay.has(key)) continue;
      this.underWay.add(key);
      const area = { top: row, left: column, bottom: row + ROWS, right: column + COLUMNS };
      ask("cells", { gid: this.id, ...area })
        .then((told) => this.take(key, told), this.failed)
        .finally(() => {
          this.underWay.delete(key);
          this.wanted = this.wanted.filter(([r, c]) => `${r / ROWS},${c / COLUMNS}` !== key);
          this.fetch();
        });
    }
  }

  take(key, told) {
    const known = this.blocks.get(key);
    const { revision, ...content } = told;
    const text = JSON.stringify(content);
    const same = known?.text === text;
    this.blocks.delete(key);
    const version = same ? known.version : ++this.versions;
    this.blocks.set(key, { ...content, text, version, stale: revision < this.revision });
    if (this.blocks.size > KEPT) this.blocks.delete(this.blocks.keys().next().value);
    const grown = !same && this.grow(Object.entries(content.heights));
    if (this.settle(key, revision) || grown || !same) this.changed();
  }

  /** Show a text until the server has answered for its cell. */
  expect(row, column, text) {
    this.pending.set(`${row},${column}`, { text, revision: Infinity });
    this.stamp++;
  }

  /** The server has answered: the cell is right again from that revision on; without one it stays as it was. */
  expected(row, column, revision) {
    const key = `${row},${column}`;
    if (revision) this.pending.get(key).revision = revision;
    else this.pending.delete(key);
    this.stamp++;
  }

  settle(key, revision) {
    let any = false;
    for (const [at, expected] of this.pending) {
      const [row, column] = at.split(",").map(Number);
      if (expected.revision > revision || key !== `${Math.floor(row / ROWS)},${Math.floor(column / COLUMNS)}`) continue;
      any = this.pending.delete(at);
    }
    if (any) this.stamp++;
    return any;
  }
}
