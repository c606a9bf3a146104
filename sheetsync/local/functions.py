"""The functions and operators of formulas: those of the `formulas` library, with arguments as Google takes them.

The library follows Excel and is lenient where Google is not (texts that look like numbers, say), so each argument is
brought into the kind that the function's signature names before the library sees it. Only functions in SIGNATURES are
called; where the library's answer is not Google's, the function stands here as a few lines of its own.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from functools import cache, cached_property
from importlib import import_module
from typing import Any

import numpy as np
import regex  # type: ignore[import-untyped] # it ships no types
import schedula
from formulas.functions.operators import OPERATORS
from formulas.tokens.operand import NA, NUM, REF, VALUE, XlError

from sheetsync.local import entered, rendered
from sheetsync.local.locales import EPOCH
from sheetsync.local.syntax import Unsupported

EMPTY = schedula.EMPTY
MAX_TEXT = 50_000
"""Characters that a cell can hold."""
_FIRST_SAME_DAY = 61
"""Serial of 1 March 1900: from then on Excel's calendar, and so the library's, is Google's."""


_FIRST_TOO_LATE = 2_958_466
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
        return _blank_all_but_numbers(self.array)

    @cached_property
    def counts(self) -> dict[tuple[str, Any], int]:
        """How often each value stands there; texts without regard to case."""
        found: dict[tuple[str, Any], int] = {}
        for row in self.rows:
            for value in row:
                found[_identity(value)] = found.get(_identity(value), 0) + 1
        return found


def _identity(value: Any) -> tuple[str, Any]:
    if isinstance(value, str) and not isinstance(value, schedula.Token):
        return "text", value.casefold()
    return ("truth" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "other"), value


@cache
def _only_numbers() -> Any:
    def kept(value: Any) -> Any:
        return value if isinstance(value, XlError) or _is_number(value) else EMPTY

    return np.frompyfunc(kept, 1, 1)


def _blank_all_but_numbers(array: Any) -> Any:
    return _only_numbers()(array) if array.size else array


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, schedula.Token)


# --- one value of the kind that is asked for ---------------------------------------------------------------------


def single(value: Any) -> Any:
    """The value itself, of a cell its content. Raises Unsupported."""
    if isinstance(value, Refusal):
        raise Unsupported(value.what)
    return value.value if isinstance(value, Block) else value


def _checked(value: Any) -> Any:
    found = single(value)
    if isinstance(found, XlError):
        raise Failed(found)
    return found


def as_number(value: Any, around: Surroundings) -> float:
    """Blank is 0, truth 0 or 1; a text is read as if typed. Raises Failed."""
    found = _checked(value)
    if found is EMPTY:
        return 0
    if _is_text(found):
        typed, _ = entered.parse(found, around.locale, None, around.now.date())
        if typed is None or "numberValue" not in typed:
            raise Failed(VALUE, f"'{found[:100]}' is a text and cannot be coerced to a number.")
        found = typed["numberValue"]
    number: float = int(found) if isinstance(found, bool) else found
    return number


def as_text(value: Any, around: Surroundings) -> str:
    """As `&` joins it: numbers in the locale's plain form."""
    found = _checked(value)
    if found is EMPTY:
        return ""
    if isinstance(found, bool):
        return rendered.render({"boolValue": found}, None, around.locale)
    return str(found) if _is_text(found) else rendered.render({"numberValue": found}, None, around.locale)


def as_truth(value: Any, _around: Surroundings) -> bool:
    """Blank is false; a text is no truth value. Raises Failed."""
    found = _checked(value)
    if found is EMPTY:
        return False
    if _is_text(found):
        raise Failed(VALUE, f"'{found[:100]}' is a text and cannot be coerced to a boolean.")
    return bool(found)


def _as_day(value: Any, around: Surroundings) -> float:
    number = as_number(value, around)
    if number < _FIRST_SAME_DAY:
        raise Unsupported("A date before March 1900 in a formula")
    if number >= _FIRST_TOO_LATE:
        raise Failed(NUM, "A date is after the year 9999.")
    return number


