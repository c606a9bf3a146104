"""A cell of a page as values: what reading it gives back, whether that is there, and how a request writes it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeGuard

from sheetsync.model import Cell, Formula, Value

BLANK = Cell()
LONGEST = 50_000
"""Characters that a cell can hold; a batch with one more would be refused as a whole."""
_EPOCH = date(1899, 12, 30).toordinal()


@lru_cache(maxsize=10_000)  # tables of thousands of rows hold the same few days
def number(value: date | datetime) -> float:
    """A date or a local time as a Sheets serial: days since 1899-12-30."""
    if isinstance(value, datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return value.toordinal() - _EPOCH + round(seconds / 86400, 9)
    return value.toordinal() - _EPOCH


def shown(cell: Cell) -> Value:
    """What reading the cell unformatted gives back; None for blank and for a formula whose value is not known."""
    value = cell.value
    if isinstance(value, str):
        return value[:LONGEST] or None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return number(value)
    return value.shows if isinstance(value, Formula) else value


def dated(cell: Cell) -> bool:
    """Whether the cell shows a date."""
    number_format = cell.style.fields.get("numberFormat")
    return isinstance(number_format, Mapping) and number_format.get("type") == "DATE"


def loose(cell: Cell) -> bool:
    """Whether what the cell holds is no reason to write: a stamp, or a formula whose value is not known."""
    return cell.stamp or (isinstance(cell.value, Formula) and cell.value.shows is None)


def settled(held: Value, cell: Cell) -> bool:
    """Whether nothing is to be written into a cell that holds `held`."""
    return loose(cell) or same(held, shown(cell))


def same(held: Value, wanted: Value) -> bool:
    """Whether two values are one: blanks alike, numbers to the 12 digits that survive a spreadsheet."""
    if held is None or held == "" or wanted is None or wanted == "":
        return (held is None or held == "") and (wanted is None or wanted == "")
    if not (_is_number(held) and _is_number(wanted)):
        return type(held) is type(wanted) and held == wanted
    return math.isclose(held, wanted, rel_tol=1e-12, abs_tol=1e-9)


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number that a cell can hold: no truth value, nor a whole one beyond all floats."""
    if isinstance(value, int):
        return not isinstance(value, bool) and value.bit_length() < sys.float_info.max_exp
    return isinstance(value, float)


def written(cell: Cell) -> dict[str, Any]:
    """The CellData with the cell's value alone."""
    value = cell.value
    if isinstance(value, Formula):
        return {"userEnteredValue": {"formulaValue": value.text}}
    plain = shown(cell)
    if plain is None:
        return {}
    kind = "boolValue" if isinstance(plain, bool) else "stringValue" if isinstance(plain, str) else "numberValue"
    return {"userEnteredValue": {kind: plain}}
