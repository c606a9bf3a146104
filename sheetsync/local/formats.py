"""Cell formats and colours as Google gives them back: twins of every colour, zeros left out, defaults filled in."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

_WHITE: dict[str, float] = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: dict[str, Any] = {
    "backgroundColor": _WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": _WHITE},
}
_THEME: dict[str, dict[str, float]] = {
    "TEXT": {},
    "BACKGROUND": _WHITE,
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
}
DEFAULT_THEME: dict[str, Any] = {
    "primaryFontFamily": "Arial",
    "themeColors": [{"colorType": kind, "color": {"rgbColor": rgb}} for kind, rgb in _THEME.items()],
}
_CHANNELS = ("red", "green", "blue", "alpha")
_BORDER_WIDTH = {"DOTTED": 1, "DASHED": 1, "SOLID": 1, "SOLID_MEDIUM": 2, "SOLID_THICK": 3, "DOUBLE": 3}
_PRESENT_WHEN_ZERO = frozenset(
    "startRowIndex endRowIndex startColumnIndex endColumnIndex dimensionIndex "
    "bold italic underline strikethrough".split()
)


def with_twins(value: Any) -> Any:
    """A copy of a JSON value in which every colour stands twice, as `...Color` and as `...ColorStyle`.

    Where both are given, the style wins; a theme colour's plain twin is the theme's. Channels that are 0 are left out.
    """
    if isinstance(value, list):
        return [with_twins(item) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for name, item in value.items():
        if not _is_colour(name, item):
            result.setdefault(name, with_twins(item))
            continue
        plain, style = (name.removesuffix("Style"), name) if name.endswith("Style") else (name, name + "Style")
        if name == plain and style in value:
            continue
        kept: dict[str, Any] = _style(item) if name == style else {"rgbColor": channels(item)}
        result[plain] = kept.get("rgbColor", _THEME.get(str(kept.get("themeColor")), {}))
        result[style] = kept
    return result


def _is_colour(name: str, item: Any) -> bool:
    if not isinstance(item, dict) or not name.lower().endswith(("color", "colorstyle")):
        return False
    return all(key in (*_CHANNELS, "rgbColor", "themeColor") for key in item)


def _style(style: Mapping[str, Any]) -> dict[str, Any]:
    return {"rgbColor": channels(style["rgbColor"])} if "rgbColor" in style else dict(style)


def channels(rgb: Mapping[str, float]) -> dict[str, float]:
    """A Color as Google writes it: single precision, zeros left out."""
    return {name: single(rgb[name]) for name in _CHANNELS if rgb.get(name)}


def single(number: float) -> float:
    """The shortest decimal that reads back as the same single-precision number; whole numbers are ints."""
    exact: float = struct.unpack("f", struct.pack("f", number))[0]
    for digits in range(6, 10):
        shortest = float(f"{exact:.{digits}g}")
        if struct.pack("f", shortest) == struct.pack("f", exact):
            return int(shortest) if shortest.is_integer() else shortest
    return exact


def pruned(value: Any) -> Any:
    """A copy of a stored object without what Google leaves out: false, 0, "", and nothing at all."""
    if isinstance(value, list):
        return [pruned(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: pruned(item) for name, item in value.items() if item or name in _PRESENT_WHEN_ZERO or item == {}}


def as_stored(user_format: dict[str, Any]) -> dict[str, Any]:
    """A CellFormat as `userEnteredFormat` gives it back: twins, border widths, no borders of style NONE."""
    result: dict[str, Any] = with_twins(user_format)
    if "borders" in result:
        result["borders"] = {side: border(line) for side, line in result["borders"].items() if _is_drawn(line)}
        if not result["borders"]:
            del result["borders"]
    for name in ("padding", "textRotation"):
        if name in result:
            result[name] = {side: size for side, size in result[name].items() if size}
    return result


def _is_drawn(line: Mapping[str, Any]) -> bool:
    return line.get("style", "NONE") not in ("NONE", "STYLE_UNSPECIFIED")


def border(line: Mapping[str, Any]) -> dict[str, Any]:
    """A Border with its width and both colours."""
    drawn: dict[str, Any] = {"style": line["style"], "width": _BORDER_WIDTH.get(line["style"], 1)}
    colour = {"colorStyle": line["colorStyle"]} if "colorStyle" in line else {"color": line.get("color", {})}
    return {**drawn, **with_twins(colour)}


def overlaid(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the fields of `over` in their place; objects are merged, colours and number formats replaced."""
    result = dict(base)
    for name, item in over.items():
        mergeable = name in ("textFormat", "borders")
        result[name] = overlaid(result[name], item) if mergeable and name in result else item
    return result


def effective(
    default: dict[str, Any], layers: list[dict[str, Any]], value: Mapping[str, Any], font: str, hyperlink: bool
) -> dict[str, Any]:
    """A cell's effectiveFormat: the default, the layers upon it, and what its value adds (alignment).

    `value` is the effective ExtendedValue, {} for a blank.
    """
    result = overlaid(default, {})
    text = dict(result["textFormat"])
    if text.get("fontFamily") == DEFAULT_FORMAT["textFormat"]["fontFamily"]:
        text["fontFamily"] = font
    result["textFormat"] = text
    for layer in layers:
        result = overlaid(result, layer)
    if value and "horizontalAlignment" not in result:
        result["horizontalAlignment"] = alignment(value)
    result.setdefault("hyperlinkDisplayType", "LINKED" if hyperlink else "PLAIN_TEXT")
    return result


def alignment(value: Mapping[str, Any]) -> str:
    """How a value aligns where no format says so."""
    if "numberValue" in value:
        return "RIGHT"
    return "LEFT" if "stringValue" in value else "CENTER"
