"""Requests about rows and columns as such: put in, take out, move, size, hide, group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from sheetsync.local import fields, metadata, shifting
from sheetsync.local.a1 import MAX_COLUMNS, Area
from sheetsync.local.book import Book, Sheet, formatted
from sheetsync.local.dimensions import Dimension, Properties, Shift, set_in_runs
from sheetsync.local.errors import RefusedError
from sheetsync.local.store import Row

_NOUN: dict[Dimension, str] = {"ROWS": "row", "COLUMNS": "column"}
_EM_PIXELS = 12.72
_CELL_PADDING = 3
_WIDE, _CAPITAL, _USUAL, _NARROW = 0.833, 0.667, 0.556, 0.278


class Span:
    """A DimensionRange on its tab: start..end, cut to the grid."""

    def __init__(self, book: Book, given: Mapping[str, Any]) -> None:
        self.sheet = book.sheet(given.get("sheetId", 0))
        if given.get("dimension") not in ("ROWS", "COLUMNS"):
            raise RefusedError("No dimension specified.")
        self.dimension: Dimension = given["dimension"]
        self.start, self.end = given.get("startIndex", 0), given.get("endIndex", self.sheet.size(self.dimension))
        if self.start < 0 or self.end <= self.start:
            raise RefusedError(f"startIndex[{self.start}] must be less than endIndex[{self.end}].")

    @property
    def area(self) -> Area:
        """The cells of these rows or columns."""
        if self.dimension == "ROWS":
            return Area(self.start, 0, self.end, self.sheet.columns)
        return Area(0, self.start, self.sheet.rows, self.end)

    def cut_to_grid(self) -> None:
        """RefusedError where it starts behind the last row or column; its end moves to the edge."""
        size, noun = self.sheet.size(self.dimension), _NOUN[self.dimension]
        if self.start >= size:
            raise RefusedError(f"range.startIndex[{self.start}] is after last {noun} in sheet[{size}]")
        self.end = min(self.end, size)


def insert_dimension(book: Book, request: dict[str, Any]) -> None:
    """insertDimension."""
    span = Span(book, request.get("range", {}))
    size, before = span.sheet.size(span.dimension), bool(request.get("inheritFromBefore"))
    if span.start > size:
        raise RefusedError(f"range.startIndex[{span.start}] is after last {_NOUN[span.dimension]} in sheet[{size}]")
    if before and span.start == 0:
        raise RefusedError("inheritFromBefore cannot be true when inserting at index 0.")
    if not before and span.start == size:
        raise RefusedError(f"range.startIndex must be less than the grid size ({size}) if inheritFromBefore is false.")
    neighbour = span.start - 1 if before else span.end
    _put_in(book, span, neighbour)


def _put_in(book: Book, span: Span, neighbour: int) -> None:
    sheet, count = span.sheet, span.end - span.start
    book.guard(sheet, span.area)
    sheet.resize(span.dimension, sheet.size(span.dimension) + count)
    _check_columns(sheet)
    book.check_size()
    if span.dimension == "ROWS":
        sheet.grid.insert_rows(span.start, count)
        like = sheet.grid.row(neighbour)
        if like.formats or like.rules:
            fresh = ((row, Row([], list(like.formats), list(like.rules), {})) for row in range(span.start, span.end))
            sheet.grid.write(fresh)
    else:
        sheet.grid.change(0, sheet.rows, lambda _, row: _insert_columns(row, span, neighbour), stored_only=True)
    _followed(book, span, Shift(span.dimension, span.start, count))


def _insert_columns(row: Row, span: Span, neighbour: int) -> None:
    row.insert(span.start, span.end - span.start)
    for column in range(span.start, span.end):
        row.put_format(column, row.format(neighbour))
        row.put_rule(column, row.rule(neighbour))


def _followed(book: Book, span: Span, shift: Shift) -> None:
    shifting.follow(book, span.sheet, shift)
    book.touched.add(span.sheet.number)


def _check_columns(sheet: Sheet) -> None:
    if sheet.columns > MAX_COLUMNS:
        raise RefusedError(f"A sheet can't have more than {MAX_COLUMNS} columns.")


def delete_dimension(book: Book, request: dict[str, Any]) -> None:
    """deleteDimension."""
    span = Span(book, request.get("range", {}))
    span.cut_to_grid()
    _take_out(book, span)


def _take_out(book: Book, span: Span) -> None:
    sheet, count = span.sheet, span.end - span.start
    if count >= sheet.size(span.dimension):
        raise RefusedError(f"You can't delete all the {_NOUN[span.dimension]}s on the sheet.")
    book.guard(sheet, span.area)
    if span.dimension == "ROWS":
        sheet.grid.delete_rows(span.start, count)
    else:
        sheet.grid.change(0, sheet.rows, lambda _, row: row.delete(span.start, count), stored_only=True)
    sheet.resize(span.dimension, sheet.size(span.dimension) - count)
    _followed(book, span, Shift(span.dimension, span.start, -count))


def cut(book: Book, sheet: Sheet, dimension: Dimension, size: int) -> None:
    """Take away the rows or columns from `size` on."""
    _take_out(book, Span(book, {"sheetId": sheet.id, "dimension": dimension, "startIndex": size}))


def append_dimension(book: Book, request: dict[str, Any]) -> None:
    """appendDimension."""
    sheet, length = book.sheet(request.get("sheetId", 0)), request.get("length", 0)
    if request.get("dimension") not in ("ROWS", "COLUMNS"):
        raise RefusedError("No dimension specified.")
    if length < 1:
        raise RefusedError("length must be greater than 0.")
    sheet.resize(request["dimension"], sheet.size(request["dimension"]) + length)
    _check_columns(sheet)
    book.check_size()


def move_dimension(book: Book, request: dict[str, Any]) -> None:
    """moveDimension: the rows or columns land before `destinationIndex`, counted before the move."""
    span = Span(book, request.get("source", {}))
    span.cut_to_grid()
    sheet, size, target = span.sheet, span.end - span.start, request.get("destinationIndex", 0)
    if not 0 <= target <= sheet.size(span.dimension):
        raise RefusedError(f"destinationIndex[{target}] is outside of the sheet.")
    book.guard(sheet, span.area)
    if span.start <= target <= span.end:
        return
    order = _Order(span.start, span.end, target)
    if span.dimension == "ROWS":
        held = list(sheet.grid.rows(order.low, order.high))
        sheet.grid.write((row, Row.blank()) for row in range(order.low, order.high))
        sheet.grid.write((order.place(row), content) for row, content in held)
    else:
        sheet.grid.change(0, sheet.rows, lambda _, row: _reorder(row, span.start, size, target), stored_only=True)
    _follow_move(book, span, order)


class _Order:
    """Where rows or columns are after start..end was put before `target`."""

    def __init__(self, start: int, end: int, target: int) -> None:
        self.start, self.end = start, end
        self.low, self.high = min(start, target), max(end, target)
        self.by = target - end if target > start else target - start

    def place(self, index: int) -> int:
        """The new place of one."""
        if self.start <= index < self.end:
            return index + self.by
        if self.low <= index < self.high:
            return index + (self.start - self.end if self.by > 0 else self.end - self.start)
        return index

    def moved(self, start: int | None, end: int | None) -> tuple[int, int] | None:
        """The new bounds of a range that stays in one piece, else None."""
        if start is None or end is None:
            return None
        first, last = self.place(start), self.place(end - 1) + 1
        return (first, last) if last - first == end - start else None


def _reorder(row: Row, start: int, size: int, target: int) -> None:
    picked = [(row.cell(c), row.format(c), row.rule(c), row.extra.get(c)) for c in range(start, start + size)]
    row.delete(start, size)
    place = target if target < start else target - size
    row.insert(place, size)
    for column, (cell, number, rule, extra) in enumerate(picked, place):
        row.put(column, cell)
        row.put_format(column, number)
        row.put_rule(column, rule)
        if extra:
            row.extra[column] = extra


def _follow_move(book: Book, span: Span, order: _Order) -> None:
    first, last = (
        ("startRowIndex", "endRowIndex") if span.dimension == "ROWS" else ("startColumnIndex", "endColumnIndex")
    )

    def change(grid_range: dict[str, Any]) -> dict[str, Any]:
        moved = order.moved(grid_range.get(first), grid_range.get(last))
        return grid_range if moved is None else {**grid_range, first: moved[0], last: moved[1]}

    shifting.move_ranges(book, span.sheet, change)
    single = [
        (index, properties) for start, end, properties in span.sheet.runs(span.dimension) for index in range(start, end)
    ]
    runs = sorted([order.place(index), order.place(index) + 1, properties] for index, properties in single)
    span.sheet.set_runs(span.dimension, runs)
    metadata.relocate(span.sheet, span.dimension)
    book.touched.add(span.sheet.number)


def update_dimension_properties(book: Book, request: dict[str, Any]) -> None:
    """updateDimensionProperties: size and hidden flag."""
    mask = fields.write_mask(request.get("fields"), "DimensionProperties")
    span = Span(book, request.get("range", {}))
    span.cut_to_grid()
    given = request.get("properties", {})
    if fields.reach(mask, "pixelSize") and given.get("pixelSize", 1) < 0:
        raise RefusedError("pixelSize must not be negative.")
    settable = {name for name in ("pixelSize", "hiddenByUser") if fields.reach(mask, name)}

    def change(properties: Properties) -> Properties:
        kept = {name: item for name, item in properties.items() if name not in settable}
        return kept | {name: given[name] for name in settable if given.get(name)}

    span.sheet.set_runs(span.dimension, set_in_runs(span.sheet.runs(span.dimension), span.start, span.end, change))


def auto_resize_dimensions(book: Book, request: dict[str, Any]) -> None:
    """autoResizeDimensions: rows get the default height, columns an estimate of their longest text's width."""
    span = Span(book, request.get("dimensions", {}))
    span.cut_to_grid()
    sheet = span.sheet
    widths = _text_widths(book, span) if span.dimension == "COLUMNS" else {}
    for index in range(span.start, span.end):
        if span.dimension == "COLUMNS" and index not in widths:
            continue
        pixels = widths.get(index, sheet.pixels(span.dimension))

        def change(properties: Properties, pixels: int = pixels) -> Properties:
            return {**properties, "pixelSize": pixels}

        sheet.set_runs(span.dimension, set_in_runs(sheet.runs(span.dimension), index, index + 1, change))


