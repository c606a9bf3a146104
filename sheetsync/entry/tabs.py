"""The managers' tabs as they stand: which are to be made, where their header is, and where missing columns go."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetsync import columns, layout
from sheetsync.errors import LayoutError
from sheetsync.layout import Kind
from sheetsync.model import CellRef, RawTab, Value
from sheetsync.schema import Settings

NEW_ROWS = 2_000
"""Rows of a new tab, and those that a tab gains which ends with its header."""


@dataclass(frozen=True, slots=True)
class Cells:
    """CellData by (row, column), 0-based; what was not read or is blank is absent."""

    data: Mapping[tuple[int, int], Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, sheet: Mapping[str, Any]) -> Cells:
        """The cells of all blocks of grid data of a sheet."""
        return cls(
            {
                (block.get("startRow", 0) + down, block.get("startColumn", 0) + across): cell
                for block in sheet.get("data", [])
                for down, row in enumerate(block.get("rowData", []))
                for across, cell in enumerate(row.get("values", []))
                if cell
            }
        )

    def typed(self) -> list[tuple[int, int]]:
        """Where something was entered."""
        return [place for place, cell in self.data.items() if "userEnteredValue" in cell]

    def rows(self) -> list[list[Value]]:
        """The values of the first rows, as reading them unformatted gives them."""
        width = max((column + 1 for _, column in self.data), default=0)
        return [[self._value(row, column) for column in range(width)] for row in range(columns.DEPTH)]

    def _value(self, row: int, column: int) -> Value:
        value = self.data.get((row, column), {}).get("effectiveValue", {})
        plain = next((value[kind] for kind in ("stringValue", "numberValue", "boolValue") if kind in value), None)
        return plain if isinstance(plain, str | float | int | bool) else None

    def get(self, row: int, column: int, name: str) -> Any:
        """A field of a cell, None where it has none."""
        return self.data.get((row, column), {}).get(name)


def there(settings: Settings, spreadsheet: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The managers' tabs of a spreadsheet (its metadata JSON), as far as they are there."""
    found, _ = layout.present(settings, spreadsheet)
    ids = {tab.sheet_id for tab in found.managers}
    return [sheet for sheet in spreadsheet["sheets"] if int(sheet["properties"].get("sheetId", 0)) in ids]


