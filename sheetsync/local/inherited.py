"""How a formula's result is shown where its cell has no number format: dates stay dates, money stays money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sheetsync.local.syntax import FormulaError, Reference, Token, Unsupported, tokens

NumberFormat = dict[str, Any]
_MAKES = {
    **dict.fromkeys(("DATE", "DATEVALUE", "EDATE", "EOMONTH", "TODAY", "WORKDAY"), "DATE"),
    "NOW": "DATE_TIME",
    **dict.fromkeys(("TIME", "TIMEVALUE"), "TIME"),
}
_KEEPS = {"AVERAGE", "MAX", "MEDIAN", "MIN", "SUM"}


def number_format(text: str, locale: str, format_at: Callable[[Reference], NumberFormat | None]) -> NumberFormat | None:
    """The format of the result of a formula `text`; None where it is a plain number, or nobody can tell.

    Known are functions that make dates and times, a cell, functions that keep the format of the first cell they read,
    and each of these plus or minus a number. `format_at` gives the number format in which a reference's first cell is
    shown.
    """
    try:
        found = tokens(text, locale)
    except (FormulaError, Unsupported):
        return None
    if len(found) > 2 and found[-1].kind == "number" and found[-2].text in ("+", "-"):
        found = found[:-2]
    if len(found) == 1 and found[0].reference is not None and found[0].reference.form == "cell":
        return format_at(found[0].reference)
    if len(found) < 2 or found[0].kind != "function" or not _is_one_call(found):
        return None
    name, first = found[0].text.upper(), found[1].reference
    if name in _MAKES:
        return {"type": _MAKES[name]}
    return format_at(first) if name in _KEEPS and first is not None else None


def _is_one_call(found: Sequence[Token]) -> bool:
    """Whether the bracket that the first token opens is closed by the last."""
    depth = 0
    for place, token in enumerate(found):
        depth += (token.kind in ("function", "open")) - (token.kind == "close")
        if depth == 0:
            return place == len(found) - 1
    return False