def _text_widths(book: Book, span: Span) -> dict[int, int]:
    longest: dict[int, int] = {}
    for _, row in span.sheet.grid.rows(0, span.sheet.rows):
        for column in range(span.start, min(span.end, len(row.cells))):
            form = book.palette.format(row.format(column)).get("numberFormat")
            text = formatted(row.cells[column], form, book.locale)
            if text:
                pixels = round(max(map(_ems, text.split("\n"))) * _EM_PIXELS) + _CELL_PADDING
                longest[column] = max(longest.get(column, 0), pixels)
    return longest


def _ems(text: str) -> float:
    """The width of a line of Arial, about."""
    return sum(_em(letter) for letter in text)


def _em(letter: str) -> float:
    if letter in "mwMW@%":
        return _WIDE
    if letter in "iljtfrI.,:;'|!()[] -":
        return _NARROW
    return _CAPITAL if letter.isupper() else _USUAL


def add_dimension_group(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addDimensionGroup: a group around, inside or beside those that are there; answers with all of them."""
    span = Span(book, request.get("range", {}))
    return _regrouped(span, 1)


def delete_dimension_group(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """deleteDimensionGroup: one level less for every row or column of the range."""
    span = Span(book, request.get("range", {}))
    return _regrouped(span, -1)


def _regrouped(span: Span, step: int) -> dict[str, Any]:
    groups = span.sheet.groups(span.dimension)
    held = [(group["range"]["startIndex"], group["range"]["endIndex"]) for group in groups]
    collapsed = {
        (*bounds, group["depth"]) for bounds, group in zip(held, groups, strict=True) if group.get("collapsed")
    }
    edges = sorted({edge for bounds in [*held, (span.start, span.end)] for edge in bounds})
    depths: list[tuple[int, int, int]] = []
    for start, end in pairwise(edges):
        depth = sum(first <= start < last for first, last in held)
        depths.append((start, end, max(depth + step * (span.start <= start < span.end), 0)))
    if step < 0 and not any(span.start <= start < span.end and start < end for start, end in held):
        raise RefusedError("There is no dimension group over the range.")
    groups[:] = [_group(span, *found, collapsed) for found in _levels(depths)]
    return {"dimensionGroups": groups} if groups else {}


def _levels(depths: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for level in range(1, max((depth for *_, depth in depths), default=0) + 1):
        opened: list[int] | None = None
        for start, end, depth in depths:
            if depth < level:
                opened = None
            elif opened is None or opened[1] != start:
                opened = [start, end]
                found.append((start, end, level))
            else:
                opened[1] = end
                found[-1] = (opened[0], end, level)
    return sorted(found, key=lambda group: (group[2], group[0]))


def _group(span: Span, start: int, end: int, depth: int, collapsed: set[tuple[int, int, int]]) -> dict[str, Any]:
    place: dict[str, Any] = {"dimension": span.dimension, "startIndex": start, "endIndex": end}
    if span.sheet.id:  # a zero is left out, as Google leaves it out
        place["sheetId"] = span.sheet.id
    group = {"range": place, "depth": depth}
    return {**group, "collapsed": True} if (start, end, depth) in collapsed else group


def update_dimension_group(book: Book, request: dict[str, Any]) -> None:
    """updateDimensionGroup: whether it is collapsed; the rows or columns hide with it."""
    fields.write_mask(request.get("fields"), "DimensionGroup")
    given = request.get("dimensionGroup", {})
    span = Span(book, given.get("range", {}))
    for group in span.sheet.groups(span.dimension):
        bounds = group["range"]["startIndex"], group["range"]["endIndex"]
        if bounds == (span.start, span.end) and group["depth"] == given.get("depth"):
            group.pop("collapsed", None)
            if given.get("collapsed"):
                group["collapsed"] = True
            return
    raise RefusedError("There is no such dimension group.")


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "appendDimension": append_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
}
