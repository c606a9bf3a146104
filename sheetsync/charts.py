"""Native charts and sparklines, and the hidden columns of figures that they are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sheetsync.canvas import BLUE, FONT, GREY, ORANGE, Canvas, colour, lean
from sheetsync.model import OWN_CHARTS, Area, Formula

Mood = Literal["ahead", "near", "behind", "none"]
PLAN_INK = "#a4adb8"

_INKS: Mapping[Mood, str] = {"ahead": BLUE, "near": GREY, "behind": ORANGE, "none": GREY}


@dataclass(slots=True)
class Drawing:
    """The charts of a page, drawn so far."""

    charts: list[dict[str, Any]] = field(default_factory=list)

    def add(self, basic: Mapping[str, Any], place: Area, size: tuple[int, int]) -> None:
        """One more chart, `size` (width, height) in pixels, from the place's first cell on."""
        overlay = {
            "anchorCell": {"rowIndex": place.top, "columnIndex": place.left},
            "offsetXPixels": 2,
            "offsetYPixels": 4,
            "widthPixels": size[0],
            "heightPixels": size[1],
        }
        self.charts.append(
            {
                "chartId": OWN_CHARTS[len(self.charts)],
                "spec": {"fontName": FONT, "hiddenDimensionStrategy": "SHOW_ALL", "basicChart": dict(basic)},
                "position": {"overlayPosition": overlay},
                "border": {"colorStyle": colour("#ffffff")},
            }
        )


@dataclass(slots=True)
class Series:
    """Columns of figures under a header row, one row per period, from the canvas's cell (`head`, `left`) on.

    The first column holds the periods' short names. Charts go into `drawing`.
    """

    canvas: Canvas
    drawing: Drawing
    head: int
    left: int
    periods: Sequence[str]
    columns: dict[str, int] = field(default_factory=dict)
    dips: set[str] = field(default_factory=set)
    _options: int = 0

    def lay_periods(self, title: str) -> None:
        """Writes the column of periods."""
        self.canvas.put(self.head, self.left, title)
        for row, period in enumerate(self.periods, start=self.head + 1):
            self.canvas.put(row, self.left, period)
        self.columns["periods"] = self.left

    def add(self, name: str, title: str, values: Sequence[float | None], number: tuple[str, str]) -> None:
        """Writes one more column; None is a gap in the line."""
        column = self.left + len(self.columns)
        self.canvas.put(self.head, column, title)
        for row, value in enumerate(values, start=self.head + 1):
            self.canvas.put(row, column, value, lean(number=number))
        self.columns[name] = column
        if any(value is not None and value < 0 for value in values):
            self.dips.add(name)

    def lay_options(self) -> None:
        """Writes the sparklines' options in cells, so that no list separator depends on the spreadsheet's locale."""
        self._options = self.left + len(self.columns)
        for place, ink in enumerate(_INKS.values()):
            for offset, (name, value) in enumerate((("color", ink), ("linewidth", 2), ("empty", "ignore"))):
                row = self.head + 1 + place * 3 + offset
                self.canvas.put(row, self._options, name)
                self.canvas.put(row, self._options + 1, value)
        self.canvas.columns = max(self.canvas.columns, self._options + 2)

    def name(self, block: str) -> None:
        """Gives the columns their named range."""
        right = self.left + len(self.columns)
        self.canvas.name(block, self.head, self.head + 1 + len(self.periods), left=self.left, right=right)
        self.canvas.columns = max(self.canvas.columns, right)

    def sparkline(self, name: str, mood: Mood) -> Formula:
        """A line in one cell, in the colour of the mood."""
        top = self.head + 1
        data = Area(top, self.columns[name], top + len(self.periods), self.columns[name] + 1)
        at = top + list(_INKS).index(mood) * 3
        options = Area(at, self._options, at + 3, self._options + 2)
        return Formula(f"=SPARKLINE({_absolute(data)};{_absolute(options)})")

    def bars(self, names: Mapping[str, str], place: Area, size: tuple[int, int]) -> None:
        """Stacked columns, one colour a series (`names`: series -> colour), with a legend below."""
        shown = [
            {"series": self._source(name), "targetAxis": "LEFT_AXIS", "colorStyle": colour(ink)}
            for name, ink in names.items()
        ]
        more = {"stackedType": "STACKED", "legendPosition": "BOTTOM_LEGEND"}
        self._chart("COLUMN", shown, self._upright(names), place, size, more)

    def plan_and_actual(self, plan: str, actual: str, place: Area, size: tuple[int, int]) -> None:
        """A dashed grey line for the plan, a blue one for what was done."""
        shown = [self._line(plan, PLAN_INK, "MEDIUM_DASHED"), self._line(actual, BLUE, "SOLID")]
        self._chart("LINE", shown, self._upright((plan, actual)), place, size, {"legendPosition": "NO_LEGEND"})

    def bars_and_line(self, names: Mapping[str, str], line: str, place: Area, size: tuple[int, int]) -> None:
        """Stacked columns, one colour a series, and, where there is such a series, a dashed grey line for the plan."""
        shown = [
            {"series": self._source(name), "targetAxis": "LEFT_AXIS", "type": "COLUMN", "colorStyle": colour(ink)}
            for name, ink in names.items()
        ]
        if line in self.columns:
            shown.append({**self._line(line, PLAN_INK, "MEDIUM_DASHED"), "type": "LINE"})
        more = {"stackedType": "STACKED", "legendPosition": "BOTTOM_LEGEND"}
        self._chart("COMBO", shown, self._upright([*names, *[line] * (line in self.columns)]), place, size, more)

    def _line(self, name: str, ink: str, dash: str) -> dict[str, Any]:
        look = {"colorStyle": colour(ink), "lineStyle": {"width": 2, "type": dash}}
        return {"series": self._source(name), "targetAxis": "LEFT_AXIS", **look}

    def _source(self, name: str) -> dict[str, Any]:
        column = self.columns[name]
        area = Area(self.head, column, self.head + 1 + len(self.periods), column + 1)  # with its header
        return {"sourceRange": {"sources": [area.grid()]}}

    def _upright(self, names: Sequence[str] | Mapping[str, str]) -> dict[str, Any]:
        """The left axis. It starts at zero, so that height means something, unless a figure is below."""
        axis: dict[str, Any] = {"position": "LEFT_AXIS", "format": _quiet()}
        if not self.dips.intersection(names):
            axis["viewWindowOptions"] = {"viewWindowMode": "EXPLICIT", "viewWindowMin": 0}
        return axis

    def _chart(
        self,
        kind: Literal["COLUMN", "LINE", "COMBO"],
        shown: list[dict[str, Any]],
        axis: Mapping[str, Any],
        place: Area,
        size: tuple[int, int],
        more: Mapping[str, Any],
    ) -> None:
        basic: dict[str, Any] = {
            "chartType": kind,
            "headerCount": 1,
            "axis": [{"position": "BOTTOM_AXIS", "format": _quiet()}, axis],
            "domains": [{"domain": self._source("periods")}],
            "series": shown,
            **more,
        }
        self.drawing.add(basic, place, size)


def _quiet() -> dict[str, Any]:
    return {"fontFamily": FONT, "fontSize": 9, "foregroundColorStyle": colour(GREY)}


def _absolute(area: Area) -> str:
    first, last = area.corners
    return f"${first[0]}${first[1]}:${last[0]}${last[1]}"
