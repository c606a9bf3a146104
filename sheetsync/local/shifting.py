"""What a spreadsheet knows of a tab's cells moves along when rows or columns shift: objects, conditions, formulas."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from sheetsync.local import a1, metadata, references, tables
from sheetsync.local.a1 import Area
from sheetsync.local.book import Book, Sheet
from sheetsync.local.dimensions import Shift, shift_runs
from sheetsync.local.store import Row

RangeChange = Callable[[dict[str, Any]], dict[str, Any] | None]
_INDEXES = frozenset(("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"))
_SINGLE = ("range", "ranges")
_LISTS = (
    "merges",
    "conditionalFormats",
    "protectedRanges",
    "bandedRanges",
    "filterViews",
    "charts",
    "slicers",
    "tables",
)


def follow(book: Book, sheet: Sheet, shift: Shift) -> None:
    """Move everything but the cells themselves: call it after the grid's rows or columns were shifted."""
    tables.follow(sheet, shift)
    move_ranges(book, sheet, shift.range)
    _move_anchors(sheet, shift)
    sheet.set_runs(shift.dimension, shift_runs(sheet.runs(shift.dimension), shift))
    metadata.relocate(sheet, shift.dimension)
    _move_groups(sheet, shift)
    _move_frozen(sheet, shift)
    rewrite_formulas(book, lambda text, home: references.shifted(text, home.title, sheet.title, shift))


def follow_part(book: Book, sheet: Sheet, shift: Shift) -> None:
    """The same where `shift.across` says that only a part of the rows or columns shifted."""
    move_ranges(book, sheet, shift.range)
    rewrite_formulas(book, lambda text, home: references.shifted(text, home.title, sheet.title, shift))


def follow_block(book: Book, sheet: Sheet, area: Area, down: int, across: int) -> None:
    """Move what lies wholly on the cells of `area`, which went elsewhere in the tab."""

    def change(grid_range: dict[str, Any]) -> dict[str, Any]:
        held = a1.span_of(grid_range).within(sheet.rows, sheet.columns)
        if not area.holds(held):
            return grid_range
        moved = Area(held.top + down, held.left + across, held.bottom + down, held.right + across)
        return a1.grid_range(sheet.id, moved)

    move_ranges(book, sheet, change)
    rewrite_formulas(book, lambda text, home: references.carried(text, home.title, sheet.title, area, down, across))


def move_ranges(book: Book, sheet: Sheet, change: RangeChange) -> None:
    """Give every GridRange on that tab to `change`, wherever in the spreadsheet it stands; None removes its object."""
    for holder in book.sheets:
        for kind in _LISTS:
            if kind in holder.doc:
                holder.doc[kind] = [item for item in (_walk(old, sheet.id, change) for old in holder.doc[kind]) if item]
        if "basicFilter" in holder.doc:
            holder.doc["basicFilter"] = _walk(holder.doc["basicFilter"], sheet.id, change)
        if "merges" in holder.doc:
            holder.doc["merges"] = [item for item in holder.doc["merges"] if not _is_one_cell(item)]
    book.doc["namedRanges"] = [item for item in (_walk(old, sheet.id, change) for old in book.named_ranges) if item]


def _walk(value: Any, sheet_id: int, change: RangeChange) -> Any:
    if isinstance(value, list):
        return [item for item in (_walk(old, sheet_id, change) for old in value) if item is not None]
    if not isinstance(value, dict):
        return value
    if _INDEXES & value.keys():
        return change(value) if value.get("sheetId", 0) == sheet_id else value
    walked = {name: _walk(item, sheet_id, change) for name, item in value.items()}
    if any(name in value and walked[name] in (None, []) and value[name] for name in _SINGLE):
        return None
    return {name: item for name, item in walked.items() if item is not None}


def _is_one_cell(merge: dict[str, Any]) -> bool:
    rows = merge["endRowIndex"] - merge["startRowIndex"]
    return bool(rows * (merge["endColumnIndex"] - merge["startColumnIndex"]) <= 1)


def _move_anchors(sheet: Sheet, shift: Shift) -> None:
    name = "rowIndex" if shift.dimension == "ROWS" else "columnIndex"
    for item in sheet.doc.get("charts", []) + sheet.doc.get("slicers", []):
        anchor = item.get("position", {}).get("overlayPosition", {}).get("anchorCell")
        if anchor is not None:
            moved = shift.index(anchor.get(name, 0))
            anchor[name] = shift.at if moved is None else moved
            if not anchor[name]:
                del anchor[name]


def _move_groups(sheet: Sheet, shift: Shift) -> None:
    groups = sheet.groups(shift.dimension)
    kept = []
    for group in groups:
        span = group["range"]
        if moved := shift.moved(span.get("startIndex", 0), span.get("endIndex")):
            kept.append({**group, "range": {**span, "startIndex": moved[0], "endIndex": moved[1]}})
    groups[:] = kept


def _move_frozen(sheet: Sheet, shift: Shift) -> None:
    name = "frozenRowCount" if shift.dimension == "ROWS" else "frozenColumnCount"
    grid = sheet.properties["gridProperties"]
    if frozen := grid.get(name, 0):
        moved = shift.moved(0, frozen)
        grid[name] = moved[1] if moved else 0
        if not grid[name]:
            del grid[name]


def rewrite_formulas(book: Book, change: Callable[[str, Sheet], str]) -> None:
    """Give every formula, in cells, conditional formats and validation, to `change`, with the tab that holds it."""
    for sheet in book.sheets:
        _rewrite_cells(book, sheet, change)
        if "conditionalFormats" in sheet.doc:
            rules = sheet.doc["conditionalFormats"]
            sheet.doc["conditionalFormats"] = references.in_conditions(rules, functools.partial(_at, change, sheet))
        _rewrite_validation(book, sheet, change)


def _at(change: Callable[[str, Sheet], str], sheet: Sheet, text: str) -> str:
    return change(text, sheet)


def _rewrite_cells(book: Book, sheet: Sheet, change: Callable[[str, Sheet], str]) -> None:
    for index in sheet.grid.formula_rows():
        row = sheet.grid.row(index)
        fresh: list[tuple[int, str]] = []
        for column, cell in enumerate(row.cells):
            if isinstance(cell, dict) and (text := change(cell["f"], sheet)) != cell["f"]:
                fresh.append((column, text))
        for column, text in fresh:
            row.put(column, {"f": text})
        if fresh:
            sheet.grid.write([(index, row)])
            book.touched.add(sheet.number)


def _rewrite_validation(book: Book, sheet: Sheet, change: Callable[[str, Sheet], str]) -> None:
    def follow_rules(row: Row) -> None:
        for column, number in enumerate(row.rules):
            rule = book.palette.rule(number)
            changed = references.in_conditions(rule, functools.partial(_at, change, sheet))
            if changed != rule:
                row.rules[column] = book.palette.number_of_rule(changed)

    sheet.grid.restyle(0, sheet.rows, follow_rules)
