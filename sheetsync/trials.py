"""Fixtures on trial: what stands with clients, for how long, and how many trials become contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sheetsync.model import Moment
from sheetsync.schema import Settings


@dataclass(frozen=True, slots=True)
class Trials:
    """`standing`, one row per client (deal) of the period's snapshot with Trial units above 0, the longest out first:
        key, client, deal, manager str · units float · value float (0 where blank, exact to the cent) · since
        datetime64 (NaT unknown) · days float (calendar days from `since` to as-of, NaN unknown) · overdue bool (days
        above `trial.limit_days`)
    `totals`, one row per manager (and the department, last):
        manager str · clients int · units float · value float · overdue_units float · overdue_value float
        longest float (days; NaN)
    `cohorts`, one row per month in which trials began, oldest first, the last 6 at most:
        month str (`2026-09`) · trials int (clients or deals whose first trial row of the log is in it) · contracts int
        (of them with a contract on that day or later, up to as-of) · conversion float · mature bool (its end lies
        `trial.mature_days` or more before as-of)
    """

    standing: pd.DataFrame
    totals: pd.DataFrame
    cohorts: pd.DataFrame


def trials(
    snapshot: pd.DataFrame | None, actions: pd.DataFrame, settings: Settings, moment: Moment, managers: Sequence[str]
) -> Trials | None:
    """Fixtures on trial as of `moment.as_of`; `snapshot` is what `base.stored` gave. None where none is stored."""
    raise NotImplementedError


def measures(found: Trials | None, settings: Settings, managers: Sequence[str]) -> pd.DataFrame:
    """`trial.overdue_units` per manager and for the department, last (`trial.units` and `trial.value` are `base`'s).

    Columns: manager, measure, unit str · actual float.
    """
    raise NotImplementedError
