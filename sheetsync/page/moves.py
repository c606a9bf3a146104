"""Where Ctrl+arrow and Ctrl+End lead, which depends on cells that nobody sees yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sheetsync.page.api import Api, Area, Visit, quoted

_WAYS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


def edge(visit: Visit, gid: int, row: int, column: int, way: str) -> dict[str, int]:
    """The cell at the end of the block of filled (or of empty) cells, `way` being up, down, left or right."""
    api = Api(visit)
    properties = api.tab(gid)
    grid = properties["gridProperties"]
    row, column = min(row, grid["rowCount"] - 1), min(column, grid["columnCount"] - 1)
    down, right = _WAYS[way]
    if down:
        area = Area(0, column, grid["rowCount"], column + 1)
        line = [cells[0] if cells else "" for cells in api.values(area.a1(properties["title"]), "FORMULA")]
        return {"row": jump(line, row, down, grid["rowCount"]), "column": column}
    area = Area(row, 0, row + 1, grid["columnCount"])
    rows = api.values(area.a1(properties["title"]), "FORMULA")
    return {"row": row, "column": jump(rows[0] if rows else [], column, right, grid["columnCount"])}


def jump(line: Sequence[Any], start: int, step: int, length: int) -> int:
    """From `start` along a line of `length` cells: to the last of the filled ones, or to the next filled one."""

    def filled(at: int) -> bool:
        return at < len(line) and line[at] not in ("", None)

    last = length - 1 if step > 0 else 0
    at = start
    if at == last:
        return at
    if filled(at) and filled(at + step):
        while at != last and filled(at + step):
            at += step
        return at
    at += step
    while at != last and not filled(at):
        at += step
    return at


def end(visit: Visit, gid: int) -> dict[str, int]:
    """The last row and the last column that hold anything."""
    api = Api(visit)
    rows = api.values(quoted(api.tab(gid)["title"]), "FORMULA")
    return {"row": max(len(rows) - 1, 0), "column": max(max(map(len, rows), default=0) - 1, 0)}
