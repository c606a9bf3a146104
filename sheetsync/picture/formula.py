"""Reads the few formulas that a picture must understand: SPARKLINE and HYPERLINK with literals and references.

No formula engine: everything that is not a literal, an array, a reference or a call is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from babel.core import UnknownLocaleError
from babel.numbers import get_decimal_symbol


@dataclass(frozen=True, slots=True)
class Reference:
    """A range or a name, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Array:
    """An array literal: its rows."""

    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function (name in capitals) and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


Expression = Array | Call | Reference | str | float | bool | None

_STRING = r'"(?P<string>(?:[^"]|"")*)"'
_NAME = r"(?P<name>(?:'(?:[^']|'')*'!)?[$\w][\w.$:!]*)"
_MARK = r"(?P<mark>[(){},;\\])"


@lru_cache(maxsize=64)
def decimal_symbol(locale: str) -> str:
    """The decimal separator of a spreadsheet's locale such as `de_DE`; `.` where it is unknown."""
    try:
        return get_decimal_symbol(locale)
    except (UnknownLocaleError, ValueError):
        return "."


@lru_cache(maxsize=64)
def _token(comma: bool) -> re.Pattern[str]:
    number = rf"(?P<number>[-+]?(?:\d+(?:[.{',' if comma else ''}]\d*)?|\.\d+)(?:[eE][-+]?\d+)?%?)(?![\w:!$])"
    return re.compile(rf"\s*(?:{_STRING}|{number}|{_NAME}|{_MARK})\s*")


def parse(formula: str, locale: str) -> Expression:
    """The formula as a tree; None where it holds anything but literals, references and calls.

    In a locale with a decimal comma `;` parts arguments and `\\` columns; elsewhere `,` does both.
    """
    if not formula.startswith("="):
        return None
    try:
        reader = _Reader(formula[1:], comma=decimal_symbol(locale) == ",")
        tree = reader.expression()
    except (ValueError, RecursionError):
        return None
    return tree if reader.at_end else None


class _Reader:
    """A recursive descent over the tokens; raises ValueError at what it doesn't know."""

    def __init__(self, text: str, *, comma: bool) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._next = 0
        token, position = _token(comma), 0
        while position < len(text):
            match = token.match(text, position)
            if not match or match.end() == position:
                raise ValueError(text)
            kind = str(match.lastgroup)
            self._tokens.append((kind, match[kind]))
            position = match.end()

    @property
    def at_end(self) -> bool:
        return self._next == len(self._tokens)

    def _peek(self) -> str:
        kind, text = self._tokens[self._next] if not self.at_end else ("", "")
        return text if kind == "mark" else ""

    def _take(self) -> tuple[str, str]:
        if self.at_end:
            raise ValueError("ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def expression(self) -> Expression:
        kind, text = self._take()
        if kind == "string":
            return text.replace('""', '"')
        if kind == "number":
            value = float(text.rstrip("%").replace(",", "."))
            return value / 100 if text.endswith("%") else value
        if kind == "name":
            return self._named(text)
        if text == "{":
            return self._array()
        raise ValueError(text)

    def _named(self, text: str) -> Expression:
        if self._peek() == "(":
            self._take()
            return Call(text.upper(), self._arguments())
        if text.upper() in ("TRUE", "FALSE"):
            return text.upper() == "TRUE"
        return Reference(text)

    def _arguments(self) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        while True:
            arguments.append(None if self._peek() in (",", ";", ")") else self.expression())
            mark = self._take()[1]
            if mark == ")":
                return tuple(arguments)
            if mark not in (",", ";"):
                raise ValueError(mark)

    def _array(self) -> Array:
        rows: list[tuple[Expression, ...]] = []
        row: list[Expression] = []
        while True:
            row.append(None if self._peek() in (",", ";", "\\", "}") else self.expression())
            mark = self._take()[1]
            if mark in (";", "}"):
                rows.append(tuple(row))
                row = []
            if mark == "}":
                return Array(tuple(rows))
            if mark not in (",", ";", "\\"):
                raise ValueError(mark)
