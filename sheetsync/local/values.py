"""`spreadsheets.values`: reading, writing, appending and clearing plain values."""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from sheetsync.local import a1, entered, rendered, shifting
from sheetsync.local.a1 import Area
from sheetsync.local.book import MAX_TEXT, TOO_LONG, Book, Sheet, formatted, number, stored
from sheetsync.local.dimensions import Shift
from sheetsync.local.errors import RefusedError, invalid
from sheetsync.local.file import loaded
from sheetsync.local.later import Later
from sheetsync.local.store import Cell, Row
from sheetsync.local.table import table_at

_DATE_TYPES = ("DATE", "TIME", "DATE_TIME")
_CHUNK = 2000
_SPOOL = 8_000_000
_SHORT = 100
_REMEMBERED = 10_000
_PLAIN = (str, int, float, bool)


class Rendering(NamedTuple):
    """How values are given back."""

    values: str = "FORMATTED_VALUE"
    dates: str = "SERIAL_NUMBER"
    dimension: str = "ROWS"

    @classmethod
    def of(cls, options: dict[str, Any], prefix: str = "") -> Rendering:
        """From the parameters of a request; `prefix` is "response" for what a write gives back."""

        def option(name: str, default: str) -> str:
            return str(options.get(prefix + name[0].upper() + name[1:] if prefix else name, default))

        dimension = options.get("majorDimension", "ROWS")
        return cls(
            option("valueRenderOption", "FORMATTED_VALUE"),
            option("dateTimeRenderOption", "SERIAL_NUMBER"),
            "ROWS" if dimension == "DIMENSION_UNSPECIFIED" else dimension,
        )


class Reading(NamedTuple):
    """One range to be read: its head and the lines to come, trimmed as Google trims."""

    head: dict[str, Any]
    lines: Iterator[Any]

    def whole(self) -> dict[str, Any]:
        """The ValueRange; no `values` where there are none."""
        lines = [list(line.items) if isinstance(line, Later) else line for line in self.lines]
        return {**self.head, "values": lines} if lines else self.head

    def later(self) -> dict[str, Any]:
        """The same, its lines to be made while it is written."""
        lines = Later.of(self.lines, 1 if self.head["majorDimension"] == "COLUMNS" else _CHUNK)
        return self.head if lines is None else {**self.head, "values": lines}


def read(book: Book, sheet: Sheet, area: Area, rendering: Rendering, *, raw: bool = False) -> Reading:
    """The values of an area. With `raw`, lines may be `orjson.Fragment`s, for a compact JSON only."""
    head = {"range": a1.write(sheet.title, area), "majorDimension": rendering.dimension}
    rows = _rows(book, sheet, area, rendering, raw and rendering.dimension == "ROWS")
    return Reading(head, _columns(rows, area.top) if rendering.dimension == "COLUMNS" else _spread(rows, area.top))


def _rows(book: Book, sheet: Sheet, area: Area, rendering: Rendering, raw: bool) -> Iterator[tuple[int, Any]]:
    if rendering.values == "FORMATTED_VALUE" or rendering.dates == "FORMATTED_STRING":
        yield from _rendered_rows(book, sheet, area, rendering)
        return
    show = _formula if rendering.values == "FORMULA" else _unformatted
    for index, text in sheet.grid.values(area.top, area.bottom):
        if raw and area.left == 0 and b"{" not in text and b"null" not in text and text.count(b",") < area.right:
            yield index, orjson.Fragment(text)
            continue
        line = [show(cell) if cell.__class__ is dict or cell is None else cell for cell in _cut(loaded(text), area)]
        if _trim(line):
            yield index, line


def _cut(cells: list[Cell], area: Area) -> list[Cell]:
    return cells[area.left : area.right] if area.left or len(cells) > area.right else cells


def _trim(line: list[Any]) -> list[Any]:
    while line and line[-1] == "":
        line.pop()
    return line


def _unformatted(cell: Cell) -> Any:
    if cell is None:
        return ""
    if not isinstance(cell, dict):
        return cell
    if "e" in cell:
        return rendered.ERRORS.get(cell["e"]["type"], "#ERROR!")
    value = cell.get("v")
    return "" if value is None else value


def _formula(cell: Cell) -> Any:
    return cell["f"] if isinstance(cell, dict) else _unformatted(cell)


def _rendered_rows(book: Book, sheet: Sheet, area: Area, rendering: Rendering) -> Iterator[tuple[int, list[Any]]]:
    show = _showing(book, rendering)
    for index, row in sheet.grid.rows(area.top, area.bottom):
        cells = row.cells[area.left : area.right]
        worn = row.formats[area.left : area.right]
        worn.extend([0] * (len(cells) - len(worn)))
        line = list(map(show, cells, worn))
        if _trim(line):
            yield index, line


