"""What passes between the floors: frozen values, no behaviour beyond naming themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import pandas as pd

from sheetsync.periods import Period

Value = str | float | int | bool | None
"""A cell as Sheets renders it unformatted: a number (dates are serials), text, a boolean; None or "" is blank."""


class Severity(StrEnum):
    """`error`: the row does not count. `warning`: it counts, but somebody should look."""

    ERROR = "error"
    WARNING = "warning"


def column_letters(column: int) -> str:
    """A column's name, from 1 = A."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class CellRef:
    """A place in a tab; `row` and `column` count from 1 as people see them."""

    tab: str
    row: int
    column: int

    @property
    def a1(self) -> str:
        """The cell's address within its tab, `B12`."""
        return f"{column_letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person typed that does not count, or is doubtful.

    `code` is stable and language-free; the texts are in the workbook's language. `typed` is what was typed, untouched
    (cut to 200 characters). `manager` is the configured name where it is known, else "". `day` is the row's date,
    None where it can't be read or the row has none.
    """

    severity: Severity
    code: str
    cell: CellRef
    manager: str
    typed: str
    problem: str
    remedy: str
    effect: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class RawTab:
    """A tab as read: `rows[0]` is the sheet's row 1; rows are ragged. `manager` is what `*` matched in its title."""

    title: str
    rows: list[list[Value]]
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the managers' tabs say, after parsing.

    `actions`, one row per action row that could be read well enough to count or be rejected:
        tab str · row int (1-based) · date datetime64 · manager str (configured name) · action str (id)
        client str · client_key str (folded; "" blank) · deal str · deal_key str · evidence str
        quantity float (NaN blank) · amount float (NaN blank, cents exact) · profit float · comment str · counted bool
        rejected bool (by `Checked`; such a row does not count)
    `base`, one row per client (and deal):
        tab str · row int · client, client_key, deal, deal_key str · manager str · category str (typed id, "" blank)
        stage str · expected_payment datetime64 (NaT blank) · expected_amount float (NaN blank) · trial_units float
        trial_value float · trial_since datetime64 · last_contact datetime64
    `rows`: non-empty rows seen under the headers, per id (`actions`, `base`).
    `places`: tab -> column by its English name -> where it stands, from 1, for the cells of issues.
    """

    actions: pd.DataFrame
    base: pd.DataFrame
    issues: tuple[Issue, ...]
    rows: Mapping[str, int]
    places: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def cell(self, tab: str, row: int, column: str) -> CellRef:
        """A row's cell in that column; in the first column known where the tab has none of that name."""
        places = self.places.get(tab, {})
        return CellRef(tab, row, places.get(column, min(places.values(), default=1)))


@dataclass(frozen=True, slots=True)
class Moment:
    """The clock of a run. `as_of` is at most the period's end; `run_day` is `--as-of` as given, else today.

    `today` is the real today and `now` the real time, both in the workbook's zone.
    """

    period: Period
    as_of: date
    run_day: date
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of `Report.figures`; None where there is nothing to show."""

    manager: str
    measure: str
    unit: str
    plan: float | None
    plan_to_date: float | None
    actual: float | None
    attainment: float | None
    pace: float | None

    @property
    def verdict(self) -> float | None:
        """What colour and sign go by: the pace, or a ratio's attainment."""
        return self.attainment if self.unit == "ratio" else self.pace


def known(value: object) -> float | None:
    """A number of a frame, or None for NaN and None."""
    return float(value) if isinstance(value, int | float) and not math.isnan(value) else None


# --- pages: a tab of ours before it is anybody's JSON -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of our own (never made from people's text) and the value that it shows, None where unknown."""

    text: str
    shows: Value = None


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks: a CellFormat in the words of Sheets API v4, only the fields that are set."""

    fields: Mapping[str, object] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(repr(self.fields))


PLAIN = Style()

OWN_CHARTS = range(700_101, 700_200)
"""Ids of the charts that sheetsync draws; all others on its tabs are people's."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a page. Dates are written as serials; `note` pops up. A `stamp` differs at every run, and alone
    is no reason to write."""

    value: str | float | int | bool | date | datetime | Formula | None = None
    style: Style = PLAIN
    note: str = ""
    stamp: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle; 0-based, ends exclusive, as in a GridRange."""

    top: int
    left: int
    bottom: int
    right: int

    def grid(self) -> dict[str, int]:
        """The GridRange without its sheet's id."""
        return {
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }

    @property
    def corners(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """The first and the last cell as (column letters, row from 1)."""
        return (column_letters(self.left + 1), self.top + 1), (column_letters(self.right), self.bottom)


@dataclass(frozen=True, slots=True)
class Page:
    """A tab of ours as it should be: `rows` start at A1 (ragged; the rest is blank).

    `sheet_id` is used when the tab is created; an existing tab of that id, or of that title, is taken over.
    `row_heights`, `column_widths`: pixels by 0-based index. `named`: block name -> area. `rules`: conditional formats
    and `charts`: chart specs with their place, both as Sheets API v4 JSON without sheet ids: where a GridRange is
    needed, its `sheetId` is left out and filled in on writing. A `tall` page is a tidy table whose rows come and go:
    a row's style follows from its content, and only the rows that differ are written. `periods` is the column of such a
    table that names each row's period; `key` are columns of text, side by side, by which it is told whether its rows
    stand where they should.
    """

    id: str
    title: str
    sheet_id: int
    rows: tuple[tuple[Cell, ...], ...]
    columns: int
    frozen_rows: int = 0
    frozen_columns: int = 0
    hidden: bool = False
    gridlines: bool = True
    column_widths: Mapping[int, int] = field(default_factory=dict)
    hidden_columns: tuple[int, ...] = ()
    row_heights: Mapping[int, int] = field(default_factory=dict)
    merges: tuple[Area, ...] = ()
    named: Mapping[str, Area] = field(default_factory=dict)
    rules: tuple[Mapping[str, object], ...] = ()
    tall: bool = False
    periods: int | None = None
    key: range | None = None
    charts: tuple[Mapping[str, object], ...] = ()
