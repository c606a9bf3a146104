"""Formulas in their spreadsheet: what they read, and when they are worked out again.

After a write every formula that was just written, is volatile, or reads a tab in which something changed (directly or
through other formulas) is evaluated anew; all others keep the value they have.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from sheetsync.local import a1, formula, inherited
from sheetsync.local.book import Book, Sheet, number
from sheetsync.local.file import loaded
from sheetsync.local.store import Cell
from sheetsync.local.syntax import Reference

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_NAME = re.compile(r"[^\W\d][\w.]*(?!\w*\s*\()|'|!|#REF")
_VOLATILE = re.compile(r"\b(NOW|TODAY|RAND|RANDBETWEEN|RANDARRAY)\s*\(", re.IGNORECASE)
_CIRCULAR = {"type": "REF", "message": "Circular dependency detected."}
_TOO_DEEP = {"type": "ERROR", "message": "So deep a chain of formulas is not supported by the local workbook."}
_KEPT_ROWS = 2000


class LookUp:
    """What formulas of one tab read: effective values by tab title and A1 range, as `formula.LookUp` wants them."""

    def __init__(self, book: Book, home: Sheet, running: _Run | None = None) -> None:
        self._book, self._home, self._running = book, home, running
        self._kept: dict[tuple[int, int], list[Cell]] = {}

    def __call__(self, title: str | None, text: str) -> list[list[Any]]:
        """The values of the range; KeyError for a tab or a name that is not there."""
        sheet, area = self._place(title, text)
        return list(self._rows(sheet, area))

    def _place(self, title: str | None, text: str) -> tuple[Sheet, a1.Area]:
        sheet = self._home if title is None else self._book.titled(title)
        notation = a1.parse(text)
        span = notation.span
        if span is None:
            named = self._book.named(text)
            if named is None:
                raise KeyError(text)
            sheet, span = self._book.sheet(named["range"].get("sheetId", 0)), a1.span_of(named["range"])
        if sheet is None:
            raise KeyError(title)
        return sheet, span.within(sheet.rows, sheet.columns)

    def sheet_of(self, title: str | None, text: str) -> Sheet | None:
        """The tab that the pair reads; None where there is none."""
        try:
            return self._place(title, text)[0]
        except (KeyError, ValueError):
            return None

    def _rows(self, sheet: Sheet, area: a1.Area) -> Iterator[list[Any]]:
        place = area.top
        for index, cells in self._stored(sheet, area):
            yield from ([] for _ in range(place, index))
            place = index + 1
            line = cells[area.left : area.right]
            yield [self._value(sheet, index, area.left + offset, cell) for offset, cell in enumerate(line)]

    def _stored(self, sheet: Sheet, area: a1.Area) -> Iterator[tuple[int, list[Cell]]]:
        if area.bottom - area.top > 1:
            yield from ((index, loaded(text)) for index, text in sheet.grid.values(area.top, area.bottom))
            return
        key = sheet.number, area.top
        if key not in self._kept:
            if len(self._kept) >= _KEPT_ROWS:
                self._kept.clear()
            self._kept[key] = next((loaded(text) for _, text in sheet.grid.values(area.top, area.bottom)), [])
        yield area.top, self._kept[key]

    def _value(self, sheet: Sheet, row: int, column: int, cell: Cell) -> Any:
        if not isinstance(cell, dict):
            return cell
        if self._running is not None:
            cell = self._running.settled(sheet, row, column, cell)
        return cell["e"] if "e" in cell else cell.get("v")


def recalculate(book: Book) -> None:
    """Work out the formulas that what was written may have changed. Costs nothing where the spreadsheet has none."""
    _Run(book).finish()


class _Run:
    def __init__(self, book: Book) -> None:
        self._book = book
        self._waiting = _due(book)
        self._done: dict[tuple[int, int, int], dict[str, Any]] = {}
        self._under_way: set[tuple[int, int, int]] = set()
        self._sheets = {sheet.number: sheet for sheet in book.sheets}
        self._calculators = {
            sheet.number: formula.calculator(LookUp(book, sheet, self), book.local_now, book.locale)
            for sheet in (book.sheets if self._waiting else [])
        }

    def finish(self) -> None:
        for place, text in tuple(self._waiting.items()):
            self._evaluated(place, text)
        changed: dict[tuple[int, int], list[tuple[int, dict[str, Any]]]] = {}
        for (tab, row, column), cell in self._done.items():
            changed.setdefault((tab, row), []).append((column, cell))
        for (tab, index), cells in changed.items():
            grid = self._sheets[tab].grid
            line = grid.row(index)
            for column, cell in cells:
                line.put(column, cell)
            grid.write([(index, line)])

    def settled(self, sheet: Sheet, row: int, column: int, cell: dict[str, Any]) -> dict[str, Any]:
        """The formula cell with its final value."""
        place = sheet.number, row, column
        return self._evaluated(place, cell["f"]) if place in self._waiting else cell

    def _evaluated(self, place: tuple[int, int, int], text: str) -> dict[str, Any]:
        if place in self._done:
            return self._done[place]
        if place in self._under_way:
            return {"f": text, "e": _CIRCULAR}
        self._under_way.add(place)
        tab, row, column = place
        host = formula.Host(row, column)
        try:
            value = self._calculators[tab].evaluate(text, host)
        except RecursionError:
            value = {"errorValue": _TOO_DEEP}
        self._under_way.discard(place)
        self._done[place] = cell = _with_value(text, value)
        if type(cell.get("v")) in (int, float) and (found := self._shown_as(self._sheets[tab], text)):
            cell["n"] = found
        return cell

    def _shown_as(self, home: Sheet, text: str) -> dict[str, Any] | None:
        """The number format that the formula's result takes over."""

        def format_at(place: Reference) -> dict[str, Any] | None:
            sheet = home if place.sheet is None else self._book.titled(place.sheet)
            if sheet is None:
                return None
            row = sheet.grid.row(place.top)
            own: dict[str, Any] | None = self._book.palette.format(row.format(place.left)).get("numberFormat")
            cell = row.cell(place.left)
            return own or (
                self.settled(sheet, place.top, place.left, cell).get("n") if isinstance(cell, dict) else None
            )

        return inherited.number_format(text, self._book.locale, format_at)


