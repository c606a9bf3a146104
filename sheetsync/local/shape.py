"""A formula split into its shape and the operands that fill it.

The shape is the formula with a numbered slot (`_0_`) in place of every operand: functions, operators, brackets, commas.
Formulas that differ only in their cells and constants have the same shape, so it is compiled once; and nothing that
people typed, other than the names of functions, is in it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from sheetsync.local.locales import conventions
from sheetsync.local.syntax import FormulaError, Reference, Token, Unsupported, parse_reference, tokens


class Name(NamedTuple):
    """A named range, or a word that is none."""

    text: str


class Place(NamedTuple):
    """ROW (axis 0) or COLUMN (axis 1) of a cell, or of the formula's own where `of` is None."""

    axis: int
    of: Reference | None = None


class Problem(NamedTuple):
    """An error written into the formula, `#N/A`."""

    text: str


class Split(NamedTuple):
    """`shape`: what the library parses; `operands`: what fills its slots, in order."""

    shape: str
    operands: tuple[Any, ...]


@lru_cache(maxsize=4096)
def split(text: str, locale: str) -> Split:
    """The formula `text` (with its `=`). Raises FormulaError, Unsupported."""
    found = list(tokens(text, locale))
    shape: list[str] = []
    operands: list[Any] = []
    index = 0
    while index < len(found):
        operand: tuple[Any] | None
        replaced = _replaced(found, index)
        if replaced:
            operand, index = replaced
        elif _is_coercion(found, index):
            shape += [f"_{len(operands)}_", "*"]
            operands.append(1)
            index += 2
            continue
        else:
            operand, index = _operand(found[index], locale), index + 1
            _refuse_tower(found, index - 1)
        if operand is None:
            shape.append(_sign(found[index - 1]))
        elif shape and shape[-1].startswith("_"):
            raise FormulaError(text)
        else:
            shape.append(f"_{len(operands)}_")
            operands.append(operand[0])
    return Split("=" + "".join(shape), tuple(operands))


def _replaced(found: list[Token], index: int) -> tuple[tuple[Any], int] | None:
    """Functions that are settled by their text: SPARKLINE(...), INDIRECT("..."), ROW() and COLUMN()."""
    token = found[index]
    name = token.text.upper()
    if token.kind != "function" or name not in ("SPARKLINE", "INDIRECT", "ROW", "COLUMN"):
        return None
    end = _closing(found, index)
    inside = found[index + 1 : end]
    if name == "SPARKLINE":
        return ("",), end + 1
    if name == "INDIRECT":
        target = parse_reference(inside[0].text) if [part.kind for part in inside] == ["string"] else None
        if target is None:
            raise Unsupported("INDIRECT of anything but a constant address")
        return (_anchored(target),), end + 1
    axis = int(name == "COLUMN")
    if not inside:
        return (Place(axis),), end + 1
    if [part.kind for part in inside] == ["reference"] and inside[0].reference and inside[0].reference.form == "cell":
        return (Place(axis, inside[0].reference),), end + 1
    raise Unsupported(f"{name} of a range")


def _is_coercion(found: list[Token], index: int) -> bool:
    """Two signs that only make a number of what follows, `--A1`: the library would drop them."""
    before = found[index - 1] if index else None
    if [token.text for token in found[index : index + 2]] != ["-", "-"] or found[index].kind != "operator":
        return False
    if (
        before is None
        or before.kind in ("open", "separator", "function")
        or before.text in ("=", "<", ">", "<=", ">=", "&")
    ):
        return True
    raise Unsupported("Two signs in a row")


def _refuse_tower(found: list[Token], index: int) -> None:
    """`2^3^2`: spreadsheets differ on which comes first."""
    if found[index].text == "^" and [part.text for part in found[index + 2 : index + 3]] == ["^"]:
        raise Unsupported("A power of a power without parentheses")


def _closing(found: list[Token], index: int) -> int:
    depth = 0
    for at in range(index, len(found)):
        depth += (found[at].kind in ("open", "function")) - (found[at].kind == "close")
        if depth == 0:
            return at
    raise FormulaError


def _anchored(target: Reference) -> Reference:
    """A reference that does not move with its formula."""
    return Reference(
        target.sheet, target.top, target.left, target.bottom, target.right, (True, True, True, True), target.form
    )


def _operand(token: Token, locale: str) -> tuple[Any] | None:
    """The operand that a token is, in a tuple; None for what belongs to the shape."""
    if token.kind == "string":
        return (token.text,)
    if token.kind == "number":
        number = float(token.text)
        if number == float("inf"):
            raise FormulaError(token.text)
        return (int(number) if number.is_integer() and abs(number) < 1e15 else number,)
    if token.kind == "reference":
        return (token.reference,)
    if token.kind == "error":
        return (Problem(token.text.upper()),)
    if token.kind != "name":
        return None
    habits = conventions(locale)
    words = {"TRUE": True, "FALSE": False, habits.true.upper(): True, habits.false.upper(): False}
    return (words.get(token.text.upper(), Name(token.text)),)


def _sign(token: Token) -> str:
    if token.kind == "function":
        name = token.text.upper()
        if name in ("TRUE", "FALSE"):
            raise Unsupported(f"{name}()")
        return f"{name}("
    if token.kind == "brace":
        raise Unsupported("An array in braces")
    return {"open": "(", "close": ")", "separator": ","}.get(token.kind, token.text)
