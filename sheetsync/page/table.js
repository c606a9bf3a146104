// A block of cells as text, the way Excel and Sheets put it on the clipboard.

/**
 * Rows of texts -> tabs and newlines; a text with one of these, or that begins with a quote, is quoted. Whoever reads it
 * takes a newline at the very end for the end of the last row, so an empty last row gets one.
 */
export function written(rows) {
  const quoted = (text) => (/[\t\n\r]|^"/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = rows.map((row) => row.map(quoted).join("\t"));
  return lines.join("\n") + (lines.at(-1) ? "" : "\n");
}

/** The other way round; a quote that doesn't enclose the whole cell is a sign like any other. */
export function read(text) {
  const plain = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const cell = /"((?:[^"]|"")*)"(?=\t|\n|$)|[^\t\n]*/y;
  const rows = [[]];
  for (let at = 0; ; at++) {
    cell.lastIndex = at;
    const found = cell.exec(plain);
    rows.at(-1).push(found[1] === undefined ? found[0] : found[1].replaceAll('""', '"'));
    at += found[0].length;
    if (at >= plain.length) return rows;
    if (plain[at] === "\n") rows.push([]);
  }
}
