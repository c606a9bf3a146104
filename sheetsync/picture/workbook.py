"""A spreadsheet as `spreadsheets.get` tells it: tabs, cells, sizes, and what a reference points at.

Rows and columns are counted from 0 and ranges end before their last index, as in the API; a cell is its
JSON object (`CellData`), an absent one is `{}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = Mapping[str, Any]

ROW_PIXELS = 21
COLUMN_PIXELS = 100
_NOTHING: Json = {}
_A1 = re.compile(r"\$?([A-Z]{1,3})?\$?(\d{1,8})?(?::\$?([A-Z]{1,3})?\$?(\d{1,8})?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells: first row and column, and the ones just past the last."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, grid_range: Json, rows: int, columns: int) -> Area:
        """A GridRange; a side it leaves open ends at the grid of `rows` x `columns`."""
        return cls(
            grid_range.get("startRowIndex", 0),
            grid_range.get("startColumnIndex", 0),
            grid_range.get("endRowIndex", rows),
            grid_range.get("endColumnIndex", columns),
        )


class Sheet:
    """One tab: its properties and whatever of its grid the answer holds."""

    def __init__(self, source: Json) -> None:
        properties = source.get("properties", _NOTHING)
        grid = properties.get("gridProperties", _NOTHING)
        self.source = source
        self.id: int = properties.get("sheetId", 0)
        self.title: str = properties.get("title", "")
        self.hidden: bool = properties.get("hidden", False)
        self.row_count: int = grid.get("rowCount", 1000)
        self.column_count: int = grid.get("columnCount", 26)
        self.frozen_rows: int = grid.get("frozenRowCount", 0)
        self.frozen_columns: int = grid.get("frozenColumnCount", 0)
        self.gridlines: bool = not grid.get("hideGridlines", False)
        self._blocks: Sequence[Json] = source.get("data", ())

    @cached_property
    def rows(self) -> dict[int, dict[int, Json]]:
        """Row -> column -> cell, for the cells that the answer holds."""
        rows: dict[int, dict[int, Json]] = {}
        for block in self._blocks:
            top, left = block.get("startRow", 0), block.get("startColumn", 0)
            for index, row in enumerate(block.get("rowData", ()), top):
                cells = row.get("values")
                if cells:
                    rows.setdefault(index, {}).update(enumerate(cells, left))
        return rows

    @property
    def has_data(self) -> bool:
        """Whether the answer holds any cell of this tab."""
        return bool(self.rows)

    def cell(self, row: int, column: int) -> Json:
        """The cell, or `{}`."""
        cells = self.rows.get(row)
        return cells.get(column, _NOTHING) if cells else _NOTHING

    def covers(self, area: Area) -> bool:
        """Whether the answer was asked for (any part of) the area, so that a missing cell is an empty one."""
        for block in self._blocks:
            top, left = block.get("startRow", 0), block.get("startColumn", 0)
            height = max(len(block.get("rowData", ())), len(block.get("rowMetadata", ())))
            widths = (len(row.get("values", ())) for row in block.get("rowData", ()))
            width = max(len(block.get("columnMetadata", ())), max(widths, default=0))
            if top < area.bottom and area.top < top + height and left < area.right and area.left < left + width:
                return True
        return False

    @cached_property
    def row_sizes(self) -> dict[int, int]:
        """Row -> height in px where it isn't the default; 0 for a hidden row."""
        return self._sizes("rowMetadata", "startRow", ROW_PIXELS)

    @cached_property
    def column_sizes(self) -> dict[int, int]:
        """Column -> width in px where it isn't the default; 0 for a hidden column."""
        return self._sizes("columnMetadata", "startColumn", COLUMN_PIXELS)

    def _sizes(self, key: str, start: str, default: int) -> dict[int, int]:
        sizes: dict[int, int] = {}
        for block in self._blocks:
            for index, dimension in enumerate(block.get(key, ()), block.get(start, 0)):
                hidden = dimension.get("hiddenByUser") or dimension.get("hiddenByFilter")
                size = 0 if hidden else int(dimension.get("pixelSize", default))
                if size != default:
                    sizes[index] = size
        return sizes

    def height(self, row: int) -> int:
        """Height of the row in px; 0 when it is hidden."""
        return self.row_sizes.get(row, ROW_PIXELS)

    def width(self, column: int) -> int:
        """Width of the column in px; 0 when it is hidden."""
        return self.column_sizes.get(column, COLUMN_PIXELS)

    def merges(self) -> Iterator[Area]:
        """The merged areas."""
        for merge in self.source.get("merges", ()):
            yield Area.of(merge, self.row_count, self.column_count)


