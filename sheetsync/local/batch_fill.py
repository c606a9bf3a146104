"""Requests that fill cells from something else: pasted text, one column's parts, the pattern of the cells beside."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from typing import Any

from sheetsync.local import formula, values
from sheetsync.local.a1 import Area
from sheetsync.local.blocks import Copied, fill, picked
from sheetsync.local.book import TOO_LONG, Book, Sheet, number
from sheetsync.local.errors import RefusedError
from sheetsync.local.store import Cell, Scalar

_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}
_NO_VALUES = ("PASTE_FORMAT", "PASTE_DATA_VALIDATION", "PASTE_CONDITIONAL_FORMATTING")
_COUNTED = re.compile(r"(.*?)(\d{1,15})")
_DATED = ("DATE", "DATE_TIME")


# Pasted text


def paste_data(book: Book, request: dict[str, Any]) -> None:
    """pasteData: text cut at a delimiter and at line ends, or HTML's tables; typed in, and the grid grows for it."""
    sheet, top, left = book.corner(request.get("coordinate", {}))
    data = request.get("data", "")
    if request.get("html"):
        lines = html_lines(data)
    elif delimiter := request.get("delimiter"):
        lines = delimited(data, delimiter)
    else:
        raise RefusedError("One of delimiter or html must be specified.")
    if request.get("type", "PASTE_NORMAL") not in _NO_VALUES:
        write_typed(book, sheet, top, left, lines)


def write_typed(book: Book, sheet: Sheet, top: int, left: int, lines: Sequence[Sequence[str | None]]) -> None:
    """Type texts in from a cell on; None leaves a cell as it is; the grid grows for them."""
    sheet.resize("ROWS", max(sheet.rows, top + len(lines)))
    sheet.resize("COLUMNS", max(sheet.columns, left + max(map(len, lines), default=0)))
    book.check_size()
    values.write(book, sheet, top, left, [list(line) for line in lines], "USER_ENTERED")


def delimited(text: str, delimiter: str) -> list[list[str]]:
    """The cells of a text like CSV; a delimiter of several characters knows no quotes."""
    if len(delimiter) > 1:
        return [line.split(delimiter) for line in text.splitlines()]
    if delimiter in '\r\n"':
        raise RefusedError("The data can't be split at the delimiter.")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:  # a cell is larger than csv takes
        raise RefusedError(TOO_LONG) from None


def html_lines(text: str) -> list[list[str]]:
    """The cells of HTML's tables, one below another; what is in no table is one cell."""
    reader = _Tables()
    reader.feed(text)
    reader.close()
    return reader.lines or [["".join(reader.loose).strip()]]


