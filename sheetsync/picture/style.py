"""Cell formats as CSS: colours, fonts, borders, and class names for what occurs again and again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from sheetsync.picture.workbook import Json

INK, PAPER, LINK, GRIDLINE = "#000000", "#ffffff", "#1155cc", "#e2e3e3"
LINE = 1.2  # line height, in font sizes
_THEME = {
    "TEXT": INK,
    "BACKGROUND": PAPER,
    "ACCENT1": "#4285f4",
    "ACCENT2": "#ea4335",
    "ACCENT3": "#fbbc04",
    "ACCENT4": "#34a853",
    "ACCENT5": "#ff6d01",
    "ACCENT6": "#46bdc6",
    "LINK": LINK,
}
_SANS = '"Helvetica Neue",Helvetica,Roboto,Inter,system-ui,sans-serif'
_STACKS = {
    "arial": f'Arial,Arimo,"Liberation Sans",{_SANS}',
    "inter": "Inter,system-ui,-apple-system,Roboto,sans-serif",
    "roboto": "Roboto,Inter,system-ui,Arial,sans-serif",
}
_SERIF = re.compile(r"times|georgia|serif|merriweather|garamond|playfair|lora|cambria|spectral", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consolas|code", re.IGNORECASE)
_FONT_NAME = re.compile(r"[\w][\w \-]{0,60}")
_EDGES = {
    "DOTTED": (1, "dotted"),
    "DASHED": (1, "dashed"),
    "SOLID": (1, "solid"),
    "SOLID_MEDIUM": (2, "solid"),
    "SOLID_THICK": (3, "solid"),
    "DOUBLE": (3, "double"),
}
_HORIZONTAL: Json = {"LEFT": "left", "CENTER": "center", "RIGHT": "right"}
_VERTICAL: Json = {"TOP": "top", "MIDDLE": "middle", "BOTTOM": "bottom"}
_DEFAULT_PADDING = {"top": 2, "right": 3, "bottom": 2, "left": 3}


class Edge(NamedTuple):
    """A drawn border: width in px, CSS line style, colour."""

    width: int
    line: str
    colour: str

    @property
    def css(self) -> str:
        """The value of `border-<side>`."""
        return f"{self.width}px {self.line} {self.colour}"


@dataclass(frozen=True, slots=True)
class Look:
    """What a CellFormat says, ready to be drawn. Sizes in px; an unset fill or alignment is ""."""

    font: str
    size: float
    bold: bool
    italic: bool
    underline: bool
    strikethrough: bool
    ink: str
    fill: str
    horizontal: str
    vertical: str
    wrap: str
    padding: tuple[int, int, int, int]
    borders: tuple[Edge | None, Edge | None, Edge | None, Edge | None]
    pattern: str
    rotation: int
    stacked: bool

    def text(self) -> dict[str, str]:
        """CSS of the text itself."""
        lines = " ".join(
            name for name, on in (("underline", self.underline), ("line-through", self.strikethrough)) if on
        )
        return {
            "font-family": self.font,
            "font-size": f"{self.size:.2f}".rstrip("0").rstrip(".") + "px",
            "font-weight": "700" if self.bold else "400",
            "font-style": "italic" if self.italic else "normal",
            "text-decoration": lines or "none",
            "color": self.ink,
        }


class Palette:
    """Colours of one spreadsheet: its theme, and the API's two ways of naming a colour."""

    def __init__(self, theme: Json) -> None:
        self._theme = dict(_THEME)
        for pair in theme.get("themeColors", ()):
            found = pair.get("color", {}).get("rgbColor")
            if found is not None:
                self._theme[pair.get("colorType", "")] = _rgb(found)

    def theme(self, name: str) -> str:
        """A colour of the theme, such as `ACCENT1`."""
        return self._theme.get(name, INK)

    def colour(self, owner: Json, key: str) -> str | None:
        """`owner[keyStyle]` or else `owner[key]` as `#rrggbb`; None where neither stands there."""
        style = owner.get(key + "Style")
        if style:
            return self.theme(style["themeColor"]) if "themeColor" in style else _rgb(style.get("rgbColor", {}))
        plain = owner.get(key)
        return None if plain is None else _rgb(plain)


