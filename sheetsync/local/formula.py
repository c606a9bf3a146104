"""The effective value of a formula, through the `formulas` library; what it can't do is an error that says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

CellValue = str | float | int | bool | dict[str, Any] | None
"""A cell's effective value: None is blank, a dict is an ErrorValue (`{"type": "N_A", ...}`)."""

LookUp = Callable[[str | None, str], list[list[CellValue]]]
"""Gives the values of a range: the sheet's title as written in the formula (None: the formula's own sheet) and the
range in A1 notation without `$` (`B2`, `A2:C9`, `A:A`, `A2:A`, `2:2`). Rows may be ragged; what is missing is blank.
Raises KeyError for an unknown sheet (and a named range that does not exist; a name comes as the range)."""


class Host(NamedTuple):
    """The cell that holds the formula; 0-based."""

    row: int
    column: int


def evaluate(text: str, look_up: LookUp, host: Host, now: datetime, locale: str = "en_US") -> dict[str, Any]:
    """The effective ExtendedValue of the formula `text` (with its `=`). Never raises."""
    raise NotImplementedError


def truth(text: str, origin: Host, host: Host, look_up: LookUp, now: datetime, locale: str = "en_US") -> bool:
    """Whether the formula, written for `origin`, is true at `host`: its relative references move along. Errors, blanks
    and texts are not true; a number is unless it is 0."""
    raise NotImplementedError


def references(text: str, locale: str = "en_US") -> list[tuple[str | None, str]]:
    """The (sheet, A1 range) pairs that the formula reads, in order, without `$`: as `look_up` will be asked."""
    raise NotImplementedError


def moved(text: str, rows: int, columns: int, locale: str = "en_US") -> str:
    """The formula as it reads when copied that many rows down and columns to the right: relative references move."""
    raise NotImplementedError


def hyperlink_of(text: str) -> str | None:
    """The address of a formula `=HYPERLINK("address"; ...)` whose address is constant, else None."""
    raise NotImplementedError
