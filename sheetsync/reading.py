"""What every command reads: the workbook's tabs, the clock of the run, and what of the past is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from sheetsync import base, batch, closing, history, journal, layout, ledgers
from sheetsync.batch import turn
from sheetsync.errors import ConfigError, UsageError
from sheetsync.google import Workbook
from sheetsync.google.failures import RenamedError
from sheetsync.model import Ledger, Moment, Page, RawTab, Value
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.review import Kept, classified, figures, measured, review
from sheetsync.schema import Settings
from sheetsync.settings import Place

TRIES = 3


@dataclass(frozen=True, slots=True)
class Read:
    """A workbook as read: two requests, whatever there is in it.

    `settings` with the managers' tabs as they are called there; `ledger` as parsed, its base not yet classified;
    `kept`, `closed` (see `closing.COLUMNS`) and `lines` (`journal.COLUMNS`) from our own tabs; `digest` is that of the
    managers'.
    """

    settings: Settings
    spreadsheet: Mapping[str, Any]
    layout: layout.Layout
    clock: Clock
    ledger: Ledger
    kept: Kept
    closed: pd.DataFrame
    lines: pd.DataFrame
    digest: str
    own: Mapping[str, list[list[Value]]]

    @property
    def runs(self) -> list[str]:
        """The ids of the runs that wrote, the latest last."""
        return list(self.lines["run_id"])

    def run(self, book: Workbook, run_id: str, command: str, period: str) -> journal.Run:
        """What is to be said of the run that has read this, and is about to write."""
        now, who, requests = self.clock.now, journal.who(book.identity), book.requests + 1
        return journal.Run(run_id, command, now, who, period, self.ledger.rows, self.digest, requests)

    def plan(self, pages: list[Page], run: journal.Run, editor: str) -> batch.Batch:
        """The batch that makes these tabs of ours as they should be, and a line of the run if it does anything."""
        held = {name: batch.Held(sheet, self.own[name]) for name, sheet in self.layout.own.items()}
        named = self.spreadsheet.get("namedRanges", [])
        planned = batch.plan(pages, held, named, editor=editor)
        if planned:
            number = 1 + max(turn.number(named), journal.last(self.lines))
            lines = journal.noted(self.lines, replace(run, cells=planned.cells, number=number))
            planned.take_along(batch.plan([ledgers.journal(lines, self.settings)], held, named, editor=editor))
            turn.hand_on(planned, named, self.layout.own_ids["history"], number)
        return planned


@dataclass(frozen=True, slots=True)
class Clock:
    """When a command runs: `run_day` is `--as-of`, else today; `now` in the workbook's zone."""

    run_day: date
    now: datetime

    def moment(self, period: Period) -> Moment:
        """The run as it looks at a period. Raises UsageError for a period that has not begun."""
        if period.start > self.run_day:
            raise UsageError(f"the period {period} has not begun on {self.run_day}", remedy="Name an earlier --period.")
        return Moment(period, min(self.run_day, period.end), self.run_day, self.now.date(), self.now)

    def period(self, name: str, settings: Settings) -> Period:
        """The period that is called so: an id, `current` or `last`. Raises UsageError for a text that is none."""
        current = Period.containing(self.run_day, settings.department.period)
        if name in ("current", "last"):
            return current if name == "current" else current.previous
        try:
            return Period.parse(name)
        except ValueError as error:
            raise UsageError(str(error), remedy="Or write --period current, --period last.") from None


def open_workbook(settings: Settings, place: Place) -> Workbook:
    """The workbook that the configuration names."""
    return Workbook.at(place, settings.workbook.credentials, settings.workbook.request_deadline)


def read(book: Workbook, settings: Settings, as_of: date | None, now: datetime | None) -> Read:
    """Reads and parses the workbook: the managers' tabs whole, and ours. Raises SheetsyncError.

    A tab that is renamed or deleted between the two requests is looked for once more.
    """
    for _ in range(TRIES - 1):
        try:
            return _read(book, settings, as_of, now)
        except RenamedError:
            continue
    return _read(book, settings, as_of, now)


