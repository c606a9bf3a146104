"""Numbers as texts, rounded as a cell of Sheets is: what a sentence or a terminal says is what the sheet shows."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, localcontext

from babel import Locale
from babel.numbers import format_decimal, format_percent

_AS_IN_SHEETS = Context(rounding=ROUND_HALF_UP)
"""A half goes away from zero there; Babel alone takes the even neighbour, and would say 62% where the cell says 63%."""


def decimal_text(value: float, pattern: str | None, locale: Locale | str) -> str:
    """A number by a pattern of Unicode's (None: the locale's own), rounded as Sheets rounds what a cell shows."""
    with localcontext(_AS_IN_SHEETS):
        return str(format_decimal(value, pattern, locale=locale))


def percent_text(value: float, pattern: str | None, locale: Locale | str) -> str:
    """A share (1 is 100 %) in percent, by a pattern as in `decimal_text`."""
    with localcontext(_AS_IN_SHEETS):
        return str(format_percent(value, pattern, locale=locale))
