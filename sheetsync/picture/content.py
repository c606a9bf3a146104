"""What stands in a cell: its kind, its text made harmless, its links, its notes and widgets."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from sheetsync.picture.formula import Call, parse
from sheetsync.picture.style import INK, Looks, Palette, declarations
from sheetsync.picture.workbook import Json, Workbook

Kind = Literal["text", "number", "boolean", "error", "empty"]

_CONTROL = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}
_CONTROL |= dict.fromkeys(range(128, 160), 65533)
_OUTSIDE = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20\x7f]+", re.IGNORECASE)
_INSIDE = re.compile(
    r"#gid=(\d{1,10})(?:&range=(\$?[A-Z]{1,3}\$?\d{1,8}(?::\$?[A-Z]{1,3}\$?\d{1,8})?))?", re.IGNORECASE
)
_LINK_LOOK = ("foregroundColor", "foregroundColorStyle", "underline")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def harmless(text: str) -> str:
    """The text with control characters as the signs that stand for them, so that none is ever acted upon."""
    return _SURROGATE.sub("\ufffd", text.translate(_CONTROL)) if not text.isprintable() else text


def kind(cell: Json) -> Kind:
    """What sort of value the cell has, which decides how it is aligned."""
    value = cell.get("effectiveValue")
    if value:
        if "numberValue" in value:
            return "number"
        if "boolValue" in value:
            return "boolean"
        if "errorValue" in value:
            return "error"
    return "text" if cell.get("formattedValue") else "empty"


def formula(cell: Json) -> str:
    """The formula typed into the cell, or ""."""
    entered = cell.get("userEnteredValue")
    return str(entered.get("formulaValue", "")) if entered else ""


@dataclass(frozen=True, slots=True)
class Link:
    """A safe link: `gid` and `cells` say where one within the workbook leads."""

    href: str
    gid: int | None = None
    cells: str = ""

    @property
    def outside(self) -> bool:
        """Whether it leaves the workbook."""
        return self.gid is None


def link(uri: str) -> Link | None:
    """The link, if it is http, https, mailto or `#gid=..&range=..`; None for everything else."""
    inside = _INSIDE.fullmatch(uri)
    if inside:
        cells = (inside[2] or "").replace("$", "").upper()
        return Link(f"#gid={inside[1]}" + (f"&range={cells}" if cells else ""), int(inside[1]), cells)
    return Link(uri) if _OUTSIDE.fullmatch(uri) else None


def cell_link(cell: Json, workbook: Workbook) -> Link | None:
    """Where a click on the whole cell leads."""
    uri = cell.get("hyperlink")
    if not uri and formula(cell)[:11].upper() == "=HYPERLINK(":
        tree = parse(formula(cell), workbook.locale)
        uri = tree.arguments[0] if isinstance(tree, Call) and tree.arguments else None
    return link(uri) if isinstance(uri, str) else None


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a cell's text with its own CSS and perhaps its own link."""

    text: str
    css: str
    link: Link | None


def unlinked(text_format: Json) -> Json:
    """The TextFormat without the underlined link colour that Sheets gives to what is made a link."""
    if text_format.get("foregroundColorStyle", {}).get("themeColor") != "LINK":
        return text_format
    return {name: value for name, value in text_format.items() if name not in _LINK_LOOK}


def runs(
    cell: Json, looks: Looks, palette: Palette, leads: Callable[[Link], bool] = lambda _: True
) -> Iterator[tuple[str, str, Link | None]]:
    """(text, CSS declarations, link) of each run of a rich text; indices count UTF-16 units, as in the API.

    A link that `leads` nowhere is none, and doesn't look like one.
    """
    units = str(cell.get("formattedValue", "")).encode("utf-16-le", "surrogatepass")
    starts = [*cell["textFormatRuns"], {"startIndex": len(units) // 2}]
    if starts[0].get("startIndex", 0):
        starts.insert(0, {})
    for run, following in itertools.pairwise(starts):
        piece = units[run.get("startIndex", 0) * 2 : following.get("startIndex", 0) * 2].decode("utf-16-le", "replace")
        if piece:
            run_format = run.get("format", {})
            found = link(run_format.get("link", {}).get("uri", ""))
            if found and not leads(found):
                run_format, found = unlinked(run_format), None
            yield harmless(piece), _run_css(run_format, looks, palette), found


def _run_css(run_format: Json, looks: Looks, palette: Palette) -> str:
    text = looks.of({"textFormat": run_format}).text()
    said = {
        "font-family": "fontFamily" in run_format,
        "font-size": "fontSize" in run_format,
        "font-weight": "bold" in run_format,
        "font-style": "italic" in run_format,
        "text-decoration": "underline" in run_format or "strikethrough" in run_format,
        "color": palette.colour(run_format, "foregroundColor") not in (None, INK),
    }
    return declarations((name, value) for name, value in text.items() if said[name])


def checkbox(cell: Json) -> bool | None:
    """The state of a checkbox; None where the cell is none."""
    condition = cell.get("dataValidation", {}).get("condition", {})
    if condition.get("type") != "BOOLEAN":
        return None
    value = cell.get("effectiveValue", {})
    if "boolValue" in value:
        return bool(value["boolValue"])
    custom = condition.get("values") or [{}]
    return bool(cell.get("formattedValue")) and cell.get("formattedValue") == custom[0].get("userEnteredValue")


def dropdown(cell: Json) -> bool:
    """Whether the cell shows the arrow of a dropdown."""
    rule = cell.get("dataValidation", {})
    listed = rule.get("condition", {}).get("type") in ("ONE_OF_LIST", "ONE_OF_RANGE")
    return bool(listed and rule.get("showCustomUi", True))
