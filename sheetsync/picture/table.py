"""One tab as a table ready for the template: visible rows of cells with their classes, spans, and what overlies them.

Follows what Sheets draws. A line between two cells belongs to the upper or left one and takes a pixel of it;
text runs over into empty neighbours; frozen panes end at their line, and what runs across it is drawn again beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from markupsafe import Markup

from sheetsync.picture import numberformat
from sheetsync.picture.content import (
    Kind,
    Link,
    Run,
    cell_link,
    checkbox,
    dropdown,
    formula,
    harmless,
    kind,
    runs,
)
from sheetsync.picture.measure import SAFE, fits, text_width
from sheetsync.picture.sparkline import sparkline
from sheetsync.picture.style import (
    GRIDLINE,
    INK,
    LINE,
    LINK,
    Edge,
    Look,
    Looks,
    Palette,
    StyleSheet,
    declarations,
)
from sheetsync.picture.workbook import Area, Json, Sheet, Workbook, number

_ALIGN: Mapping[Kind, str] = {
    "number": "right",
    "boolean": "center",
    "error": "center",
    "text": "left",
    "empty": "left",
}
_GRID = Edge(1, "solid", GRIDLINE)
_NO_EDGES: tuple[None, None] = (None, None)


@dataclass(slots=True)
class Cell:
    """A cell as the template writes it. CSS classes are in `css`; `box` is the class of an inner block, if one is needed."""

    css: str
    text: str = ""
    heading: str = ""
    colspan: int = 1
    rowspan: int = 1
    box: str | None = None
    runs: Sequence[Run] = ()
    link: Link | None = None
    drawing: Markup | None = None
    checked: bool | None = None
    note: str = ""
    note_css: str = ""
    error: str = ""
    spill: str = ""
    spilt: str = ""
    anchors: list[str] = field(default_factory=list)
    figures: list[Placed] = field(default_factory=list)

    @property
    def rich(self) -> bool:
        """Whether more than plain text stands in it."""
        return bool(
            self.box is not None or self.runs or self.link or self.drawing or self.note or self.spilt or self.figures
        ) or (self.checked is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the class with its height, and its cells."""

    css: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Body:
    """Rows that belong together on paper, where `keep` (a chart lies over them)."""

    keep: bool
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Placed:
    """A chart and where it lies: `css` is the class with its place relative to the cell that carries it."""

    css: str
    figure: Any


@dataclass(frozen=True, slots=True)
class Table:
    """The whole tab. Sizes in px."""

    width: int
    columns: list[str]
    head: list[Row]
    bodies: list[Body]
    frozen_width: int
    frozen_height: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """Something that lies over the grid: at px (x, y) of the drawn grid, `width` x `height` px."""

    x: int
    y: int
    width: int
    height: int
    figure: Any


class Grid:
    """The visible part of a tab: which rows and columns are drawn, where they stand, and how each cell looks."""

    def __init__(self, workbook: Workbook, sheet: Sheet, palette: Palette) -> None:
        self.workbook, self.sheet, self.palette = workbook, sheet, palette
        self.looks = Looks(palette, workbook.default_format)
        self._plain = self.looks.of({})
        bottom, right = self._extent()
        self.rows = [row for row in range(bottom) if sheet.height(row)]
        self.columns = [column for column in range(right) if sheet.width(column)]
        self.heights = [sheet.height(row) for row in self.rows]
        self.widths = [sheet.width(column) for column in self.columns]
        self.tops = [0, *accumulate(self.heights)]
        self.lefts = [0, *accumulate(self.widths)]
        self.head = sum(row < sheet.frozen_rows for row in self.rows)
        self.side = sum(column < sheet.frozen_columns for column in self.columns)
        self.cells = [[sheet.cell(row, column) for column in self.columns] for row in self.rows]
        self.look = [[self._look(cell) for cell in row] for row in self.cells]
        self.fill = self._fills()
        self.spans = self._spans()
        self._keep_merges_whole()

    def _extent(self) -> tuple[int, int]:
        """Rows and columns up to the last one that shows anything."""
        sheet = self.sheet
        bottom, right = max(1, sheet.frozen_rows), max(1, sheet.frozen_columns)
        for row, cells in sheet.rows.items():
            used = [column for column, cell in cells.items() if cell and self._shows(cell)]
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
                return (self.palette.colour(colours, name) or "").replace("#ffffff", "")
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

    def blank(self, i: int, j: int) -> bool:
        """Whether text may run over into this cell."""
        cell = self.cells[i][j]
        return (i, j) not in self.spans and not (
            cell.get("formattedValue") or formula(cell) or checkbox(cell) is not None
        )

    def spot(self, row: int, column: int) -> tuple[int, int]:
        """Where in the drawn grid (px from its left and top) a cell of the tab begins."""
        x = sum(self.sheet.width(each) for each in range(column))
        y = sum(self.sheet.height(each) for each in range(row))
        return x, y


