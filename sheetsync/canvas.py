"""A page being drawn: cells put down by row and column, one ink, two greys, hairlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from sheetsync.model import PLAIN, Area, Cell, Page, Style

FONT = "Inter"
INK, GREY, FAINT, RULE = "#1b2733", "#6b7480", "#98a1ac", "#dde1e6"
BLUE, BLUE_FILL = "#0b6384", "#dcedf4"
ORANGE, ORANGE_FILL = "#a8480b", "#fde6d5"
OCHRE = "#c98a1b"

_USUAL_SIZE = 10  # points, as in any cell

Edge = tuple[Literal["SOLID", "SOLID_MEDIUM", "SOLID_THICK"], str]
HAIRLINE: Edge = ("SOLID", RULE)
LINE: Edge = ("SOLID", INK)


def colour(text: str) -> dict[str, Any]:
    """`#rrggbb` as a ColorStyle; three decimals tell 256 shades apart."""
    red, green, blue = (round(int(text[at : at + 2], 16) / 255, 3) for at in (1, 3, 5))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


@cache
def style(
    *,
    size: int = 10,
    bold: bool = False,
    ink: str = INK,
    fill: str = "",
    align: Literal["", "LEFT", "CENTER", "RIGHT"] = "",
    valign: Literal["", "TOP", "MIDDLE", "BOTTOM"] = "MIDDLE",
    number: tuple[str, str] | None = None,
    wrap: Literal["OVERFLOW_CELL", "CLIP", "WRAP"] = "OVERFLOW_CELL",
    top: Edge | None = None,
    bottom: Edge | None = None,
    left: Edge | None = None,
    inset: int = 0,
) -> Style:
    """A CellFormat, without what is so in any cell: 10 points, not bold, no `valign` (bottom), text that overflows.

    `size` in points; `number` is (type, pattern); `inset` is padding left and right, in pixels. No `ink` is black.
    """
    text = {
        "fontFamily": FONT,
        "fontSize": 0 if size == _USUAL_SIZE else size,
        "bold": bold,
        "foregroundColorStyle": ink and colour(ink),
    }
    fields: dict[str, Any] = {
        "textFormat": _set(text),
        "verticalAlignment": valign,
        "wrapStrategy": "" if wrap == "OVERFLOW_CELL" else wrap,
        "backgroundColorStyle": fill and colour(fill),
        "horizontalAlignment": align,
        "padding": {"top": 2, "right": inset, "bottom": 2, "left": inset} if inset else None,
        "numberFormat": {"type": number[0], "pattern": number[1]} if number else None,
        "borders": {
            side: {"style": edge[0], "colorStyle": colour(edge[1])}
            for side, edge in (("top", top), ("bottom", bottom), ("left", left))
            if edge
        },
    }
    return Style(_set(fields))


def _set(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are set."""
    return {name: value for name, value in fields.items() if value}


@cache
def lean(
    *,
    number: tuple[str, str] | None = None,
    ink: str = "",
    bold: bool = False,
    wrap: Literal["", "CLIP", "WRAP"] = "",
    top: bool = False,
) -> Style:
    """A CellFormat that says only what is named, for tables of thousands of rows; `top` aligns to the top."""
    fields: dict[str, Any] = {}
    if number:
        fields["numberFormat"] = {"type": number[0], "pattern": number[1]}
    if ink or bold:
        fields["textFormat"] = ({"foregroundColorStyle": colour(ink)} if ink else {}) | ({"bold": True} if bold else {})
    if wrap:
        fields["wrapStrategy"] = wrap
    if top:
        fields["verticalAlignment"] = "TOP"
    return Style(fields)


@dataclass(slots=True)
class Canvas:
    """Cells by (row, column), 0-based; `row` is where the next block starts."""

    columns: int
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    named: dict[str, Area] = field(default_factory=dict)
    heights: dict[int, int] = field(default_factory=dict)
    row: int = 0

    def put(
        self,
        row: int,
        column: int,
        value: Any,
        look: Style = PLAIN,
        *,
        span: int = 1,
        note: str = "",
        stamp: bool = False,
    ) -> None:
        """Writes one cell; `span` merges it with the cells to its right, which take its look."""
        for offset in range(1, span):
            self.cells[row, column + offset] = Cell(None, look)
        self.cells[row, column] = Cell(value, look, note, stamp)
        if span > 1:
            self.merges.append(Area(row, column, row + 1, column + span))

    def underline(self, row: int, columns: range, edge: Edge) -> None:
        """Draws a line under the cells of a row, and keeps what they hold."""
        for column in columns:
            cell = self.cells.get((row, column), Cell())
            borders = dict(cell.style.fields.get("borders", {}))  # type: ignore[call-overload]  # object by design
            borders["bottom"] = {"style": edge[0], "colorStyle": colour(edge[1])}
            self.cells[row, column] = replace(cell, style=Style({**cell.style.fields, "borders": borders}))

    def name(self, block: str, top: int, bottom: int, *, left: int = 0, right: int) -> None:
        """Gives a block its named range (`sheetsync_<block>`); ends exclusive."""
        self.named[block] = Area(top, left, bottom, right)

    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """All rows from the first; each as long as its last cell that holds or shows something."""
        blank = Cell()
        last: dict[int, int] = {}
        for row, column in self.cells:
            last[row] = max(last.get(row, -1), column)
        bottom = max(last, default=-1)
        return tuple(
            tuple(self.cells.get((row, column), blank) for column in range(last.get(row, -1) + 1))
            for row in range(bottom + 1)
        )

    def page(self, page_id: str, title: str, sheet_id: int, **rest: Any) -> Page:
        """The finished page."""
        return Page(
            page_id,
            title,
            sheet_id,
            self.rows(),
            self.columns,
            merges=tuple(self.merges),
            named=self.named,
            row_heights=self.heights,
            **rest,
        )


def rule(areas: list[Area], formula: str, look: Mapping[str, Any]) -> dict[str, Any]:
    """A conditional format by a formula that is written for the first area's top left cell."""
    ranges = [area.grid() for area in areas]
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    return {"ranges": ranges, "booleanRule": {"condition": condition, "format": dict(look)}}


def gradient(areas: list[Area], most: str) -> dict[str, Any]:
    """A conditional format from white at 0 to the colour `most` at the largest number of the areas."""
    ranges = [area.grid() for area in areas]
    least = {"colorStyle": colour("#ffffff"), "type": "NUMBER", "value": "0"}
    return {
        "ranges": ranges,
        "gradientRule": {"minpoint": least, "maxpoint": {"colorStyle": colour(most), "type": "MAX"}},
    }
