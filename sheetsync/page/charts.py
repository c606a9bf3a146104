"""The charts of a tab, each drawn on the server: words as text, the plot as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sheetsync.page.api import Api, Area, Json, Visit, quoted
from sheetsync.picture.chart import Figure, figure
from sheetsync.picture.grid import chart_size
from sheetsync.picture.style import Palette
from sheetsync.picture.workbook import Workbook

_CHARTS = "sheets(properties(sheetId,title,gridProperties),charts)"
_DATA = (
    "properties(title,locale,defaultFormat,spreadsheetTheme),namedRanges(name,range),"
    "sheets(properties(sheetId,title,gridProperties),data(startRow,startColumn,"
    "rowData.values(formattedValue,effectiveValue,effectiveFormat),"
    "rowMetadata(pixelSize,hiddenByUser,hiddenByFilter),columnMetadata(pixelSize,hiddenByUser,hiddenByFilter)))"
)


def charts(visit: Visit, gid: int, language: str) -> list[dict[str, Any]]:
    """Each chart that lies over the tab: the cell it hangs on (`row`, `column`), `x` and `y` px from there, its size.

    `title`, `subtitle`, `message`, `score` and `change` are texts, `...Css` declarations, `keys` the legend
    ({`name`, `colour`, `mark`}) and `legend` its side, `svg` the plot or "".
    """
    api = Api(visit)
    sheets = api.get(_CHARTS)["sheets"]
    own = [each for sheet in sheets if sheet["properties"].get("sheetId", 0) == gid for each in sheet.get("charts", [])]
    placed = [chart for chart in own if "overlayPosition" in chart.get("position", {})]
    if not placed:
        return []
    tabs = {sheet["properties"].get("sheetId", 0): sheet["properties"] for sheet in sheets}
    ranges = sorted({_spelled(source, tabs) for source in _sources(placed) if source.get("sheetId", 0) in tabs})
    workbook = Workbook(api.get(_DATA, ranges or [quoted(tabs[gid]["title"]) + "!A1"]))
    palette = Palette(workbook.theme)
    return [_drawn(chart, workbook, palette, language) for chart in placed]


def _drawn(chart: Json, workbook: Workbook, palette: Palette, language: str) -> dict[str, Any]:
    position = chart["position"]["overlayPosition"]
    anchor, size = position.get("anchorCell", {}), chart_size(position)
    drawn = figure(chart, workbook, palette, size, language)
    place = {
        "row": anchor.get("rowIndex", 0),
        "column": anchor.get("columnIndex", 0),
        "x": position.get("offsetXPixels", 0),
        "y": position.get("offsetYPixels", 0),
        "width": size[0],
        "height": size[1],
    }
    return {**place, **_said(drawn)}


def _said(drawn: Figure) -> dict[str, Any]:
    return {
        "label": drawn.label,
        "title": drawn.title,
        "subtitle": drawn.subtitle,
        "css": drawn.css,
        "titleCss": drawn.title_css,
        "subtitleCss": drawn.subtitle_css,
        "legend": drawn.legend,
        "keys": [{"name": key.name, "colour": key.colour, "mark": key.mark} for key in drawn.keys],
        "message": drawn.message,
        "score": drawn.score,
        "change": drawn.change,
        "svg": str(drawn.plot or ""),
    }


def _spelled(source: Json, tabs: Json) -> str:
    properties = tabs[source.get("sheetId", 0)]
    grid = properties.get("gridProperties", {})
    area = Area(
        source.get("startRowIndex", 0),
        source.get("startColumnIndex", 0),
        source.get("endRowIndex", grid.get("rowCount", 1)),
        source.get("endColumnIndex", grid.get("columnCount", 1)),
    )
    return area.a1(properties["title"])


def _sources(chart: Any) -> Iterator[Json]:
    """The GridRanges that charts draw from."""
    if isinstance(chart, dict):
        if "startRowIndex" in chart or "startColumnIndex" in chart:
            yield chart
        for inner in chart.values():
            yield from _sources(inner)
    elif isinstance(chart, list):
        for inner in chart:
            yield from _sources(inner)