def _showing(book: Book, rendering: Rendering) -> Callable[[Cell, int], Any]:
    """What is shown of a cell that wears a format of that number. What was shown before is remembered for a while."""
    locale, as_people_see_it = book.locale, rendering.values == "FORMATTED_VALUE"

    @functools.cache
    def form(number: int) -> dict[str, Any] | None:
        found: dict[str, Any] | None = book.palette.format(number).get("numberFormat")
        return found

    def made(cell: Cell, number: int) -> Any:
        if as_people_see_it:
            return formatted(cell, form(number), locale)
        if isinstance(cell, dict) and rendering.values == "FORMULA":
            return cell["f"]
        value = _unformatted(cell)
        worn = form(number) or (cell.get("n") if isinstance(cell, dict) else None) or {}
        is_date = worn.get("type") in _DATE_TYPES and type(value) in (int, float)
        return formatted(cell, form(number), locale) if is_date else value

    known = functools.lru_cache(maxsize=_REMEMBERED, typed=True)(made)

    def show(cell: Cell, number: int) -> Any:
        if cell is None:
            return ""
        if isinstance(cell, dict | float) or (isinstance(cell, str) and len(cell) > _SHORT):
            return made(cell, number)
        return known(cell, number)

    return show


def _spread(rows: Iterator[tuple[int, Any]], top: int) -> Iterator[Any]:
    place = top
    for index, line in rows:
        yield from ([] for _ in range(place, index))
        yield line
        place = index + 1


def _columns(rows: Iterator[tuple[int, list[Any]]], top: int) -> Iterator[Later | list[Any]]:
    """The columns of the rows, which begin with `top`; in between they are in a file, not in memory."""
    with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
        parts: list[list[tuple[int, int]]] = []
        heights: list[int] = []
        while some := list(itertools.islice(rows, _CHUNK)):
            width = max(len(line) for _, line in some)
            parts.extend([] for _ in range(width - len(parts)))
            heights.extend(0 for _ in range(width - len(heights)))
            for place in range(width):
                column: list[Any] = []
                for index, line in some:
                    if place < len(line) and line[place] != "":
                        column.extend([""] * (index - top - heights[place] - len(column)))
                        column.append(line[place])
                if column:
                    heights[place] += len(column)
                    parts[place].append((spool.tell(), spool.write(orjson.dumps(column))))
        for held in parts:
            yield Later.of(_spooled(spool, held)) or []


def _spooled(spool: tempfile.SpooledTemporaryFile[bytes], parts: list[tuple[int, int]]) -> Iterator[Any]:
    for start, size in parts:
        spool.seek(start)
        yield from orjson.loads(spool.read(size))


# Writing


class Written(NamedTuple):
    """What a write did."""

    sheet: Sheet
    area: Area
    rows: int
    columns: int
    cells: int

    def answer(self, book: Book) -> dict[str, Any]:
        """The UpdateValuesResponse."""
        counts = {"updatedRows": self.rows, "updatedColumns": self.columns, "updatedCells": self.cells}
        body: dict[str, Any] = {"spreadsheetId": book.key, "updatedRange": a1.write(self.sheet.title, self.area)}
        body.update({name: count for name, count in counts.items() if count})
        return body


def input_option(options: dict[str, Any]) -> str:
    """The ValueInputOption of a request; ApiError where it is missing."""
    option = options.get("valueInputOption", "INPUT_VALUE_OPTION_UNSPECIFIED")
    if option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise invalid("'valueInputOption' is required but not specified")
    return str(option)


def update(book: Book, text: str, value_range: dict[str, Any], option: str) -> Written:
    """Write a ValueRange to the range named `text`. ApiError where it does not fit; RefusedError where it may not."""
    sheet, span = book.spelled(text)
    area = span.within(sheet.rows, sheet.columns)
    if sheet.beyond(area):
        raise invalid(sheet.exceeded(span))
    lines = _lines_of(value_range)
    height, width = len(lines), max(map(len, lines), default=0)
    single = area.is_cell and span.bottom is not None and span.right is not None
    if single:
        target = Area(area.top, area.left, area.top + max(height, 1), area.left + max(width, 1))
        if target.bottom > sheet.rows or target.right > sheet.columns:
            raise invalid(sheet.exceeded(target))
    else:
        _check_within(sheet, area, height, width)
    return write(book, sheet, area.top, area.left, lines, option)


def _check_within(sheet: Sheet, area: Area, height: int, width: int) -> None:
    where = f"Requested writing within range [{a1.write(sheet.title, area)}], but tried writing to"
    if height > area.bottom - area.top:
        raise invalid(f"{where} row [{area.bottom + 1}]")
    if width > area.right - area.left:
        raise invalid(f"{where} column [{a1.column_name(area.right)}]")


