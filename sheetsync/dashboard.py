"""The Dashboard: one grid that a director reads in one look.

A frozen name column and 15 equal columns, and every block stands on them: 5 headline cards x 3, 5 indicators x
(actual, plan, attainment), 7 categories x (clients, change) + total. Columns further right are hidden: the pace
behind each attainment (by which it is coloured), and the series that charts and sparklines are drawn from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from babel.dates import format_date, format_datetime, format_interval

from sheetsync.canvas import (
    BLUE,
    BLUE_FILL,
    FAINT,
    GREY,
    HAIRLINE,
    INK,
    LINE,
    OCHRE,
    ORANGE,
    ORANGE_FILL,
    RULE,
    Canvas,
    Edge,
    colour,
    rule,
    style,
)
from sheetsync.charts import Mood, Series
from sheetsync.model import Area, CellRef, Figure, Formula, Issue, Page, Severity, known
from sheetsync.periods import Kind, Period
from sheetsync.review import Report
from sheetsync.schema import Category, Indicator, Settings
from sheetsync.texts import Texts

SHEET_ID = 700_001
TOLERANCE = 0.9  # pace from here to 1 is within tolerance
PERIODS_SHOWN, FEWEST_SHOWN = 12, 6

_WIDTH = 16  # visible columns
_MIRROR = 16  # the pace of column c stands in c + 16
_SERIES = 32  # where the series start
_NAMES, _COLUMN = 150, 68  # pixels
_BAND = 5
_SHADES = ("#0b4f6c", "#1c7fa6", "#62b1cf", "#8f9bad", "#bcc4d0", "#e2e6eb")
_BAND_CATEGORIES = 7
_INSET = 8  # pixels between a card's edge and what it says
_COUNT = ("NUMBER", "#,##0")


def page(report: Report, settings: Settings, gids: Mapping[str, int]) -> Page:
    """The Dashboard tab. `gids`: sheet ids by tab id, for links."""
    return _Dashboard(report, settings, gids).page()


def palette(categories: Sequence[Category]) -> list[str]:
    """One colour per category: blue to pale for warm to cold, ochre for fixtures on trial."""
    shades = iter(_SHADES)
    return [OCHRE if category.when.trial else next(shades, _SHADES[-1]) for category in categories]


class _Dashboard:
    def __init__(self, report: Report, settings: Settings, gids: Mapping[str, int]) -> None:
        self.report = report
        self.settings = settings
        self.gids = gids
        self.texts = Texts(settings.workbook.language)
        self.canvas = Canvas(columns=_SERIES + 1)
        self.judged: list[Area] = []  # attainment cells
        self.period = report.moment.period
        self.department = settings.department.name
        self.figures = {(figure.manager, figure.measure): figure for figure in report.each()}
        self.managers = [name for name in dict.fromkeys(report.figures["manager"]) if name != self.department]
        self.periods = _last_periods(report.history, self.period)
        self.standing = _standing(report, self.periods)
        self.series = Series(self.canvas, 3, _SERIES, [_short(period, self.texts) for period in self.periods])

    def page(self) -> Page:
        self._lay_series()
        self._title()
        self._headline()
        for group, title in (
            ("productivity", self.texts("Productive actions")),
            ("funnel", self.texts("Funnel")),
            ("finance", self.texts("Finance, {currency}", currency=self.settings.department.currency)),
        ):
            chosen = {key: item for key, item in self.settings.indicators.items() if item.group == group}
            if chosen:
                self._group(group, title, chosen)
        self._base()
        self._attention()
        self._trends()
        self._legend()
        return self.canvas.page(
            "dashboard",
            self.settings.workbook.tabs.dashboard,
            SHEET_ID,
            frozen_rows=2,
            frozen_columns=1,
            gridlines=False,
            column_widths={0: _NAMES, **dict.fromkeys(range(1, _WIDTH), _COLUMN)},
            hidden_columns=tuple(range(_WIDTH, self.canvas.columns)),
            rules=self._rules(),
            charts=tuple(self.series.charts),
        )

    # --- title ------------------------------------------------------------------------------------------------

    def _title(self) -> None:
        canvas, texts, moment = self.canvas, self.texts, self.report.moment
        canvas.heights |= {0: 36, 1: 26, 2: 8}
        canvas.put(0, 0, texts("{department} rhythm", department=self.department), style(size=18, bold=True))
        heading = period_title(self.period, texts)
        canvas.put(0, 9, heading, style(size=11, bold=True, align="RIGHT"), span=7)
        share = self.report.passed / self.report.working_days if self.report.working_days else 0.0
        elapsed = texts(
            "as of {day} · {passed} of {days} working days passed ({share}%)",
            day=format_date(moment.as_of, "EEE d MMM", locale=texts.locale),
            passed=self.report.passed,
            days=self.report.working_days,
            share=round(share * 100),
        )
        canvas.put(1, 0, f"{_short(self.period, texts)} · {elapsed}", style(ink=GREY))  # a phone shows the left alone
        clock = format_datetime(moment.now, "d MMM y HH:mm", locale=texts.locale)
        synced = texts("synced {time}", time=f"{clock} {_zone(moment.now)}")
        canvas.put(1, 7, synced, style(size=9, ink=GREY, align="RIGHT"), span=5, stamp=True)
        count = len(self.report.issues)
        label = (
            texts.plural("{n} row needs attention →", "{n} rows need attention →", count)
            if count
            else texts("every row counts")
        )
        canvas.put(1, 12, self._link("issues", label, 1), style(size=9, ink=BLUE, align="RIGHT"), span=4)
        canvas.underline(1, range(_WIDTH), ("SOLID_MEDIUM", INK))
        canvas.name("title", 0, 2, right=_WIDTH)
        canvas.row = 3

    def _link(self, tab: str, label: str, row: int) -> Formula:
        """A link of our own words; people's text never comes into a formula."""
        quoted = label.replace('"', '""')
        return Formula(f'=HYPERLINK("#gid={self.gids[tab]}&range=A{row}";"{quoted}")', label)

    # --- headline ---------------------------------------------------------------------------------------------

    def _headline(self) -> None:
        canvas, texts, top = self.canvas, self.texts, self.canvas.row
        for offset, height in enumerate((22, 34, 20, 20, 44)):
            canvas.heights[top + offset] = height
        canvas.put(top, 0, texts("Headline"), style(bold=True))
        canvas.put(top + 1, 0, texts("department"), style(ink=GREY, valign="TOP"))
        canvas.put(top + 4, 0, self._span_of_trend(), style(size=8, ink=GREY))
        for place, key in enumerate(self._headlines()):
            self._card(top, 1 + place * 3, key, self.settings.indicators[key])
        canvas.name("headline", top, top + 5, right=_WIDTH)
        canvas.row = top + 5
        self._gap()

    def _card(self, top: int, left: int, key: str, indicator: Indicator) -> None:
        canvas, texts, figure = self.canvas, self.texts, self.figures[self.department, key]
        edge: Edge = ("SOLID_MEDIUM", RULE)
        box: dict[str, Any] = {"left": edge, "inset": _INSET}
        small: dict[str, Any] = {"size": 8, "ink": GREY, **box}
        canvas.put(top, left, self._titled(key), style(ink=GREY, wrap="CLIP", **box), span=3)
        number = _number(figure.actual, indicator, texts)
        canvas.put(top + 1, left, figure.actual, style(size=18, bold=True, align="LEFT", number=number, **box), span=2)
        self._judge(top + 1, left + 2, figure.verdict, figure, shows_pace=True)
        plan = _quoted(texts("plan"), _number(figure.plan, indicator, texts))
        canvas.put(top + 2, left, figure.plan, style(align="LEFT", number=plan, **small), span=2)
        attained = style(size=8, ink=GREY, align="RIGHT", number=("PERCENT", f'"{texts("att.")} "0%'))
        canvas.put(top + 2, left + 2, figure.attainment, attained)
        to_date = _quoted(texts("plan to date"), _number(figure.plan_to_date, indicator, texts))
        canvas.put(top + 3, left, figure.plan_to_date, style(align="LEFT", number=to_date, **small), span=3)
        line = self.series.sparkline(key, _mood(figure.verdict))
        canvas.put(top + 4, left, line, style(**box), span=3)

    def _titled(self, key: str) -> str:
        indicator = self.settings.indicators[key]
        label = indicator.label.text(self.texts.language)
        return f"{label}, {self.settings.department.currency}" if indicator.unit == "money" else label

    def _judge(self, row: int, column: int, value: float | None, figure: Figure, *, shows_pace: bool = False) -> None:
        """An attainment (or a card's pace), signed and coloured by the pace that stands in the mirror column."""
        verdict = figure.verdict
        sign = {"ahead": "▲ ", "near": "● ", "behind": "▼ ", "none": ""}[_mood(verdict)]
        pattern = f'"{sign}"0%' if sign else "0%"
        look = style(size=10 if shows_pace else 9, bold=shows_pace, align="RIGHT", number=("PERCENT", pattern))
        self.canvas.put(row, column, value, look)
        if verdict is not None:
            self.canvas.put(row, column + _MIRROR, verdict, style(size=8, ink=FAINT, number=("PERCENT", "0%")))
        self.judged.append(Area(row, column, row + 1, column + 1))

    def _headlines(self) -> list[str]:
        chosen = [key for key, indicator in self.settings.indicators.items() if indicator.headline]
        return (chosen or list(self.settings.indicators))[:_BAND]

    def _span_of_trend(self) -> str:
        n, kind = len(self.periods), self.period.kind
        texts = self.texts
        if kind is Kind.WEEK:
            return texts.plural("last {n} week", "last {n} weeks", n)
        if kind is Kind.MONTH:
            return texts.plural("last {n} month", "last {n} months", n)
        return texts.plural("last {n} quarter", "last {n} quarters", n)

    # --- issues -----------------------------------------------------------------------------------------------

    def _attention(self) -> None:
        canvas, texts, top = self.canvas, self.texts, self.canvas.row
        head = style(bold=True, align="RIGHT", bottom=LINE, size=9)
        canvas.put(top, 0, texts("Rows to mend"), style(bold=True, bottom=LINE, wrap="CLIP"))
        canvas.put(top, 1, texts("not counted"), head, span=3)
        canvas.put(top, 4, texts("doubtful"), head, span=3)
        canvas.put(top, 7, None, style(bottom=LINE), span=3)
        row = top + 1
        for name, errors, warnings, first in _tally(self.report.issues):
            cell = style(align="RIGHT", bottom=HAIRLINE, number=_COUNT)
            canvas.put(row, 0, name or texts("(no manager)"), style(bottom=HAIRLINE, wrap="CLIP"))
            canvas.put(row, 1, errors or None, cell, span=3)
            canvas.put(row, 4, warnings or None, cell, span=3)
            link = self._link("issues", texts("show them →"), first + 2)
            canvas.put(row, 7, link, style(ink=BLUE, align="RIGHT", bottom=HAIRLINE), span=3)
            row += 1
        if row == top + 1:
            canvas.put(row, 0, texts("Nothing: every row counts."), style(ink=GREY))
            row += 1
        canvas.name("issues", top, row, right=10)
        canvas.row = row
        self._gap()

    # --- plan versus actual -----------------------------------------------------------------------------------

    def _group(self, group: str, title: str, indicators: Mapping[str, Indicator]) -> None:
        top, keys = self.canvas.row, list(indicators)
        for start in range(0, len(keys), _BAND):
            self._indicator_band(title, keys[start : start + _BAND])
        self.canvas.name(group, top, self.canvas.row - 1, right=_WIDTH)

    def _indicator_band(self, title: str, keys: Sequence[str]) -> None:
        canvas, texts, top = self.canvas, self.texts, self.canvas.row
        canvas.put(top, 0, title, style(bold=True, bottom=LINE, wrap="CLIP"))
        canvas.heights[top + 1] = 17
        small = style(size=8, ink=GREY, align="RIGHT")
        for place, key in enumerate(keys):
            left = 1 + place * 3
            label = self.settings.indicators[key].label.text(texts.language)
            canvas.put(
                top,
                left,
                label,
                style(
                    bold=True,
                    align="CENTER",
                    bottom=LINE,
                    left=HAIRLINE,
                    wrap="CLIP",
                    size=9 if len(label) > 24 else 10,
                ),
                span=3,
            )
            canvas.put(top + 1, left, texts("actual"), style(size=8, ink=GREY, align="RIGHT", left=HAIRLINE))
            canvas.put(top + 1, left + 1, texts("plan"), small)
            canvas.put(top + 1, left + 2, texts("att."), small)
        for offset, manager in enumerate([*self.managers, self.department]):
            self._indicator_row(top + 2 + offset, manager, keys)
        canvas.row = top + 3 + len(self.managers)
        self._gap()

    def _indicator_row(self, row: int, manager: str, keys: Sequence[str]) -> None:
        total = manager == self.department
        edge = LINE if total else HAIRLINE
        side: dict[str, Any] = {"top": edge} if total else {"bottom": edge}
        self.canvas.put(row, 0, manager, style(bold=total, wrap="CLIP", **side))
        for place, key in enumerate(keys):
            indicator, left = self.settings.indicators[key], 1 + place * 3
            figure = self.figures.get(
                (manager, key), Figure(manager, key, indicator.unit, None, None, None, None, None)
            )
            number = _number(figure.actual, indicator, self.texts)
            self.canvas.put(
                row, left, figure.actual, style(bold=total, align="RIGHT", left=HAIRLINE, number=number, **side)
            )
            plan = _number(figure.plan, indicator, self.texts)
            self.canvas.put(row, left + 1, figure.plan, style(bold=total, ink=GREY, align="RIGHT", number=plan, **side))
            self._judge(row, left + 2, figure.attainment, figure)
            cell = self.canvas.cells[row, left + 2]
            look = dict(cell.style.fields)
            look["borders"] = style(**side).fields["borders"]
            self.canvas.put(row, left + 2, cell.value, type(cell.style)(look))

    # --- base -------------------------------------------------------------------------------------------------

    def _base(self) -> None:
        categories = self.settings.base.categories
        top = self.canvas.row
        for start in range(0, len(categories), _BAND_CATEGORIES):
            last = start + _BAND_CATEGORIES >= len(categories)
            self._base_band(categories[start : start + _BAND_CATEGORIES], start, total=last)
        self.canvas.name("base", top, self.canvas.row - 1, right=_WIDTH)

    def _base_band(self, categories: Sequence[Category], start: int, *, total: bool) -> None:
        canvas, texts, top = self.canvas, self.texts, self.canvas.row
        colours = palette(self.settings.base.categories)[start:]
        canvas.heights[top] = 24
        canvas.put(top, 0, texts("Base, clients"), style(bold=True, bottom=LINE, wrap="CLIP"))
        for place, (category, shade) in enumerate(zip(categories, colours, strict=False)):
            look = style(bold=True, align="CENTER", wrap="CLIP", left=HAIRLINE, bottom=("SOLID_THICK", shade))
            canvas.put(top, 1 + place * 2, category.label.text(texts.language), look, span=2)
        if total:
            canvas.put(top, 15, texts("All"), style(bold=True, align="RIGHT", bottom=LINE))
        names = [*self.managers, self.department]
        for offset, manager in enumerate(names):
            self._base_row(top + 1 + offset, manager, categories, total=total)
        row = top + 1 + len(names)
        self._amounts(row, categories)
        canvas.row = row + 1
        if not self._has_base():
            canvas.put(row + 1, 0, texts("No snapshot of the base was taken for this period."), style(ink=GREY))
            canvas.row += 1
        self._gap()

    def _has_base(self) -> bool:
        return self._actual(self.department, "base.clients", self.period) is not None

    def _base_row(self, row: int, manager: str, categories: Sequence[Category], *, total: bool) -> None:
        canvas, strong = self.canvas, manager == self.department
        side: dict[str, Any] = {"top": LINE} if strong else {"bottom": HAIRLINE}
        canvas.put(row, 0, manager, style(bold=strong, wrap="CLIP", **side))
        for place, category in enumerate(categories):
            measure, left = f"base.{category.id}.clients", 1 + place * 2
            now = self._actual(manager, measure, self.period)
            before = self._actual(manager, measure, self.period.previous)
            change = None if now is None or before is None else now - before
            canvas.put(row, left, now, style(bold=strong, align="RIGHT", left=HAIRLINE, number=_COUNT, **side))
            moved = ("NUMBER", '"+"#,##0;"−"#,##0;')
            canvas.put(row, left + 1, change, style(size=8, ink=GREY, align="LEFT", number=moved, **side))
        if total:
            everyone = self._actual(manager, "base.clients", self.period)
            canvas.put(row, 15, everyone, style(bold=True, align="RIGHT", number=_COUNT, **side))

    def _amounts(self, row: int, categories: Sequence[Category]) -> None:
        money = _money(self.texts)
        label = self.texts("expected, {currency}", currency=self.settings.department.currency)
        self.canvas.put(row, 0, label, style(size=9, ink=GREY, wrap="CLIP"))
        for place, category in enumerate(categories):
            amount = self._actual(self.department, f"base.{category.id}.amount", self.period)
            look = style(size=9, ink=GREY, align="RIGHT", left=HAIRLINE, number=money)
            self.canvas.put(row, 1 + place * 2, amount or None, look, span=2)

    def _actual(self, manager: str, measure: str, period: Period) -> float | None:
        return self.standing.get((str(period), manager, measure), (None, None))[0]

    # --- trends -----------------------------------------------------------------------------------------------

    def _lay_series(self) -> None:
        """The figures over the last periods: clients by category, then the headline's actual and plan."""
        texts, series = self.texts, self.series
        series.lay_periods(texts("Period"))
        for category in self.settings.base.categories:
            measure = f"base.{category.id}.clients"
            series.add(measure, category.label.text(texts.language), self._trend(measure)["actual"], _COUNT)
        for key in self._headlines():
            number = _number(None, self.settings.indicators[key], texts)
            trend = self._trend(key)
            series.add(key, texts("actual"), trend["actual"], number)
            series.add(f"plan.{key}", texts("plan"), trend["plan"], number)
        series.lay_options()

    def _trend(self, measure: str) -> dict[str, list[float | None]]:
        """The department's actual and plan over the periods shown; None where nothing was synced."""
        found = [self.standing.get((str(period), self.department, measure), (None, None)) for period in self.periods]
        return {"actual": [actual for actual, _ in found], "plan": [plan for _, plan in found]}

    def _trends(self) -> None:
        canvas, texts, top = self.canvas, self.texts, self.canvas.row
        *others, last = self._headlines()
        self._chart_heading(
            top,
            {
                0: texts("Base over time, clients"),
                9: texts("{indicator}: actual, plan dashed", indicator=self._titled(last)),
            },
        )
        shades = palette(self.settings.base.categories)
        bars = {
            f"base.{category.id}.clients": shade
            for category, shade in zip(self.settings.base.categories, shades, strict=True)
        }
        tall, low = 14, 9  # rows
        self.series.bars(bars, Area(top + 1, 0, top + 1 + tall, 9), (608, tall * 21 - 8))
        self.series.plan_and_actual(f"plan.{last}", last, Area(top + 1, 9, top + 1 + tall, 16), (470, tall * 21 - 8))
        row = top + 1 + tall
        if others:
            places = dict(zip((0, 4, 8, 12), others, strict=False))
            self._chart_heading(row, {column: self._titled(key) for column, key in places.items()})
            for column, key in places.items():
                size = (346 if column == 0 else 268, low * 21 - 6)
                self.series.plan_and_actual(f"plan.{key}", key, Area(row + 1, column, row + 1 + low, column + 4), size)
            row += 1 + low
        canvas.name("charts", top, row, right=_WIDTH)
        canvas.row = row
        self._gap()

    def _chart_heading(self, row: int, titles: Mapping[int, str]) -> None:
        for column in range(_WIDTH):
            self.canvas.put(row, column, titles.get(column), style(bold=True, bottom=LINE))

    # --- legend and rules -------------------------------------------------------------------------------------

    def _legend(self) -> None:
        canvas, texts, top = self.canvas, self.texts, self.canvas.row
        canvas.put(top, 0, texts("How to read it"), style(bold=True, bottom=LINE))
        canvas.underline(top, range(1, _WIDTH), LINE)
        samples = (
            ("▲", texts("at or ahead of the plan to date"), BLUE),
            ("●", texts("within 10% of it"), GREY),
            ("▼", texts("behind it"), ORANGE),
        )
        row = top + 1
        for sign, words, ink in samples:
            canvas.put(row, 0, f"{sign}  {words}", style(size=9, ink=ink))
            row += 1
        explained = (
            texts("att. is actual ÷ plan of the whole period; sign and colour compare actual with the plan to date."),
            texts("A blank means no plan or nothing to divide by; a ratio is judged by its attainment."),
            texts("Small figures beside the base are the change since the previous period."),
        )
        for words in explained:
            canvas.put(row, 0, words, style(size=9, ink=GREY))
            row += 1
        canvas.name("legend", top, row, right=_WIDTH)
        canvas.row = row

    def _rules(self) -> tuple[dict[str, Any], ...]:
        if not self.judged:
            return ()
        around = _bounds(self.judged)  # one range, so that the formula's relative cell has one meaning
        # No decimals in the formulas: their separator would depend on the spreadsheet's locale.
        cell = CellRef("", around.top + 1, around.left + 1 + _MIRROR).a1
        areas = [around]

        def look(ink: str, fill: str = "") -> dict[str, Any]:
            form: dict[str, Any] = {"textFormat": {"foregroundColorStyle": colour(ink)}}
            if fill:
                form["backgroundColorStyle"] = colour(fill)
            return form

        return (
            rule(areas, f"=AND(ISNUMBER({cell});{cell}>=1)", look(BLUE, BLUE_FILL)),
            rule(areas, f"=AND(ISNUMBER({cell});{cell}*100<{round(TOLERANCE * 100)})", look(ORANGE, ORANGE_FILL)),
            rule(areas, f"=ISNUMBER({cell})", look(GREY)),
        )

    def _gap(self) -> None:
        self.canvas.heights[self.canvas.row] = 14
        self.canvas.row += 1


