// The page: opens tabs, follows links, keeps up with what others change.

import { areaName, cellName, parseArea } from "./a1.js";
import { Card } from "./card.js";
import { Clipboard } from "./clipboard.js";
import { config, element, say } from "./config.js";
import { Editor } from "./editor.js";
import { Edits } from "./edits.js";
import { Grid } from "./grid.js";
import * as keys from "./keys.js";
import * as pointer from "./pointer.js";
import { Selection } from "./selection.js";
import { ask } from "./server.js";
import { Sheet } from "./sheet.js";
import { Tabs } from "./tabs.js";
import { calm, state, trouble, voice } from "./tell.js";

const POLL = 500;
const MOST = 200000; // cells in one edit

let book = config.book;
let lost = false;
const sheets = new Map();
const name = element("name");

const selection = new Selection(moved);
const grid = new Grid(selection, (count) => edits.run(grid.sheet, { kind: "grow", count }, selection.area));
const edits = new Edits(refresh, failed);
const editor = new Editor(grid, selection, { commit: type, fill: spread, left });
const card = new Card(grid);
const tabs = new Tabs((gid) => visit(`#gid=${gid}`));
new Clipboard(selection, (node) => editor.rests(node), { marked: () => grid.mark(), paste, move, failed });

// Tabs

/** Follow an address within the workbook: #gid=0&range=B12. */
function visit(hash) {
  if (location.hash !== hash) history.pushState(null, "", hash);
  return go();
}

async function go() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const gid = asked.has("gid") ? Number(asked.get("gid")) : config.gid;
  const there = book.tabs.some((tab) => tab.id === gid);
  const sheet = await open(there ? gid : config.gid);
  if (!there) trouble(say("absent"));
  const area = sheet && there && asked.has("range") && parseArea(asked.get("range"), sheet.rows.count, sheet.columns.count);
  if (area) selection.choose(area, true);
}

async function open(gid) {
  if (editor.open) editor.done(null);
  if (!sheets.has(gid)) {
    const told = await known(ask("tab", { gid }));
    if (!told) return null;
    sheets.set(gid, new Sheet(told, redraw, failed));
  }
  const sheet = sheets.get(gid);
  if (sheet !== grid.sheet) {
    selection.show(sheet);
    grid.show(sheet);
    calm();
    named();
    moved();
    card.hide();
    drawCharts(sheet);
    if (sheet.revision < book.revision) refresh(book.revision);
  }
  editor.rest();
  return sheet;
}

function named() {
  const { sheet } = grid;
  document.title = `${sheet.title} · ${book.title}`;
  tabs.show(book.tabs, sheet.id);
}

async function drawCharts(sheet) {
  if (!sheet.charts && !sheet.drawn?.length) return;
  if (grid.sheet === sheet && sheet.drawn) grid.charts = sheet.drawn;
  const told = await known(ask("charts", { gid: sheet.id }));
  if (!told) return;
  const text = JSON.stringify(told);
  if (sheet.drawnText !== text) Object.assign(sheet, { drawn: told, drawnText: text });
  if (grid.sheet === sheet) {
    grid.charts = sheet.drawn;
    grid.soon();
  }
}

// What changes

/** Take over what the workbook is like now. */
async function refresh(revision) {
  const { sheet } = grid;
  const [told, tab] = await Promise.all([known(ask("book")), known(ask("tab", { gid: sheet.id }), true)]);
  if (!told) return;
  book = told;
  book.revision = Math.max(told.revision, revision);
  if (!told.tabs.some((each) => each.id === sheet.id)) {
    sheets.delete(sheet.id);
    if (grid.sheet === sheet) await open((told.tabs.find((each) => !each.hidden) ?? told.tabs[0]).id);
    return;
  }
  if (!tab) return;
  sheet.tell(tab);
  if (grid.sheet !== sheet) return;
  named();
  selection.cover();
  grid.draw();
  drawCharts(sheet);
}

function redraw() {
  grid.draw();
  editor.show();
  editor.place();
  if (!editor.open) card.again();
}

