"""Cell references inside formulas, followed when rows or columns are put in or taken out and when tabs are renamed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sheetsync.local import a1
from sheetsync.local.a1 import Area
from sheetsync.local.dimensions import Shift

_REFERENCE = re.compile(
    r"""
    "(?:[^"]|"")*"
    | (?<![\w.'])
      (?P<tab>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?
      (?P<first>\$?[A-Za-z]{1,3}\$?[1-9]\d*|\$?[A-Za-z]{1,3}(?=:)|\$?[1-9]\d*(?=:))
      (?::(?P<last>\$?[A-Za-z]{1,3}\$?[1-9]\d*|\$?[A-Za-z]{1,3}|\$?[1-9]\d*))?
      (?![\w(.!])
    """,
    re.VERBOSE,
)
_TAB = re.compile(r""""(?:[^"]|"")*"|(?<![\w.'])('(?:[^']|'')+'|[^\W\d][\w.]*)!""")


def shifted(text: str, home: str, target: str, shift: Shift) -> str:
    """The formula of a cell in tab `home` after rows or columns of tab `target` were put in or taken out."""

    def follow(match: re.Match[str]) -> str:
        if match["first"] is None or _title(match["tab"], home).casefold() != target.casefold():
            return match[0]
        if shift.across is not None and not shift.concerns(*_span(match["first"], match["last"], shift)):
            return match[0]
        moved = _moved(match["first"], match["last"], shift)
        return (match["tab"] or "") + moved if moved else "#REF!"

    return _REFERENCE.sub(follow, text)


def _span(first: str, last: str | None, shift: Shift) -> tuple[int | None, int | None]:
    """What a reference spans in the dimension that the shift leaves alone."""
    rows = shift.dimension != "ROWS"
    places = [_index(corner, rows) for corner in (first, last) if corner]
    known = [place for place in places if place is not None]
    return (min(known), max(known) + 1) if len(known) == len(places) else (None, None)


def carried(text: str, home: str, target: str, area: Area, down: int, across: int) -> str:
    """The formula of a cell in tab `home` after the cells of `area` in tab `target` went elsewhere in it."""

    def follow(match: re.Match[str]) -> str:
        if match["first"] is None or _title(match["tab"], home).casefold() != target.casefold():
            return match[0]
        corners = [corner for corner in (match["first"], match["last"]) if corner]
        places = [(_index(corner, True), _index(corner, False)) for corner in corners]
        if not all(
            row is not None and column is not None and area.holds(Area(row, column, row + 1, column + 1))
            for row, column in places
        ):
            return match[0]
        moved = [
            _with_index(_with_index(corner, True, (row or 0) + down), False, (column or 0) + across)
            for corner, (row, column) in zip(corners, places, strict=True)
        ]
        return (match["tab"] or "") + ":".join(moved)

    return _REFERENCE.sub(follow, text)


def renamed(text: str, old: str, new: str) -> str:
    """The formula after the tab `old` got the title `new`."""

    def follow(match: re.Match[str]) -> str:
        if match[1] is None or _title(match[1] + "!", "").casefold() != old.casefold():
            return match[0]
        return f"{a1.quoted(new)}!"

    return _TAB.sub(follow, text)


def without_tab(text: str, title: str) -> str:
    """The formula after the tab `title` was deleted: what it read there is `#REF!`."""

    def follow(match: re.Match[str]) -> str:
        is_there = match["tab"] is not None and _title(match["tab"], "").casefold() == title.casefold()
        return "#REF!" if is_there else match[0]

    return _REFERENCE.sub(follow, text)


def _title(prefix: str | None, home: str) -> str:
    if prefix is None:
        return home
    name = prefix[:-1]
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def _moved(first: str, last: str | None, shift: Shift) -> str | None:
    rows = shift.dimension == "ROWS"
    start, end = _index(first, rows), _index(last, rows) if last else None
    if last is None or end is None or start is None:
        kept = [_moved_corner(corner, rows, shift) for corner in (first, last) if corner]
        return None if None in kept else ":".join(filter(None, kept))
    low, high = min(start, end), max(start, end)
    moved = shift.moved(low, high + 1)
    if moved is None or moved[0] is None or moved[1] is None:
        return None
    places = {low: moved[0], high: moved[1] - 1}
    return f"{_with_index(first, rows, places[start])}:{_with_index(last, rows, places[end])}"


def _moved_corner(corner: str, rows: bool, shift: Shift) -> str | None:
    index = _index(corner, rows)
    if index is None:
        return corner
    moved = shift.index(index)
    return None if moved is None else _with_index(corner, rows, moved)


def _parts(corner: str) -> tuple[str, str, str, str]:
    """`$`, column, `$`, row of `$A$1`; what is missing is ""."""
    letters = corner.rstrip("0123456789")
    column, dollar, _ = letters.removeprefix("$").partition("$")
    row = corner[len(letters) :]
    return ("$" if corner.startswith("$") else "", column, dollar, row)


def _index(corner: str, rows: bool) -> int | None:
    _, column, _, row = _parts(corner)
    if rows:
        return int(row) - 1 if row else None
    return a1.column_index(column) if column else None


def _with_index(corner: str, rows: bool, index: int) -> str:
    first, column, second, row = _parts(corner)
    if rows:
        return f"{first}{column}{second}{index + 1}"
    return f"{first}{a1.column_name(index)}{second}{row}"


def in_conditions(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of a JSON value whose conditions' formulas (a `userEnteredValue` with `=`) went through `change`."""
    if isinstance(value, list):
        return [in_conditions(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: change(item)
        if name == "userEnteredValue" and isinstance(item, str) and item.startswith("=")
        else in_conditions(item, change)
        for name, item in value.items()
    }