class _Tables(HTMLParser):
    """Collects the texts of table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[list[str]] = []
        self.loose: list[str] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("tr", "td", "th"):
            self._finish()
        if tag == "tr":
            self.lines.append([])
        elif tag in ("td", "th"):
            self._cell = []
            wide = dict(attrs).get("colspan") or ""
            self._span = int(wide) if wide.isdigit() else 1
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._finish()

    def handle_data(self, data: str) -> None:
        (self.loose if self._cell is None else self._cell).append(data if data == "\n" else re.sub(r"\s+", " ", data))

    def _finish(self) -> None:
        if self._cell is not None and self.lines:
            self.lines[-1] += ["".join(self._cell).strip(), *[""] * (min(self._span, 1000) - 1)]
        self._cell = None


# One column's parts


def text_to_columns(book: Book, request: dict[str, Any]) -> None:
    """textToColumns: the texts of a column cut at a delimiter, typed into it and the columns behind it."""
    sheet, area = book.place(request.get("source", {}))
    if area.right - area.left != 1:
        raise RefusedError("The source must span exactly one column.")
    texts = {row: line[0].cell for row, line in enumerate(picked(sheet, area), area.top)}
    delimiter = _delimiter(request, [text for text in texts.values() if isinstance(text, str)])
    parts = {row: delimited(text, delimiter)[0] for row, text in texts.items() if isinstance(text, str) and text}
    width = max(map(len, parts.values()), default=1)
    book.guard(sheet, area._replace(right=area.left + width))
    lines: list[Sequence[str | None]] = [parts.get(row, [None]) for row in range(area.top, area.bottom)]
    write_typed(book, sheet, area.top, area.left, lines)


def _delimiter(request: dict[str, Any], texts: list[str]) -> str:
    kind = request.get("delimiterType", "DELIMITER_TYPE_UNSPECIFIED")
    if kind == "CUSTOM":
        if not request.get("delimiter"):
            raise RefusedError("A custom delimiter must be specified.")
        return str(request["delimiter"])
    if kind == "AUTODETECT":
        counts = {sign: sum(sign in text for text in texts) for sign in _DELIMITERS.values()}
        return max(counts, key=lambda sign: counts[sign])
    if kind not in _DELIMITERS:
        raise RefusedError("Delimiter type must be specified.")
    return _DELIMITERS[kind]


# The pattern of the cells beside


def auto_fill(book: Book, request: dict[str, Any]) -> None:
    """autoFill: numbers, dates and counted texts go on as a series, all else is repeated; formulas move along."""
    sheet, source, target, down = _extended(book, request)
    book.guard(sheet, target)
    held = picked(sheet, source)
    lines = [list(line) for line in zip(*held, strict=True)] if down else held
    series = [_Series(book, line, alternate=bool(request.get("useAlternateSeries"))) for line in lines]

    def content(row: int, column: int) -> Copied:
        if down:
            return series[column - source.left].at(row - source.top, down=True)
        return series[row - source.top].at(column - source.left, down=False)

    fill(sheet, target, content)
    book.touched.add(sheet.number)


def _extended(book: Book, request: dict[str, Any]) -> tuple[Sheet, Area, Area, bool]:
    """The tab, the cells to go on from, those to fill, and whether they lie below or above (not beside)."""
    if "sourceAndDestination" not in request:
        return _detected(book, request)
    given = request["sourceAndDestination"]
    sheet, source = book.place(given.get("source", {}))
    length, dimension = given.get("fillLength", 0), given.get("dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise RefusedError("No dimension specified.")
    if not length:
        raise RefusedError("fillLength must not be 0.")
    down = dimension == "ROWS"
    start, end = (source.top, source.bottom) if down else (source.left, source.right)
    low, high = (end, end + length) if length > 0 else (start + length, start)
    target = source._replace(top=low, bottom=high) if down else source._replace(left=low, right=high)
    if low < 0 or target.bottom > sheet.rows or target.right > sheet.columns:
        raise RefusedError(sheet.exceeded(target._replace(top=max(target.top, 0), left=max(target.left, 0))))
    return sheet, source, target, down


def _detected(book: Book, request: dict[str, Any]) -> tuple[Sheet, Area, Area, bool]:
    sheet, area = book.place(request.get("range", {}))
    filled = [
        (row, column)
        for row, line in enumerate(picked(sheet, area), area.top)
        for column, copied in enumerate(line, area.left)
        if copied.cell is not None
    ]
    if not filled:
        raise RefusedError("There is nothing in the range to fill it with.")
    bottom, right = max(row for row, _ in filled) + 1, max(column for _, column in filled) + 1
    down = bottom < area.bottom
    source = area._replace(bottom=bottom) if down else area._replace(right=right)
    return sheet, source, area._replace(top=bottom) if down else area._replace(left=right), down


class _Series:
    """One row's or column's cells, gone on with in both directions."""

    def __init__(self, book: Book, cells: list[Copied], *, alternate: bool) -> None:
        self._book, self._cells = book, cells
        self._next = self._continued([copied.cell for copied in cells], alternate)

    def _continued(self, cells: list[Cell], alternate: bool) -> Callable[[int], Scalar] | None:
        """What the value at a place is, the first cell's being 0; None where the cells are repeated."""
        numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
        if len(numbers) == len(cells):
            goes_on = (len(cells) > 1 or self._dated()) != alternate
            return _line(numbers) if goes_on else None
        counted = [_COUNTED.fullmatch(cell) for cell in cells if isinstance(cell, str)]
        found = [match for match in counted if match]
        if len(found) < len(cells) or len({match[1] for match in found}) > 1 or alternate:
            return None
        count = _line([int(match[2]) for match in found])
        return lambda place: f"{found[0][1]}{abs(round(count(place)))}"

    def _dated(self) -> bool:
        number_format = self._book.palette.format(self._cells[0].format).get("numberFormat", {})
        return number_format.get("type") in _DATED

    def at(self, place: int, *, down: bool) -> Copied:
        """The cell at a place, the first of those known being 0."""
        known = place % len(self._cells)
        copied = self._cells[known]
        if isinstance(copied.cell, dict):
            moved = (place - known, 0) if down else (0, place - known)
            return copied._replace(cell={"f": formula.moved(copied.cell["f"], *moved, self._book.locale)})
        return copied if self._next is None else copied._replace(cell=self._next(place))


def _line(numbers: list[int | float]) -> Callable[[int], int | float]:
    """The straight line through numbers at 0, 1, 2 ..., by least squares; through one number it climbs by 1."""
    count = len(numbers)
    middle, mean = (count - 1) / 2, sum(numbers) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * held for place, held in enumerate(numbers)) / spread if spread else 1

    def at(place: int) -> int | float:
        return number(round(mean + slope * (place - middle), 10))

    return at


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "pasteData": paste_data,
    "textToColumns": text_to_columns,
    "autoFill": auto_fill,
}
