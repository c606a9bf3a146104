"""Requests that write cells: values, formats, notes, validation, borders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import orjson

from sheetsync.local import a1, fields, formats, formula
from sheetsync.local.a1 import Area
from sheetsync.local.book import Book, Sheet, stored
from sheetsync.local.dimensions import Dimension
from sheetsync.local.errors import RefusedError
from sheetsync.local.fields import Mask
from sheetsync.local.store import Cell, Row

_NO_FORMAT: dict[str, Any] = {}
_SIZES = ("pixelSize", "hiddenByUser")
_EXTRAS = ("note", "textFormatRuns", "chipRuns", "pivotTable")


class Pen:
    """Writes the masked fields of CellData into cells; what is masked and absent is reset."""

    def __init__(self, book: Book, mask: Mask) -> None:
        self._book = book
        self.writes_values = fields.reach(mask, "userEnteredValue")
        self._writes_format = fields.reach(mask, "userEnteredFormat")
        self._format_mask = twin_mask(fields.below(mask, "userEnteredFormat")) if self._writes_format else None
        self._writes_rule = fields.reach(mask, "dataValidation")
        self._extras = [name for name in _EXTRAS if fields.reach(mask, name)]
        self._formats: dict[tuple[int, bytes], int] = {}
        self._rules: dict[bytes, int] = {}

    @property
    def styles_only(self) -> bool:
        """Whether it writes nothing but formats and validation."""
        return not self.writes_values and not self._extras

    def write_line(self, row: Row, left: int, line: list[dict[str, Any]]) -> None:
        """Write cells side by side, the first in column `left`."""
        if self.writes_values:
            row.put_line(
                left, [stored(given["userEnteredValue"]) if "userEnteredValue" in given else None for given in line]
            )
        if self._writes_format:
            held = [row.format(column) for column in range(left, left + len(line))]
            asked = [given.get("userEnteredFormat", _NO_FORMAT) for given in line]
            row.put_formats(left, list(map(self._format, held, asked)))
        if self._writes_rule or self._extras:
            for column, given in enumerate(line, left):
                self._write_rest(row, column, given)

    def write(self, row: Row, column: int, given: Mapping[str, Any]) -> None:
        """Write one cell."""
        if self.writes_values:
            value = given.get("userEnteredValue")
            row.put(column, stored(value) if value else None)
        if self._writes_format:
            row.put_format(column, self._format(row.format(column), given.get("userEnteredFormat", _NO_FORMAT)))
        self._write_rest(row, column, given)

    def _write_rest(self, row: Row, column: int, given: Mapping[str, Any]) -> None:
        if self._writes_rule:
            row.put_rule(column, self._rule(given.get("dataValidation")))
        for name in self._extras:
            value = given.get(name) or None
            if value is not None or column in row.extra:
                row.put_extra(column, name, formats.with_twins(value))

    def style(self, row: Row, column: int, given: Mapping[str, Any]) -> None:
        """Write the format and the validation of one cell."""
        if self._writes_format:
            row.put_format(column, self._format(row.format(column), given.get("userEnteredFormat", _NO_FORMAT)))
        if self._writes_rule:
            row.put_rule(column, self._rule(given.get("dataValidation")))

    def _format(self, held: int, given: dict[str, Any]) -> int:
        key = (held, orjson.dumps(given))
        if key not in self._formats:
            _check_format(given)
            kept = fields.merge(self._book.palette.format(held), formats.with_twins(given), self._format_mask)
            self._formats[key] = self._book.palette.number_of_format(formats.as_stored(kept))
        return self._formats[key]

    def _rule(self, given: dict[str, Any] | None) -> int:
        if given is None:
            return 0
        key = orjson.dumps(given)
        if key not in self._rules:
            self._rules[key] = self._book.palette.number_of_rule(checked_rule(given))
        return self._rules[key]


def twin_mask(mask: Mask) -> Mask:
    """The mask with both names of every colour that it names."""
    if mask is None:
        return None
    result: dict[str, Mask] = {}
    for name, below in mask.items():
        result[name] = twin_mask(below)
        if name.lower().endswith("color"):
            result[f"{name}Style"] = None
        elif name.endswith("Style") and name.lower().endswith("colorstyle"):
            result[name.removesuffix("Style")] = None
    return result


def _check_format(given: Mapping[str, Any]) -> None:
    number_format = given.get("numberFormat")
    if (
        number_format
        and number_format.get("type", "NUMBER_FORMAT_TYPE_UNSPECIFIED") == "NUMBER_FORMAT_TYPE_UNSPECIFIED"
    ):
        raise RefusedError("Number format type must be specified.")


def checked_rule(given: dict[str, Any]) -> dict[str, Any]:
    """A DataValidationRule as it is kept; RefusedError where it has no condition."""
    condition = given.get("condition", {})
    kind = condition.get("type", "CONDITION_TYPE_UNSPECIFIED")
    if kind == "CONDITION_TYPE_UNSPECIFIED":
        raise RefusedError("Condition type must be specified.")
    if kind in ("ONE_OF_LIST", "ONE_OF_RANGE", "CUSTOM_FORMULA") and not condition.get("values"):
        raise RefusedError(f"Condition type '{kind}' must have at least one ConditionValue.")
    kept: dict[str, Any] = formats.pruned(given)
    return kept


def update_cells(book: Book, request: dict[str, Any]) -> None:
    """updateCells: within a range, whose cells without data are reset, or from a start cell on."""
    pen = Pen(book, fields.write_mask(request.get("fields"), "CellData"))
    lines = [line.get("values", []) for line in request.get("rows", [])]
    if "range" in request:
        sheet, area = book.place(request["range"])
        _check_fits(lines, area)
        write_lines(book, sheet, area, lines, pen)
        return
    write_from(book, *book.corner(request.get("start", {})), lines, pen)


def write_from(book: Book, sheet: Sheet, top: int, left: int, lines: list[list[Any]], pen: Pen) -> None:
    """Write cells from a start cell of the grid on; RefusedError where they leave it."""
    area = Area(top, left, sheet.rows, sheet.columns)
    _check_fits(lines, area)
    width = max(map(len, lines), default=0)
    if lines and width:
        book.guard(sheet, Area(top, left, top + len(lines), left + width))
    sheet.grid.change(top, top + len(lines), lambda index, row: pen.write_line(row, left, lines[index - top]))
    book.touched.add(sheet.number)


def _check_fits(lines: list[list[Any]], area: Area) -> None:
    if len(lines) > area.bottom - area.top:
        raise RefusedError(
            f"Attempting to write row: {area.bottom}, beyond the last requested row of: {area.bottom - 1}"
        )
    if max(map(len, lines), default=0) > area.right - area.left:
        raise RefusedError(
            f"Attempting to write column: {area.right}, beyond the last requested column of: {area.right - 1}"
        )


def write_lines(book: Book, sheet: Sheet, area: Area, lines: list[list[Any]], pen: Pen) -> None:
    """Write an area: cells without data are reset."""
    book.guard(sheet, area)
    reset: dict[str, Any] = {}

    def write(index: int, row: Row) -> None:
        line = lines[index - area.top]
        pen.write_line(row, area.left, line)
        for column in range(area.left + len(line), min(area.right, row.width)):
            pen.write(row, column, reset)

    def blank(_: int, row: Row) -> None:
        for column in range(area.left, min(area.right, row.width)):
            pen.write(row, column, reset)

    sheet.grid.change(area.top, area.top + len(lines), write)
    sheet.grid.change(area.top + len(lines), area.bottom, blank, stored_only=True)
    book.touched.add(sheet.number)


def write_grid_data(book: Book, sheet: Sheet, grid_data: Mapping[str, Any]) -> None:
    """Write the GridData of a spreadsheet that is being created."""
    lines = [line.get("values", []) for line in grid_data.get("rowData", [])]
    start = {"rowIndex": grid_data.get("startRow", 0), "columnIndex": grid_data.get("startColumn", 0)}
    write_from(book, *book.corner({**start, "sheetId": sheet.id}), lines, Pen(book, None))
    _set_sizes(sheet, "ROWS", start["rowIndex"], grid_data.get("rowMetadata", []))
    _set_sizes(sheet, "COLUMNS", start["columnIndex"], grid_data.get("columnMetadata", []))


def _set_sizes(sheet: Sheet, dimension: Dimension, first: int, given: list[dict[str, Any]]) -> None:
    default = {"pixelSize": sheet.pixels(dimension)}
    runs = [
        [index, index + 1, kept]
        for index, about in enumerate(given, first)
        if index < sheet.size(dimension)
        and (kept := {name: about[name] for name in _SIZES if about.get(name) and about[name] != default.get(name)})
    ]
    if runs:
        sheet.set_runs(dimension, runs)


def repeat_cell(book: Book, request: dict[str, Any]) -> None:
    """repeatCell: one cell's fields for a whole range; relative references of a formula move along."""
    pen = Pen(book, fields.write_mask(request.get("fields"), "CellData"))
    given_range = request.get("range", {})
    if a1.span_of(given_range).is_empty:
        book.sheet(given_range.get("sheetId", 0))
        return
    sheet, area = book.place(given_range)
    book.guard(sheet, area)
    given = request.get("cell", {})
    columns = range(area.left, area.right)
    if pen.styles_only:
        sheet.grid.restyle(area.top, area.bottom, lambda row: _style_line(row, columns, given, pen))
        return
    text = given.get("userEnteredValue", {}).get("formulaValue", "")

    def change(index: int, row: Row) -> None:
        for column in columns:
            pen.write(row, column, given)
            if text and pen.writes_values:
                row.put(column, _moved(book, text, index - area.top, column - area.left))

    sheet.grid.change(area.top, area.bottom, change)
    book.touched.add(sheet.number)


