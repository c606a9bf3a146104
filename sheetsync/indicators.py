"""Planned versus actual: what the counted rows of a period add up to, per manager and for the department."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sheetsync.model import Ledger, Moment
from sheetsync.schema import Indicator, Settings

COLUMNS = ("manager", "measure", "unit", "plan", "plan_to_date", "actual", "attainment", "pace")

PACE_FROM = 5
"""There is no pace before one fifth (20 %) of the period's working days has passed."""


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
    actual = {name: _actual(item, rows, names) for name, item in settings.indicators.items() if item.ratio is None}
    for name, item in settings.indicators.items():
        if item.ratio is not None:
            part, whole = (actual[operand] for operand in item.ratio)
            actual[name] = part / whole.where(whole != 0)
    units = {name: item.unit for name, item in settings.indicators.items()}
    table = pd.DataFrame(actual, index=pd.Index(names, name="manager"))[list(units)]
    tidy = (
        table.T.melt(var_name="manager", value_name="actual", ignore_index=False).rename_axis("measure").reset_index()
    )
    tidy["unit"] = tidy["measure"].map(units).astype("str")
    tidy = tidy.merge(plan.rename(columns={"indicator": "measure"}), how="left", on=["manager", "measure"])
    tidy["attainment"] = _share(tidy["actual"], tidy["plan"])
    paced = ~tidy["measure"].isin(name for name, item in settings.indicators.items() if item.ratio is not None)
    soon = passed * PACE_FROM < working_days or working_days == 0
    tidy["pace"] = _share(tidy["actual"], tidy["plan_to_date"]).where(paced & (not soon))
    return tidy[list(COLUMNS)]


def _counting(actions: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    first, last = pd.Timestamp(moment.period.start), pd.Timestamp(min(moment.as_of, moment.period.end))
    return actions[actions["counted"].astype(bool) & actions["date"].between(first, last)]


def _shown(settings: Settings, rows: pd.DataFrame, moment: Moment) -> list[str]:
    seen, days = set(rows["manager"]), moment.period.days
    return [person.name for person in settings.managers if person.name in seen or any(map(person.employed, days))]


def _actual(indicator: Indicator, rows: pd.DataFrame, names: list[str]) -> pd.Series[float]:
    """The indicator of each manager; of the department, over all rows, under the last of `names`."""
    own = rows[rows["action"].isin(indicator.count or indicator.of or indicator.clients or ())]
    everybody = own.assign(manager=names[-1])
    return _measured(indicator, pd.concat([own, everybody])).reindex(names, fill_value=0.0)


def _measured(indicator: Indicator, rows: pd.DataFrame) -> pd.Series[float]:
    by_manager = rows["manager"]
    if indicator.count is not None:
        return rows.groupby("manager").size().astype(float)
    if indicator.clients is not None:
        return rows["client_key"].replace("", None).groupby(by_manager).nunique().astype(float)
    if indicator.sum == "Quantity":
        return rows["quantity"].fillna(1.0).groupby(by_manager).sum().round(6)
    cents = (rows["amount" if indicator.sum == "Amount" else "profit"] * 100).round()
    return cents.groupby(by_manager).sum() / 100


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    return part / whole.where(whole != 0, np.nan)
