"""Fixtures on trial."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.base import CONTENT
from sheetsync.base import measures as base_measures
from sheetsync.schema import Settings
from sheetsync.schema import Trials as Limits
from sheetsync.tables import typed
from sheetsync.trials import Trials, measures, trials
from tests.department import ANNA, BORIS, INDICATORS, SALES, base, ledger, moment, settings

WEEK = "2026-W47"
TRIED = {
    "trials": {"label": "Trials", "count": ["trial"]},
    "contracts": {"label": "Contracts", "count": ["contract"]},
}
CONFIG = settings(indicators={**INDICATORS, **TRIED})


def snapshot(*clients: dict[str, Any]) -> pd.DataFrame:
    """The base of these clients, as it is stored."""
    return typed(base(*clients), CONTENT)


def found(
    *clients: dict[str, Any], log: tuple[dict[str, Any], ...] = (), as_of: str = "2026-11-20", config: Settings = CONFIG
) -> Trials:
    """What is on trial; Anna and Boris are shown."""
    kept = snapshot({"client": "Nothing out"}, *clients)
    told = trials(kept, ledger(*log).actions, config, moment(WEEK, as_of), [ANNA, BORIS])
    assert told is not None
    return told


def cohorts(*log: dict[str, Any], as_of: str = "2026-11-20", config: Settings = CONFIG) -> list[list[Any]]:
    """The cohorts as lists."""
    return found(log=log, as_of=as_of, config=config).cohorts.to_numpy().tolist()


def row(action: str, client: str, day: str, **fields: Any) -> dict[str, Any]:
    """A row of Anna's log that counts."""
    return {"action": action, "client": client, "manager": ANNA, "date": day, **fields}


# --- what stands with clients --------------------------------------------------------------------------------------


def test_what_stands_with_clients_the_longest_out_first() -> None:
    standing = found(
        {"client": "Undated", "trial_units": 2},
        {"client": "Short", "trial_units": 3, "trial_value": 0.1, "trial_since": "2026-10-21"},
        {"client": "Long", "deal": "Hall", "trial_units": 4, "trial_value": 70.7, "trial_since": "2026-10-20"},
        {"client": "Back", "trial_units": 0, "trial_value": 9.0, "trial_since": "2026-01-01"},
        {"client": "Later", "manager": BORIS, "trial_units": 1, "trial_since": "2026-11-22"},
    ).standing
    assert list(standing) == ["key", "client", "deal", "manager", "units", "value", "since", "days", "overdue"]
    assert standing.drop(columns="since").fillna(-1).to_numpy().tolist() == [
        ["long\nhall", "Long", "Hall", ANNA, 4, 70.7, 31, True],
        ["short\n", "Short", "", ANNA, 3, 0.1, 30, False],
        ["later\n", "Later", "", BORIS, 1, 0, 0, False],
        ["undated\n", "Undated", "", ANNA, 2, 0, -1, False],
    ]
    assert standing["since"].isna().tolist() == [False, False, False, True]


def test_the_limit_is_configured() -> None:
    config = CONFIG.model_copy(update={"trial": Limits(limit_days=29)})
    out = {"client": "Short", "trial_units": 3, "trial_since": "2026-10-21"}
    assert found(out, config=config).standing["overdue"].tolist() == [True]


def test_totals_per_manager_and_for_the_department() -> None:
    totals = found(
        {"client": "A", "trial_units": 2, "trial_value": 0.1, "trial_since": "2026-09-01"},
        {"client": "B", "trial_units": 3, "trial_value": 0.2, "trial_since": "2026-10-01"},
        {"client": "C", "trial_units": 4, "trial_value": 5.0, "trial_since": "2026-11-01"},
        {"client": "D", "trial_units": 1, "manager": "Somebody who left"},
    ).totals
    names = ["manager", "clients", "units", "value", "overdue_units", "overdue_value", "longest"]
    assert list(totals) == names
    assert totals.fillna(-1).to_numpy().tolist() == [
        [ANNA, 3, 9, 5.3, 5, 0.3, 80],
        [BORIS, 0, 0, 0, 0, 0, -1],
        ["Somebody who left", 1, 1, 0, 0, 0, -1],
        [SALES, 4, 10, 5.3, 5, 0.3, 80],
    ]
    kinds = [str(kind) for kind in totals.dtypes]
    assert kinds == ["str", "int64", *["float64"] * 5]


