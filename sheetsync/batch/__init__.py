"""What a tab of ours should be + what the workbook holds now -> ONE list of batchUpdate requests.

Values are compared cell by cell. Looks (styles, notes, formulas, widths, rules, charts) are compared by a
fingerprint that is kept in the description of the tab's protection, so that no grid data has to be read. Objects
that people could have removed (merges, rules, charts, named ranges, protections) are looked for one by one.

A batch has to stay small: Google asks for some 2 MB a request. So values and looks are written apart: looks by
rectangles, and of a tall page only the cells that differ, column by column, equal ones at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetsync.batch.cells import number, shown, written
from sheetsync.batch.change import Batch, Change, Entries, Request, Standing, runs, standing
from sheetsync.batch.looks import PLAIN, Looks
from sheetsync.batch.rows import Rows
from sheetsync.layout import MARK
from sheetsync.model import OWN_CHARTS, Area, Cell, Formula, Page, Value

__all__ = ["Batch", "Change", "Entries", "Held", "Request", "Standing", "number", "plan", "shown"]

_VALUE, _LOOK = "userEnteredValue", "userEnteredFormat,note"
_SPARE_ROWS = 1
_ABOVE = 8  # rows above the first one that is written, by which the answer tells whether it is that row
_USUAL_WIDTH, _USUAL_HEIGHT = 100, 21  # pixels, as in a new tab


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


class _Writer:
    """Plans one page."""

    def __init__(self, page: Page, held: Held | None, named_ranges: Sequence[Mapping[str, Any]], editor: str) -> None:
        self.page = page
        self.held = held
        self.named_ranges = named_ranges
        self.editor = editor
        self.sheet_id = page.sheet_id if held is None else int(held.sheet["properties"].get("sheetId", 0))
        self.rows = Rows(page, held.values if held else [], self.sheet_id)
        self.looks = Looks(page.rows)
        self.fingerprint = _fingerprint(page, self.looks)
        self._height = self._grid("rowCount")  # of the grid, as far as the batch has come
        self._whole = False  # whether every cell is written, stamps too

    def changes(self) -> Batch:
        """All that differs, stamps aside."""
        if self.held is None:
            return self._create()
        protection = self._protection()
        if protection is None or protection.get("description") != MARK + self.fingerprint or self._objects_missing():
            batch = self._rewrite(protection)
        else:
            batch = self._difference()
            batch.extend(self._names())
        batch.standings += self._standing()
        return batch

    def stamps(self) -> Batch:
        """The stamps that were not written by changes()."""
        return Batch() if self._whole else Batch(self.rows.stamps())

    def _grid(self, size: str) -> int:
        properties = self.held.sheet["properties"] if self.held else {}
        return int(properties.get("gridProperties", {}).get(size, 0))

    # --- whole tabs -------------------------------------------------------------------------------------------

    def _create(self) -> Batch:
        properties = self._properties()
        self._height = properties["gridProperties"]["rowCount"]
        cells = self.rows.cells(range(len(self.rows.filled)))
        batch = Batch([{"addSheet": {"properties": properties}}], [Change(self.page.title, "new tab", cells=cells)])
        self._fill(batch)
        self._arrange(batch)
        return batch

    def _rewrite(self, protection: Mapping[str, Any] | None) -> Batch:
        assert self.held is not None  # noqa: S101 - a tab that is not there is created instead
        batch = Batch(changes=[Change(self.page.title, "layout", cells=0)])
        properties = self._properties()
        grid = properties["gridProperties"]
        grid |= {size: max(grid[size], self._grid(size)) for size in ("rowCount", "columnCount")}
        self._height = grid["rowCount"]
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
        batch.changes += self.rows.changes()
        self._fill(batch)
        self._arrange(batch)
        return batch

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
        """Values and looks of the whole tab; nothing is left of what it looked like before."""
        whole = {"sheetId": self.sheet_id, "startRowIndex": 0, "startColumnIndex": 0}
        if self.page.tall:
            batch.requests += self._tall_values()
            batch.requests += [{"updateCells": {"range": whole, "fields": _LOOK}}] if self.held else []
        else:
            batch.requests.append(self._all_values(whole))
        batch.requests += self._painted(0, len(self.page.rows), plain=False)

    def _all_values(self, place: Mapping[str, int]) -> Request:
        """Every value of the page; all else in that place is blank afterwards."""
        self._whole = True
        rows = [{"values": [written(cell) for cell in row]} for row in self.page.rows]
        return {"updateCells": {"range": place, "rows": rows, "fields": f"{_VALUE},{_LOOK}"}}

    def _painted(self, top: int, bottom: int, *, plain: bool = True) -> Iterator[Request]:
        """Looks and notes of these rows; without `plain` where there are any."""
        for area, look in self.looks.rectangles(top, bottom, self.page.columns):
            if plain or look != PLAIN:
                style, note = json.loads(look)
                cell = ({"userEnteredFormat": style} if style else {}) | ({"note": note} if note else {})
                yield {"repeatCell": {"range": self._range(area), "cell": cell, "fields": _LOOK}}

    def _arrange(self, batch: Batch) -> None:
        """Merges, sizes, and the objects of the tab."""
        batch.requests += [
            {"mergeCells": {"range": self._range(area), "mergeType": "MERGE_ALL"}} for area in self.page.merges
        ]
        batch.requests += self._dimensions()
        self._add_objects(batch)

    def _dimensions(self) -> Iterator[Request]:
        """Every size anew, so that nothing is left of an earlier layout."""
        page = self.page
        widths = {column: page.column_widths.get(column, _USUAL_WIDTH) for column in range(page.columns)}
        heights = {row: page.row_heights.get(row, _USUAL_HEIGHT) for row in range(self._rows_needed)}
        for dimension, sizes in (("COLUMNS", widths), ("ROWS", {} if page.tall else heights)):
            for start, end in runs(sizes, key=sizes.__getitem__):
                yield self._dimension(dimension, start, end, {"pixelSize": sizes[start]})
        hidden = set(page.hidden_columns)
        for start, end in runs(range(page.columns), key=hidden.__contains__):
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
            "description": MARK + self.fingerprint,
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
            if str(protection.get("description", "")).startswith(MARK):
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
            or self._displaced()
        )

    def _displaced(self) -> bool:
        """Whether a block is named where it does not stand: somebody put rows into the tab, or took some out."""
        ours = {str(named["name"]).casefold(): named.get("range", {}) for named in self.named_ranges}
        held = {block: ours.get(f"sheetsync_{block}".casefold()) for block in self.page.named}
        return any(
            (place.get("sheetId", 0), _area(place)) != (self.sheet_id, self.page.named[block])
            for block, place in held.items()
            if place is not None
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
            batch.changes.append(Change(self.page.title, f"named range {name}", cells=0))
        return batch

    def _standing(self) -> Iterator[Standing]:
        """What the key of the table says from some rows above the first that is written, for these tell whether it is
        that row, and the names of its columns; nothing where it has none, or where the tab has another title until
        then, so that it can't be asked.
        """
        key, first, filled = self.page.key, self.rows.first, self.rows.filled
        if key is None or first is None or self.held is None:
            return
        if self.held.sheet["properties"].get("title") == self.page.title:
            top = max(0, first - _ABOVE)
            texts = [[str(shown(row[column]) or "") for column in key] for row in filled[top:]]
            head = [str(shown(cell)) for cell in filled[0]]
            yield standing(self.page.title, self.sheet_id, key, top, texts, head)

    # --- values -----------------------------------------------------------------------------------------------

    def _difference(self) -> Batch:
        """What the page says otherwise, where all else is as it should be."""
        changes = self.rows.changes()
        if not changes:
            return Batch()
        if self.page.tall:
            batch = Batch(list(self._tall_values()), changes)
            batch.requests += self._repainted()
            return batch
        assert self.held is not None  # noqa: S101 - a new tab is filled as a whole
        width = max([self.page.columns, *map(len, self.held.values)])
        last = max(len(self.held.values), len(self.page.rows))
        batch = Batch(list(self._grown(last)), changes)
        batch.requests.append(self._all_values(self._range(Area(0, 0, last, width))))
        batch.requests += self._painted(0, len(self.page.rows), plain=False)
        return batch

    def _tall_values(self) -> Iterator[Request]:
        """Rows put in and taken out, then the cells that differ."""
        yield from self.rows.moved()
        self._height += sum(shift.came - shift.gone for shift in self.rows.shifts)
        last = len(self.rows.filled)
        yield from self._grown(last)
        yield from self.rows.values()
        if left := len(self.rows.left):
            place = {"sheetId": self.sheet_id, "startRowIndex": last, "endRowIndex": last + left}
            yield {"updateCells": {"range": place, "fields": f"{_VALUE},{_LOOK}"}}

    def _repainted(self) -> Iterator[Request]:
        """The looks of new rows, which else take those of the row before; where looks vary by row, of changed ones."""
        touched = self.rows.touched(changed=self.looks.vary(self.page.frozen_rows, self.page.columns))
        return self._painted(touched.start, touched.stop)

    def _grown(self, rows: int) -> Iterator[Request]:
        if rows > self._height:
            lacking, self._height = rows - self._height, rows
            yield {"appendDimension": {"sheetId": self.sheet_id, "dimension": "ROWS", "length": lacking}}

    def _range(self, area: Area) -> dict[str, int]:
        return {"sheetId": self.sheet_id, **area.grid()}


def _fingerprint(page: Page, looks: Looks) -> str:
    """Eight hex digits over all that is not a value; of a tall page, over the looks of its head and its columns."""
    if page.tall:
        seen: Any = [looks.rows[: page.frozen_rows], looks.by_column(page.frozen_rows, page.columns)]
    else:
        formulas = [[_formula(cell) for cell in row] for row in page.rows]
        seen = [list(zip(*both, strict=True)) for both in zip(looks.rows, formulas, strict=True)]
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
