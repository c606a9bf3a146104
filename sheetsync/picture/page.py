"""The whole page: one tab as HTML that needs nothing from anywhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from sheetsync.picture.chart import figure
from sheetsync.picture.content import Link, harmless
from sheetsync.picture.grid import Grid, chart_size
from sheetsync.picture.style import Palette, StyleSheet, declarations
from sheetsync.picture.table import Overlay, Painter, Table
from sheetsync.picture.words import words
from sheetsync.picture.workbook import Json, Sheet, Workbook

FIELDS = (
    "spreadsheetUrl,"
    "properties(title,locale,defaultFormat,spreadsheetTheme),"
    "namedRanges(name,range),"
    "sheets("
    "properties(sheetId,title,hidden,gridProperties),"
    "data(startRow,startColumn,"
    "rowData.values(formattedValue,effectiveValue,userEnteredValue.formulaValue,effectiveFormat,"
    "userEnteredFormat(backgroundColor,backgroundColorStyle),note,hyperlink,textFormatRuns,"
    "dataValidation(condition,showCustomUi)),"
    "rowMetadata(pixelSize,hiddenByUser,hiddenByFilter),"
    "columnMetadata(pixelSize,hiddenByUser,hiddenByFilter)),"
    "merges,charts,bandedRanges(range,rowProperties,columnProperties))"
)
"""The `fields` that a `spreadsheets.get` for `page` needs (with `includeGridData`, or `ranges`, or both)."""

_PAPER = 975  # px across a landscape sheet of A4 or Letter, within 10 mm margins
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def page(
    spreadsheet: Json,
    sheet_id: int | None = None,
    language: str = "en",
    *,
    address: str | None = None,
    pointers: Collection[str] = (),
) -> str:
    """One tab as a self-contained HTML page.

    `spreadsheet` is the answer of `spreadsheets.get` with at least `FIELDS`; tabs that charts and sparklines
    draw from must be in it too. `sheet_id` picks the tab; the default is the first visible one with data.
    Values and formats are drawn as Google computed them: conditional formats come through `effectiveFormat`,
    their rules are not looked at. The same input gives the same text. Raises LookupError for an unknown tab.

    `address` is for a page that a server draws: the tab with the id N is at `address?gid=N` there ("" is the page's
    own address), so tabs and links between them lead to it, and each row can be pointed at as `#rN`.
    Without it links to other tabs lead to the `spreadsheetUrl`, where that is one. Else they are plain text: without
    the arrow that it may end with, and quiet where it had one; nothing at all if it is one of the `pointers`, which
    say nothing but where to go.
    """
    workbook = Workbook(spreadsheet)
    sheet = workbook.sheet(sheet_id)
    palette, styles = Palette(workbook.theme), StyleSheet()
    grid = Grid(workbook, sheet, palette)
    said = words(language)
    overlays = list(_overlays(grid, palette, language))
    href = _Href(workbook, sheet, address)
    table = Painter(grid, styles, overlays, href.leads, pointers, pointed_at=address is not None).table()
    tabs = [each for each in workbook.sheets if (each.has_data or address is not None) and not each.hidden]
    tag = language.replace("_", "-")
    return _template().render(
        language=tag if _LANGUAGE.fullmatch(tag) else "en",
        title=_title(workbook, sheet),
        workbook=workbook,
        sheet=sheet,
        sheet_title=harmless(sheet.title),
        tabs=[(harmless(tab.title), tab is sheet, href.tab(tab.id)) for tab in tabs] if len(tabs) > 1 else [],
        table=table,
        words=said,
        css=Markup(_css() + _own_css(table, grid) + styles.css()),  # noqa: S704 made of numbers and checked names
        href=href,
    )


def _title(workbook: Workbook, sheet: Sheet) -> str:
    return harmless(" · ".join(part for part in (sheet.title, workbook.title) if part))


class _Href:
    """Where a link leads from this page: another tab is at the server's, else only to be found in the spreadsheet."""

    def __init__(self, workbook: Workbook, sheet: Sheet, address: str | None) -> None:
        url = workbook.url.split("#")[0]
        self._elsewhere = url if re.match(r"https?://", url) else ""
        self._workbook, self._here, self._address = workbook, sheet, address
        self._apart = address is not None or bool(self._elsewhere)

    def tab(self, sheet_id: int) -> str:
        """The tab's page; "" where there is none."""
        return "" if self._address is None else f"{self._address}?gid={sheet_id}"

    def leads(self, link: Link) -> bool:
        """Whether the link leads anywhere from this page."""
        if link.outside or self._apart:
            return True
        return link.gid == self._here.id and self._workbook.resolve(link.cells or "A1", self._here) is not None

    def __call__(self, link: Link) -> str:
        elsewhere = self._apart and not link.outside and (link.gid != self._here.id or not link.cells)
        if elsewhere and self._address is not None:
            row = re.search(r"[0-9]+", link.cells)
            return self.tab(link.gid or 0) + (f"#r{row[0]}" if row else "")
        return self._elsewhere + link.href if elsewhere else link.href


def _overlays(grid: Grid, palette: Palette, language: str) -> list[Overlay]:
    overlays = []
    for chart in grid.sheet.source.get("charts", ()):
        position = chart.get("position", {}).get("overlayPosition")
        if not position:
            continue
        anchor = position.get("anchorCell", {})
        x, y = grid.spot(anchor.get("rowIndex", 0), anchor.get("columnIndex", 0))
        width, height = chart_size(position)
        drawn = figure(chart, grid.workbook, palette, (width, height), language)
        x, y = x + int(position.get("offsetXPixels", 0)), y + int(position.get("offsetYPixels", 0))
        overlays.append(Overlay(x, y, width, height, drawn))
    return overlays


def _own_css(table: Table, grid: Grid) -> str:
    """The rules that depend on this tab's sizes."""
    frozen = [f".f{j}{{left:{grid.lefts[j]}px;z-index:{10 - min(j, 7)}}}" for j in range(grid.side)]
    if grid.side:
        frozen.append(f".f{grid.side - 1}{{box-shadow:1px 0 var(--edge)}}")
    default = declarations(grid.looks.of({}).text().items())
    return "\n".join(
        (
            f"table{{width:{table.width}px;{default}}}",
            f":root{{--side:{table.frozen_width}px;--head:{table.frozen_height}px}}",
            *frozen,
            f"@media (min-width:{table.width + 50}px)"
            "{html{scroll-padding-top:var(--head)}body{display:block;height:auto}.pane{overflow:visible}"
            ".grid{padding-top:12px}}",
            f"@media (max-width:{round(table.frozen_width * 1.6)}px){{.f{{position:static}}}}",
            f"@media (max-height:{table.frozen_height * 2}px){{thead{{position:static}}}}",
            f"@media print{{.grid{{zoom:{min(1.0, _PAPER / max(1, table.width)):.4f}}}}}",
            "",
        )
    )


@cache
def _css() -> str:
    return (files("sheetsync.picture") / "page.css").read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sheetsync.picture", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
