"""A picture of a tab: grid data in, self-contained HTML out, as a file or as the page of `serve`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sheetsync import layout, picture
from sheetsync.errors import LayoutError, UsageError
from sheetsync.google import Workbook
from sheetsync.schema import Settings
from sheetsync.settings import Place

_TABS = "sheets(properties(sheetId,title,hidden,gridProperties),charts)"


def export(
    settings: Settings,
    place: Place,
    tab: str,
    output: Path | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Draws a tab, named by its title or by its id (`dashboard`, `history` ...), into an HTML file.

    `output` defaults to `<tab>.html` here. Raises LayoutError where there is no such tab, UsageError where the file
    can't be written, AccessError and ServiceError as reading does.
    """
    with Workbook.at(place, settings.workbook.credentials) as book:
        progress("reading the tab")
        spreadsheet = book.metadata()
        sheet = _sheet(settings, spreadsheet, tab)
        grid = book.grid(picture.FIELDS, [layout.quoted(str(sheet["title"]))])
    progress("drawing")
    if place.kind == "local":
        grid["spreadsheetUrl"] = ""  # a file has no address that a link could lead to
    address = f"{place.base}/spreadsheets/d/{place.key}" if place.kind == "loopback" else None
    html = picture.page(grid, int(sheet.get("sheetId", 0)), settings.workbook.language, address=address)
    target = output or Path((re.sub(r"[^\w.-]+", "-", tab).strip(".-") or "tab") + ".html")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"the file can't be written ({error.strerror})", where=str(target), remedy="Name another one with --output."
        ) from error
    return target


def _sheet(settings: Settings, spreadsheet: Mapping[str, Any], tab: str) -> Mapping[str, Any]:
    sheets = list(spreadsheet.get("sheets", []))
    own = layout.own_tabs(settings, sheets)
    if tab in own:
        return dict(own[tab]["properties"])
    for sheet in sheets:
        if str(sheet["properties"]["title"]).casefold() == tab.casefold():
            return dict(sheet["properties"])
    titles = ", ".join(f"“{sheet['properties']['title']}”" for sheet in sheets)
    own_tab = tab in layout.OWN_IDS
    raise LayoutError(
        f"there is no tab “{tab}”; there is {titles}",
        remedy="Run `sheetsync init` and `sheetsync sync`: they make it."
        if own_tab
        else "Name one of these with --tab.",
    )


def served(language: str) -> Callable[[Any, str, int | None], str]:
    """How `serve` draws a spreadsheet's page: any tab by `?gid=`, tabs and links leading to each other.

    `language` is that of the page's own few words.
    """

    def page(workbooks: Any, key: str, sheet_id: int | None) -> str:
        def ask(fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
            query = [("fields", fields), *(("ranges", title) for title in ranges)]
            answer = workbooks.handle("GET", f"/v4/spreadsheets/{key}", query, b"", account=None)
            return dict(json.loads(answer.body))

        sheets = ask(_TABS)["sheets"]
        shown = _shown(sheets, sheet_id)
        wanted = {_id(shown), *_sources(shown.get("charts", []))}
        titles = [layout.quoted(sheet["properties"]["title"]) for sheet in sheets if _id(sheet) in wanted]
        drawn = ask(picture.FIELDS, titles)
        filled = {_id(sheet): sheet for sheet in drawn["sheets"]}
        tabs = [filled.get(_id(sheet), {"properties": sheet["properties"]}) for sheet in sheets]
        return picture.page({**drawn, "sheets": tabs}, _id(shown), language, address="")

    return page


def _shown(sheets: Sequence[Mapping[str, Any]], sheet_id: int | None) -> Mapping[str, Any]:
    """The tab that is asked for; where there is none such, the Dashboard's, else the first that is not hidden."""
    wanted = [sheet for sheet in sheets if _id(sheet) == sheet_id]
    dashboard = [sheet for sheet in sheets if _id(sheet) == layout.OWN_IDS["dashboard"]]
    visible = [sheet for sheet in sheets if not sheet["properties"].get("hidden")]
    return [*wanted, *dashboard, *visible][0]


def _id(sheet: Mapping[str, Any]) -> int:
    return int(sheet["properties"].get("sheetId", 0))


def _sources(charts: Any) -> Iterator[int]:
    """The ids of the tabs that charts draw from."""
    if isinstance(charts, Mapping):
        if "startRowIndex" in charts or "startColumnIndex" in charts:
            yield int(charts.get("sheetId", 0))
        for inner in charts.values():
            yield from _sources(inner)
    elif isinstance(charts, list):
        for inner in charts:
            yield from _sources(inner)
