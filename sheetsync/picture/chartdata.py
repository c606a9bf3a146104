"""The data of a native chart, taken from the ranges that its spec names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil, floor, log10

from sheetsync.picture.content import harmless
from sheetsync.picture.workbook import Area, Json, Sheet, Workbook, number

_LEAST = 1e-300  # a span below it can't be parted into steps
_FAR = 10  # a step so many times the span hides what is drawn


class DataAbsentError(LookupError):
    """The answer of spreadsheets.get doesn't hold the cells that a chart draws from."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One row or column of cells: the header, then a number (or gap) and a label per point, and the number pattern."""

    name: str
    numbers: list[float | None]
    labels: list[str]
    pattern: str

    def number(self, index: int) -> float | None:
        """The number at a point; a gap past the end."""
        return self.numbers[index] if index < len(self.numbers) else None

    def label(self, index: int) -> str:
        """The label at a point; "" past the end."""
        return self.labels[index] if index < len(self.labels) else ""


class Source:
    """Reads ChartData of one chart: its header count and what it does with hidden rows and columns."""

    def __init__(self, workbook: Workbook, spec: Json, headers: int | None, series: Sequence[Json]) -> None:
        """`headers` is the spec's header count; where it is None the `series` (ChartData) show whether there is one."""
        strategy = spec.get("hiddenDimensionStrategy", "SKIP_HIDDEN_ROWS_AND_COLUMNS")
        self._workbook = workbook
        self._skip_rows = strategy in ("SKIP_HIDDEN_ROWS_AND_COLUMNS", "SKIP_HIDDEN_ROWS")
        self._skip_columns = strategy in ("SKIP_HIDDEN_ROWS_AND_COLUMNS", "SKIP_HIDDEN_COLUMNS")
        self._headers = self._guess(series) if headers is None else headers

    def vector(self, chart_data: Json) -> Vector:
        """The vector of a ChartData. Raises DataAbsentError where its cells are not in the answer."""
        cells = self._all(chart_data)
        name = " ".join(cell.get("formattedValue", "") for cell in cells[: self._headers]).strip()
        points = cells[self._headers :]
        return Vector(
            name=harmless(name),
            numbers=[number(cell) for cell in points],
            labels=[harmless(cell.get("formattedValue", "")) for cell in points],
            pattern=next((pattern for pattern in map(_pattern, points) if pattern), ""),
        )

    def _all(self, chart_data: Json) -> list[Json]:
        sources: Sequence[Json] = chart_data.get("sourceRange", {}).get("sources", ())
        if not sources:
            raise DataAbsentError("no source range")
        return [cell for source in sources for cell in self._cells(source)]

    def _cells(self, source: Json) -> Iterator[Json]:
        found = self._workbook.grid_range(source)
        if not found or not found[0].covers(found[1]):
            raise DataAbsentError("not in the answer")
        sheet, area = found
        for row in range(area.top, min(area.bottom, self._end(sheet, area))):
            if self._skip_rows and not sheet.height(row):
                continue
            for column in range(area.left, area.right):
                if not (self._skip_columns and not sheet.width(column)):
                    yield sheet.cell(row, column)

    @staticmethod
    def _end(sheet: Sheet, area: Area) -> int:
        """Open-ended ranges stop after the tab's last row with data."""
        return max(max(sheet.rows, default=0) + 1, area.top + 1)

    def _guess(self, series: Sequence[Json]) -> int:
        """One header where text stands over the numbers of a series."""
        for chart_data in series:
            first, *others = self._all(chart_data) or [{}]
            if (
                number(first) is None
                and first.get("formattedValue")
                and any(number(cell) is not None for cell in others)
            ):
                return 1
        return 0


def _pattern(cell: Json) -> str:
    for key in ("effectiveFormat", "userEnteredFormat"):
        found = cell.get(key, {}).get("numberFormat", {}).get("pattern")
        if found and number(cell) is not None:
            return str(found)
    return ""


@dataclass(frozen=True, slots=True)
class Ticks:
    """An axis: its ends and the values that are written along it."""

    low: float
    high: float
    values: list[float]


def ticks(
    values: Sequence[float],
    *,
    zero: bool,
    window: Json,
    about: int = 4,
    exact: Callable[[float], bool] = lambda _: True,
) -> Ticks:
    """Round ends and steps of 1, 2 or 5 x 10^n around the values, some `about` of them.

    `zero` keeps zero in sight, `window` is ChartAxisViewWindowOptions. The API leaves zeros out, so an explicit window
    without a minimum begins at zero. Every tick is `exact`, a number that its format shows whole; where steps of such
    numbers are far too wide for the values, the ends are those of finer steps.
    """
    if window.get("viewWindowMode") == "EXPLICIT":
        window = {"viewWindowMin": 0.0, **window}
    low, high = min(values, default=0.0), max(values, default=1.0)
    if zero or 0 < low < 0.5 * high:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < _LEAST:
        low, high = 0.0, 1.0
    low, high = window.get("viewWindowMin", low), window.get("viewWindowMax", high)
    if low >= high:
        high = low + 1
    marks = _marks(low, high, about, exact)
    bottom = window.get("viewWindowMin", marks[0])
    top = window.get("viewWindowMax", marks[-1])
    return Ticks(float(bottom), float(top), [mark for mark in marks if bottom <= mark <= top and exact(mark)])


def _marks(low: float, high: float, about: int, exact: Callable[[float], bool]) -> list[float]:
    """Multiples of the least step that gives `exact` ones only; of the least step where that one is too wide."""
    finest: list[float] = []
    for step in _steps((high - low) / about):
        start, end = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        marks = [float(f"{index * step:.12g}") for index in range(start, end + 1)]
        finest = finest or marks
        if all(exact(mark) for mark in marks):
            return marks
        if step > _FAR * (high - low):
            break
    return finest


def _steps(rough: float) -> Iterator[float]:
    """1, 2 and 5 x 10^n, from about `rough` upwards: from 0.8 of it, so that a hundred is parted by 20, not by 50."""
    for power in count(floor(log10(rough))):
        yield from (step for factor in (1, 2, 5) if (step := factor * 10.0**power) >= 0.8 * rough * (1 - 1e-9))


def stacked(columns: Sequence[Sequence[float | None]], *, percent: bool) -> list[list[tuple[float, float] | None]]:
    """Start and end of each series' piece at each point: positive pieces grow up from zero, negative ones down."""
    pieces: list[list[tuple[float, float] | None]] = [[] for _ in columns]
    for point in zip(*columns, strict=True):
        total = sum(abs(value) for value in point if value) if percent else 1.0
        up = down = 0.0
        for series, value in enumerate(point):
            if value is None:
                pieces[series].append(None)
                continue
            size = value / total if total else 0.0
            start = up if size >= 0 else down
            pieces[series].append((start, start + size))
            up, down = (up + size, down) if size >= 0 else (up, down + size)
    return pieces
