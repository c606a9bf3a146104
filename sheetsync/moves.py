"""Moves of the base between two snapshots: who came and went, who warmed up and cooled down, and that it adds up.

A client (or a client's deal: the key of a base row) is followed from the latest earlier snapshot to this one. Where its
manager changed, it is first handed over in the category and with the money that it had, and moves then under the new
manager: so in every category, for every manager and for the department,

    start + entered - left = end            in clients
    start + entered - left + revalued = end in money

and the department's entered and left are its managers' less the clients handed over between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sheetsync.model import Moment
from sheetsync.periods import Period
from sheetsync.schema import Settings

EVENTS = ("new", "lost", "won", "up", "down", "calendar", "reassigned_in", "reassigned_out")
"""What is counted as `moves.<event>`; `revalued` is in `Moves.events` only."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved since the snapshot of `since`.

    `transitions`, one row per manager x source x target, and for the department (its name as `manager`):
        manager, source, target str · clients int · before, after float (money at the start and at the end, exact to
        the cent; blank amounts are 0)
        source is a category's id or `new`; target a category's id, `lost` or `reassigned` (handed to another manager).
        Those who stayed in their category are there too (source == target). A client who was handed over is in the
        old manager's row `category -> reassigned` and in the new manager's row of that category, as if it had always
        been there; the department has no `reassigned`.
    `balance`, one row per manager (and department) x category in the configuration's order:
        manager, category str · start, entered, left, end int · start_amount, entered_amount, left_amount, revalued,
        end_amount float
    `events`, one row per event of a client (several for one client are possible: won and up):
        manager str (who it counts for) · event str (`EVENTS`, or `revalued`) · key, client, deal str · source, target
        str (category ids, "" where none) · before, after float (money)
    """

    since: Period
    transitions: pd.DataFrame
    balance: pd.DataFrame
    events: pd.DataFrame


def moves(snapshots: pd.DataFrame, actions: pd.DataFrame, settings: Settings, moment: Moment) -> Moves | None:
    """The moves up to the snapshot of `moment.period`; None where it, or any earlier one of its length, is not stored.

    `snapshots`: see `base.SNAPSHOT_COLUMNS`; `actions`: `Ledger.actions`.

    new: not there before. lost: gone from the base. won: a counted payment above 0 after the earlier snapshot's period
    and up to the as-of date; a later category of it is no move down. calendar: the category differs only because the
    month turned: with what the row says now it would have had its earlier category in the earlier snapshot's month.
    up, down: any other change of category, by the order of the list. revalued: the amount changed, the category not.
    """
    raise NotImplementedError


def measures(found: Moves | None, settings: Settings, managers: Sequence[str]) -> pd.DataFrame:
    """`base.<category>.entered`, `base.<category>.left` and `moves.<event>` per manager and for the department (last).

    Columns: manager, measure, unit str · actual float (NaN where there are no moves to tell of). The department's
    reassigned figures are 0: handing over is no move of the department's.
    """
    raise NotImplementedError
