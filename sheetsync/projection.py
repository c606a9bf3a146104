"""Where the period is heading: projection to its end, what the rest needs a day, and the pace of lumpy money."""

from __future__ import annotations

import pandas as pd

from sheetsync.model import Ledger, Moment
from sheetsync.schema import Settings

COLUMNS = ("manager", "measure", "projection", "low", "high", "required")
FEWEST_MONTHS = 6
"""So many complete months of History make the department's own curve of the month."""


def paced(
    figures: pd.DataFrame, ledger: Ledger, history: pd.DataFrame, settings: Settings, moment: Moment
) -> pd.DataFrame:
    """The figures (see `indicators.figures`) with `plan_to_date` and `pace` of money by the department's own curve.

    The curve is the median cumulative share of a month's money by how far its working days have gone, over the complete
    months that History covers; with fewer than 6 of them the figures stay as they are.
    """
    raise NotImplementedError


def project(figures: pd.DataFrame, ledger: Ledger, settings: Settings, moment: Moment) -> pd.DataFrame:
    """Projection to the period's end, its range, and the required daily rate of the rest, per row of `figures`.

    Columns: manager, measure str · projection, low, high float (NaN: none; none for ratios, and none before 20 % of the
    working days) · required float (per working day left, to reach the plan; 0 where it is reached, NaN without plan or
    days left).
    """
    raise NotImplementedError
