"""The functions and operators of formulas: those of the `formulas` library, with arguments as Google takes them.

The library follows Excel and is lenient where Google is not (texts that look like numbers, say), so each argument is
brought into the kind that the function's signature names before the library sees it. Only functions in SIGNATURES are
called; where the library's answer is not Google's, the function stands here as a few lines of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from functools import cache
from typing import Any

import numpy as np
import regex  # type: ignore[import-untyped] # it ships no types
from formulas.functions.operators import OPERATORS
from formulas.tokens.operand import NA, NUM, REF, VALUE, XlError

from sheetsync.local import rendered
from sheetsync.local.criteria import countif, countifs, single_criterion, with_criteria
from sheetsync.local.locales import EPOCH
from sheetsync.local.operands import (
    COMPARISONS,
    EMPTY,
    FIRST_SAME_DAY,
    KINDS,
    MAX_TEXT,
    Block,
    Failed,
    Refusal,
    Surroundings,
    as_number,
    as_text,
    as_truth,
    checked,
    is_number,
    is_text,
    of_library,
    plain,
    single,
)
from sheetsync.local.syntax import Unsupported

SIGNATURES = {
    "ABS": "n", "AND": "B*", "AVERAGE": "N*", "AVERAGEIF": "xvx?", "AVERAGEIFS": "x*", "CEILING": "nn?", "CHAR": "n",
    "CHOOSE": "nxx*", "CONCATENATE": "x*", "COUNT": "N*", "COUNTA": "A*", "COUNTBLANK": "A", "COUNTIF": "xv",
    "COUNTIFS": "x*", "DATE": "nnn", "DATEDIF": "ddt", "DAY": "n", "DAYS": "dd", "EDATE": "dn", "EOMONTH": "dn",
    "EXACT": "tt", "EXP": "n", "FIND": "ttn?", "FLOOR": "nn?", "HLOOKUP": "vAnb?", "HOUR": "n", "HYPERLINK": "vv?",
    "IF": "vxx?", "IFERROR": "xx?", "IFNA": "xx", "IFS": "x*", "INDEX": "xn?n?", "INT": "n", "ISBLANK": "v",
    "ISERR": "v", "ISERROR": "v", "ISEVEN": "n", "ISLOGICAL": "v", "ISNA": "v", "ISNONTEXT": "v", "ISNUMBER": "v",
    "ISODD": "n", "ISOWEEKNUM": "d", "ISTEXT": "v", "LARGE": "Nn", "LEFT": "tn?", "LEN": "t", "LN": "n", "LOG": "nn?",
    "LOG10": "n", "LOWER": "t", "MATCH": "vAn?", "MAX": "N*", "MAXIFS": "x*", "MEDIAN": "N*", "MID": "tnn", "MIN": "N*",
    "MINIFS": "x*", "MINUTE": "n", "MOD": "nn", "MONTH": "n", "NA": "", "NETWORKDAYS": "ddA?", "NOT": "b", "NOW": "",
    "OR": "B*", "PERCENTILE": "Nn", "PI": "", "POWER": "nn", "PRODUCT": "N*", "PROPER": "t", "QUARTILE": "Nn",
    "RANK": "nNn?", "REGEXMATCH": "tt", "REPLACE": "tnnt", "REPT": "tn", "RIGHT": "tn?", "ROUND": "nn?",
    "ROUNDDOWN": "nn?", "ROUNDUP": "nn?", "ROWS": "x", "COLUMNS": "x", "SEARCH": "ttn?", "SECOND": "n", "SIGN": "n",
    "SMALL": "Nn", "SQRT": "n", "STDEV": "N*", "SUBSTITUTE": "tttn?", "SUM": "N*", "SUMIF": "xvx?", "SUMIFS": "x*",
    "SUMPRODUCT": "N*", "TEXT": "vt", "TIME": "nnn", "TODAY": "", "TRIM": "t", "TRUNC": "nn?", "UPPER": "t",
    "VALUE": "v", "VAR": "N*", "VLOOKUP": "vAnb?", "WEEKDAY": "dn?", "WEEKNUM": "dn?", "WORKDAY": "dnA?",
    "XLOOKUP": "vAAv?", "XOR": "B*", "YEAR": "n",
}  # fmt: skip
"""Function -> kinds of its arguments: a number, text, truth value, day, any single value; capitals and `x` take ranges;
`?` may be left out, `*` any number of them."""


def _all_or_any(name: str, judged: Callable[[Iterable[Any]], bool]) -> Callable[..., Any]:
    def decided(_around: Surroundings, *values: Any) -> Any:
        if any(isinstance(value, np.ndarray) for value in values):
            return of_library(name)(*values)
        known = [value for value in values if value is not EMPTY]
        if not known:
            raise Failed(VALUE, f"{name} has no valid input data.")
        return judged(known)

    return decided


_BRANCHING = {"IF", "IFS", "IFERROR", "IFNA", "CHOOSE"}
_DATED = {"DATE", "TODAY", "EDATE", "EOMONTH", "WORKDAY"}


def call(name: str, arguments: Sequence[Any], around: Surroundings) -> Any:
    """The value of a function of SIGNATURES: a number, text, truth value, EMPTY, XlError, or, of IF and its kin, Block.
    Raises Failed, Unsupported."""
    ready = [KINDS[kind](value, around) for kind, value in zip(_kinds(name, len(arguments)), arguments, strict=True)]
    if name not in _BRANCHING:
        for value in arguments:
            if isinstance(value, Refusal):
                raise Unsupported(value.what)
    own = _OWN.get(name)
    try:
        result = plain(own(around, *ready) if own else of_library(name)(*ready))
    except (Failed, Unsupported):
        raise
    except Exception as error:  # the library raises what it likes on arguments that it does not expect
        raise Unsupported(f"{name} of these values") from error
    if name in _DATED and is_number(result) and result < FIRST_SAME_DAY:
        raise Unsupported("A date before March 1900 in a formula")
    return result


@cache
def _kinds(name: str, count: int) -> list[str]:
    """The kind of each of `count` arguments. Raises Failed where the function takes more or fewer."""
    steps = re.findall("[A-Za-z][?*]?", SIGNATURES[name])
    least = sum(len(step) == 1 for step in steps)
    many = bool(steps) and steps[-1].endswith("*")
    least += many and len(steps) == 1
    if count < least or (count > len(steps) and not many):
        most = f"at least {least}" if many else f"between {least} and {len(steps)}"
        wanted = least if least == len(steps) and not many else most
        message = f"Wrong number of arguments to {name}. Expected {wanted} arguments, but got {count} arguments."
        raise Failed(NA, message)
    return [steps[min(index, len(steps) - 1)][0] for index in range(count)]


# --- operators -----------------------------------------------------------------------------------------------------


def operate(sign: str, operands: Sequence[Any], around: Surroundings) -> Any:
    """The value of an operator (`u-` and `u+` are the signs before a number). Raises Failed, Unsupported."""
    if sign in COMPARISONS:
        return COMPARISONS[sign](*_comparable(checked(operands[0]), checked(operands[1])))
    if sign == "&":
        return plain("".join(as_text(operand, around) for operand in operands))
    if sign == "u+":
        return single(operands[0])
    if sign not in ("+", "-", "*", "/", "^", "%", "u-"):
        raise Unsupported(f"The operator '{sign}'")
    result = plain(OPERATORS[sign.upper()](*(as_number(operand, around) for operand in operands)))
    return NUM if result is VALUE else result


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """A pair that Python orders as Sheets does: numbers, texts, truth values; a blank is the other kind's nothing."""
    if left is EMPTY:
        left = type(right)() if right is not EMPTY else 0
    if right is EMPTY:
        right = type(left)()
    return _ranked(left), _ranked(right)


