"""How figures look: short, in the language's words, while the cell keeps the full value."""

from __future__ import annotations

import math

from sheetsync.numerals import decimal_text, percent_text
from sheetsync.texts import Texts

Pattern = tuple[str, str]
"""A number format: type and pattern."""

COUNT: Pattern = ("NUMBER", "#,##0")
PERCENT: Pattern = ("PERCENT", "0%")
CHANGE: Pattern = ("NUMBER", '"+"#,##0;"−"#,##0;')

_MILLIONS, _THOUSANDS = 999_500, 10_000  # from here on money is shortened; 999,500 would round to 1000k

_HUNDRED_MILLIONS = 99_950_000  # from here on without a decimal, for a column's width
_ROUGHLY = 10  # from here on what is foreseen has no decimals


def quoted(word: str, number: Pattern, *, after: bool = False) -> Pattern:
    """The pattern with a word before (or after) each section's digits."""
    kind, pattern = number
    sections = pattern.split(";")
    return (kind, ";".join(_worded(section, word, after=after) for section in sections))


def _worded(section: str, word: str, *, after: bool) -> str:
    if not section or not word:
        return section
    digits = section.find("]") + 1
    told = f'{section[digits:]}" {word}"' if after else f'"{word} "{section[digits:]}'
    return section[:digits] + told


class Numbers:
    """Number formats, and figures within a sentence, in one language."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.million, self.thousand = texts("M"), texts("k")

    def money(self, value: float | None = None, *, signed: bool = False) -> Pattern:
        """Money of any size alike, or of this size: where it is large, below 0, or `signed` (written with its +)."""
        if not signed and 0 <= (value or 0.0) < _HUNDRED_MILLIONS:
            return ("NUMBER", f'[>=999500]0.0,,"{self.million}";[>=10000]#,##0,"{self.thousand}";#,##0')
        size = abs(value or 0.0)
        digits = "#,##0"
        if size >= _HUNDRED_MILLIONS:
            digits = f'#,##0,,"{self.million}"'
        elif size >= _MILLIONS:
            digits = f'0.0,,"{self.million}"'
        elif size >= _THOUSANDS:
            digits = f'#,##0,"{self.thousand}"'
        return ("NUMBER", f'"+"{digits};"−"{digits};' if signed else digits)

    def figure(self, value: float | None, unit: str) -> Pattern:
        """A figure of this size and unit (`count`, `money`, `ratio`); counts have a decimal only where they need it."""
        if unit == "money":
            return self.money(value)
        if unit == "ratio":
            return PERCENT
        return COUNT if value is None or math.isclose(value, round(value), abs_tol=0.05) else ("NUMBER", "#,##0.0")

    def size(self, unit: str) -> int:
        """Points of a figure in a column: money is smaller in languages that shorten it by longer words."""
        return 9 if unit == "money" and len(self.million) > 1 else 10

    def foreseen(self, value: float | None, unit: str) -> Pattern:
        """A figure that is no more than likely: a count from 10 up has no decimals."""
        return COUNT if unit == "count" and (value or 0.0) >= _ROUGHLY else self.figure(value, unit)

    def said(self, value: float, unit: str) -> str:
        """A figure in a sentence, shortened as in the cells."""
        if unit == "ratio":
            return self.share(value)
        size = abs(value)
        if unit == "money" and size >= _MILLIONS:
            pattern = "#,##0" if size >= _HUNDRED_MILLIONS else "#,##0.0"
            return self._decimal(value / 1e6, pattern) + self.million
        if unit == "money" and size >= _THOUSANDS:
            return self._decimal(value / 1000, "#,##0") + self.thousand
        return self._decimal(value, "#,##0" if unit == "money" else "#,##0.#")

    def between(self, low: float, high: float, unit: str) -> str:
        """A range in a sentence; the unit's word once where both ends have it."""
        rough = unit == "count" and high >= _ROUGHLY
        first, last = (self.said(float(round(value)) if rough else value, unit) for value in (low, high))
        if first == last:
            return first
        for word in (self.million, self.thousand):
            if unit == "money" and first.endswith(word) and last.endswith(word):
                first = first.removesuffix(word)
        return f"{first}–{last}"

    def share(self, value: float) -> str:
        """A share in a sentence, in whole percent."""
        return percent_text(value, None, self._texts.locale)

    def _decimal(self, value: float, pattern: str) -> str:
        return decimal_text(value, pattern, self._texts.locale)
