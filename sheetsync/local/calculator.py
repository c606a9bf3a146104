"""Formulas evaluated: the library's parser and functions, and a small stack that carries the values between them.

Importing this module takes long; `formula` does so only when there is a formula to evaluate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from formulas.errors import BaseError
from formulas.parser import Parser
from formulas.tokens.function import Function
from formulas.tokens.operand import NAME, REF, Empty, Error, Range, XlError
from formulas.tokens.operator import Operator

from sheetsync.local.formula import CellValue, Host, LookUp
from sheetsync.local.functions import SIGNATURES, call, operate
from sheetsync.local.operands import EMPTY, Block, Failed, Refusal, Surroundings, single
from sheetsync.local.shape import Name, Place, Problem, split
from sheetsync.local.syntax import FormulaError, Reference, Unsupported, letters

# --- the shape as the library reads it ---------------------------------------------------------------------------


class Step(NamedTuple):
    """One step in postfix order: `slot` puts an operand on the stack; `blank` an argument left out; `operator` and
    `function` take `taken` values from it."""

    kind: str
    name: str
    taken: int = 0


class _Postfix:
    """What the library's parser builds into: it hands the tokens over in postfix order."""

    def __init__(self, match: object = None) -> None:
        self.match = match
        self.steps: list[Step] = []
        self.depth = 0

    def append(self, token: Any) -> None:

        if isinstance(token, Operator):
            step = Step("operator", token.name.lower(), token.get_n_args)
        elif isinstance(token, Function):
            step = Step("function", token.name.upper(), token.get_n_args)
        elif isinstance(token, Range | Empty):
            step = Step("blank" if isinstance(token, Empty) else "slot", token.name)
        else:
            raise FormulaError
        self.depth += 1 - step.taken
        if self.depth < 1:
            raise FormulaError
        self.steps.append(step)

    def __len__(self) -> int:
        return self.depth

    def finish(self) -> None:
        """Nothing is left to do."""


@lru_cache(maxsize=2048)
def _steps(shape: str) -> tuple[Step, ...]:
    """The shape in postfix order. Raises FormulaError, Unsupported."""

    for name in re.findall(r"([^\W\d][\w.]*)\(", shape):
        if name not in SIGNATURES:
            raise Unsupported(name)
    parser = Parser()
    parser.ast_builder = _Postfix
    try:
        _, built = parser.ast(shape)
    except (BaseError, IndexError, KeyError, AttributeError) as error:
        raise FormulaError(shape) from error
    return tuple(built.steps)


# --- values --------------------------------------------------------------------------------------------------------

_TYPES = {
    "#NULL!": "NULL_VALUE",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#VALUE!": "VALUE",
    "#REF!": "REF",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#N/A": "N_A",
}
_WRITTEN = {kind: text for text, kind in _TYPES.items()}
_MESSAGES = {
    "NULL_VALUE": "Ranges do not intersect.",
    "DIVIDE_BY_ZERO": "Function DIVIDE parameter 2 cannot be zero.",
    "VALUE": "An argument has the wrong type.",
    "REF": "Reference does not exist.",
    "NAME": "Unknown name.",
    "NUM": "The result is not a number that can be shown.",
    "N_A": "Value not available.",
}


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"errorValue": {"type": kind, "message": message}}