async function poll() {
  const told = await known(ask("revision"), true);
  if (told && told.revision > book.revision && grid.sheet) await refresh(told.revision);
  setTimeout(poll, POLL);
}

/** What a request answered; null where it failed, which is told unless it is `expected`. */
async function known(request, expected = false) {
  try {
    const answer = await request;
    if (lost) state("");
    lost = false;
    return answer;
  } catch (error) {
    if (!expected || !error.status || error.status === 403) failed(error);
    return null;
  }
}

function failed(error) {
  if (error instanceof TypeError) {
    lost = true;
    state(say("lost"));
  } else if (error.status === 403) {
    trouble(say("restarted"), { name: say("reload"), run: () => location.reload() });
  } else {
    trouble(error.message);
  }
}

// Edits

async function change(wanted, place = selection.area) {
  if ((place.bottom - place.top) * (place.right - place.left) <= MOST) return edits.run(grid.sheet, wanted, place);
  trouble(say("large", { count: MOST.toLocaleString(config.language) }));
  return 0;
}

async function type(sheet, row, column, text) {
  const written = edits.type(sheet, row, column, text);
  redraw();
  if (!(await written)) redraw();
}

function paste(area, rows) {
  selectAfter(change({ kind: "type", top: area.top, left: area.left, rows }, area), area);
}

/** The same into all selected cells; of a formula, what it is there. */
function spread(text) {
  const { sheet } = grid;
  const { row, column, area } = selection;
  if (text.startsWith("=")) {
    type(sheet, row, column, text);
    return move("copy", sheet.id, { top: row, left: column, bottom: row + 1, right: column + 1 }, area);
  }
  const rows = Array.from({ length: area.bottom - area.top }, () => Array(area.right - area.left).fill(text));
  return paste(area, rows);
}

function move(kind, from, source, target) {
  const bounds = [source, target].map((area) => [area.top, area.left, area.bottom, area.right]);
  const wanted = { kind, from, source: bounds[0], target: bounds[1] };
  selectAfter(change(wanted, target), target);
}

function clear() {
  const { top, left, bottom, right } = selection.area;
  change({ kind: "clear", areas: [[top, left, bottom, right]] });
}

function fill(way) {
  const { area } = selection;
  const source = way === "down" ? { ...area, bottom: area.top + 1 } : { ...area, right: area.left + 1 };
  if (areaName(source) !== areaName(area)) move("copy", grid.sheet.id, source, { ...area });
}

/** Tick or untick a checkbox; whether the cell is one. */
function toggle() {
  const { row, column } = selection;
  const cell = grid.sheet.cell(row, column);
  if (cell?.checked === undefined) return false;
  const [on = "TRUE", off = cell.values?.length ? "" : "FALSE"] = cell.values ?? [];
  change({ kind: "type", top: row, left: column, rows: [[cell.checked ? off : on]] });
  return true;
}

/** Select what an edit was about when it is done, unless somebody has gone on meanwhile. */
async function selectAfter(done, area) {
  const before = whereabouts();
  if ((await done) && before === whereabouts()) selection.choose(area);
}

const whereabouts = () => JSON.stringify([grid.sheet.id, selection.row, selection.column, selection.area, Boolean(editor.open)]);

async function back(way) {
  const before = whereabouts();
  const done = await edits[way]();
  if (!done || before !== whereabouts()) return;
  if (grid.sheet !== done.sheet) await visit(`#gid=${done.sheet.id}`);
  selection.choose(done.place);
}

// Selection

let tabbed = null;

/** The editor is done: go on from its cell. After cells filled with Tab, Enter goes to the next line's first one. */
function left(rows, columns, key) {
  const from = tabbed;
  editor.rest();
  if (key === "Enter" && from !== null && selection.single) {
    selection.to(grid.sheet.rows.next(selection.row, rows), from);
  } else if (rows || columns) {
    if (selection.single) selection.step(rows, columns, false);
    else selection.cycle(rows, columns);
  } else {
    moved();
  }
  const stays = !rows && !columns; // a choice was made from a list, or nothing
  tabbed = key === "Tab" ? from ?? selection.column - columns : stays ? from : null;
}

