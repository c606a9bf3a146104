"""Planned versus actual: what the counted rows of a period add up to, per manager and for the department."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sheetsync.model import Ledger, Moment
from sheetsync.schema import Indicator, Settings

COLUMNS = ("manager", "measure", "unit", "plan", "plan_to_date", "actual", "attainment", "pace")

PACE_FROM = 5
"""There is no pace before one fifth (20 %) of the period's working days has passed."""

_MONEY = ("Amount", "Profit")


def figures(
    ledger: Ledger, plan: pd.DataFrame, settings: Settings, moment: Moment, *, passed: int, working_days: int
) -> pd.DataFrame:
    """Every indicator's figures, per manager in the configuration's order and for the department, which comes last.

    `plan` has columns manager, indicator, plan, plan_to_date; `passed` of the department's `working_days` have gone by
    up to the as-of date inclusive. The answer has `COLUMNS`: manager, measure, unit str, the others float, NaN where
    there is nothing to show. Only rows that count, dated within the period and at most on the as-of date, are added up.
    A manager is shown who is employed on a day of the period or has such a row.

    actual: number of rows, sum (money exact to the cent; a blank Quantity is 1, a blank Amount or Profit 0) or number
    of distinct clients, 0 where there is no row; a ratio is the ratio of two of these, NaN where the second is 0.
    attainment = actual / plan, and pace = actual / plan_to_date; NaN where the divisor is NaN or 0. A ratio has no
    pace, and nothing has before 20 % of the working days have passed.
    """
    rows = _counting(ledger.actions, moment)
    names = [*_shown(settings, rows, moment), settings.department.name]
    actual = _actual(settings.indicators, rows, names)
    items = settings.indicators.items()
    grid = pd.MultiIndex.from_product([names, settings.indicators], names=["manager", "indicator"])
    promised = plan.set_index(["manager", "indicator"]).reindex(grid)
    tidy = pd.DataFrame(
        {
            "manager": pd.Series([name for name in names for _ in items], dtype="str"),
            "measure": pd.Series([id_ for _ in names for id_, _ in items], dtype="str"),
            "unit": pd.Series([item.unit for _ in names for _, item in items], dtype="str"),
            "plan": promised["plan"].to_numpy(),
            "plan_to_date": promised["plan_to_date"].to_numpy(),
            "actual": np.column_stack([actual[id_] for id_, _ in items]).ravel(),
        }
    )
    tidy["attainment"] = _share(tidy["actual"], tidy["plan"])
    paced = np.array([item.ratio is None for _ in names for _, item in items])
    soon = passed * PACE_FROM < working_days or working_days == 0
    tidy["pace"] = _share(tidy["actual"], tidy["plan_to_date"]).where(paced & (not soon))
    return tidy


def _counting(actions: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    first, last = pd.Timestamp(moment.period.start), pd.Timestamp(min(moment.as_of, moment.period.end))
    return actions[actions["counted"].astype(bool) & actions["date"].between(first, last)]


def _shown(settings: Settings, rows: pd.DataFrame, moment: Moment) -> list[str]:
    seen, days = set(rows["manager"]), moment.period.days
    return [person.name for person in settings.managers if person.name in seen or any(map(person.employed, days))]


def _actual(indicators: Mapping[str, Indicator], rows: pd.DataFrame, names: list[str]) -> dict[str, pd.Series[float]]:
    """Each indicator of each manager; of the department, over all rows, under the last of `names`."""
    rows = rows[["manager", "action", "client_key", "quantity", "amount", "profit"]]
    everybody = pd.concat([rows, rows.assign(manager=names[-1])], ignore_index=True)
    parts = {id_: _measured(item, everybody) for id_, item in indicators.items() if item.ratio is None}
    sums = pd.DataFrame(parts).groupby(everybody["manager"]).sum().reindex(names, fill_value=0.0)
    actual = {id_: sums[id_] / 100 if indicators[id_].sum in _MONEY else sums[id_].round(6) for id_ in parts}
    for id_, item in indicators.items():
        if item.ratio is not None:
            part, whole = (actual[operand] for operand in item.ratio)
            actual[id_] = part / whole.where(whole != 0)
    return actual


def _measured(indicator: Indicator, rows: pd.DataFrame) -> np.ndarray:
    """What each row adds to the indicator; money in cents."""
    own = np.isin(rows["action"].to_numpy(), indicator.count or indicator.of or indicator.clients or ())
    if indicator.clients is not None:
        named = rows.loc[own & (rows["client_key"] != ""), ["manager", "client_key"]]
        return rows.index.isin(named.drop_duplicates().index).astype(float)
    if indicator.sum in _MONEY:
        return np.where(own, (rows[indicator.sum.lower()] * 100).round().fillna(0.0), 0.0)
    return np.where(own, 1.0 if indicator.sum is None else rows["quantity"].fillna(1.0), 0.0)


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    return part / whole.where(whole != 0, np.nan)
