"""A department with the built-in catalogue, its workbook in a local file, and Google's own description of requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from sheetsync.catalogue import completed
from sheetsync.google import Workbook
from sheetsync.model import Value
from sheetsync.schema import Settings
from sheetsync.settings import Place

ANNA, BORIS = "Anna Petrova", "Boris Ivanov"
TARGETS: list[dict[str, Any]] = [
    {"from": "2026-01-01", "per": "week", "default": {"meetings": 5, "offers": 4}, "managers": {ANNA: {"meetings": 7}}},
    {"from": "2026-01-01", "per": "month", "default": {"revenue": 3000000, "lead_conversion": 0.4}},
]


def configured(language: str = "en", **sections: Any) -> Settings:
    """The configuration of two managers; `workbook=` is merged, other sections replace."""
    workbook = {"spreadsheet": "local:x", "language": language, **sections.pop("workbook", {})}
    managers = [ANNA, {"name": BORIS, "aliases": ["Boris"]}]
    data = {
        "workbook": workbook,
        "managers": managers,
        "targets": TARGETS,
        "department": {"currency": "RUB"},
        **sections,
    }
    return Settings.model_validate(completed(data), by_alias=True, by_name=False)


def sheet(title: str, sheet_id: int = 0, *, rows: int = 1000, columns: int = 26, **more: Any) -> dict[str, Any]:
    """A tab's metadata as spreadsheets.get gives it, zeros left out."""
    properties = {"title": title, "sheetType": "GRID", "gridProperties": {"rowCount": rows, "columnCount": columns}}
    return {"properties": {**({"sheetId": sheet_id} if sheet_id else {}), **properties}, **more}


def spreadsheet(*sheets: Mapping[str, Any]) -> dict[str, Any]:
    """A spreadsheet's metadata."""
    return {"spreadsheetId": "x", "properties": {"title": "Sales", "locale": "en_US"}, "sheets": list(sheets)}


def grid(sheet_id: int, rows: Sequence[Sequence[Value]]) -> dict[str, Any]:
    """The cells of a tab as spreadsheets.get gives them."""
    data = [{"rowData": [{"values": [_cell(value) for value in row]} for row in rows]}]
    return {"properties": {"sheetId": sheet_id} if sheet_id else {}, "data": data}


def _cell(value: Value) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    kind = "boolValue" if isinstance(value, bool) else "stringValue" if isinstance(value, str) else "numberValue"
    return {"userEnteredValue": {kind: value}, "effectiveValue": {kind: value}}


class Office:
    """A workbook file, spoken to as people and their programs do."""

    def __init__(self, path: Path) -> None:
        self.place = Place("local", path=path)

    def apply(self, *requests: Mapping[str, Any]) -> None:
        """One batchUpdate."""
        with Workbook.open("local", path=self.place.path) as book:
            book.apply(requests)

    def metadata(self) -> dict[str, Any]:
        """The spreadsheet without cells."""
        with Workbook.open("local", path=self.place.path) as book:
            return book.metadata()

    def titles(self) -> list[str]:
        """The tabs from left to right."""
        return [str(tab["properties"]["title"]) for tab in self.metadata()["sheets"]]

    def tab(self, title: str) -> dict[str, Any]:
        """A tab's metadata."""
        return next(tab for tab in self.metadata()["sheets"] if tab["properties"]["title"] == title)

    def cells(self, title: str, fields: str = "userEnteredValue") -> dict[tuple[int, int], Any]:
        """Fields of the cells of a tab by (row, column), 0-based; cells without them are absent."""
        with Workbook.open("local", path=self.place.path) as book:
            mask = f"sheets(data(startRow,startColumn,rowData(values({fields}))))"
            answer = book.grid(mask, [f"'{title}'"])
        return {
            (block.get("startRow", 0) + down, block.get("startColumn", 0) + across): cell
            for block in answer["sheets"][0].get("data", [])
            for down, row in enumerate(block.get("rowData", []))
            for across, cell in enumerate(row.get("values", []))
            if cell
        }

    def type(self, title: str, top: int, rows: Iterable[Sequence[Value]]) -> None:
        """Types rows from column A of the 0-based row `top` down."""
        sheet_id = self.tab(title)["properties"].get("sheetId", 0)
        data = [
            {"values": [{"userEnteredValue": _cell(value).get("userEnteredValue", {})} for value in row]}
            for row in rows
        ]
        start = {"sheetId": sheet_id, "rowIndex": top, "columnIndex": 0}
        self.apply({"updateCells": {"start": start, "rows": data, "fields": "userEnteredValue"}})


@cache
def _schemas() -> dict[str, Any]:
    path = "googleapiclient/discovery_cache/documents/sheets.v4.json"
    text = distribution("google-api-python-client").locate_file(path).read_text()
    schemas: dict[str, Any] = json.loads(text)["schemas"]
    return schemas


def misfits(value: Any, schema: str = "Request") -> list[str]:
    """What in a request's JSON does not fit Google's discovery document: unknown names, types, enums."""
    return list(_misfits(value, {"$ref": schema}, schema))


def _misfits(value: Any, about: Mapping[str, Any], where: str) -> Iterator[str]:
    about = _schemas()[about["$ref"]] if "$ref" in about else about
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": int | float}
    if not isinstance(value, kinds[about["type"]]) or (isinstance(value, bool) and about["type"] != "boolean"):
        yield f"{where}: {value!r} is no {about['type']}"
    elif isinstance(value, dict):
        known = about.get("properties", {})
        for key, inner in value.items():
            if key not in known:
                yield f"{where}.{key} is unknown"
            else:
                yield from _misfits(inner, known[key], f"{where}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _misfits(inner, about["items"], f"{where}[{index}]")
    elif "enum" in about and value not in about["enum"]:
        yield f"{where}: {value!r} is none of {about['enum']}"