function moved(middle = false, at = selection) {
  tabbed = null;
  const { row, column, single, area } = selection;
  grid.reveal(at.row, at.column, middle);
  const shown = areaName(area);
  name.value = shown;
  editor.show();
  if (editor.open) return;
  card.select(row, column);
  voice(single ? spoken(row, column) : say("selected", { range: shown }));
}

function spoken(row, column) {
  const cell = grid.sheet.cell(row, column);
  const value = cell?.checked === undefined ? cell?.text : say(cell.checked ? "checked" : "unchecked");
  const more = [cell?.error, cell?.note && say("note", { text: cell.note }), cell?.link && say("link")];
  return [cellName(row, column), value || say("empty"), ...more].filter(Boolean).join(", ");
}

name.addEventListener("focus", () => name.select());
name.addEventListener("keydown", (event) => {
  if (event.key === "Escape") editor.rest();
  if (event.key !== "Enter") return;
  event.preventDefault(); // the focus goes to the grid, where the key would begin an edit
  const [, title, cells] = /^(?:(.*)!)?([^!]*)$/.exec(name.value.trim()) ?? [];
  const wanted = title?.replace(/^'(.*)'$/, "$1").replaceAll("''", "'").toLowerCase();
  const tab = title ? book.tabs.find((each) => each.title.toLowerCase() === wanted) : { id: grid.sheet.id };
  const area = tab && parseArea(cells ?? "", tab.id === grid.sheet.id ? grid.sheet.rows.count : 1e7, 18278);
  if (!area) return trouble(say("nowhere", { text: name.value }));
  calm();
  visit(`#gid=${tab.id}&range=${areaName(area)}`);
});
name.addEventListener("blur", () => moved());

const whole = (axis) => [0, axis.count];

const page = {
  grid,
  selection,
  editor,
  clear,
  fill,
  toggle,
  visit,
  known,
  undo: () => back("undo"),
  redo: () => back("redo"),
  all: () => choose(...whole(grid.sheet.rows), ...whole(grid.sheet.columns)),
  rows: (from = selection.area.top, to = selection.area.bottom - 1) =>
    choose(Math.min(from, to), Math.max(from, to) + 1, ...whole(grid.sheet.columns)),
  columns: (from = selection.area.left, to = selection.area.right - 1) =>
    choose(...whole(grid.sheet.rows), Math.min(from, to), Math.max(from, to) + 1),
  tab: (step) => visit(`#gid=${tabs.beside(grid.sheet.id, step)}`),
  /** Tab past a cell that stays as it is: Enter still goes back to where the line was begun. */
  advance(step) {
    const from = tabbed ?? selection.column;
    if (!selection.single) return selection.cycle(0, step);
    selection.step(0, step, false);
    tabbed = from;
  },
  /** Whether Tab has somewhere to go in the grid; at its ends it leaves it, so that nobody is caught. */
  inside: (step) => !selection.single || grid.sheet.columns.next(selection.column, step) !== selection.column,
  follow() {
    const link = grid.at(selection.row, selection.column)?.querySelector("a");
    if (link) link.click();
  },
  forgetCopy() {
    selection.copied = null;
    grid.mark();
  },
};

/** Whole rows or columns: the view stays where it is. */
function choose(top, bottom, left, right) {
  const { scrollTop, scrollLeft } = grid.pane;
  selection.choose({ top, left, bottom, right });
  grid.pane.scrollTo(scrollLeft, scrollTop);
}

/** F6 goes round: the cells, the tabs, the name box. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "F6" || editor.open) return;
  event.preventDefault();
  if (event.target.closest("#tabs")) name.focus();
  else if (event.target === name) editor.rest();
  else element("tabs").querySelector("[tabindex='0']")?.focus();
});

keys.listen(page);
pointer.listen(page);
grid.pane.addEventListener("scroll", () => editor.place(), { passive: true });
addEventListener("popstate", go);
addEventListener("beforeunload", (event) => {
  if (editor.open) editor.done(null);
  if (edits.waiting > 1 || (edits.waiting && lost)) event.preventDefault(); // one alone still gets through
});
go();
poll();
