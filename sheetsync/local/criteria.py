"""SUMIFS, COUNTIF and their kin: which cells meet a criterion such as `5`, `>=10`, `<>x`, `Anna*`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import regex  # type: ignore[import-untyped] # it ships no types
from formulas.tokens.operand import NA, VALUE

from sheetsync.local import entered
from sheetsync.local.operands import (
    COMPARISONS,
    EMPTY,
    Block,
    Failed,
    Surroundings,
    as_array,
    blank_all_but_numbers,
    checked,
    identity,
    is_number,
    is_text,
    of_library,
)
from sheetsync.local.syntax import Unsupported


def _matcher(criterion: Any, around: Surroundings) -> Callable[[Any], bool]:
    """Whether a cell meets a criterion such as `5`, `>=10`, `<>x`, `Anna*`."""
    wanted = checked(criterion)
    if wanted is EMPTY:
        raise Unsupported("A blank criterion")
    if not is_text(wanted):
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
    return _ordered(COMPARISONS[sign], rest, around)


def _typed(text: str, around: Surroundings) -> Any:
    value, _ = entered.parse(text, around.locale, None, around.now.date())
    return next(iter((value or {"stringValue": ""}).values()))


def _same(value: Any, number: float) -> bool:
    if is_text(value) and re.fullmatch(r"\s*[-+]?[\d.,\s]*\d[\d.,\s]*%?\s*", value):
        raise Unsupported("A criterion that compares a number with a text that looks like one")
    return is_number(value) and value == number


def _equal_to(rest: str, sign: str, around: Surroundings) -> Callable[[Any], bool]:
    if not rest:
        return lambda value: value is EMPTY or (not sign and is_text(value) and value == "")
    wanted = _typed(rest, around)
    if isinstance(wanted, bool):
        return lambda value: isinstance(value, bool) and value == wanted
    if is_number(wanted):
        return lambda value: _same(value, wanted)
    if not re.search("[*?~]", rest):
        folded = rest.casefold()
        return lambda value: is_text(value) and value.casefold() == folded
    pattern = regex.compile(_wildcards(rest), regex.IGNORECASE | regex.DOTALL)

    def matches(value: Any) -> bool:
        try:
            return is_text(value) and pattern.fullmatch(value, timeout=0.2) is not None
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
    if is_number(wanted):
        return lambda value: is_number(value) and compare(value, wanted)
    return lambda value: is_text(value) and compare(value.casefold(), rest.casefold())


def _aligned(name: str, blocks: Sequence[Any]) -> list[Any]:
    """The arrays of ranges that belong together, open-ended ones brought to one length. Raises Failed."""
    arrays = [as_array(block, None) for block in blocks]  # type: ignore[arg-type] # arrays need no surroundings
    longest = max(array.shape[0] for array in arrays)
    for index, (block, array) in enumerate(zip(blocks, arrays, strict=True)):
        if isinstance(block, Block) and block.open_ended and array.shape[0] < longest:
            padding = np.full((longest - array.shape[0], array.shape[1]), EMPTY, object)
            arrays[index] = np.concatenate([array, padding])
    if len({array.shape for array in arrays}) > 1:
        raise Failed(VALUE, f"Array arguments to {name} are of different size.")
    return arrays


def with_criteria(name: str, total: str) -> Callable[..., Any]:
    """SUMIFS and its kin: the library's plain function over the cells that meet all criteria."""

    def reckoned(around: Surroundings, values: Any, *pairs: Any) -> Any:
        if not pairs or len(pairs) % 2:
            raise Failed(NA, f"Wrong number of arguments to {name}.")
        array, *ranges = _aligned(name, [values, *pairs[::2]])
        met = _met(ranges, pairs[1::2], around)
        return of_library(total)(blank_all_but_numbers(array)[met] if met.any() else np.array([EMPTY], object))

    return reckoned


def _met(ranges: Sequence[Any], criteria: Sequence[Any], around: Surroundings) -> Any:
    met = np.ones(ranges[0].shape, bool)
    for array, criterion in zip(ranges, criteria, strict=True):
        met &= np.frompyfunc(_matcher(criterion, around), 1, 1)(array).astype(bool) if array.size else met
    return met


def countifs(around: Surroundings, *pairs: Any) -> int:
    """COUNTIFS. Raises Failed, Unsupported."""
    if not pairs or len(pairs) % 2:
        raise Failed(NA, "Wrong number of arguments to COUNTIFS.")
    return int(_met(_aligned("COUNTIFS", pairs[::2]), pairs[1::2], around).sum())


def countif(around: Surroundings, block: Any, criterion: Any) -> int:
    """Counting a plain text looks it up in the range's index: a rule over a whole column asks for it row by row."""
    wanted = checked(criterion)
    if (
        isinstance(block, Block)
        and is_text(wanted)
        and re.fullmatch("[^<>=*?~]+", wanted)
        and is_text(_typed(wanted, around))
    ):
        return block.counts.get(identity(wanted), 0)
    return countifs(around, block, criterion)


def single_criterion(plural: str, total: str) -> Callable[..., Any]:
    """SUMIF and its kin, from their plural."""

    def reckoned(around: Surroundings, block: Any, criterion: Any, values: Any = None) -> Any:
        return with_criteria(plural, total)(around, block if values is None else values, block, criterion)

    return reckoned
