"""One tab as a table ready for the template: visible rows of cells with their classes, spans, and what overlies them.

Follows what Sheets draws. A line between two cells belongs to the upper or left one and takes a pixel of it;
text runs over into empty neighbours; frozen panes end at their line, and what runs across it is drawn again beyond.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
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
    unlinked,
)
from sheetsync.picture.grid import Grid
from sheetsync.picture.measure import SAFE, fits, text_width
from sheetsync.picture.sparkline import sparkline
from sheetsync.picture.style import (
    GRIDLINE,
    INK,
    LINE,
    Edge,
    Look,
    StyleSheet,
    declarations,
)
from sheetsync.picture.workbook import Json, number

_ALIGN: Mapping[Kind, str] = {
    "number": "right",
    "boolean": "center",
    "error": "center",
    "text": "left",
    "empty": "left",
}
_GRID = Edge(1, "solid", GRIDLINE)
_PLAIN = frozenset({"formattedValue", "effectiveValue", "effectiveFormat", "userEnteredFormat"})
_ARROW = "→"
_QUIET: Json = {"rgbColor": {"red": 0x5F / 255, "green": 0x63 / 255, "blue": 0x68 / 255}}  # plot.QUIET
_PADDING = (2, 3, 2, 3)  # of td in page.css
_Edges = tuple[Edge | None, Edge | None, Edge | None, Edge | None]


@dataclass(slots=True)
class Cell:
    """A cell as the template writes it: CSS classes in `css`; in `box` those of an inner block, where one is needed."""

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
    def plain(self) -> bool:
        """Whether nothing but text stands in it, in a class of its own and nothing else."""
        more = self.box or self.runs or self.link or self.drawing or self.note or self.spilt or self.figures
        special = more or self.heading or self.error or self.anchors or self.colspan > 1 or self.rowspan > 1
        return not special and self.checked is None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the class with its height, its cells, and the id that links from other tabs lead to, or ""."""

    css: str
    cells: list[Cell]
    id: str = ""


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