def _style_line(row: Row, columns: range, given: Mapping[str, Any], pen: Pen) -> None:
    for column in columns:
        pen.style(row, column, given)


def _moved(book: Book, text: str, rows: int, columns: int) -> Cell:
    return stored({"formulaValue": formula.moved(text, rows, columns, book.locale) if rows or columns else text})


def append_cells(book: Book, request: dict[str, Any]) -> None:
    """appendCells without a table: after the tab's last row with values; rows are added where needed, not columns."""
    pen = Pen(book, fields.write_mask(request.get("fields"), "CellData"))
    sheet = book.sheet(request.get("sheetId", 0))
    lines = [line.get("values", []) for line in request.get("rows", [])]
    last = sheet.grid.last_row_with_values(0, sheet.rows)
    top = 0 if last is None else last + 1
    if top + len(lines) > sheet.rows:
        sheet.resize("ROWS", top + len(lines))
        book.check_size()
    if lines:
        write_from(book, sheet, top, 0, lines, pen)


def set_data_validation(book: Book, request: dict[str, Any]) -> None:
    """setDataValidation; without a rule it takes the range's rules away."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    number = book.palette.number_of_rule(checked_rule(request["rule"])) if "rule" in request else 0

    def change(row: Row) -> None:
        for column in range(area.left, area.right):
            row.put_rule(column, number)

    sheet.grid.restyle(area.top, area.bottom, change)


def update_borders(book: Book, request: dict[str, Any]) -> None:
    """updateBorders: the lines around a range and inside it; style NONE takes a line away."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    cuts = sorted({area.top, area.top + 1, area.bottom - 1, area.bottom})
    for top, bottom in pairwise(cuts):
        _draw(book, sheet, area, top, bottom, request)


