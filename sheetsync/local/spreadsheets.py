"""`spreadsheets.create` and `spreadsheets.get`: a spreadsheet as Google describes it, down to its cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from sqlite3 import Connection
from typing import Any

import orjson

from sheetsync.local import a1, batch_cells, batch_sheets, conditional, fields, formats, formula, tables
from sheetsync.local.a1 import Area
from sheetsync.local.batch import KINDS
from sheetsync.local.book import Book, Sheet, effective_value, entered_value, formatted
from sheetsync.local.dimensions import Dimension, properties_at
from sheetsync.local.errors import RefusedError, invalid
from sheetsync.local.fields import Mask
from sheetsync.local.file import loaded
from sheetsync.local.filtering import hidden_rows
from sheetsync.local.later import Later
from sheetsync.local.metadata import matching
from sheetsync.local.recalculation import LookUp
from sheetsync.local.store import Cell, Row

URL = "https://docs.google.com/spreadsheets/d/{key}/edit"
_OBJECTS = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "protectedRanges",
    "basicFilter",
    "charts",
    "bandedRanges",
    "developerMetadata",
    "rowGroups",
    "columnGroups",
    "slicers",
    "tables",
)
_REQUESTS = {
    "merges": ("mergeCells", "range"),
    "conditionalFormats": ("addConditionalFormatRule", "rule"),
    "filterViews": ("addFilterView", "filter"),
    "protectedRanges": ("addProtectedRange", "protectedRange"),
    "basicFilter": ("setBasicFilter", "filter"),
    "charts": ("addChart", "chart"),
    "bandedRanges": ("addBanding", "bandedRange"),
    "developerMetadata": ("createDeveloperMetadata", "developerMetadata"),
    "rowGroups": ("addDimensionGroup", "range"),
    "columnGroups": ("addDimensionGroup", "range"),
    "slicers": ("addSlicer", "slicer"),
    "tables": ("addTable", "table"),
    "namedRanges": ("addNamedRange", "namedRange"),
}
"""What a Spreadsheet body may hold beside cells -> the kind of request that adds one, and the field that takes it."""
_COMPUTED = (
    "userEnteredValue",
    "effectiveValue",
    "formattedValue",
    "userEnteredFormat",
    "effectiveFormat",
    "hyperlink",
)
_ROWS_AT_ONCE = 200
_DIMENSIONS: tuple[tuple[str, Dimension], ...] = (("rowMetadata", "ROWS"), ("columnMetadata", "COLUMNS"))


def create(db: Connection, key: str, body: Mapping[str, Any], account: str | None, now: datetime) -> Book:
    """A new spreadsheet; what the body leaves out is as in a new file of Google's."""
    book = Book.create(db, key, body.get("properties", {}), account, now)
    add_sheets(book, body.get("sheets", []) or [{"properties": {"title": "Sheet1", "sheetId": 0}}])
    for name in ("namedRanges", "developerMetadata"):
        _add_objects(book, name, body.get(name, []))
    return book


def add_sheets(book: Book, given: Iterable[Mapping[str, Any]]) -> None:
    """Tabs from Sheet bodies, with their cells and all that lies on them. RefusedError where something does not fit."""
    made = [(batch_sheets.make_sheet(book, body.get("properties", {})), body) for body in given]
    for sheet, body in made:
        for grid_data in body.get("data", []):
            batch_cells.write_grid_data(book, sheet, grid_data)
    for _, body in made:
        tables_there = [table.get("range") for table in body.get("tables", [])]
        bands = [band for band in body.get("bandedRanges", []) if band.get("range") not in tables_there]
        for name, items in {**body, "bandedRanges": bands}.items():
            _add_objects(book, name, [items] if name == "basicFilter" else items)


def _add_objects(book: Book, name: str, items: Any) -> None:
    if name not in _REQUESTS:
        return
    kind, field = _REQUESTS[name]
    for place, item in enumerate(items):
        index = {"index": place} if name == "conditionalFormats" else {}
        KINDS[kind](book, {field: item if field != "range" or name == "merges" else item.get("range", {}), **index})


