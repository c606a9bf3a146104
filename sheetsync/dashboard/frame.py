"""What every block is drawn on and from: the one grid, the report, the language, and what stands in History."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pandas as pd

from sheetsync.canvas import GREY, HAIRLINE, LINE, RULE, Canvas, Edge, style
from sheetsync.charts import Drawing, Series
from sheetsync.dashboard.numbers import Numbers
from sheetsync.dashboard.spoken import short
from sheetsync.dashboard.verdict import MIRROR, signed
from sheetsync.model import Area, CellRef, Figure, Formula, Style, Value, known
from sheetsync.periods import Period
from sheetsync.review import Report
from sheetsync.schema import Category, Settings
from sheetsync.texts import Texts

WIDTH = 16  # visible columns: the name and 15 equal ones
BAND = 5  # cards, or indicators of three columns, side by side
BAND_CATEGORIES = 7  # categories of two columns side by side
NAMES, COLUMN = 150, 68  # pixels
SERIES = 32  # where the series start: right of the mirror columns
PERIODS_SHOWN, FEWEST_SHOWN = 12, 6

Record = Mapping[str, Any]
CARD_EDGE: Edge = ("SOLID_MEDIUM", RULE)

look = partial(style, valign="")
"""A style that stands on the bottom of its row, as cells do: figures of all sizes share one line."""

HEAD = look(size=8, ink=GREY, align="RIGHT")
SMALL = look(size=9, ink=GREY)


class Frame:
    """The page being drawn, and all that blocks ask for. `gids`: sheet ids of our tabs by id; `tabs`: of the
    managers' by title."""

    def __init__(
        self, report: Report, settings: Settings, gids: Mapping[str, int], tabs: Mapping[str, int] | None = None
    ) -> None:
        self.report, self.settings = report, settings
        self.gids, self.tabs = gids, tabs or {}
        self.texts = Texts(settings.workbook.language)
        self.numbers = Numbers(self.texts)
        self.canvas = Canvas(columns=SERIES + 1)
        self.put = self.canvas.put
        self.judged: list[Area] = []
        self.rules: list[dict[str, Any]] = []
        self.drawing = Drawing()
        self.period = report.moment.period
        self.department = settings.department.name
        self.currency = settings.department.currency
        self.figures = {(figure.manager, figure.measure): figure for figure in report.each()}
        self.managers = [name for name in dict.fromkeys(report.figures["manager"]) if name != self.department]
        self.periods = _last_periods(report.history, self.period)
        self.series = Series(self.canvas, self.drawing, 3, SERIES, [short(each, self.texts) for each in self.periods])
        self._standing = _standing(report, self.periods)

    # --- what is told -----------------------------------------------------------------------------------------

    @property
    def headlines(self) -> list[str]:
        """The indicators of the cards."""
        chosen = [key for key, indicator in self.settings.indicators.items() if indicator.headline]
        return (chosen or list(self.settings.indicators))[:BAND]

    @property
    def everyone(self) -> list[str]:
        """The managers, then the department."""
        return [*self.managers, self.department]

    def label(self, indicator: str) -> str:
        """An indicator's name."""
        return self.settings.indicators[indicator].label.text(self.texts.language)

    def titled(self, indicator: str) -> str:
        """An indicator's name, with the currency where it is money."""
        money = self.settings.indicators[indicator].unit == "money"
        return f"{self.label(indicator)}, {self.currency}" if money else self.label(indicator)

    def category(self, id_: str) -> str:
        """A category's name; an id that is not configured any more stands for itself."""
        found = (each for each in self.settings.base.categories if each.id == id_)
        return next((each.label.text(self.texts.language) for each in found), id_)

    def figure(self, manager: str, measure: str) -> Figure:
        """A figure of the period; a blank one where there is none."""
        unit = self.settings.indicators[measure].unit
        return self.figures.get((manager, measure), Figure(manager, measure, unit, *[None] * 5))

    def actual(self, manager: str, measure: str, period: Period) -> float | None:
        """What History says of one of the last periods."""
        return self._standing.get((str(period), manager, measure), (None, None))[0]

    def trend(self, measure: str) -> dict[str, list[float | None]]:
        """The department's actual and plan over the periods shown; None where nothing was synced."""
        found = [self._standing.get((str(period), self.department, measure), (None, None)) for period in self.periods]
        return {"actual": [actual for actual, _ in found], "plan": [plan for _, plan in found]}

    def people(self, rows: pd.DataFrame) -> list[str]:
        """Whom the rows tell of, the department aside, in their order."""
        return [name for name in dict.fromkeys(map(str, rows["manager"])) if name != self.department]

    # --- how it is drawn --------------------------------------------------------------------------------------

    @contextmanager
    def block(self, name: str, *, right: int = WIDTH) -> Iterator[int]:
        """Names the rows drawn within it, and leaves a gap below them."""
        top = self.canvas.row
        yield top
        self.canvas.name(name, top, self.canvas.row, right=right)
        self.gap()

    def gap(self) -> None:
        """A low row between blocks."""
        self.canvas.heights[self.canvas.row] = 14
        self.canvas.row += 1

    def rows(self, n: int = 1) -> int:
        """Takes the next `n` rows; the first of them."""
        self.canvas.row += n
        return self.canvas.row - n

    def heading(self, title: str, *, right: int = WIDTH) -> int:
        """A block's title over a line across the grid; its row."""
        row = self.rows()
        self.titled_line(row, title, right=right)
        return row

    def titled_line(self, row: int, title: str, *, left: int = 0, right: int = WIDTH, inset: int = 0) -> None:
        """A title over a line, on a row that is taken already."""
        self.put(row, left, title, look(bold=True, bottom=LINE, inset=inset))
        for column in range(left + 1, right):
            self.put(row, column, None, look(bottom=LINE))

    def heads(self, row: int, titles: Mapping[int, str], *, line: bool = False) -> None:
        """Small grey heads over columns of figures; with `line`, on a block's title line."""
        shown = look(size=8, ink=GREY, align="RIGHT", bottom=LINE, wrap="CLIP") if line else HEAD
        for column, title in titles.items():
            self.put(row, column, title, shown)

    def said(self, words: str) -> None:
        """A quiet line of text on a row of its own."""
        self.put(self.rows(), 0, words, SMALL)

    def side(self, name: str) -> dict[str, Any]:
        """The line of a manager's row; the department, a total, stands under a rule."""
        if name == self.department:
            return {"top": LINE}
        return {"bottom": HAIRLINE}

    def named(self, row: int, name: str, *, right: int = WIDTH) -> None:
        """The name of a manager (or the department) at the left of a row, and the line across it."""
        side = self.side(name)
        self.put(row, 0, name, look(bold=name == self.department, wrap="CLIP", **side))
        for column in range(1, right):
            self.put(row, column, None, look(**side))

    def judge(self, row: int, column: int, value: float | None, verdict: float | None, shown: Style) -> None:
        """A percentage that is signed and coloured by the verdict that stands in the mirror column."""
        self.put(row, column, value, shown)
        if verdict is not None:
            self.put(row, column + MIRROR, verdict)
        self.judged.append(Area(row, column, row + 1, column + 1))

    def judged_look(self, verdict: float | None, **fields: Any) -> Style:
        """The look of a judged percentage."""
        return look(number=signed(verdict), **fields)

    # --- links ------------------------------------------------------------------------------------------------

    def link(self, gid: int, row: int, label: str) -> Formula:
        """A link of our own words to a row (from 1) of a tab; people's text never comes into a formula."""
        quoted = label.replace('"', '""')
        return Formula(f'=HYPERLINK("#gid={gid}&range=A{row}";"{quoted}")', label)

    def leap(self, row: int, shows: Value) -> Formula:
        """A link to a row (0-based) of this page, which shows what that row is called."""
        cell = CellRef("", row + 1, 1).a1
        return Formula(f'=HYPERLINK("#gid={self.gids["dashboard"]}&range={cell}";{cell})', shows)