def test_totals_agree_with_the_measures_of_the_base() -> None:
    """Also where somebody gave a value and no units."""
    clients = [{"client": f"C{n}", "trial_units": n % 3 or None, "trial_value": n / 10} for n in range(9)]
    kept = snapshot(*clients, {"client": "D", "manager": BORIS, "trial_value": 0.7})
    told = trials(kept, ledger().actions, CONFIG, moment(WEEK), [ANNA, BORIS])
    assert told is not None
    stated = base_measures(kept, CONFIG, [ANNA, BORIS]).set_index(["measure", "manager"])["actual"]
    for measure, column in (("trial.units", "units"), ("trial.value", "value")):
        assert told.totals.set_index("manager")[column].to_dict() == stated[measure].to_dict()


def test_nothing_stands_with_anybody() -> None:
    told = found()
    assert told.standing.empty
    assert told.totals["units"].tolist() == [0, 0, 0]
    assert told.totals["longest"].isna().all()
    assert [str(kind) for kind in told.totals.dtypes] == ["str", "int64", *["float64"] * 5]


def test_without_a_snapshot_there_is_nothing_to_tell() -> None:
    assert trials(None, ledger().actions, CONFIG, moment(WEEK), [ANNA]) is None
    frame = measures(None, CONFIG, [ANNA])
    assert frame.fillna(-1).to_numpy().tolist() == [
        [ANNA, "trial.overdue_units", "count", -1],
        [SALES, "trial.overdue_units", "count", -1],
    ]


def test_overdue_units_for_history() -> None:
    told = found({"client": "A", "trial_units": 2, "trial_since": "2026-09-01"})
    frame = measures(told, CONFIG, [ANNA, BORIS])
    assert list(frame) == ["manager", "measure", "unit", "actual"]
    assert frame["manager"].tolist() == [ANNA, BORIS, SALES]
    assert frame["actual"].tolist() == [2, 0, 2]
    assert [str(kind) for kind in frame.dtypes] == ["str", "str", "str", "float64"]


def test_who_has_clients_but_nothing_out_has_a_figure_too() -> None:
    """Boris is not employed in the period, and has no fixtures: it is his base that shows him."""
    kept = snapshot({"client": "A", "trial_units": 2, "trial_since": "2026-09-01"}, {"client": "B", "manager": BORIS})
    told = trials(kept, ledger().actions, CONFIG, moment(WEEK), [ANNA])
    frame = measures(told, CONFIG, [ANNA, BORIS])
    assert frame[["manager", "actual"]].to_numpy().tolist() == [[ANNA, 2], [BORIS, 0], [SALES, 2]]


# --- from trial to contract ----------------------------------------------------------------------------------------


def test_the_first_trial_decides_the_month() -> None:
    log = [row("trial", "Acme", "2026-07-31"), row("trial", "Acme", "2026-08-02"), row("trial", "Bolt", "2026-08-01")]
    assert cohorts(*log) == [["2026-07", 1, 0, 0, True], ["2026-08", 1, 0, 0, False]]


def test_a_contract_on_the_day_or_later_makes_a_trial_a_success() -> None:
    log = [
        *(row("trial", name, "2026-08-10") for name in ("Before", "Same day", "Later", "After as-of", "Not counted")),
        row("contract", "Before", "2026-08-09"),
        row("contract", "Same day", "2026-08-10"),
        row("contract", "Later", "2026-11-20"),
        row("contract", "After as-of", "2026-11-21"),
        row("contract", "Not counted", "2026-09-01", counted=False),
        row("payment", "Before", "2026-09-01"),
    ]
    assert cohorts(*log) == [["2026-08", 5, 2, 0.4, False]]


def test_trials_that_do_not_count_begin_nothing() -> None:
    log = [
        row("trial", "Acme", "2026-06-01", counted=False),
        row("trial", "Acme", "2026-11-21"),
        row("trial", "", "2026-06-01"),
    ]
    assert cohorts(*log) == []


@pytest.mark.parametrize(
    ("deal", "signed", "won"),
    [("hall", "hall", 1), ("hall", "", 1), ("", "hall", 1), ("", "", 1), ("hall", "yard", 0)],
)
def test_deals_tell_trials_apart(deal: str, signed: str, won: int) -> None:
    trial = row("trial", "Acme", "2026-08-10", deal=deal, deal_key=deal)
    other = row("trial", "Acme", "2026-09-10", deal="roof", deal_key="roof")
    contract = row("contract", "Acme", "2026-08-20", deal=signed, deal_key=signed)
    assert cohorts(trial, other, contract) == [["2026-08", 1, won, won, False], ["2026-09", 1, 0, 0, False]]


