"""A1 and R1C1 notation of cell ranges, 0-based and half-open inside."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

MAX_COLUMNS = 18278
_QUOTED = re.compile(r"'((?:[^']|'')+)'(?:!(.*))?", re.DOTALL)
_CORNERS = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,8})?(?:(:)\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,8})?)?")
_R1C1 = re.compile(r"[Rr](\d+)[Cc](\d+)(?::[Rr](\d+)[Cc](\d+))?")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|[Rr]\d+|[Cc]\d+")


class Area(NamedTuple):
    """A rectangle of cells, bounded: rows top..bottom and columns left..right, 0-based, ends exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def is_cell(self) -> bool:
        """Whether it is a single cell."""
        return self.bottom - self.top == 1 and self.right - self.left == 1

    def common(self, other: Area) -> Area | None:
        """The cells in both, or None."""
        area = Area(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )
        return area if area.top < area.bottom and area.left < area.right else None

    def holds(self, other: Area) -> bool:
        """Whether every cell of `other` is in this one."""
        return self.common(other) == other


class Span(NamedTuple):
    """A rectangle as written: None is open towards the grid's edge."""

    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it ends where it starts."""
        return (self.top or 0) == self.bottom or (self.left or 0) == self.right

    def within(self, rows: int, columns: int) -> Area:
        """The rectangle in a grid of that size: open and too long ends stop at the edge, starts stay as they are."""
        top, left = self.top or 0, self.left or 0
        bottom = rows if self.bottom is None else max(min(self.bottom, rows), top + 1)
        right = columns if self.right is None else max(min(self.right, columns), left + 1)
        return Area(top, left, max(bottom, top + 1), max(right, left + 1))


class Notation(NamedTuple):
    """What a range text says. `title` is None where no tab was named; `span` is None where the text is a bare word
    (a named range or a tab's title, in `title`) or a quoted title alone."""

    title: str | None
    span: Span | None


def parse(text: str) -> Notation:
    """Read `Sheet1!A1:B2`, `'My tab'!A:C`, `A2:2`, `Sheet1`, `Sheet1!R1C1:R2C2`.

    A text without `!` that is no range is a bare word: `Notation(word, None)`. ValueError where the part behind `!`
    is no range.
    """
    if quoted := _QUOTED.fullmatch(text):
        title, rest = quoted[1].replace("''", "'"), quoted[2]
        return Notation(title, None if rest is None else _span(rest))
    title, mark, rest = text.rpartition("!")
    if mark:
        return Notation(title, _span(rest))
    try:
        return Notation(None, _span(text))
    except ValueError:
        return Notation(text, None)


def _span(text: str) -> Span:
    if match := _R1C1.fullmatch(text):
        numbers = [int(number) for number in match.groups() if number]
        return _ordered(numbers[::2], [column - 1 for column in numbers[1::2]])
    match = _CORNERS.fullmatch(text)
    if not match or not any(match.groups()):
        raise ValueError(text)
    first, row, colon, last, end = match.groups()
    complete = (first and row) if not colon else ((first or row) and (last or end))
    if not complete:
        raise ValueError(text)
    return _ordered([int(n) for n in (row, end) if n], [column_index(name) for name in (first, last) if name], colon)


def _ordered(rows: list[int], columns: list[int], colon: str | None = None) -> Span:
    if (rows and min(rows) < 1) or (columns and not 0 <= min(columns) <= max(columns) < MAX_COLUMNS):
        raise ValueError
    top, bottom = (min(rows) - 1, max(rows)) if rows else (None, None)
    left, right = (min(columns), max(columns) + 1) if columns else (None, None)
    if colon and len(rows) == 1:
        bottom = None
    if colon and len(columns) == 1:
        right = None
    return Span(top, left, bottom, right)


def column_index(name: str) -> int:
    """0 for A, 26 for AA; any case."""
    index = 0
    for letter in name.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_name(index: int) -> str:
    """A for 0, AA for 26."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(65 + letter) + name
    return name


def quoted(title: str) -> str:
    """The tab's title as it stands before `!`: quoted only where it must be."""
    if _PLAIN_TITLE.fullmatch(title) and not _LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def cell(row: int, column: int) -> str:
    """`B3` for (2, 1)."""
    return f"{column_name(column)}{row + 1}"


def write(title: str, area: Area) -> str:
    """`Sheet1!A1:B2`, or `Sheet1!A1` for a single cell."""
    first = cell(area.top, area.left)
    last = "" if area.is_cell else f":{cell(area.bottom - 1, area.right - 1)}"
    return f"{quoted(title)}!{first}{last}"


def write_span(title: str, span: Span, grid: Area) -> str:
    """`Sheet1!A5:C` where the rows are open, `Sheet1!C1:2` where the columns are; where both are, cut to `grid`."""
    top, left, bottom, right = span
    shown_row = None if top is None and bottom is None else top or 0
    shown_column = None if left is None and right is None else left or 0
    first, last = _corner(shown_row, shown_column), _corner(bottom and bottom - 1, right and right - 1)
    if not first or not last:
        return write(title, span.within(grid.bottom, grid.right))
    return f"{quoted(title)}!{first}" if first == last else f"{quoted(title)}!{first}:{last}"


def _corner(row: int | None, column: int | None) -> str:
    return ("" if column is None else column_name(column)) + ("" if row is None else str(row + 1))


def span_of(grid_range: dict[str, Any]) -> Span:
    """The rectangle of a GridRange."""
    return Span(
        grid_range.get("startRowIndex"),
        grid_range.get("startColumnIndex"),
        grid_range.get("endRowIndex"),
        grid_range.get("endColumnIndex"),
    )


def grid_range(sheet_id: int, area: Area) -> dict[str, int]:
    """The GridRange of a rectangle, with every bound."""
    return {
        "sheetId": sheet_id,
        "startRowIndex": area.top,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }
