"""The tidy tabs as pages: History, Issues, Snapshots, the closed periods and the run journal."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from sheetsync.canvas import BLUE, GREY, INK, ORANGE, lean, style
from sheetsync.model import PLAIN, Cell, Formula, Issue, Page, Severity
from sheetsync.schema import Settings
from sheetsync.texts import Texts

HISTORY_ID, ISSUES_ID, SNAPSHOTS_ID, CLOSED_ID, JOURNAL_ID = 700_002, 700_003, 700_005, 700_006, 700_007
MOST_ISSUES = 2_000

_HEAD = style(bold=True, bottom=("SOLID_MEDIUM", INK))
_DATE = lean(number=("DATE", "yyyy-mm-dd"))
_TIME = lean(number=("DATE_TIME", "yyyy-mm-dd hh:mm:ss"))
_PERCENT = lean(number=("PERCENT", "0.0%"))
_LOOKS = {
    **dict.fromkeys(("date", "expected_payment", "trial_since", "last_contact", "start", "end"), _DATE),
    "synced_at": _TIME,
    "at": _TIME,
    "attainment": _PERCENT,
}


def history(frame: pd.DataFrame, settings: Settings, *, stamped: Collection[str]) -> Page:
    """The History tab from its rows (`history.COLUMNS`); `stamped` are the periods whose `synced_at` is this run's."""
    fresh = frame["period"].isin(stamped)
    columns = {name: _column(frame[name]) for name in frame.columns}
    columns["synced_at"] = [
        Cell(cell.value, _TIME, stamp=True) if own else cell
        for cell, own in zip(columns["synced_at"], fresh, strict=True)
    ]
    widths = {0: 84, 1: 90, 2: 90, 3: 160, 4: 190, 5: 110, 6: 110, 7: 90, 8: 60, 9: 90, 10: 150}
    title, rows = settings.workbook.tabs.history, _under_names(columns)
    periods, key = list(columns).index("period"), range(3, 5)
    return _table("history", title, HISTORY_ID, rows, len(columns), widths, periods=periods, key=key)


def snapshots(frame: pd.DataFrame, settings: Settings) -> Page:
    """The hidden Snapshots tab from its spells (see `base.SNAPSHOT_COLUMNS`)."""
    widths = {0: 220, 1: 120, 2: 160}
    return _hidden("snapshots", settings.workbook.tabs.snapshots, SNAPSHOTS_ID, frame, widths, "to_period")


def closed(frame: pd.DataFrame, settings: Settings) -> Page:
    """The hidden tab of closed periods from what was kept of them (see `closing.COLUMNS`)."""
    widths = {0: 70, 1: 84, 2: 160, 3: 90, 4: 120, 5: 200, 6: 120, 7: 220, 13: 160, 14: 110}
    return _hidden("closed", settings.workbook.tabs.closed, CLOSED_ID, frame, widths, "period", key=range(4, 6))


def journal(lines: pd.DataFrame, settings: Settings) -> Page:
    """The hidden tab of runs from its lines (`journal.COLUMNS`)."""
    widths = {0: 70, 1: 120, 2: 80, 3: 150, 4: 300, 8: 150}
    return _hidden("journal", settings.workbook.tabs.journal, JOURNAL_ID, lines, widths, key=range(1, 2))


def issues(found: Sequence[Issue], settings: Settings, gids: Mapping[str, int]) -> Page:
    """The Issues tab; `gids` are the sheet ids of the managers' tabs by title. At most 2,000 rows are listed."""
    texts = Texts(settings.workbook.language)
    titles = ("Severity", "Tab", "Cell", "Manager", "Date", "Typed", "What is wrong", "What to do", "Effect")
    rows: list[tuple[Cell, ...]] = [tuple(Cell(texts(title), _HEAD) for title in titles)]
    rows += [_issue_row(issue, texts, gids) for issue in found[:MOST_ISSUES]]
    if len(found) > MOST_ISSUES:
        more = texts("{n} more are not listed: mend these first.", n=len(found) - MOST_ISSUES)
        rows.append((Cell(more, style(ink=GREY)),))
    if not found:
        rows.append((Cell(texts("Nothing to mend: every row counts."), style(ink=GREY)),))
    widths = {0: 150, 1: 110, 2: 60, 3: 150, 4: 90, 5: 190, 6: 320, 7: 320, 8: 220}
    return _table("issues", settings.workbook.tabs.issues, ISSUES_ID, rows, len(titles), widths)


def _issue_row(issue: Issue, texts: Texts, gids: Mapping[str, int]) -> tuple[Cell, ...]:
    bad = issue.severity is Severity.ERROR
    sign = f"▼ {texts('error')}" if bad else f"● {texts('warning')}"
    place: Any = issue.cell.a1
    if issue.cell.tab in gids:
        address = issue.cell.a1
        place = Formula(f'=HYPERLINK("#gid={gids[issue.cell.tab]}&range={address}";"{address}")', address)
    clipped, wrapped = lean(wrap="CLIP", top=True), lean(wrap="WRAP", top=True)
    return (
        Cell(sign, lean(ink=ORANGE if bad else GREY, bold=bad, top=True)),
        Cell(issue.cell.tab, clipped),
        Cell(place, lean(ink=BLUE, top=True)),
        Cell(issue.manager, clipped),
        Cell(issue.day, lean(number=("DATE", "yyyy-mm-dd"), top=True)),
        Cell(issue.typed, lean(ink=GREY, wrap="CLIP", top=True)),
        Cell(issue.problem, wrapped),
        Cell(issue.remedy, wrapped),
        Cell(issue.effect, wrapped),
    )


def _column(values: pd.Series[Any]) -> list[Cell]:
    """A column's cells; equal ones are one and the same."""
    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    look = _LOOKS.get(str(values.name), PLAIN)
    made = [Cell(_plain(value), look) for value in distinct]
    return [made[code] for code in codes]


def _plain(value: Any) -> Any:
    """A cell's value: NaN, NaT and None are blank; a timestamp at midnight is a date."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        moment = value.to_pydatetime()
        return moment.date() if moment.time() == moment.min.time() else moment
    if isinstance(value, date | str | bool | int):
        return value
    return float(value)


def _hidden(
    page_id: str,
    title: str,
    sheet_id: int,
    frame: pd.DataFrame,
    widths: Mapping[int, int],
    period: str | None = None,
    *,
    key: range = range(1),
) -> Page:
    """A tab that is there for sheetsync itself to read; the column `period` says of which period a row is, and those of
    the numbers `key` tell rows apart."""
    columns = {str(name): _column(frame[name]) for name in frame.columns}
    place = None if period is None else list(columns).index(period)
    rows = _under_names(columns)
    return _table(page_id, title, sheet_id, rows, len(columns), widths, hidden=True, periods=place, key=key)


def _under_names(columns: Mapping[str, Sequence[Cell]]) -> list[tuple[Cell, ...]]:
    """The columns as rows, under a row of their names."""
    return [tuple(Cell(name, _HEAD) for name in columns), *zip(*columns.values(), strict=True)]


def _table(
    page_id: str,
    title: str,
    sheet_id: int,
    rows: Sequence[tuple[Cell, ...]],
    columns: int,
    widths: Mapping[int, int],
    *,
    hidden: bool = False,
    periods: int | None = None,
    key: range | None = None,
) -> Page:
    return Page(
        page_id,
        title,
        sheet_id,
        tuple(rows),
        columns,
        frozen_rows=1,
        hidden=hidden,
        column_widths=widths,
        tall=True,
        periods=periods,
        key=key,
    )