def lone(settings: Settings, spreadsheet: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The only tab of a workbook, where it is nobody's: the blank one that every new spreadsheet begins with."""
    sheets = spreadsheet["sheets"]
    found, _ = layout.present(settings, spreadsheet)
    bare = len(sheets) == 1 and not (found.managers or found.own) and "gridProperties" in sheets[0]["properties"]
    return sheets[0] if bare else None


def size(sheet: Mapping[str, Any]) -> tuple[int, int]:
    """Rows and columns of a tab's grid."""
    grid = sheet["properties"].get("gridProperties", {})
    return int(grid.get("rowCount", 0)), int(grid.get("columnCount", 0))


def crossing(sheet: Mapping[str, Any], row: int) -> list[Mapping[str, Any]]:
    """The merged ranges that a row runs through."""
    return [merge for merge in sheet.get("merges", []) if merge.get("startRowIndex", 0) <= row < merge["endRowIndex"]]


@dataclass(frozen=True, slots=True)
class Tab:
    """A managers' tab and where its columns are, or will be.

    `sheet` is its JSON, None where the tab is to be made; `header` is the header's row, 0-based; `places`: column ->
    index; `added`: those without a header yet, side by side: they get columns of their own. `renamed`: it is the blank
    tab of a new spreadsheet.
    """

    kind: Kind
    title: str
    sheet_id: int
    sheet: Mapping[str, Any] | None
    cells: Cells
    header: int
    places: Mapping[str, int]
    added: Sequence[str]
    renamed: bool = False

    @property
    def rows(self) -> int:
        """Rows of the grid once it has grown: at least one below the header."""
        have = NEW_ROWS if self.sheet is None else size(self.sheet)[0]
        return have if have > self.header + 1 else have + NEW_ROWS

    @property
    def width(self) -> int:
        """Columns that are needed."""
        return max(self.places.values()) + 1

    @property
    def put_in(self) -> tuple[int, int] | None:
        """The columns to put into a tab that is there, 0-based and half open.

        Nobody can have typed in them, whatever people insert, delete, move or type between the reading and the
        writing. A column that was blank when it was read may not be blank any more.
        """
        if self.sheet is None or not self.added:
            return None
        first = self.places[self.added[0]]
        return first, first + len(self.added)

    def column(self, name: str) -> dict[str, int]:
        """The cells of a column below the header, as a GridRange."""
        return self.area(self.places[name], self.places[name] + 1)

    def area(self, left: int, right: int) -> dict[str, int]:
        """The cells below the header of the columns left..right, 0-based and half open, as a GridRange."""
        return {
            "sheetId": self.sheet_id,
            "startRowIndex": self.header + 1,
            "endRowIndex": self.rows,
            "startColumnIndex": left,
            "endColumnIndex": right,
        }

    def ends(self, name: str, what: str) -> tuple[Any, Any]:
        """A field of the first and of the last cell of a column below the header, None where they have none."""
        if name in self.added:
            return None, None
        have = NEW_ROWS if self.sheet is None else size(self.sheet)[0]
        first, last = self.header + 1, max(have - 1, self.header + 1)
        return self.cells.get(first, self.places[name], what), self.cells.get(last, self.places[name], what)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of a tab stand once the requests are applied: `places` in the 0-based `row`.

    They stand elsewhere where somebody moved the header after it was read, and what was written beside it is off.
    """

    kind: Kind
    title: str
    sheet_id: int
    row: int
    places: Mapping[str, int]
    names: Mapping[str, Sequence[str]]

    @property
    def ranges(self) -> tuple[str]:
        """The row in A1 notation."""
        return (f"{layout.quoted(self.title)}!{self.row + 1}:{self.row + 1}",)

    def says(self, blocks: Sequence[Sequence[Sequence[str]]]) -> bool:
        """Whether this row, as it was read, has the columns where they should be."""
        rows = [row for block in blocks for row in block]
        return (
            columns.find(self.kind, RawTab(self.title, [list(row) for row in rows]), self.names).places == self.places
        )


def planned(settings: Settings, spreadsheet: Mapping[str, Any], read: Mapping[int, Cells]) -> Iterator[Tab]:
    """The tabs to prepare, those that are to be made first. `read`: the cells by sheet id, of `there` all.

    Raises LayoutError where a tab holds something and no header.
    """
    found, missing = layout.present(settings, spreadsheet)
    sheets = {int(sheet["properties"].get("sheetId", 0)): sheet for sheet in spreadsheet["sheets"]}
    spare = lone(settings, spreadsheet)
    if spare is not None:
        seen = read.get(int(spare["properties"].get("sheetId", 0)))
        spare = spare if seen is not None and not seen.typed() else None
    taken = {*sheets, *layout.OWN_IDS.values()}
    for kind, title, owned in _wanted(settings, missing):
        names = [name for name in columns.TITLES[kind] if not (owned and name == "Manager")]
        places = {name: index for index, name in enumerate(names)}
        if spare is not None:
            yield Tab(kind, title, int(spare["properties"].get("sheetId", 0)), spare, Cells(), 0, places, names, True)
            spare = None
            continue
        sheet_id = _free_id(title, taken)
        taken.add(sheet_id)
        yield Tab(kind, title, sheet_id, None, Cells(), 0, places, names)
    for tab in found.managers:
        yield _standing(settings, tab, sheets[tab.sheet_id], read[tab.sheet_id])


def _wanted(settings: Settings, missing: Sequence[tuple[Kind, str]]) -> Iterator[tuple[Kind, str, bool]]:
    """Kind, title, and whether the title names the manager, of the tabs to make: action logs first."""
    for kind in ("actions", "base", "finance"):
        for title in (title for of, title in missing if of == kind):
            if "*" not in title or kind != "actions":
                yield kind, title, False
            else:
                yield from ((kind, title.replace("*", manager.name), True) for manager in settings.managers)


def _free_id(title: str, taken: set[int]) -> int:
    """An id for a new tab, the same for the same title."""
    wanted = zlib.crc32(title.encode()) % 1_000_000_000 + 1_000_000
    while wanted in taken:
        wanted += 1
    return wanted


def _standing(settings: Settings, found: layout.Found, sheet: Mapping[str, Any], cells: Cells) -> Tab:
    """A tab that is there: where its header stands, and where missing columns go (right of all that is typed)."""
    raw = RawTab(found.title, cells.rows(), found.manager)
    located = columns.locate(found.kind, raw, settings.workbook.columns, given=columns.REQUIRED[found.kind])
    typed = cells.typed()
    if not located.places and typed:
        first = CellRef(found.title, typed[0][0] + 1, typed[0][1] + 1)
        raise LayoutError(
            f"something is typed in {first.a1}, but none of the first {columns.DEPTH} rows is a header",
            where=f"tab {found.title}",
            remedy="Write the columns' names above it, or name yours under workbook.columns in the configuration, "
            "or rename the tab: then init makes a new one.",
        )
    _see_that_it_is_one_row(found, raw, located, settings)
    names = [name for name in columns.TITLES[found.kind] if not (found.manager and name == "Manager")]
    added = [name for name in names if name not in located.places]
    header = located.row - 1 if located.places else 0
    right = max((column + 1 for _, column in typed), default=0)
    right = max([right, *(merge["endColumnIndex"] for merge in crossing(sheet, header))])
    places = {**located.places, **{name: right + index for index, name in enumerate(added)}}
    return Tab(found.kind, found.title, found.sheet_id, sheet, cells, header, places, added)


def _see_that_it_is_one_row(found: layout.Found, raw: RawTab, header: columns.Layout, settings: Settings) -> None:
    """Raises LayoutError where the header is in two rows: somebody inserted or deleted rows above it while an `init`
    wrote the names that were missing."""
    row = raw.rows[header.row - 1]
    for number, other in enumerate(raw.rows, start=1):
        alone = RawTab(found.title, [other], found.manager)
        named = columns.find(found.kind, alone, settings.workbook.columns).places
        elsewhere = [name for name, at in named.items() if name not in header.places and row[at] in (None, "")]
        if number != header.row and len(elsewhere) > 1:
            raise LayoutError(
                f"the columns' names stand in two rows: {header.row} and {number}",
                where=f"tab {found.title}",
                remedy="Rows were inserted or deleted above the header while init ran. Put the names into one row, and "
                "run init again.",
            )
