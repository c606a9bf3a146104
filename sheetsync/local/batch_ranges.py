"""Requests that move the content of ranges: copy, cut, sort, find and replace, cells put in and taken out."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sheetsync.local import a1, formats, formula, references, shifting
from sheetsync.local.a1 import Area
from sheetsync.local.blocks import NOTHING, Copied, fill, picked, put_extra
from sheetsync.local.book import MAX_TEXT, TOO_LONG, Book, Sheet, number
from sheetsync.local.dimensions import Shift
from sheetsync.local.errors import RefusedError
from sheetsync.local.store import Cell, Row

_BORDER = "borders"


def copy_paste(book: Book, request: dict[str, Any]) -> None:
    """copyPaste: repeated as often as it fits into the destination."""
    source, area = book.place(request.get("source", {}))
    sheet, target = book.place(request.get("destination", {}))
    held = picked(source, area)
    if request.get("pasteOrientation") == "TRANSPOSE":
        held = [list(line) for line in zip(*held, strict=True)]
    height, width = len(held), len(held[0])
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
            paste.put(row, column, held[down][across], moved)

    sheet.grid.change(target.top, target.bottom, change)
    if paste.all_of_it:
        _copy_merges(source, area, sheet, target)
    if paste.conditions and request.get("pasteOrientation") != "TRANSPOSE":
        _copy_conditions(book, source, area, sheet, target)
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
        self.conditions = self._formats or kind == "PASTE_CONDITIONAL_FORMATTING"

    def put(self, row: Row, column: int, copied: Copied, moved: tuple[int, int]) -> None:
        """Paste into one cell; `moved` are the rows and columns that references move by."""
        if self._values:
            row.put(column, self._value(copied.cell, moved))
        if self._formats:
            row.put_format(column, self._format(copied.format, row.format(column)))
        if self._rules:
            row.put_rule(column, copied.rule)
        if self.all_of_it:
            put_extra(row, column, copied)

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
            moved = _shifted(held, target.top - area.top, target.left - area.left)
            merges.append(a1.grid_range(sheet.id, moved))


def _copy_conditions(book: Book, source: Sheet, area: Area, sheet: Sheet, target: Area) -> None:
    """Let the conditional formats of the copied cells reach where they were pasted."""
    height, width = area.bottom - area.top, area.right - area.left
    corners = [
        (top - area.top, left - area.left)
        for top in range(target.top, target.bottom, height)
        for left in range(target.left, target.right, width)
    ]
    for rule in list(source.doc.get("conditionalFormats", [])):
        held = [a1.span_of(span).within(source.rows, source.columns) for span in rule["ranges"]]
        common = [part for part in map(area.common, held) if part]
        pasted = [_shifted(part, *by) for part in common for by in corners]
        if source is sheet:
            fresh = [a1.grid_range(sheet.id, part) for part in pasted if not any(old.holds(part) for old in held)]
            rule["ranges"] = [*rule["ranges"], *formats.pruned(fresh)]
        elif pasted:
            by = pasted[0].top - held[0].top, pasted[0].left - held[0].left
            moved = functools.partial(formula.moved, rows=by[0], columns=by[1], locale=book.locale)
            ranges = [a1.grid_range(sheet.id, part) for part in pasted]
            made = {**references.in_conditions(rule, moved), "ranges": formats.pruned(ranges)}
            sheet.objects("conditionalFormats").append(made)


def _shifted(area: Area, down: int, across: int) -> Area:
    return Area(area.top + down, area.left + across, area.bottom + down, area.right + across)


def cut_paste(book: Book, request: dict[str, Any]) -> None:
    """cutPaste: the cells move; formulas stay as they are, those that read them follow within the tab."""
    source, area = book.place(request.get("source", {}))
    sheet, top, left = book.corner(request.get("destination", {}))
    target = Area(top, left, top + area.bottom - area.top, left + area.right - area.left)
    _check_inside(sheet, target)
    book.guard(source, area)
    book.guard(sheet, target)
    held = picked(source, area)
    fill(source, area, lambda *_: NOTHING)
    fill(sheet, target, lambda row, column: held[row - top][column - left])
    if source is sheet:
        shifting.follow_block(book, sheet, area, top - area.top, left - area.left)
    book.touched.update((source.number, sheet.number))


def insert_range(book: Book, request: dict[str, Any]) -> None:
    """insertRange: blank cells, those there move down or right; the grid grows where they would leave it."""
    sheet, area = book.place(request.get("range", {}))
    put_in(book, sheet, area, down=_down(request))


def put_in(book: Book, sheet: Sheet, area: Area, *, down: bool) -> None:
    """Make room for an area: what is there moves down, or right."""
    book.guard(sheet, _rest(sheet, area, down))
    height, width = area.bottom - area.top, area.right - area.left
    rest = _rest(sheet, area, down)
    held = picked(sheet, rest)
    filled = _extent(held)
    if down:
        sheet.resize("ROWS", max(sheet.rows, area.top + filled[0] + height))
        grown = rest._replace(bottom=sheet.rows)
        fill(sheet, grown, _moved_by(held, rest, height, 0))
    else:
        sheet.resize("COLUMNS", max(sheet.columns, area.left + filled[1] + width))
        grown = rest._replace(right=sheet.columns)
        fill(sheet, grown, _moved_by(held, rest, 0, width))
    book.check_size()
    shifting.follow_part(book, sheet, _shift(area, down, 1))
    book.touched.add(sheet.number)


def delete_range(book: Book, request: dict[str, Any]) -> None:
    """deleteRange: the cells go, those behind move up or left."""
    sheet, area = book.place(request.get("range", {}))
    down = _down(request)
    rest = _rest(sheet, area, down)
    book.guard(sheet, rest)
    height, width = area.bottom - area.top, area.right - area.left
    held = picked(sheet, rest)
    fill(sheet, rest, _moved_by(held, rest, -height if down else 0, 0 if down else -width))
    shifting.follow_part(book, sheet, _shift(area, down, -1))
    book.touched.add(sheet.number)


def _shift(area: Area, down: bool, sign: int) -> Shift:
    if down:
        return Shift("ROWS", area.top, sign * (area.bottom - area.top), (area.left, area.right))
    return Shift("COLUMNS", area.left, sign * (area.right - area.left), (area.top, area.bottom))


def _down(request: Mapping[str, Any]) -> bool:
    if request.get("shiftDimension") not in ("ROWS", "COLUMNS"):
        raise RefusedError("No shift dimension specified.")
    return bool(request["shiftDimension"] == "ROWS")


def _rest(sheet: Sheet, area: Area, down: bool) -> Area:
    return area._replace(bottom=sheet.rows) if down else area._replace(right=sheet.columns)


def _extent(held: list[list[Copied]]) -> tuple[int, int]:
    rows = [place for place, line in enumerate(held) if any(copied != NOTHING for copied in line)]
    columns = [place for line in held for place, copied in enumerate(line) if copied != NOTHING]
    return max(rows, default=-1) + 1, max(columns, default=-1) + 1


def _moved_by(held: list[list[Copied]], rest: Area, down: int, across: int) -> Callable[[int, int], Copied]:
    def content(index: int, column: int) -> Copied:
        row, place = index - rest.top - down, column - rest.left - across
        return held[row][place] if 0 <= row < len(held) and 0 <= place < len(held[row]) else NOTHING

    return content


def sort_range(book: Book, request: dict[str, Any]) -> None:
    """sortRange: numbers before texts before truth values, blanks last, whichever the order."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    lines = _lines(sheet, area)
    for spec in reversed(request.get("sortSpecs", [])):
        place = spec.get("dimensionIndex", 0) - area.left
        if not 0 <= place < area.right - area.left:
            raise RefusedError("Sort column must be inside of the range.")
        lines = _sorted(lines, place, descending=spec.get("sortOrder") == "DESCENDING")
    _put_back(book, sheet, area, lines)


