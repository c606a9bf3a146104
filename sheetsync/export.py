"""What is to be seen of a workbook outside of Google: a picture of a tab as a file, and the page of `serve`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sheetsync import layout, picture
from sheetsync.errors import LayoutError, UsageError
from sheetsync.google import Workbook
from sheetsync.page import Pages
from sheetsync.schema import Settings
from sheetsync.settings import Place
from sheetsync.texts import Texts


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
    with Workbook.at(place, settings.workbook.credentials, settings.workbook.request_deadline) as book:
        progress("reading the tab")
        spreadsheet = book.metadata()
        sheet = _sheet(settings, spreadsheet, tab)
        grid = book.grid(picture.FIELDS, [layout.quoted(str(sheet["title"]))])
    progress("drawing")
    if place.kind == "local":
        grid["spreadsheetUrl"] = ""  # a file has no address that a link could lead to
    address = f"{place.base}/spreadsheets/d/{place.key}" if place.kind == "loopback" else None
    html = picture.page(
        grid,
        int(sheet.get("sheetId", 0)),
        settings.workbook.language,
        address=address,
        pointers=[Texts(settings.workbook.language)("show them →")],
    )
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


def served(language: str) -> Pages:
    """What `serve` shows of a spreadsheet: a page for people to fill in, which begins with the Dashboard.

    `language` is that of the page's own few words.
    """
    return Pages(language, first=layout.OWN_IDS["dashboard"])
