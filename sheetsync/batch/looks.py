"""How the cells of a page look, in as few rectangles as can be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from sheetsync.model import Area, Cell

PLAIN = json.dumps([{}, ""])
"""The look of a cell without any; a look is the JSON text of `[CellFormat, note]`, so equal looks are equal texts."""

_Span = tuple[int, int, str]  # left, right exclusive, look


class Looks:
    """The looks of rows of cells. `rows` holds them by row and column, ragged as the cells are."""

    def __init__(self, rows: Sequence[Sequence[Cell]]) -> None:
        self._texts: dict[tuple[int, str], str] = {}
        self._patterns: dict[tuple[tuple[int, str], ...], tuple[str, ...]] = {}
        self.rows = [self._pattern(row) for row in rows]

    def _pattern(self, row: Sequence[Cell]) -> tuple[str, ...]:
        """The looks of a row: styles are few and shared, and so are rows of them, so each is written out once."""
        key = tuple([(id(cell.style), cell.note) for cell in row])
        if key not in self._patterns:
            self._patterns[key] = tuple([self._text(cell) for cell in row])
        return self._patterns[key]

    def _text(self, cell: Cell) -> str:
        key = (id(cell.style), cell.note)
        if key not in self._texts:
            self._texts[key] = json.dumps([cell.style.fields, cell.note], sort_keys=True)
        return self._texts[key]

    def by_column(self, top: int, width: int) -> list[tuple[int, str]]:
        """Each look that each of the first `width` columns has from row `top` on, sorted."""
        return sorted({(column, _look(row, column)) for row in set(self.rows[top:]) for column in range(width)})

    def vary(self, top: int, width: int) -> bool:
        """Whether any of these columns has more than one look."""
        return len(self.by_column(top, width)) > width

    def rectangles(self, top: int, bottom: int, width: int) -> Iterator[tuple[Area, str]]:
        """Rectangles of one look each that cover the first `width` cells of rows `top` to `bottom` (exclusive)."""
        begun: dict[_Span, int] = {}
        previous: Sequence[str] | None = None
        for row in range(top, bottom):
            pattern = self.rows[row] if row < len(self.rows) else ()
            if pattern is not previous:
                spans = list(_spans([_look(pattern, column) for column in range(width)]))
                yield from _ended(begun, spans, row)
                begun = {span: begun.get(span, row) for span in spans}
                previous = pattern
        yield from _ended(begun, [], bottom)


def _look(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else PLAIN


def _spans(looks: Sequence[str]) -> Iterator[_Span]:
    """Neighbours that look the same."""
    left = 0
    for look, alike in groupby(looks):
        right = left + len(list(alike))
        yield left, right, look
        left = right


def _ended(begun: Mapping[_Span, int], spans: Sequence[_Span], row: int) -> Iterator[tuple[Area, str]]:
    """The rectangles that do not go on into this row."""
    for (left, right, look), top in begun.items():
        if (left, right, look) not in spans:
            yield Area(top, left, row, right), look
