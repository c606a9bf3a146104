"""Formulas: their effective value, the cells they read, and how they read elsewhere.

What is evaluated goes through the `formulas` library; what it can't do is an error that says so, never a wrong number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sheetsync.local.shape import Name, split
from sheetsync.local.syntax import FormulaError, Reference, Token, Unsupported, tokens

if TYPE_CHECKING:
    from sheetsync.local.calculator import Calculator

CellValue = str | float | int | bool | Mapping[str, Any] | None
"""A cell's effective value: None is blank, a mapping is an ErrorValue (`{"type": "N_A", ...}`)."""

LookUp = Callable[[str | None, str], Sequence[Sequence[CellValue]]]
"""Gives the values of a range: the sheet's title as written in the formula (None: the formula's own sheet) and the
range in A1 notation without `$` (`B2`, `A2:C9`, `A:A`, `A2:A`, `2:2`), or a named range's name. Rows may be ragged;
what is missing is blank; open-ended ranges may end with their last value. Raises KeyError for a sheet or a name that
does not exist."""


class Host(NamedTuple):
    """The cell that holds the formula; 0-based."""

    row: int
    column: int


def calculator(look_up: LookUp, now: datetime, locale: str = "en_US", *, ahead: int = 256) -> Calculator:
    """For many formulas over one state of a workbook: `calculator(...).evaluate(text, host)`, `.truth(...)`."""
    from sheetsync.local.calculator import Calculator  # numpy and more: not before there is a formula

    return Calculator(look_up, now, locale, ahead=ahead)


def evaluate(text: str, look_up: LookUp, host: Host, now: datetime, locale: str = "en_US") -> dict[str, Any]:
    """The effective ExtendedValue of the formula `text` (with its `=`) in the cell `host`. Never raises."""
    return calculator(look_up, now, locale).evaluate(text, host)


def truth(text: str, origin: Host, host: Host, look_up: LookUp, now: datetime, locale: str = "en_US") -> bool:
    """Whether the formula, written for `origin`, is true at `host`: its relative references move along. For more than
    a few cells a `calculator` is many times quicker."""
    return calculator(look_up, now, locale, ahead=1).truth(text, origin, host)


def references(text: str, locale: str = "en_US") -> list[tuple[str | None, str]]:
    """The (sheet, A1 range) pairs that the formula reads, in order, as `look_up` will be asked; (None, name) for a
    named range; none for a text that is no formula."""
    try:
        operands = split(text, locale).operands
    except (FormulaError, Unsupported):
        return []
    return [
        (found.sheet, found.a1()) if isinstance(found, Reference) else (None, found.text)
        for found in operands
        if isinstance(found, Reference | Name)
    ]


def moved(text: str, rows: int, columns: int, locale: str = "en_US") -> str:
    """The formula as it reads when copied that many rows down and columns to the right: relative references move, and
    become `#REF!` off the grid. A text that is no formula stays as it is."""
    try:
        found = tokens(text, locale)
    except (FormulaError, Unsupported):
        return text
    out, position = [], 0
    for token in found:
        if token.reference:
            out += [text[position : token.start], _moved_text(token, rows, columns)]
            position = token.end
    return "".join(out) + text[position:]


def _moved_text(token: Token, rows: int, columns: int) -> str:
    assert token.reference is not None  # noqa: S101 - only called for references
    sheet, mark, _ = token.text.rpartition("!")
    shifted = token.reference.moved(rows, columns)
    return f"{sheet}{mark}{shifted.a1(signs=True) if shifted else '#REF!'}"


def hyperlink_of(text: str, locale: str = "en_US") -> str | None:
    """The address of a formula `=HYPERLINK("address"; ...)` whose address is constant, else None."""
    try:
        found = tokens(text, locale)
    except (FormulaError, Unsupported):
        return None
    if len(found) < 3 or found[0].text.upper() != "HYPERLINK" or found[1].kind != "string":
        return None
    return found[1].text if found[2].kind in ("close", "separator") else None
