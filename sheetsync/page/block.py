"""A block of cells: what the page draws in each, as small JSON; looks and rules once each."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

import orjson

from sheetsync.page.api import Api, Area, Json, Visit, quoted
from sheetsync.page.book import ROW
from sheetsync.page.entered import entered
from sheetsync.page.rules import Choices, fits
from sheetsync.picture import numberformat
from sheetsync.picture.content import cell_link, checkbox, dropdown, formula, harmless, kind, runs
from sheetsync.picture.formula import Array, Call, Expression, Reference, parse
from sheetsync.picture.measure import wrapped_lines
from sheetsync.picture.sparkline import sparkline
from sheetsync.picture.style import INK, LINE, Look, Looks, Palette, declarations
from sheetsync.picture.workbook import Sheet, Workbook, number

_BOOK = "properties(title,locale,defaultFormat,spreadsheetTheme),namedRanges(name,range),"
_CELLS = (
    _BOOK + "sheets(properties(sheetId,title,gridProperties),merges,data(startRow,startColumn,"
    "rowData.values(formattedValue,effectiveValue,userEnteredValue,effectiveFormat,note,hyperlink,textFormatRuns,"
    "dataValidation),rowMetadata(pixelSize,hiddenByUser,hiddenByFilter),"
    "columnMetadata(pixelSize,hiddenByUser,hiddenByFilter)))"
)
_DRAWN_FROM = _BOOK + (
    "sheets(properties(sheetId,title,gridProperties),data(startRow,startColumn,"
    "rowData.values(formattedValue,effectiveValue,userEnteredValue)))"
)
_ALIGN = {"number": "right", "boolean": "center", "error": "center"}
_FLEX = {
    "top": "flex-start",
    "middle": "center",
    "bottom": "flex-end",
    "left": "flex-start",
    "center": "center",
    "right": "flex-end",
}
_LINKED = "#1155cc"
_SIDES = ("top", "right", "bottom", "left")


def block(visit: Visit, gid: int, area: Area) -> dict[str, Any]:
    """The cells of an area (cut to the grid).

    `rows` are lists of cells, cut behind their last one; a cell is 0 for an empty one, else of these what differs from
    nothing: `text` as shown, `typed` (only where it is another text), `style` and `rule` (indices into `styles` and
    `rules`), `kind` (number, boolean, error), `error`, `note`, `link`, `runs` ([text, css, link or ""]), `checked`,
    `svg` (a sparkline), `wrong` (its rule is not met). A style is {`css`, `edges`: CSS of its borders, `wrap`: its
    wrapStrategy, `align`}; a rule {`choices` or null, `strict`, `said`}. `heights` are rows that have no size of their
    own and need more than the default: row -> px.
    """
    revision = visit.revision()
    api = Api(visit)
    properties = api.tab(gid)
    grid = properties["gridProperties"]
    area = Area(area.top, area.left, min(area.bottom, grid["rowCount"]), min(area.right, grid["columnCount"]))
    if area.top >= area.bottom or area.left >= area.right:
        return {"revision": revision, "rows": [], "styles": [], "rules": [], "heights": {}}
    return {"revision": revision, **_Block(api, str(properties["title"]), gid, area).drawn()}


class _Block:
    def __init__(self, api: Api, title: str, gid: int, area: Area) -> None:
        self._title, self._area = title, area
        found = api.get(_CELLS, [area.a1(title)])
        self._workbook = Workbook(found)
        self._sheet = self._workbook.sheet(gid)
        sparks = sorted(set(self._referred()))
        if sparks:
            self._workbook = Workbook(_joined(found, api.get(_DRAWN_FROM, sparks)))
            self._sheet = self._workbook.sheet(gid)
        self._palette = Palette(self._workbook.theme)
        self._looks = Looks(self._palette, self._workbook.default_format)
        self._plain = self._looks.of({})
        self._choices = Choices(api, title)
        self._styles: dict[bytes, int] = {}
        self._rules: dict[bytes, int] = {}
        self._heights: dict[int, int] = {}
        self._merged = {(row, column) for row, column in _covered(self._sheet, area)}

    def drawn(self) -> dict[str, Any]:
        area, sheet = self._area, self._sheet
        rows = [self._row(row, sheet.rows.get(row, {})) for row in range(area.top, area.bottom)]
        while rows and not rows[-1]:
            rows.pop()
        return {
            "rows": rows,
            "styles": [orjson.loads(each) for each in self._styles],
            "rules": [orjson.loads(each) for each in self._rules],
            "heights": {str(row): px for row, px in self._heights.items()},
        }

    def _row(self, row: int, cells: dict[int, Json]) -> list[Any]:
        drawn: list[Any] = [
            self._cell(row, column, cells[column]) if cells.get(column) else 0
            for column in range(self._area.left, self._area.right)
        ]
        while drawn and not drawn[-1]:
            drawn.pop()
        return drawn

    def _cell(self, row: int, column: int, cell: Json) -> dict[str, Any] | int:
        look = self._looks.of(cell.get("effectiveFormat", {}))
        text = harmless(str(cell.get("formattedValue", "")))
        typed = entered(cell, self._workbook.locale)
        sort = kind(cell)
        shown: dict[str, Any] = {"text": text} if text else {}
        if typed != cell.get("formattedValue", ""):
            shown["typed"] = typed
        if sort in _ALIGN:
            shown["kind"] = sort
        if sort == "error":
            shown["error"] = harmless(cell["effectiveValue"]["errorValue"].get("message", ""))
        link = self._add_content(shown, row, column, cell)
        if "dataValidation" in cell:
            self._add_rule(shown, cell)
        if shown or look is not self._plain:
            style = self._style(look, _ALIGN.get(sort, "left"), _ink(cell, look, link))
            shown["style"] = self._index(self._styles, style)
        self._grow(row, column, text, look)
        return shown or 0

    def _add_content(self, shown: dict[str, Any], row: int, column: int, cell: Json) -> bool:
        """Note, link, text runs, sparkline; whether the cell is a link."""
        if cell.get("note"):
            shown["note"] = harmless(cell["note"])
        link = cell_link(cell, self._workbook)
        if link:
            shown["link"] = link.href
        if cell.get("textFormatRuns") and cell.get("formattedValue"):
            pieces = runs(cell, self._looks, self._palette)
            shown["runs"] = [[text, css, led.href if led else ""] for text, css, led in pieces]
        if "SPARKLINE" in formula(cell).upper():
            width, height = self._size(row, column)
            drawn = sparkline(formula(cell), self._workbook, self._sheet, width - 7, height - 5)
            if drawn:
                shown.update(svg=_image(str(drawn)), text="")
                shown.pop("error", None)
        return link is not None

    def _size(self, row: int, column: int) -> tuple[int, int]:
        """Width and height of a cell, or of the merged area that begins there, as far as this block tells, in px."""
        for merge in self._sheet.merges():
            if (merge.top, merge.left) == (row, column):
                widths = sum(map(self._sheet.width, range(column, min(merge.right, self._area.right))))
                return widths, sum(map(self._sheet.height, range(row, min(merge.bottom, self._area.bottom))))
        return self._sheet.width(column), self._sheet.height(row)

    def _add_rule(self, shown: dict[str, Any], cell: Json) -> None:
        rule = cell["dataValidation"]
        choices = self._choices.of(rule)
        checked = checkbox(cell)
        if checked is not None:
            shown["checked"] = checked
            shown["values"] = [str(each.get("userEnteredValue", "")) for each in rule["condition"].get("values", [])]
        elif not fits(rule, cell, choices):
            shown["wrong"] = True
        known = {"choices": choices if dropdown(cell) else None, "strict": bool(rule.get("strict"))}
        shown["rule"] = self._index(self._rules, {**known, "said": harmless(rule.get("inputMessage", ""))})

    def _style(self, look: Look, align: str, ink: str) -> dict[str, Any]:
        align = look.horizontal or align
        pairs = {**look.text(), "color": ink}
        if ink == _LINKED:
            pairs["text-decoration"] = "underline"
        if look.fill:
            pairs |= {"background-color": look.fill, "--line": look.fill}
        pairs["padding"] = " ".join(f"{side}px" for side in look.padding)
        pairs |= {"justify-content": _FLEX[align], "text-align": align, "align-items": _FLEX[look.vertical]}
        style: dict[str, Any] = {"css": declarations(pairs.items()), "wrap": look.wrap, "align": align}
        edges = [(f"border-{side}", edge.css) for side, edge in zip(_SIDES, look.borders, strict=True) if edge]
        if edges:
            style["edges"] = declarations(edges)
        if look.fill:
            style["fill"] = True
        if look.stacked or look.rotation:
            style["turned"] = _turned(look)
        return style

    def _index(self, known: dict[bytes, int], value: Any) -> int:
        return known.setdefault(orjson.dumps(value), len(known))

    def _grow(self, row: int, column: int, text: str, look: Look) -> None:
        """A row of the default height fits its text, as in Sheets where nobody gave it one."""
        if not text or look.rotation or look.stacked or (row, column) in self._merged or self._sheet.height(row) != ROW:
            return
        lines = text.count("\n") + 1
        if look.wrap == "WRAP":
            width = max(self._sheet.width(column) - look.padding[1] - look.padding[3] - 1, look.size)
            lines = wrapped_lines(text, look.size, width, bold=look.bold)
        needed = ceil(lines * look.size * LINE) + look.padding[0] + look.padding[2] + 1
        if needed > self._heights.get(row, ROW):
            self._heights[row] = needed

    def _referred(self) -> Iterator[str]:
        """The ranges that the block's sparklines draw from."""
        for cells in self._sheet.rows.values():
            for cell in cells.values():
                if "SPARKLINE" in formula(cell).upper():
                    for reference in _references(parse(formula(cell), self._workbook.locale)):
                        yield from self._spelled(reference)

    def _spelled(self, reference: str) -> Iterator[str]:
        plain = reference.replace("$", "")
        _, bang, cells = plain.rpartition("!")
        if bang or ":" in cells or any(letter.isdigit() for letter in cells):
            yield plain if bang else f"{quoted(self._title)}!{cells}"
        elif self._workbook.resolve(cells, self._sheet):
            yield cells