def _as_numbers(value: Any, around: Surroundings) -> Any:
    return value.numbers if isinstance(value, Block) else as_number(value, around)


def _as_truths(value: Any, around: Surroundings) -> Any:
    if isinstance(value, Block) and (len(value.rows) > 1 or len(value.rows[0]) > 1):
        return value.array
    return EMPTY if single(value) is EMPTY else as_truth(value, around)


def _as_array(value: Any, _around: Surroundings) -> Any:
    return value.array if isinstance(value, Block) else np.array([[single(value)]], object)


def _as_anything(value: Any, _around: Surroundings) -> Any:
    return single(value)


_KINDS: dict[str, Callable[[Any, Surroundings], Any]] = {
    "n": as_number,
    "t": as_text,
    "b": as_truth,
    "d": _as_day,
    "N": _as_numbers,
    "B": _as_truths,
    "A": _as_array,
    "v": _as_anything,
    "x": lambda value, _around: value,
}

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
            return _of_library(name)(*values)
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
    ready = [_KINDS[kind](value, around) for kind, value in zip(_kinds(name, len(arguments)), arguments, strict=True)]
    if name not in _BRANCHING:
        for value in arguments:
            if isinstance(value, Refusal):
                raise Unsupported(value.what)
    own = _OWN.get(name)
    try:
        result = plain(own(around, *ready) if own else _of_library(name)(*ready))
    except (Failed, Unsupported):
        raise
    except Exception as error:  # the library raises what it likes on arguments that it does not expect
        raise Unsupported(f"{name} of these values") from error
    if name in _DATED and _is_number(result) and result < _FIRST_SAME_DAY:
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


@cache
def _of_library(name: str) -> Callable[..., Any]:
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
    if _is_text(result) and len(result) > MAX_TEXT:
        raise Failed(VALUE, f"Text result is longer than the limit of {MAX_TEXT} characters.")
    return result


# --- operators -----------------------------------------------------------------------------------------------------

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip


def operate(sign: str, operands: Sequence[Any], around: Surroundings) -> Any:
    """The value of an operator (`u-` and `u+` are the signs before a number). Raises Failed, Unsupported."""
    if sign in _COMPARISONS:
        return _COMPARISONS[sign](*_comparable(_checked(operands[0]), _checked(operands[1])))
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
    return _of_library("MOD")(number, divisor)


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
    found = _checked(value)
    if _is_text(found):
        return str(found)
    number = as_number(found, around)
    return rendered.render({"numberValue": number}, {"type": "NUMBER", "pattern": pattern}, around.locale)


def _value(around: Surroundings, value: Any) -> float:
    if isinstance(_checked(value), bool):
        raise Failed(VALUE)
    return as_number(value, around)


def _sumproduct(_around: Surroundings, *factors: Any) -> float:
    arrays = [np.asarray(factor, object) for factor in factors]
    if len({array.shape for array in arrays}) > 1:
        raise Failed(VALUE, "SUMPRODUCT has mismatched range sizes.")
    filled = [np.where(array == np.array(EMPTY, object), 0, array) for array in arrays]
    result: float = plain(_of_library("SUMPRODUCT")(*filled))
    return result


def _serial(moment: datetime) -> float:
    day = (moment.date() - EPOCH).days
    return day + (moment - datetime.combine(moment.date(), datetime.min.time(), moment.tzinfo)).total_seconds() / 86_400


def _exactly(name: str, key_at: int, sorted_at: int) -> Callable[..., Any]:
    """A look-up of the library, but for wildcards, which it does not know in Google's way."""

    def looked_up(_around: Surroundings, *arguments: Any) -> Any:
        key = _checked(arguments[key_at])
        nearest = len(arguments) <= sorted_at or bool(arguments[sorted_at])
        if _is_text(key) and not nearest and re.search("[*?~]", key):
            raise Unsupported(f"A wildcard in {name}")
        return _of_library(name)(key if key is not EMPTY else 0, *arguments[1:])

    return looked_up


