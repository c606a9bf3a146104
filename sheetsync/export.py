"""A picture of a tab as a file: grid data in, self-contained HTML out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sheetsync import layout, picture
from sheetsync.errors import ConfigError, LayoutError, UsageError
from sheetsync.google import Workbook
from sheetsync.schema import Settings
from sheetsync.settings import Place, load


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
    with Workbook.open(
        place.kind, key=place.key, base=place.base, path=place.path, credentials=Path(settings.workbook.credentials)
    ) as book:
        progress("reading the tab")
        sheet = _sheet(settings, book.metadata(), tab)
        grid = book.grid(picture.FIELDS, [layout.quoted(str(sheet["title"]))])
    progress("drawing")
    html = picture.page(grid, int(sheet.get("sheetId", 0)), settings.workbook.language)
    target = output or Path(f"{tab}.html")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8")
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
    raise LayoutError(
        f"there is no tab “{tab}”", remedy=f"There is: {titles}. Run `sheetsync init` and `sheetsync sync`."
    )


def served(config: Path) -> Callable[[Any, str, int | None], str]:
    """How `serve` draws a spreadsheet's page: in the configuration's language where there is one, else in English."""

    def page(workbooks: Any, key: str, sheet_id: int | None) -> str:
        query = [("fields", picture.FIELDS)]
        answer = workbooks.handle("GET", f"/v4/spreadsheets/{key}", query, b"", account=None)
        return picture.page(json.loads(answer.body), sheet_id, language)

    try:
        language = load(config).workbook.language
    except ConfigError:
        language = "en"
    return page