def _ranked(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, float(f"{value:.15g}"))


# --- functions that are not the library's --------------------------------------------------------------------------


def _rounding(mode: str) -> Callable[..., float]:
    def rounded(_around: Surroundings, number: float, places: float = 0) -> float:
        if abs(places) > 300:
            return number
        context = Context(prec=1_000)
        return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-int(places)), mode, context))

    return rounded


def _to_multiple(mode: str) -> Callable[..., float]:
    def rounded(_around: Surroundings, number: float, factor: float = 1) -> float:
        if factor == 0:
            return 0.0
        if number > 0 > factor:
            raise Failed(NUM)
        step = Decimal(repr(abs(factor)))
        return float((Decimal(repr(number)) / step).quantize(Decimal(1), mode, Context(prec=1_000)) * step)

    return rounded


def _mod(_around: Surroundings, number: float, divisor: float) -> Any:
    if divisor and abs(number / divisor) > 1e13:
        raise Failed(NUM)
    return of_library("MOD")(number, divisor)


def _if(around: Surroundings, condition: Any, yes: Any, no: Any = False) -> Any:
    return yes if as_truth(condition, around) else no


def _ifs(around: Surroundings, *pairs: Any) -> Any:
    if len(pairs) % 2:
        raise Failed(NA, "IFS expects its arguments in pairs.")
    for condition, value in zip(pairs[::2], pairs[1::2], strict=True):
        if as_truth(condition, around):
            return value
    raise Failed(NA, "No match.")


