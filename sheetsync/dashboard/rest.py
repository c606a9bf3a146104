"""The rest of the period: where each manager is heading, within what range, and what the plan still needs a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetsync.canvas import GREY, HAIRLINE, LINE
from sheetsync.dashboard.frame import HEAD, Frame, Record, each, look
from sheetsync.dashboard.plan_actual import head, placed
from sheetsync.model import known

_Found = Mapping[tuple[str, str], Record]


def rest(frame: Frame) -> None:
    """Draws the projections of the headline figures; nothing where there are none."""
    found = {(str(row["manager"]), str(row["measure"])): row for row in each(frame.report.projection)}
    keys = [key for key in frame.headlines if any(_tells(found.get((manager, key))) for manager in frame.everyone)]
    if not keys:
        return
    with frame.block("projection"):
        _heads(frame, keys)
        for manager in frame.everyone:
            _row(frame, manager, keys, found)


def _tells(row: Record | None) -> bool:
    return row is not None and any(known(row[name]) is not None for name in ("projection", "required"))


def _heads(frame: Frame, keys: Sequence[str]) -> None:
    texts, top = frame.texts, frame.rows(2)
    frame.canvas.heights[top + 1] = 17
    frame.put(top, 0, texts("Rest of the period"), look(bold=True, bottom=LINE, wrap="CLIP"))
    for left, key in placed(keys):
        head(frame, top, left, frame.titled(key))
        frame.put(
            top + 1, left, texts("heading for"), look(size=8, ink=GREY, align="RIGHT", left=HAIRLINE, wrap="CLIP")
        )
        frame.put(top + 1, left + 1, texts("range"), HEAD)
        frame.put(top + 1, left + 2, texts("needs a day"), HEAD)


def _row(frame: Frame, manager: str, keys: Sequence[str], found: _Found) -> None:
    row, total, numbers = frame.rows(), manager == frame.department, frame.numbers
    side = frame.side(manager)
    frame.put(row, 0, manager, look(bold=total, wrap="CLIP", **side))
    for left, key in placed(keys):
        figures = found.get((manager, key), {})
        unit = frame.settings.indicators[key].unit
        heading, low, high, needed = (known(figures.get(name)) for name in ("projection", "low", "high", "required"))
        size = numbers.size(unit)
        shown = look(size=size, bold=total, number=numbers.foreseen(heading, unit), left=HAIRLINE, **side)
        frame.put(row, left, heading, shown)
        between = None if low is None or high is None else numbers.between(low, high, unit)
        frame.put(row, left + 1, between, look(size=8, ink=GREY, align="RIGHT", **side))
        frame.put(row, left + 2, needed, look(size=size, bold=total, number=numbers.figure(needed, unit), **side))