class _Line(NamedTuple):
    """A row's cells in an area, and the row that they come from."""

    home: int
    cells: list[Copied]


def _lines(sheet: Sheet, area: Area) -> list[_Line]:
    return [_Line(row, cells) for row, cells in enumerate(picked(sheet, area), area.top)]


def _sorted(lines: list[_Line], place: int, *, descending: bool) -> list[_Line]:
    filled = [line for line in lines if line.cells[place].cell is not None]
    blank = [line for line in lines if line.cells[place].cell is None]
    return sorted(filled, key=lambda line: _sort_key(line.cells[place].cell), reverse=descending) + blank


def _put_back(book: Book, sheet: Sheet, area: Area, lines: list[_Line]) -> None:
    """Put rows back from the area's top on, what is left is blank; relative references of formulas move along."""

    def content(row: int, column: int) -> Copied:
        if row - area.top >= len(lines):
            return NOTHING
        line = lines[row - area.top]
        copied = line.cells[column - area.left]
        if isinstance(copied.cell, dict) and row != line.home:
            return copied._replace(cell={"f": formula.moved(copied.cell["f"], row - line.home, 0, book.locale)})
        return copied

    fill(sheet, area, content)
    book.touched.add(sheet.number)


def randomize_range(book: Book, request: dict[str, Any]) -> None:
    """randomizeRange: the rows in another order."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    lines = _lines(sheet, area)
    random.SystemRandom().shuffle(lines)
    _put_back(book, sheet, area, lines)


def delete_duplicates(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """deleteDuplicates: of rows with the same values, in any case of letters, the first stays; the rest moves up."""
    sheet, area = book.place(request.get("range", {}))
    book.guard(sheet, area)
    places = _compared(book, sheet, area, request.get("comparisonColumns", []))
    known: set[tuple[tuple[int, float, str], ...]] = set()
    kept: list[_Line] = []
    for line in _lines(sheet, area):
        key = tuple(_sort_key(line.cells[place].cell) for place in places)
        if key not in known:
            known.add(key)
            kept.append(line)
    removed = area.bottom - area.top - len(kept)
    _put_back(book, sheet, area, kept)
    return {"duplicatesRemovedCount": removed} if removed else {}


def _compared(book: Book, sheet: Sheet, area: Area, spans: list[dict[str, Any]]) -> list[int]:
    """The columns to compare, counted from the area's first."""
    places: list[int] = []
    for given in spans:
        start, end = given.get("startIndex", 0), given.get("endIndex", sheet.columns)
        if given.get("dimension") != "COLUMNS" or book.sheet(given.get("sheetId", 0)) is not sheet:
            raise RefusedError("Comparison columns must be columns of the range's sheet.")
        if not area.left <= start < end <= area.right:
            raise RefusedError("Comparison columns must be within the range.")
        places.extend(range(start - area.left, end - area.left))
    return places or list(range(area.right - area.left))


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

    def change(index: int, row: Row) -> bool:
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
        return changed

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
    "randomizeRange": randomize_range,
    "deleteDuplicates": delete_duplicates,
    "findReplace": find_replace,
    "trimWhitespace": trim_whitespace,
}