class Workbook:
    """A whole answer of `spreadsheets.get`; finds tabs by id or title and resolves references."""

    def __init__(self, spreadsheet: Json) -> None:
        properties = spreadsheet.get("properties", _NOTHING)
        self.title: str = properties.get("title", "")
        self.locale: str = properties.get("locale", "en_US")
        self.default_format: Json = properties.get("defaultFormat", _NOTHING)
        self.theme: Json = properties.get("spreadsheetTheme", _NOTHING)
        self.url: str = spreadsheet.get("spreadsheetUrl", "")
        self.sheets = [Sheet(sheet) for sheet in spreadsheet.get("sheets", ())]
        self._named: Sequence[Json] = spreadsheet.get("namedRanges", ())

    def sheet(self, sheet_id: int | None) -> Sheet:
        """The tab with that id; without one the first visible tab that holds data, else the first tab.

        Raises LookupError where there is no such tab.
        """
        if sheet_id is None:
            candidates = [sheet for sheet in self.sheets if sheet.has_data and not sheet.hidden] or self.sheets
        else:
            candidates = [sheet for sheet in self.sheets if sheet.id == sheet_id]
        if not candidates:
            raise LookupError(f"The spreadsheet has no tab with the id {sheet_id}.")
        return candidates[0]

    def find(self, sheet_id: int) -> Sheet | None:
        """The tab with that id, if the answer names it."""
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)

    def resolve(self, reference: str, home: Sheet) -> tuple[Sheet, Area] | None:
        """What `B2:C9`, `History!A:A`, `'My tab'!$A$1` or a named range points at; None if nothing."""
        title, bang, cells = reference.rpartition("!")
        if not bang:
            for named in self._named:
                if str(named.get("name", "")).casefold() == cells.casefold():
                    return self.grid_range(named.get("range", _NOTHING))
        sheet: Sheet | None = home
        if bang:
            title = title[1:-1].replace("''", "'") if title[:1] == "'" == title[-1:] else title
            sheet = next((each for each in self.sheets if each.title.casefold() == title.casefold()), None)
        area = _area(cells, sheet) if sheet else None
        return (sheet, area) if sheet and area else None

    def grid_range(self, grid_range: Json) -> tuple[Sheet, Area] | None:
        """The tab and the area of a GridRange; None where the answer doesn't name the tab."""
        sheet = self.find(grid_range.get("sheetId", 0))
        return (sheet, Area.of(grid_range, sheet.row_count, sheet.column_count)) if sheet else None


def _area(cells: str, sheet: Sheet) -> Area | None:
    match = _A1.fullmatch(cells)
    if not match or not cells:
        return None
    first_column, first_row, last_column, last_row = match.groups()
    if ":" not in cells:
        if not (first_column and first_row):
            return None
        last_column, last_row = first_column, first_row
    columns = sorted((_column(first_column, 0), _column(last_column, sheet.column_count - 1)))
    rows = sorted((int(first_row or 1) - 1, int(last_row or sheet.row_count) - 1))
    bottom, right = min(rows[1] + 1, sheet.row_count), min(columns[1] + 1, sheet.column_count)
    return Area(rows[0], columns[0], bottom, right) if 0 <= rows[0] < bottom and columns[0] < right else None


def _column(letters: str | None, default: int) -> int:
    if not letters:
        return default
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def number(cell: Json) -> float | None:
    """The cell's number (a date's serial too); None for anything else."""
    value = cell.get("effectiveValue", _NOTHING).get("numberValue")
    return float(value) if isinstance(value, int | float) else None
