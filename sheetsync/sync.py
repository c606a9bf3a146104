"""The weekly run, readable top to bottom: read -> parse -> compute -> lay out -> write."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from sheetsync import base, batch, columns, dashboard, guide, history, indicators, layout, ledgers
from sheetsync import plan as planning
from sheetsync.errors import ClosedError, ConfigError, UsageError
from sheetsync.google import Workbook
from sheetsync.google.failures import AmbiguousWriteError
from sheetsync.model import Issue, Ledger, Moment, Page, RawTab, Severity, Value
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.review import Report
from sheetsync.schema import Settings
from sheetsync.settings import Place

TRIES = 3
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did: the report, the batch that was (or would be) written, and how many requests it took."""

    report: Report
    rows: Mapping[str, int]
    batch: batch.Batch
    requests: int
    changed: bool
    run_id: str
    title: str

    def count(self, severity: Severity) -> int:
        """Issues of that severity."""
        return sum(issue.severity is severity for issue in self.report.issues)


@dataclass(frozen=True, slots=True)
class _Read:
    spreadsheet: Mapping[str, Any]
    layout: layout.Layout
    moment: Moment
    tabs: Mapping[str, list[RawTab]]
    own: Mapping[str, list[list[Value]]]


def sync(
    settings: Settings,
    place: Place,
    *,
    period: str = "current",
    as_of: date | None = None,
    now: datetime | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Reads the workbook, computes the period, and writes our tabs with one batch, if anything differs.

    `period` is an id, `current` or `last`; `now` (with zone) stands in for the clock. Where a write got no clear
    answer, the workbook is read again and only what is still missing is written. Raises SheetsyncError.
    """
    with open_workbook(settings, place) as book:
        for attempt in range(1, TRIES + 1):
            progress("reading the workbook")
            read = _read(book, settings, period, as_of, now)
            progress("computing")
            report, pages, rows = _compute(read, settings)
            planned = _plan(pages, read, book.account)
            changed = bool(planned) and not dry_run
            try:
                if changed:
                    progress("writing")
                    book.apply(planned.requests)
                break
            except AmbiguousWriteError:
                if attempt == TRIES:
                    raise
        title = str(read.spreadsheet["properties"].get("title", ""))
        return Outcome(report, rows, planned, book.requests, changed, uuid.uuid4().hex[:12], title)


def check(
    settings: Settings, place: Place, *, now: datetime | None = None, progress: Progress = lambda _: None
) -> tuple[Ledger, tuple[Issue, ...], int]:
    """Reads and parses all managers' tabs, and writes nothing: the ledger, every issue, and the requests made."""
    with open_workbook(settings, place) as book:
        progress("reading the workbook")
        read = _read(book, settings, "current", None, now)
        ledger = parse(read.tabs, settings, read.moment, _locale(read))
        _, doubts = _classified(ledger, read, settings)
        return ledger, _ordered([*ledger.issues, *doubts], settings), book.requests


def open_workbook(settings: Settings, place: Place) -> Workbook:
    """The workbook that the configuration names."""
    return Workbook.at(place, settings.workbook.credentials)


def _read(book: Workbook, settings: Settings, period: str, as_of: date | None, now: datetime | None) -> _Read:
    spreadsheet = book.metadata()
    found = layout.locate(settings, spreadsheet)
    moment = clock(settings, spreadsheet["properties"].get("timeZone"), period, as_of, now)
    own = list(found.own)
    ranges = [tab.range for tab in found.managers]
    ranges += [layout.quoted(str(found.own[name]["properties"]["title"])) for name in own]
    values = book.read(ranges).values
    tabs: dict[str, list[RawTab]] = {"actions": [], "base": [], "finance": []}
    for tab, rows in zip(found.managers, values, strict=False):
        tabs[tab.kind].append(RawTab(tab.title, rows, tab.manager))
    return _Read(spreadsheet, found, moment, tabs, dict(zip(own, values[len(found.managers) :], strict=True)))


def clock(settings: Settings, zone: str | None, period: str, as_of: date | None, now: datetime | None) -> Moment:
    """The run's clock: the period asked for, and its as-of date, which is at most the period's end.

    Raises UsageError for a period that is none or has not begun, ConfigError for an unknown time zone.
    """
    name = settings.workbook.timezone or zone or "UTC"
    try:
        here = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"the spreadsheet's time zone {name!r} is not known here",
            remedy="Set workbook.timezone in the configuration, for example Europe/Moscow.",
        ) from None
    local = now.astimezone(here) if now else datetime.now(here)
    run_day = as_of or local.date()
    kind = settings.department.period
    if period == "current":
        chosen = Period.containing(run_day, kind)
    elif period == "last":
        chosen = Period.containing(run_day, kind).previous
    else:
        try:
            chosen = Period.parse(period)
        except ValueError as error:
            raise UsageError(str(error), remedy="Or write --period current, --period last.") from None
    if chosen.start > run_day:
        raise UsageError(f"the period {chosen} has not begun on {run_day}", remedy="Name an earlier --period.")
    return Moment(chosen, min(run_day, chosen.end), run_day, local.date(), local)


