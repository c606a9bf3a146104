"""Which rows a tab's basic filter hides (`DimensionProperties.hiddenByFilter`)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sheetsync.local import a1, conditional, formula
from sheetsync.local.book import Book, Sheet, effective_value, formatted
from sheetsync.local.recalculation import LookUp
from sheetsync.local.store import Row

Hides = Callable[[int, Row], bool]


def hidden_rows(book: Book, sheet: Sheet, top: int, bottom: int) -> set[int]:
    """The rows of top..bottom whose cells do not meet what the basic filter asks of their columns.

    The filter's first row is its header, and stays. Colours that a filter asks for are not looked at.
    """
    kept = sheet.doc.get("basicFilter", {})
    specs = kept.get("filterSpecs", [])
    if not specs:
        return set()
    area = a1.span_of(kept["range"]).within(sheet.rows, sheet.columns)
    first, last = max(top, area.top + 1), min(bottom, area.bottom)
    tests = [test for spec in specs for test in _tests(book, sheet, spec, area.top + 1)]
    rows = _with_blank_rows(sheet.grid.rows(first, last), first, last)
    return {index for index, row in rows if any(hides(index, row) for hides in tests)}


def _with_blank_rows(rows: Iterator[tuple[int, Row]], first: int, last: int) -> Iterator[tuple[int, Row]]:
    blank = Row.blank()
    for index, row in rows:
        yield from ((between, blank) for between in range(first, index))
        yield index, row
        first = index + 1
    yield from ((between, blank) for between in range(first, last))


def _tests(book: Book, sheet: Sheet, spec: Mapping[str, Any], top: int) -> Iterator[Hides]:
    column, criteria = spec["columnIndex"], spec.get("filterCriteria", {})
    if hidden := frozenset(criteria.get("hiddenValues", [])):
        yield lambda _, row: _text(book, row, column) in hidden
    if condition := criteria.get("condition"):
        around = conditional.Circumstances(_truth(book, sheet), (top, column), book.local_now.date(), book.locale)
        meets = conditional.test_of(condition, around)
        yield lambda index, row: not meets(index, column, effective_value(row.cell(column)))


def _text(book: Book, row: Row, column: int) -> str:
    form = book.palette.format(row.format(column)).get("numberFormat")
    return formatted(row.cell(column), form, book.locale)


def _truth(book: Book, sheet: Sheet) -> conditional.FormulaTruth:
    calculator = functools.cache(lambda: formula.calculator(LookUp(book, sheet), book.local_now, book.locale))

    def truth(text: str, origin: tuple[int, int], here: tuple[int, int]) -> bool:
        return calculator().truth(text, formula.Host(*origin), formula.Host(*here))

    return truth
