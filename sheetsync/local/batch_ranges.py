"""Requests that move the content of ranges: copy, cut, sort, find and replace, cells put in and taken out."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sheetsync.local import a1, formula
from sheetsync.local.a1 import Area
from sheetsync.local.book import MAX_TEXT, TOO_LONG, Book, Sheet, number
from sheetsync.local.errors import RefusedError
from sheetsync.local.store import Cell, Row

_BORDER = "borders"


class _Copied(NamedTuple):
    """Everything in one cell."""

    cell: Cell
    format: int
    rule: int
    extra: dict[str, Any]


_NOTHING = _Copied(None, 0, 0, {})


def _picked(sheet: Sheet, area: Area) -> list[list[_Copied]]:
    held = dict(sheet.grid.rows(area.top, area.bottom))
    blank = Row.blank()
    return [
        [_copied(held.get(index, blank), column) for column in range(area.left, area.right)]
        for index in range(area.top, area.bottom)
    ]


def _copied(row: Row, column: int) -> _Copied:
    return _Copied(row.cell(column), row.format(column), row.rule(column), row.extra.get(column, {}))


def _place(row: Row, column: int, copied: _Copied) -> None:
    row.put(column, copied.cell)
    row.put_format(column, copied.format)
    row.put_rule(column, copied.rule)
    row.extra.pop(column, None)
    if copied.extra:
        row.extra[column] = copy.deepcopy(copied.extra)


def copy_paste(book: Book, request: dict[str, Any]) -> None:
    """copyPaste: repeated as often as it fits into the destination."""
    source, area = book.place(request.get("source", {}))
    sheet, target = book.place(request.get("destination", {}))
    picked = _picked(source, area)
    if request.get("pasteOrientation") == "TRANSPOSE":
        picked = [list(line) for line in zip(*picked, strict=True)]
    height, width = len(picked), len(picked[0])
    tall = max((target.bottom - target.top) // height, 1) * height
    wide = max((target.right - target.left) // width, 1) * width
    target = Area(target.top, target.left, target.top + tall, target.left + wide)
    _check_inside(sheet, target)
    book.guard(sheet, target)
    paste = _Paste(book, request.get("pasteType", "PASTE_NORMAL"))

    def change(index: int, row: Row) -> None:
        down = (index - target.top) % height
        for column in range(target.left, target.right):
            across = (column - target.left) % width
            moved = index - area.top - down, column - area.left - across
            paste.put(row, column, picked[down][across], moved)

    sheet.grid.change(target.top, target.bottom, change)
    if paste.all_of_it:
        _copy_merges(source, area, sheet, target)
    book.touched.add(sheet.number)


def _check_inside(sheet: Sheet, target: Area) -> None:
    if target.bottom > sheet.rows or target.right > sheet.columns:
        raise RefusedError(sheet.exceeded(target))


class _Paste:
    """What of a cell is pasted."""

    def __init__(self, book: Book, kind: str) -> None:
        self._book, self._kind = book, kind
        self.all_of_it = kind == "PASTE_NORMAL"
        self._values = kind in ("PASTE_NORMAL", "PASTE_VALUES", "PASTE_FORMULA", "PASTE_NO_BORDERS")
        self._formats = kind in ("PASTE_NORMAL", "PASTE_FORMAT", "PASTE_NO_BORDERS")
        self._rules = kind in ("PASTE_NORMAL", "PASTE_DATA_VALIDATION", "PASTE_NO_BORDERS")

    def put(self, row: Row, column: int, copied: _Copied, moved: tuple[int, int]) -> None:
        """Paste into one cell; `moved` are the rows and columns that references move by."""
        if self._values:
            row.put(column, self._value(copied.cell, moved))
        if self._formats:
            row.put_format(column, self._format(copied.format, row.format(column)))
        if self._rules:
            row.put_rule(column, copied.rule)
        if self.all_of_it:
            row.extra.pop(column, None)
            if copied.extra:
                row.extra[column] = copy.deepcopy(copied.extra)

    def _value(self, cell: Cell, moved: tuple[int, int]) -> Cell:
        if not isinstance(cell, dict):
            return cell
        if self._kind == "PASTE_VALUES":
            return cell.get("v")
        return {"f": formula.moved(cell["f"], *moved, self._book.locale)}

    def _format(self, copied: int, held: int) -> int:
        if self._kind != "PASTE_NO_BORDERS":
            return copied
        palette = self._book.palette
        kept = {name: item for name, item in palette.format(copied).items() if name != _BORDER}
        if _BORDER in palette.format(held):
            kept[_BORDER] = palette.format(held)[_BORDER]
        return palette.number_of_format(kept)


def _copy_merges(source: Sheet, area: Area, sheet: Sheet, target: Area) -> None:
    merges = sheet.objects("merges")
    merges[:] = [merge for merge in merges if not target.common(a1.span_of(merge).within(sheet.rows, sheet.columns))]
    for merge in list(source.doc.get("merges", [])):
        held = a1.span_of(merge).within(source.rows, source.columns)
        if area.holds(held):
            down, across = target.top - area.top, target.left - area.left
            moved = Area(held.top + down, held.left + across, held.bottom + down, held.right + across)
            merges.append(a1.grid_range(sheet.id, moved))


def cut_paste(book: Book, request: dict[str, Any]) -> None:
    """cutPaste: the cells move; formulas stay as they are."""
    source, area = book.place(request.get("source", {}))
    sheet, top, left = book.corner(request.get("destination", {}))
    target = Area(top, left, top + area.bottom - area.top, left + area.right - area.left)
    _check_inside(sheet, target)
    book.guard(source, area)
    book.guard(sheet, target)
    picked = _picked(source, area)
    _fill(source, area, lambda *_: _NOTHING)
    _fill(sheet, target, lambda row, column: picked[row - top][column - left])
    book.touched.update((source.number, sheet.number))


def _fill(sheet: Sheet, area: Area, content: Callable[[int, int], _Copied]) -> None:
    def change(index: int, row: Row) -> None:
        for column in range(area.left, area.right):
            _place(row, column, content(index, column))

    sheet.grid.change(area.top, area.bottom, change)


def insert_range(book: Book, request: dict[str, Any]) -> None:
    """insertRange: blank cells, those there move down or right; the grid grows where they would leave it."""
    sheet, area = book.place(request.get("range", {}))
    down = _down(request)
    book.guard(sheet, _rest(sheet, area, down))
    height, width = area.bottom - area.top, area.right - area.left
    rest = _rest(sheet, area, down)
    picked = _picked(sheet, rest)
    filled = _extent(picked)
    if down:
        sheet.resize("ROWS", max(sheet.rows, area.top + filled[0] + height))
        grown = rest._replace(bottom=sheet.rows)
        _fill(sheet, grown, _moved_by(picked, rest, height, 0))
    else:
        sheet.resize("COLUMNS", max(sheet.columns, area.left + filled[1] + width))
        grown = rest._replace(right=sheet.columns)
        _fill(sheet, grown, _moved_by(picked, rest, 0, width))
    book.check_size()
    book.touched.add(sheet.number)


def delete_range(book: Book, request: dict[str, Any]) -> None:
    """deleteRange: the cells go, those behind move up or left."""
    sheet, area = book.place(request.get("range", {}))
    down = _down(request)
    rest = _rest(sheet, area, down)
    book.guard(sheet, rest)
    height, width = area.bottom - area.top, area.right - area.left
    picked = _picked(sheet, rest)
    _fill(sheet, rest, _moved_by(picked, rest, -height if down else 0, 0 if down else -width))
    book.touched.add(sheet.number)


def _down(request: Mapping[str, Any]) -> bool:
    if request.get("shiftDimension") not in ("ROWS", "COLUMNS"):
        raise RefusedError("No shift dimension specified.")
    return bool(request["shiftDimension"] == "ROWS")


def _rest(sheet: Sheet, area: Area, down: bool) -> Area:
    return area._replace(bottom=sheet.rows) if down else area._replace(right=sheet.columns)


def _extent(picked: list[list[_Copied]]) -> tuple[int, int]:
    rows = [place for place, line in enumerate(picked) if any(copied != _NOTHING for copied in line)]
    columns = [place for line in picked for place, copied in enumerate(line) if copied != _NOTHING]
    return max(rows, default=-1) + 1, max(columns, default=-1) + 1


def _moved_by(picked: list[list[_Copied]], rest: Area, down: int, across: int) -> Callable[[int, int], _Copied]:
    def content(index: int, column: int) -> _Copied:
        row, place = index - rest.top - down, column - rest.left - across
        return picked[row][place] if 0 <= row < len(picked) and 0 <= place < len(picked[row]) else _NOTHING

    return content


def sort_range(book: Book, request: dict[str, Any]) -> None:
    """sortRange: numbers before texts before truth values, blanks last, whichever the order."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    picked = _picked(sheet, area)
    for spec in reversed(request.get("sortSpecs", [])):
        place = spec.get("dimensionIndex", 0) - area.left
        if not 0 <= place < area.right - area.left:
            raise RefusedError("Sort column must be inside of the range.")
        descending = spec.get("sortOrder") == "DESCENDING"
        filled = [line for line in picked if line[place].cell is not None]
        blank = [line for line in picked if line[place].cell is None]
        picked = sorted(filled, key=lambda line, place=place: _sort_key(line[place].cell), reverse=descending) + blank  # type: ignore[misc]  # mypy can't type a default in a lambda
    _fill(sheet, area, lambda row, column: picked[row - area.top][column - area.left])
    book.touched.add(sheet.number)


