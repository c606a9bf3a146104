// The keyboard on the grid, as in Sheets.

import { ask } from "./server.js";

const ARROWS = { ArrowUp: [-1, 0, "up"], ArrowDown: [1, 0, "down"], ArrowLeft: [0, -1, "left"], ArrowRight: [0, 1, "right"] };

/** `page` gives { grid, selection, editor, edits, clear, fill, toggle, advance, follow, tab, undo, redo, forgetCopy }. */
export function listen(page) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || !page.editor.rests(event.target) || !page.grid.sheet) return;
    const act = wanted(page, event);
    if (!act) return;
    if (act !== true) event.preventDefault();
    if (typeof act === "function") act();
  });
}

/** What a key does: a function, or true where the key goes on to the editor that has been opened for it; null for typing. */
function wanted(page, event) {
  const { key, shiftKey: shift, altKey: alt } = event;
  const control = event.ctrlKey || event.metaKey;
  if (alt && ["ArrowUp", "ArrowDown"].includes(key)) return () => page.tab(key === "ArrowUp" ? -1 : 1);
  if (key in ARROWS && !alt) return () => arrow(page, ARROWS[key], shift, control);
  if (control && !alt) return controlled(page, event);
  const plain = {
    Home: () => page.selection.go({ row: head(page, shift).row, column: edge(page.grid.sheet.columns, 1) }, shift),
    End: () => page.selection.go({ row: head(page, shift).row, column: edge(page.grid.sheet.columns, -1) }, shift),
    PageUp: () => turn(page, -1, shift),
    PageDown: () => turn(page, 1, shift),
    Enter: () => (alt ? page.follow() : enter(page, shift)),
    Tab: () => page.advance(shift ? -1 : 1),
    F2: () => page.editor.begin(null, "edit"),
    Delete: () => page.clear(),
    Backspace: () => page.clear(),
    Escape: () => page.forgetCopy(),
  };
  if (Object.hasOwn(plain, key)) return key === "Tab" && !page.inside(shift ? -1 : 1) ? null : plain[key];
  if (key === " " && shift) return () => page.rows();
  if (key === " " && page.toggle()) return () => {};
  if (event.target !== page.grid.pane) return null;
  const types = key.length === 1 && (!alt || event.getModifierState("AltGraph"));
  if (types || key === "Process" || key === "Dead") {
    page.editor.begin("", "enter");
    return true;
  }
  return null;
}

function controlled(page, event) {
  const key = event.key.toLowerCase();
  const { shiftKey: shift } = event;
  const acts = {
    home: () => page.selection.go({ row: edge(page.grid.sheet.rows, 1), column: edge(page.grid.sheet.columns, 1) }, shift),
    end: () => last(page, shift),
    a: () => page.all(),
    " ": () => page.columns(),
    z: () => (shift ? page.redo() : page.undo()),
    y: () => page.redo(),
    d: () => page.fill("down"),
    r: () => page.fill("right"),
  };
  if (shift && (key === "pageup" || key === "pagedown")) return () => page.tab(key === "pageup" ? -1 : 1);
  return Object.hasOwn(acts, key) ? acts[key] : null;
}

const head = (page, shift) => (shift ? page.selection.head : page.selection);

/** The first one that is shown, or the last. */
const edge = (axis, step) => axis.next(step > 0 ? -1 : axis.count, step);

async function arrow(page, [rows, columns, way], shift, control) {
  const { selection, grid } = page;
  if (!control) return selection.step(rows, columns, shift);
  const from = head(page, shift);
  const { sheet } = grid;
  const to = await page.known(ask("edge", { gid: sheet.id, row: from.row, column: from.column, way }));
  if (to && grid.sheet === sheet) selection.go(to, shift);
}

async function last(page, shift) {
  const { sheet } = page.grid;
  const to = await page.known(ask("end", { gid: sheet.id }));
  if (to && page.grid.sheet === sheet) page.selection.go(to, shift);
}

function turn(page, step, shift) {
  const from = head(page, shift);
  const row = page.grid.sheet.rows.further(from.row, step * page.grid.page);
  page.grid.pane.scrollTop += step * page.grid.page;
  page.selection.go({ row, column: from.column }, shift);
}

function enter(page, shift) {
  if (!page.selection.single) page.selection.cycle(shift ? -1 : 1, 0);
  else if (shift) page.selection.step(-1, 0, false);
  else page.editor.begin(null, "edit");
}
