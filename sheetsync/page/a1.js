// A1 notation. Rows and columns are counted from 0; an area is { top, left, bottom, right }, past its last cell.

export function letters(column) {
  let text = "";
  for (let number = column + 1; number > 0; number = Math.floor((number - 1) / 26)) {
    text = String.fromCharCode(65 + ((number - 1) % 26)) + text;
  }
  return text;
}

export const cellName = (row, column) => `${letters(column)}${row + 1}`;

export function areaName(area) {
  const first = cellName(area.top, area.left);
  const single = area.bottom - area.top === 1 && area.right - area.left === 1;
  return single ? first : `${first}:${cellName(area.bottom - 1, area.right - 1)}`;
}

const columnOf = (text) => [...text.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

/** The area that "B12", "B2:C9", "B:C" or "2:9" names in a grid of that size; null where it names none there. */
export function parseArea(text, rows, columns) {
  const found = /^\$?([a-z]{1,3})?\$?(\d{1,8})?(?::\$?([a-z]{1,3})?\$?(\d{1,8})?)?$/i.exec(text.trim());
  if (!found || !(found[1] || found[2])) return null;
  const single = !text.includes(":");
  if (single && !(found[1] && found[2])) return null;
  const [, firstColumn, firstRow, lastColumn, lastRow] = found;
  const ends = [
    [firstRow ? firstRow - 1 : 0, single ? firstRow - 1 : lastRow ? lastRow - 1 : rows - 1],
    [firstColumn ? columnOf(firstColumn) : 0, single ? columnOf(firstColumn) : lastColumn ? columnOf(lastColumn) : columns - 1],
  ];
  const [[top, bottom], [left, right]] = ends.map((pair) => pair.sort((a, b) => a - b));
  if (top < 0 || top >= rows || left >= columns) return null;
  return { top, left, bottom: Math.min(bottom + 1, rows), right: Math.min(right + 1, columns) };
}
