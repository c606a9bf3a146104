"""`=SPARKLINE(data; options)` as a small inline SVG that fills its cell.

Data and options come from array literals or from ranges of any tab that the answer holds. Line, column, bar
and winloss charts with Google's options. Numbers and checked colours are all that reaches the SVG.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from sheetsync.picture.formula import Array, Call, Expression, Reference, parse
from sheetsync.picture.workbook import Sheet, Workbook, number

Datum = float | str | bool | None
Options = Mapping[str, Datum]
Point = tuple[float, float]

_COLOUR = re.compile(r"#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20}", re.IGNORECASE)
_INK = "#3c4043"
_BARS = ("#f4a027", "#4e8bc8")
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Box:
    """The room for the drawing, in px."""

    width: float
    height: float


def sparkline(formula: str, workbook: Workbook, home: Sheet, width: int, height: int) -> Markup | None:
    """The SVG of a SPARKLINE formula that stands in tab `home`, in a cell of `width` x `height` px.

    None where the formula isn't a plain SPARKLINE, or what it points at is not in the answer.
    """
    call = _call(parse(formula, workbook.locale))
    if call is None:
        return None
    data = _table(call.arguments[0], workbook, home)
    given = _table(call.arguments[1], workbook, home) if len(call.arguments) > 1 else []
    if data is None or given is None:
        return None
    return _drawing(data, _options(given), Box(max(1, width), max(1, height)))


def _call(tree: Expression) -> Call | None:
    if isinstance(tree, Call) and tree.name == "IFERROR" and tree.arguments:
        tree = tree.arguments[0]
    return tree if isinstance(tree, Call) and tree.name == "SPARKLINE" and tree.arguments else None


def _table(tree: Expression, workbook: Workbook, home: Sheet) -> list[list[Datum]] | None:
    """The rows an argument stands for; None for what can't be known here."""
    if isinstance(tree, Call):
        inner = tree.arguments[0] if tree.name == "INDIRECT" and tree.arguments else None
        return _range(inner, workbook, home) if isinstance(inner, str) else None
    if isinstance(tree, Reference):
        return _range(tree.text, workbook, home)
    if isinstance(tree, Array):
        return [[_item(item, workbook, home) for item in row] for row in tree.rows]
    return [[tree]]


def _item(tree: Expression, workbook: Workbook, home: Sheet) -> Datum:
    if isinstance(tree, Reference):
        rows = _range(tree.text, workbook, home)
        return rows[0][0] if rows and rows[0] else None
    return None if isinstance(tree, Array | Call) else tree