class Calculator:
    """Evaluates formulas over one unchanging state of a workbook; ranges and outcomes of rules are remembered.

    `now` is the moment of TODAY() and NOW(), in the spreadsheet's time zone; `locale` the spreadsheet's; `ahead` how
    many rows of a column a rule reads at once. Not for use by two threads at once.
    """

    def __init__(self, look_up: LookUp, now: datetime, locale: str = "en_US", *, ahead: int = 256) -> None:
        self._ahead = ahead
        self._look_up = look_up
        self._now = now
        self._locale = locale
        self._blocks: dict[tuple[str | None, str], Block] = {}
        self._columns: dict[tuple[str | None, int, int], list[Block]] = {}
        self._outcomes: dict[tuple[str, tuple[Any, ...]], dict[str, Any]] = {}

    def evaluate(self, text: str, host: Host) -> dict[str, Any]:
        """The effective ExtendedValue of the formula `text` (with its `=`) in the cell `host`. Never raises.

        A blank result is the text "". What is not supported is an errorValue of type ERROR that says so.
        """
        return self._safely(text, host, Host(0, 0), ahead=False)

    def truth(self, text: str, origin: Host, host: Host) -> bool:
        """Whether the formula, written for `origin`, is true at `host`: its relative references move along. Errors,
        blanks and texts are not true; a number is unless it is 0. Never raises.

        Cells are read ahead, so `look_up` must not evaluate formulas in turn: rules look at effective values.
        """
        result = self._safely(text, host, Host(host.row - origin.row, host.column - origin.column), ahead=True)
        return bool(result.get("boolValue") or result.get("numberValue"))

    def _safely(self, text: str, host: Host, step: Host, *, ahead: bool) -> dict[str, Any]:
        try:
            return self._value(text, host, step, ahead=ahead)
        except Unsupported as what:
            return _error("ERROR", f"{what} is not supported by the local workbook")
        except FormulaError:
            return _error("ERROR", "Formula parse error.")

    def _value(self, text: str, host: Host, step: Host, *, ahead: bool) -> dict[str, Any]:

        shape, parts = split(text, self._locale)
        steps = _steps(shape)
        try:
            operands = [self._operand(operand, host, step, ahead=ahead) for operand in parts]
        except Failed as failure:
            return self._extended(failure.error, failure.message)
        if not ahead:
            return self._run(steps, operands)
        key = shape, tuple(_key(operand) for operand in operands)
        if key not in self._outcomes:
            self._outcomes[key] = self._run(steps, operands)
        return self._outcomes[key]

    # Operands

    def _operand(self, operand: Any, host: Host, step: Host, *, ahead: bool) -> Any:
        if isinstance(operand, Reference):
            if operand.form == "cell" and ahead:
                return self._cell(operand, step)
            shifted = _shifted(operand, step)
            open_ended = shifted.bottom is None or shifted.right is None
            return self._block(shifted.sheet, shifted.a1(), open_ended=open_ended, size=_size(shifted))
        if isinstance(operand, Place):
            return (_shifted(operand.of, step)[1:3] if operand.of else host)[operand.axis] + 1
        if isinstance(operand, Problem):
            return Error.errors[operand.text]
        return self._block(None, operand.text, open_ended=False) if isinstance(operand, Name) else operand

    def _cell(self, cell: Reference, step: Host) -> Block:
        """One cell, out of a stretch of its column that is read at once."""
        row = cell.top if cell.fixed[0] else cell.top + step.row
        column = cell.left if cell.fixed[1] else cell.left + step.column
        if row < 0 or column < 0:
            raise Failed(REF)
        part, place = divmod(row, self._ahead)
        key = cell.sheet, column, part
        stretch = self._columns.get(key)
        if stretch is None:
            a1 = f"{letters(column)}{part * self._ahead + 1}:{letters(column)}{(part + 1) * self._ahead}"
            rows = self._asked(cell.sheet, a1)
            stretch = [Block(((_native(cells[0] if cells else None),),)) for cells in rows]
            self._columns[key] = stretch
        return stretch[place] if place < len(stretch) else _BLANK

    def _block(self, sheet: str | None, a1: str, *, open_ended: bool, size: tuple[int, int] = (1, 1)) -> Block:
        if (sheet, a1) not in self._blocks:
            rows = self._asked(sheet, a1)
            height, width = max(len(rows), size[0]), max([len(row) for row in rows] + [size[1]])
            filled = [tuple(_native(cell) for cell in row) + (EMPTY,) * (width - len(row)) for row in rows]
            filled += [(EMPTY,) * width] * (height - len(filled))
            self._blocks[sheet, a1] = Block(tuple(filled), open_ended)
        return self._blocks[sheet, a1]

    def _asked(self, sheet: str | None, a1: str) -> Sequence[Sequence[CellValue]]:
        try:
            return self._look_up(sheet, a1)
        except (KeyError, ValueError):
            if sheet is None:
                raise Failed(NAME, f"Unknown range name: '{a1.upper()[:100]}'.") from None
            raise Failed(REF, f"Unresolved sheet name '{sheet[:100]}'.") from None

    # The stack

    def _run(self, steps: Sequence[Step], operands: Sequence[Any]) -> dict[str, Any]:

        around = Surroundings(self._now, self._locale)
        stack: list[Any] = []
        said: dict[str, str] = {}
        for step in steps:
            if step.kind == "slot":
                stack.append(operands[int(step.name.strip("_"))])
                continue
            if step.kind == "blank":
                stack.append(EMPTY)
                continue
            arguments = stack[len(stack) - step.taken :]
            del stack[len(stack) - step.taken :]
            try:
                stack.append((call if step.kind == "function" else operate)(step.name, arguments, around))
            except Failed as failure:
                stack.append(failure.error)
                said.setdefault(str(failure.error), failure.message)
            except Unsupported as what:
                stack.append(Refusal(str(what)))
        result = single(stack[0])
        return self._extended(result, said.get(str(result), ""))

    def _extended(self, result: Any, message: str) -> dict[str, Any]:

        if isinstance(result, XlError):
            kind = _TYPES.get(str(result), "ERROR")
            return _error(kind, message or _MESSAGES.get(kind, "Error."))
        if result is EMPTY:
            return {"stringValue": ""}
        if isinstance(result, bool):
            return {"boolValue": result}
        if isinstance(result, str):
            return {"stringValue": result}
        return {"numberValue": int(result) if float(result).is_integer() and abs(result) < 1e15 else float(result)}


def _native(value: CellValue) -> Any:
    """A cell's value as the functions take it."""

    if value is None:
        return EMPTY
    if isinstance(value, Mapping):
        return Error.errors[_WRITTEN.get(str(value.get("type")), "#VALUE!")]
    return value


_BLANK = Block(((EMPTY,),))


def _shifted(reference: Reference, step: Host) -> Reference:
    moved = reference.moved(*step) if any(step) else reference
    if moved is None:
        raise Failed(REF)
    return moved


def _size(reference: Reference) -> tuple[int, int]:
    height = 1 if reference.bottom is None else reference.bottom - reference.top + 1
    width = 1 if reference.right is None else reference.right - reference.left + 1
    return (height, width) if reference.form != "columns" else (1, width)


def _key(operand: Any) -> Any:
    """What two equal operands have in common; 1, 1.0 and TRUE are told apart."""
    if isinstance(operand, Block):
        if len(operand.rows) > 1 or len(operand.rows[0]) > 1:
            return id(operand)
        operand = operand.rows[0][0]
    return type(operand), operand
