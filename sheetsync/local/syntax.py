"""The text of a formula, cut into tokens: references, texts, numbers in the locale's form, functions, operators."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from sheetsync.local.locales import conventions

MAX_LENGTH = 8_192
"""Characters of a formula that is evaluated."""
MAX_TOKENS = 2_000
MAX_NESTING = 64

_SHEET = r"(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^\W\d]\w*))!)?"
_CELL = r"(?P<ca>\$?)(?P<c>[A-Za-z]{1,3})(?P<ra>\$?)(?P<r>[1-9][0-9]{0,6})"
_END = r"(?P<Ca>\$?)(?P<C>[A-Za-z]{1,3})?(?P<Ra>\$?)(?P<R>[1-9][0-9]{0,6})?"
_REFERENCES = tuple(
    re.compile(rf"{_SHEET}{form}(?![\w(.!:$])")
    for form in (
        rf"{_CELL}(?P<colon>:){_END}",
        _CELL,
        r"(?P<ca>\$?)(?P<c>[A-Za-z]{1,3})(?P<colon>:)(?P<Ca>\$?)(?P<C>[A-Za-z]{1,3})",
        r"(?P<ra>\$?)(?P<r>[1-9][0-9]{0,6})(?P<colon>:)(?P<Ra>\$?)(?P<R>[1-9][0-9]{0,6})",
    )
)


class FormulaError(ValueError):
    """The text is no formula."""


class Unsupported(Exception):  # noqa: N818 - a limit of this workbook, not an error of the formula
    """The formula needs what this workbook does not evaluate; the message names it."""


class Reference(NamedTuple):
    """A cell or a range; 0-based, inclusive; `bottom` and `right` are None where the range is open.

    `fixed` tells for (top, left, bottom, right) whether it keeps its place when the formula is copied. `form` is how it
    is written: `cell`, `area` (A1:B2, A1:B), `columns` (A:B) or `rows` (1:2).
    """

    sheet: str | None
    top: int
    left: int
    bottom: int | None
    right: int | None
    fixed: tuple[bool, bool, bool, bool]
    form: str

    def moved(self, rows: int, columns: int) -> Reference | None:
        """The reference of a formula that was copied so far; None where it falls off the grid."""
        steps = [0 if fixed else step for fixed, step in zip(self.fixed, (rows, columns, rows, columns), strict=True)]
        top, left = self.top + steps[0], self.left + steps[1]
        bottom = None if self.bottom is None else self.bottom + steps[2]
        right = None if self.right is None else self.right + steps[3]
        if min(top, left) < 0 or min(bottom or 0, right or 0) < 0:
            return None
        return Reference(self.sheet, top, left, bottom, right, self.fixed, self.form)

    def a1(self, *, signs: bool = False) -> str:
        """The range within its sheet: `B2`, `A2:C9`, `A:A`, `A2:A`, `2:2`; with its `$` if `signs`."""
        mark = ["$" if fixed and signs else "" for fixed in self.fixed]
        first_row, first_column = f"{mark[0]}{self.top + 1}", f"{mark[1]}{letters(self.left)}"
        last_row = "" if self.bottom is None else f"{mark[2]}{self.bottom + 1}"
        last_column = "" if self.right is None else f"{mark[3]}{letters(self.right)}"
        return {
            "cell": f"{first_column}{first_row}",
            "area": f"{first_column}{first_row}:{last_column}{last_row}",
            "columns": f"{first_column}:{last_column}",
            "rows": f"{first_row}:{last_row}",
        }[self.form]


class Token(NamedTuple):
    """A piece of a formula. `kind`: string, error, function, reference, number, name, operator, open, close, separator,
    brace; `text` as written (of a string without its quotes; of a number in Python's form; of a function its name)."""

    kind: str
    text: str
    start: int
    end: int
    reference: Reference | None = None


def letters(column: int) -> str:
    """0 -> A, 26 -> AA."""
    text, left = "", column + 1
    while left:
        left, rest = divmod(left - 1, 26)
        text = chr(65 + rest) + text
    return text


def _column(text: str) -> int:
    value = 0
    for letter in text.upper():
        value = value * 26 + ord(letter) - 64
    return value - 1


def _reference(match: re.Match[str]) -> Reference | None:
    part = match.groupdict()
    sheet = part["quoted"].replace("''", "'") if part["quoted"] else part["plain"]
    top, left = (int(part["r"]) - 1 if part.get("r") else 0), (_column(part["c"]) if part.get("c") else 0)
    fixed_row, fixed_column = part.get("ra") != "", part.get("ca") != ""
    if not part.get("colon"):
        return Reference(sheet, top, left, top, left, (fixed_row, fixed_column, fixed_row, fixed_column), "cell")
    bottom = int(part["R"]) - 1 if part.get("R") else None
    right = _column(part["C"]) if part.get("C") else None
    if bottom is None and right is None:
        return None
    fixed_bottom = bottom is None or bool(part["Ra"] or (right is None and part.get("Ca")))
    fixed_right = right is None or bool(part["Ca"])
    form = "rows" if not part.get("c") else "columns" if not part.get("r") else "area"
    if bottom is not None and bottom < top:
        top, bottom, fixed_row, fixed_bottom = bottom, top, fixed_bottom, fixed_row
    if right is not None and right < left:
        left, right, fixed_column, fixed_right = right, left, fixed_right, fixed_column
    return Reference(sheet, top, left, bottom, right, (fixed_row, fixed_column, fixed_bottom, fixed_right), form)


def _reference_at(text: str, position: int) -> tuple[Reference, int] | None:
    for form in _REFERENCES:
        if (match := form.match(text, position)) and (found := _reference(match)):
            return found, match.end()
    return None


def parse_reference(text: str) -> Reference | None:
    """The reference that a text is as a whole (`Tab!A2:A50`), else None."""
    found = _reference_at(text, 0)
    return found[0] if found and found[1] == len(text) else None


@cache
def _grammar(decimal: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    return re.compile(
        rf"""
        (?P<space>[\s\u00a0]+) | "(?P<string>(?:[^"]|"")*)"
        | (?P<error>\#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)) | (?P<function>[^\W\d][\w.]*)\s*\(
        | (?P<number>(?:[0-9]+(?:{point}[0-9]+)?|{point}[0-9]+)(?:[eE][-+]?[0-9]{{1,3}})?(?![\w.]))
        | (?P<name>(?:'(?:[^']|'')+'!)?[^\W\d][\w.!]*) | (?P<operator><>|<=|>=|[-+*/^&=<>%])
        | (?P<open>\() | (?P<close>\)) | (?P<separator>[;,]) | (?P<brace>[{{}}\\])
        """,
        re.VERBOSE,
    )


@lru_cache(maxsize=4096)
def tokens(text: str, locale: str) -> tuple[Token, ...]:
    """The tokens of a formula (with its `=`). Arguments may be separated by `;` as by `,`, unless the locale's decimal
    sign makes the comma part of a number. Raises FormulaError, Unsupported."""
    if len(text) > MAX_LENGTH:
        raise Unsupported(f"A formula of more than {MAX_LENGTH} characters")
    decimal = conventions(locale).decimal
    found: list[Token] = []
    position = 1
    while position < len(text):
        token = _next(text, position, decimal)
        position = token.end
        if token.kind != "space":
            found.append(token)
    _check_size(found)
    return tuple(found)


def _next(text: str, position: int, decimal: str) -> Token:
    match = _grammar(decimal).match(text, position)
    kind = match.lastgroup if match else None
    if kind not in ("string", "function") and (cells := _reference_at(text, position)):
        return Token("reference", text[position : cells[1]], position, cells[1], cells[0])
    if match is None or kind is None:
        raise FormulaError(text)
    found = match[kind]
    if kind == "number":
        found = found.replace(decimal, ".")
    return Token(kind, found.replace('""', '"') if kind == "string" else found, position, match.end())


def _check_size(found: list[Token]) -> None:
    if len(found) > MAX_TOKENS:
        raise Unsupported(f"A formula of more than {MAX_TOKENS} parts")
    depth = deepest = 0
    for token in found:
        depth += (token.kind in ("open", "function")) - (token.kind == "close")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise Unsupported(f"A formula nested more than {MAX_NESTING} deep")
