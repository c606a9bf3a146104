"""Rows and columns as such: how ranges shift when some are put in, taken out or moved, and what each looks like.

A range along one dimension is start..end, 0-based, end exclusive, None for open. Sizes and hidden flags are runs
`[start, end, properties]`, sorted, apart from one another, only where they differ from the default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Dimension = Literal["ROWS", "COLUMNS"]
Properties = dict[str, Any]
Run = list[Any]
DEFAULT_PIXELS: dict[Dimension, int] = {"ROWS": 21, "COLUMNS": 100}
_OTHER: dict[Dimension, Dimension] = {"ROWS": "COLUMNS", "COLUMNS": "ROWS"}
_BOUNDS: dict[Dimension, tuple[str, str]] = {
    "ROWS": ("startRowIndex", "endRowIndex"),
    "COLUMNS": ("startColumnIndex", "endColumnIndex"),
}


@dataclass(frozen=True)
class Shift:
    """What happens to rows or columns: `count` put in before `at` (count > 0), or -count taken out from `at` on.

    With `across` it happens to a part of them only: to the cells of those columns (rows), start..end.
    """

    dimension: Dimension
    at: int
    count: int
    across: tuple[int, int] | None = None

    def concerns(self, start: int | None, end: int | None) -> bool:
        """Whether it moves what spans start..end in the other dimension."""
        if self.across is None:
            return True
        return start is not None and end is not None and self.across[0] <= start and end <= self.across[1]

    def moved(self, start: int | None, end: int | None) -> tuple[int | None, int | None] | None:
        """Where start..end is afterwards; None where nothing of it is left."""
        if self.count > 0:
            return self._pushed(start, end)
        first, last = self._closed_up(start), self._closed_up(end)
        gone = first is not None and last is not None and first >= last
        return None if gone else (first, last)

    def _pushed(self, start: int | None, end: int | None) -> tuple[int | None, int | None]:
        first = start if start is None or start < self.at else start + self.count
        last = end if end is None or end <= self.at else end + self.count
        return first, last

    def _closed_up(self, index: int | None) -> int | None:
        if index is None or index <= self.at:
            return index
        return max(index + self.count, self.at)

    def index(self, index: int) -> int | None:
        """Where a single row or column is afterwards; None where it is gone."""
        moved = self.moved(index, index + 1)
        return None if moved is None else moved[0]

    def range(self, grid_range: dict[str, Any]) -> dict[str, Any] | None:
        """A GridRange afterwards; None where nothing of it is left."""
        if not self.concerns(*(grid_range.get(name) for name in _BOUNDS[_OTHER[self.dimension]])):
            return grid_range
        first, last = _BOUNDS[self.dimension]
        moved = self.moved(grid_range.get(first), grid_range.get(last))
        if moved is None:
            return None
        kept = {name: value for name, value in grid_range.items() if name not in (first, last)}
        kept.update({name: value for name, value in zip((first, last), moved, strict=True) if value is not None})
        return kept


def set_in_runs(runs: list[Run], start: int, end: int, change: Callable[[Properties], Properties]) -> list[Run]:
    """The runs with the properties of start..end replaced by what `change` makes of them."""
    result: list[Run] = []
    place = start
    for first, last, properties in runs:
        if last <= start or first >= end:
            result.append([first, last, properties])
            continue
        if first < start:
            result.append([first, start, properties])
        if place < first:
            result.append([place, first, change({})])
        result.append([max(first, start), min(last, end), change(dict(properties))])
        place = min(last, end)
        if last > end:
            result.append([end, last, properties])
    if place < end:
        result.append([place, end, change({})])
    return sorted(run for run in result if run[2] and run[0] < run[1])


def shift_runs(runs: list[Run], shift: Shift) -> list[Run]:
    """The runs after rows or columns were put in or taken out; what is put in inside a run is default."""
    result: list[Run] = []
    for first, last, properties in runs:
        if shift.count > 0 and first < shift.at < last:
            result.append([first, shift.at, properties])
            result.append([shift.at + shift.count, last + shift.count, properties])
        elif moved := shift.moved(first, last):
            result.append([moved[0], moved[1], properties])
    return result


def properties_at(runs: list[Run], start: int, end: int) -> list[Properties]:
    """The properties of each of start..end."""
    found: list[Properties] = [{} for _ in range(start, end)]
    for first, last, properties in runs:
        for index in range(max(first, start), min(last, end)):
            found[index - start] = properties
    return found