def chart_positions(sheet: Sheet) -> Iterator[Json]:
    """The overlay positions of the tab's charts."""
    for chart in sheet.source.get("charts", ()):
        position = chart.get("position", {}).get("overlayPosition")
        if position:
            yield position


def chart_size(position: Json) -> tuple[int, int]:
    """Width and height of a chart in px; what isn't given is 600 x 371, as in Sheets."""
    return int(position.get("widthPixels", 600)), int(position.get("heightPixels", 371))


def _reach(position: Json, dimension: str, size: Any, count: int) -> int:
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


class Painter:
    """Turns a grid into a table, collecting CSS classes in `styles`."""

    def __init__(self, grid: Grid, styles: StyleSheet, overlays: Sequence[Overlay]) -> None:
        self._grid, self._styles, self._overlays = grid, styles, overlays
        self._classes: dict[tuple[object, ...], str] = {}
        self._plain = grid.looks.of({}).text()
        self._lines: dict[tuple[int, int, str], Edge] = {}
        self._spilt: dict[tuple[int, int], tuple[str, str]] = {}

    def table(self) -> Table:
        """The table, whole."""
        grid = self._grid
        rows, placed = [], {}
        for i, height in enumerate(grid.heights):
            cells = {j: self._cell(i, j) for j in range(len(grid.columns)) if grid.spans.get((i, j), True)}
            placed.update({(i, j): cell for j, cell in cells.items()})
            rows.append(Row(self._styles.name(f"height:{height}px"), list(cells.values())))
        for (i, j), (css, text) in self._spilt.items():
            placed[i, j].spill, placed[i, j].spilt = css, text
        for overlay in self._overlays:
            self._place(overlay, placed)
        self._set_anchors(placed)
        return Table(
            width=grid.lefts[-1],
            columns=[self._styles.name(f"width:{width}px") for width in grid.widths],
            head=rows[: grid.head],
            bodies=self._bodies(rows),
            frozen_width=grid.lefts[grid.side],
            frozen_height=grid.tops[grid.head],
        )

    # One cell

    def _cell(self, i: int, j: int) -> Cell:
        grid = self._grid
        source = grid.cells[i][j]
        span = grid.spans.get((i, j)) or (1, 1)
        look, sort = grid.look[i][j], kind(source)
        edges = self._edges(i, j, span)
        width = grid.lefts[j + span[1]] - grid.lefts[j] - _thickness(edges[1]) - _thickness(edges[3])
        height = grid.tops[i + span[0]] - grid.tops[i] - _thickness(edges[0]) - _thickness(edges[2])
        cell = Cell("", colspan=span[1], rowspan=span[0])
        if source and sort != "empty" or formula(source):
            cell.text = harmless(source.get("formattedValue", ""))
            cell.heading = "col" if i < grid.head else "row" if j < grid.side else ""
            if sort == "error":
                cell.error = harmless(source["effectiveValue"]["errorValue"].get("message", ""))
        room = _Room(width - look.padding[1] - look.padding[3], height)
        extra = self._content(cell, source, look, sort, room)
        if source.get("note"):
            self._note(cell, source["note"], j)
        if cell.box is None and cell.text and not cell.drawing:
            self._flow(cell, i, j, look, sort, room)
        cell.css = self._class(i, j, look, sort, edges, height, extra + cell.css, number(source))
        return cell

    def _content(self, cell: Cell, source: Json, look: Look, sort: Kind, room: _Room) -> str:
        """Fills in what is more than plain text; answers with the classes it needs."""
        grid = self._grid
        if "userEnteredValue" in source and "SPARKLINE" in formula(source).upper():
            cell.drawing = sparkline(formula(source), grid.workbook, grid.sheet, room.width, room.height)
            cell.text = "" if cell.drawing else cell.text
            return " spark-cell" if cell.drawing else ""
        extra = ""
        if "dataValidation" in source:
            cell.checked = checkbox(source)
            if dropdown(source):
                extra = " dropdown"
        cell.link = cell_link(source, grid.workbook) if cell.text else None
        if cell.link and look.ink == INK:
            extra += " plain-link"
        if source.get("textFormatRuns") and cell.text:
            cell.runs = [
                Run(text, self._styles.name(css), link) for text, css, link in runs(source, grid.looks, grid.palette)
            ]
        if look.rotation or look.stacked:
            cell.box = "turned " + self._styles.name(_rotation(look))
        return extra

    def _note(self, cell: Cell, note: str, j: int) -> None:
        cell.note = harmless(note)
        late = self._grid.lefts[j] > max(self._grid.lefts[-1] - 320, self._grid.lefts[-1] / 2)
        cell.note_css = "note late" if late else "note"

    def _flow(self, cell: Cell, i: int, j: int, look: Look, sort: Kind, room: _Room) -> None:
        """How the text behaves where it is too wide or too high."""
        inside = fits(cell.text, look.size, room.width)
        spanned = cell.colspan > 1 or cell.rowspan > 1
        if inside and not cell.note:
            return
        if look.wrap == "WRAP":
            cell.box = "wrap " + self._styles.name(f"max-height:{max(room.height - look.padding[0], 1)}px")
        elif sort == "text" and look.wrap != "CLIP" and not spanned and not inside and "\n" not in cell.text:
            self._overflow(cell, i, j, look, room)
        elif "\n" in cell.text or cell.note:
            cell.box = "clip " + self._styles.name(f"max-height:{max(room.height, 1)}px")
        elif sort == "number":
            cell.css += " cut"

    def _overflow(self, cell: Cell, i: int, j: int, look: Look, room: _Room) -> None:
        """Lets text run over into empty neighbours, on the side (or sides) that its alignment leaves open."""
        grid = self._grid
        align = look.horizontal or "left"
        missing = text_width(cell.text, look.size, bold=look.bold) * SAFE - room.width
        after = self._free(i, j, 1, missing) if align != "right" else 0
        before = self._free(i, j, -1, missing) if align != "left" else 0
        if not after and not before:
            if cell.note:
                cell.box = "clip"
            return
        here, there = self._panes(j, before, after)
        left, right = (grid.lefts[j] - grid.lefts[here[0]], grid.lefts[here[1]] - grid.lefts[j + 1])
        cell.box = "spill " + self._spill_class(align, left, right, room.width)
        if grid.sheet.gridlines and not grid.fill[i][j]:
            cell.box += " veil"
        cell.css += " open"
        if there:
            self._continue(cell, (i, j), there, align, look, room)

    def _continue(
        self, cell: Cell, at: tuple[int, int], there: tuple[int, int], align: str, look: Look, room: _Room
    ) -> None:
        """Draws the rest of a text beyond the frozen line, as a part of the pane there."""
        grid, (i, j) = self._grid, at
        host = there[0] if there[0] > j else there[1] - 1
        offset = grid.lefts[j] - grid.lefts[host] + look.padding[3]
        window = (grid.lefts[there[0]] - grid.lefts[host], grid.lefts[there[1]] - grid.lefts[there[0]])
        shift = offset - window[0]
        centre = {"left": "0px", "center": f"calc({room.width / 2:g}px - 50%)", "right": f"calc({room.width}px - 100%)"}
        text = declarations((name, value) for name, value in look.text().items() if self._plain[name] != value)
        bottom = f"padding-bottom:{look.padding[2]}px" if look.vertical == "bottom" else ""
        css = (
            f"left:{window[0]}px;width:{window[1]}px;--shift:{shift}px;--slide:{centre[align]};{text};{bottom}"
        )
        self._spilt[i, host] = (f"{look.vertical} {self._styles.name(css.strip(';'))}", cell.text)

    def _panes(self, j: int, before: int, after: int) -> tuple[tuple[int, int], tuple[int, int] | None]:
        """The columns a text runs over, parted at the frozen line: those of its own pane, those of the other."""
        start, end, line = j - before, j + 1 + after, self._grid.side
        if not start < line < end:
            return (start, end), None
        return ((start, line), (line, end)) if j < line else ((line, end), (start, line))

    def _free(self, i: int, j: int, step: int, missing: float) -> int:
        """How many neighbours on one side the text needs and may take."""
        count, at = 0, j + step
        while missing > 0 and 0 <= at < len(self._grid.columns) and self._grid.blank(i, at):
            missing -= self._grid.widths[at]
            count, at = count + 1, at + step
        return count

    def _spill_class(self, align: str, left: int, right: int, width: int) -> str:
        """A box as wide as its cell and the neighbours it takes; a centred text stays centred on its cell."""
        if align == "center":
            wide = max(left, right)
            clip = f"clip-path:inset(0 {wide - right}px 0 {wide - left}px)" if left != right else ""
            css = f"width:{width + 2 * wide}px;margin:0 {-wide}px;{clip}"
            return self._styles.name(css.strip(";"))
        return self._styles.name(f"width:{width + left + right}px;margin:0 {-right}px 0 {-left}px")

    # Lines

    def _edges(
        self, i: int, j: int, span: tuple[int, int]
    ) -> tuple[Edge | None, Edge | None, Edge | None, Edge | None]:
        """Top, right, bottom, left lines that this cell draws."""
        look = self._grid.look[i][j]
        top = look.borders[0] if i == 0 else self._lines.get((i, j, "top"))
        left = look.borders[3] if j == 0 else self._lines.get((i, j, "left"))
        last_i, last_j = i + span[0] - 1, j + span[1] - 1
        if span == (1, 1):
            return top, self._line(i, j, i, j + 1), self._line(i, j, i + 1, j), left
        rights = [self._line(row, last_j, row, last_j + 1) for row in range(i, last_i + 1)]
        bottoms = [self._line(last_i, column, last_i + 1, column) for column in range(j, last_j + 1)]
        right = self._one(rights, [(row, last_j + 1, "left") for row in range(i, last_i + 1)])
        bottom = self._one(bottoms, [(last_i + 1, column, "top") for column in range(j, last_j + 1)])
        return top, right, bottom, left

    def _one(self, lines: list[Edge | None], beyond: list[tuple[int, int, str]]) -> Edge | None:
        """The line of a merged cell's side; where it differs along the side the neighbours draw it."""
        if all(line == lines[0] for line in lines):
            return lines[0]
        self._lines.update({key: line for key, line in zip(beyond, lines, strict=True) if line})
        return None

    def _line(self, i: int, j: int, next_i: int, next_j: int) -> Edge | None:
        """The line between a cell and the next one right or below: the heavier of their two borders, else a gridline."""
        grid, down = self._grid, next_i > i
        own = grid.look[i][j].borders[2 if down else 1]
        inside = next_i < len(grid.rows) and next_j < len(grid.columns)
        other = grid.look[next_i][next_j].borders[0 if down else 3] if inside else None
        if own or other:
            return other if own is None or (other and other.width > own.width) else own
        bare = grid.sheet.gridlines and not grid.fill[i][j] and not (inside and grid.fill[next_i][next_j])
        return _GRID if bare else None

    # Classes

    def _class(
        self,
        i: int,
        j: int,
        look: Look,
        sort: Kind,
        edges: tuple[Edge | None, ...],
        height: int,
        extra: str,
        value: float | None,
    ) -> str:
        ink = numberformat.colour(look.pattern, value) if value is not None and look.pattern else None
        fill = self._grid.fill[i][j]
        key = (id(look), sort, edges, height, ink, fill)
        name = self._classes.get(key)
        if name is None:
            name = self._classes[key] = self._styles.name(self._declarations(look, sort, edges, height, ink, fill))
        if j < self._grid.side:
            name = f"f f{j} {name}"
        return (name + extra).strip()

    def _declarations(
        self, look: Look, sort: Kind, edges: tuple[Edge | None, ...], height: int, ink: str | None, fill: str
    ) -> str:
        text = look.text() | ({"color": ink} if ink else {})
        pairs = [(name, value) for name, value in text.items() if self._plain[name] != value]
        if fill:
            pairs.append(("background", fill))
        align = look.horizontal or _ALIGN[sort]
        if align != "left":
            pairs.append(("text-align", align))
        if look.vertical != "bottom":
            pairs.append(("vertical-align", look.vertical))
        pairs += _inner(look, height)
        names = ("top", "right", "bottom", "left")
        pairs += [(f"border-{side}", edge.css) for side, edge in zip(names, edges, strict=True) if edge]
        return declarations(pairs)

    # Over the grid

    def _place(self, overlay: Overlay, placed: Mapping[tuple[int, int], Cell]) -> None:
        """Hangs a chart onto a cell of the row where it begins, so that it moves and prints with its rows."""
        grid = self._grid
        rows = [i for i, top in enumerate(grid.tops[:-1]) if top <= overlay.y] or [0]
        row = rows[-1]
        if row < grid.head and overlay.y + overlay.height > grid.tops[grid.head] and len(grid.rows) > grid.head:
            row = grid.head
        at = min((abs(row - i), j < grid.side, j, i) for i, j in placed if (i < grid.head) == (row < grid.head))
        i, j = at[3], at[2]
        x, y = overlay.x - grid.lefts[j], overlay.y - grid.tops[i]
        css = f"left:{x}px;top:{y}px;width:{overlay.width}px;height:{overlay.height}px"
        above = " above" if self._may_cover_side(overlay) else ""
        placed[i, j].figures.append(Placed(f"{self._styles.name(css)}{above}", overlay.figure))

    def _may_cover_side(self, overlay: Overlay) -> bool:
        """Whether the frozen columns are empty beside the chart, so that it may slide over them."""
        grid = self._grid
        rows = [
            i
            for i in range(len(grid.rows))
            if grid.tops[i] < overlay.y + overlay.height and grid.tops[i + 1] > overlay.y
        ]
        return all(grid.blank(i, j) for i in rows for j in range(grid.side))

    def _set_anchors(self, placed: Mapping[tuple[int, int], Cell]) -> None:
        """Gives the cells that links of this page lead to the ids that those links name."""
        grid = self._grid
        links = [link for cell in placed.values() for link in (cell.link, *(run.link for run in cell.runs)) if link]
        targets = {link.href: link.cells for link in links if link.gid == grid.sheet.id and link.cells}
        for href, cells in targets.items():
            found = grid.workbook.resolve(cells, grid.sheet)
            if found and found[1].top in grid.rows and found[1].left in grid.columns:
                target = placed.get((grid.rows.index(found[1].top), grid.columns.index(found[1].left)))
                if target:
                    target.anchors.append(href[1:])

    def _bodies(self, rows: list[Row]) -> list[Body]:
        """The unfrozen rows, parted so that those under a chart stay on one page of paper."""
        grid = self._grid
        covered = [
            any(each.y < grid.tops[i + 1] and each.y + each.height > grid.tops[i] for each in self._overlays)
            for i in range(len(rows))
        ]
        joined = {row for (i, _), span in grid.spans.items() if span for row in range(i + 1, i + span[0])}
        bodies: list[Body] = []
        for i in range(grid.head, len(rows)):
            if not bodies or (covered[i] != covered[i - 1] and i not in joined and bodies[-1].keep != covered[i]):
                bodies.append(Body(covered[i], []))
            bodies[-1].rows.append(rows[i])
        return bodies