def _read(book: Workbook, settings: Settings, as_of: date | None, now: datetime | None) -> Read:
    spreadsheet = book.metadata()
    settings = layout.named(settings, spreadsheet)
    found = layout.locate(settings, spreadsheet)
    properties = spreadsheet["properties"]
    clock = clock_of(settings, properties.get("timeZone"), as_of, now)
    own = list(found.own)
    ranges = [tab.range for tab in found.managers]
    ranges += [layout.quoted(str(found.own[name]["properties"]["title"])) for name in own]
    values = book.read(ranges).values
    tabs: dict[str, list[RawTab]] = {"actions": [], "base": [], "finance": []}
    for tab, rows in zip(found.managers, values, strict=False):
        tabs[tab.kind].append(RawTab(tab.title, rows, tab.manager))
    held = dict(zip(own, values[len(found.managers) :], strict=True))
    layout.see_that_they_are_ours(found.own, spreadsheet, held)
    typed = [(tab.title, rows) for tab, rows in zip(found.managers, values, strict=False)]
    moment = clock.moment(Period.containing(clock.run_day, settings.department.period))
    closed = closing.from_cells(held.get("closed", []))
    ledger = parse(tabs, settings, moment, str(properties.get("locale", "en_US")))
    return Read(
        settings,
        spreadsheet,
        found,
        clock,
        ledger,
        Kept(_history(held, closed), base.snapshots_from_cells(held.get("snapshots", []))),
        closed,
        journal.from_cells(held.get("journal", [])),
        journal.digest(typed),
        held,
    )


def _history(held: Mapping[str, list[list[Value]]], closed: pd.DataFrame) -> pd.DataFrame:
    """The History tab's rows; a period that something is kept of is closed, whatever somebody typed over its status."""
    found = history.from_cells(held.get("history", []))
    for name in sorted(closing.kept_ids(closed) - history.closed_ids(found)):
        found = history.close(found, Period.parse(name))
    return found


def runs(settings: Settings, place: Place) -> pd.DataFrame:
    """The run journal (`journal.COLUMNS`), oldest first; empty where there is none yet. Raises SheetsyncError.

    `at` has the workbook's zone; of an hour that a change of clocks repeats, the first is taken.
    """
    with open_workbook(settings, place) as book:
        spreadsheet = book.metadata()
        sheet = layout.own_tabs(settings, spreadsheet["sheets"]).get("journal")
        if sheet is None:
            return journal.from_cells([])
        zone = _zone(settings, spreadsheet["properties"].get("timeZone"))
        (rows,) = book.read([layout.quoted(str(sheet["properties"]["title"]))]).values
        layout.see_that_they_are_ours({"journal": sheet}, spreadsheet, {"journal": rows})
        found = journal.from_cells(rows)
        return found.assign(
            at=found["at"].dt.tz_localize(zone, ambiguous=[True] * len(found), nonexistent="shift_forward")
        )


def clock_of(settings: Settings, zone: str | None, as_of: date | None, now: datetime | None) -> Clock:
    """The run's clock; `zone` is the spreadsheet's. Raises ConfigError for an unknown time zone."""
    here = _zone(settings, zone)
    local = now.astimezone(here) if now else datetime.now(here)
    return Clock(as_of or local.date(), local)


def _zone(settings: Settings, zone: str | None) -> ZoneInfo:
    name = settings.workbook.timezone or zone or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"the spreadsheet's time zone {name!r} is not known here",
            remedy="Set workbook.timezone in the configuration, for example Europe/Moscow.",
        ) from None


def late_edits(found: Read, kept: Kept, settings: Settings, period: Period, *, whole: bool) -> closing.LateEdits:
    """What people changed in a closed period, and what it does to its figures at its end, whatever the as-of date.

    `whole`: to everything that History keeps of the period, which takes longer than to the indicators alone.
    """
    moment = replace(found.clock, run_day=max(found.clock.run_day, period.end)).moment(period)
    settings = _as_closed(settings, kept.history, period)

    def measure(actions: pd.DataFrame) -> pd.DataFrame:
        ledger = replace(found.ledger, actions=actions)
        if not whole:
            return figures(ledger, settings, moment)
        return measured(review(classified(ledger, settings, moment)[0], kept, settings, moment), kept, settings)

    past, issues = kept.history, found.ledger.issues
    return closing.late_edits(found.closed, past, found.ledger.actions, settings, period, measure, issues=issues)


def _as_closed(settings: Settings, past: pd.DataFrame, period: Period) -> Settings:
    """The configuration with as much of the pay to be seen as the period's rows in History have."""
    if settings.kpi is None:
        return settings
    kept = set(past.loc[past["period"] == str(period), "measure"])
    show = "pay" if "kpi.payout" in kept else "score" if "kpi.score" in kept else "nothing"
    return settings.model_copy(update={"kpi": settings.kpi.model_copy(update={"show": show})})


def freeze(
    found: Read, closed: pd.DataFrame, kept: Kept, settings: Settings, period: Period, actions: pd.DataFrame
) -> pd.DataFrame:
    """What is kept of closed periods, with these log rows of the period and the plans of its History rows."""
    past = kept.history
    plans = past[(past["period"] == str(period)) & (past["status"] != "superseded")]
    return closing.freeze(closed, period, actions, plans, settings=settings, issues=found.ledger.issues)