def get(
    book: Book,
    wanted: Iterable[tuple[Sheet, Area]] | None,
    mask: Mask,
    grid_data: bool,
    *,
    tables_as_bands: bool = True,
    later: bool = False,
) -> dict[str, Any]:
    """The Spreadsheet, as far as the mask wants it (not yet cut to it).

    `wanted` are the ranges asked for, None for all of every tab; `grid_data` whether cells are wanted at all;
    `tables_as_bands` whether tables are among the banded ranges as well, `later` whether rows may be `Later`s.
    """
    shown: dict[str, Any] = {"spreadsheetId": book.key, "properties": book.properties}
    if fields.reach(mask, "sheets"):
        shown["sheets"] = list(_sheets(book, wanted, mask, grid_data, tables_as_bands))
        if not later:
            _hasten(shown["sheets"])
    for name in ("namedRanges", "developerMetadata"):
        if book.doc.get(name):
            shown[name] = book.doc[name]
    shown["spreadsheetUrl"] = URL.format(key=book.key)
    return shown


def _hasten(sheets: Iterable[dict[str, Any]]) -> None:
    for data in (each for sheet in sheets for each in sheet.get("data", [])):
        data.update({name: list(value.items) for name, value in data.items() if isinstance(value, Later)})


def located(book: Book, texts: Iterable[str]) -> list[tuple[Sheet, Area]]:
    """The ranges of a request."""
    return [book.locate(text) for text in texts]


def filtered(book: Book, filters: Iterable[Mapping[str, Any]]) -> list[tuple[Sheet, Area]]:
    """What DataFilters match: ranges in A1 notation, grid ranges, and what developer metadata mark."""
    found: list[tuple[Sheet, Area]] = []
    for data_filter in filters:
        if "a1Range" in data_filter:
            found.append(book.locate(data_filter["a1Range"]))
        elif "gridRange" in data_filter:
            try:
                found.append(book.place(data_filter["gridRange"]))
            except RefusedError as refused:
                raise invalid(str(refused)) from None
        elif "developerMetadataLookup" in data_filter:
            found.extend(_marked(book, data_filter))
    return found


def _marked(book: Book, data_filter: Mapping[str, Any]) -> Iterator[tuple[Sheet, Area]]:
    for item in matching(book, data_filter):
        location = item["location"]
        span = location.get("dimensionRange", {})
        if not span and "sheetId" not in location:
            continue
        sheet = book.sheet(span.get("sheetId", location.get("sheetId", 0)))
        start, end = span.get("startIndex", 0), span.get("endIndex")
        open_span = (
            a1.Span(start, None, end, None) if span.get("dimension") != "COLUMNS" else a1.Span(None, start, None, end)
        )
        yield sheet, open_span.within(sheet.rows, sheet.columns)


def _sheets(
    book: Book, wanted: Iterable[tuple[Sheet, Area]] | None, mask: Mask, grid_data: bool, tables_as_bands: bool
) -> Iterator[dict[str, Any]]:
    places = None if wanted is None else list(wanted)
    for sheet in book.sheets:
        areas = [sheet.area] if places is None else [area for held, area in places if held is sheet]
        if not areas:
            continue
        shown: dict[str, Any] = {"properties": book.shown_properties(sheet)}
        if grid_data and fields.reach(mask, "sheets", "data") and sheet.properties["sheetType"] == "GRID":
            below = fields.below(mask, "sheets", "data")
            shown["data"] = [GridReading(book, sheet, below).data(area) for area in areas]
        shown.update(_shown_objects(book, sheet, tables_as_bands))
        yield shown


def _shown_objects(book: Book, sheet: Sheet, tables_as_bands: bool) -> dict[str, Any]:
    shown = {name: sheet.doc[name] for name in _OBJECTS if sheet.doc.get(name)}
    if "protectedRanges" in shown:
        shown["protectedRanges"] = [shown_protection(book, item) for item in shown["protectedRanges"]]
    held = shown.get("tables", [])
    if held:
        shown["tables"] = [tables.shown(book, sheet, table) for table in held]
        if tables_as_bands:
            shown["bandedRanges"] = [*shown.get("bandedRanges", []), *map(tables.as_banding, held)]
    return {name: shown[name] for name in _OBJECTS if name in shown}


