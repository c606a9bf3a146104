"""The weekly run, readable top to bottom: read -> parse -> compute -> lay out -> write."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pandas as pd

from sheetsync import batch, closing, dashboard, guide, history, journal, ledgers, logs
from sheetsync.calibration import Calibration, recent
from sheetsync.calibration import calibrate as propose
from sheetsync.errors import ClosedError, UsageError
from sheetsync.model import Issue, Ledger, Moment, Page, Severity
from sheetsync.periods import Period
from sheetsync.reading import Read, freeze, late_edits, open_workbook, read
from sheetsync.review import Kept, Report, settle
from sheetsync.schema import Settings
from sheetsync.settings import Place
from sheetsync.writing import Progress, write


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did: the last period's report, the batch that was (or would be) written, how many requests it took.

    `periods` were computed; `skipped` were asked for and left alone, because they were closed already; `closed` were
    closed because of their age.
    """

    report: Report
    periods: tuple[Period, ...]
    skipped: tuple[Period, ...]
    closed: tuple[Period, ...]
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
class _Computed:
    report: Report
    periods: tuple[Period, ...]
    skipped: tuple[Period, ...]
    closed: tuple[Period, ...]
    pages: list[Page]
    read: Read


def sync(
    settings: Settings,
    place: Place,
    *,
    period: str = "current",
    until: str | None = None,
    as_of: date | None = None,
    now: datetime | None = None,
    dry_run: bool = False,
    run_id: str | None = None,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Reads the workbook, computes the period, and writes our tabs with one batch, if anything differs.

    `period` is an id, `current` or `last`; with `until` all open periods from the one to the other are computed, and
    the last is shown. `now` (with zone) stands in for the clock. `run_id` is drawn by lot where none is given. Raises
    SheetsyncError.
    """
    called = run_id or logs.new_run()
    with open_workbook(settings, place) as book:

        def look() -> Read:
            return read(book, settings, as_of, now)

        def plan(found: Read, made: _Computed | None) -> tuple[_Computed, batch.Batch]:
            computed = made or _compute(found, *_chosen(found, period, until))
            run = found.run(book, called, "sync", str(computed.periods[-1]))
            return computed, found.plan(computed.pages, run, book.account)

        made, planned, changed = write(book, called, look, plan, dry_run=dry_run, progress=progress)
        run = made.read.run(book, called, "sync", str(made.periods[-1]))
        journal.tell(run, planned.cells, book.requests, changed=changed)
        title = str(made.read.spreadsheet["properties"].get("title", ""))
        periods = (made.periods, made.skipped, made.closed)
        rows = made.read.ledger.rows
        return Outcome(made.report, *periods, rows, planned, book.requests, changed, called, title)


def check(
    settings: Settings,
    place: Place,
    *,
    now: datetime | None = None,
    run_id: str | None = None,
    progress: Progress = lambda _: None,
) -> tuple[Ledger, tuple[Issue, ...], int]:
    """Reads and computes all, and writes nothing: the ledger, every issue, and the requests made."""
    with open_workbook(settings, place) as book:
        progress("reading the workbook")
        found = read(book, settings, None, now)
        progress("computing")
        moment = found.clock.moment(found.clock.period("current", settings))
        run = found.run(book, run_id or logs.new_run(), "check", str(moment.period))
        report, kept = settle(found.ledger, found.kept, found.settings, moment)
        issues = _told(found, [*found.ledger.issues, *report.issues], kept, moment)
        journal.tell(run, 0, book.requests, changed=False)
        return found.ledger, _ordered(issues, settings), book.requests


def calibrate(
    settings: Settings,
    place: Place,
    *,
    periods: int = 2,
    now: datetime | None = None,
    progress: Progress = lambda _: None,
) -> tuple[Calibration, int]:
    """Reads the log of the last `periods` complete periods, at least 1, and proposes targets; the requests made too."""
    with open_workbook(settings, place) as book:
        progress("reading the workbook")
        found = read(book, settings, None, now)
        span = recent(found.ledger, settings.department.period, found.clock.run_day, periods)
        return propose(found.ledger, settings, span), book.requests


def _chosen(found: Read, first: str, last: str | None) -> tuple[list[Period], tuple[Period, ...]]:
    """The periods asked for that are open, and those that are closed.

    Raises UsageError where they make no span, ClosedError if none is open.
    """
    start = found.clock.period(first, found.settings)
    end = start if last is None else found.clock.period(last, found.settings)
    if start.kind is not end.kind or end.start < start.start:
        raise UsageError(
            f"{start} to {end} is no span of periods",
            remedy="Name two weeks, months or quarters, the earlier one first.",
        )
    span = [start]
    while span[-1].start < end.start:
        span.append(span[-1].next)
    moments = [found.clock.moment(each) for each in span]
    frozen = history.closed_ids(found.kept.history)
    opened = [moment.period for moment in moments if str(moment.period) not in frozen]
    if not opened:
        which = f"the period {start} is" if start == end else f"all periods from {start} to {end} are"
        raise ClosedError(
            f"{which} closed",
            remedy="Sync an open period. What was changed since is listed under Issues; "
            f"`sheetsync close --period {end} --accept` restates it.",
        )
    return opened, tuple(period for period in span if str(period) in frozen)


def _compute(found: Read, chosen: Sequence[Period], skipped: tuple[Period, ...]) -> _Computed:
    """The periods one after the other, those that are old enough closed, and our tabs as they should be."""
    settings, kept, closed = found.settings, found.kept, found.closed
    ageing = _old_enough(kept.history, settings, min(found.clock.run_day, found.clock.now.date()))
    reports: dict[Period, Report] = {}
    for period in sorted({*chosen, *ageing}, key=lambda each: (each.end, each.start)):
        moment = found.clock.moment(period)
        reports[period], kept = settle(found.ledger, kept, settings, moment, renew=period == _latest(period, chosen))
    freezing = tuple(period for period in reports if period in ageing)
    for period in freezing:
        kept = replace(kept, history=history.close(kept.history, period))
        closed = freeze(found, closed, kept, settings, period, found.ledger.actions)
    shown = reports[chosen[-1]]
    listed = _told(found, [*found.ledger.issues, *shown.issues], kept, shown.moment)
    report = replace(shown, history=kept.history, issues=_ordered(listed, settings))
    pages = _pages(found, report, kept, closed, [str(period) for period in reports])
    return _Computed(report, tuple(chosen), skipped, freezing, pages, found)


def _latest(period: Period, chosen: Sequence[Period]) -> Period:
    """The last of the periods of that length: today's base is its own, an earlier one's snapshot is older than that."""
    return max((each for each in (period, *chosen) if each.kind is period.kind), key=lambda each: each.start)


def _old_enough(past: pd.DataFrame, settings: Settings, run_day: date) -> set[Period]:
    """The open periods of History that `department.close_after_days` closes now."""
    if settings.department.close_after_days is None:
        return set()
    grace = timedelta(days=settings.department.close_after_days)
    names = set(past["period"]) - history.closed_ids(past)
    return {period for period in map(Period.parse, names) if period.end + grace < run_day}


def _told(found: Read, issues: Iterable[Issue], kept: Kept, moment: Moment) -> list[Issue]:
    """What of the issues is to be told with a period, and late edits of closed ones."""
    frozen = history.closed_ids(kept.history)
    return [*(issue for issue in issues if _listed(issue, moment, frozen)), *_late_edits(found, kept)]


def _late_edits(found: Read, kept: Kept) -> list[Issue]:
    """What people changed in closed periods after the close."""
    frozen = history.closed_ids(found.kept.history)
    issues = closing.missing(frozen - closing.kept_ids(found.closed), found.ledger, found.settings)
    for name in sorted(frozen.intersection(found.closed["period"])):
        edits = late_edits(found, kept, found.settings, Period.parse(name), whole=False)
        issues += closing.issues(edits, found.ledger, found.settings)
    return issues


def _pages(found: Read, report: Report, kept: Kept, closed: pd.DataFrame, stamped: Collection[str]) -> list[Page]:
    settings = found.settings
    pages = [
        dashboard.page(report, settings, found.layout.own_ids, found.layout.managers_ids),
        ledgers.history(kept.history, settings, stamped=stamped),
        ledgers.issues(report.issues, settings, found.layout.managers_ids),
        guide.page(settings),
        ledgers.snapshots(kept.snapshots, settings),
    ]
    if len(closed) or "closed" in found.own:
        pages.append(ledgers.closed(closed, settings))
    return pages


def _listed(issue: Issue, moment: Moment, closed: Collection[str]) -> bool:
    """Rows of the period, of earlier ones that are open, and rows whose date can't be right."""
    if issue.day is None or issue.day > moment.today:
        return True
    if issue.day > moment.period.end:
        return False
    return str(Period.containing(issue.day, moment.period.kind)) not in closed


def _ordered(issues: Iterable[Issue], settings: Settings) -> tuple[Issue, ...]:
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
