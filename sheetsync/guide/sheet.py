"""The Guide as a sheet of paper: headings, paragraphs and tables from top to bottom, and how things are named on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from textwrap import wrap
from typing import Any, Literal

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from sheetsync import fields
from sheetsync.canvas import FAINT, GREY, HAIRLINE, LINE, Canvas, Edge, style
from sheetsync.model import Page, Style
from sheetsync.schema import Settings
from sheetsync.texts import Texts

SHEET_ID = 700_004
_WIDTHS = (150, 240, 390, 390)  # pixels; a phone shows the first two, a laptop all
_FIRST_LIST = len(_WIDTHS) + 1
_LIST_STEP = 200  # lists grow by so many rows, so that a new colleague moves no range
_LATIN, _CYRILLIC = 6.9, 7.6  # pixels of a letter, on average, at 10 points
_BOLD = 1.08  # how much wider bold letters are
_LINE = 18  # pixels
_PADDING = {"top": 4, "bottom": 4, "left": 4, "right": 10}


def _wrapped(*, bottom: Edge | None = None, bold: bool = False, **look: Any) -> Style:
    return Style({**style(wrap="WRAP", valign="TOP", bottom=bottom, bold=bold, **look).fields, "padding": _PADDING})


_TITLE = style(size=18, bold=True)
_HEADING = style(size=13, bold=True, valign="BOTTOM")
_TEXT = _wrapped(ink=GREY)
_HEAD = _wrapped(size=9, bold=True, ink=GREY, bottom=LINE)
_NAME = _wrapped(bold=True, bottom=HAIRLINE)
_BODY = _wrapped(bottom=HAIRLINE)
_LISTED = style(ink=FAINT)


class Sheet:
    """Writes the Guide from top to bottom, in the workbook's language."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.texts = Texts(settings.workbook.language)
        self.tabs = settings.workbook.tabs
        self._canvas = Canvas(columns=_FIRST_LIST)

    # --- lines ----------------------------------------------------------------------------------------------------

    def title(self, told: str) -> None:
        """The first line."""
        self._across(told, _TITLE, len(_WIDTHS), 40)

    def section(self, heading: str, told: str = "") -> None:
        """A heading, and a paragraph under it."""
        self._canvas.row += 1
        self._across(heading, _HEADING, len(_WIDTHS), 32)
        if told:
            self.paragraph(told)

    def paragraph(self, told: str) -> None:
        """Grey text, kept narrow enough to be read."""
        self._across(told, _TEXT, 3)

    def gap(self) -> None:
        """Air between two tables of a section."""
        self._canvas.row += 1

    def table(self, head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> None:
        """Lines under a head; the last cell of shorter lines takes the columns that are left."""
        self._line(head, _HEAD, _HEAD)
        for told in body:
            self._line(told, _NAME, _BODY)

    def page(self, listed: Mapping[str, Sequence[str]]) -> Page:
        """The page as written so far, with lists in hidden columns to the right."""
        self._canvas.name("guide", 0, self._canvas.row, right=len(_WIDTHS))
        self._list(listed)
        return self._canvas.page(
            "guide",
            self.tabs.guide,
            SHEET_ID,
            frozen_rows=1,
            gridlines=False,
            column_widths=dict(enumerate((*_WIDTHS, 30))),
            hidden_columns=tuple(range(_FIRST_LIST, self._canvas.columns)),
        )

    def _across(self, told: str, look: Style, span: int, height: int = 0) -> None:
        row = self._canvas.row
        self._canvas.put(row, 0, told, look, span=span)
        self._canvas.heights[row] = height or _height([(told, sum(_WIDTHS[:span]))])
        self._canvas.row += 1

    def _line(self, told: tuple[str, ...], first: Style, rest: Style) -> None:
        row, last = self._canvas.row, len(told) - 1
        widths = [round(_WIDTHS[0] / _BOLD), *_WIDTHS[1:last], sum(_WIDTHS[last:])]
        for column, value in enumerate(told):
            span = len(_WIDTHS) - last if column == last else 1
            self._canvas.put(row, column, value or None, rest if column else first, span=span)
        self._canvas.heights[row] = _height(zip(told, widths, strict=True))
        self._canvas.row += 1

    def _list(self, listed: Mapping[str, Sequence[str]]) -> None:
        """Puts lists into the columns to the right, values from row 2 down."""
        longest = max(len(values) for values in listed.values())
        bottom = (longest // _LIST_STEP + 1) * _LIST_STEP + 1
        for column, (name, values) in enumerate(listed.items(), start=_FIRST_LIST):
            for row, value in enumerate((name, *values)):
                self._canvas.put(row, column, value, _LISTED)
            self._canvas.put(bottom - 1, column, None)  # the grid reaches down to here
            self._canvas.name(fields.LIST + name, 1, bottom, left=column, right=column + 1)
        self._canvas.columns = _FIRST_LIST + len(listed)

    # --- names and figures ----------------------------------------------------------------------------------------

    @property
    def log(self) -> str:
        """The tab, or tabs, that actions are typed into."""
        return self.listed([self.quoted(title) for title in self.tabs.actions], "or")

    def column(self, name: str) -> str:
        """A column's title in quotes, by its canonical name."""
        return self.quoted(self.texts(name))

    def quoted(self, name: str) -> str:
        """The name in the language's quotes."""
        return self.texts("“{name}”", name=name)

    def labels(self, actions: Iterable[str]) -> str:
        """The labels of actions, by id, as a list in quotes."""
        return self.listed([self.quoted(self.label(action)) for action in actions])

    def label(self, action: str) -> str:
        """An action's label, by its id."""
        return self.settings.actions[action].label.text(self.texts.language)

    def listed(self, told: Sequence[str], kind: Literal["standard", "or"] = "standard") -> str:
        """`a, b and c`."""
        return format_list(list(told), style=kind, locale=self.texts.locale)

    def date(self, day: date) -> str:
        """A day as people type it."""
        return format_date(day, "yyyy-MM-dd" if self.texts.language == "en" else "dd.MM.yyyy", locale=self.texts.locale)

    def number(self, number: float) -> str:
        """A number as people type it."""
        return format_decimal(number, locale=self.texts.locale)

    def money(self, amount: float) -> str:
        """An amount with its currency."""
        return f"{self.number(amount)} {self.settings.department.currency}"

    def percent(self, share: float) -> str:
        """0.7 as `70%`, 1.455 as `145.5%`."""
        return format_percent(round(share, 4), locale=self.texts.locale, decimal_quantization=False)


def _height(cells: Iterable[tuple[str, int]]) -> int:
    """Pixels that the tallest of the (text, width) cells needs once wrapped."""
    return max(sum(_lines(line, width - 16) for line in told.split("\n")) for told, width in cells) * _LINE + 10


def _lines(told: str, width: int) -> int:
    letter = _CYRILLIC if any("а" <= sign <= "я" for sign in told.lower()) else _LATIN
    return max(1, len(wrap(told, max(8, int(width / letter)))))
