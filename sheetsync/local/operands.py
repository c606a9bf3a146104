"""Operands of formulas: what functions and operators take and give, and how one kind becomes another."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from importlib import import_module
from typing import Any

import numpy as np
import schedula
from formulas.tokens.operand import NUM, VALUE, XlError

from sheetsync.local import entered, rendered
from sheetsync.local.syntax import Unsupported

EMPTY = schedula.EMPTY
MAX_TEXT = 50_000
"""Characters that a cell can hold."""
FIRST_SAME_DAY = 61
"""Serial of 1 March 1900: from then on Excel's calendar, and so the library's, is Google's."""


FIRST_TOO_LATE = 2_958_466
"""Serial of 1 January 10000."""


class Failed(Exception):  # noqa: N818 - a value of the formula language, raised to leave a function early
    """A function's error value; `message` is what Google would say."""

    def __init__(self, error: XlError, message: str = "") -> None:
        self.error, self.message = error, message
        super().__init__(str(error))


@dataclass(frozen=True)
class Refusal:
    """In place of a value that this workbook can't give; harmless in the branch of an IF that is not taken."""

    what: str


@dataclass(frozen=True)
class Surroundings:
    """What a formula can see besides its operands."""

    now: datetime
    locale: str


@dataclass(frozen=True, eq=False)
class Block:
    """The values of a reference: equal rows of numbers, texts, truth values, EMPTY, or XlErrors. `open_ended` ranges
    are cut where their values end."""

    rows: tuple[tuple[Any, ...], ...]
    open_ended: bool = False

    @property
    def value(self) -> Any:
        """The only value. Raises Unsupported for more than one cell."""
        if len(self.rows) != 1 or len(self.rows[0]) != 1:
            raise Unsupported("A range where one value is expected")
        return self.rows[0][0]

    @cached_property
    def array(self) -> Any:
        """As the library takes it."""
        made = np.empty((len(self.rows), len(self.rows[0]) if self.rows else 0), object)
        for index, row in enumerate(self.rows):
            made[index] = row
        return made

    @cached_property
    def numbers(self) -> Any:
        """The array with all but numbers and errors blanked: what sums and averages see of a range."""
        return blank_all_but_numbers(self.array)

    @cached_property
    def counts(self) -> dict[tuple[str, Any], int]:
        """How often each value stands there; texts without regard to case."""
        found: dict[tuple[str, Any], int] = {}
        for row in self.rows:
            for value in row:
                found[identity(value)] = found.get(identity(value), 0) + 1
        return found


def identity(value: Any) -> tuple[str, Any]:
    """What makes two values the same: their kind, and of texts the letters in any case."""
    if isinstance(value, str) and not isinstance(value, schedula.Token):
        return "text", value.casefold()
    return ("truth" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "other"), value


@cache
def _only_numbers() -> Any:
    def kept(value: Any) -> Any:
        return value if isinstance(value, XlError) or is_number(value) else EMPTY

    return np.frompyfunc(kept, 1, 1)


def blank_all_but_numbers(array: Any) -> Any:
    """An array with all but numbers and errors blanked."""
    return _only_numbers()(array) if array.size else array


def is_number(value: Any) -> bool:
    """Whether a value is a number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_text(value: Any) -> bool:
    """Whether a value is a text, and none of the library's tokens."""
    return isinstance(value, str) and not isinstance(value, schedula.Token)


# --- one value of the kind that is asked for ---------------------------------------------------------------------


def single(value: Any) -> Any:
    """The value itself, of a cell its content. Raises Unsupported."""
    if isinstance(value, Refusal):
        raise Unsupported(value.what)
    return value.value if isinstance(value, Block) else value


def checked(value: Any) -> Any:
    """A value that is no error. Raises Failed, Unsupported."""
    found = single(value)
    if isinstance(found, XlError):
        raise Failed(found)
    return found


def as_number(value: Any, around: Surroundings) -> float:
    """Blank is 0, truth 0 or 1; a text is read as if typed. Raises Failed."""
    found = checked(value)
    if found is EMPTY:
        return 0
    if is_text(found):
        typed, _ = entered.parse(found, around.locale, None, around.now.date())
        if typed is None or "numberValue" not in typed:
            raise Failed(VALUE, f"'{found[:100]}' is a text and cannot be coerced to a number.")
        found = typed["numberValue"]
    number: float = int(found) if isinstance(found, bool) else found
    return number


def as_text(value: Any, around: Surroundings) -> str:
    """As `&` joins it: numbers in the locale's plain form."""
    found = checked(value)
    if found is EMPTY:
        return ""
    if isinstance(found, bool):
        return rendered.render({"boolValue": found}, None, around.locale)
    return str(found) if is_text(found) else rendered.render({"numberValue": found}, None, around.locale)


def as_truth(value: Any, _around: Surroundings) -> bool:
    """Blank is false; a text is no truth value. Raises Failed."""
    found = checked(value)
    if found is EMPTY:
        return False
    if is_text(found):
        raise Failed(VALUE, f"'{found[:100]}' is a text and cannot be coerced to a boolean.")
    return bool(found)


def as_day(value: Any, around: Surroundings) -> float:
    """A day as the library takes it. Raises Failed, Unsupported."""
    number = as_number(value, around)
    if number < FIRST_SAME_DAY:
        raise Unsupported("A date before March 1900 in a formula")
    if number >= FIRST_TOO_LATE:
        raise Failed(NUM, "A date is after the year 9999.")
    return number


def as_numbers(value: Any, around: Surroundings) -> Any:
    """What sums see of a value or a range."""
    return value.numbers if isinstance(value, Block) else as_number(value, around)


def as_truths(value: Any, around: Surroundings) -> Any:
    """What AND and OR see of a value or a range."""
    if isinstance(value, Block) and (len(value.rows) > 1 or len(value.rows[0]) > 1):
        return value.array
    return EMPTY if single(value) is EMPTY else as_truth(value, around)


def as_array(value: Any, _around: Surroundings) -> Any:
    """The values as the library takes them."""
    return value.array if isinstance(value, Block) else np.array([[single(value)]], object)


def as_anything(value: Any, _around: Surroundings) -> Any:
    """The single value. Raises Failed, Unsupported."""
    return single(value)


KINDS: dict[str, Callable[[Any, Surroundings], Any]] = {
    "n": as_number,
    "t": as_text,
    "b": as_truth,
    "d": as_day,
    "N": as_numbers,
    "B": as_truths,
    "A": as_array,
    "v": as_anything,
    "x": lambda value, _around: value,
}


@cache
def of_library(name: str) -> Callable[..., Any]:
    """The library's function, from the first of its modules that has it: the last ones import scipy, for seconds."""
    for module in ("info", "logic", "math", "text", "date", "look", "stat", "comp"):
        found = import_module(f"formulas.functions.{module}").FUNCTIONS.get(name)
        if found is not None:
            made: Callable[..., Any] = found["function"] if isinstance(found, dict) else found
            return made
    raise KeyError(name)


def plain(result: Any) -> Any:
    """A result of the library as a Python value. Raises Failed, Unsupported."""
    if isinstance(result, np.ndarray):
        if result.size != 1:
            raise Unsupported("An array as a result")
        result = result.item()
    if isinstance(result, np.generic):
        result = result.item()
    if isinstance(result, complex) or (isinstance(result, float) and not np.isfinite(result)):
        raise Failed(NUM)
    if is_text(result) and len(result) > MAX_TEXT:
        raise Failed(VALUE, f"Text result is longer than the limit of {MAX_TEXT} characters.")
    return result


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
