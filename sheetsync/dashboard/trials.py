"""Fixtures on trial: what stands with whose clients, what should have come back, and what trials led to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sheetsync.canvas import FAINT, GREY, HAIRLINE, INK, LINE, ORANGE
from sheetsync.dashboard import spoken
from sheetsync.dashboard.frame import Frame, Record, each, filled, look
from sheetsync.dashboard.numbers import COUNT, PERCENT, Pattern, quoted
from sheetsync.model import known
from sheetsync.periods import Period
from sheetsync.trials import Trials

MOST = 10
"""So many overdue clients are listed."""

_TOTALS = ("units", "overdue_units", "longest", "clients", "value", "overdue_value")
_LEFT_END, _LIST = 7, 8  # the end of the managers' table, and the first column of the list beside it


def trials(frame: Frame) -> None:
    """Draws what is on trial; nothing where no base is stored."""
    found = frame.report.trials
    if found is None:
        return
    with frame.block("trials"):
        top = frame.canvas.row
        _managers(frame, found)
        if len(found.cohorts):
            frame.rows()
            _cohorts(frame, each(found.cohorts))
        overdue = [row for row in each(found.standing) if row["overdue"]]
        if overdue:
            _overdue(frame, top, overdue)
            frame.canvas.row = max(frame.canvas.row, top + 2 + min(len(overdue), MOST + 1))


def _managers(frame: Frame, found: Trials) -> None:
    texts, top = frame.texts, frame.rows(2)
    frame.canvas.heights[top + 1] = 17
    frame.titled_line(top, texts("Fixtures on trial"), right=_LEFT_END)
    heads = (
        texts("units"),
        texts("overdue"),
        texts("days, most"),
        texts("clients"),
        texts("value, {currency}", currency=frame.currency),
        texts("overdue"),
    )
    frame.heads(top + 1, dict(enumerate(heads, 1)))
    for row in each(found.totals):
        _manager(frame, row)


def _manager(frame: Frame, found: Record) -> None:
    row, name = frame.rows(), str(found["manager"])
    total, side = name == frame.department, frame.side(name)
    frame.put(row, 0, name, look(bold=total, wrap="CLIP", **side))
    inks = {"overdue_units": ORANGE, "overdue_value": GREY}
    for column, measure in enumerate(_TOTALS, 1):
        value, unit = filled(found[measure]), "money" if measure.endswith("value") else "count"
        number = frame.numbers.figure(value, unit)
        pattern = quoted("▼", number) if measure == "overdue_units" else number
        size, ink = frame.numbers.size(unit), inks.get(measure, INK)
        frame.put(row, column, value, look(size=size, bold=total, number=pattern, ink=ink, **side))


def _overdue(frame: Frame, top: int, overdue: Sequence[Record]) -> None:
    """The clients whose fixtures are out longest, beside the managers' table."""
    texts, limit = frame.texts, frame.settings.trial.limit_days
    frame.titled_line(top, texts("Out for more than {days} days", days=limit), left=_LIST)
    heads = {13: texts("days"), 14: texts("units"), 15: texts("value, {currency}", currency=frame.currency)}
    frame.heads(top + 1, heads)
    for row, found in enumerate(overdue[:MOST], top + 2):
        _client(frame, row, found)
    more = len(overdue) - MOST
    if more > 0:
        words = texts.plural("and {n} more", "and {n} more", more)
        frame.put(top + 2 + MOST, _LIST, words, look(size=9, ink=GREY))


def _client(frame: Frame, row: int, found: Record) -> None:
    line: dict[str, Any] = {"bottom": HAIRLINE, "wrap": "CLIP"}
    deal = str(found["deal"])
    name = f"{found['client']} · {deal}" if deal else str(found["client"])
    frame.put(row, _LIST, name, look(**line), span=3)
    frame.put(row, 11, str(found["manager"]), look(ink=GREY, **line), span=2)
    frame.put(row, 13, known(found["days"]), look(number=COUNT, ink=ORANGE, **line))
    frame.put(row, 14, filled(found["units"]), look(number=COUNT, **line))
    value = filled(found["value"])
    frame.put(row, 15, value, look(size=frame.numbers.size("money"), number=frame.numbers.money(value), **line))


def _cohorts(frame: Frame, months: Sequence[Record]) -> None:
    """Trials by the month that they began in, and how many of them became contracts."""
    texts, top = frame.texts, frame.rows()
    frame.titled_line(top, texts("Trials begun in"), right=1 + len(months))
    rows = frame.rows(3)
    for offset, name in enumerate((texts("clients"), texts("with a contract"), texts("became contracts"))):
        frame.put(rows + offset, 0, name, look(size=9, wrap="CLIP", bottom=HAIRLINE))
    for column, month in enumerate(months, 1):
        ink = INK if month["mature"] else FAINT
        head = spoken.month(Period.parse(str(month["month"])), texts)
        frame.put(top, column, head, look(size=8, ink=GREY, align="RIGHT", bottom=LINE))
        share: Pattern = PERCENT if month["mature"] else ("PERCENT", '0%" …"')
        patterns = {"trials": COUNT, "contracts": COUNT, "conversion": share}
        for offset, (measure, number) in enumerate(patterns.items()):
            bold = measure == "conversion"
            shown = look(size=9, ink=ink, bold=bold, number=number, bottom=HAIRLINE)
            frame.put(rows + offset, column, known(month[measure]), shown)
    if not all(month["mature"] for month in months):
        frame.said(texts("… is too recent to judge: these trials may still become contracts."))