def _compute(read: _Read, settings: Settings) -> tuple[Report, list[Page], Mapping[str, int]]:
    moment, period = read.moment, read.moment.period
    past = history.from_cells(read.own.get("history", []))
    if history.closed(past, period):
        raise ClosedError(
            f"the period {period} is closed", remedy="Sync an open period: its figures are not changed any more."
        )
    ledger = parse(read.tabs, settings, moment, _locale(read))
    days = planning.working_days(settings, period)
    passed = planning.passed(days, moment.as_of)
    plan = planning.plan(settings, period, moment.as_of)
    figures = indicators.figures(ledger, plan, settings, moment, passed=passed, working_days=len(days))

    spells = base.snapshots_from_cells(read.own.get("snapshots", []))
    doubts: tuple[Issue, ...] = ()
    if base.may_record(period, moment.run_day):
        classified, doubts = _classified(ledger, read, settings)
        spells = base.record(spells, classified, period)
    names = [name for name in dict.fromkeys(figures["manager"]) if name != settings.department.name]
    standing = base.measures(base.stored(spells, period), settings, names)

    order = [*(person.name for person in settings.managers), settings.department.name]
    measured = pd.concat([figures, standing], ignore_index=True)
    merged = history.merge(past, measured, period, moment.now.replace(tzinfo=None, microsecond=0), order)
    closed = history.closed_ids(past)
    issues = _ordered([issue for issue in [*ledger.issues, *doubts] if _listed(issue, moment, closed)], settings)
    report = Report(moment, figures, merged, issues, passed, len(days))
    pages = [
        dashboard.page(report, settings, read.layout.own_ids),
        ledgers.history(merged, settings, stamped=str(period)),
        ledgers.issues(issues, settings, read.layout.managers_ids),
        guide.page(settings),
        ledgers.snapshots(spells, settings),
    ]
    return report, pages, ledger.rows


def _classified(ledger: Ledger, read: _Read, settings: Settings) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    (tab,) = read.tabs["base"]
    places = columns.find("base", tab, settings.workbook.columns).places
    category = places.get("Category", places["Client"]) + 1
    return base.classify(ledger.base, settings, read.moment.as_of, category_column=category)


def _plan(pages: list[Page], read: _Read, editor: str) -> batch.Batch:
    held = {name: batch.Held(sheet, read.own[name]) for name, sheet in read.layout.own.items()}
    return batch.plan(pages, held, read.spreadsheet.get("namedRanges", []), editor=editor)


def _listed(issue: Issue, moment: Moment, closed: Collection[str]) -> bool:
    """Rows of the period, of earlier ones that are open, and rows whose date can't be right."""
    if issue.day is None or issue.day > moment.today:
        return True
    if issue.day > moment.period.end:
        return False
    return str(Period.containing(issue.day, moment.period.kind)) not in closed


def _ordered(issues: list[Issue], settings: Settings) -> tuple[Issue, ...]:
    """By manager, errors first, then in the order of the sheet."""
    order = {person.name: place for place, person in enumerate(settings.managers)}
    return tuple(
        sorted(
            issues,
            key=lambda issue: (
                order.get(issue.manager, len(order)),
                issue.severity is not Severity.ERROR,
                issue.cell.tab,
                issue.cell.row,
                issue.cell.column,
            ),
        )
    )


def _locale(read: _Read) -> str:
    return str(read.spreadsheet["properties"].get("locale", "en_US"))
