"""Native charts as inline SVG: the API's chart spec and its data -> Vega-Lite -> SVG (vl-convert).

Titles and legend are HTML around the plot, so that the reader's own fonts measure them. Everything that is
placed by a scale (axes, gridlines, bars, lines, areas, slices) is Vega-Lite's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sheetsync.picture import numberformat
from sheetsync.picture.chartdata import DataAbsentError, Source, Vector
from sheetsync.picture.content import harmless
from sheetsync.picture.measure import text_width
from sheetsync.picture.plot import QUIET, BasicPlot, Room, Series, Spec, dressed
from sheetsync.picture.style import Palette, font_stack
from sheetsync.picture.words import Words, words
from sheetsync.picture.workbook import Json, Workbook

_VEGA_LITE = "5.20"
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


def figure(chart: Json, workbook: Workbook, palette: Palette, size: tuple[int, int], language: str) -> Figure:
    """The chart, `size` (width, height) px; a message where its data is absent or its kind isn't drawn."""
    return _Drawing(chart, workbook, palette, size, words(language)).figure()


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
            "color": self._palette.colour(text, "foregroundColor") or ("#202124" if part == "title" else QUIET),
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
        drawn_from = [each.get("series", {}) for each in basic.get("series", ())]
        source = Source(self._workbook, self._spec, basic.get("headerCount"), drawn_from)
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
        plot = BasicPlot(basic, domain, series, length, self._room(keys, legend), self._workbook.locale, self._font)
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
        source = Source(self._workbook, self._spec, None, [pie.get("series", {})])
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
            keys=keys if legend != "none" else (), legend=legend, plot=_svg(dressed(spec, self._font, 0))
        )

    def _scorecard(self) -> Figure:
        card: Json = self._spec["scorecardChart"]
        source = Source(self._workbook, self._spec, 0, ())
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


def _svg(spec: Spec) -> Markup:
    """The drawn plot. vl-convert brings a JavaScript engine; a page without charts spares itself the import."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE, allowed_base_urls=[])
    return Markup(re.sub(r"^<svg ", '<svg aria-hidden="true" ', drawn))  # noqa: S704 Vega escapes the text in it
