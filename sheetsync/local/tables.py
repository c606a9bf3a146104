"""The tables of a spreadsheet (`Sheet.tables`): where they lie, what they are called, how they look.

A table is kept in its tab's document as the API shapes it, but for the names of its columns: those are what its header
cells say. A table is also a banded range, as Google gives both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetsync.local import a1, formats
from sheetsync.local.a1 import Area
from sheetsync.local.book import Book, Sheet, formatted
from sheetsync.local.dimensions import Shift
from sheetsync.local.errors import RefusedError
from sheetsync.local.file import loaded
from sheetsync.local.store import Cell

_LARGEST_ID = 2**31 - 1
_COLOURS = {
    "headerColorStyle": {"rgbColor": {"red": 0.20784314, "green": 0.40784315, "blue": 0.32941177}},
    "firstBandColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
    "secondBandColorStyle": {"rgbColor": {"red": 0.9647059, "green": 0.972549, "blue": 0.9764706}},
}


def find(book: Book, table_id: str | None) -> tuple[Sheet, dict[str, Any]]:
    """The tab and the table with that id; RefusedError where there is none."""
    for sheet in book.sheets:
        for table in sheet.doc.get("tables", []):
            if table["tableId"] == table_id:
                return sheet, table
    raise RefusedError(f"No table with id: {table_id or ''}")


def named(book: Book, name: str) -> dict[str, Any] | None:
    """The table of that name, any case."""
    every = (table for sheet in book.sheets for table in sheet.doc.get("tables", []))
    return next((table for table in every if table["name"].casefold() == name.casefold()), None)


def free_name(book: Book, wanted: str = "Table") -> str:
    """`Table1`, or the first number behind `wanted` that no table has."""
    number = 1
    while named(book, f"{wanted}{number}"):
        number += 1
    return f"{wanted}{number}"


def free_id(book: Book) -> str:
    """A random id, digits alone, that no table has."""
    taken = {table["tableId"] for sheet in book.sheets for table in sheet.doc.get("tables", [])}
    return str(book.free_id(int(name) for name in taken if name.isdigit()))


def area_of(sheet: Sheet, table: Mapping[str, Any]) -> Area:
    """The cells of a table, header and footer too."""
    return a1.span_of(table["range"]).within(sheet.rows, sheet.columns)


def has_footer(table: Mapping[str, Any]) -> bool:
    """Whether its last row is a footer."""
    return "footerColorStyle" in table.get("rowsProperties", {})


def body_of(sheet: Sheet, table: Mapping[str, Any]) -> Area:
    """The cells between header and footer; it may have no row."""
    area = area_of(sheet, table)
    return area._replace(top=area.top + 1, bottom=max(area.bottom - has_footer(table), area.top + 1))


def shown(book: Book, sheet: Sheet, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table as the API gives it, with a column's properties for each of its columns."""
    area = area_of(sheet, table)
    known = {column.get("columnIndex", 0): column for column in table.get("columnProperties", [])}
    columns = []
    for place, name in enumerate(header(book, sheet, area)):
        column = {**known.get(place, {}), "columnName": name, "columnIndex": place}
        order = ("columnIndex", "columnName", "columnType", "dataValidationRule")
        columns.append({field: column[field] for field in order if column.get(field)})
    return {**table, "columnProperties": columns}


def header(book: Book, sheet: Sheet, area: Area) -> list[str]:
    """The names of the columns: what the header cells show, `Column 1` for a blank one."""
    row = sheet.grid.row(area.top)
    names = []
    for place, column in enumerate(range(area.left, area.right), 1):
        form = book.palette.format(row.format(column)).get("numberFormat")
        names.append(formatted(row.cell(column), form, book.locale) or f"Column {place}")
    return names


def as_banding(table: Mapping[str, Any]) -> dict[str, Any]:
    """The BandedRange that a table is, too; its id is the table's where that can be a banded range's."""
    colours = {**_COLOURS, **table.get("rowsProperties", {})}
    name = table["tableId"]
    fits = name.isascii() and name.isdigit() and 0 < int(name) <= _LARGEST_ID and not name.startswith("0")
    identity = {"bandedRangeId": int(name)} if fits else {"bandedRangeReference": name}
    return {**identity, "range": table["range"], "rowProperties": formats.with_twins(colours)}


def of_banding(book: Book, banded_range_id: int | None) -> tuple[Sheet, dict[str, Any]] | None:
    """The tab and the table that is shown as the banded range of that id."""
    for sheet in book.sheets:
        for table in sheet.doc.get("tables", []):
            if as_banding(table).get("bandedRangeId") == (banded_range_id or 0):
                return sheet, table
    return None


def follow(sheet: Sheet, shift: Shift) -> None:
    """Let the columns' properties follow columns put in or taken out; the tables' ranges are moved by others."""
    if shift.dimension != "COLUMNS":
        return
    for table in sheet.doc.get("tables", []):
        left = table["range"].get("startColumnIndex", 0)
        moved = shift.moved(left, table["range"].get("endColumnIndex", sheet.columns))
        if moved is None:
            continue
        places = [(shift.index(left + item.get("columnIndex", 0)), item) for item in table.get("columnProperties", [])]
        table["columnProperties"] = [
            {**item, "columnIndex": place - (moved[0] or 0)} for place, item in places if place is not None
        ]


def last_filled(sheet: Sheet, area: Area) -> int | None:
    """The last row of an area with a value in it."""
    found = None
    for row, text in sheet.grid.values(area.top, area.bottom):
        cells: list[Cell] = loaded(text)[area.left : area.right]
        if any(cell is not None for cell in cells):
            found = row
    return found
