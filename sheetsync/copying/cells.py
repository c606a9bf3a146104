"""Cells of a tab, some rows at a time: read as grid data, and made into requests of a size that Google recommends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from sheetsync import layout
from sheetsync.copying.objects import noted
from sheetsync.copying.shapes import Item, Json, is_grid, lean, sheet_id, title
from sheetsync.google import Workbook

MOST_BYTES = 1_500_000
"""Of one piece. Google recommends some 2 MB a request."""

FEWEST_ROWS, FIRST_ROWS, MOST_ROWS, MOST_CELLS = 50, 1000, 20_000, 100_000
"""How much is read at a time; how much of it the rows before weighed decides."""

CONTENT = ("userEnteredValue", "note", "textFormatRuns", "chipRuns", "pivotTable")
LOOKS = ("userEnteredFormat", "dataValidation")

_CELL = ",".join((*CONTENT, *LOOKS, "dataSourceTable(dataSourceId)"))
_ABOUT = "pixelSize,hiddenByUser,developerMetadata"
_MASK = f"sheets(data(startColumn,rowData(values({_CELL})),rowMetadata({_ABOUT})"
_DEFAULTS = {"ROWS": 21, "COLUMNS": 100}
_MOST_RECTANGLES = 300
_ERRORS = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows `top` to `bottom` of a tab: their cells from column A, and the properties of rows and columns (those of
    columns where `top` is 0)."""

    sheet: Mapping[str, Any]
    top: int
    bottom: int
    rows: list[list[Json]]
    about_rows: list[Json]
    about_columns: list[Json]

    def cut(self, first: int, last: int) -> Chunk:
        """The part from row `first` to row `last` of the tab."""
        start, end = first - self.top, last - self.top
        columns = [] if start else self.about_columns
        return Chunk(self.sheet, first, last, self.rows[start:end], self.about_rows[start:end], columns)