class Painter:
    """Turns a grid into a table, collecting CSS classes in `styles`; rows get ids where they can be `pointed_at`.

    A link that `leads` nowhere is plain text, and `pointers` in such cells are left out.
    """

    def __init__(
        self,
        grid: Grid,
        styles: StyleSheet,
        overlays: Sequence[Overlay],
        leads: Callable[[Link], bool],
        pointers: Collection[str],
        *,
        pointed_at: bool,
    ) -> None:
        self._grid, self._styles, self._overlays, self._pointed_at = grid, styles, overlays, pointed_at
        self._leads, self._pointers = leads, pointers
        self._classes: dict[tuple[object, ...], str] = {}
        self._plain = grid.looks.of({}).text()
        self._rooms: dict[tuple[object, ...], _Room] = {}
        self._lines: dict[tuple[int, int, str], Edge] = {}
        self._spilt: dict[tuple[int, int], tuple[str, str]] = {}

    def table(self) -> Table:
        """The table, whole."""
        grid = self._grid
        rows, placed = [], {}
        for i, height in enumerate(grid.heights):
            cells = {j: self._cell(i, j) for j in range(len(grid.columns)) if grid.spans.get((i, j), True)}
            placed.update({(i, j): cell for j, cell in cells.items()})
            id_ = f"r{grid.rows[i] + 1}" if self._pointed_at else ""
            rows.append(Row(self._styles.name(f"height:{height}px"), list(cells.values()), id_))
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
        if self._idle(source):
            source = self._without_link(source)
            look = grid.looks.of(source.get("effectiveFormat", {}))
        edges = self._edges(i, j, span)
        cell = Cell("", colspan=span[1], rowspan=span[0])
        if sort != "empty" or formula(source):
            cell.text = harmless(source.get("formattedValue", ""))
            cell.heading = "col" if i < grid.head else "row" if j < grid.side else ""
            if sort == "error":
                cell.error = harmless(source["effectiveValue"]["errorValue"].get("message", ""))
        room = self._room(i, j, span, look, edges)
        plain = _PLAIN.issuperset(source) and not look.rotation and not look.stacked
        extra = "" if plain else self._content(cell, source, look, room)
        if source.get("note"):
            self._note(cell, source["note"], j)
        if cell.box is None and cell.text and not cell.drawing:
            self._flow(cell, i, j, look, sort, room)
        cell.css = self._class(i, j, look, sort, edges, room, extra + cell.css, number(source))
        return cell

    def _idle(self, source: Json) -> bool:
        """Whether the cell is a link that leads nowhere from here."""
        link = None if _PLAIN.issuperset(source) else cell_link(source, self._grid.workbook)
        return link is not None and not self._leads(link)

    def _without_link(self, source: Json) -> Json:
        """The cell as if it were no link: what only points is left out, and what points besides is quiet."""
        shown = source.get("effectiveFormat") or source.get("userEnteredFormat") or {}
        text, said = unlinked(shown.get("textFormat", {})), source.get("formattedValue", "")
        if said.endswith(_ARROW) and "textFormatRuns" not in source:
            said = "" if said in self._pointers else said.removesuffix(_ARROW).rstrip()
            text = {**text, "foregroundColorStyle": _QUIET}
        kept = {name: value for name, value in source.items() if name not in ("hyperlink", "userEnteredValue")}
        return {**kept, "formattedValue": said, "effectiveFormat": {**shown, "textFormat": text}}

    def _room(self, i: int, j: int, span: tuple[int, int], look: Look, edges: _Edges) -> _Room:
        """The room in a cell, which only depends on its size, paddings and lines."""
        grid = self._grid
        size = (grid.lefts[j + span[1]] - grid.lefts[j], grid.tops[i + span[0]] - grid.tops[i])
        key = (size, look.padding, edges)
        if key not in self._rooms:
            self._rooms[key] = _room(size, look.padding, edges)
        return self._rooms[key]

    def _content(self, cell: Cell, source: Json, look: Look, room: _Room) -> str:
        """Fills in what is more than plain text; answers with the classes it needs."""
        grid = self._grid
        if "userEnteredValue" in source and "SPARKLINE" in formula(source).upper():
            height = room.height + room.inset[0] + room.inset[2]
            cell.drawing = sparkline(formula(source), grid.workbook, grid.sheet, room.width, height)
            cell.text = "" if cell.drawing else cell.text
            return " spark-cell" if cell.drawing else ""
        extra = ""
        if "dataValidation" in source:
            cell.checked = checkbox(source)
            if dropdown(source):
                extra = f" dropdown {look.vertical}"
        cell.link = cell_link(source, grid.workbook) if cell.text else None
        if cell.link and look.ink == INK:
            extra += " plain-link"
        if source.get("textFormatRuns") and cell.text:
            cell.runs = [
                Run(text, self._styles.name(css), link)
                for text, css, link in runs(source, grid.looks, grid.palette, self._leads)
            ]
        if look.rotation or look.stacked:
            cell.box = "turned " + self._styles.name(_rotation(look) + f";max-height:{room.height}px")
            extra += "" if look.stacked or abs(look.rotation) == 90 else " open"
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
            cell.box = "wrap " + self._styles.name(f"max-height:{room.height}px")
        elif sort == "text" and look.wrap != "CLIP" and not spanned and not inside and "\n" not in cell.text:
            self._overflow(cell, i, j, look, room)
        elif "\n" in cell.text or cell.note:
            cell.box = "clip " + self._styles.name(f"max-height:{room.height}px")
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
        left = grid.lefts[j] - grid.lefts[here[0]] + room.left
        right = grid.lefts[here[1]] - grid.lefts[j + 1] + room.right
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
        offset = grid.lefts[j] - grid.lefts[host] + room.left
        window = (grid.lefts[there[0]] - grid.lefts[host], grid.lefts[there[1]] - grid.lefts[there[0]])
        shift = offset - window[0]
        centre = {"left": "0px", "center": f"calc({room.width / 2:g}px - 50%)", "right": f"calc({room.width}px - 100%)"}
        text = declarations((name, value) for name, value in look.text().items() if self._plain[name] != value)
        height = room.height + room.inset[0] + room.inset[2]
        place = f"left:{window[0]}px;width:{window[1]}px;height:{height}px"
        css = f"{place};padding:{room.inset[0]}px 0 {room.inset[2]}px;--shift:{shift}px;--slide:{centre[align]};{text}"
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
        side = f"margin-right:{-right}px" if align == "left" else f"margin-left:{-left}px"
        return self._styles.name(f"width:{width + (right if align == 'left' else left)}px;{side}")

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
        """The line between a cell and the next one right or below: the heavier of their borders, else a gridline."""
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
        edges: _Edges,
        room: _Room,
        extra: str,
        value: float | None,
    ) -> str:
        ink = numberformat.colour(look.pattern, value) if value is not None and look.pattern else None
        fill = self._grid.fill[i][j]
        key = (id(look), sort, edges, room.height, ink, fill)
        name = self._classes.get(key)
        if name is None:
            name = self._classes[key] = self._styles.name(self._declarations(look, sort, edges, room, ink, fill))
        if j < self._grid.side:
            name = f"f f{j} {name}"
        return (name + extra).strip()

    def _declarations(self, look: Look, sort: Kind, edges: _Edges, room: _Room, ink: str | None, fill: str) -> str:
        text = look.text() | ({"color": ink} if ink else {})
        pairs = [(name, value) for name, value in text.items() if self._plain[name] != value]
        if fill:
            pairs.append(("background-color", fill))
        align = look.horizontal or _ALIGN[sort]
        if align != "left":
            pairs.append(("text-align", align))
        if look.vertical != "bottom":
            pairs.append(("vertical-align", look.vertical))
        pairs += _inner(look, room)
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
        targets = {link.href: link.cells or "A1" for link in links if link.gid == grid.sheet.id}
        for href, cells in targets.items():
            found = grid.workbook.resolve(cells, grid.sheet)
            if found:
                placed[self._drawn(found[1].top, found[1].left)].anchors.append(href[1:])

    def _drawn(self, row: int, column: int) -> tuple[int, int]:
        """Where a cell of the tab is drawn: one that is hidden or beyond the end, the nearest; in a merge its first."""
        grid = self._grid
        i = min(bisect_left(grid.rows, row), len(grid.rows) - 1)
        j = min(bisect_left(grid.columns, column), len(grid.columns) - 1)
        merges = ((at, span) for at, span in grid.spans.items() if span)
        over = (at for at, span in merges if at[0] <= i < at[0] + span[0] and at[1] <= j < at[1] + span[1])
        return next(over, (i, j))

    def _bodies(self, rows: list[Row]) -> list[Body]:
        """The unfrozen rows, parted so that those under a chart, and the heading over it, stay on one page of paper."""
        grid = self._grid
        band_of = {i: band for band, (first, last) in enumerate(self._bands()) for i in range(first, last + 1)}
        joined = {row for (i, _), span in grid.spans.items() if span for row in range(i + 1, i + span[0])}
        bodies: list[Body] = []
        for i in range(grid.head, len(rows)):
            if not bodies or (band_of.get(i) != band_of.get(i - 1) and i not in joined):
                bodies.append(Body(i in band_of, []))
            bodies[-1].rows.append(rows[i])
        return bodies

    def _bands(self) -> list[tuple[int, int]]:
        """First and last rows that lie under charts (those side by side together), each with the row above."""
        grid, bands = self._grid, list[tuple[int, int]]()
        for overlay in sorted(self._overlays, key=lambda each: each.y):
            under = [
                i
                for i in range(grid.head, len(grid.rows))
                if grid.tops[i] < overlay.y + overlay.height and overlay.y < grid.tops[i + 1]
            ]
            if not under:
                continue
            if bands and under[0] <= bands[-1][1]:
                bands[-1] = (bands[-1][0], max(bands[-1][1], under[-1]))
            else:
                free = under[0] > (bands[-1][1] + 1 if bands else grid.head)
                bands.append((under[0] - free, under[-1]))
        return bands


