"""The visible part of a tab: which rows and columns are drawn, where they stand, how each cell looks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from math import ceil

from sheetsync.picture.content import checkbox, formula
from sheetsync.picture.measure import fits, wrapped_lines
from sheetsync.picture.style import LINE, PAPER, Look, Looks, Palette
from sheetsync.picture.workbook import ROW_PIXELS, Area, Json, Sheet, Workbook


class Grid:
    """What is drawn of a tab. Rows and columns of the drawn grid are counted anew, without the hidden ones.

    `tops` and `lefts` are where they begin, in px, each with the end of the last one; the first `head` rows and
    `side` columns are frozen. `cells`, `look` and `fill` are by [row][column]; of a merge the first cell counts.
    """

    def __init__(self, workbook: Workbook, sheet: Sheet, palette: Palette) -> None:
        self.workbook, self.sheet, self.palette = workbook, sheet, palette
        self.looks = Looks(palette, workbook.default_format)
        self._plain = self.looks.of({})
        bottom, right = self._extent()
        self.rows = [row for row in range(bottom) if sheet.height(row)]
        self.columns = [column for column in range(right) if sheet.width(column)]
        self.widths = [sheet.width(column) for column in self.columns]
        self.lefts = [0, *accumulate(self.widths)]
        self.head = sum(row < sheet.frozen_rows for row in self.rows)
        self.side = sum(column < sheet.frozen_columns for column in self.columns)
        self.cells = [[sheet.cell(row, column) for column in self.columns] for row in self.rows]
        self.look = [[self._look(cell) for cell in row] for row in self.cells]
        self.fill = self._fills()
        self.spans = self._spans()
        self._keep_merges_whole()
        self.heights = [self._height(i) for i in range(len(self.rows))]
        self.tops = [0, *accumulate(self.heights)]

    def _extent(self) -> tuple[int, int]:
        """Rows and columns up to the last one that shows anything."""
        sheet = self.sheet
        bottom, right = max(1, sheet.frozen_rows), max(1, sheet.frozen_columns)
        for row, cells in sheet.rows.items():
            used = [column for column, cell in cells.items() if cell and sheet.width(column) and self._shows(cell)]
            if used:
                bottom, right = max(bottom, row + 1), max(right, used[-1] + 1)
        for area in sheet.merges():
            if self._shows(sheet.cell(area.top, area.left)):
                bottom, right = max(bottom, area.bottom), max(right, area.right)
        for position in chart_positions(sheet):
            bottom = max(bottom, _reach(position, "row", sheet.height, sheet.row_count))
            right = max(right, _reach(position, "column", sheet.width, sheet.column_count))
        return min(bottom, sheet.row_count), min(right, sheet.column_count)

    def _shows(self, cell: Json) -> bool:
        if cell.get("formattedValue") or cell.get("note") or formula(cell):
            return True
        look = self._look(cell)
        return bool(look.fill or any(look.borders))

    def _look(self, cell: Json) -> Look:
        shown = cell.get("effectiveFormat") or cell.get("userEnteredFormat")
        return self.looks.of(shown) if shown else self._plain

    def _fills(self) -> list[list[str]]:
        fills = [[look.fill for look in row] for row in self.look]
        for band in self.sheet.source.get("bandedRanges", ()):
            area = Area.of(band.get("range", {}), self.sheet.row_count, self.sheet.column_count)
            for i, row in enumerate(self.rows):
                for j, column in enumerate(self.columns):
                    inside = area.top <= row < area.bottom and area.left <= column < area.right
                    if inside and not fills[i][j] and not _painted(self.cells[i][j]):
                        fills[i][j] = self._band(band, area, row, column)
        return fills

    def _band(self, band: Json, area: Area, row: int, column: int) -> str:
        for key, place, last in (
            ("rowProperties", row - area.top, area.bottom - area.top - 1),
            ("columnProperties", column - area.left, area.right - area.left - 1),
        ):
            colours = band.get(key)
            if colours:
                header, footer = (self.palette.colour(colours, name) for name in ("headerColor", "footerColor"))
                if header and place == 0:
                    return header
                if footer and place == last:
                    return footer
                name = "secondBandColor" if (place - bool(header)) % 2 else "firstBandColor"
                return (self.palette.colour(colours, name) or "").replace(PAPER, "")
        return ""

    def _spans(self) -> dict[tuple[int, int], tuple[int, int] | None]:
        """(row, column) of the drawn grid -> (rows, columns) that a merge spans there; None where it covers."""
        spans: dict[tuple[int, int], tuple[int, int] | None] = {}
        for area in self.sheet.merges():
            rows = [i for i, row in enumerate(self.rows) if area.top <= row < area.bottom]
            columns = [j for j, column in enumerate(self.columns) if area.left <= column < area.right]
            if not rows or not columns:
                continue
            spans.update({(i, j): None for i in rows for j in columns})
            spans[rows[0], columns[0]] = (len(rows), len(columns))
            source = self.sheet.cell(area.top, area.left)
            self.cells[rows[0]][columns[0]] = source
            self.look[rows[0]][columns[0]] = self._look(source)
        return spans

    def _keep_merges_whole(self) -> None:
        """A frozen pane that would cut a merge ends before it."""
        for (i, j), span in self.spans.items():
            if span and i < self.head < i + span[0]:
                self.head = i
            if span and j < self.side < j + span[1]:
                self.side = j

    def _height(self, i: int) -> int:
        """The row's height; one of the default height fits its text, as Sheets does where nobody set a height."""
        given = self.sheet.height(self.rows[i])
        if given != ROW_PIXELS:
            return given
        return max(given, *(self._needed(i, j) for j in range(len(self.columns)) if (i, j) not in self.spans), 0)

    def _needed(self, i: int, j: int) -> int:
        look, text = self.look[i][j], str(self.cells[i][j].get("formattedValue", ""))
        if not text or look.rotation or look.stacked:
            return 0
        lines = text.count("\n") + 1
        if look.wrap == "WRAP":
            width = self.widths[j] - look.padding[1] - look.padding[3] - 1
            if not fits(text, look.size, width):
                lines = wrapped_lines(text, look.size, max(width, look.size), bold=look.bold)
        return ceil(lines * look.size * LINE) + look.padding[0] + look.padding[2] + 1

    def blank(self, i: int, j: int) -> bool:
        """Whether text may run over into this cell."""
        cell = self.cells[i][j]
        return (i, j) not in self.spans and not (
            cell.get("formattedValue") or formula(cell) or checkbox(cell) is not None
        )

    def spot(self, row: int, column: int) -> tuple[int, int]:
        """Where in the drawn grid (px from its left and top) a cell of the tab begins."""
        return self.lefts[bisect_left(self.columns, column)], self.tops[bisect_left(self.rows, row)]


def chart_positions(sheet: Sheet) -> Iterator[Json]:
    """The overlay positions of the tab's charts."""
    for chart in sheet.source.get("charts", ()):
        position = chart.get("position", {}).get("overlayPosition")
        if position:
            yield position


def chart_size(position: Json) -> tuple[int, int]:
    """Width and height of a chart in px; what isn't given is 600 x 371, as in Sheets."""
    return int(position.get("widthPixels", 600)), int(position.get("heightPixels", 371))


def _reach(position: Json, dimension: str, size: Callable[[int], int], count: int) -> int:
    """The row or column just past the end of an overlay."""
    axis, length = ("Y", chart_size(position)[1]) if dimension == "row" else ("X", chart_size(position)[0])
    rest = length + position.get(f"offset{axis}Pixels", 0)
    index: int = position.get("anchorCell", {}).get(dimension + "Index", 0)
    while rest > 0 and index < count:
        rest -= size(index)
        index += 1
    return index


def _painted(cell: Json) -> bool:
    entered = cell.get("userEnteredFormat", {})
    return "backgroundColor" in entered or "backgroundColorStyle" in entered
