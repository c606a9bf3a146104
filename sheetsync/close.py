"""Closing a period, and restating it: read -> compute -> freeze -> write."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from sheetsync import batch, closing, history, journal, ledgers, logs
from sheetsync.errors import ClosedError, UsageError
from sheetsync.model import Page
from sheetsync.periods import Period
from sheetsync.reading import Read, freeze, late_edits, open_workbook, read
from sheetsync.review import Kept, settle
from sheetsync.schema import Settings
from sheetsync.settings import Place
from sheetsync.writing import Progress, write


@dataclass(frozen=True, slots=True)
class Closure:
    """What a close did: `rows` of the log were kept, and with `accept` `edits` is what was accepted.

    `again`: the period was closed already, but what was kept of it was gone.
    """

    period: Period
    rows: int
    edits: closing.LateEdits | None
    again: bool
    batch: batch.Batch
    requests: int
    changed: bool
    run_id: str


@dataclass(frozen=True, slots=True)
class _Computed:
    period: Period
    rows: int
    edits: closing.LateEdits | None
    again: bool
    pages: list[Page]
    read: Read


def close(
    settings: Settings,
    place: Place,
    *,
    period: str,
    accept: bool = False,
    now: datetime | None = None,
    dry_run: bool = False,
    run_id: str | None = None,
    progress: Progress = lambda _: None,
) -> Closure:
    """Computes the period once more and freezes it: its History rows become `closed`, its log rows and plans are kept.

    A closed period stays as it is, unless `accept`: then what was changed in its rows since is restated, the earlier
    figures kept as `superseded`. Where somebody deleted what was kept of it, its rows of today are kept in place of
    that, and its figures stay. Writes one batch. Raises UsageError where the period has not ended, or there is nothing
    closed to accept, ClosedError where it is closed already, or nothing is kept to compare with.
    """
    called = run_id or logs.new_run()
    with open_workbook(settings, place) as book:

        def look() -> Read:
            return read(book, settings, None, now)

        def plan(found: Read, made: _Computed | None) -> tuple[_Computed, batch.Batch]:
            computed = made or _compute(found, settings, found.clock.period(period, settings), accept=accept)
            run = found.run(book, called, "close", str(computed.period))
            return computed, found.plan(computed.pages, run, book.account)

        made, planned, changed = write(book, called, look, plan, dry_run=dry_run, progress=progress)
        run = made.read.run(book, called, "close", str(made.period))
        journal.tell(run, planned.cells, book.requests, changed=changed)
        did = (made.period, made.rows, made.edits, made.again)
        return Closure(*did, planned, book.requests, changed, called)


def _compute(found: Read, settings: Settings, period: Period, *, accept: bool) -> _Computed:
    _see_to(period, found, accept=accept)
    again = history.closed(found.kept.history, period) and not accept
    make = _restated if accept else _kept_again if again else _frozen
    edits, kept, closed = make(found, settings, period)
    pages = _pages(kept, closed, settings, [str(period)])
    return _Computed(period, len(closing.kept(closed, period)), edits, again, pages, found)


def _see_to(period: Period, found: Read, *, accept: bool) -> None:
    """Raises where the period can't be closed, or not be restated."""
    found.clock.moment(period)
    if period.end >= found.clock.run_day:
        raise UsageError(
            f"the period {period} has not ended; its last day is {period.end}",
            remedy="Close it on a later day, or name an earlier --period.",
        )
    is_closed = history.closed(found.kept.history, period)
    if accept and not is_closed:
        raise UsageError(f"the period {period} is not closed", remedy="Leave --accept out to close it.")
    is_kept = str(period) in closing.kept_ids(found.closed)
    if accept and not is_kept:
        raise ClosedError(
            f"what was kept of the period {period} is gone, so nobody can tell what was changed in it",
            remedy="Leave --accept out to keep its rows as they are now; its figures stay.",
        )
    if is_closed and is_kept and not accept:
        raise ClosedError(
            f"the period {period} is closed already",
            remedy="Nothing to do. Where rows of it were changed since, see the Issues tab: --accept restates it.",
        )


def _frozen(found: Read, settings: Settings, period: Period) -> tuple[None, Kept, pd.DataFrame]:
    """The period computed once more, and closed."""
    _, kept = settle(found.ledger, found.kept, settings, found.clock.moment(period))
    kept = replace(kept, history=history.close(kept.history, period))
    return None, kept, freeze(found, found.closed, kept, settings, period, found.ledger.actions)


def _kept_again(found: Read, settings: Settings, period: Period) -> tuple[None, Kept, pd.DataFrame]:
    """The closed period with its rows of today in place of what was kept of it; its History rows stay."""
    return None, found.kept, freeze(found, found.closed, found.kept, settings, period, found.ledger.actions)


def _restated(found: Read, settings: Settings, period: Period) -> tuple[closing.LateEdits, Kept, pd.DataFrame]:
    """The closed period with what was changed since; as it was where nothing was."""
    edits = late_edits(found, found.kept, settings, period, whole=True)
    if not edits:
        return edits, found.kept, found.closed
    synced_at = found.clock.now.replace(tzinfo=None, microsecond=0)
    figures = edits.figures.rename(columns={"after": "actual"})
    kept = replace(found.kept, history=history.restate(found.kept.history, period, figures, synced_at))
    return edits, kept, freeze(found, found.closed, kept, settings, period, edits.rows)


def _pages(kept: Kept, closed: pd.DataFrame, settings: Settings, stamped: Collection[str]) -> list[Page]:
    return [
        ledgers.history(kept.history, settings, stamped=stamped),
        ledgers.snapshots(kept.snapshots, settings),
        ledgers.closed(closed, settings),
    ]
