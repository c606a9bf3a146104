"""Plan and actual of a group of indicators, manager by manager; five indicators side by side, a sixth begins anew."""

from __future__ import annotations

from collections.abc import Sequence

from sheetsync.canvas import GREY, HAIRLINE, LINE
from sheetsync.dashboard.frame import BAND, HEAD, Frame, look


def plan_actual(frame: Frame) -> None:
    """Draws the blocks of the groups that have indicators."""
    titles = {
        "productivity": frame.texts("Productive actions"),
        "funnel": frame.texts("Funnel"),
        "finance": frame.texts("Finance, {currency}", currency=frame.currency),
    }
    for group, title in titles.items():
        keys = [key for key, indicator in frame.settings.indicators.items() if indicator.group == group]
        if keys:
            with frame.block(group):
                for start in range(0, len(keys), BAND):
                    if start:
                        frame.gap()
                    _band(frame, title, keys[start : start + BAND])


def _band(frame: Frame, title: str, keys: Sequence[str]) -> None:
    texts, top = frame.texts, frame.rows(2)
    frame.canvas.heights[top + 1] = 17
    frame.put(top, 0, title, look(bold=True, bottom=LINE, wrap="CLIP"))
    for left, key in placed(keys):
        head(frame, top, left, frame.label(key))
        frame.put(top + 1, left, texts("actual"), look(size=8, ink=GREY, align="RIGHT", left=HAIRLINE))
        frame.put(top + 1, left + 1, texts("plan"), HEAD)
        frame.put(top + 1, left + 2, texts("att."), HEAD)
    for manager in frame.everyone:
        _row(frame, manager, keys)


def placed(keys: Sequence[str]) -> list[tuple[int, str]]:
    """The first of the three columns of each indicator, and the indicator."""
    return [(1 + place * 3, key) for place, key in enumerate(keys)]


def head(frame: Frame, row: int, left: int, label: str) -> None:
    """An indicator's name over its three columns."""
    size = 9 if len(label) > 24 else 10
    shown = look(bold=True, align="CENTER", bottom=LINE, left=HAIRLINE, wrap="CLIP", size=size)
    frame.put(row, left, label, shown, span=3)


def _row(frame: Frame, manager: str, keys: Sequence[str]) -> None:
    row, total = frame.rows(), manager == frame.department
    side = frame.side(manager)
    frame.put(row, 0, manager, look(bold=total, wrap="CLIP", **side))
    for left, key in placed(keys):
        figure = frame.figure(manager, key)
        size, actual = frame.numbers.size(figure.unit), frame.numbers.figure(figure.actual, figure.unit)
        frame.put(row, left, figure.actual, look(size=size, bold=total, number=actual, left=HAIRLINE, **side))
        plan = frame.numbers.figure(figure.plan, figure.unit)
        frame.put(row, left + 1, figure.plan, look(size=size, bold=total, ink=GREY, number=plan, **side))
        shown = frame.judged_look(figure.verdict, size=9, **side)
        frame.judge(row, left + 2, figure.attainment, figure.verdict, shown)
