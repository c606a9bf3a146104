"""A managers' tab's highlighting as conditional formats: its `rules`, with the cells and lists that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sheetsync.canvas import BLUE_FILL, GREY, ORANGE_FILL, colour
from sheetsync.entry.lists import Lists
from sheetsync.entry.rules import RULES
from sheetsync.entry.tabs import Tab
from sheetsync.model import CellRef

TINTS: Mapping[str, Mapping[str, Any]] = {
    "orange": {"backgroundColorStyle": colour(ORANGE_FILL)},
    "blue": {"backgroundColorStyle": colour(BLUE_FILL)},
    "grey": {
        "backgroundColorStyle": colour("#f1f3f4"),
        "textFormat": {"strikethrough": True, "foregroundColorStyle": colour(GREY)},
    },
}
"""The looks of the tints that rules have."""

_MARK = "sheetsync:"


def requests(tab: Tab, lists: Lists) -> Iterator[dict[str, Any]]:
    """Our rules before people's. Ours are known by their formula; where one differs, all of ours are made anew."""
    held = list(tab.sheet.get("conditionalFormats", [])) if tab.sheet else []
    ours = [index for index, rule in enumerate(held) if _MARK in _formula(rule)]
    wanted = list(_wanted(tab, lists))
    if len(ours) == len(wanted) and all(_same(held[index], rule) for index, rule in zip(ours, wanted, strict=True)):
        return
    for index in reversed(ours):
        yield {"deleteConditionalFormatRule": {"sheetId": tab.sheet_id, "index": index}}
    for index, rule in enumerate(wanted):
        yield {"addConditionalFormatRule": {"rule": rule, "index": index}}


def _wanted(tab: Tab, lists: Lists) -> Iterator[Mapping[str, Any]]:
    """The rules whose columns the tab has, in order."""
    row = tab.header + 2
    cells = {name: re.sub(r"^([A-Z]+)", r"$\1", CellRef("", row, at + 1).a1) for name, at in tab.places.items()}
    cells |= {f"#{name}": held for name, held in lists.in_formulas().items()}
    left, right = min(tab.places.values()), max(tab.places.values()) + 1
    for rule in RULES[tab.kind]:
        needed = set(re.findall(r"\{([^{}]+)\}", rule.formula))
        if needed <= cells.keys():
            formula = f'=AND(LEN("{_MARK}{rule.name}")>0;{rule.formula.format_map(cells)})'
            yield {
                "ranges": [tab.column(rule.column) if rule.column else tab.area(left, right)],
                "booleanRule": {
                    "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]},
                    "format": TINTS[rule.tint],
                },
            }


def _same(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return (
        _neutral(_formula(held)) == _neutral(_formula(wanted))
        and _look(held) == _look(wanted)
        and len(held.get("ranges", [])) == 1
        and _covers(held["ranges"][0], wanted["ranges"][0])
    )


def _covers(held: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    same = all(held.get(side, 0) == wanted[side] for side in ("startRowIndex", "startColumnIndex", "endColumnIndex"))
    return same and held.get("endRowIndex", wanted["endRowIndex"]) >= wanted["endRowIndex"]


def _formula(rule: Mapping[str, Any]) -> str:
    condition = rule.get("booleanRule", {}).get("condition", {})
    return str(condition.get("values", [{}])[0].get("userEnteredValue", "")) if condition.get("values") else ""


def _neutral(formula: str) -> str:
    """The formula whatever the locale's separators, its spaces and case of function names; texts as they are."""
    parts = formula.split('"')
    parts[::2] = [part.replace(";", ",").replace(" ", "").upper() for part in parts[::2]]
    return '"'.join(parts)


def _look(rule: Mapping[str, Any]) -> tuple[object, ...]:
    """What the rule paints, in 256 steps a channel: the service gives back rounded colours without their zeros."""
    look = rule.get("booleanRule", {}).get("format", {})
    text = look.get("textFormat", {})
    fill, ink = look.get("backgroundColorStyle", {}), text.get("foregroundColorStyle", {})
    shades = [
        round(style_.get("rgbColor", {}).get(channel, 0) * 255)
        for style_ in (fill, ink)
        for channel in ("red", "green", "blue")
    ]
    return (*shades, bool(text.get("strikethrough", False)))
