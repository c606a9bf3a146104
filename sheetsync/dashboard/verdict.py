"""Ahead, near or behind: the sign of a figure, and its colour by a live rule over the pace in the mirror column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sheetsync.canvas import BLUE, BLUE_FILL, GREY, ORANGE, ORANGE_FILL, colour, rule
from sheetsync.charts import Mood
from sheetsync.dashboard.numbers import Pattern
from sheetsync.model import Area, CellRef

TOLERANCE = 0.9  # pace from here to 1 is within tolerance
MIRROR = 16  # the pace of column c stands in c + 16

_SIGNS: dict[Mood, str] = {"ahead": "▲ ", "near": "● ", "behind": "▼ ", "none": ""}


def mood(verdict: float | None) -> Mood:
    """What a pace (or a ratio's attainment) amounts to."""
    if verdict is None:
        return "none"
    return "ahead" if verdict >= 1 else "near" if verdict >= TOLERANCE else "behind"


def signed(verdict: float | None) -> Pattern:
    """A percentage with the sign of the verdict."""
    sign = _SIGNS[mood(verdict)]
    return ("PERCENT", f'"{sign}"0%' if sign else "0%")


def rules(judged: Sequence[Area]) -> tuple[dict[str, Any], ...]:
    """Colours of the judged cells, by the pace in their mirror column."""
    if not judged:
        return ()
    around = _bounds(judged)  # one range, so that the formula's relative cell has one meaning
    # No decimals in the formulas: their separator would depend on the spreadsheet's locale.
    cell = CellRef("", around.top + 1, around.left + 1 + MIRROR).a1
    return (
        rule([around], f"=AND(ISNUMBER({cell});{cell}>=1)", _look(BLUE, BLUE_FILL)),
        rule([around], f"=AND(ISNUMBER({cell});{cell}*100<{round(TOLERANCE * 100)})", _look(ORANGE, ORANGE_FILL)),
        rule([around], f"=ISNUMBER({cell})", _look(GREY)),
    )


def _look(ink: str, fill: str = "") -> dict[str, Any]:
    form: dict[str, Any] = {"textFormat": {"foregroundColorStyle": colour(ink)}}
    if fill:
        form["backgroundColorStyle"] = colour(fill)
    return form


def _bounds(areas: Sequence[Area]) -> Area:
    """The smallest area around all of them."""
    return Area(
        min(area.top for area in areas),
        min(area.left for area in areas),
        max(area.bottom for area in areas),
        max(area.right for area in areas),
    )
