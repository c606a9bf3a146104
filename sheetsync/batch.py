"""What a tab of ours should be + what the workbook holds now -> ONE list of batchUpdate requests.

Values are compared cell by cell. Looks (styles, notes, formulas, widths, rules, charts) are compared by a
fingerprint that is kept in the description of the tab's protection, so that no grid data has to be read. Objects
that people could have removed (merges, rules, charts, named ranges, protections) are looked for one by one.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sheetsync.model import OWN_CHARTS, Area, Cell, CellRef, Formula, Page, Value

Request = dict[str, Any]
_CELL_FIELDS = "userEnteredValue,userEnteredFormat,note"
_SPARE_ROWS = 1
_BRIDGED = 3  # unchanged rows that are written anew rather than begin another request
_USUAL_WIDTH, _USUAL_HEIGHT = 100, 21  # pixels, as in a new tab
_EPOCH = date(1899, 12, 30).toordinal()
_MARK = "sheetsync writes this tab; looks "
_BLANK = Cell()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a batch changes: a cell (`before` -> `after`) or an object (`what`, with no values)."""

    tab: str
    where: str
    before: Value = None
    after: Value = None


@dataclass(slots=True)
class Batch:
    """Requests in order, and what they change in words a person can check."""

    requests: list[Request] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.requests)

    def extend(self, other: Batch) -> None:
        """Appends another batch."""
        self.requests += other.requests
        self.changes += other.changes


@dataclass(frozen=True, slots=True)
class Held:
    """What the workbook holds of one tab of ours: its Sheet JSON without cells, and its values from A1 (ragged)."""

    sheet: Mapping[str, Any]
    values: Sequence[Sequence[Value]]


def plan(
    pages: Sequence[Page],
    held: Mapping[str, Held],
    named_ranges: Sequence[Mapping[str, Any]],
    *,
    editor: str = "",
) -> Batch:
    """The one batch that makes every page as it should be; empty where all is right already.

    `held` by page id (absent: the tab is created). `named_ranges` are the spreadsheet's. `editor` is the account that
    may edit the tabs besides the owner. Cells that are stamps are written only along with something else.
    """
    batch = Batch()
    writers = [_Writer(page, held.get(page.id), named_ranges, editor) for page in pages]
    for writer in writers:
        batch.extend(writer.changes())
    if batch:
        for writer in writers:
            batch.extend(writer.stamps())
    return batch


