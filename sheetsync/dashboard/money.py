"""Money: what the next six months should bring, what is overdue, whether it covers the plan, and how far off it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetsync.canvas import BLUE, GREY, HAIRLINE, INK, LINE
from sheetsync.charts import Series
from sheetsync.dashboard import spoken
from sheetsync.dashboard.frame import PERIODS_SHOWN, SERIES, WIDTH, Frame, each, filled, look, records
from sheetsync.dashboard.numbers import COUNT, PERCENT, Pattern
from sheetsync.forecast import Forecast
from sheetsync.model import Area, known
from sheetsync.periods import Period
from sheetsync.plan import plan

_PALE = "#9fd0e2"
_CHART_ROWS = 13
_RIGHT = 6  # the chart's first column, right of the table on probabilities
_BEYOND = ("later", "overdue", "undated")
_MONTHS, _SUM, _COVERAGE = 1, 7, 11  # first columns of the months, of what is beyond, and of the coverage


def money(frame: Frame) -> None:
    """Draws the forecast, what it rests on, and its chart; nothing where no base is stored."""
    if frame.report.forecast is not None:
        with frame.block("forecast"):
            drawn = _Money(frame, frame.report.forecast)
            drawn.table()
            frame.gap()
            drawn.basis()


class _Money:
    def __init__(self, frame: Frame, found: Forecast) -> None:
        self._frame, self._found = frame, found
        self._cells = {(str(row["manager"]), str(row["when"])): row for row in each(found.by_month)}
        self._coverage = records(found.coverage)
        self._planned = self._plans()
        self._money = frame.numbers.money
        self._size = frame.numbers.size("money")

    def _plans(self) -> list[float | None]:
        """The department's plan of revenue, month by month."""
        settings, months = self._frame.settings, self._found.months
        key = settings.revenue
        if key is None:
            return [None] * len(months)
        alone = settings.model_copy(update={"indicators": {key: settings.indicators[key]}})
        plans = [plan(alone, month, month.end).set_index("manager")["plan"] for month in months]
        return [known(each[settings.department.name]) for each in plans]

    def _told(self, manager: str, when: str, column: str) -> float | None:
        return known(self._cells.get((manager, when), {}).get(column))

    def _weighted(self, month: str) -> float:
        """What this month comes to if what is expected in it pays as likely as ever."""
        department = self._frame.department
        return round(sum(self._told(department, month, name) or 0.0 for name in ("received", "weighted")), 2)

    def _month(self, month: Period) -> str:
        return spoken.month(month, self._frame.texts)

    # --- the table --------------------------------------------------------------------------------------------

    def table(self) -> None:
        """The department first, with what came in already, what is expected in full, and the plan; then managers."""
        frame, texts = self._frame, self._frame.texts
        self._heads()
        self._row(frame.department)
        months = [str(month) for month in self._found.months]
        whens = dict(enumerate(months, _MONTHS)) | dict(enumerate(_BEYOND, _SUM + 1))
        received = self._told(frame.department, months[0], "received")
        self._second(texts("of it received"), {_MONTHS: received})
        full = {column: filled(self._told(frame.department, when, "expected")) for column, when in whens.items()}
        self._second(texts("expected in full"), full)
        self._second(texts("weighted"), {_MONTHS: self._weighted(months[0])})
        if any(value is not None for value in self._planned):
            self._second(texts("plan"), dict(enumerate(self._planned, _MONTHS)))
        frame.canvas.underline(frame.canvas.row - 1, range(WIDTH), HAIRLINE)
        for manager in frame.people(self._found.by_month):
            self._row(manager)

    def _heads(self) -> None:
        frame, texts = self._frame, self._frame.texts
        top = frame.rows(2)
        frame.canvas.heights[top + 1] = 17
        frame.titled_line(top, texts("Money to come"))
        over: dict[str, Any] = {"bold": True, "align": "CENTER", "bottom": LINE, "left": HAIRLINE, "wrap": "CLIP"}
        frame.put(top, _MONTHS, texts("forecast by month, {currency}", currency=frame.currency), look(**over), span=6)
        frame.put(top, _SUM, texts("and beyond"), look(**over), span=4)
        frame.put(top, _COVERAGE, texts("does it cover the plan?"), look(**over), span=5)
        heads = [self._month(month) for month in self._found.months]
        heads += [texts("six months"), texts("later"), texts("overdue"), texts("undated")]
        heads += [texts("due"), texts("weighted"), texts("plan to go"), texts("coverage"), texts("weighted")]
        frame.heads(top + 1, dict(enumerate(heads, _MONTHS)))

    def _row(self, manager: str) -> None:
        frame, row, first = self._frame, self._frame.rows(), manager == self._frame.department
        side: dict[str, Any] = {} if first else frame.side(manager)
        frame.put(row, 0, manager, look(bold=first, wrap="CLIP", **side))
        months = [self._told(manager, str(month), "forecast") for month in self._found.months]
        beyond = [self._told(manager, when, "forecast") for when in _BEYOND]
        values = [*months, round(sum(value or 0.0 for value in months), 2), *beyond]
        for column, value in enumerate(values, _MONTHS):
            left: dict[str, Any] = {"left": HAIRLINE} if column in (_MONTHS, _SUM) else {}
            shown = look(size=self._size, bold=first or column == _SUM, number=self._money(value), **side, **left)
            frame.put(row, column, value or None, shown)
        self._covered(row, manager, side)

    def _covered(self, row: int, manager: str, side: Mapping[str, Any]) -> None:
        """What is due in the period against what the plan still needs."""
        found, first = self._coverage.get(manager, {}), manager == self._frame.department
        names = ("due", "due_weighted", "gap", "coverage", "coverage_weighted")
        for column, name in enumerate(names, _COVERAGE):
            value, share = known(found.get(name)), name.startswith("coverage")
            number = PERCENT if share else self._money(value)
            ink = GREY if name.endswith("weighted") else INK
            left: dict[str, Any] = {"left": HAIRLINE} if column == _COVERAGE else {}
            told = value or None if name.startswith("due") else value
            self._frame.put(
                row, column, told, look(size=self._size, bold=first, ink=ink, number=number, **side, **left)
            )

    def _second(self, name: str, values: Mapping[int, float | None]) -> None:
        """A small line under the department."""
        frame, row = self._frame, self._frame.rows()
        frame.canvas.heights[row] = 18
        frame.put(row, 0, name, look(size=8, ink=GREY, inset=10, wrap="CLIP"))
        for column, value in values.items():
            frame.put(row, column, value, look(size=8, ink=GREY, number=self._money(value)))

    # --- what it rests on, and the chart ----------------------------------------------------------------------

    def basis(self) -> None:
        """How likely clients pay and how far off forecasts were at the left, the chart at the right."""
        frame, top = self._frame, self._frame.canvas.row
        self._likelihoods()
        for words in self._errors():
            frame.said(words)
        frame.canvas.row = max(frame.canvas.row, top + 1 + _CHART_ROWS)
        self._chart(top)

    def _likelihoods(self) -> None:
        frame, texts = self._frame, self._frame.texts
        top = frame.heading(texts("How likely they pay"), right=_RIGHT)
        heads = (texts("used"), texts("set"), texts("cases"), texts("paid"), texts("of sum"))
        frame.heads(top, dict(enumerate(heads, 1)), line=True)
        columns: dict[str, Pattern] = {
            "probability": PERCENT,
            "configured": PERCENT,
            "n": COUNT,
            "paid": COUNT,
            "ratio": PERCENT,
        }
        for found in each(self._found.calibration):
            row = frame.rows()
            frame.put(row, 0, frame.category(str(found["category"])), look(size=9, wrap="CLIP", bottom=HAIRLINE))
            for column, (name, number) in enumerate(columns.items(), 1):
                used = name == "probability"
                shown = look(size=9, bold=used, ink=INK if used else GREY, number=number, bottom=HAIRLINE)
                frame.put(row, column, known(found[name]), shown)

    def _errors(self) -> list[str]:
        """How far off earlier forecasts were, in plain words."""
        texts, found, share = self._frame.texts, self._found, self._frame.numbers.share
        if found.wape is None:
            return [
                texts("How far off forecasts are is not known yet."),
                texts("None was made for a month that is over."),
            ]
        off = texts("Earlier forecasts were off by {share} on average", share=share(found.wape))
        months = texts.plural("(WAPE, {n} month)", "(WAPE, {n} months)", len(found.errors))
        bias = round(found.bias or 0.0, 2)
        if bias > 0:
            said = texts("and {share} too high in sum.", share=share(bias))
        elif bias < 0:
            said = texts("and {share} too low in sum.", share=share(-bias))
        else:
            said = texts("and neither too high nor too low in sum.")
        return [off, f"{months} {said}"]

    def _chart(self, top: int) -> None:
        """Money received and to come stacked, month by month, and the plan as a line."""
        frame, texts, months = self._frame, self._frame.texts, self._found.months
        head = frame.series.head + PERIODS_SHOWN + 2
        series = Series(frame.canvas, frame.drawing, head, SERIES, [self._month(month) for month in months])
        series.lay_periods(texts("Month"))
        received, forecast = (
            [self._told(frame.department, str(month), name) or 0.0 for month in months]
            for name in ("received", "forecast")
        )
        to_come = [round(all_ - came, 2) for all_, came in zip(forecast, received, strict=True)]
        series.add("received", texts("received"), received, self._money())
        series.add("to_come", texts("still expected (later months: weighted)"), to_come, self._money())
        if any(value is not None for value in self._planned):
            series.add("plan", texts("plan"), self._planned, self._money())
        series.name("forecast_trend")
        title = texts("Forecast by month, {currency}", currency=frame.currency)
        frame.titled_line(top, title, left=_RIGHT, inset=8)
        place = Area(top + 1, _RIGHT, top + 1 + _CHART_ROWS, WIDTH)
        size = (676, _CHART_ROWS * 21 - 6)
        series.bars_and_line({"received": BLUE, "to_come": _PALE}, "plan", place, size)