def _sort_key(cell: Cell) -> tuple[int, float, str]:
    value = cell.get("v") if isinstance(cell, dict) else cell
    if isinstance(value, bool):
        return 2, value, ""
    if isinstance(value, (int, float)):
        return 0, value, ""
    return 1, 0, str(value or "").casefold()


def find_replace(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """findReplace in a range, a tab, or everywhere; answers with the counts of what changed."""
    if not request.get("find"):
        raise RefusedError("find must not be empty.")
    pattern = _pattern(request)
    counts = {"valuesChanged": 0, "formulasChanged": 0, "rowsChanged": 0, "sheetsChanged": 0, "occurrencesChanged": 0}
    for sheet, area in _scope(book, request):
        before = counts["rowsChanged"]
        _replace_in(book, sheet, area, pattern, request, counts)
        counts["sheetsChanged"] += counts["rowsChanged"] > before
    return {name: count for name, count in counts.items() if count}


def _pattern(request: Mapping[str, Any]) -> re.Pattern[str]:
    text = request["find"] if request.get("searchByRegex") else re.escape(request["find"])
    if request.get("matchEntireCell"):
        text = f"^(?:{text})$"
    try:
        return re.compile(text, 0 if request.get("matchCase") else re.IGNORECASE)
    except re.error as error:
        raise RefusedError(f"Invalid regular expression: {error}") from None


def _scope(book: Book, request: Mapping[str, Any]) -> Iterator[tuple[Sheet, Area]]:
    if "range" in request:
        yield book.place(request["range"])
    elif request.get("allSheets"):
        yield from ((sheet, sheet.area) for sheet in book.sheets if sheet.rows)
    elif "sheetId" in request:
        sheet = book.sheet(request["sheetId"])
        yield sheet, sheet.area
    else:
        raise RefusedError("One of range, sheetId or allSheets must be specified.")


def _replace_in(
    book: Book, sheet: Sheet, area: Area, pattern: re.Pattern[str], request: Mapping[str, Any], counts: dict[str, int]
) -> None:
    replacement = request.get("replacement", "")
    plain = replacement if request.get("searchByRegex") else replacement.replace("\\", "\\\\")
    by = re.sub(r"\$(\d)", r"\\\1", plain) if request.get("searchByRegex") else plain

    def change(index: int, row: Row) -> None:
        changed = False
        for column in range(area.left, min(area.right, len(row.cells))):
            cell = row.cells[column]
            is_formula = isinstance(cell, dict)
            if cell is None or isinstance(cell, bool) or (is_formula and not request.get("includeFormulas")):
                continue
            text = cell["f"] if isinstance(cell, dict) else str(cell)
            made, times = pattern.subn(by, text)
            if not times:
                continue
            if len(made) > MAX_TEXT:
                raise RefusedError(TOO_LONG)
            book.guard(sheet, Area(index, column, index + 1, column + 1))
            row.cells[column] = {"f": made} if is_formula else _retyped(cell, made)
            counts["formulasChanged" if is_formula else "valuesChanged"] += 1
            counts["occurrencesChanged"] += times
            changed = True
        counts["rowsChanged"] += changed

    sheet.grid.change(area.top, area.bottom, change, stored_only=True)
    book.touched.add(sheet.number)


def _retyped(cell: Cell, made: str) -> Cell:
    if isinstance(cell, str):
        return made or None
    try:
        return number(float(made))
    except ValueError:
        return made or None


def trim_whitespace(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """trimWhitespace: no space at the ends of a text, one between words."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    changed = 0

    def change(_: int, row: Row) -> None:
        nonlocal changed
        for column in range(area.left, min(area.right, len(row.cells))):
            cell = row.cells[column]
            if isinstance(cell, str) and (trimmed := " ".join(cell.split())) != cell:
                row.cells[column] = trimmed or None
                changed += 1

    sheet.grid.change(area.top, area.bottom, change, stored_only=True)
    book.touched.add(sheet.number)
    return {"cellsChangedCount": changed} if changed else {}


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "insertRange": insert_range,
    "deleteRange": delete_range,
    "sortRange": sort_range,
    "findReplace": find_replace,
    "trimWhitespace": trim_whitespace,
}
