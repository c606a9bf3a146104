"""Native charts as inline SVG: the API's chart spec and its data -> Vega-Lite -> SVG (vl-convert).

Titles and legend are HTML around the plot, so that the reader's own fonts measure them. Everything that is
placed by a scale (axes, gridlines, bars, lines, areas, slices) is Vega-Lite's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sheetsync.picture import numberformat
from sheetsync.picture.chartdata import DataAbsentError, Source, Spec, Ticks, Vector, stacked, ticks
from sheetsync.picture.content import harmless
from sheetsync.picture.measure import text_width
from sheetsync.picture.style import Palette, font_stack
from sheetsync.picture.words import Words, words
from sheetsync.picture.workbook import Json, Workbook

_VEGA_LITE = "5.20"
_QUIET, _HAIRLINE, _BASELINE = "#5f6368", "#e8eaed", "#bdc1c6"
_LABEL = 11  # px
_DASHES = {
    "DOTTED": [1, 3],
    "MEDIUM_DASHED": [4, 3],
    "MEDIUM_DASHED_DOTTED": [4, 3, 1, 3],
    "LONG_DASHED": [8, 4],
    "LONG_DASHED_DOTTED": [8, 4, 1, 4],
}
_DRAWN = ("COLUMN", "BAR", "LINE", "AREA", "STEPPED_AREA", "SCATTER")
_PLACES = {"TOP_LEGEND": "top", "LEFT_LEGEND": "left", "RIGHT_LEGEND": "right", "NO_LEGEND": "none"}
_ACCENTS = 6


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend; `mark` is `line`, `dash` or `box`."""

    name: str
    colour: str
    mark: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart for the template: words in HTML, the plot as SVG, or a message in its place."""

    title: str
    subtitle: str
    label: str
    css: str
    title_css: str
    subtitle_css: str
    keys: Sequence[Key] = ()
    legend: str = "none"
    plot: Markup | None = None
    message: str = ""
    score: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """What is left for the plot, in px."""

    width: int
    height: int


def figure(chart: Json, workbook: Workbook, palette: Palette, size: tuple[int, int], language: str) -> Figure:
    """The chart, `size` (width, height) px; a message where its data is absent or its kind isn't drawn."""
    return _Drawing(chart, workbook, palette, size, words(language)).figure()


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


