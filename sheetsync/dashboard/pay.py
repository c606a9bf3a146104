"""KPI and pay, as far as the configuration shows them: score, payout, the next step, and what they are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sheetsync.canvas import GREY, HAIRLINE, LINE
from sheetsync.dashboard.frame import Frame, Record, each, look, records
from sheetsync.dashboard.numbers import PERCENT
from sheetsync.dashboard.spoken import period_title
from sheetsync.model import known
from sheetsync.pay import Pay

_PAYOUT, _FIRST, _ACROSS = 2, 8, 4  # columns of the payout and of the first component; components side by side
_IN_FULL = ("NUMBER", "#,##0.00")  # pay is told to the cent

_Points = Mapping[tuple[str, str], Record]


def pay(frame: Frame) -> None:
    """Draws the scores; nothing where there are none, or where they are not to be shown."""
    found, kpi = frame.report.pay, frame.settings.kpi
    if found is None or kpi is None or kpi.show == "nothing":
        return
    points: _Points = {(str(row["manager"]), str(row["indicator"])): row for row in each(found.components)}
    keys = list(dict.fromkeys(indicator for _, indicator in points))
    with frame.block("pay"):
        for start in range(0, max(len(keys), 1), _ACROSS):
            if start:
                frame.gap()
            _band(frame, found, keys[start : start + _ACROSS], points, first=start == 0)


def _band(frame: Frame, found: Pay, keys: Sequence[str], points: _Points, *, first: bool) -> None:
    texts, top = frame.texts, frame.rows(2)
    paid = _paid(frame)
    frame.canvas.heights[top + 1] = 17
    frame.titled_line(top, texts("KPI"))
    frame.put(top, 1, period_title(found.span, texts), look(ink=GREY, size=9, bottom=LINE, wrap="CLIP"), span=6)
    if first:
        frame.heads(top + 1, {1: texts("score")} | ({_PAYOUT + 1: frame.currency} if paid else {}))
        frame.put(top + 1, _step_column(frame), texts("what adds most"), look(size=8, ink=GREY, inset=8))
    over: dict[str, Any] = {"bold": True, "align": "CENTER", "bottom": LINE, "left": HAIRLINE, "wrap": "CLIP"}
    for place, key in enumerate(keys):
        left = _FIRST + place * 2
        frame.put(top, left, frame.label(key), look(**over), span=2)
        frame.heads(top + 1, {left: texts("att."), left + 1: texts("points")})
    for manager, row in records(found.totals).items():
        _row(frame, manager, row if first else {}, keys, points)
    if first and paid:
        _total(frame, found)


def _paid(frame: Frame) -> bool:
    return frame.settings.kpi is not None and frame.settings.kpi.show == "pay"


def _step_column(frame: Frame) -> int:
    """Where the next step stands: right of the payout, which takes two columns, if there is one."""
    return _PAYOUT + 2 if _paid(frame) else _PAYOUT + 1


def _row(frame: Frame, manager: str, found: Record, keys: Sequence[str], points: _Points) -> None:
    row = frame.rows()
    frame.named(row, manager)
    line = frame.side(manager)
    frame.put(row, 1, known(found.get("score")), look(bold=True, number=PERCENT, **line))
    if _paid(frame):
        frame.put(row, _PAYOUT, known(found.get("payout")), look(number=_IN_FULL, **line), span=2)
    step = _step_column(frame)
    frame.put(row, step, _step(frame, found), look(size=9, inset=8, wrap="CLIP", **line), span=_FIRST - step)
    for place, key in enumerate(keys):
        component, left = points.get((manager, key), {}), _FIRST + place * 2
        attained = look(ink=GREY, number=PERCENT, left=HAIRLINE, **line)
        frame.put(row, left, known(component.get("attainment")), attained)
        worth = known(component.get("points"))
        adds = None if worth is None else round(worth * 100, 6)
        frame.put(row, left + 1, adds, look(number=frame.numbers.figure(adds, "count"), **line))


def _step(frame: Frame, found: Record) -> str | None:
    """What the next step up needs: `Offers: 2 more, +6 points`."""
    step, needs, gains = str(found.get("step") or ""), known(found.get("needs")), known(found.get("gains"))
    if step not in frame.settings.indicators or needs is None or gains is None:
        return None
    unit = frame.settings.indicators[step].unit
    more = frame.numbers.said(_enough(needs) if unit == "money" else needs, unit)
    points = round(gains * 100)
    return frame.texts.plural(
        "{indicator}: {more} more, +{n} point",
        "{indicator}: {more} more, +{n} points",
        points,
        indicator=frame.label(step),
        more=more,
    )


def _enough(money: float) -> float:
    """Rounded up to what a sentence shows of money (`Numbers.said`), so that what it says is not too little."""
    shown = 1_000_000 if money > 99_900_000 else 100_000 if money > 999_000 else 1_000 if money > 10_000 else 1
    return math.ceil(round(money / shown, 9)) * float(shown)


def _total(frame: Frame, found: Pay) -> None:
    row, payouts = frame.rows(), found.totals["payout"].dropna()
    frame.named(row, frame.department)
    total = round(float(payouts.sum()), 2) if len(payouts) else None
    frame.put(row, _PAYOUT, total, look(bold=True, number=_IN_FULL, top=LINE), span=2)
