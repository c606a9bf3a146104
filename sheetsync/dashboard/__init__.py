"""The Dashboard: one grid that a director reads in one look.

A frozen name column and 15 equal columns, and every block stands on them: 5 headline cards x 3, 5 indicators x
(actual, plan, attainment), 7 categories x (clients, change) + total. Columns further right are hidden: the pace
behind each attainment (by which it is coloured), and the series that charts and sparklines are drawn from.

The blocks of most use come first, details below; each is a module here, with a function that draws it on the `Frame`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sheetsync.dashboard import verdict
from sheetsync.dashboard.act import Acting
from sheetsync.dashboard.base import base, palette
from sheetsync.dashboard.frame import COLUMN, NAMES, WIDTH, Frame
from sheetsync.dashboard.headline import headline
from sheetsync.dashboard.legend import legend
from sheetsync.dashboard.mend import mend
from sheetsync.dashboard.money import money
from sheetsync.dashboard.moves import moves
from sheetsync.dashboard.pay import pay
from sheetsync.dashboard.plan_actual import plan_actual
from sheetsync.dashboard.rest import rest
from sheetsync.dashboard.spoken import period_title
from sheetsync.dashboard.title import title
from sheetsync.dashboard.trends import lay_series, trends
from sheetsync.dashboard.trials import trials
from sheetsync.dashboard.verdict import TOLERANCE, mood
from sheetsync.model import Page
from sheetsync.review import Report
from sheetsync.schema import Settings

__all__ = ["SHEET_ID", "TOLERANCE", "mood", "page", "palette", "period_title"]

SHEET_ID = 700_001


def page(report: Report, settings: Settings, gids: Mapping[str, int], tabs: Mapping[str, int] | None = None) -> Page:
    """The Dashboard tab. `gids`: sheet ids of our tabs by tab id; `tabs`: of the managers' tabs by title, for links."""
    frame = Frame(report, settings, gids, tabs)
    acting = Acting(frame)
    lay_series(frame)
    title(frame)
    headline(frame)
    acting.top()
    plan_actual(frame)
    rest(frame)
    money(frame)
    base(frame)
    moves(frame)
    trials(frame)
    pay(frame)
    acting.lists()
    mend(frame)
    trends(frame)
    legend(frame)
    return _finished(frame)


def _finished(frame: Frame) -> Page:
    return frame.canvas.page(
        "dashboard",
        frame.settings.workbook.tabs.dashboard,
        SHEET_ID,
        frozen_rows=2,
        frozen_columns=1,
        gridlines=False,
        column_widths={0: NAMES, **dict.fromkeys(range(1, WIDTH), COLUMN)},
        hidden_columns=tuple(range(WIDTH, frame.canvas.columns)),
        rules=(*verdict.rules(frame.judged), *frame.rules),
        charts=tuple(frame.drawing.charts),
    )