def _range(reference: str, workbook: Workbook, home: Sheet) -> list[list[Datum]] | None:
    found = workbook.resolve(reference, home)
    if not found or not found[0].covers(found[1]):
        return None
    sheet, area = found
    bottom = min(area.bottom, max(sheet.rows, default=-1) + 1)
    rows = [[_datum(sheet, row, column) for column in range(area.left, area.right)] for row in range(area.top, bottom)]
    return rows[: _MOST // max(1, area.right - area.left)]


def _datum(sheet: Sheet, row: int, column: int) -> Datum:
    cell = sheet.cell(row, column)
    found = number(cell)
    if found is not None:
        return found
    value = cell.get("effectiveValue", {})
    return bool(value["boolValue"]) if "boolValue" in value else cell.get("formattedValue") or None


def _options(rows: list[list[Datum]]) -> Options:
    """Option rows (name, value); a table of two rows and more than two columns is read lying on its side."""
    if len(rows) == 2 and len(rows[0]) > 2:
        rows = [list(pair) for pair in zip(*rows, strict=False)]
    return {str(row[0]).strip().lower(): row[1] for row in rows if len(row) > 1 and row[0] is not None}


def _drawing(data: list[list[Datum]], options: Options, box: Box) -> Markup:
    kind = str(options.get("charttype") or "line").lower()
    draw = {"bar": _bar, "column": _columns, "winloss": _columns}.get(kind)
    if draw:
        values = [item for row in data for item in row]
        shapes, label = draw(_numbers(values, options), options, box), _label(values)
    else:
        points = _points(data, options)
        shapes, label = _line(points, options, box), _label([y for _, y in points])
    size = f'width="{_px(box.width)}" height="{_px(box.height)}"'
    view = f'viewBox="0 0 {_px(box.width)} {_px(box.height)}"'
    return Markup(f'<svg class="spark" {size} {view} role="img" aria-label="{label}">{shapes}</svg>')  # noqa: S704 numbers and checked colours only


def _label(values: Sequence[Datum]) -> str:
    """What a screen reader says: the numbers, thinned to the last 12."""
    return ", ".join(f"{value:g}" for value in values[-12:] if isinstance(value, float))


def _numbers(values: Sequence[Datum], options: Options) -> list[float | None]:
    """One number or gap per datum, with `empty`, `nan` and `rtl` obeyed."""
    empty = 0.0 if options.get("empty") == "zero" else None
    other = 0.0 if options.get("nan") == "convert" else None
    numbers = [
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else (empty if value is None else other)
        for value in values
    ]
    return numbers[::-1] if options.get("rtl") in (True, "true") else numbers


def _points(data: list[list[Datum]], options: Options) -> list[Point]:
    """x and y of a line: two columns (or two rows) are x and y, anything else is y alone."""
    if len(data) == 2 and len(data[0]) > 2:
        data = [list(pair) for pair in zip(*data, strict=False)]
    if len(data) > 1 and all(len(row) == 2 for row in data):
        xs, ys = (_numbers([row[column] for row in data], options) for column in (0, 1))
        if all(x is not None for x in xs):
            return sorted((x, y) for x, y in zip(xs, ys, strict=True) if x is not None and y is not None)
    ys = _numbers([item for row in data for item in row], options)
    return [(float(x), y) for x, y in enumerate(ys) if y is not None]


def _line(points: list[Point], options: Options, box: Box) -> str:
    width = min(8.0, max(0.5, _number(options, "linewidth", 1.0)))
    colour = _colour(options, "color", _INK)
    inset = width / 2 + 1
    xs, ys = [x for x, _ in points], [y for _, y in points]
    along = _scale(_bounds(options, "x", xs), (inset, box.width - inset))
    up = _scale(_bounds(options, "y", ys), (box.height - inset, inset))
    drawn = [(along(x), up(y)) for x, y in points]
    if len(drawn) == 1:
        return f'<circle cx="{_px(box.width - inset - 1)}" cy="{_px(drawn[0][1])}" r="{_px(width)}" fill="{colour}"/>'
    path = " ".join(f"{_px(x)},{_px(y)}" for x, y in drawn)
    stroke = f'stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round" stroke-linecap="round"'
    return f'<polyline fill="none" {stroke} points="{path}"/>' if path else ""


def _bounds(options: Options, axis: Literal["x", "y"], values: list[float]) -> tuple[float, float]:
    low = _number(options, axis + "min", min(values, default=0.0))
    high = _number(options, axis + "max", max(values, default=1.0))
    return (low, high) if high > low else (low - 1, low + 1)


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        inside = min(self.high, max(self.low, value))
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


def _scale(bounds: tuple[float, float], room: tuple[float, float]) -> _Scale:
    return _Scale(*bounds, *room)


def _columns(values: list[float | None], options: Options, box: Box) -> str:
    if options.get("charttype") == "winloss":
        values = [None if value is None else float((value > 0) - (value < 0)) for value in values]
    present = [value for value in values if value is not None]
    if not present:
        return ""
    low, high = _bounds(options, "y", [0.0, *present])
    up = _scale((low, high), (box.height - 1, 1))
    base, slot = up(min(max(0.0, low), high)), box.width / len(values)
    gap = min(2.0, slot / 4)
    shapes = []
    for index, value in enumerate(values):
        if not value:
            continue
        top, bottom = sorted((up(value), base))
        colour = _column_colour(index, value, values, options)
        shapes.append(_rect(index * slot + gap / 2, top, slot - gap, max(0.5, bottom - top), colour))
    if options.get("axis") in (True, "true"):
        shapes.append(_rect(0, base - 0.5, box.width, 1, _colour(options, "axiscolor", _INK)))
    return "".join(shapes)


def _column_colour(index: int, value: float, values: list[float | None], options: Options) -> str:
    """The most telling of the colours that were given: negative, last, first, high, low, then the general one."""
    present = [each for each in values if each is not None]
    rules = (
        ("negcolor", value < 0),
        ("lastcolor", index == len(values) - 1),
        ("firstcolor", index == 0),
        ("highcolor", value == max(present)),
        ("lowcolor", value == min(present)),
    )
    general = _colour(options, "color", _INK)
    return next((_colour(options, name, general) for name, applies in rules if applies and options.get(name)), general)


def _bar(values: list[float | None], options: Options, box: Box) -> str:
    parts = [max(0.0, value or 0.0) for value in values]
    mirrored = options.get("rtl") in (True, "true")
    parts = parts[::-1] if mirrored else parts  # the first value is next to the edge that the bar grows from
    most = max(_number(options, "max", sum(parts)), 0.0) or 1.0
    colours = [_colour(options, f"color{1 + index}", default) for index, default in enumerate(_BARS)]
    shapes, start = [], 0.0
    for index, part in enumerate(parts):
        end = min(box.width, start + part / most * box.width)
        if end > start:
            left = box.width - end if mirrored else start
            shapes.append(_rect(left, 1, end - start, box.height - 2, colours[index % 2]))
        start = end
    return "".join(shapes)


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{_px(x)}" y="{_px(y)}" width="{_px(width)}" height="{_px(height)}" fill="{colour}"/>'


def _number(options: Options, name: str, default: float) -> float:
    value = options.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def _colour(options: Options, name: str, default: str) -> str:
    value = options.get(name)
    return value.lower() if isinstance(value, str) and _COLOUR.fullmatch(value) else default


def _px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
