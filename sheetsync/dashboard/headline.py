"""The cards: up to five figures of the department, where they are heading, and their last periods as a line."""

from __future__ import annotations

from typing import Any

from sheetsync.canvas import GREY
from sheetsync.dashboard.frame import CARD_EDGE, Frame, Record, look, records
from sheetsync.dashboard.numbers import quoted
from sheetsync.dashboard.spoken import lasting
from sheetsync.dashboard.verdict import mood
from sheetsync.model import known

_HEIGHTS = (22, 34, 18, 18)
_AHEAD, _LINE = 18, 42  # heights of the rows on what is ahead, and of the sparkline
_BOX: dict[str, Any] = {"left": CARD_EDGE, "inset": 8}
_NOTE: dict[str, Any] = {"size": 8, "ink": GREY, "align": "LEFT", **_BOX}


def headline(frame: Frame) -> None:
    """Draws the cards."""
    top, texts = frame.canvas.row, frame.texts
    ahead = records(frame.report.projection[frame.report.projection["manager"] == frame.department], "measure")
    foreseen = any(_foreseen(ahead.get(key)) for key in frame.headlines)
    heights = [*_HEIGHTS, *[_AHEAD] * (2 * foreseen), _LINE]
    frame.canvas.heights |= dict(enumerate(heights, top))
    with frame.block("headline"):
        frame.rows(len(heights))
        frame.put(top, 0, texts("Headline"), look(bold=True, valign="MIDDLE"))
        frame.put(top + 1, 0, texts("department"), look(ink=GREY, valign="TOP"))
        trend = lasting(len(frame.periods), frame.period.kind, texts)
        frame.put(top + len(heights) - 1, 0, trend, look(size=8, ink=GREY, valign="MIDDLE"))
        for place, key in enumerate(frame.headlines):
            left = 1 + place * 3
            _now(frame, top, left, key)
            if foreseen:
                _ahead(frame, top + len(_HEIGHTS), left, key, ahead.get(key, {}))
            line = frame.series.sparkline(key, mood(frame.figure(frame.department, key).verdict))
            frame.put(top + len(heights) - 1, left, line, look(**_BOX), span=3)


def _foreseen(row: Record | None) -> bool:
    return row is not None and any(known(row[name]) is not None for name in ("projection", "required"))


def _now(frame: Frame, top: int, left: int, key: str) -> None:
    """What was done, against the plan and the plan to date."""
    texts, numbers, figure = frame.texts, frame.numbers, frame.figure(frame.department, key)
    frame.put(top, left, frame.titled(key), look(ink=GREY, wrap="CLIP", valign="MIDDLE", **_BOX), span=3)
    number = numbers.figure(figure.actual, figure.unit)
    large = look(size=18, bold=True, align="LEFT", number=number, valign="MIDDLE", **_BOX)
    frame.put(top + 1, left, figure.actual, large, span=2)
    sign = frame.judged_look(figure.verdict, bold=True, valign="MIDDLE")
    frame.judge(top + 1, left + 2, figure.verdict, figure.verdict, sign)
    plan = quoted(texts("plan"), numbers.figure(figure.plan, figure.unit))
    frame.put(top + 2, left, figure.plan, look(number=plan, **_NOTE), span=2)
    attained = look(size=8, ink=GREY, align="RIGHT", number=quoted(texts("att."), ("PERCENT", "0%")))
    frame.put(top + 2, left + 2, figure.attainment, attained)
    to_date = quoted(texts("plan to date"), numbers.figure(figure.plan_to_date, figure.unit))
    frame.put(top + 3, left, figure.plan_to_date, look(number=to_date, **_NOTE), span=3)


def _ahead(frame: Frame, row: int, left: int, key: str, found: Record) -> None:
    """Where the period is heading, its range, and what the rest of it needs a day."""
    texts, numbers, unit = frame.texts, frame.numbers, frame.settings.indicators[key].unit
    projection, low, high, required = (known(found.get(name)) for name in ("projection", "low", "high", "required"))
    heading = quoted(texts("heading for"), numbers.foreseen(projection, unit))
    frame.put(row, left, projection, look(number=heading, **_NOTE), span=2)
    if low is not None and high is not None:
        frame.put(row, left + 2, numbers.between(low, high, unit), look(size=8, ink=GREY, align="RIGHT"))
    if required == 0:
        frame.put(row + 1, left, texts("plan reached"), look(**_NOTE), span=3)
        return
    needed = quoted(texts("a day to plan"), numbers.figure(required, unit), after=True)
    frame.put(row + 1, left, required, look(number=needed, **_NOTE), span=3)
