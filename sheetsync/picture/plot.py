"""The plot of a basic chart (columns, bars, lines, areas, points, and combinations) as a Vega-Lite spec."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sheetsync.picture import numberformat
from sheetsync.picture.chartdata import Ticks, Vector, stacked, ticks
from sheetsync.picture.content import harmless
from sheetsync.picture.measure import text_width
from sheetsync.picture.style import Palette
from sheetsync.picture.workbook import Json

Spec = dict[str, Any]

QUIET, _HAIRLINE, _BASELINE = "#5f6368", "#e8eaed", "#bdc1c6"
_LABEL = 11  # px


@dataclass(frozen=True, slots=True)
class Room:
    """What is left for the plot, in px."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a basic chart, with everything that it is drawn by."""

    index: int
    vector: Vector
    kind: str
    right: bool
    colour: str
    width: float
    dash: list[int] | None
    point: float
    labelled: bool
    overrides: dict[int, str]


class BasicPlot:
    """One basic chart's Vega-Lite spec. Points stand on bands along the category axis, numbered from 0."""

    def __init__(
        self,
        basic: Json,
        domain: Vector,
        series: Sequence[Series],
        length: int,
        room: Room,
        locale: str,
        font: str,
    ) -> None:
        self._basic, self._domain, self._series, self._length = basic, domain, series, length
        self._room, self._locale, self._font = room, locale, font
        self._across = basic.get("chartType") == "BAR"
        self._scatter = basic.get("chartType") == "SCATTER" and all(
            domain.number(index) is not None for index in range(length)
        )
        self._stacking = basic.get("stackedType", "NOT_STACKED")
        self._order = list(range(length))
        if basic.get("domains") and basic["domains"][0].get("reversed"):
            self._order.reverse()
        self._pieces = self._stack()
        self._axes = {side: self._ticks(side) for side in (False, True) if any(each.right is side for each in series)}

    def spec(self, palette: Palette) -> Spec:
        groups = [
            {"layer": [layer for each in self._drawing_order() if each.right is side for layer in self._layers(each)]}
            for side in self._axes
        ]
        margins = self._margins()
        width = max(20, self._room.width - margins["left"] - margins["right"])
        height = max(20, self._room.height - margins["top"] - margins["bottom"])
        along, length = ("y", height) if self._across else ("x", width)
        for group, side in zip(groups, self._axes, strict=True):
            group["encoding"] = {along: self._category_axis(length), **self._value_axis(side, palette)}  # type: ignore[assignment]  # a group holds lists and a mapping
        spec: Spec = {"width": width, "height": height, "layer": groups}
        if len(groups) > 1:
            spec["resolve"] = {"scale": {"x" if self._across else "y": "independent"}}
        return dressed(spec, self._font, margins)

    # Values

    def _stacks(self, series: Series) -> bool:
        return self._stacking in ("STACKED", "PERCENT_STACKED") and series.kind in (
            "COLUMN",
            "BAR",
            "AREA",
            "STEPPED_AREA",
        )

    def _stack(self) -> dict[int, list[tuple[float, float] | None]]:
        pieces: dict[int, list[tuple[float, float] | None]] = {}
        for right in (False, True):
            group = [each for each in self._series if each.right is right and self._stacks(each)]
            columns = [[each.vector.number(index) for index in range(self._length)] for each in group]
            parts = stacked(columns, percent=self._stacking == "PERCENT_STACKED") if group else []
            pieces.update({each.index: part for each, part in zip(group, parts, strict=True)})
        return pieces

    def _ticks(self, right: bool) -> Ticks:
        values: list[float] = []
        zero = False
        for each in self._series:
            if each.right is right:
                zero = zero or each.kind not in ("LINE", "SCATTER")
                piece = self._pieces.get(each.index)
                if piece:
                    values += [end for part in piece if part for end in part]
                else:
                    values += [value for value in each.vector.numbers if value is not None]
        window = self._axis(self._position(right)).get("viewWindowOptions", {})
        room = self._room.width if self._across else self._room.height
        return ticks(
            values, zero=zero, window=window, about=max(2, min(5, room // 45)), exact=_shown_by(self._pattern(right))
        )

    def _position(self, right: bool) -> str:
        return "BOTTOM_AXIS" if self._across else "RIGHT_AXIS" if right else "LEFT_AXIS"

    def _axis(self, position: str) -> Json:
        return next((axis for axis in self._basic.get("axis", ()) if axis.get("position") == position), {})

    def _pattern(self, right: bool) -> str:
        """The number pattern of a value axis."""
        if self._stacking == "PERCENT_STACKED" and self._pieces:
            return "0%"
        return next((each.vector.pattern for each in self._series if each.right is right and each.vector.pattern), "")

    def _tick_labels(self, right: bool) -> list[str]:
        pattern = self._pattern(right)
        return [numberformat.text(value, pattern, self._locale) for value in self._axes[right].values]

    # Axes

    def _margins(self) -> dict[str, int]:
        title = 18
        across, category = self._across, self._axis("LEFT_AXIS" if self._across else "BOTTOM_AXIS")
        widths = {side: _widest(self._tick_labels(side)) + 10 for side in self._axes}
        half = 14
        margins = {"top": 8, "right": half, "bottom": 24, "left": 6}
        if across:
            margins["left"] = min(
                _widest([self._domain.label(i) for i in range(self._length)]) + 12, self._room.width // 3
            )
            margins["left"] += title if category.get("title") else 0
            margins["bottom"] += title if self._axis("BOTTOM_AXIS").get("title") else 0
            return margins
        if False in self._axes:
            margins["left"] = widths[False] + (title if self._axis("LEFT_AXIS").get("title") else 0)
        if True in self._axes:
            margins["right"] = widths[True] + (title if self._axis("RIGHT_AXIS").get("title") else 0)
        margins["bottom"] += title if category.get("title") else 0
        return margins

    def _category_axis(self, length: int) -> Spec:
        position = "LEFT_AXIS" if self._across else "BOTTOM_AXIS"
        labels = [self._domain.label(index) for index in range(self._length)]
        axis: Spec = {
            **self._text(position),
            "title": harmless(self._axis(position).get("title", "")) or None,
            "grid": False,
            "ticks": False,
            "domain": any(found.low == 0 for found in self._axes.values()),
            "domainColor": _BASELINE,
            "labelPadding": 7,
            "labelAngle": 0,
            "labelOverlap": False,
        }
        if self._scatter:
            return self._scatter_axis(axis)
        axis["values"] = self._shown(labels, length)
        axis["labelExpr"] = f"{json.dumps(labels)}[datum.value]"
        axis["labelLimit"] = self._room.width // 3 if self._across else max(40, length // max(1, len(axis["values"])))
        gap = 0.2 if len(self._bars()) == 1 or self._stacking != "NOT_STACKED" else 0.28
        scale = {"type": "band", "domain": self._order, "paddingInner": gap, "paddingOuter": gap / 2}
        return {"field": "i", "type": "ordinal", "sort": None, "scale": scale, "axis": axis}

    def _scatter_axis(self, axis: Spec) -> Spec:
        values = [value for value in self._domain.numbers if value is not None]
        found = ticks(values, zero=False, window={}, about=6, exact=_shown_by(self._domain.pattern))
        labels = [numberformat.text(value, self._domain.pattern, self._locale) for value in found.values]
        axis |= {"values": found.values, "labelExpr": _lookup(found.values, labels)}
        return {"field": "x", "type": "quantitative", "scale": {"domain": [found.low, found.high]}, "axis": axis}

    def _shown(self, labels: Sequence[str], length: int) -> list[int]:
        """The categories that get a label: as many as fit, evenly, the last one among them."""
        needed = 16 if self._across else _widest(labels) + 12
        every = max(1, -(-needed * len(labels) // max(1, length)))
        every = min(every, max(1, len(labels)))
        return [index for index in self._order if (len(labels) - 1 - index) % every == 0]

    def _value_axis(self, right: bool, palette: Palette) -> Spec:
        found, position = self._axes[right], self._position(right)
        channel = "x" if self._across else "y"
        given = self._axis(position)
        axis: Spec = {
            **self._text(position),
            "title": harmless(given.get("title", "")) or None,
            "values": found.values,
            "labelExpr": _lookup(found.values, self._tick_labels(right)),
            "orient": "bottom" if self._across else "right" if right else "left",
            "grid": not right or len(self._axes) == 1,
            "gridColor": {"condition": {"test": "datum.value === 0", "value": _BASELINE}, "value": _HAIRLINE},
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
        }
        colour = palette.colour(given.get("format", {}), "foregroundColor")
        if colour:
            axis |= {"labelColor": colour, "titleColor": colour}
        scale = {"domain": [found.low, found.high], "nice": False, "zero": False}
        return {channel: {"field": "v", "type": "quantitative", "scale": scale, "axis": axis}}

    def _text(self, position: str) -> Spec:
        text = self._axis(position).get("format", {})
        size = float(text["fontSize"]) * 4 / 3 if text.get("fontSize") else _LABEL
        return {
            "labelFontSize": size,
            "labelFontWeight": "bold" if text.get("bold") else "normal",
            "labelColor": QUIET,
            "titleColor": QUIET,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "titlePadding": 6,
        }

    # Marks

    def _bars(self) -> list[Series]:
        return [each for each in self._series if each.kind in ("COLUMN", "BAR")]

    def _drawing_order(self) -> list[Series]:
        """Areas lie lowest, then bars, then lines and points."""
        depth = {"AREA": 0, "STEPPED_AREA": 0, "COLUMN": 1, "BAR": 1}
        return sorted(self._series, key=lambda each: depth.get(each.kind, 2))

    def _rows(self, series: Series) -> list[Spec]:
        found = self._axes[series.right]
        piece = self._pieces.get(series.index)
        rows = []
        for index in range(self._length):
            value = series.vector.number(index)
            start, end = (0.0, value) if piece is None else (piece[index] or (0.0, None))
            row: Spec = {
                "i": index,
                "s": series.index,
                "v": None if end is None else min(max(end, found.low), found.high),
                "b": min(max(start, found.low), found.high),
                "c": series.overrides.get(index, series.colour),
            }
            if self._scatter:
                row["x"] = self._domain.number(index)
            if series.labelled and value is not None:
                row["t"] = numberformat.text(value, series.vector.pattern, self._locale)
            rows.append(row)
        return rows

    def _layers(self, series: Series) -> Iterator[Spec]:
        rows = self._rows(series)
        draw = {"COLUMN": self._bar, "BAR": self._bar, "AREA": self._area, "STEPPED_AREA": self._area}
        yield from draw.get(series.kind, self._line)(series, rows)
        if series.labelled:
            yield self._labels(series, rows)

    def _bar(self, series: Series, rows: list[Spec]) -> Iterator[Spec]:
        along, up = ("y", "x") if self._across else ("x", "y")
        encoding: Spec = {f"{up}2": {"field": "b"}, "color": {"field": "c", "type": "nominal", "scale": None}}
        if len(self._bars()) > 1 and not self._stacks(series):
            order = [each.index for each in self._bars()]
            encoding[f"{along}Offset"] = {"field": "s", "type": "ordinal", "sort": None, "scale": {"domain": order}}
        filled = [row for row in rows if row["v"] is not None]
        yield {"data": {"values": filled}, "mark": {"type": "bar"}, "encoding": encoding}

    def _area(self, series: Series, rows: list[Spec]) -> Iterator[Spec]:
        steps = {"interpolate": "step"} if series.kind == "STEPPED_AREA" else self._smooth()
        mark = {"type": "area", "color": series.colour, "opacity": 0.3, **steps}
        up = "x2" if self._across else "y2"
        for run in self._runs(rows):
            yield {"data": {"values": run}, "mark": mark, "encoding": {up: {"field": "b"}}}
        yield from self._line(series, rows, **steps)

    def _line(self, series: Series, rows: list[Spec], **steps: str) -> Iterator[Spec]:
        shape = steps or self._smooth()
        mark: Spec = {
            "type": "line",
            "color": series.colour,
            "strokeWidth": series.width,
            "strokeJoin": "round",
            **shape,
        }
        if series.dash:
            mark["strokeDash"] = series.dash
        else:
            mark["strokeCap"] = "round"
        runs = self._runs(rows)
        if series.kind != "SCATTER" and series.width:
            yield from ({"data": {"values": run}, "mark": mark} for run in runs if len(run) > 1)
        alone = [row for run in runs if len(run) == 1 for row in run]
        dots = [row for run in runs for row in run] if series.point or series.kind == "SCATTER" else alone
        if dots:
            diameter = series.point or 5
            encoding = {"color": {"field": "c", "type": "nominal", "scale": None}}
            yield {
                "data": {"values": dots},
                "mark": {"type": "circle", "opacity": 1, "size": diameter**2},
                "encoding": encoding,
            }

    def _smooth(self) -> dict[str, str]:
        return {"interpolate": "monotone"} if self._basic.get("lineSmoothing") else {}

    def _runs(self, rows: list[Spec]) -> list[list[Spec]]:
        """The stretches without a gap; one stretch where gaps are to be bridged."""
        filled = [row for row in rows if row["v"] is not None]
        if self._basic.get("interpolateNulls"):
            return [filled] if filled else []
        runs: list[list[Spec]] = []
        for row in filled:
            if not runs or runs[-1][-1]["i"] != row["i"] - 1:
                runs.append([])
            runs[-1].append(row)
        return runs

    def _labels(self, series: Series, rows: list[Spec]) -> Spec:
        place = {"align": "left", "dx": 4} if self._across else {"baseline": "bottom", "dy": -4}
        if self._stacks(series):
            place = {"align": "right", "dx": -4} if self._across else {"baseline": "top", "dy": 4}
        mark = {"type": "text", "fontSize": _LABEL, "font": self._font, "color": QUIET, **place}
        values = [row for row in rows if row.get("t")]
        encoding: Spec = {"text": {"field": "t"}}
        if len(self._bars()) > 1 and series in self._bars() and not self._stacks(series):
            order = [each.index for each in self._bars()]
            offset = "yOffset" if self._across else "xOffset"
            encoding[offset] = {"field": "s", "type": "ordinal", "sort": None, "scale": {"domain": order}}
        return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _shown_by(pattern: str) -> Callable[[float], bool]:
    return lambda value: numberformat.exact(value, pattern)


def _widest(labels: Sequence[str]) -> int:
    return round(max((text_width(label, _LABEL) for label in labels), default=0.0) * 1.1)


def _lookup(values: Sequence[float], labels: Sequence[str]) -> str:
    """A Vega expression for the label of a tick. All text in it is JSON, which Vega reads as string literals."""
    return f"{json.dumps(list(labels))}[indexof({json.dumps(list(values))}, datum.value)]"


def dressed(spec: Spec, font: str, margins: dict[str, int] | int) -> Spec:
    """The spec with what all charts share: exact size, fonts, no frame."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "autosize": {"type": "none"},
        "background": None,
        "padding": margins,
        "config": {
            "aria": False,
            "font": font,
            "view": {"stroke": None},
            "axis": {"labelFont": font, "titleFont": font},
        },
        **spec,
    }