def bands(categories: Sequence[Category]) -> Iterator[tuple[int, Sequence[Category]]]:
    """The categories as they stand side by side: the place of the first, and up to seven."""
    for start in range(0, len(categories), BAND_CATEGORIES):
        yield start, categories[start : start + BAND_CATEGORIES]


def records(rows: pd.DataFrame, key: str = "manager") -> dict[str, Record]:
    """Rows by a column that names each."""
    return {str(row[key]): row for row in each(rows)}


def each(rows: pd.DataFrame) -> list[Record]:
    """Rows one by one."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def filled(value: object) -> float | None:
    """A figure that is there and not 0: where a blank says the same."""
    return known(value) or None


def _last_periods(past: pd.DataFrame, period: Period) -> list[Period]:
    """The last periods up to this one: from the first that was synced on, at least 6 and at most 12."""
    starts = [date for date in past["start"] if pd.notna(date)]
    periods = [period]
    while len(periods) < PERIODS_SHOWN:
        earlier = periods[-1].previous
        if len(periods) >= FEWEST_SHOWN and (not starts or pd.Timestamp(earlier.start) < min(starts)):
            break
        periods.append(earlier)
    return periods[::-1]


def _standing(
    report: Report, periods: Sequence[Period]
) -> dict[tuple[str, str, str], tuple[float | None, float | None]]:
    """Actual and plan of some periods in History, by period, manager and measure."""
    rows = report.history
    rows = rows[rows["period"].isin([str(period) for period in periods]) & (rows["status"] != "superseded")]
    keys = zip(rows["period"].astype(str), rows["manager"].astype(str), rows["measure"].astype(str), strict=True)
    return dict(zip(keys, zip(map(known, rows["actual"]), map(known, rows["plan"]), strict=True), strict=True))