def shown_protection(book: Book, protection: Mapping[str, Any]) -> dict[str, Any]:
    """A ProtectedRange as the caller sees it: whether they may edit it, and, if so, who else may."""
    may = book.may_edit(protection)
    shown = {name: value for name, value in protection.items() if may or name != "editors"}
    return {**shown, "requestingUserCanEdit": True} if may else shown


class GridReading:
    """Reads the cells of one tab as CellData. `mask` is over GridData."""

    def __init__(self, book: Book, sheet: Sheet, mask: Mask) -> None:
        self._book, self._sheet, self._mask = book, sheet, mask
        cell_mask = fields.below(mask, "rowData", "values") if fields.reach(mask, "rowData", "values") else {}
        self._wants = {name for name in _COMPUTED if fields.reach(cell_mask, name)}
        self._rest = cell_mask is None or bool(set(cell_mask) - set(_COMPUTED))
        rules = sheet.doc.get("conditionalFormats", []) if "effectiveFormat" in self._wants else []
        self._overlay = self._conditional(rules) if rules else None
        banded = [*sheet.doc.get("bandedRanges", []), *map(tables.as_banding, sheet.doc.get("tables", []))]
        self._bands = [_Band(sheet, item) for item in banded]
        self._effective: dict[tuple[int, str, bool, bytes], dict[str, Any]] = {}
        self._font = book.properties.get("spreadsheetTheme", {}).get("primaryFontFamily", "Arial")

    def data(self, area: Area) -> dict[str, Any]:
        """The GridData of an area: rows trimmed behind their last cell, the area behind its last row.

        Its lists are `Later`s, to be read within the transaction.
        """
        shown: dict[str, Any] = {}
        if area.top:
            shown["startRow"] = area.top
        if area.left:
            shown["startColumn"] = area.left
        if fields.reach(self._mask, "rowData") and (rows := Later.of(self._row_data(area), _ROWS_AT_ONCE)):
            shown["rowData"] = rows
        for name, dimension in _DIMENSIONS:
            if fields.reach(self._mask, name):
                start, end = (area.top, area.bottom) if dimension == "ROWS" else (area.left, area.right)
                shown[name] = self._metadata(dimension, start, end)
        return shown

    def _metadata(self, dimension: Dimension, start: int, end: int) -> Later | None:
        default = {"pixelSize": self._sheet.pixels(dimension)}
        found = properties_at(self._sheet.runs(dimension), start, end)
        if dimension == "ROWS" and (hidden := hidden_rows(self._book, self._sheet, start, end)):
            found = [
                {**known, "hiddenByFilter": True} if index in hidden else known
                for index, known in enumerate(found, start)
            ]
        return Later.of(default | known for known in found)

    def _row_data(self, area: Area) -> Iterator[dict[str, Any]]:
        place = area.top
        for index, row in self._sheet.grid.rows(area.top, area.bottom):
            painted = self._overlay.width(index, self._sheet.columns) if self._overlay is not None else 0
            width = max(row.width, painted)
            cells = [self.cell(row, index, column) for column in range(area.left, min(width, area.right))]
            while cells and not cells[-1][0]:
                cells.pop()
            if cells:
                yield from ({} for _ in range(place, index))
                yield {"values": [shown for _, shown in cells]}
                place = index + 1

    def cell(self, row: Row, index: int, column: int) -> tuple[bool, dict[str, Any]]:
        """Whether there is anything in the cell, and what is wanted of it."""
        cell, number, rule = row.cell(column), row.format(column), row.rule(column)
        extra = row.extra.get(column)
        if cell is None and not number and not rule and not extra:
            return self._blank(index, column)
        shown: dict[str, Any] = {}
        user_format = self._book.palette.format(number)
        value = effective_value(cell)
        if cell is not None:
            self._add_values(shown, cell, value, user_format)
        if number and "userEnteredFormat" in self._wants:
            shown["userEnteredFormat"] = user_format
        link = _hyperlink(cell, user_format, self._book.locale)
        if "effectiveFormat" in self._wants:
            shown["effectiveFormat"] = self._effective_format(index, column, value, number, link is not None)
        if link is not None and "hyperlink" in self._wants:
            shown["hyperlink"] = link
        if self._rest:
            shown.update(extra or {})
            if rule:
                shown["dataValidation"] = self._book.palette.rule(rule)
        return True, shown

    def _blank(self, row: int, column: int) -> tuple[bool, dict[str, Any]]:
        """An empty cell: something is in it where a conditional format paints it."""
        if self._overlay is None or not self._overlay.at(row, column, {}):
            return False, {}
        return True, {"effectiveFormat": self._effective_format(row, column, {}, 0, False)}

    def _add_values(
        self, shown: dict[str, Any], cell: Cell, value: dict[str, Any], user_format: dict[str, Any]
    ) -> None:
        if "userEnteredValue" in self._wants:
            shown["userEnteredValue"] = entered_value(cell)
        if value and "effectiveValue" in self._wants:
            shown["effectiveValue"] = value
        if value and "formattedValue" in self._wants:
            shown["formattedValue"] = formatted(cell, user_format.get("numberFormat"), self._book.locale)

    def _effective_format(
        self, row: int, column: int, value: dict[str, Any], number: int, hyperlink: bool
    ) -> dict[str, Any]:
        bands = [band.format(row, column) for band in self._bands]
        over = formats.with_twins(self._overlay.at(row, column, value)) if self._overlay is not None else {}
        key = number, next(iter(value), ""), hyperlink, orjson.dumps([bands, over])
        if key not in self._effective:
            layers = [*bands, self._book.palette.format(number), over]
            default = self._book.properties.get("defaultFormat", formats.DEFAULT_FORMAT)
            self._effective[key] = formats.effective(default, layers, value, self._font, hyperlink)
        return self._effective[key]

    def _conditional(self, rules: list[dict[str, Any]]) -> conditional.Overlay:
        book = self._book
        calculator = formula.calculator(LookUp(book, self._sheet), book.local_now, book.locale)

        def truth(text: str, origin: tuple[int, int], here: tuple[int, int]) -> bool:
            return calculator.truth(text, formula.Host(*origin), formula.Host(*here))

        def values(grid_range: dict[str, Any]) -> Iterator[dict[str, Any]]:
            area = a1.span_of(grid_range).within(self._sheet.rows, self._sheet.columns)
            for _, text in self._sheet.grid.values(area.top, area.bottom):
                yield from (effective_value(cell) for cell in loaded(text)[area.left : area.right] if cell is not None)

        return conditional.Overlay(rules, truth, values, today=book.local_now.date(), locale=book.locale)