def chunks(book: Workbook, sheet: Mapping[str, Any], top: int = 0, bottom: int | None = None) -> Iterator[Chunk]:
    """The rows of a tab from `top` on, as many at a time as weigh little; nothing of a tab without cells."""
    if not is_grid(sheet):
        return
    grid = sheet["properties"]["gridProperties"]
    end = min(int(grid["rowCount"]), bottom if bottom is not None else int(grid["rowCount"]))
    most = max(min(MOST_CELLS // int(grid["columnCount"]), MOST_ROWS), FEWEST_ROWS)
    size = min(FIRST_ROWS, most)
    while top < end:
        chunk = read(book, sheet, top, min(top + size, end))
        yield chunk
        weight = max(len(orjson.dumps(chunk.rows)), 1)
        size = max(min(size * 4, size * 4 * MOST_BYTES // weight, most), FEWEST_ROWS)
        top = chunk.bottom


def read(book: Workbook, sheet: Mapping[str, Any], top: int, bottom: int) -> Chunk:
    """Some rows of a tab, in one request."""
    mask = f"{_MASK}{'' if top else f',columnMetadata({_ABOUT})'}))"
    answer = book.grid(mask, [f"{layout.quoted(title(sheet))}!{top + 1}:{bottom}"])
    (data, *_) = (answer.get("sheets") or [{}])[0].get("data") or [{}]
    rows = [row.get("values", []) for row in data.get("rowData", [])]
    return Chunk(sheet, top, bottom, rows, data.get("rowMetadata", []), data.get("columnMetadata", []))


def pieces(chunk: Chunk) -> Iterator[tuple[int, list[Item], int]]:
    """A chunk's requests, piece by piece: where the next one begins, the requests, their size in bytes."""
    items = requests(chunk)
    size = sum(len(orjson.dumps(item.request)) for item in items)
    if size <= MOST_BYTES or chunk.bottom - chunk.top == 1:
        yield chunk.bottom, items, size
        return
    middle = (chunk.top + chunk.bottom) // 2
    yield from pieces(chunk.cut(chunk.top, middle))
    yield from pieces(chunk.cut(middle, chunk.bottom))


def requests(chunk: Chunk) -> list[Item]:
    """What makes the rows of a blank tab as they are in the chunk: looks, then content, then sizes."""
    looks = list(_rectangles(chunk))
    inline = len(looks) > _MOST_RECTANGLES
    items = [] if inline else [_look(chunk, *look) for look in looks]
    items += _content(chunk, (*CONTENT, *LOOKS) if inline else CONTENT)
    items += _typed_errors(chunk)
    return [*items, *_sizes(chunk)]


def values(chunk: Chunk, area: Mapping[str, Any]) -> Iterator[Item]:
    """The values alone of an area of the chunk, blanks too."""
    left, right = area.get("startColumnIndex", 0), area["endColumnIndex"]
    top, bottom = max(area.get("startRowIndex", 0), chunk.top), min(area["endRowIndex"], chunk.bottom)
    rows = [_line(row[left:right], ("userEnteredValue",)) for row in chunk.rows[top - chunk.top : bottom - chunk.top]]
    place = {
        "sheetId": sheet_id(chunk.sheet),
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }
    request = {"updateCells": {"range": place, "rows": rows, "fields": "userEnteredValue"}}
    yield Item(title(chunk.sheet), "cells of a table", request, needed=True)


def error_text(value: Mapping[str, Any]) -> str:
    """What a person types to get that error value."""
    return _ERRORS.get(str(value.get("type")), "#ERROR!")


def _rectangles(chunk: Chunk) -> Iterator[tuple[int, int, int, int, Json]]:
    """Areas of cells that look alike: top, left, bottom, right, and how they look."""
    runs: dict[tuple[int, int, bytes], list[int]] = {}
    for column in range(max(map(len, chunk.rows), default=0)):
        looks = [_looks(row[column]) if column < len(row) else b"" for row in chunk.rows]
        row = chunk.top
        for look, alike in groupby(looks):
            end = row + sum(1 for _ in alike)
            if look:
                runs.setdefault((row, end, look), []).append(column)
            row = end
    for (top, bottom, look), columns in runs.items():
        for left, right in _spans(columns):
            yield top, left, bottom, right, orjson.loads(look)


def _looks(cell: Mapping[str, Any]) -> bytes:
    held = {name: cell[name] for name in LOOKS if cell.get(name)}
    return orjson.dumps(held, option=orjson.OPT_SORT_KEYS) if held else b""


def _spans(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as ranges without gaps."""
    for _, run in groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
        held = [place for _, place in run]
        yield held[0], held[-1] + 1


def _look(chunk: Chunk, top: int, left: int, bottom: int, right: int, look: Json) -> Item:
    area = {
        "sheetId": sheet_id(chunk.sheet),
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }
    request = {"repeatCell": {"range": area, "cell": lean(look), "fields": ",".join(look)}}
    return Item(title(chunk.sheet), "formats and dropdowns", request)


def _content(chunk: Chunk, names: Sequence[str]) -> Iterator[Item]:
    lines = [_line(row, names) for row in chunk.rows]
    present = {name for line in lines for cell in line.get("values", []) for name in cell}
    filled = [place for place, line in enumerate(lines) if line]
    if not filled:
        return
    first, last = filled[0], filled[-1] + 1
    start = {"sheetId": sheet_id(chunk.sheet), "rowIndex": chunk.top + first, "columnIndex": 0}
    fields = ",".join(name for name in (*CONTENT, *LOOKS) if name in present)
    request = {"updateCells": {"start": start, "rows": lines[first:last], "fields": fields}}
    yield Item(title(chunk.sheet), "cells", request, needed=True)


def _line(row: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Json:
    """A RowData up to its last cell with something in it; {} of a blank row."""
    cells = [{name: _written(name, cell[name]) for name in names if cell.get(name)} for cell in row]
    cells = [cell if all(cell.values()) else {name: it for name, it in cell.items() if it} for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return {"values": cells} if cells else {}


def _written(name: str, held: Any) -> Any:
    """A field as it is written: error values are read-only, a blank text is no text, a colour is said once."""
    if name == "userEnteredValue":
        return None if "errorValue" in held or held.get("stringValue") == "" else held
    return held if name == "note" else lean(held)


def _typed_errors(chunk: Chunk) -> Iterator[Item]:
    """A cell in which somebody typed #N/A: it can only be typed again."""
    for row, line in enumerate(chunk.rows, chunk.top):
        for column, cell in enumerate(line):
            if error := cell.get("userEnteredValue", {}).get("errorValue"):
                place = {"sheetId": sheet_id(chunk.sheet), "rowIndex": row, "columnIndex": column}
                typed = {"data": error_text(error), "type": "PASTE_VALUES", "delimiter": "\t"}
                yield Item(title(chunk.sheet), "error value", {"pasteData": {"coordinate": place, **typed}})


def _sizes(chunk: Chunk) -> Iterator[Item]:
    for dimension, first, about in (("ROWS", chunk.top, chunk.about_rows), ("COLUMNS", 0, chunk.about_columns)):
        place = first
        for properties, alike in groupby([sized(each, dimension) for each in about]):
            end = place + sum(1 for _ in alike)
            if properties:
                span = {
                    "sheetId": sheet_id(chunk.sheet),
                    "dimension": dimension,
                    "startIndex": place,
                    "endIndex": end,
                }
                change = {"range": span, "properties": properties, "fields": ",".join(properties)}
                what = "heights and hidden rows" if dimension == "ROWS" else "widths and hidden columns"
                yield Item(title(chunk.sheet), what, {"updateDimensionProperties": change})
            place = end
        for each in about:
            yield from (noted(title(chunk.sheet), item) for item in each.get("developerMetadata", []))


def sized(properties: Mapping[str, Any], dimension: str) -> Json:
    """What of a row's or column's size and visibility is not as in a new tab."""
    kept: Json = {}
    if properties.get("pixelSize", _DEFAULTS[dimension]) != _DEFAULTS[dimension]:
        kept["pixelSize"] = properties["pixelSize"]
    if properties.get("hiddenByUser"):
        kept["hiddenByUser"] = True
    return kept
