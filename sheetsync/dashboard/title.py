"""The two frozen rows: whose rhythm, of which period, how fresh, and whether the figures can be trusted."""

from __future__ import annotations

from babel.dates import format_date, format_datetime

from sheetsync.canvas import BLUE, GREY, INK
from sheetsync.dashboard.frame import WIDTH, Frame, look
from sheetsync.dashboard.spoken import period_title, short, zone


def title(frame: Frame) -> None:
    """Draws the title."""
    canvas, texts = frame.canvas, frame.texts
    canvas.heights |= {0: 36, 1: 26, 2: 8}
    name = texts("{department} rhythm", department=frame.department)
    frame.put(0, 0, name, look(size=18, bold=True, valign="MIDDLE"))
    heading = period_title(frame.period, texts)
    frame.put(0, 9, heading, look(size=11, bold=True, align="RIGHT", valign="MIDDLE"), span=7)
    frame.put(1, 0, f"{short(frame.period, texts)} · {_elapsed(frame)}", look(ink=GREY, valign="MIDDLE"))
    _trust(frame)
    canvas.underline(1, range(WIDTH), ("SOLID_MEDIUM", INK))
    canvas.name("title", 0, 2, right=WIDTH)
    canvas.row = 3


def _elapsed(frame: Frame) -> str:
    report = frame.report
    share = report.passed / report.working_days if report.working_days else 0.0
    return frame.texts(
        "as of {day} · {passed} of {days} working days passed ({share}%)",
        day=format_date(report.moment.as_of, "EEE d MMM", locale=frame.texts.locale),
        passed=report.passed,
        days=report.working_days,
        share=round(share * 100),
    )


def _trust(frame: Frame) -> None:
    """When it was synced, and how many rows need somebody."""
    texts, moment = frame.texts, frame.report.moment
    clock = format_datetime(moment.now, "d MMM y HH:mm", locale=texts.locale)
    synced = texts("synced {time}", time=f"{clock} {zone(moment.now)}")
    frame.put(1, 7, synced, look(size=9, ink=GREY, align="RIGHT", valign="MIDDLE"), span=5, stamp=True)
    count = len(frame.report.issues)
    label = (
        texts.plural("{n} row needs attention →", "{n} rows need attention →", count)
        if count
        else texts("every row counts")
    )
    link = frame.link(frame.gids["issues"], 1, label)
    frame.put(1, 12, link, look(size=9, ink=BLUE, align="RIGHT", valign="MIDDLE"), span=4)