@dataclass(frozen=True, slots=True)
class _Room:
    """The room inside a cell's lines and paddings; `left` and `right` are line and padding there. In px."""

    width: int
    height: int
    left: int
    right: int
    inset: tuple[int, int, int, int]


def _thickness(edge: Edge | None) -> int:
    return edge.width if edge else 0


def _room(size: tuple[int, int], padding: tuple[int, int, int, int], edges: _Edges) -> _Room:
    lines = [_thickness(edge) for edge in edges]
    # A pixel at the right and at the bottom is the line's, drawn or not; wider lines eat into the padding.
    inset = [max(0, pad + own - line) for pad, own, line in zip(padding, (0, 1, 1, 0), lines, strict=True)]
    top, right, bottom, left = (pad + line for pad, line in zip(inset, lines, strict=True))
    width, height = max(1, size[0] - left - right), max(1, size[1] - top - bottom)
    return _Room(width, height, left, right, (inset[0], inset[1], inset[2], inset[3]))


def _inner(look: Look, room: _Room) -> list[tuple[str, str]]:
    """Paddings and, where a line wouldn't fit into the row, a lower line: a row never grows."""
    top, right, bottom, left = room.inset
    line, most = look.size * LINE, room.height
    pairs: list[tuple[str, str]] = []
    if line > most:
        spare = max(0, min(top + bottom, ceil(look.size) - most))
        top, bottom = top - min(top, spare // 2), bottom - min(bottom, spare - spare // 2)
        line = max(1, most + room.inset[0] + room.inset[2] - top - bottom)
        pairs.append(("line-height", f"{line}px"))
    if (top, right, bottom, left) != _PADDING:
        pairs.append(("padding", f"{top}px {right}px {bottom}px {left}px"))
    return pairs


def _rotation(look: Look) -> str:
    if look.stacked:
        return "writing-mode:vertical-rl;text-orientation:upright"
    if abs(look.rotation) == 90:
        return "writing-mode:vertical-rl" + (";transform:rotate(180deg)" if look.rotation > 0 else "")
    corner = "bottom" if look.rotation > 0 else "top"
    return f"padding-left:.6em;transform-origin:{corner} left;transform:rotate({-look.rotation}deg)"