# --- sums with criteria --------------------------------------------------------------------------------------------


def _matcher(criterion: Any, around: Surroundings) -> Callable[[Any], bool]:
    """Whether a cell meets a criterion such as `5`, `>=10`, `<>x`, `Anna*`."""
    wanted = _checked(criterion)
    if wanted is EMPTY:
        raise Unsupported("A blank criterion")
    if not _is_text(wanted):
        return lambda value: (
            type(value) is type(wanted) and value == wanted if isinstance(wanted, bool) else _same(value, wanted)
        )
    match = re.fullmatch("(<=|>=|<>|=|<|>)?(.*)", wanted, re.DOTALL)
    assert match is not None  # noqa: S101 - the pattern matches every text
    sign, rest = match[1] or "", match[2]
    if sign == "<>":
        same = _equal_to(rest, "=", around)
        return lambda value: not same(value)
    if sign in ("", "="):
        return _equal_to(rest, sign, around)
    return _ordered(_COMPARISONS[sign], rest, around)


def _typed(text: str, around: Surroundings) -> Any:
    value, _ = entered.parse(text, around.locale, None, around.now.date())
    return next(iter((value or {"stringValue": ""}).values()))


def _same(value: Any, number: float) -> bool:
    if _is_text(value) and re.fullmatch(r"\s*[-+]?[\d.,\s]*\d[\d.,\s]*%?\s*", value):
        raise Unsupported("A criterion that compares a number with a text that looks like one")
    return _is_number(value) and value == number


def _equal_to(rest: str, sign: str, around: Surroundings) -> Callable[[Any], bool]:
    if not rest:
        return lambda value: value is EMPTY or (not sign and _is_text(value) and value == "")
    wanted = _typed(rest, around)
    if isinstance(wanted, bool):
        return lambda value: isinstance(value, bool) and value == wanted
    if _is_number(wanted):
        return lambda value: _same(value, wanted)
    if not re.search("[*?~]", rest):
        folded = rest.casefold()
        return lambda value: _is_text(value) and value.casefold() == folded
    pattern = regex.compile(_wildcards(rest), regex.IGNORECASE | regex.DOTALL)

    def matches(value: Any) -> bool:
        try:
            return _is_text(value) and pattern.fullmatch(value, timeout=0.2) is not None
        except TimeoutError:
            raise Unsupported("A wildcard that takes long") from None

    return matches


def _wildcards(text: str) -> str:
    """The regular expression of a pattern with `*`, `?`, and `~` before either for the sign itself."""
    made: list[str] = []
    for part in re.findall(r"~[*?~]|[*]+|.", text, re.DOTALL):
        if part[0] == "*":
            made.append(".*")
        elif part == "?":
            made.append(".")
        else:
            made.append(re.escape(part[-1]))
    return "".join(made)


def _ordered(compare: Callable[[Any, Any], bool], rest: str, around: Surroundings) -> Callable[[Any], bool]:
    wanted = _typed(rest, around)
    if _is_number(wanted):
        return lambda value: _is_number(value) and compare(value, wanted)
    return lambda value: _is_text(value) and compare(value.casefold(), rest.casefold())


def _aligned(name: str, blocks: Sequence[Any]) -> list[Any]:
    """The arrays of ranges that belong together, open-ended ones brought to one length. Raises Failed."""
    arrays = [_as_array(block, None) for block in blocks]  # type: ignore[arg-type] # arrays need no surroundings
    longest = max(array.shape[0] for array in arrays)
    for index, (block, array) in enumerate(zip(blocks, arrays, strict=True)):
        if isinstance(block, Block) and block.open_ended and array.shape[0] < longest:
            padding = np.full((longest - array.shape[0], array.shape[1]), EMPTY, object)
            arrays[index] = np.concatenate([array, padding])
    if len({array.shape for array in arrays}) > 1:
        raise Failed(VALUE, f"Array arguments to {name} are of different size.")
    return arrays