def _hyperlink(cell: Cell, user_format: Mapping[str, Any], locale: str) -> str | None:
    if isinstance(cell, dict) and (found := formula.hyperlink_of(cell["f"], locale)):
        return found
    link = user_format.get("textFormat", {}).get("link", {}).get("uri")
    return str(link) if link else None


class _Band:
    """The colours of one BandedRange, as formats by cell."""

    def __init__(self, sheet: Sheet, banded: Mapping[str, Any]) -> None:
        self._area = a1.span_of(banded.get("range", {})).within(max(sheet.rows, 1), max(sheet.columns, 1))
        self._rows, self._columns = banded.get("rowProperties", {}), banded.get("columnProperties", {})

    def format(self, row: int, column: int) -> dict[str, Any]:
        """The background there; {} outside of the range."""
        top, left, bottom, right = self._area
        if not (top <= row < bottom and left <= column < right):
            return {}
        return {
            **_banded(self._columns, column - left, column == right - 1),
            **_banded(self._rows, row - top, row == bottom - 1),
        }


def _banded(properties: Mapping[str, Any], place: int, last: bool) -> dict[str, Any]:
    header = "headerColorStyle" in properties
    if header and place == 0:
        name = "headerColor"
    elif last and "footerColorStyle" in properties:
        name = "footerColor"
    else:
        name = "secondBandColor" if (place - header) % 2 else "firstBandColor"
    if f"{name}Style" not in properties:
        return {}
    return {"backgroundColor": properties[name], "backgroundColorStyle": properties[f"{name}Style"]}
