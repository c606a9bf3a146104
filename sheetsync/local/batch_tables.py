"""Requests about tables: added, changed, deleted, and rows appended to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sheetsync.local import a1, batch_cells, batch_ranges, fields, formats, tables
from sheetsync.local.a1 import Area
from sheetsync.local.blocks import NOTHING, fill
from sheetsync.local.book import Book, Sheet
from sheetsync.local.errors import RefusedError
from sheetsync.local.store import Cell, Row

_NUMBER_FORMATS = {
    "PERCENT": {"type": "PERCENT", "pattern": "0.00%"},
    "CURRENCY": {"type": "CURRENCY"},
    "DATE": {"type": "DATE"},
    "TIME": {"type": "TIME"},
    "DATE_TIME": {"type": "DATE_TIME"},
    "TEXT": {"type": "TEXT"},
}
_FILLED: dict[str, Cell] = {"BOOLEAN": False, "RATINGS_CHIP": 0}


def add_table(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addTable: its header row gets the columns' names, its columns the look of their types."""
    given = request.get("table", {})
    table_id = given.get("tableId") or tables.free_id(book)
    if any(table["tableId"] == table_id for sheet in book.sheets for table in sheet.doc.get("tables", [])):
        raise RefusedError(f"A table with id {table_id} already exists.")
    sheet, made = _checked(book, {**given, "tableId": table_id}, None)
    sheet.objects("tables").append(made)
    _write_columns(book, sheet, made, given.get("columnProperties", []))
    return {"table": tables.shown(book, sheet, made)}


def _checked(book: Book, given: Mapping[str, Any], own: dict[str, Any] | None) -> tuple[Sheet, dict[str, Any]]:
    """The tab and the table as it is kept; RefusedError where it does not fit."""
    if "range" not in given:
        raise RefusedError("A table must have a range.")
    sheet, area = book.place(given["range"])
    book.guard(sheet, area)
    for other in sheet.doc.get("tables", []):
        if other is not own and area.common(tables.area_of(sheet, other)):
            raise RefusedError("You can't have a table overlap another table.")
    for banded in sheet.doc.get("bandedRanges", []):
        if area.common(a1.span_of(banded["range"]).within(sheet.rows, sheet.columns)):
            raise RefusedError("You can't add a table to a range that already has alternating background colors.")
    name = given.get("name") or tables.free_name(book)
    held = tables.named(book, name)
    if held is not None and held is not own:
        raise RefusedError(f'A table with the name "{name}" already exists.')
    kept: dict[str, Any] = {
        "tableId": given["tableId"],
        "name": name,
        "range": formats.pruned(a1.grid_range(sheet.id, area)),
    }
    colours = formats.with_twins(given.get("rowsProperties", {}))
    if colours := {field: colour for field, colour in colours.items() if field.endswith("Style")}:
        kept["rowsProperties"] = colours
    kept["columnProperties"] = _columns(given.get("columnProperties", []), area.right - area.left)
    return sheet, kept


def _columns(given: list[dict[str, Any]], width: int) -> list[dict[str, Any]]:
    """The columns' properties as they are kept: without names, which stand in the header."""
    kept: dict[int, dict[str, Any]] = {}
    for column in given:
        place, kind = column.get("columnIndex", 0), column.get("columnType", "COLUMN_TYPE_UNSPECIFIED")
        if not 0 <= place < width:
            raise RefusedError(f"columnIndex[{place}] is outside of the table's {width} columns.")
        if place in kept:
            raise RefusedError(f"columnIndex[{place}] is given twice.")
        rule = column.get("dataValidationRule", {}).get("condition", {})
        if kind == "DROPDOWN" and rule.get("type") != "ONE_OF_LIST":
            raise RefusedError("A dropdown column must have a data validation rule of type ONE_OF_LIST.")
        if kind != "DROPDOWN" and rule:
            raise RefusedError("Only dropdown columns can have a data validation rule.")
        kept[place] = {"columnIndex": place}
        if kind != "COLUMN_TYPE_UNSPECIFIED":
            kept[place]["columnType"] = kind
        if rule:
            kept[place]["dataValidationRule"] = {"condition": rule}
    return [kept[place] for place in sorted(kept)]


def _write_columns(book: Book, sheet: Sheet, table: Mapping[str, Any], given: list[dict[str, Any]]) -> None:
    area = tables.area_of(sheet, table)
    names = {column.get("columnIndex", 0): column["columnName"] for column in given if column.get("columnName")}
    shown = tables.header(book, sheet, area)

    def head(_: int, row: Row) -> None:
        for place, column in enumerate(range(area.left, area.right)):
            if place in names or row.cell(column) is None:
                row.put(column, names.get(place, shown[place]))

    sheet.grid.change(area.top, area.top + 1, head)
    body = tables.body_of(sheet, table)
    kinds = {area.left + column["columnIndex"]: column for column in table["columnProperties"]}
    sheet.grid.change(body.top, body.bottom, lambda _, row: _dress(book, row, kinds))
    book.touched.add(sheet.number)


