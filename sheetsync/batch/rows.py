"""What a page says against what its tab holds: the rows that come and go, the cells that differ, and their requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Literal

from sheetsync.batch import alignment
from sheetsync.batch.alignment import NEW, Shift
from sheetsync.batch.cells import BLANK, dated, loose, same, settled, shown, written
from sheetsync.batch.change import Change, Entries, Request, runs, trimmed
from sheetsync.model import Area, Cell, CellRef, Formula, Page, Value

_BRIDGED = 3  # cells of one column that are written anew rather than begin another request
_RUN = 5  # so many equal cells in a column are shorter said once


class Rows:
    """The values of a page and of its tab (from A1, ragged). Rows of a tall page find those that they were before."""

    def __init__(self, page: Page, held: Sequence[Sequence[Value]], sheet_id: int) -> None:
        self._page, self._held, self._sheet_id = page, held, sheet_id

    # --- what differs -----------------------------------------------------------------------------------------

    @cached_property
    def filled(self) -> Sequence[Sequence[Cell]]:
        """The rows without the blank ones at the end, as reading gives them back."""
        rows = self._page.rows
        last = len(rows)
        while last and all(cell.value in (None, "") for cell in rows[last - 1]):
            last -= 1
        return rows[:last]

    @cached_property
    def _loose(self) -> list[int]:
        """Columns in which something is no reason to write."""
        columns: set[int] = set()
        for row in self.filled:
            if True in [cell.stamp for cell in row] or Formula in [type(cell.value) for cell in row]:
                columns.update(column for column, cell in enumerate(row) if loose(cell))
        return sorted(columns)

    @cached_property
    def _keys(self) -> tuple[list[alignment.Key], list[alignment.Key]]:
        """What the rows say before and after."""
        after = ([shown(cell) for cell in row] for row in self.filled)
        return (
            [alignment.key(row, self._loose) for row in self._held],
            [alignment.key(row, self._loose) for row in after],
        )

    @cached_property
    def origins(self) -> list[int]:
        """For each filled row the held row that becomes it, or `alignment.NEW`."""
        if not self._page.tall:
            return alignment.in_place(len(self._held), len(self.filled))
        return alignment.origins(*self._keys, self._page.frozen_rows)

    @cached_property
    def shifts(self) -> list[Shift]:
        """Where rows are put in and taken out."""
        return list(alignment.shifts(self.origins))

    @cached_property
    def left(self) -> range:
        """The held rows that stay under the page's and are to be blank."""
        return range(max(self.origins, default=-1) + 1, len(self._held))

    @cached_property
    def fresh(self) -> list[tuple[int, int]]:
        """Rows that were not there before, as (first, last exclusive)."""
        return list(runs(row for row, origin in enumerate(self.origins) if origin == NEW))

    @cached_property
    def _differing(self) -> dict[int, list[int]]:
        """The cells to be written in rows that were there before: column -> rows."""
        cells: defaultdict[int, list[int]] = defaultdict(list)
        for row, origin in enumerate(self.origins):
            for column in self._changed(row, origin) if origin != NEW else ():
                cells[column].append(row)
        return cells

    def _changed(self, row: int, origin: int) -> list[int]:
        before, after = self._held[origin], self.filled[row]
        columns: Sequence[int] = range(max(len(before), len(after)))
        if self._page.tall and self._keys[0][origin] == self._keys[1][row]:
            columns = self._loose
        return [column for column in columns if not settled(_at(before, column), _cell(after, column))]

    # --- in words ---------------------------------------------------------------------------------------------

    def changes(self) -> list[Change]:
        """The cells that differ, row by row, and the rows that come and go."""
        title = self._page.title
        changes = []
        for top, end in ((shift.at, shift.at + shift.gone) for shift in self.shifts if shift.gone):
            gone = self._entries("removed", range(top, end))
            cells = _filled(self._held[top:end])
            changes.append(Change(title, _rows(top, end), f"{end - top} rows", "0 rows", entries=gone, cells=cells))
        for top, end in self.fresh:
            came = self._entries("added", range(top, end))
            cells = self.cells(range(top, end))
            changes.append(Change(title, _rows(top, end), "0 rows", f"{end - top} rows", entries=came, cells=cells))
        differing = [(row, column) for column, rows in self._differing.items() for row in rows]
        for row, column in sorted(differing):
            before, after = _at(self._held[self.origins[row]], column), shown(self._cell(row, column))
            entries = self._entries("changed", range(row, row + 1), column)
            changes.append(self._change(row, column, before, after, entries))
        for row, origin in enumerate(self.left, start=len(self.filled)):
            entries = self._entries("removed", range(origin, origin + 1))
            held = [(column, value) for column, value in enumerate(self._held[origin]) if not same(value, None)]
            changes += [self._change(row, column, value, None, entries) for column, value in held]
        return changes

    def cells(self, rows: range) -> int:
        """How many cells of these rows have something in them."""
        return _filled([[shown(cell) for cell in self.filled[row]] for row in rows])

    def _change(self, row: int, column: int, before: Value, after: Value, entries: Entries | None) -> Change:
        title, hidden = self._page.title, column in self._page.hidden_columns
        day = row < len(self.filled) and dated(self._cell(row, column))
        return Change(title, CellRef(title, row + 1, column + 1).a1, before, after, hidden, day, entries)

    def _entries(
        self, kind: Literal["added", "removed", "changed"], rows: range, column: int | None = None
    ) -> Entries | None:
        """What these rows (held ones where they are removed) are in a table by periods; None elsewhere."""
        place = self._page.periods
        if place is None or rows.start < self._page.frozen_rows:
            return None
        if kind == "removed":
            named = {row: _at(self._held[row], place) for row in rows}
        else:
            named = {row: shown(self._cell(row, place)) for row in rows}
        name = "" if column is None else str(shown(self._cell(0, column)) or "")
        return Entries(kind, {row: str(period or "") for row, period in named.items()}, name)

    # --- in requests ------------------------------------------------------------------------------------------

    def moved(self) -> list[Request]:
        """Puts rows in and takes rows out, from the bottom up, so that the places above stay."""
        requests: list[Request] = []
        for shift in reversed(self.shifts):
            if shift.gone:
                requests.append({"deleteDimension": {"range": self._span(shift.at, shift.gone)}})
            if shift.came:
                body: Request = {"range": self._span(shift.at, shift.came)}
                requests.append({"insertDimension": body | ({"inheritFromBefore": True} if shift.at else {})})
        return requests

    def _span(self, start: int, length: int) -> dict[str, object]:
        return {"sheetId": self._sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": start + length}

    def values(self) -> list[Request]:
        """Writes the cells that differ, and all of the rows that are new."""
        fresh = [request for top, bottom in self.fresh for request in self._put_in(top, bottom)]
        return self._write(self._differing) + fresh

    def touched(self, *, changed: bool) -> range:
        """From the first to the last row that is new, or is changed at all."""
        ends = list(self.fresh)
        if changed:
            ends += [(rows[0], rows[-1] + 1) for rows in self._differing.values()]
        return range(min((top for top, _ in ends), default=0), max((bottom for _, bottom in ends), default=0))

    @cached_property
    def first(self) -> int | None:
        """The first row to be written, put in or taken out; None where nothing is, stamps aside."""
        tops = [rows[0] for rows in self._differing.values()] + [top for top, _ in self.fresh]
        tops += [shift.at for shift in self.shifts] + ([len(self.filled)] if self.left else [])
        return min(tops, default=None)

    def stamps(self) -> list[Request]:
        """Writes the stamps that `values` did not."""
        stale: defaultdict[int, list[int]] = defaultdict(list)
        for row, origin in enumerate(self.origins):
            for column in self._loose if origin != NEW else ():
                cell = _cell(self.filled[row], column)
                if cell.stamp and not same(_at(self._held[origin], column), shown(cell)):
                    stale[column].append(row)
        return self._write(stale)

    def _write(self, cells: Mapping[int, Sequence[int]]) -> list[Request]:
        """Column by column: long runs of one value said once, the rest listed, with small holes filled."""
        requests = []
        for column, rows in sorted(cells.items()):
            repeated = list(self._repeated(column, rows))
            said = {row for top, bottom in repeated for row in range(top, bottom)}
            for top, bottom in runs((row for row in rows if row not in said), gap=_BRIDGED):
                listed = [[written(self._cell(row, column))] for row in range(top, bottom)]
                requests.append(self._listed(top, column, listed))
            requests += [self._repeat(Area(top, column, bottom, column + 1)) for top, bottom in repeated]
        return requests

    def _put_in(self, top: int, bottom: int) -> list[Request]:
        """Fills blank rows: row by row, but for long runs of one value in a column."""
        cells = [[written(cell) for cell in row] for row in self.filled[top:bottom]]
        repeats = []
        for column in range(max(map(len, cells))):
            full = [row for row, line in enumerate(cells, start=top) if column < len(line) and line[column]]
            for start, end in self._repeated(column, full):
                repeats.append(self._repeat(Area(start, column, end, column + 1)))
                for line in cells[start - top : end - top]:
                    line[column] = {}
        left = min((place for line in cells for place, cell in enumerate(line) if cell), default=0)
        rest = [list(trimmed(line[left:])) for line in cells]
        return [*([self._listed(top, left, rest)] if any(rest) else []), *repeats]

    def _repeated(self, column: int, rows: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Of these rows, runs of one value that are shorter said once."""
        for top, bottom in runs(rows, key=partial(self._said, column)):
            if bottom - top >= _RUN:
                yield top, bottom

    def _said(self, column: int, row: int) -> object:
        """What two cells share if one repeats the other; a formula is never repeated: its references would move."""
        cell = self._cell(row, column)
        return row if isinstance(cell.value, Formula) else written(cell)

    def _repeat(self, area: Area) -> Request:
        place = {"sheetId": self._sheet_id, **area.grid()}
        cell = written(self._cell(area.top, area.left))
        return {"repeatCell": {"range": place, "cell": cell, "fields": "userEnteredValue"}}

    def _listed(self, top: int, left: int, cells: Sequence[Sequence[object]]) -> Request:
        start = {"sheetId": self._sheet_id, "rowIndex": top, "columnIndex": left}
        rows = [{"values": line} if line else {} for line in cells]
        return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}

    def _cell(self, row: int, column: int) -> Cell:
        return _cell(self.filled[row], column)


def _at(row: Sequence[Value], column: int) -> Value:
    return row[column] if column < len(row) else None


def _cell(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else BLANK


def _filled(rows: Sequence[Sequence[Value]]) -> int:
    return sum(value not in (None, "") for row in rows for value in row)


def _rows(top: int, bottom: int) -> str:
    return f"rows {top + 1}-{bottom}"
