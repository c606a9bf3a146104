// Copy, cut and paste. Within the workbook cells are copied with their looks; text from elsewhere is read as typed.

import { config } from "./config.js";
import { ask } from "./server.js";
import { read, written } from "./table.js";

const KIND = "application/x-sheetsync-cells";
const MOST = 200000;

const lines = (text) => text.replaceAll("\r\n", "\n");

export class Clipboard {
  /**
   * `rests(node)` tells whether the grid has the focus; `marked()` that something is copied, `paste(area, rows)` types texts,
   * `move(kind, from, source, area)` has the server copy or cut, `failed(error)` tells of trouble.
   */
  constructor(selection, rests, acts) {
    Object.assign(this, { selection, rests, ...acts });
    for (const kind of ["copy", "cut"]) document.addEventListener(kind, (event) => this.take(event, kind));
    document.addEventListener("paste", (event) => this.put(event));
  }

  inField(event) {
    return /^(INPUT|TEXTAREA)$/.test(event.target.tagName ?? "") && !this.rests(event.target);
  }

  take(event, kind) {
    if (this.inField(event) || !this.selection.sheet) return;
    event.preventDefault();
    const { sheet, area } = this.selection;
    const cells = JSON.stringify({ spreadsheet: config.spreadsheet, kind, from: sheet.id, source: area });
    const rows = (area.bottom - area.top) * (area.right - area.left) <= MOST && sheet.texts(area);
    this.selection.copied = { id: sheet.id, area, kind };
    this.marked();
    event.clipboardData.setData(KIND, cells);
    if (rows) event.clipboardData.setData("text/plain", written(rows));
    else this.takeAll(sheet, area, cells).catch(this.failed);
  }

  /** A block of which not everything is here yet: its text comes later, alone, and takes the place of what was put there. */
  async takeAll(sheet, area, cells) {
    const { rows } = await ask("texts", { gid: sheet.id, ...area });
    const text = written(rows);
    this.later = { text: lines(text), cells };
    await navigator.clipboard.writeText(text);
  }

  put(event) {
    if (this.inField(event) || !this.selection.sheet) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    const own = event.clipboardData.getData(KIND) || (this.later?.text === lines(text) && this.later.cells);
    const cells = JSON.parse(own || "null");
    if (cells?.spreadsheet === config.spreadsheet) this.putCells(cells);
    else if (text) this.putText(text);
  }

  putCells({ kind, from, source }) {
    const target = this.target(source.bottom - source.top, source.right - source.left);
    if (kind === "cut") Object.assign(target, { bottom: target.top + source.bottom - source.top, right: target.left + source.right - source.left });
    this.move(kind, from, source, target);
    if (kind === "cut") this.selection.copied = null;
  }

  putText(text) {
    const rows = read(text);
    const width = Math.max(...rows.map((row) => row.length));
    const area = this.target(rows.length, width);
    const filled = [];
    for (let row = 0; row < area.bottom - area.top; row++) {
      const line = rows[row % rows.length];
      filled.push(Array.from({ length: area.right - area.left }, (_, column) => line[column % width] ?? ""));
    }
    this.paste(area, filled);
  }

  /** Where a block of that size goes: from the selection's first cell on, and over all of a selection that it fills evenly. */
  target(height, width) {
    const { top, left, bottom, right } = this.selection.area;
    const tall = bottom - top;
    const wide = right - left;
    const fills = tall % height === 0 && wide % width === 0;
    return { top, left, bottom: top + (fills ? tall : height), right: left + (fills ? wide : width) };
  }
}