def _dress(book: Book, row: Row, kinds: Mapping[int, Mapping[str, Any]]) -> None:
    """Give the cells of a row what the types of their columns bring."""
    for column, about in kinds.items():
        kind = about.get("columnType", "")
        own = book.palette.format(row.format(column))
        if kind in _NUMBER_FORMATS and "numberFormat" not in own:
            dressed = {**own, "numberFormat": _NUMBER_FORMATS[kind]}
            row.put_format(column, book.palette.number_of_format(dressed))
        if kind in _FILLED and row.cell(column) is None:
            row.put(column, _FILLED[kind])
        rule = {"condition": {"type": "BOOLEAN"}} if kind == "BOOLEAN" else about.get("dataValidationRule")
        if rule:
            row.put_rule(column, book.palette.number_of_rule({**rule, "showCustomUi": True}))


def update_table(book: Book, request: dict[str, Any]) -> None:
    """updateTable: name, range, colours, columns; a footer that comes or goes takes a row or gives one back."""
    mask = fields.write_mask(request.get("fields"), "Table")
    given = request.get("table", {})
    sheet, old = tables.find(book, given.get("tableId"))
    wanted = {**fields.merge(tables.shown(book, sheet, old), given, mask), "tableId": old["tableId"]}
    if not fields.reach(mask, "columnProperties"):
        width = _width(sheet, wanted)
        wanted["columnProperties"] = [item for item in wanted["columnProperties"] if item.get("columnIndex", 0) < width]
    home, made = _checked(book, wanted, old)
    if home is not sheet:
        raise RefusedError("A table can't be moved to another sheet.")
    change = tables.has_footer(made) - tables.has_footer(old)
    if change and not fields.reach(mask, "range"):
        area = tables.area_of(sheet, made)
        _make_footer(book, sheet, area, change)
        made["range"] = formats.pruned(a1.grid_range(sheet.id, area._replace(bottom=area.bottom + change)))
    held = sheet.objects("tables")
    held[held.index(old)] = made
    named = wanted["columnProperties"] if fields.reach(mask, "columnProperties") else []
    _write_columns(book, sheet, made, named)


def _width(sheet: Sheet, table: Mapping[str, Any]) -> int:
    area = tables.area_of(sheet, table)
    return area.right - area.left


def _make_footer(book: Book, sheet: Sheet, area: Area, change: int) -> None:
    if change > 0 and area.bottom >= sheet.rows:
        sheet.resize("ROWS", area.bottom + 1)
        book.check_size()


def delete_table(book: Book, request: dict[str, Any]) -> None:
    """deleteTable: with all that is in it."""
    sheet, table = tables.find(book, request.get("tableId"))
    area = tables.area_of(sheet, table)
    book.guard(sheet, area)
    sheet.objects("tables").remove(table)
    fill(sheet, area, lambda *_: NOTHING)
    book.touched.add(sheet.number)


def append_cells(book: Book, request: dict[str, Any]) -> None:
    """appendCells: after the tab's last row, or with `tableId` after the table's, which grows."""
    if not request.get("tableId"):
        batch_cells.append_cells(book, request)
        return
    pen = batch_cells.Pen(book, fields.write_mask(request.get("fields"), "CellData"))
    sheet, table = tables.find(book, request["tableId"])
    lines = [line.get("values", []) for line in request.get("rows", [])]
    body = tables.body_of(sheet, table)
    if max(map(len, lines), default=0) > body.right - body.left:
        raise RefusedError(f"The table has {body.right - body.left} columns only.")
    last = tables.last_filled(sheet, body)
    top = body.top if last is None else last + 1
    if (missing := top + len(lines) - body.bottom) > 0:
        _grow(book, sheet, table, body.bottom, missing)
    if lines:
        batch_cells.write_from(book, sheet, top, body.left, lines, pen)
        kinds = {body.left + column["columnIndex"]: column for column in table["columnProperties"]}
        sheet.grid.change(top, top + len(lines), lambda _, row: _dress(book, row, kinds))


def _grow(book: Book, sheet: Sheet, table: dict[str, Any], at: int, rows: int) -> None:
    """Put rows into a table behind its body; what is below in its columns moves down."""
    area = tables.area_of(sheet, table)
    if at >= sheet.rows:
        sheet.resize("ROWS", sheet.rows + rows)
        book.check_size()
    else:
        batch_ranges.put_in(book, sheet, Area(at, area.left, at + rows, area.right), down=True)
    table = tables.find(book, table["tableId"])[1]
    table["range"]["endRowIndex"] = area.bottom + rows


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "addTable": add_table,
    "updateTable": update_table,
    "deleteTable": delete_table,
    "appendCells": append_cells,
}
