"""What the page has to know of a spreadsheet and of one of its tabs before any cell: names, sizes, panes, merges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sheetsync.page.api import Api, Json, Visit, quoted
from sheetsync.picture.style import Palette

ROW, COLUMN = 21, 100
_BOOK = "properties(title,locale,spreadsheetTheme),sheets.properties(sheetId,title,hidden,sheetType,tabColorStyle)"
_SIZES = "pixelSize,hiddenByUser,hiddenByFilter"
_TAB = (
    "sheets(properties(sheetId,title,gridProperties),merges,charts.chartId,"
    f"data(rowMetadata({_SIZES}),columnMetadata({_SIZES})))"
)


def book(visit: Visit) -> dict[str, Any]:
    """`title`, `locale`, `revision`, and `tabs`: each `id`, `title`, `hidden`, `colour` ("" for none)."""
    revision = visit.revision()
    found = Api(visit).get(_BOOK)
    palette = Palette(found["properties"].get("spreadsheetTheme", {}))
    tabs = [_named(sheet["properties"], palette) for sheet in found["sheets"] if _is_grid(sheet["properties"])]
    properties = found["properties"]
    return {"title": properties["title"], "locale": properties["locale"], "revision": revision, "tabs": tabs}


def _is_grid(properties: Json) -> bool:
    return bool(properties.get("sheetType", "GRID") == "GRID")


def _named(properties: Json, palette: Palette) -> dict[str, Any]:
    return {
        "id": properties.get("sheetId", 0),
        "title": properties["title"],
        "hidden": properties.get("hidden", False),
        "colour": palette.colour(properties, "tabColor") or "",
    }


def tab(visit: Visit, gid: int) -> dict[str, Any]:
    """One tab: the size of its grid, its frozen panes, its merges, and where rows and columns differ in size.

    `heights` and `widths` are runs of [first, past the last, px]; 0 px is hidden. Merges are
    [top, left, bottom, right].
    """
    revision = visit.revision()
    api = Api(visit)
    properties = api.tab(gid)
    (sheet,) = api.get(_TAB, [quoted(properties["title"])])["sheets"]
    grid = properties["gridProperties"]
    rows, columns = grid["rowCount"], grid["columnCount"]
    data = sheet.get("data", [{}])[0]
    return {
        "id": gid,
        "title": properties["title"],
        "revision": revision,
        "rows": rows,
        "columns": columns,
        "frozenRows": grid.get("frozenRowCount", 0),
        "frozenColumns": grid.get("frozenColumnCount", 0),
        "gridlines": not grid.get("hideGridlines", False),
        "heights": list(_runs(data.get("rowMetadata", []), ROW)),
        "widths": list(_runs(data.get("columnMetadata", []), COLUMN)),
        "merges": [_bounds(merge, rows, columns) for merge in sheet.get("merges", [])],
        "charts": len(sheet.get("charts", [])),
    }


def _runs(sizes: Sequence[Json], default: int) -> Iterator[list[int]]:
    """Neighbours of the same size together; those of the default size are left out."""
    run: list[int] = []
    for index, each in enumerate(sizes):
        hidden = each.get("hiddenByUser") or each.get("hiddenByFilter")
        size = 0 if hidden else int(each.get("pixelSize", default))
        if run and run[2] == size:
            run[1] = index + 1
        else:
            if run and run[2] != default:
                yield run
            run = [index, index + 1, size]
    if run and run[2] != default:
        yield run


def _bounds(span: Json, rows: int, columns: int) -> list[int]:
    start = span.get("startRowIndex", 0), span.get("startColumnIndex", 0)
    return [*start, span.get("endRowIndex", rows), span.get("endColumnIndex", columns)]
