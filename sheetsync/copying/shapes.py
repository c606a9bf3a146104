"""A spreadsheet's JSON as a copy needs it: what is asked of the source, what is said once, what is written of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

Json = dict[str, Any]
OBJECTS = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "protectedRanges",
    "basicFilter",
    "charts",
    "bandedRanges",
    "developerMetadata",
    "rowGroups",
    "columnGroups",
    "slicers",
    "tables",
)
SKELETON = (
    "properties,namedRanges,developerMetadata,dataSources(dataSourceId),"
    f"sheets(properties,{','.join(name for name in OBJECTS)})"
)
"""Field mask of all that a spreadsheet is beside its cells."""

_PLACES = ("range", "namedRangeId", "tableId")
_CHANNELS = frozenset(("red", "green", "blue", "alpha"))


@dataclass(frozen=True, slots=True)
class Item:
    """One request of a copy: what it carries and of which tab ("" for the spreadsheet), to be named where it is
    refused. What is `needed` can't be left out."""

    tab: str
    what: str
    request: Json
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was not carried over: of which tab ("" for the spreadsheet), what, and why."""

    tab: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{f'“{self.tab}”, ' if self.tab else ''}{self.what}: {self.why}"


def lean(value: Any) -> Any:
    """A copy in which each colour stands once: Google gives `...Color` and `...ColorStyle`, and heeds the style."""
    if isinstance(value, list):
        return [lean(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: lean(item) for name, item in value.items() if f"{name}Style" not in value or not _colour(name)}


def _colour(name: str) -> bool:
    return name.lower().endswith("color")


def comparable(value: Any) -> Any:
    """A copy without what Google may say or leave out as it likes: zeros and blanks; colours have 256 steps."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    walked = {name: comparable(item) for name, item in value.items()}
    return {
        name: round(item * 255) if name in _CHANNELS and isinstance(item, int | float) else item
        for name, item in walked.items()
        if item or isinstance(item, dict | list)
    }


def sheet_id(sheet: Mapping[str, Any]) -> int:
    """The id of a tab; Google leaves 0 out."""
    return int(sheet["properties"].get("sheetId", 0))


def title(sheet: Mapping[str, Any]) -> str:
    """What the tab is called."""
    return str(sheet["properties"]["title"])


def is_grid(sheet: Mapping[str, Any]) -> bool:
    """Whether the tab has cells."""
    return bool(sheet["properties"].get("sheetType", "GRID") == "GRID")


def fingerprint(skeleton: Mapping[str, Any]) -> str:
    """Says whether a source still has the tabs and objects that it had; who may edit what is not looked at."""
    tabs = [
        {**sheet, "protectedRanges": [protection(item) for item in sheet.get("protectedRanges", [])]}
        for sheet in skeleton["sheets"]
    ]
    told = orjson.dumps({**skeleton, "sheets": tabs}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(told).hexdigest()[:12]


def protection(item: Mapping[str, Any]) -> Json:
    """A protected range without the people."""
    return {name: value for name, value in item.items() if name not in ("editors", "requestingUserCanEdit")}


def bands(sheet: Mapping[str, Any]) -> Iterator[Json]:
    """The banded ranges that are not the other face of a table."""
    tables = [table.get("range") for table in sheet.get("tables", [])]
    for item in sheet.get("bandedRanges", []):
        if "bandedRangeId" in item and item.get("range") not in tables:
            yield item


def one_place(item: Mapping[str, Any]) -> Json:
    """An object with one of table, named range and range: Google gives all, and takes one."""
    held = next((name for name in reversed(_PLACES) if item.get(name)), "range")
    return {name: value for name, value in item.items() if name not in _PLACES or name == held}


def filtering(item: Mapping[str, Any]) -> Json:
    """A filter whose criteria stand once, by column."""
    twice = "filterSpecs" in item
    return one_place({name: value for name, value in item.items() if name != "criteria" or not twice})


def metadata(item: Mapping[str, Any]) -> Json:
    """Developer metadata as it may be written."""
    location = {name: value for name, value in item.get("location", {}).items() if name != "locationType"}
    return {**item, "location": location}
