"""Requests about whole tabs and the spreadsheet's own properties."""

from __future__ import annotations

import copy
import functools
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from sheetsync.local import batch_dimensions, fields, formats, references, shifting, tables
from sheetsync.local.book import Book, Sheet
from sheetsync.local.dimensions import Dimension
from sheetsync.local.errors import RefusedError

_COUNTS: tuple[tuple[Dimension, str], ...] = (("ROWS", "rowCount"), ("COLUMNS", "columnCount"))
_PLACES = frozenset("range ranges unprotectedRanges sources merges anchorCell dimensionRange dataRange".split())
_READ_ONLY = ("sheetId", "sheetType", "index", "dataSourceSheetProperties")
_ID_NAMES = {"charts": "chartId", "bandedRanges": "bandedRangeId", "protectedRanges": "protectedRangeId"}
_ALSO_NUMBERED = {"filterViews": "filterViewId", "slicers": "slicerId"}


def make_sheet(book: Book, given: Mapping[str, Any]) -> Sheet:
    """A new tab from SheetProperties, with Google's defaults for what is not given."""
    title = given.get("title") or _free_title(book)
    _check_title(book, title, None)
    sheet_id = given.get("sheetId")
    if sheet_id is None:
        sheet_id = book.free_id(sheet.id for sheet in book.sheets)
    if sheet_id < 0 or any(sheet.id == sheet_id for sheet in book.sheets):
        raise RefusedError(
            f"A sheet with id {sheet_id} already exists." if sheet_id >= 0 else f"Invalid sheet id: {sheet_id}"
        )
    index = given.get("index")
    if index is not None and not 0 <= index <= len(book.sheets):
        raise RefusedError(f"Invalid sheet index: {index}.")
    sheet = book.add_sheet({"properties": _properties(given, sheet_id, title)}, index)
    book.check_size()
    return sheet


def _properties(given: Mapping[str, Any], sheet_id: int, title: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"sheetId": sheet_id, "title": title, "sheetType": given.get("sheetType", "GRID")}
    if properties["sheetType"] == "GRID":
        properties["gridProperties"] = {"rowCount": 1000, "columnCount": 26} | given.get("gridProperties", {})
    optional = ("hidden", "tabColor", "tabColorStyle", "rightToLeft")
    return _normal({**properties, **{name: given[name] for name in optional if name in given}})


def _normal(properties: dict[str, Any]) -> dict[str, Any]:
    if grid := properties.get("gridProperties"):
        if grid.get("rowCount", 0) < 1 or grid.get("columnCount", 0) < 1:
            raise RefusedError("A sheet must have at least one row and one column.")
        for frozen, size, what in (
            ("frozenRowCount", "rowCount", "rows"),
            ("frozenColumnCount", "columnCount", "columns"),
        ):
            if grid.get(frozen, 0) >= grid[size] > 0 and grid.get(frozen):
                raise RefusedError(f"You can't freeze all visible {what} on the sheet.")
    rest = {name: item for name, item in properties.items() if name != "sheetId"}
    kept: dict[str, Any] = formats.pruned(formats.with_twins(rest))
    return {"sheetId": properties["sheetId"], **kept}


def _free_title(book: Book) -> str:
    place = len(book.sheets) + 1
    while book.titled(f"Sheet{place}"):
        place += 1
    return f"Sheet{place}"


def _check_title(book: Book, title: str, own: Sheet | None) -> None:
    held = book.titled(title)
    if held is not None and held is not own:
        raise RefusedError(f'A sheet with the name "{title}" already exists. Please enter another name.')
    if len(title) > 100:
        raise RefusedError("A sheet name can't have more than 100 characters.")