def number(value: date | datetime) -> float:
    """A date or a local time as a Sheets serial: days since 1899-12-30."""
    if isinstance(value, datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return value.toordinal() - _EPOCH + round(seconds / 86400, 9)
    return value.toordinal() - _EPOCH


def shown(cell: Cell) -> Value:
    """What reading the cell unformatted gives back; None for blank and for a formula whose value is not known."""
    value = cell.value
    if isinstance(value, Formula):
        return value.shows
    if isinstance(value, date):
        return number(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if value == "" else value


class _Writer:
    """Plans one page."""

    def __init__(self, page: Page, held: Held | None, named_ranges: Sequence[Mapping[str, Any]], editor: str) -> None:
        self.page = page
        self.held = held
        self.named_ranges = named_ranges
        self.editor = editor
        self.sheet_id = page.sheet_id if held is None else int(held.sheet["properties"].get("sheetId", 0))
        self.looks = _fingerprint(page)
        self._written: set[int] = set()  # rows written by changes(), whose stamps are already there

    def changes(self) -> Batch:
        """All that differs, stamps aside."""
        if self.held is None:
            return self._create()
        protection = self._protection()
        if protection is None or protection.get("description") != _MARK + self.looks or self._objects_missing():
            return self._rewrite(protection)
        batch = self._tall_difference() if self.page.tall else self._difference()
        batch.extend(self._names())
        return batch

    def stamps(self) -> Batch:
        """The stamps that were not written by changes()."""
        stale: dict[int, tuple[int, int]] = {}
        for row, cells in enumerate(self.page.rows):
            if row in self._written:
                continue
            before = self._before(row)
            columns = [
                column
                for column, cell in enumerate(cells)
                if cell.stamp and not _same(before[column] if column < len(before) else None, shown(cell))
            ]
            if columns:
                stale[row] = (columns[0], columns[-1] + 1)
        return Batch([self._cells(*rows, *stale[rows[0]]) for rows in _runs(stale, key=stale.__getitem__)])

    def _before(self, row: int) -> Sequence[Value]:
        values = self.held.values if self.held else []
        return values[row] if row < len(values) else []

    # --- whole tabs -------------------------------------------------------------------------------------------

    def _create(self) -> Batch:
        properties = self._properties()
        batch = Batch([{"addSheet": {"properties": properties}}], [Change(self.page.title, "new tab")])
        self._fill(batch)
        self._add_objects(batch)
        return batch

    def _rewrite(self, protection: Mapping[str, Any] | None) -> Batch:
        assert self.held is not None  # noqa: S101 - a tab that is not there is created instead
        batch = Batch(changes=[Change(self.page.title, "layout")])
        properties = self._properties()
        properties["gridProperties"] |= self._grown()
        paths = "title,hidden,gridProperties(rowCount,columnCount,frozenRowCount,frozenColumnCount,hideGridlines)"
        batch.requests.append({"updateSheetProperties": {"properties": properties, "fields": paths}})
        whole = {"sheetId": self.sheet_id}
        if self.held.sheet.get("merges"):
            batch.requests.append({"unmergeCells": {"range": whole}})
        for index in range(len(self.held.sheet.get("conditionalFormats", [])) - 1, -1, -1):
            batch.requests.append({"deleteConditionalFormatRule": {"sheetId": self.sheet_id, "index": index}})
        for chart_id in sorted(self._charts_held()):
            batch.requests.append({"deleteEmbeddedObject": {"objectId": chart_id}})
        if protection is not None:
            batch.requests.append({"deleteProtectedRange": {"protectedRangeId": protection["protectedRangeId"]}})
        batch.changes += self._cell_changes(0, max(len(self.held.values), len(self.page.rows)))
        self._fill(batch)
        self._add_objects(batch)
        return batch

    def _grown(self) -> dict[str, int]:
        assert self.held is not None  # noqa: S101 - only an existing grid grows
        grid = self.held.sheet["properties"].get("gridProperties", {})
        return {
            "rowCount": max(grid.get("rowCount", 0), self._rows_needed),
            "columnCount": max(grid.get("columnCount", 0), self.page.columns),
        }

    @property
    def _rows_needed(self) -> int:
        return max(len(self.page.rows), self.page.frozen_rows + 1, *self._chart_bottoms()) + _SPARE_ROWS

    def _chart_bottoms(self) -> list[int]:
        return [int(self._anchor(chart).get("rowIndex", 0)) + 1 for chart in self.page.charts] or [0]

    @staticmethod
    def _anchor(chart: Mapping[str, Any]) -> Mapping[str, Any]:
        anchor: Mapping[str, Any] = chart["position"]["overlayPosition"]["anchorCell"]
        return anchor

    def _properties(self) -> dict[str, Any]:
        page = self.page
        return {
            "sheetId": self.sheet_id,
            "title": page.title,
            "hidden": page.hidden,
            "gridProperties": {
                "rowCount": self._rows_needed,
                "columnCount": page.columns,
                "frozenRowCount": page.frozen_rows,
                "frozenColumnCount": page.frozen_columns,
                "hideGridlines": not page.gridlines,
            },
        }

    def _fill(self, batch: Batch) -> None:
        rows = [{"values": [_cell(cell) for cell in row]} for row in self.page.rows]
        whole = {"sheetId": self.sheet_id, "startRowIndex": 0, "startColumnIndex": 0}
        batch.requests.append({"updateCells": {"range": whole, "rows": rows, "fields": _CELL_FIELDS}})
        self._written.update(range(len(self.page.rows)))
        batch.requests += [
            {"mergeCells": {"range": self._range(area), "mergeType": "MERGE_ALL"}} for area in self.page.merges
        ]
        batch.requests += self._dimensions()

    def _dimensions(self) -> Iterator[Request]:
        """Every size anew, so that nothing is left of an earlier layout."""
        page = self.page
        widths = {column: page.column_widths.get(column, _USUAL_WIDTH) for column in range(page.columns)}
        heights = {row: page.row_heights.get(row, _USUAL_HEIGHT) for row in range(self._rows_needed)}
        for dimension, sizes in (("COLUMNS", widths), ("ROWS", {} if page.tall else heights)):
            for start, end in _runs(sizes, key=sizes.__getitem__):
                yield self._dimension(dimension, start, end, {"pixelSize": sizes[start]})
        hidden = set(page.hidden_columns)
        for start, end in _runs(range(page.columns), key=hidden.__contains__):
            yield self._dimension("COLUMNS", start, end, {"hiddenByUser": start in hidden})

    def _dimension(self, dimension: str, start: int, end: int, properties: Mapping[str, Any]) -> Request:
        place = {"sheetId": self.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
        (name,) = properties
        return {"updateDimensionProperties": {"range": place, "properties": dict(properties), "fields": name}}

    def _add_objects(self, batch: Batch) -> None:
        for index, rule in enumerate(self.page.rules):
            batch.requests.append({"addConditionalFormatRule": {"rule": _placed(rule, self.sheet_id), "index": index}})
        for chart in self.page.charts:
            batch.requests.append({"addChart": {"chart": _placed(chart, self.sheet_id)}})
        protected: dict[str, Any] = {
            "range": {"sheetId": self.sheet_id},
            "description": _MARK + self.looks,
            "warningOnly": False,
        }
        if self.editor:
            protected["editors"] = {"users": [self.editor]}
        batch.requests.append({"addProtectedRange": {"protectedRange": protected}})
        batch.extend(self._names())

    # --- what is there already --------------------------------------------------------------------------------

    def _protection(self) -> Mapping[str, Any] | None:
        assert self.held is not None  # noqa: S101 - only an existing tab has protections
        for protection in self.held.sheet.get("protectedRanges", []):
            if str(protection.get("description", "")).startswith(_MARK):
                return dict(protection)
        return None

    def _objects_missing(self) -> bool:
        assert self.held is not None  # noqa: S101 - only an existing tab can lack something
        sheet, page = self.held.sheet, self.page
        properties = sheet["properties"]
        grid = properties.get("gridProperties", {})
        return (
            properties.get("title") != page.title
            or bool(properties.get("hidden", False)) != page.hidden
            or grid.get("frozenRowCount", 0) != page.frozen_rows
            or grid.get("columnCount", 0) < page.columns
            or {_area(merge) for merge in sheet.get("merges", [])} != set(page.merges)
            or len(sheet.get("conditionalFormats", [])) != len(page.rules)
            or self._charts_held() != {chart["chartId"] for chart in page.charts}
        )

    def _charts_held(self) -> set[int]:
        """Our charts on the tab; those that people put beside them are left alone."""
        charts = self.held.sheet.get("charts", []) if self.held else []
        return {int(chart["chartId"]) for chart in charts} & set(OWN_CHARTS)

    def _names(self) -> Batch:
        batch = Batch()
        existing = {named["namedRangeId"]: named for named in self.named_ranges}
        by_name = {str(named["name"]).casefold(): named for named in self.named_ranges}
        for block, area in self.page.named.items():
            name, wanted = f"sheetsync_{block}", self._range(area)
            ours = existing.get(name) or by_name.get(name.casefold())
            if ours is None:
                request: Request = {
                    "addNamedRange": {"namedRange": {"namedRangeId": name, "name": name, "range": wanted}}
                }
            elif (ours.get("range", {}).get("sheetId", 0), _area(ours.get("range", {}))) != (self.sheet_id, area):
                change = {"namedRangeId": ours["namedRangeId"], "name": name, "range": wanted}
                request = {"updateNamedRange": {"namedRange": change, "fields": "name,range"}}
            else:
                continue
            batch.requests.append(request)
            batch.changes.append(Change(self.page.title, f"named range {name}"))
        return batch

    # --- values -----------------------------------------------------------------------------------------------

    def _difference(self) -> Batch:
        assert self.held is not None  # noqa: S101 - a new tab is filled as a whole
        last = max(len(self.held.values), len(self.page.rows))
        changes = self._cell_changes(0, last)
        if not changes:
            return Batch()
        batch = Batch(changes=changes)
        self._grow(batch, last)
        batch.requests.append(self._cells(0, last, 0, self._widest(0, last)))
        self._written.update(range(last))
        return batch

    def _tall_difference(self) -> Batch:
        """Rows that differ in place, rows put in or taken out before those that follow unchanged."""
        assert self.held is not None  # noqa: S101 - a new tab is filled as a whole
        before, after = self.held.values, _filled(self.page.rows)
        head = _common(before, after)
        tail = _common(before[head:][::-1], after[head:][::-1])
        old, new = len(before) - tail, len(after) - tail
        if old == new == head:
            return Batch()
        batch = Batch(changes=self._moved_changes(head, old, new))
        if tail and new != old:
            batch.requests.append(self._shift(old, new))
        elif not tail:
            self._grow(batch, len(after))
        shared = min(old, new)
        spans = {row: span for row in range(head, shared) if (span := self._span(row))}
        for top, bottom in _runs(spans, key=spans.__getitem__, gap=_BRIDGED):
            batch.requests.append(self._cells(top, bottom, *spans[top]))
        if new > shared:
            batch.requests.append(self._cells(shared, new, 0, self._widest(shared, new)))
            self._written.update(range(shared, new))
        elif old > new and not tail:
            batch.requests.append(self._cells(new, old, 0, self._widest(new, old)))
        return batch

    def _shift(self, old: int, new: int) -> Request:
        kind = "insertDimension" if new > old else "deleteDimension"
        place = {"sheetId": self.sheet_id, "dimension": "ROWS", "startIndex": min(old, new), "endIndex": max(old, new)}
        body: dict[str, Any] = {"range": place}
        if 0 < old < new:
            body["inheritFromBefore"] = True
        return {kind: body}

    def _span(self, row: int) -> tuple[int, int] | None:
        """The columns of a row from the first to the last cell that differs, end exclusive."""
        before, after = self._before(row), self.page.rows[row]
        width = max(len(before), len(after))
        padded = [*before, *[None] * (width - len(before))]
        wanted = [*after, *[_BLANK] * (width - len(after))]
        differing = [at for at in range(width) if not _settled(padded[at], wanted[at])]
        return (differing[0], differing[-1] + 1) if differing else None

    def _widest(self, top: int, bottom: int) -> int:
        return max([self.page.columns, *(len(self._before(row)) for row in range(top, bottom))])

    def _moved_changes(self, head: int, old: int, new: int) -> list[Change]:
        if old == new:
            return self._cell_changes(head, new)
        return [Change(self.page.title, f"rows {head + 1}-{new}", f"{old - head} rows", f"{new - head} rows")]

    def _grow(self, batch: Batch, rows: int) -> None:
        assert self.held is not None  # noqa: S101 - only an existing grid grows
        have = self.held.sheet["properties"].get("gridProperties", {}).get("rowCount", 0)
        if rows > have:
            batch.requests.append(
                {"appendDimension": {"sheetId": self.sheet_id, "dimension": "ROWS", "length": rows - have}}
            )

    def _cell_changes(self, top: int, bottom: int) -> list[Change]:
        values: Sequence[Sequence[Value]] = self.held.values if self.held else []
        changes = []
        for row in range(top, bottom):
            before = values[row] if row < len(values) else []
            after = self.page.rows[row] if row < len(self.page.rows) else ()
            for column in range(max(len(before), len(after))):
                old = before[column] if column < len(before) else None
                cell = after[column] if column < len(after) else _BLANK
                if not _settled(old, cell):
                    changes.append(
                        Change(self.page.title, CellRef(self.page.title, row + 1, column + 1).a1, old, shown(cell))
                    )
        return changes

    def _cells(self, top: int, bottom: int, left: int, right: int) -> Request:
        rows = [{"values": [_cell(cell) for cell in row[left:right]]} for row in self.page.rows[top:bottom]]
        place = self._range(Area(top, left, bottom, right))
        return {"updateCells": {"range": place, "rows": rows, "fields": _CELL_FIELDS}}

    def _range(self, area: Area) -> dict[str, int]:
        return {"sheetId": self.sheet_id, **area.grid()}


def _settled(held: Value, cell: Cell) -> bool:
    unknown = isinstance(cell.value, Formula) and cell.value.shows is None
    return cell.stamp or unknown or _same(held, shown(cell))


def _same(held: Value, wanted: Value) -> bool:
    if held is None or held == "" or wanted is None or wanted == "":
        return (held is None or held == "") and (wanted is None or wanted == "")
    if isinstance(held, bool) or isinstance(wanted, bool) or isinstance(held, str) or isinstance(wanted, str):
        return type(held) is type(wanted) and held == wanted
    return math.isclose(held, wanted, rel_tol=1e-12, abs_tol=1e-9)


def _filled(rows: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """The rows without the blank ones at the end, as reading gives them back."""
    last = len(rows)
    while last and all(cell.value in (None, "") for cell in rows[last - 1]):
        last -= 1
    return rows[:last]


def _common(before: Sequence[Sequence[Value]], after: Sequence[Sequence[Cell]]) -> int:
    """How many rows at the start say the same."""
    for row, (held, cells) in enumerate(zip(before, after, strict=False)):
        padded = [*held, *[None] * (len(cells) - len(held))]
        wanted = [*cells, *[_BLANK] * (len(held) - len(cells))]
        if not all(_settled(old, cell) for old, cell in zip(padded, wanted, strict=True)):
            return row
    return min(len(before), len(after))


def _runs(indices: Iterable[int], key: Callable[[int], Any], gap: int = 0) -> Iterator[tuple[int, int]]:
    """Consecutive indices of one key, as (start, end exclusive); holes of at most `gap` are run over."""
    start = previous = None
    for index in sorted(indices):
        if start is None or previous is None:
            start = index
        elif index > previous + 1 + gap or key(index) != key(start):
            yield start, previous + 1
            start = index
        previous = index
    if start is not None and previous is not None:
        yield start, previous + 1


def _cell(cell: Cell) -> dict[str, Any]:
    data: dict[str, Any] = {}
    value = cell.value
    if isinstance(value, Formula):
        data["userEnteredValue"] = {"formulaValue": value.text}
    elif (plain := shown(cell)) is not None:
        kind = "boolValue" if isinstance(plain, bool) else "stringValue" if isinstance(plain, str) else "numberValue"
        data["userEnteredValue"] = {kind: plain}
    if cell.style.fields:
        data["userEnteredFormat"] = cell.style.fields
    if cell.note:
        data["note"] = cell.note
    return data


def _fingerprint(page: Page) -> str:
    """Eight hex digits over all that is not a value; of a tall page, over the looks that each column has."""
    looks: dict[tuple[int, str], str] = {}  # styles are few and shared, so each is written out once

    def look(cell: Cell) -> str:
        key = (id(cell.style), cell.note)
        if key not in looks:
            looks[key] = json.dumps([cell.style.fields, cell.note], sort_keys=True)
        return looks[key]

    seen: Any
    if page.tall:
        seen = sorted({(column, look(cell)) for row in page.rows for column, cell in enumerate(row)})
    else:
        seen = [[(look(cell), _formula(cell)) for cell in row] for row in page.rows]
    rest = [
        page.columns,
        page.frozen_columns,
        page.gridlines,
        sorted(page.column_widths.items()),
        page.hidden_columns,
        sorted(page.row_heights.items()),
        page.rules,
        page.charts,
    ]
    text = json.dumps([seen, rest], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _formula(cell: Cell) -> str:
    return cell.value.text if isinstance(cell.value, Formula) else ""


def _placed(thing: Any, sheet_id: int) -> Any:
    """The JSON with our sheet's id put into every GridRange and anchor cell."""
    if isinstance(thing, Mapping):
        filled = {key: _placed(value, sheet_id) for key, value in thing.items()}
        if "startRowIndex" in filled or "rowIndex" in filled:
            filled["sheetId"] = sheet_id
        return filled
    if isinstance(thing, Sequence) and not isinstance(thing, str):
        return [_placed(item, sheet_id) for item in thing]
    return thing


def _area(grid_range: Mapping[str, Any]) -> Area:
    return Area(
        grid_range.get("startRowIndex", 0),
        grid_range.get("startColumnIndex", 0),
        grid_range.get("endRowIndex", 0),
        grid_range.get("endColumnIndex", 0),
    )