def _with_value(text: str, value: dict[str, Any]) -> dict[str, Any]:
    if "errorValue" in value:
        return {"f": text, "e": value["errorValue"]}
    plain = next(iter(value.values()), None)
    return {"f": text, "v": number(plain) if isinstance(plain, float) else plain}


def _due(book: Book) -> dict[tuple[int, int, int], str]:
    due: dict[tuple[int, int, int], str] = {}
    others: list[tuple[tuple[int, int, int], str, set[int]]] = []
    for place, cell, home in _formulas(book):
        text = cell["f"]
        if not ("v" in cell or "e" in cell) or _VOLATILE.search(text):
            due[place] = text
        elif read := _sheets_read(book, home, text):
            others.append((place, text, read))
    moving = set(book.touched) | {tab for tab, _, _ in due}
    while fresh := [(place, text) for place, text, read in others if place not in due and read & moving]:
        due.update(fresh)
        moving |= {place[0] for place, _ in fresh}
    return due


def _formulas(book: Book) -> Iterator[tuple[tuple[int, int, int], dict[str, Any], Sheet]]:
    for sheet in book.sheets:
        for index in sheet.grid.formula_rows():
            for column, cell in enumerate(sheet.grid.row(index).cells):
                if isinstance(cell, dict):
                    yield (sheet.number, index, column), cell, sheet


def _sheets_read(book: Book, home: Sheet, text: str) -> set[int]:
    if not _NAME.search(_QUOTED.sub("", text)):
        return set()
    look_up = LookUp(book, home)
    found = (look_up.sheet_of(title, span) for title, span in _references(text, book.locale))
    return {sheet.number for sheet in found if sheet is not None}


@functools.lru_cache(maxsize=50_000)
def _references(text: str, locale: str) -> tuple[tuple[str | None, str], ...]:
    return tuple(formula.references(text, locale))