def add_sheet(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addSheet."""
    return {"properties": book.shown_properties(make_sheet(book, request.get("properties", {})))}


def delete_sheet(book: Book, request: dict[str, Any]) -> None:
    """deleteSheet: its named ranges go with it, formulas that read it become errors."""
    sheet = book.tab(request.get("sheetId", 0))
    book.guard(sheet, sheet.area)
    if not any(other is not sheet and not other.properties.get("hidden") for other in book.sheets):
        raise RefusedError("You can't remove all the visible sheets in a document.")
    book.remove_sheet(sheet)
    book.doc["namedRanges"] = [item for item in book.named_ranges if item["range"].get("sheetId", 0) != sheet.id]
    shifting.rewrite_formulas(book, lambda text, _: references.without_tab(text, sheet.title))


def duplicate_sheet(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """duplicateSheet: cells and objects; objects get new ids."""
    source = book.sheet(request.get("sourceSheetId", 0))
    title = request.get("newSheetName") or _copy_title(book, source.title)
    given = {"title": title, "sheetId": request.get("newSheetId"), "index": request.get("insertSheetIndex", 0)}
    made = make_sheet(book, {name: item for name, item in given.items() if item is not None})
    _fill(book, source, made)
    return {"properties": book.shown_properties(made)}


def copy_sheet(source: Sheet, target: Book) -> Sheet:
    """sheets.copyTo: the tab's copy in another spreadsheet of the file, last, visible."""
    made = make_sheet(target, {"title": _copy_title(target, source.title)})
    _fill(target, source, made)
    return made


def _copy_title(book: Book, title: str) -> str:
    name, count = f"Copy of {title}", 1
    while book.titled(name):
        count += 1
        name = f"Copy of {title} {count}"
    return name


def _fill(book: Book, source: Sheet, made: Sheet) -> None:
    doc = _readdressed(copy.deepcopy(source.doc), source.id, made.id)
    doc["properties"] = {**source.properties, "sheetId": made.id, "title": made.title}
    doc["properties"].pop("hidden", None)
    doc.pop("developerMetadata", None)
    for kind, name in (_ID_NAMES | _ALSO_NUMBERED).items():
        for item in doc.get(kind, []):
            item[name] = book.free_id(book.ids(kind, name))
    for table in doc.get("tables", []):
        table["tableId"], table["name"] = tables.free_id(book), tables.free_name(book, f"{table['name']}_")
    made.doc.clear()
    made.doc.update(doc)
    source.grid.copy_to(made.grid)
    book.check_size()


def _readdressed(value: Any, old: int, new: int, name: str = "") -> Any:
    if isinstance(value, list):
        return [_readdressed(item, old, new, name) for item in value]
    if not isinstance(value, dict):
        return value
    walked = {key: _readdressed(item, old, new, key) for key, item in value.items()}
    if name in _PLACES and value.get("sheetId", 0) == old:
        walked["sheetId"] = new
    return walked


def update_sheet_properties(book: Book, request: dict[str, Any]) -> None:
    """updateSheetProperties: name, place, size, frozen rows, colour, visibility."""
    given = request.get("properties", {})
    mask = fields.write_mask(request.get("fields"), "SheetProperties")
    sheet = book.tab(given.get("sheetId", 0))
    asked = formats.with_twins(given)
    wanted = fields.merge(sheet.properties, asked, _with_twin_colour(mask))
    wanted.update({name: sheet.properties[name] for name in _READ_ONLY if name in sheet.properties})
    if "gridProperties" in sheet.properties:
        wanted["gridProperties"] = _sizes(sheet) | wanted.get("gridProperties", {})
    title = str(wanted.get("title", ""))
    if not title:
        raise RefusedError("Sheet name can't be empty.")
    _check_title(book, title, sheet)
    if wanted.get("hidden") and not any(o is not sheet and not o.properties.get("hidden") for o in book.sheets):
        raise RefusedError("You can't hide all the sheets in a document.")
    _resize(book, sheet, _normal({name: item for name, item in wanted.items() if name != "index"}))
    if sheet.title != title:
        old = sheet.title
        sheet.properties["title"] = title
        shifting.rewrite_formulas(book, lambda text, _: references.renamed(text, old, title))
    if fields.reach(mask, "index") and "index" in given:
        _move(book, sheet, given["index"])


def _sizes(sheet: Sheet) -> dict[str, int]:
    return {"rowCount": sheet.rows, "columnCount": sheet.columns}


def _with_twin_colour(mask: fields.Mask) -> fields.Mask:
    if mask is None:
        return None
    twins = ("tabColor", "tabColorStyle")
    return mask | {name: None for name in twins if any(twin in mask for twin in twins)}


def _resize(book: Book, sheet: Sheet, wanted: dict[str, Any]) -> None:
    held = sheet.properties.get("gridProperties", {})
    title = sheet.title
    grid = wanted.get("gridProperties", {})
    if "rowCount" in grid:
        for dimension, name in _COUNTS:
            if grid[name] < sheet.size(dimension):
                batch_dimensions.cut(book, sheet, dimension, grid[name])
    grows = grid.get("rowCount", 0) > held.get("rowCount", 0) or grid.get("columnCount", 0) > held.get("columnCount", 0)
    sheet.doc["properties"] = {**wanted, "title": title}
    if grows:
        book.check_size()


def _move(book: Book, sheet: Sheet, index: int) -> None:
    if not 0 <= index <= len(book.sheets):
        raise RefusedError(f"Invalid sheet index: {index}.")
    here = book.sheets.index(sheet)
    book.sheets.remove(sheet)
    book.sheets.insert(index - (index > here), sheet)


def update_spreadsheet_properties(book: Book, request: dict[str, Any]) -> None:
    """updateSpreadsheetProperties: title, locale, time zone, recalculation, theme."""
    mask = fields.write_mask(request.get("fields"), "SpreadsheetProperties")
    given = formats.with_twins(
        {name: item for name, item in request.get("properties", {}).items() if name != "spreadsheetTheme"}
    )
    if "spreadsheetTheme" in request.get("properties", {}):
        given["spreadsheetTheme"] = request["properties"]["spreadsheetTheme"]
    wanted = fields.merge(book.properties, given, mask)
    if not wanted.get("title"):
        raise RefusedError("Title can't be empty.")
    wanted["defaultFormat"] = book.properties["defaultFormat"]
    for name in ("locale", "timeZone", "autoRecalc", "spreadsheetTheme"):
        wanted.setdefault(name, book.properties[name])
    for name, is_known in (("locale", _is_locale), ("timeZone", _is_time_zone)):
        if not is_known(wanted[name]):
            raise RefusedError(
                f"Unsupported {name}: {wanted[name]}" if name == "locale" else f"Invalid time zone: {wanted[name]}"
            )
    book.doc["properties"] = wanted
    book.touched.update(sheet.number for sheet in book.sheets)


def _is_locale(text: str) -> bool:
    return text.replace("_", "").isalpha() and 2 <= len(text) <= 10


@functools.cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _is_time_zone(text: str) -> bool:
    return text in _time_zones()


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
