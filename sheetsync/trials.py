"""Fixtures on trial: what stands with clients, for how long, and how many trials become contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sheetsync.base import in_order
from sheetsync.matching import keys, pairs
from sheetsync.model import Moment
from sheetsync.periods import Period
from sheetsync.schema import Settings

COHORTS = 6
"""So many months of trials are followed to their contracts."""

_STANDING = ["key", "client", "deal", "manager", "units", "value", "since", "days", "overdue"]


@dataclass(frozen=True, slots=True)
class Trials:
    """`standing`, one row per client (deal) of the period's snapshot with Trial units above 0, the longest out first:
        key, client, deal, manager str · units float · value float (0 where blank, exact to the cent) · since
        datetime64 (NaT unknown) · days float (calendar days from `since` to as-of, 0 where it is later, NaN unknown)
        overdue bool (days above `trial.limit_days`)
    `totals`, one row per manager (and the department, last):
        manager str · clients int · units float · value float (also of clients whose Trial units are blank, as in
        History) · overdue_units float · overdue_value float · longest float (days; NaN)
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
    """Fixtures on trial as of `moment.as_of`; `snapshot` is what `base.stored` gave. None where none is stored.

    Totals are shown of `managers` and of whoever has clients. Only rows of the log that count are followed, and only
    those with a client; a contract is the trial's by client, and by deal where both name one.
    """
    if snapshot is None:
        return None
    standing = _standing(snapshot, settings, moment)
    known = actions["counted"] & (actions["date"] <= pd.Timestamp(moment.as_of)) & (actions["client_key"] != "")
    totals = _totals(snapshot, standing, settings, managers)
    return Trials(standing, totals, _cohorts(actions[known], settings, moment))


def measures(found: Trials | None, settings: Settings, managers: Sequence[str]) -> pd.DataFrame:
    """`trial.overdue_units` per manager and for the department, last (`trial.units` and `trial.value` are `base`'s).

    Columns: manager, measure, unit str · actual float (NaN without a snapshot).
    """
    if found is None:
        names = [*managers, settings.department.name]
        units = pd.Series(float("nan"), index=range(len(names)))
    else:
        names, units = list(found.totals["manager"]), found.totals["overdue_units"]
    frame = pd.DataFrame({"manager": names, "measure": "trial.overdue_units", "unit": "count", "actual": units})
    return frame.astype({"manager": "str", "measure": "str", "unit": "str", "actual": "float64"})


def _standing(snapshot: pd.DataFrame, settings: Settings, moment: Moment) -> pd.DataFrame:
    rows = snapshot[snapshot["trial_units"] > 0]
    days = (pd.Timestamp(moment.as_of) - rows["trial_since"]).dt.days.clip(lower=0).astype("float64")
    table = rows.assign(
        key=keys(rows),
        units=rows["trial_units"],
        value=rows["trial_value"].fillna(0.0).round(2),
        since=rows["trial_since"],
        days=days,
        overdue=days > settings.trial.limit_days,
    )
    return table.sort_values(["days", "key"], ascending=[False, True], ignore_index=True)[_STANDING]


def _totals(
    snapshot: pd.DataFrame, standing: pd.DataFrame, settings: Settings, managers: Sequence[str]
) -> pd.DataFrame:
    """Per manager in the configuration's order, those unknown to it after them; the department is their sum."""
    names = in_order({*managers, *snapshot["manager"]}, settings)
    sums = standing.assign(
        clients=1,
        overdue_units=standing["units"].where(standing["overdue"], 0.0),
        overdue_cents=(standing["value"] * 100).round().where(standing["overdue"], 0.0),
    )
    columns = ["clients", "units", "overdue_units", "overdue_cents", "cents"]
    index = pd.Index(names, name="manager", dtype="str")
    by_manager = sums.groupby("manager")
    table = by_manager[columns[:-1]].sum().reindex(index, fill_value=0)
    table["cents"] = (snapshot["trial_value"] * 100).round().groupby(snapshot["manager"]).sum().reindex(index).fillna(0)
    table["longest"] = by_manager["days"].max().reindex(table.index)
    table.loc[settings.department.name] = [*table[columns].sum(), standing["days"].max()]
    return _in_money(table.reset_index())


def _in_money(table: pd.DataFrame) -> pd.DataFrame:
    table = table.assign(value=table["cents"] / 100, overdue_value=table["overdue_cents"] / 100)
    table = table.astype({"manager": "str", "clients": "int64", "units": "float64", "overdue_units": "float64"})
    return table[["manager", "clients", "units", "value", "overdue_units", "overdue_value", "longest"]]


def _cohorts(log: pd.DataFrame, settings: Settings, moment: Moment) -> pd.DataFrame:
    """Trials by the month of their first row; none where the catalogue has no trials or no contracts."""
    followed = {"trial", "contract"} <= settings.actions.keys()
    begun = _begun(log[log["action"] == "trial"] if followed else log[:0])
    begun["won"] = begun.index.isin(_won(begun, log[log["action"] == "contract"]))
    months = begun.groupby(begun["date"].dt.strftime("%Y-%m"))["won"].agg(["size", "sum"]).tail(COHORTS)
    ages = [(moment.as_of - Period.parse(str(month)).end).days for month in months.index]
    return pd.DataFrame(
        {
            "month": pd.Series(months.index, dtype="str"),
            "trials": months["size"].to_numpy(dtype="int64"),
            "contracts": months["sum"].to_numpy(dtype="int64"),
            "conversion": (months["sum"] / months["size"]).to_numpy(dtype="float64"),
            "mature": pd.Series([age >= settings.trial.mature_days for age in ages], dtype="bool"),
        }
    )


def _begun(rows: pd.DataFrame) -> pd.DataFrame:
    """The first trial of each client's deal: client, deal (folded) and date."""
    named = rows.rename(columns={"client_key": "client", "deal_key": "deal", "client": "_", "deal": "__"})
    return named.groupby(["client", "deal"])["date"].min().reset_index()


def _won(begun: pd.DataFrame, contracts: pd.DataFrame) -> pd.Series[int]:
    """Which of them (labels of `begun`) have a contract of their own on the first day or later."""
    both = pairs(begun, contracts)
    later = contracts["date"].loc[both["action"]].to_numpy() >= begun["date"].loc[both["row"]].to_numpy()
    return both.loc[later, "row"]
