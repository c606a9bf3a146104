"""What conditional formats add to a cell: boolean and gradient rules of Sheets API v4, in Google's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

GridRange = dict[str, Any]
FormulaTruth = Callable[[str, tuple[int, int], tuple[int, int]], bool]
"""(formula, (row, column) of the first range's top left cell, (row, column) of the cell) -> is it true there; 0-based.
`formula.truth` with the look-up, the moment and the locale filled in."""


class Overlay:
    """The conditional formats of one tab, read once and asked for many cells.

    `rules` are ConditionalFormatRules in the tab's order. `values` gives the effective ExtendedValues of the cells in
    a GridRange (any order; blanks may be missing): gradients need the extremes of their ranges; asked at most once a
    rule and only when a gradient is hit.
    """

    def __init__(
        self,
        rules: Sequence[dict[str, Any]],
        formula_truth: FormulaTruth,
        values: Callable[[GridRange], Iterable[dict[str, Any]]],
        *,
        today: date,
        locale: str = "en_US",
    ) -> None:
        raise NotImplementedError

    def at(self, row: int, column: int, value: dict[str, Any]) -> dict[str, Any]:
        """The CellFormat fields that the rules add to the cell (0-based) with that effective value ({}: blank)."""
        raise NotImplementedError


def overlay(
    rules: Sequence[dict[str, Any]],
    row: int,
    column: int,
    value: dict[str, Any],
    formula_truth: FormulaTruth,
    values: Callable[[GridRange], Iterable[dict[str, Any]]],
    *,
    today: date,
    locale: str = "en_US",
) -> dict[str, Any]:
    """`Overlay(...).at(row, column, value)`, for a single cell."""
    return Overlay(rules, formula_truth, values, today=today, locale=locale).at(row, column, value)
