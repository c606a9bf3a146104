"""The hidden tab of closed periods: their rows, plans and names as they were at the close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from sheetsync import tables
from sheetsync.closing.content import CONTENT, folded, in_order, within
from sheetsync.closing.names import Spelt, unread_lines
from sheetsync.model import Issue
from sheetsync.parse import ACTIONS
from sheetsync.periods import Period
from sheetsync.schema import Settings
from sheetsync.texts import fold

_READINGS = MappingProxyType[str, tables.Reading](
    {
        "record": "text",
        "period": "text",
        "manager": "text",
        "date": "day",
        "action": "text",
        "client": "text",
        "deal": "text",
        "evidence": "text",
        "quantity": "number",
        "amount": "number",
        "profit": "number",
        "counted": "text",
        "rejected": "text",
        "measure": "text",
        "plan": "number",
        "spellings": "text",
    }
)

COLUMNS = tuple(_READINGS)
"""The columns of the hidden tab: texts str, `date` datetime64, numbers float (NaN blank; money exact to the cent).

`record` says what a line is, and `period` (an id) whose: `period` alone is there for each that was closed; a `plan` has
manager, measure and plan; a `row` of the log all from manager to rejected (`yes` or `no`), whether it counted or not; a
`name` is how a manager or an action (id) could be typed then, one of the `spellings` a line; an `unread` row had a
manager or an action that the configuration did not know, as typed (no date: all rows of a tab named after nobody).
"""

_RECORDS = ("period", "plan", "row", "name", "unread")


def from_cells(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The hidden tab of closed periods as a frame of `COLUMNS`, sorted by period and record; header in `rows[0]`.

    The tab is ours, and what people did to it is mended: a line that says nothing, or that lies outside its period, is
    ignored; a row that does not say otherwise counted, and was not rejected.
    """
    read = tables.read(rows, _READINGS)
    periods = periods_of(read["period"])
    read = read[read["record"].isin(_RECORDS) & read["period"].isin(list(periods))]
    spans, is_row = read["period"].map(periods), read["record"] == "row"
    counted, rejected = read["counted"].map(fold), read["rejected"].map(fold)
    mended = read.assign(
        period=spans.map(str),
        counted=counted.where(counted == "no", "yes").where(is_row, ""),
        rejected=rejected.where(rejected == "yes", "no").where(is_row, ""),
    )
    return _by_period(tables.typed(mended[_whole(read, spans)], _READINGS))


def _whole(lines: pd.DataFrame, spans: pd.Series[Any]) -> pd.Series[bool]:
    """Which lines say all that their record has to say; `spans` are their periods."""
    record, manager = lines["record"], lines["manager"] != ""
    named = manager | (lines["action"] != "")
    first, last = (pd.to_datetime(spans.map(lambda span, end=end: getattr(span, end))) for end in ("start", "end"))
    done = manager & (lines["action"] != "") & lines["date"].between(first, last)
    planned = manager & (lines["measure"] != "") & lines["plan"].notna()
    return (
        (record == "period")
        | ((record == "plan") & planned)
        | ((record == "row") & done)
        | (record.isin(["name", "unread"]) & named)
    )


def freeze(
    closed: pd.DataFrame,
    period: Period,
    actions: pd.DataFrame,
    figures: pd.DataFrame,
    *,
    settings: Settings | None = None,
    issues: Iterable[Issue] = (),
) -> pd.DataFrame:
    """The frame with the period's log rows and plans as they are now, in place of what was kept of it before.

    `actions`: as `Ledger.actions`, of which those dated in the period are kept, counted or not; `figures`: manager,
    measure str · plan float (NaN: no plan), such as the period's rows of the History. `settings` and `issues` (the
    ledger's) tell which names were understood and which were not: without them, rows that a later change of names
    reveals or hides look like late edits.
    """
    parts = {
        "period": pd.DataFrame(index=[0]),
        "plan": _plans(figures),
        "row": _kept_rows(actions[within(actions, period)]),
        "name": Spelt.of(settings).lines() if settings else pd.DataFrame(),
        "unread": unread_lines(issues, period),
    }
    lines = [part.assign(record=record, period=str(period)) for record, part in parts.items()]
    others = closed[closed["period"] != str(period)]
    return _by_period(tables.typed(pd.concat([others, *lines], ignore_index=True), _READINGS))


def _plans(figures: pd.DataFrame) -> pd.DataFrame:
    """What was planned, as lines; superseded rows of the History, which stand last, add nothing."""
    planned = figures.loc[figures["plan"].notna(), ["manager", "measure", "plan"]]
    planned = planned.assign(plan=planned["plan"].round(6) + 0.0)
    return planned.drop_duplicates(["manager", "measure"])


def kept_ids(closed: pd.DataFrame) -> frozenset[str]:
    """The ids of the periods that something was kept of. One that History alone calls closed is not among them."""
    return frozenset(closed["period"])


def kept(closed: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The period's log rows as they were kept: columns of `Ledger.actions`; the tab is "", rows are counted from 1.

    Managers and actions are those of the close.
    """
    return rows_of(closed[closed["period"] == str(period)])


def rows_of(lines: pd.DataFrame) -> pd.DataFrame:
    """The log rows among a period's lines."""
    rows = lines[lines["record"] == "row"]
    rows = rows.assign(
        tab="",
        row=range(1, len(rows) + 1),  # a row of its own for each: whoever reads a log tells rows apart by it
        comment="",
        client_key=folded(rows["client"]),
        deal_key=folded(rows["deal"]),
        counted=rows["counted"] != "no",
        rejected=rows["rejected"] == "yes",
    )
    return rows[list(ACTIONS)].reset_index(drop=True).astype(dict(ACTIONS))


def _kept_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the log in a fixed order, as lines."""
    rows = in_order(rows)[[*CONTENT, "counted", "rejected"]]
    flags = {name: rows[name].map({True: "yes", False: "no"}) for name in ("counted", "rejected")}
    return rows.assign(**flags)


def _by_period(closed: pd.DataFrame) -> pd.DataFrame:
    """Sorted by start, then shorter periods first, then in the order of the records; else the order stays."""
    periods = periods_of(closed["period"])
    keys = pd.DataFrame(
        {
            "start": closed["period"].map({text: period.start.toordinal() for text, period in periods.items()}),
            "days": closed["period"].map({text: len(period.days) for text, period in periods.items()}),
            "record": closed["record"].map({record: place for place, record in enumerate(_RECORDS)}),
        },
        index=closed.index,
    )
    order = keys.sort_values(["start", "days", "record"], kind="stable").index
    return closed.loc[order].reset_index(drop=True)


def periods_of(ids: pd.Series[str]) -> dict[str, Period]:
    """The periods that these texts name."""
    known = {}
    for text in ids.unique():
        try:
            known[text] = Period.parse(text)
        except (ValueError, OverflowError):
            continue
    return known