def _lines_of(value_range: dict[str, Any]) -> list[list[Any]]:
    """The rows of a ValueRange; ApiError for a cell that is an object or a list."""
    lines: list[list[Any]] = value_range.get("values", [])
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if value is not None and not isinstance(value, _PLAIN):
                kind = "struct_value" if isinstance(value, dict) else "list_value"
                raise invalid(f"Invalid values[{row}][{column}]: {kind} {orjson.dumps(value).decode()}")
    if value_range.get("majorDimension") != "COLUMNS":
        return lines
    height = max(map(len, lines), default=0)
    return [[line[row] if row < len(line) else None for line in lines] for row in range(height)]


def write(book: Book, sheet: Sheet, top: int, left: int, lines: list[list[Any]], option: str) -> Written:
    """Write rows of values with their top left cell there; None leaves a cell as it is."""
    height, width = len(lines), max(map(len, lines), default=0)
    area = Area(top, left, top + max(height, 1), left + max(width, 1))
    book.guard(sheet, area)
    put = _entering(book) if option == "USER_ENTERED" else _put_raw
    covered = _covered(sheet, area)
    count = 0

    def change(index: int, row: Row) -> None:
        nonlocal count
        for offset, value in enumerate(lines[index - top]):
            if value is not None:
                count += 1
                if not covered or (index, left + offset) not in covered:
                    put(row, left + offset, value)

    sheet.grid.change(top, top + height, change)
    book.touched.add(sheet.number)
    return Written(sheet, area, height, width, count)


def _covered(sheet: Sheet, area: Area) -> set[tuple[int, int]]:
    """The cells of an area that lie under a merge's first cell: what is written there is lost."""
    found: set[tuple[int, int]] = set()
    for merge in sheet.doc.get("merges", []):
        held = a1.span_of(merge).within(sheet.rows, sheet.columns)
        if common := area.common(held):
            cells = itertools.product(range(common.top, common.bottom), range(common.left, common.right))
            found.update(cell for cell in cells if cell != (held.top, held.left))
    return found


def _put_raw(row: Row, column: int, value: Any) -> None:
    if type(value) is str:
        if len(value) > MAX_TEXT:
            raise RefusedError(TOO_LONG)
        value = value or None
    row.put(column, number(value) if type(value) is float else value)


def _entering(book: Book) -> Callable[[Row, int, Any], None]:
    palette, locale, today = book.palette, book.locale, book.local_now.date()

    @functools.lru_cache(maxsize=_REMEMBERED)
    def typed(text: str, held: int) -> tuple[Cell, int]:
        own = palette.format(held)
        parsed, number_format = entered.parse(text, locale, own.get("numberFormat"), today)
        cell = stored(parsed) if parsed else None
        if number_format is None or number_format == own.get("numberFormat"):
            return cell, held
        return cell, palette.number_of_format({**own, "numberFormat": number_format})

    def put(row: Row, column: int, value: Any) -> None:
        if type(value) is not str or not value:
            _put_raw(row, column, value)
            return
        if len(value) > MAX_TEXT:
            raise RefusedError(TOO_LONG)
        held = row.format(column)
        cell, worn = typed(value, held)
        row.put(column, cell)
        if worn != held:
            row.put_format(column, worn)

    return put


def clear(book: Book, sheet: Sheet, area: Area) -> str:
    """Blank the values of an area (formats, notes and validation stay); the range in A1 notation."""
    book.guard(sheet, area)

    def change(_: int, row: Row) -> None:
        for column in range(area.left, min(area.right, len(row.cells))):
            row.cells[column] = None

    sheet.grid.change(area.top, area.bottom, change, stored_only=True)
    book.touched.add(sheet.number)
    return a1.write(sheet.title, area)


def append(
    book: Book, text: str, value_range: dict[str, Any], option: str, insert: bool
) -> tuple[Area | None, Written]:
    """Write rows after the last table in the range named `text`; the table found, if any, and what was written.

    The grid grows where the rows need it. With `insert` new rows are put in for them; else they overwrite.
    """
    sheet, area = book.locate(text)
    lines = _lines_of(value_range)
    table = table_at(sheet, area)
    top, left = (table.bottom, table.left) if table else (area.top, area.left)
    height, width = len(lines), max(map(len, lines), default=0)
    if insert and top < sheet.rows and height:
        sheet.grid.insert_rows(top, height)
        sheet.resize("ROWS", sheet.rows + height)
        shifting.follow(book, sheet, Shift("ROWS", top, height))
    sheet.resize("ROWS", max(sheet.rows, top + height))
    sheet.resize("COLUMNS", max(sheet.columns, left + width))
    book.check_size()
    return table, write(book, sheet, top, left, lines, option)
