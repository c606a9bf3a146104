// One cell as an element.

import { cellName } from "./a1.js";
import { make, say } from "./config.js";
import { classOf, picture } from "./styles.js";

const PLAIN = { wrap: "OVERFLOW_CELL", align: "left" };
const FURTHEST = 30;

/** The element of a cell; `merge` is the merged area that begins there, or nothing. */
export function drawCell(sheet, row, column, merge) {
  const cell = sheet.cell(row, column);
  const style = sheet.style(row, column) ?? PLAIN;
  const pending = sheet.pending.get(`${row},${column}`);
  const drawn = make("div", { className: "cell", role: "gridcell", id: `r${row}c${column}` });
  drawn.dataset.cell = cellName(row, column);
  drawn.setAttribute("aria-rowindex", row + 1);
  drawn.setAttribute("aria-colindex", column + 1);
  if (merge) {
    drawn.setAttribute("aria-rowspan", merge.bottom - merge.top);
    drawn.setAttribute("aria-colspan", merge.right - merge.left);
    drawn.classList.add("merged");
  }
  if (cell === undefined) drawn.classList.add("unknown");
  if (style.css) drawn.classList.add(classOf(style));
  if (style.edges) drawn.classList.add("edged");
  if (style.fill) drawn.classList.add("filled");
  if (pending) drawn.append(make("span", { className: "in pending" }, pending.text));
  else if (cell) fill(drawn, sheet, row, column, cell, style, merge);
  return drawn;
}

function fill(drawn, sheet, row, column, cell, style, merge) {
  if (cell.kind) drawn.classList.add(cell.kind);
  if (cell.note) drawn.classList.add("noted");
  if (cell.wrong || cell.error) drawn.classList.add("wrong");
  const described = [
    cell.error,
    cell.wrong && say("invalid", { why: said(sheet, row, column) }),
    cell.note && say("note", { text: cell.note }),
    cell.link && say("link"),
  ];
  if (described.some(Boolean)) drawn.setAttribute("aria-description", described.filter(Boolean).join(". "));
  if (sheet.rule(row, column)?.choices) drawn.append(make("span", { className: "arrow", ariaHidden: "true" }));
  if (cell.svg) {
    drawn.append(make("img", { className: "spark", src: picture(cell.svg), alt: "", draggable: false }));
  } else if (cell.checked !== undefined) {
    const state = say(cell.checked ? "checked" : "unchecked");
    drawn.append(make("span", { className: cell.checked ? "check on" : "check", role: "img", ariaLabel: state }));
  } else if (cell.text) {
    drawn.append(inside(cell, style));
    drawn.classList.add(style.wrap === "WRAP" ? "wrap" : "line");
    if (mayRunOver(cell, style, merge)) runOver(drawn, sheet, row, column, style);
  }
}

/** Why a value is not valid: the rule's own words, or ours. */
export const said = (sheet, row, column) => sheet.rule(row, column)?.said || say("listed");

function inside(cell, style) {
  const text = make("span", { className: "in" });
  if (style.turned) text.style.cssText = style.turned;
  if (cell.runs) text.append(...cell.runs.map(([piece, css, href]) => run(piece, css, cell.link ? "" : href)));
  else text.append(cell.text);
  if (!cell.link) return text;
  const link = anchor(cell.link);
  link.append(text);
  return link;
}

function run(text, css, href) {
  const made = href ? anchor(href) : make("span");
  made.style.cssText = css;
  made.append(text);
  return made;
}

/** A link; the server lets only http, https, mailto and places of this workbook through. */
export function anchor(href) {
  const outside = !href.startsWith("#");
  const to = outside ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return make("a", { href, tabIndex: -1, ...to });
}

const mayRunOver = (cell, style, merge) =>
  !cell.kind && !merge && style.wrap === "OVERFLOW_CELL" && !style.turned && !cell.text.includes("\n");

/** Let a text go on over empty neighbours, on the sides that its alignment leaves open. */
function runOver(drawn, sheet, row, column, style) {
  const right = style.align === "right" ? 0 : free(sheet, row, column, 1);
  const left = style.align === "left" ? 0 : free(sheet, row, column, -1);
  if (!right && !left) return;
  drawn.classList.add("over");
  drawn.style.clipPath = `inset(-1px ${-right}px -1px ${-Math.max(left, 1)}px)`;
  if (sheet.gridlines && !style.fill) drawn.classList.add("veil");
}

function free(sheet, row, column, step) {
  let width = 0;
  for (let at = column + step, n = 0; at >= 0 && at < sheet.columns.count && n < FURTHEST; at += step, n++) {
    const cell = sheet.cell(row, at);
    if (!cell || cell.text || cell.svg || cell.checked !== undefined || sheet.merge(row, at)) break;
    if (sheet.pending.has(`${row},${at}`)) break;
    width += sheet.columns.sizes[at];
  }
  return width;
}
