"""Ageing: how long clients stay in a category.

A stay is a client (or deal) in one category over snapshots that follow one another; other changes of the row do not
end it, nor do periods that were not synced when it was in the same category before and after.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sheetsync.model import Moment
from sheetsync.schema import Settings


@dataclass(frozen=True, slots=True)
class Ageing:
    """`current`, one row per client (deal) of the period's snapshot:
        key, client, deal, manager, category str · since datetime64 (first day of the first period in the category)
        days int (from `since` to as-of) · at_least bool (it began with the first snapshot, so it may be older)
        amount float (NaN blank)
    `categories`, one row per category in the configuration's order:
        category str · clients int · median float · longest float (days in it up to now; NaN without clients)
        longest_client str · passed int (stays that ended and whose beginning is known) · usual float (median days of
        those; NaN where there are none)
    """

    current: pd.DataFrame
    categories: pd.DataFrame


def stays(snapshots: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    """Every stay known up to `moment.period`, from the snapshots of its length; later snapshots are not looked at.

    Columns: key, client, deal, manager (the last), category str · since datetime64 (first day of its first period)
    until datetime64 (first day of the first period without it; NaT while it lasts) · ended, at_least bool
    amount float (the first Expected amount in it, NaN where none was given)
    """
    raise NotImplementedError


def ageing(snapshots: pd.DataFrame, settings: Settings, moment: Moment) -> Ageing | None:
    """How long the clients of the period's snapshot are in their categories; None where it is not stored."""
    raise NotImplementedError