class _Drawing:
    def __init__(self, chart: Json, workbook: Workbook, palette: Palette, size: tuple[int, int], said: Words) -> None:
        self._chart: Json = chart
        self._spec: Json = chart.get("spec", {})
        self._workbook, self._palette, self._size, self._words = workbook, palette, size, said
        self._font = font_stack(self._spec.get("fontName", "Roboto")).replace('"', "'")

    def figure(self) -> Figure:
        kinds = {"basicChart": self._basic, "pieChart": self._pie, "scorecardChart": self._scorecard}
        kind = next((name for name in kinds if name in self._spec), "")
        if not kind:
            other = next((name for name in self._spec if name.endswith("Chart")), "?")
            return self._frame(message=self._words.unsupported.format(kind=harmless(other.removesuffix("Chart"))))
        try:
            return kinds[kind]()
        except DataAbsentError:
            return self._frame(message=self._words.absent)

    # The frame

    def _frame(self, **content: Any) -> Figure:
        spec = self._spec
        title, subtitle = harmless(spec.get("title", "")), harmless(spec.get("subtitle", ""))
        paper = self._palette.colour(spec, "backgroundColor") or "#ffffff"
        edge = self._palette.colour(self._chart.get("border", {}), "color")
        return Figure(
            title=title,
            subtitle=subtitle,
            label=harmless(spec.get("altText", "")) or title or self._words.chart,
            css=f"background:{paper};font-family:{self._font}"
            + (f";box-shadow:inset 0 0 0 1px {edge}" if edge else ""),
            title_css=self._text_css("title", 16),
            subtitle_css=self._text_css("subtitle", 12),
            **content,
        )

    def _text_css(self, part: str, default: int) -> str:
        text = self._spec.get(part + "TextFormat", {})
        align = self._spec.get(part + "TextPosition", {}).get("horizontalAlignment", "LEFT").lower()
        pairs = {
            "font-size": f"{self._text_size(part, default):g}px",
            "color": self._palette.colour(text, "foregroundColor") or ("#202124" if part == "title" else _QUIET),
            "font-weight": "700" if text.get("bold") else "400",
            "font-style": "italic" if text.get("italic") else "normal",
            "text-align": align if align in ("center", "right") else "left",
        }
        if "fontFamily" in text:
            pairs["font-family"] = font_stack(text["fontFamily"]).replace('"', "'")
        return ";".join(f"{name}:{value}" for name, value in pairs.items())

    def _text_size(self, part: str, default: int) -> float:
        size = self._spec.get(part + "TextFormat", {}).get("fontSize")
        return float(size) * 4 / 3 if size else float(default)

    def _room(self, keys: Sequence[Key], legend: str) -> Room:
        """What the titles and the legend leave; their heights are those of page.css."""
        width, height = self._size[0] - 16, self._size[1] - 12
        for part, default in (("title", 16), ("subtitle", 12)):
            if self._spec.get(part):
                height -= round(self._text_size(part, default) * 1.3) + 2
        if legend in ("left", "right"):
            width -= min(legend_width(keys), self._size[0] // 3)
        elif legend != "none":
            height -= 20 * _legend_lines(keys, width) + 4
        return Room(max(40, width), max(40, height))

    # Basic charts

    def _basic(self) -> Figure:
        basic: Json = self._spec["basicChart"]
        source = Source(self._workbook, self._spec, basic.get("headerCount"))
        domain = source.vector(basic["domains"][0]["domain"]) if basic.get("domains") else Vector("", [], [], "")
        series = [self._series(basic, source, index) for index in range(len(basic.get("series", ())))]
        unknown = next((each.kind for each in series if each.kind not in _DRAWN), None)
        if unknown:
            return self._frame(message=self._words.unsupported.format(kind=harmless(unknown)))
        length = max((len(each.vector.numbers) for each in series), default=0)
        if not any(value is not None for each in series for value in each.vector.numbers):
            return self._frame(message=self._words.empty)
        legend = _PLACES.get(basic.get("legendPosition", ""), "bottom")
        named = [each for each in series if each.vector.name]
        keys = [Key(each.vector.name, each.colour, _mark(each)) for each in named] if legend != "none" else []
        legend = legend if keys else "none"
        plot = _BasicPlot(basic, domain, series, length, self._room(keys, legend), self._workbook.locale, self._font)
        return self._frame(keys=keys, legend=legend, plot=_svg(plot.spec(self._palette)))

    def _series(self, basic: Json, source: Source, index: int) -> Series:
        given: Json = basic["series"][index]
        own = given.get("type") if basic.get("chartType") == "COMBO" else None
        kind = own or ("COLUMN" if basic.get("chartType") == "COMBO" else basic.get("chartType", "COLUMN"))
        line, point = given.get("lineStyle", {}), given.get("pointStyle", {})
        size = float(point.get("size", 6 if kind == "SCATTER" else 0))
        return Series(
            index=index,
            vector=source.vector(given.get("series", {})),
            kind=kind,
            right=given.get("targetAxis") == "RIGHT_AXIS",
            colour=self._colour(given, index),
            width=0.0 if line.get("type") == "INVISIBLE" else float(line.get("width", 2)),
            dash=_DASHES.get(line.get("type", "")),
            point=size,
            labelled=given.get("dataLabel", {}).get("type") == "DATA",
            overrides={
                each.get("index", 0): self._palette.colour(each, "color") or self._colour(given, index)
                for each in given.get("styleOverrides", ())
            },
        )

    def _colour(self, given: Json, index: int) -> str:
        return self._palette.colour(given, "color") or self._palette.theme(f"ACCENT{index % _ACCENTS + 1}")

    # Pie and scorecard

    def _pie(self) -> Figure:
        pie: Json = self._spec["pieChart"]
        source = Source(self._workbook, self._spec, None)
        domain, values = source.vector(pie.get("domain", {})), source.vector(pie.get("series", {}))
        slices = [(domain.label(i), value) for i, value in enumerate(values.numbers) if value and value > 0]
        if not slices:
            return self._frame(message=self._words.empty)
        total = sum(value for _, value in slices)
        colours = [self._palette.theme(f"ACCENT{i % _ACCENTS + 1}") for i in range(len(slices))]
        legend = _PLACES.get(pie.get("legendPosition", ""), "right")
        keys = [
            Key(f"{name} {value / total:.0%}".strip(), colour, "box")
            for (name, value), colour in zip(slices, colours, strict=True)
        ]
        room = self._room(keys, legend)
        rows = [
            {"v": value, "c": colour, "i": i}
            for i, ((_, value), colour) in enumerate(zip(slices, colours, strict=True))
        ]
        radius = max(10, min(room.width, room.height) / 2 - 6)
        spec = {
            "data": {"values": rows},
            "width": room.width,
            "height": room.height,
            "mark": {
                "type": "arc",
                "outerRadius": radius,
                "innerRadius": radius * pie.get("pieHole", 0),
                "stroke": "white",
                "strokeWidth": 1,
            },
            "encoding": {
                "theta": {"field": "v", "type": "quantitative", "stack": True},
                "order": {"field": "i", "type": "quantitative"},
                "color": {"field": "c", "type": "nominal", "scale": None},
            },
        }
        return self._frame(
            keys=keys if legend != "none" else (), legend=legend, plot=_svg(_dressed(spec, self._font, 0))
        )

    def _scorecard(self) -> Figure:
        card: Json = self._spec["scorecardChart"]
        source = Source(self._workbook, self._spec, 0)
        value = _aggregate(source.vector(card.get("keyValueData", {})), card.get("aggregateType"))
        if value is None:
            return self._frame(message=self._words.empty)
        vector = source.vector(card["keyValueData"])
        change = ""
        if card.get("baselineValueData"):
            base = _aggregate(source.vector(card["baselineValueData"]), card.get("aggregateType"))
            change = self._change(value, base, card.get("baselineValueFormat", {}), vector.pattern)
        return self._frame(score=numberformat.text(value, vector.pattern, self._workbook.locale), change=change)

    def _change(self, value: float, base: float | None, shown: Json, pattern: str) -> str:
        if base is None:
            return ""
        if shown.get("comparisonType") == "PERCENTAGE_DIFFERENCE":
            text = f"{abs(value / base - 1):.0%}" if base else ""
        else:
            text = numberformat.text(abs(value - base), pattern, self._workbook.locale)
        sign = "▲" if value > base else "▼" if value < base else "●"
        return harmless(f"{sign} {text} {shown.get('description', '')}".strip())


def _aggregate(vector: Vector, how: str | None) -> float | None:
    numbers = [value for value in vector.numbers if value is not None]
    if not numbers:
        return None
    ordered, middle = sorted(numbers), len(numbers) // 2
    return {
        "AVERAGE": sum(numbers) / len(numbers),
        "COUNT": float(len(numbers)),
        "MAX": ordered[-1],
        "MIN": ordered[0],
        "SUM": sum(numbers),
        "MEDIAN": ordered[middle] if len(numbers) % 2 else (ordered[middle - 1] + ordered[middle]) / 2,
    }.get(how or "", numbers[0])


def legend_width(keys: Sequence[Key]) -> int:
    """Width in px of a legend beside the plot."""
    return round(max((text_width(key.name, 12) for key in keys), default=0.0)) + 36


def _legend_lines(keys: Sequence[Key], width: int) -> int:
    lines, used = 1, 0.0
    for key in keys:
        needed = text_width(key.name, 12) * 1.1 + 32
        if used and used + needed > width:
            lines, used = lines + 1, 0.0
        used += needed
    return lines


def _mark(series: Series) -> str:
    if series.kind in ("LINE", "SCATTER"):
        return "dash" if series.dash else "line"
    return "box"


class _BasicPlot:
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
        return _dressed(spec, self._font, margins)

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
        return ticks(values, zero=zero, window=window, about=max(2, min(5, room // 45)))

    def _position(self, right: bool) -> str:
        return "BOTTOM_AXIS" if self._across else "RIGHT_AXIS" if right else "LEFT_AXIS"

    def _axis(self, position: str) -> Json:
        return next((axis for axis in self._basic.get("axis", ()) if axis.get("position") == position), {})

    def _tick_labels(self, right: bool) -> list[str]:
        pattern = next(
            (each.vector.pattern for each in self._series if each.right is right and each.vector.pattern), ""
        )
        if self._stacking == "PERCENT_STACKED" and self._pieces:
            pattern = "0%"
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
        gap = 0.28 if len(self._bars()) == 1 or self._stacking != "NOT_STACKED" else 0.3
        scale = {"type": "band", "domain": self._order, "paddingInner": gap, "paddingOuter": gap / 2}
        return {"field": "i", "type": "ordinal", "sort": None, "scale": scale, "axis": axis}

    def _scatter_axis(self, axis: Spec) -> Spec:
        values = [value for value in self._domain.numbers if value is not None]
        found = ticks(values, zero=False, window={}, about=6)
        labels = [numberformat.text(value, self._domain.pattern, self._locale) for value in found.values]
        axis |= {"values": found.values, "labelExpr": _lookup(found.values, labels)}
        return {"field": "x", "type": "quantitative", "scale": {"domain": [found.low, found.high]}, "axis": axis}

    def _shown(self, labels: Sequence[str], length: int) -> list[int]:
        """The categories that get a label: as many as fit, evenly, the last one among them."""
        needed = 16 if self._across else _widest(labels) + 8
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
            "gridColor": _HAIRLINE,
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
            "labelColor": _QUIET,
            "titleColor": _QUIET,
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
        mark = {"type": "text", "fontSize": _LABEL, "font": self._font, "color": _QUIET, **place}
        values = [row for row in rows if row.get("t")]
        encoding: Spec = {"text": {"field": "t"}}
        if len(self._bars()) > 1 and series in self._bars() and not self._stacks(series):
            order = [each.index for each in self._bars()]
            offset = "yOffset" if self._across else "xOffset"
            encoding[offset] = {"field": "s", "type": "ordinal", "sort": None, "scale": {"domain": order}}
        return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _widest(labels: Sequence[str]) -> int:
    return round(max((text_width(label, _LABEL) for label in labels), default=0.0) * 1.1)


def _lookup(values: Sequence[float], labels: Sequence[str]) -> str:
    """A Vega expression for the label of a tick. All text in it is JSON, which Vega reads as string literals."""
    return f"{json.dumps(list(labels))}[indexof({json.dumps(list(values))}, datum.value)]"


def _dressed(spec: Spec, font: str, margins: dict[str, int] | int) -> Spec:
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


def _svg(spec: Spec) -> Markup:
    """The drawn plot. vl-convert is imported here: it brings a JavaScript engine, which a page without charts spares."""
    import vl_convert  # noqa: PLC0415 see above

    drawn = vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE, allowed_base_urls=[])
    return Markup(re.sub(r"^<svg ", '<svg aria-hidden="true" ', drawn))  # noqa: S704 Vega escapes the text in it
