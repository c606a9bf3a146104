"""The managers' tabs as they should be: headers, dropdowns, formats, and highlighting while somebody types.

What is missing is added, what is ours and outdated is put right, and what people typed, formatted or noted themselves
stays. Dropdowns take their values from the Guide's lists by range, and the highlighting looks names up there too: the
lists may be longer than the 500 values a dropdown can hold itself, and follow the configuration without another `init`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sheetsync import columns, layout
from sheetsync.entry import tabs
from sheetsync.entry.lists import Lists
from sheetsync.entry.preparation import Preparation, Request
from sheetsync.model import Page
from sheetsync.schema import Settings

__all__ = ["CELLS", "headers", "ranges", "requests"]

CELLS = (
    "sheets(properties(sheetId),data(startRow,startColumn,"
    "rowData(values(userEnteredValue,effectiveValue,note,userEnteredFormat(numberFormat),dataValidation))))"
)
"""The field mask to read the cells of `ranges` with."""

_SEEN = columns.DEPTH + 1  # rows that are read from the top: any header, and a row below it


def ranges(settings: Settings, spreadsheet: Mapping[str, Any]) -> list[str]:
    """What has to be read (with `CELLS`) before `requests`: of each managers' tab the first rows and the last one, in
    A1 notation; of a workbook with nothing but one tab of nobody's, that tab. May be empty."""
    there = tabs.there(settings, spreadsheet)
    asked = []
    for sheet in there:
        title, rows = layout.quoted(str(sheet["properties"]["title"])), tabs.size(sheet)[0]
        asked.append(f"{title}!1:{min(_SEEN, rows)}")
        if rows > _SEEN:
            asked.append(f"{title}!{rows}:{rows}")
    lone = tabs.lone(settings, spreadsheet)
    return asked + ([layout.quoted(str(lone["properties"]["title"]))] if lone else [])


def requests(
    settings: Settings, spreadsheet: Mapping[str, Any], cells: Mapping[str, Any], guide: Page
) -> list[Request]:
    """The batchUpdate requests that make the managers' tabs as they should be; none where they are.

    `spreadsheet` is its metadata JSON (properties, sheets with conditionalFormats, merges and protectedRanges),
    `cells` the answer for `ranges` ({} where there were none), `guide` the Guide that the dropdowns point to: it must
    exist when the requests are applied. No request changes a value that somebody typed. Raises LayoutError where a
    tab holds something and no header.
    """
    planned: list[Request] = []
    for tab in _planned(settings, spreadsheet, cells):
        planned += Preparation(settings, tab, Lists(guide)).requests()
    return planned


def headers(settings: Settings, spreadsheet: Mapping[str, Any], cells: Mapping[str, Any]) -> list[tabs.Header]:
    """Where the columns of the tabs that are there stand once `requests` are applied, if nobody moves them meanwhile.

    Of the blank tab of a new workbook nothing is said. Raises LayoutError as `requests` does.
    """
    names = settings.workbook.columns
    return [
        tabs.Header(tab.kind, tab.title, tab.sheet_id, tab.header, tab.places, names)
        for tab in _planned(settings, spreadsheet, cells)
        if tab.sheet is not None and not tab.renamed
    ]


def _planned(settings: Settings, spreadsheet: Mapping[str, Any], cells: Mapping[str, Any]) -> Iterator[tabs.Tab]:
    read = {int(sheet["properties"].get("sheetId", 0)): tabs.Cells.of(sheet) for sheet in cells.get("sheets", [])}
    if (
        unread := {int(sheet["properties"].get("sheetId", 0)) for sheet in tabs.there(settings, spreadsheet)}
        - read.keys()
    ):
        raise ValueError(f"the cells of the tabs {unread} were not read; ask for `ranges` first")
    return tabs.planned(settings, spreadsheet, read)