def _ink(cell: Json, look: Look, link: bool) -> str:
    value = number(cell)
    coloured = numberformat.colour(look.pattern, value) if value is not None and look.pattern else None
    return coloured or (_LINKED if link and look.ink == INK else look.ink)


def _references(tree: Expression) -> Iterator[str]:
    if isinstance(tree, Reference):
        yield tree.text
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            if tree.name == "INDIRECT" and isinstance(argument, str):
                yield argument
            yield from _references(argument)
    elif isinstance(tree, Array):
        for row in tree.rows:
            for item in row:
                yield from _references(item)


def _joined(first: Json, second: Json) -> dict[str, Any]:
    """One answer of two: every tab with the cells of both."""
    sheets = {each["properties"].get("sheetId", 0): dict(each) for each in second["sheets"]}
    for sheet in first["sheets"]:
        sheet_id = sheet["properties"].get("sheetId", 0)
        known = sheets.get(sheet_id, {})
        sheets[sheet_id] = {**sheet, "data": [*known.get("data", []), *sheet.get("data", [])]}
    return {**first, "sheets": list(sheets.values())}


def _covered(sheet: Sheet, area: Area) -> Iterator[tuple[int, int]]:
    for merge in sheet.merges():
        for row in range(max(merge.top, area.top), min(merge.bottom, area.bottom)):
            for column in range(max(merge.left, area.left), min(merge.right, area.right)):
                yield row, column


def _image(svg: str) -> str:
    """An inline drawing as a picture of its own."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _turned(look: Look) -> str:
    if look.stacked:
        return "writing-mode:vertical-rl;text-orientation:upright"
    if abs(look.rotation) == 90:
        return "writing-mode:vertical-rl" + (";transform:rotate(180deg)" if look.rotation > 0 else "")
    corner = "bottom" if look.rotation > 0 else "top"
    return f"transform-origin:{corner} left;transform:rotate({-look.rotation}deg)"