def _draw(book: Book, sheet: Sheet, area: Area, top: int, bottom: int, request: Mapping[str, Any]) -> None:
    def change(row: Row) -> None:
        for column in range(area.left, area.right):
            chosen = {
                "top": request.get("top" if top == area.top else "innerHorizontal"),
                "bottom": request.get("bottom" if bottom == area.bottom else "innerHorizontal"),
                "left": request.get("left" if column == area.left else "innerVertical"),
                "right": request.get("right" if column == area.right - 1 else "innerVertical"),
            }
            held = book.palette.format(row.format(column))
            borders = held.get("borders", {}) | {side: line for side, line in chosen.items() if line is not None}
            row.put_format(column, book.palette.number_of_format(formats.as_stored({**held, "borders": borders})))

    sheet.grid.restyle(top, bottom, change)


def merge_cells(book: Book, request: dict[str, Any]) -> None:
    """mergeCells: all, by rows or by columns; only the top left cell of each keeps its value."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    _forget_merges(sheet, area)
    kind = request.get("mergeType", "MERGE_ALL")
    pieces = [area]
    if kind == "MERGE_ROWS":
        pieces = [area._replace(top=row, bottom=row + 1) for row in range(area.top, area.bottom)]
    elif kind == "MERGE_COLUMNS":
        pieces = [area._replace(left=column, right=column + 1) for column in range(area.left, area.right)]
    for piece in pieces:
        if not piece.is_cell:
            sheet.objects("merges").append(formats.pruned(a1.grid_range(sheet.id, piece)))
            _keep_first(sheet, piece)
    book.touched.add(sheet.number)


def _keep_first(sheet: Sheet, piece: Area) -> None:
    def change(index: int, row: Row) -> None:
        for column in range(piece.left + (index == piece.top), min(piece.right, len(row.cells))):
            row.cells[column] = None

    sheet.grid.change(piece.top, piece.bottom, change, stored_only=True)


def _forget_merges(sheet: Sheet, area: Area) -> None:
    kept = []
    for merge in sheet.objects("merges"):
        if merge.get("startRowIndex", 0) >= area.bottom or merge.get("endRowIndex", sheet.rows) <= area.top:
            kept.append(merge)  # most are elsewhere
            continue
        held = a1.span_of(merge).within(sheet.rows, sheet.columns)
        if area.holds(held):
            continue
        if area.common(held):
            raise RefusedError("You must select all cells in a merged range to merge or unmerge them.")
        kept.append(merge)
    sheet.objects("merges")[:] = kept


def unmerge_cells(book: Book, request: dict[str, Any]) -> None:
    """unmergeCells."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    _forget_merges(sheet, area)


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "setDataValidation": set_data_validation,
    "updateBorders": update_borders,
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
}