def test_a_month_is_mature_so_many_days_after_its_end() -> None:
    trial = row("trial", "Acme", "2026-08-01")
    assert cohorts(trial, as_of="2026-11-28")[0][4] is False
    config = CONFIG.model_copy(update={"trial": Limits(mature_days=81)})
    assert cohorts(trial, config=config)[0][4] is True  # 20 November is 81 days after 31 August
    config = CONFIG.model_copy(update={"trial": Limits(mature_days=82)})
    assert cohorts(trial, config=config)[0][4] is False


def test_the_last_six_months_with_trials_are_told() -> None:
    days = ["2025-01-05", "2025-03-05", "2025-11-05", "2026-02-05", "2026-03-05", "2026-09-05", "2026-11-05"]
    told = cohorts(*[row("trial", f"Client {day}", day) for day in days])
    assert [cohort[0] for cohort in told] == ["2025-03", "2025-11", "2026-02", "2026-03", "2026-09", "2026-11"]


@pytest.mark.parametrize("kept", ["trials", "contracts"])
def test_a_catalogue_without_trials_or_contracts_has_no_cohorts(kept: str) -> None:
    config = settings(indicators={**INDICATORS, kept: TRIED[kept]})
    log = [row("trial", "Acme", "2026-08-01"), row("contract", "Acme", "2026-08-02")]
    assert cohorts(*log, config=config) == []


def test_cohorts_have_their_types_where_there_are_none() -> None:
    frame = found().cohorts
    assert list(frame) == ["month", "trials", "contracts", "conversion", "mature"]
    assert [str(kind) for kind in frame.dtypes] == ["str", "int64", "int64", "float64", "bool"]


def plainly(log: list[dict[str, Any]], as_of: date) -> list[list[Any]]:
    """The cohorts, counted in loops."""
    seen = [
        (item["action"], item["client"].casefold(), item["deal"], date.fromisoformat(item["date"]))
        for item in log
        if item["counted"] and item["client"] and date.fromisoformat(item["date"]) <= as_of
    ]
    begun: dict[tuple[str, str], date] = {}
    for action, client, deal, day in seen:
        if action == "trial":
            begun[client, deal] = min(day, begun.get((client, deal), day))
    months: dict[str, list[bool]] = {}
    for (client, deal), first in begun.items():
        won = any(
            action == "contract" and who == client and day >= first and (deal == what or not deal or not what)
            for action, who, what, day in seen
        )
        months.setdefault(f"{first:%Y-%m}", []).append(won)
    told = []
    for month, results in sorted(months.items())[-6:]:
        ending = (date.fromisoformat(f"{month}-28") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        told.append([month, len(results), sum(results), sum(results) / len(results), (as_of - ending).days >= 90])
    return told


ROWS = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["trial", "contract", "payment"]),
        "client": st.sampled_from(["", "Acme", "ACME", "Bolt"]),
        "deal": st.sampled_from(["", "hall", "yard"]),
        "date": st.dates(date(2026, 1, 1), date(2026, 12, 1)).map(str),
        "counted": st.sampled_from([True, True, True, False]),
        "quantity": st.sampled_from([math.nan, 0.0, 3.0]),
    }
)


@rules(max_examples=20)
@given(st.lists(ROWS, max_size=25))
def test_cohorts_are_what_a_plain_count_makes_of_them(log: list[dict[str, Any]]) -> None:
    rows = [{**item, "manager": ANNA, "deal_key": item["deal"]} for item in log]
    assert cohorts(*rows) == plainly(log, date(2026, 11, 20))


@rules(max_examples=10)
@given(st.lists(st.tuples(st.sampled_from([ANNA, BORIS]), st.integers(0, 9), st.integers(0, 99999)), max_size=12))
def test_the_department_is_the_sum_of_its_managers(clients: list[tuple[str, int, int]]) -> None:
    rows = [
        {
            "client": f"C{n}",
            "manager": who,
            "trial_units": units,
            "trial_value": cents / 100,
            "trial_since": f"2026-1{n % 2}-05",
        }
        for n, (who, units, cents) in enumerate(clients)
    ]
    totals = found(*rows).totals.set_index("manager")
    for column in ("clients", "units", "overdue_units"):
        assert totals.loc[[ANNA, BORIS], column].sum() == totals.loc[SALES, column]
    assert totals.loc[SALES, "units"] == sum(units for _, units, _ in clients)
    assert totals.loc[SALES, "value"] == sum(cents for *_, cents in clients) / 100
