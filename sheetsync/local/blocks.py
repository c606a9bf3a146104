"""Blocks of cells with all that is in them, picked up from a tab and put down again."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

from sheetsync.local.a1 import Area
from sheetsync.local.book import Sheet
from sheetsync.local.store import Cell, Row


class Copied(NamedTuple):
    """Everything in one cell: its value, the numbers of its format and its rule, and notes and the like."""

    cell: Cell
    format: int
    rule: int
    extra: dict[str, Any]


NOTHING = Copied(None, 0, 0, {})


def picked(sheet: Sheet, area: Area) -> list[list[Copied]]:
    """The cells of an area, row by row, all rows equally long."""
    held = dict(sheet.grid.rows(area.top, area.bottom))
    blank = Row.blank()
    return [
        [_copied(held.get(index, blank), column) for column in range(area.left, area.right)]
        for index in range(area.top, area.bottom)
    ]


def _copied(row: Row, column: int) -> Copied:
    return Copied(row.cell(column), row.format(column), row.rule(column), row.extra.get(column, {}))


def fill(sheet: Sheet, area: Area, content: Callable[[int, int], Copied]) -> None:
    """Put into every cell of an area what `content` gives for its row and column."""

    def change(index: int, row: Row) -> None:
        for column in range(area.left, area.right):
            _place(row, column, content(index, column))

    sheet.grid.change(area.top, area.bottom, change)


def _place(row: Row, column: int, copied: Copied) -> None:
    row.put(column, copied.cell)
    row.put_format(column, copied.format)
    row.put_rule(column, copied.rule)
    put_extra(row, column, copied)


def put_extra(row: Row, column: int, copied: Copied) -> None:
    """Put down the notes and the like of one cell."""
    row.extra.pop(column, None)
    if copied.extra:
        row.extra[column] = copy.deepcopy(copied.extra)
