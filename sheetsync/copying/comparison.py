"""The copy beside its source: cell by cell, object by object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import orjson

from sheetsync.copying import cells, objects, shapes
from sheetsync.copying.cells import CONTENT, LOOKS, Chunk
from sheetsync.copying.shapes import Json, Loss, comparable, lean, title
from sheetsync.model import column_letters

_TYPED = ("userEnteredValue", "note")
_WORDS = {
    "textFormatRuns": "rich text",
    "chipRuns": "chips",
    "pivotTable": "pivot table",
    "userEnteredFormat": "format",
    "dataValidation": "dropdown or other rule",
}


class Difference(NamedTuple):
    """A cell in which something else stands than was typed: its tab and address, what, there and here."""

    tab: str
    cell: str
    what: str
    source: object
    copy: object


def of_cells(source: Chunk, copy: Chunk) -> Iterator[Difference | Loss]:
    """What differs in the same rows of both. What people typed comes as a Difference, all else as a Loss."""
    tab = title(source.sheet)
    one: list[Json]
    other: list[Json]
    a: Json
    b: Json
    for row, (one, other) in enumerate(zip_longest(source.rows, copy.rows, fillvalue=[]), source.top + 1):
        if one == other:
            continue
        for column, (a, b) in enumerate(zip_longest(one, other, fillvalue={}), 1):
            if a != b:
                yield from _of_cell(tab, f"{column_letters(column)}{row}", a, b)
    for what, dimension, mine, theirs in (
        ("heights and hidden rows", "ROWS", source.about_rows, copy.about_rows),
        ("widths and hidden columns", "COLUMNS", source.about_columns, copy.about_columns),
    ):
        sizes = [[cells.sized(each, dimension) for each in about] for about in (mine, theirs)]
        if sizes[0] != sizes[1]:
            yield Loss(tab, what, "not as in the source")
        if _metadata(mine) != _metadata(theirs):
            yield Loss(tab, f"developer metadata of {dimension.lower()}", "not as in the source")


def _of_cell(tab: str, cell: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference | Loss]:
    for name in _TYPED:
        mine, theirs = _typed(name, a), _typed(name, b)
        if mine != theirs:
            yield Difference(tab, cell, "note" if name == "note" else "value", mine, theirs)
    for name in (*CONTENT, *LOOKS):
        if name in _WORDS and comparable(lean(a.get(name))) != comparable(lean(b.get(name))):
            yield Loss(tab, _WORDS[name], f"not as in the source, first in {cell}")
    if a.get("dataSourceTable"):
        yield Loss(tab, "data source table", f"it can't be made in another spreadsheet, {cell}")


def _typed(name: str, cell: Mapping[str, Any]) -> object:
    """What is in a cell; an error that was typed is its text."""
    held = cell.get(name) or None
    if name == "note" or held is None:
        return held
    ((kind, value),) = held.items()
    if kind == "errorValue":
        return "stringValue", cells.error_text(value)
    return None if value == "" else (kind, value)


def _metadata(about: Sequence[Mapping[str, Any]]) -> list[Json]:
    return [item for each in about for item in each.get("developerMetadata", [])]


class _Named(NamedTuple):
    tab: str
    what: str
    body: Any


def of_objects(source: Mapping[str, Any], copy: Mapping[str, Any], *, google: bool) -> Iterator[Loss]:
    """What lies on the cells and about them, and is not in the copy as it is in the source."""
    mine, theirs = dict(_objects(source)), dict(_objects(copy))
    for key, item in mine.items():
        if key not in theirs:
            yield Loss(item.tab, item.what, "it is not in the copy")
        elif differing := sorted(_differing(comparable(item.body), comparable(theirs[key].body))):
            yield Loss(item.tab, item.what, f"not as in the source: {', '.join(differing)}")
    yield from _lost_editors(source, copy, google=google)
    order = [[title(sheet) for sheet in skeleton["sheets"]] for skeleton in (source, copy)]
    if order[0] != order[1] and sorted(order[0]) == sorted(order[1]):
        yield Loss("", "the order of the tabs", "not as in the source")


def _objects(skeleton: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], _Named]]:
    yield ("properties",), _Named("", "properties", lean(skeleton["properties"]))
    for item in skeleton.get("namedRanges", []):
        yield ("name", str(item["namedRangeId"])), _Named("", f"named range “{item['name']}”", item)
    for item in skeleton.get("developerMetadata", []):
        yield _noted("", item)
    for sheet in skeleton["sheets"]:
        yield from _of_tab(sheet)


def _of_tab(sheet: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], _Named]]:
    tab = title(sheet)
    properties = {name: item for name, item in lean(sheet["properties"]).items() if name != "index"}
    yield ("tab", tab), _Named(tab, "the tab", properties)
    for merge in sheet.get("merges", []):
        yield ("merge", tab, _key(merge)), _Named(tab, "merged cells", {})
    for index, rule in enumerate(sheet.get("conditionalFormats", []), 1):
        yield ("rule", tab, str(index)), _Named(tab, f"conditional format {index}", lean(rule))
    for kind in ("rowGroups", "columnGroups"):
        for group in sheet.get(kind, []):
            yield (kind, tab, _key(group)), _Named(tab, "a group", {})
    if basic := sheet.get("basicFilter"):
        yield ("filter", tab), _Named(tab, "the filter", lean(shapes.filtering(basic)))
    for item in sheet.get("developerMetadata", []):
        yield _noted(tab, item)
    yield from _numbered(sheet, tab)


def _numbered(sheet: Mapping[str, Any], tab: str) -> Iterator[tuple[tuple[str, ...], _Named]]:
    for view in sheet.get("filterViews", []):
        what = f"filter view “{view.get('title', '')}”"
        yield ("view", str(view["filterViewId"])), _Named(tab, what, lean(shapes.filtering(view)))
    for item in sheet.get("protectedRanges", []):
        what = f"protection “{item['description']}”" if item.get("description") else "a protection"
        body = shapes.one_place(shapes.protection(item))
        yield ("protection", str(item["protectedRangeId"])), _Named(tab, what, body)
    for item in shapes.bands(sheet):
        yield ("bands", str(item["bandedRangeId"])), _Named(tab, "alternating colours", lean(item))
    for chart in sheet.get("charts", []):
        yield ("chart", str(chart["chartId"])), _Named(tab, objects.chart_name(chart), lean(chart))
    for slicer in sheet.get("slicers", []):
        what = f"slicer “{slicer['spec'].get('title', '')}”"
        yield ("slicer", str(slicer["slicerId"])), _Named(tab, what, lean(slicer))
    for table in sheet.get("tables", []):
        yield ("table", str(table["tableId"])), _Named(tab, f"table “{table.get('name', '')}”", lean(table))


def _noted(tab: str, item: Mapping[str, Any]) -> tuple[tuple[str, ...], _Named]:
    what = f"developer metadata “{item.get('metadataKey', '')}”"
    return ("metadata", str(item["metadataId"])), _Named(tab, what, shapes.metadata(item))


def _key(value: Any) -> str:
    return orjson.dumps(comparable(value), option=orjson.OPT_SORT_KEYS).decode()


def _differing(mine: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Names of the fields of one that the other has not, or has otherwise; what the other has beside is a default."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name, item in mine.items():
            yield from _differing(item, theirs.get(name), f"{path}.{name}" if path else name)
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for item, other in zip(mine, theirs, strict=True):
            yield from _differing(item, other, path)
    elif mine != theirs and not (theirs is None and mine in ({}, [])):
        yield path


def _lost_editors(source: Mapping[str, Any], copy: Mapping[str, Any], *, google: bool) -> Iterator[Loss]:
    theirs = {item["protectedRangeId"]: item for sheet in copy["sheets"] for item in sheet.get("protectedRanges", [])}
    for sheet in source["sheets"]:
        for item in sheet.get("protectedRanges", []):
            wanted = objects.editors(item.get("editors", {}), "", google=google)
            there = theirs.get(item["protectedRangeId"], {}).get("editors", {})
            missing = [
                name for name in ("users", "groups") if not set(wanted.get(name, [])) <= set(there.get(name, []))
            ]
            if missing and item["protectedRangeId"] in theirs:
                what = f"protection “{item['description']}”" if item.get("description") else "a protection"
                yield Loss(title(sheet), what, "not all of its editors are in the copy")