def period_title(period: Period, texts: Texts) -> str:
    """The period in words: `Week 47 · 16-22 November 2026`, `November 2026`, `Quarter 4 · October-December 2026`."""
    if period.kind is Kind.MONTH:
        month = str(format_date(period.start, "LLLL y", locale=texts.locale))
        return month[:1].upper() + month[1:]
    if period.kind is Kind.WEEK:
        name = texts("Week {n}", n=period.start.isocalendar().week)
        span = format_interval(period.start, period.end, "yMMMMd", locale=texts.locale)
    else:
        name = texts("Quarter {n}", n=period.start.month // 3 + 1)
        span = format_interval(period.start, period.end, "yMMMM", locale=texts.locale)
    return f"{name} · {span}"


def _zone(now: datetime) -> str:
    """The zone as people write it: MSK, CET, or +03:00 where it has no letters."""
    name = now.tzname() or ""
    return name if name.isalpha() else now.isoformat()[-6:]


def _short(period: Period, texts: Texts) -> str:
    if period.kind is Kind.WEEK:
        return texts("W{n}", n=period.start.isocalendar().week)
    if period.kind is Kind.MONTH:
        return str(format_date(period.start, "LLL yy", locale=texts.locale))
    return texts("Q{n}", n=f"{period.start.month // 3 + 1} {period.start:%y}")


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


def _mood(verdict: float | None) -> Mood:
    if verdict is None:
        return "none"
    return "ahead" if verdict >= 1 else "near" if verdict >= TOLERANCE else "behind"


def _number(value: float | None, indicator: Indicator, texts: Texts) -> tuple[str, str]:
    if indicator.unit == "money":
        return _money(texts)
    if indicator.unit == "ratio":
        return ("PERCENT", "0%")
    whole = value is None or math.isclose(value, round(value), abs_tol=0.05)
    return ("NUMBER", "#,##0" if whole else "#,##0.0")


def _money(texts: Texts) -> tuple[str, str]:
    """Shortened by the number format; the cell keeps the full value."""
    million, thousand = texts("M"), texts("k")
    return ("NUMBER", f'[>=1000000]0.0,,"{million}";[>=10000]#,##0,"{thousand}";#,##0')


def _quoted(word: str, number: tuple[str, str]) -> tuple[str, str]:
    """The pattern with a word before each section's digits."""
    sections = number[1].split(";")
    worded = [
        f'{section[: section.find("]") + 1]}"{word} "{section[section.find("]") + 1 :]}' if section else section
        for section in sections
    ]
    return (number[0], ";".join(worded))


def _tally(issues: Sequence[Issue]) -> list[tuple[str, int, int, int]]:
    """Per manager: errors, warnings, and the place of the first in the list; most errors first."""
    found: dict[str, list[int]] = {}
    for place, issue in enumerate(issues):
        entry = found.setdefault(issue.manager, [0, 0, place])
        entry[0 if issue.severity is Severity.ERROR else 1] += 1
    rows = [(name, errors, warnings, first) for name, (errors, warnings, first) in found.items()]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


def _bounds(areas: Sequence[Area]) -> Area:
    """The smallest area around all of them."""
    return Area(
        min(area.top for area in areas),
        min(area.left for area in areas),
        max(area.bottom for area in areas),
        max(area.right for area in areas),
    )