def _with_criteria(name: str, total: str) -> Callable[..., Any]:
    """SUMIFS and its kin: the library's plain function over the cells that meet all criteria."""

    def reckoned(around: Surroundings, values: Any, *pairs: Any) -> Any:
        if not pairs or len(pairs) % 2:
            raise Failed(NA, f"Wrong number of arguments to {name}.")
        array, *ranges = _aligned(name, [values, *pairs[::2]])
        met = _met(ranges, pairs[1::2], around)
        return _of_library(total)(_blank_all_but_numbers(array)[met] if met.any() else np.array([EMPTY], object))

    return reckoned


def _met(ranges: Sequence[Any], criteria: Sequence[Any], around: Surroundings) -> Any:
    met = np.ones(ranges[0].shape, bool)
    for array, criterion in zip(ranges, criteria, strict=True):
        met &= np.frompyfunc(_matcher(criterion, around), 1, 1)(array).astype(bool) if array.size else met
    return met


def _countifs(around: Surroundings, *pairs: Any) -> int:
    if not pairs or len(pairs) % 2:
        raise Failed(NA, "Wrong number of arguments to COUNTIFS.")
    return int(_met(_aligned("COUNTIFS", pairs[::2]), pairs[1::2], around).sum())


def _countif(around: Surroundings, block: Any, criterion: Any) -> int:
    """Counting a plain text looks it up in the range's index: a rule over a whole column asks for it row by row."""
    wanted = _checked(criterion)
    if (
        isinstance(block, Block)
        and _is_text(wanted)
        and re.fullmatch("[^<>=*?~]+", wanted)
        and _is_text(_typed(wanted, around))
    ):
        return block.counts.get(_identity(wanted), 0)
    return _countifs(around, block, criterion)


def _single_criterion(plural: str, total: str) -> Callable[..., Any]:
    def reckoned(around: Surroundings, block: Any, criterion: Any, values: Any = None) -> Any:
        return _with_criteria(plural, total)(around, block if values is None else values, block, criterion)

    return reckoned


_OWN: dict[str, Callable[..., Any]] = {
    "AND": _all_or_any("AND", all),
    "AVERAGEIF": _single_criterion("AVERAGEIF", "AVERAGE"),
    "AVERAGEIFS": _with_criteria("AVERAGEIFS", "AVERAGE"),
    "CEILING": _to_multiple(ROUND_CEILING),
    "CHAR": _char,
    "CHOOSE": _choose,
    "COLUMNS": _size_of(1),
    "CONCATENATE": _concatenate,
    "COUNTIF": _countif,
    "COUNTIFS": _countifs,
    "DAY": _of_day("day"),
    "FLOOR": _to_multiple(ROUND_FLOOR),
    "HLOOKUP": _exactly("HLOOKUP", 0, 3),
    "HYPERLINK": lambda _around, url, label=None: url if label is None else label,
    "IF": _if,
    "IFERROR": _iferror,
    "IFNA": _ifna,
    "IFS": _ifs,
    "INDEX": _index,
    "ISNUMBER": lambda _around, value: _is_number(value),
    "MATCH": _exactly("MATCH", 0, 2),
    "MAXIFS": _with_criteria("MAXIFS", "MAX"),
    "MINIFS": _with_criteria("MINIFS", "MIN"),
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
    "SUMIF": _single_criterion("SUMIF", "SUM"),
    "SUMIFS": _with_criteria("SUMIFS", "SUM"),
    "SUMPRODUCT": _sumproduct,
    "TEXT": _text,
    "TODAY": lambda around: int(_serial(around.now)),
    "TRIM": lambda _around, text: re.sub(" +", " ", text).strip(" "),
    "TRUNC": _rounding(ROUND_DOWN),
    "VALUE": _value,
    "VLOOKUP": _exactly("VLOOKUP", 0, 3),
    "YEAR": _of_day("year"),
}
