"""The last periods: the figures that sparklines and charts are drawn from, and the charts."""

from __future__ import annotations

from collections.abc import Mapping

from sheetsync.canvas import LINE
from sheetsync.dashboard.base import palette
from sheetsync.dashboard.frame import WIDTH, Frame, look
from sheetsync.dashboard.numbers import COUNT, PERCENT
from sheetsync.model import Area

_TALL, _LOW = 14, 9  # rows of a large and of a small chart


def lay_series(frame: Frame) -> None:
    """The figures over the last periods: clients by category, then the headline's actual and plan."""
    texts, series = frame.texts, frame.series
    series.lay_periods(texts("Period"))
    for category in frame.settings.base.categories:
        measure = f"base.{category.id}.clients"
        series.add(measure, category.label.text(texts.language), frame.trend(measure)["actual"], COUNT)
    for key in frame.headlines:
        unit = frame.settings.indicators[key].unit
        number = {"money": frame.numbers.money(), "ratio": PERCENT}.get(unit, COUNT)
        trend = frame.trend(key)
        series.add(key, texts("actual"), trend["actual"], number)
        series.add(f"plan.{key}", texts("plan"), trend["plan"], number)
    series.name("trend")
    series.lay_options()


def trends(frame: Frame) -> None:
    """Draws the charts: the base over time, and plan and actual of the headline figures."""
    *others, last = frame.headlines
    with frame.block("charts"):
        _large(frame, last)
        if others:
            _small(frame, dict(zip((0, 4, 8, 12), others, strict=False)))


def _large(frame: Frame, last: str) -> None:
    texts, row = frame.texts, frame.rows(1 + _TALL)
    second = texts("{indicator}: actual, plan dashed", indicator=frame.titled(last))
    _titles(frame, row, {0: texts("Base over time, clients"), 9: second})
    categories = frame.settings.base.categories
    shades = zip(categories, palette(categories), strict=True)
    bars = {f"base.{category.id}.clients": shade for category, shade in shades}
    frame.series.bars(bars, Area(row + 1, 0, row + 1 + _TALL, 9), (608, _TALL * 21 - 8))
    place = Area(row + 1, 9, row + 1 + _TALL, WIDTH)
    frame.series.plan_and_actual(f"plan.{last}", last, place, (470, _TALL * 21 - 8))


def _small(frame: Frame, places: Mapping[int, str]) -> None:
    row = frame.rows(1 + _LOW)
    _titles(frame, row, {column: frame.titled(key) for column, key in places.items()})
    for column, key in places.items():
        size = (346 if column == 0 else 268, _LOW * 21 - 6)
        place = Area(row + 1, column, row + 1 + _LOW, column + 4)
        frame.series.plan_and_actual(f"plan.{key}", key, place, size)


def _titles(frame: Frame, row: int, titles: Mapping[int, str]) -> None:
    for column in range(WIDTH):
        frame.put(row, column, titles.get(column), look(bold=True, bottom=LINE))