@dataclass(frozen=True, slots=True)
class _Room:
    """The room inside a cell's lines and side paddings, in px."""

    width: int
    height: int


def _thickness(edge: Edge | None) -> int:
    return edge.width if edge else 0


def _inner(look: Look, height: int) -> list[tuple[str, str]]:
    """Paddings and, where a line wouldn't fit into the row, a lower line: a row never grows."""
    top, right, bottom, left = look.padding
    line = look.size * LINE
    pairs: list[tuple[str, str]] = []
    if line + top + bottom > height:
        spare = max(0.0, height - look.size)
        top, bottom = (min(top, int(spare / 2)), min(bottom, int(spare / 2)))
        line = min(line, max(1.0, height - top - bottom))
        pairs.append(("line-height", f"{line:.2f}".rstrip("0").rstrip(".") + "px"))
    if (top, right, bottom, left) != (2, 3, 2, 3):
        pairs.append(("padding", f"{top}px {right}px {bottom}px {left}px"))
    return pairs


def _rotation(look: Look) -> str:
    if look.stacked:
        return "writing-mode:vertical-rl;text-orientation:upright"
    if abs(look.rotation) == 90:
        return "writing-mode:vertical-rl" + (";transform:rotate(180deg)" if look.rotation > 0 else "")
    return f"display:inline-block;transform:rotate({-look.rotation}deg)"
