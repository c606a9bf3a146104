"""Money: a cash forecast from the base, calibrated on the department's own history, with its error shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sheetsync.model import Moment
from sheetsync.periods import Period
from sheetsync.schema import Settings

MONTHS = 6
"""The forecast runs over the as-of date's month and the five after it."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """`months`: the six months. `by_month`, one row per manager (and the department, last) x when:
        manager str · when str (`2026-11`, ..., or `overdue`, `undated`, `later`) · received float (money that came in
        that month up to as-of; 0 elsewhere) · expected float (what is still expected, in full) · weighted float (the
        same times probability and paid/expected) · forecast float (received + weighted)
        All money exact to the cent.
    `calibration`, one row per category in the configuration's order:
        category str · configured float (its probability) · horizon int (months) · n int (observations) · paid int (of
        them with a payment) · probability float (configured and observed put together) · ratio float (paid / expected
        amount, put together with 1) · ratio_n int
    `coverage`, one row per manager (and department): manager str · due float (still expected of what is due in the
        period, in full) · due_weighted float · gap float (plan not yet met; NaN without plan, 0 where it is met)
        coverage, coverage_weighted float (due / gap; NaN where the gap is NaN or 0)
    `errors`, one row per ended month that a forecast was made for at its start, oldest first:
        month str · forecast float · revenue float
    `wape`: sum of |forecast - revenue| / sum of |revenue| over `errors`, `bias`: sum of (forecast - revenue) / sum of
        revenue; None where there is no data, or no revenue.
    """

    months: tuple[Period, ...]
    by_month: pd.DataFrame
    calibration: pd.DataFrame
    coverage: pd.DataFrame
    errors: pd.DataFrame
    wape: float | None
    bias: float | None


def forecast(
    snapshots: pd.DataFrame,
    actions: pd.DataFrame,
    figures: pd.DataFrame,
    history: pd.DataFrame,
    settings: Settings,
    moment: Moment,
    managers: Sequence[str],
) -> Forecast | None:
    """The forecast as of `moment.as_of` from the period's snapshot; None where it is not stored.

    `figures`: see `indicators.figures`, of the period, for the plan of `settings.revenue`. `history`: see
    `history.COLUMNS`, for forecasts made earlier. `managers` are shown although they have no clients.
    """
    raise NotImplementedError


def measures(found: Forecast | None, settings: Settings, moment: Moment, managers: Sequence[str]) -> pd.DataFrame:
    """`forecast.<YYYY-MM>` (six), `forecast.overdue`, `forecast.undated` (money), `coverage`, `coverage_weighted`
    (ratio) per manager and for the department, last. Columns: manager, measure, unit str · actual float."""
    raise NotImplementedError
