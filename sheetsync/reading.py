"""What every command reads: the workbook's tabs, the clock of the run, and what of the past is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from sheetsync import base, batch, closing, history, layout
from sheetsync.batch import turn
from sheetsync.errors import ClosedError, ConfigError, ConflictError, SheetsyncError, UsageError
from sheetsync.google import Workbook
from sheetsync.google.failures import AmbiguousWriteError
from sheetsync.model import Ledger, Moment, Page, RawTab, Value
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.review import Kept, classified, figures, measured, review
from sheetsync.schema import Settings
from sheetsync.settings import Place

Made = TypeVar("Made")
Progress = Callable[[str], None]
TRIES = 3


@dataclass(frozen=True, slots=True)
class Read:
    """A workbook as read: two requests, whatever there is in it.

    `settings` with the managers' tabs as they are called there; `ledger` as parsed, its base not yet classified;
    `kept` and `closed` (see `closing.COLUMNS`) from our own tabs.
    """

    settings: Settings
    spreadsheet: Mapping[str, Any]
    layout: layout.Layout
    clock: Clock
    ledger: Ledger
    kept: Kept
    closed: pd.DataFrame
    own: Mapping[str, list[list[Value]]]

    def plan(self, pages: list[Page], editor: str) -> batch.Batch:
        """The batch that makes these tabs of ours as they should be."""
        held = {name: batch.Held(sheet, self.own[name]) for name, sheet in self.layout.own.items()}
        named = self.spreadsheet.get("namedRanges", [])
        planned = batch.plan(pages, held, named, editor=editor)
        turn.hand_on(planned, named, self.layout.own_ids["history"])
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


def write(
    book: Workbook, attempt: Callable[[], tuple[Made, batch.Batch]], *, dry_run: bool, progress: Progress
) -> tuple[Made, batch.Batch, bool]:
    """Plans and applies one batch: what was made, the batch, and whether it was written.

    `attempt` reads the workbook and plans. Where a write got no clear answer, it is called again: where nothing is
    missing then, or the period is closed by now, that write was applied, and what it was made of is given back; else
    what is still missing is written. So too where a write was refused because somebody else wrote after the reading.
    A third unclear answer is raised; a third lost race is a ConflictError.
    """
    unclear: tuple[Made, batch.Batch] | None = None
    for number in range(1, TRIES + 1):
        try:
            made, planned = attempt()
        except ClosedError:
            if unclear is None:
                raise
            return (*unclear, True)
        if not planned and unclear is not None:
            return (*unclear, True)
        if not planned or dry_run:
            break
        progress("writing")
        came_of_it = _sent(book, planned, last=number == TRIES)
        if came_of_it == "applied":
            return made, planned, True
        if came_of_it == "unclear":
            unclear = made, planned
    return made, planned, False


def _sent(book: Workbook, planned: batch.Batch, *, last: bool) -> Literal["applied", "unclear", "overtaken"]:
    """Sends a batch; `overtaken` where it was refused since somebody else has written after the reading."""
    try:
        book.apply(planned.requests)
    except AmbiguousWriteError:
        if last:
            raise
        return "unclear"
    except SheetsyncError as error:
        if turn.number(book.metadata().get("namedRanges", [])) == planned.turn:
            raise
        if last:
            raise ConflictError(
                "somebody else wrote into the workbook again and again while this ran",
                remedy="Nothing of this run was written. Run the command again.",
            ) from error
        return "overtaken"
    return "applied"


def read(book: Workbook, settings: Settings, as_of: date | None, now: datetime | None) -> Read:
    """Reads and parses the workbook: the managers' tabs whole, and ours. Raises SheetsyncError."""
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
        held,
    )


def _history(held: Mapping[str, list[list[Value]]], closed: pd.DataFrame) -> pd.DataFrame:
    """The History tab's rows; a period that something is kept of is closed, whatever somebody typed over its status."""
    found = history.from_cells(held.get("history", []))
    for name in sorted(closing.kept_ids(closed) - history.closed_ids(found)):
        found = history.close(found, Period.parse(name))
    return found


def clock_of(settings: Settings, zone: str | None, as_of: date | None, now: datetime | None) -> Clock:
    """The run's clock; `zone` is the spreadsheet's. Raises ConfigError for an unknown time zone."""
    name = settings.workbook.timezone or zone or "UTC"
    try:
        here = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"the spreadsheet's time zone {name!r} is not known here",
            remedy="Set workbook.timezone in the configuration, for example Europe/Moscow.",
        ) from None
    local = now.astimezone(here) if now else datetime.now(here)
    return Clock(as_of or local.date(), local)


def late_edits(found: Read, kept: Kept, settings: Settings, period: Period, *, whole: bool) -> closing.LateEdits:
    """What people changed in a closed period, and what it does to its figures.

    `whole`: to everything that History keeps of the period, which takes longer than to the indicators alone.
    """
    moment = found.clock.moment(period)
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
