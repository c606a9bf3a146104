"""Developer metadata: notes that programs leave on a spreadsheet, a tab, a row or a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sheetsync.local.book import Book, Sheet
from sheetsync.local.dimensions import Dimension, set_in_runs
from sheetsync.local.errors import RefusedError

DIMENSIONS: tuple[Dimension, ...] = ("ROWS", "COLUMNS")


def everything(book: Book) -> Iterator[dict[str, Any]]:
    """Every DeveloperMetadata of the spreadsheet."""
    yield from book.doc.get("developerMetadata", [])
    for sheet in book.sheets:
        yield from sheet.doc.get("developerMetadata", [])
        for dimension in DIMENSIONS:
            for _, _, properties in sheet.runs(dimension):
                yield from properties.get("developerMetadata", [])


def matching(book: Book, data_filter: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a DataFilter's lookup matches: by id, key, value, visibility and location, all that are given."""
    wanted = data_filter.get("developerMetadataLookup", {})
    return [item for item in everything(book) if _matches(item, wanted)]


def _matches(item: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    named = all(
        wanted[name] == item.get(name)
        for name in ("metadataId", "metadataKey", "metadataValue", "visibility")
        if name in wanted
    )
    kind = wanted.get("locationType", item["location"]["locationType"])
    return named and kind == item["location"]["locationType"] and _located(item["location"], wanted)


def _located(location: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    place = wanted.get("metadataLocation")
    if place is None:
        return True
    if "dimensionRange" in place:
        return bool(location.get("dimensionRange") == place["dimensionRange"])
    if "sheetId" in place:
        return place["sheetId"] in (location.get("sheetId"), location.get("dimensionRange", {}).get("sheetId"))
    return "spreadsheet" in location


def add(book: Book, given: Mapping[str, Any]) -> dict[str, Any]:
    """Put a DeveloperMetadata where its location says, with a new id where it has none."""
    location = dict(given.get("location", {}))
    if not given.get("metadataKey") or not location or "visibility" not in given:
        raise RefusedError("Developer metadata must have a key, a location and a visibility.")
    taken = {item["metadataId"] for item in everything(book)}
    number = given.get("metadataId") or book.free_id(taken)
    if number in taken:
        raise RefusedError(f"Cannot create developer metadata with id {number} because it already exists.")
    item = {"metadataId": number, "metadataKey": given["metadataKey"]}
    if "metadataValue" in given:
        item["metadataValue"] = given["metadataValue"]
    item["location"] = _place(book, location)
    item["visibility"] = given["visibility"]
    _keep(book, item)
    return item


def _place(book: Book, location: dict[str, Any]) -> dict[str, Any]:
    if "dimensionRange" in location:
        span = location["dimensionRange"]
        book.sheet(span.get("sheetId", 0))
        if span.get("endIndex", 0) - span.get("startIndex", 0) != 1:
            raise RefusedError("Developer metadata can be on a single row or column only.")
        kind = "ROW" if span.get("dimension") == "ROWS" else "COLUMN"
        return {"locationType": kind, "dimensionRange": span}
    if "sheetId" in location:
        return {"locationType": "SHEET", "sheetId": book.tab(location["sheetId"]).id}
    return {"locationType": "SPREADSHEET", "spreadsheet": True}


def _keep(book: Book, item: dict[str, Any]) -> None:
    location = item["location"]
    if location["locationType"] == "SPREADSHEET":
        book.doc.setdefault("developerMetadata", []).append(item)
    elif location["locationType"] == "SHEET":
        book.tab(location["sheetId"]).objects("developerMetadata").append(item)
    else:
        span = location["dimensionRange"]
        sheet, dimension, index = book.sheet(span.get("sheetId", 0)), span["dimension"], span.get("startIndex", 0)

        def change(properties: dict[str, Any]) -> dict[str, Any]:
            return {**properties, "developerMetadata": [*properties.get("developerMetadata", []), item]}

        sheet.set_runs(dimension, set_in_runs(sheet.runs(dimension), index, index + 1, change))


def remove(book: Book, gone: Iterable[int]) -> None:
    """Take the metadata with those ids away."""
    ids = set(gone)

    def left(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [item for item in items if item["metadataId"] not in ids]

    book.doc["developerMetadata"] = left(book.doc.get("developerMetadata", []))
    for sheet in book.sheets:
        sheet.doc["developerMetadata"] = left(sheet.doc.get("developerMetadata", []))
        for dimension in DIMENSIONS:
            for run in sheet.runs(dimension):
                if "developerMetadata" in run[2]:
                    run[2]["developerMetadata"] = left(run[2]["developerMetadata"])
                    if not run[2]["developerMetadata"]:
                        del run[2]["developerMetadata"]
            sheet.set_runs(dimension, [run for run in sheet.runs(dimension) if run[2]])


def relocate(sheet: Sheet, dimension: Dimension) -> None:
    """Tell the metadata of rows or columns where they are now, after their runs were shifted."""
    for start, _, properties in sheet.runs(dimension):
        for item in properties.get("developerMetadata", []):
            item["location"]["dimensionRange"].update(startIndex=start, endIndex=start + 1)
