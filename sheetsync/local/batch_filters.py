"""Requests about filters and filter views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sheetsync.local import a1, batch_ranges, fields, formats, tables
from sheetsync.local.book import Book, Sheet
from sheetsync.local.errors import RefusedError
from sheetsync.local.numbered import held, named_by_id, new_id, replace, with_id


def set_basic_filter(book: Book, request: dict[str, Any]) -> None:
    """setBasicFilter: the one filter of the tab, instead of an earlier one; its sort order sorts the rows at once."""
    given = request.get("filter", {})
    if given.get("tableId"):
        given = {**given, "range": tables.find(book, given["tableId"])[1]["range"]}
    sheet, area = book.place(given.get("range", {}))
    sheet.doc["basicFilter"] = _filter({**given, "range": a1.grid_range(sheet.id, area)})
    if given.get("sortSpecs") and area.bottom - area.top > 1:
        rows = a1.grid_range(sheet.id, area._replace(top=area.top + 1))
        batch_ranges.sort_range(book, {"range": rows, "sortSpecs": given["sortSpecs"]})


def _filter(given: Mapping[str, Any]) -> dict[str, Any]:
    """A filter as it is kept: what it asks of columns stands twice, as `criteria` and as `filterSpecs`."""
    kept: dict[str, Any] = formats.pruned(formats.with_twins(dict(given)))
    specs = [{"columnIndex": 0, **spec} for spec in kept.pop("filterSpecs", [])]
    old = kept.pop("criteria", {})
    if not specs:
        specs = [{"columnIndex": int(column), "filterCriteria": held} for column, held in sorted(old.items())]
    if specs:
        kept["criteria"] = {str(spec["columnIndex"]): spec.get("filterCriteria", {}) for spec in specs}
        kept["filterSpecs"] = specs
    return kept


def clear_basic_filter(book: Book, request: dict[str, Any]) -> None:
    """clearBasicFilter."""
    book.sheet(request.get("sheetId", 0)).doc.pop("basicFilter", None)


def add_filter_view(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addFilterView."""
    return {"filter": _added_view(book, request.get("filter", {}))}


def _added_view(book: Book, given: Mapping[str, Any]) -> dict[str, Any]:
    number = new_id(book, "filterViews", "filterViewId", given, "filter view")
    sheet = _view_sheet(book, given)
    title = given.get("title") or _view_title(sheet)
    made = with_id("filterViewId", number, {"title": title, **_filter(given)})
    made["title"] = title
    sheet.objects("filterViews").append(made)
    return made


def _view_title(sheet: Sheet) -> str:
    return f"Filter {len(sheet.doc.get('filterViews', [])) + 1}"


def _view_sheet(book: Book, given: Mapping[str, Any]) -> Sheet:
    if "namedRangeId" in given:
        return book.sheet(named_by_id(book, given["namedRangeId"])["range"].get("sheetId", 0))
    if given.get("tableId"):
        return tables.find(book, given["tableId"])[0]
    if "range" not in given:
        raise RefusedError("A filter view must have a range.")
    return book.place(given["range"])[0]


def update_filter_view(book: Book, request: dict[str, Any]) -> None:
    """updateFilterView."""
    mask = fields.write_mask(request.get("fields"), "FilterView")
    given = request.get("filter", {})
    sheet, old = held(book, "filterViews", "filterViewId", given.get("filterViewId"), "filter view")
    merged = fields.merge(old, formats.with_twins(given), mask)
    for one, other in (("criteria", "filterSpecs"), ("filterSpecs", "criteria")):
        if fields.reach(mask, one) and not fields.reach(mask, other):
            merged.pop(other, None)
    wanted = with_id("filterViewId", old["filterViewId"], _filter(merged))
    _view_sheet(book, wanted)
    replace(sheet, "filterViews", old, wanted)


def duplicate_filter_view(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """duplicateFilterView."""
    _, old = held(book, "filterViews", "filterViewId", request.get("filterId"), "filter view")
    copied = {name: item for name, item in old.items() if name != "filterViewId"}
    return {"filter": _added_view(book, {**copied, "title": f"Copy of {old['title']}"})}


def delete_filter_view(book: Book, request: dict[str, Any]) -> None:
    """deleteFilterView."""
    sheet, item = held(book, "filterViews", "filterViewId", request.get("filterId"), "filter view")
    sheet.objects("filterViews").remove(item)


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "updateFilterView": update_filter_view,
    "duplicateFilterView": duplicate_filter_view,
    "deleteFilterView": delete_filter_view,
}