def _iferror(_around: Surroundings, value: Any, instead: Any = "") -> Any:
    found = value if isinstance(value, Block) and len(value.rows) > 1 else single(value)
    return instead if isinstance(found, XlError) else value


def _ifna(_around: Surroundings, value: Any, instead: Any) -> Any:
    return instead if single(value) is NA else value


def _choose(_around: Surroundings, index: float, *values: Any) -> Any:
    if not 1 <= index < len(values) + 1:
        raise Failed(NUM)
    return values[int(index) - 1]


def _index(_around: Surroundings, block: Any, row: float = 0, column: float = 0) -> Any:
    rows = block.rows if isinstance(block, Block) else ((block,),)
    if len(rows) == 1 and column == 0 and len(rows[0]) > 1:
        row, column = 1, row
    wide = len(rows[0]) if rows else 0
    row, column = int(row) or (1 if len(rows) == 1 else 0), int(column) or (1 if wide == 1 else 0)
    if row < 0 or column < 0 or row > len(rows) or column > wide:
        raise Failed(REF, "Index out of bounds.")
    if not row or not column:
        raise Unsupported("INDEX of a whole row or column")
    return rows[row - 1][column - 1]


def _of_day(part: str) -> Callable[..., int]:
    def taken(_around: Surroundings, number: float) -> int:
        try:
            return int(getattr(EPOCH + timedelta(days=int(number // 1)), part))
        except OverflowError:
            raise Failed(NUM) from None

    return taken


def _size_of(axis: int) -> Callable[..., int]:
    def counted(_around: Surroundings, block: Any) -> int:
        if not isinstance(block, Block):
            return 1
        if block.open_ended:
            raise Unsupported("The size of an open-ended range")
        return len(block.rows) if axis == 0 else len(block.rows[0])

    return counted


def _concatenate(around: Surroundings, *values: Any) -> str:
    cells: Iterable[Any] = (
        cell for value in values for row in (value.rows if isinstance(value, Block) else ((value,),)) for cell in row
    )
    return "".join(as_text(cell, around) for cell in cells)


def _substitute(_around: Surroundings, text: str, old: str, new: str, which: float = 0) -> str:
    if not old:
        return text
    if len(text) + text.count(old) * len(new) > 2 * MAX_TEXT:
        raise Failed(VALUE, f"Text result is longer than the limit of {MAX_TEXT} characters.")
    if not which:
        return text.replace(old, new)
    parts = text.split(old)
    at = int(which)
    if not 1 <= at < len(parts):
        return text
    return f"{old.join(parts[:at])}{new}{old.join(parts[at:])}"


def _rept(_around: Surroundings, text: str, times: float) -> str:
    if times < 0 or len(text) * times > MAX_TEXT:
        raise Failed(VALUE, f"Text result is longer than the limit of {MAX_TEXT} characters.")
    return text * int(times)


def _char(_around: Surroundings, code: float) -> str:
    if not 1 <= code < 0xD800 and not 0xE000 <= code < 0x110000:
        raise Failed(NUM)
    return chr(int(code))


def _regexmatch(_around: Surroundings, text: str, pattern: str) -> bool:
    try:
        return regex.search(pattern, text, timeout=0.2) is not None
    except regex.error:
        raise Failed(
            REF, f"Function REGEXMATCH parameter 2 value '{pattern[:100]}' is not a valid regular expression."
        ) from None
    except TimeoutError:
        raise Unsupported("A regular expression that takes long") from None


def _text(around: Surroundings, value: Any, pattern: str) -> str:
    found = checked(value)
    if is_text(found):
        return str(found)
    number = as_number(found, around)
    return rendered.render({"numberValue": number}, {"type": "NUMBER", "pattern": pattern}, around.locale)


def _value(around: Surroundings, value: Any) -> float:
    if isinstance(checked(value), bool):
        raise Failed(VALUE)
    return as_number(value, around)


def _sumproduct(_around: Surroundings, *factors: Any) -> float:
    arrays = [np.asarray(factor, object) for factor in factors]
    if len({array.shape for array in arrays}) > 1:
        raise Failed(VALUE, "SUMPRODUCT has mismatched range sizes.")
    filled = [np.where(array == np.array(EMPTY, object), 0, array) for array in arrays]
    result: float = plain(of_library("SUMPRODUCT")(*filled))
    return result


def _serial(moment: datetime) -> float:
    day = (moment.date() - EPOCH).days
    return day + (moment - datetime.combine(moment.date(), datetime.min.time(), moment.tzinfo)).total_seconds() / 86_400


def _exactly(name: str, key_at: int, sorted_at: int) -> Callable[..., Any]:
    """A look-up of the library, but for wildcards, which it does not know in Google's way."""

    def looked_up(_around: Surroundings, *arguments: Any) -> Any:
        key = checked(arguments[key_at])
        nearest = len(arguments) <= sorted_at or bool(arguments[sorted_at])
        if is_text(key) and not nearest and re.search("[*?~]", key):
            raise Unsupported(f"A wildcard in {name}")
        return of_library(name)(key if key is not EMPTY else 0, *arguments[1:])

    return looked_up


_OWN: dict[str, Callable[..., Any]] = {
    "AND": _all_or_any("AND", all),
    "AVERAGEIF": single_criterion("AVERAGEIF", "AVERAGE"),
    "AVERAGEIFS": with_criteria("AVERAGEIFS", "AVERAGE"),
    "CEILING": _to_multiple(ROUND_CEILING),
    "CHAR": _char,
    "CHOOSE": _choose,
    "COLUMNS": _size_of(1),
    "CONCATENATE": _concatenate,
    "COUNTIF": countif,
    "COUNTIFS": countifs,
    "DAY": _of_day("day"),
    "FLOOR": _to_multiple(ROUND_FLOOR),
    "HLOOKUP": _exactly("HLOOKUP", 0, 3),
    "HYPERLINK": lambda _around, url, label=None: url if label is None else label,
    "IF": _if,
    "IFERROR": _iferror,
    "IFNA": _ifna,
    "IFS": _ifs,
    "INDEX": _index,
    "ISNUMBER": lambda _around, value: is_number(value),
    "MATCH": _exactly("MATCH", 0, 2),
    "MAXIFS": with_criteria("MAXIFS", "MAX"),
    "MINIFS": with_criteria("MINIFS", "MIN"),
    "MOD": _mod,
    "MONTH": _of_day("month"),
    "NOW": lambda around: _serial(around.now),
    "OR": _all_or_any("OR", any),
    "REGEXMATCH": _regexmatch,
    "REPT": _rept,
    "ROUND": _rounding(ROUND_HALF_UP),
    "ROUNDDOWN": _rounding(ROUND_DOWN),
    "ROUNDUP": _rounding(ROUND_UP),
    "ROWS": _size_of(0),
    "SUBSTITUTE": _substitute,
    "SUMIF": single_criterion("SUMIF", "SUM"),
    "SUMIFS": with_criteria("SUMIFS", "SUM"),
    "SUMPRODUCT": _sumproduct,
    "TEXT": _text,
    "TODAY": lambda around: int(_serial(around.now)),
    "TRIM": lambda _around, text: re.sub(" +", " ", text).strip(" "),
    "TRUNC": _rounding(ROUND_DOWN),
    "VALUE": _value,
    "VLOOKUP": _exactly("VLOOKUP", 0, 3),
    "YEAR": _of_day("year"),
}