def _rgb(colour: Json) -> str:
    channels = (min(255, max(0, round(float(colour.get(name, 0)) * 255))) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _sides(padding: Json) -> tuple[int, int, int, int]:
    top, right, bottom, left = (max(0, int(padding.get(side, 0))) for side in ("top", "right", "bottom", "left"))
    return top, right, bottom, left


def font_stack(family: str) -> str:
    """A CSS font stack for the family: itself, then what stands in for it on any machine, nothing from a network."""
    family = family.split(",", maxsplit=1)[0].strip()
    known = _STACKS.get(family.lower())
    if known:
        return known
    if not _FONT_NAME.fullmatch(family):
        return _STACKS["arial"]
    if _MONO.search(family):
        return f'"{family}",ui-monospace,"DejaVu Sans Mono",monospace'
    return f'"{family}",Georgia,serif' if _SERIF.search(family) else f'"{family}",{_SANS}'


class Looks:
    """CellFormat -> Look, over the spreadsheet's default format; equal formats give the same object."""

    def __init__(self, palette: Palette, default_format: Json) -> None:
        self._palette = palette
        self._default = default_format
        self._known: dict[bytes, Look] = {}

    def of(self, cell_format: Json) -> Look:
        """The look of a format (effective, or what the user entered)."""
        key = orjson.dumps(cell_format)
        look = self._known.get(key)
        if look is None:
            look = self._known[key] = self._look(cell_format)
        return look

    def _look(self, cell_format: Json) -> Look:
        merged = {**self._default, **cell_format}
        text: dict[str, Any] = {**self._default.get("textFormat", {}), **cell_format.get("textFormat", {})}
        padding = merged.get("padding", _DEFAULT_PADDING)
        rotation = merged.get("textRotation", {})
        fill = self._palette.colour(cell_format, "backgroundColor")
        if fill is None:
            fill = self._palette.colour(self._default, "backgroundColor")
        return Look(
            font=font_stack(text.get("fontFamily", "Arial")),
            size=float(text.get("fontSize", 10)) * 4 / 3,
            bold=bool(text.get("bold")),
            italic=bool(text.get("italic")),
            underline=bool(text.get("underline")),
            strikethrough=bool(text.get("strikethrough")),
            ink=self._palette.colour(text, "foregroundColor") or INK,
            fill="" if fill in (None, PAPER) else str(fill),
            horizontal=_HORIZONTAL.get(merged.get("horizontalAlignment", ""), ""),
            vertical=_VERTICAL.get(merged.get("verticalAlignment", ""), "bottom"),
            wrap=merged.get("wrapStrategy", "OVERFLOW_CELL"),
            padding=_sides(padding),
            borders=self._borders(merged.get("borders", {})),
            pattern=merged.get("numberFormat", {}).get("pattern", ""),
            rotation=int(rotation.get("angle", 0)),
            stacked=bool(rotation.get("vertical")),
        )

    def _borders(self, borders: Json) -> tuple[Edge | None, Edge | None, Edge | None, Edge | None]:
        top, right, bottom, left = (self._edge(borders.get(side)) for side in ("top", "right", "bottom", "left"))
        return top, right, bottom, left

    def _edge(self, border: Json | None) -> Edge | None:
        if not border or border.get("style") not in _EDGES:
            return None
        width, line = _EDGES[border["style"]]
        return Edge(width, line, self._palette.colour(border, "color") or INK)


class StyleSheet:
    """CSS classes made on demand: equal declarations share a class, named in order of first use."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, declarations: str) -> str:
        """The class that carries these declarations; "" for none."""
        if not declarations:
            return ""
        found = self._names.get(declarations)
        if found is None:
            found = self._names[declarations] = "c" + _base36(len(self._names))
        return found

    def css(self) -> str:
        """All classes, one a line."""
        return "\n".join(f".{name}{{{declarations}}}" for declarations, name in self._names.items())


def declarations(pairs: Iterable[tuple[str, str]]) -> str:
    """`name:value;name:value`."""
    return ";".join(f"{name}:{value}" for name, value in pairs)


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = digits[number % 36]
    while number := number // 36:
        text = digits[number % 36] + text
    return text
