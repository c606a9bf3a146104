"""The "table" that `values.append` looks for: a block of cells with blank cells, or the grid's edge, all around it."""

from __future__ import annotations

from collections.abc import Iterator

from sheetsync.local.a1 import Area
from sheetsync.local.book import Sheet
from sheetsync.local.file import loaded
from sheetsync.local.store import Cell

_CHUNK = 1000


def table_at(sheet: Sheet, area: Area) -> Area | None:
    """The last table that the area touches, None where it touches none.

    A table grows from a filled cell as long as a cell next to its rectangle, corners included, is filled. A blank area
    inside a table's rectangle touches it; one beside it does not.
    """
    filled = _Filled(sheet)
    if (last := filled.last_in(area)) is not None:
        return _grown(sheet, filled, Area(last[0], last[1], last[0] + 1, last[1] + 1))
    around = Area(max(area.top - 1, 0), max(area.left - 1, 0), area.bottom + 1, area.right + 1)
    if area.is_cell and (near := filled.last_in(around)) is not None:
        table = _grown(sheet, filled, Area(near[0], near[1], near[0] + 1, near[1] + 1))
        return table if table.holds(area) else None
    return None


def _grown(sheet: Sheet, filled: _Filled, box: Area) -> Area:
    top, left, bottom, right = box
    while True:
        while left and filled.any_below(top, bottom, left - 1):
            left -= 1
        while filled.any_below(top, bottom, right):
            right += 1
        before, after = max(left - 1, 0), right + 1
        if before == 0:
            top, bottom = sheet.grid.block_above(top), sheet.grid.block_below(bottom)
        while top and filled.any(top - 1, before, after):
            top -= 1
        while filled.any(bottom, before, after):
            bottom += 1
        if Area(top, left, bottom, right) == box:
            return box
        box = Area(top, left, bottom, right)


class _Filled:
    """Which cells have a value; a few chunks of rows are kept at a time."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._chunks: dict[int, dict[int, list[Cell]]] = {}

    def _row(self, row: int) -> list[Cell]:
        chunk = row // _CHUNK
        if chunk not in self._chunks:
            if len(self._chunks) > 4:
                self._chunks.pop(next(iter(self._chunks)))
            found = self._sheet.grid.values(chunk * _CHUNK, (chunk + 1) * _CHUNK)
            self._chunks[chunk] = {index: loaded(text) for index, text in found}
        return self._chunks[chunk].get(row, [])

    def any(self, row: int, left: int, right: int) -> bool:
        """Whether a cell of left..right is filled in that row."""
        line = self._row(row)[left:right]
        return line.count(None) < len(line)

    def any_below(self, top: int, bottom: int, column: int) -> bool:
        """Whether a cell of that column is filled in rows top..bottom."""
        return column < self._sheet.columns and any(
            text.count(b",") >= column and loaded(text)[column : column + 1] not in ([], [None])
            for _, text in self._sheet.grid.values(top, bottom)
        )

    def last_in(self, area: Area) -> tuple[int, int] | None:
        """The last filled cell of an area, row by row."""
        for row in self._rows_upwards(area):
            line = self._row(row)[: area.right]
            for column in range(len(line) - 1, area.left - 1, -1):
                if line[column] is not None:
                    return row, column
        return None

    def _rows_upwards(self, area: Area) -> Iterator[int]:
        bottom = area.bottom
        while (row := self._sheet.grid.last_row_with_values(area.top, bottom)) is not None:
            yield row
            bottom = row
