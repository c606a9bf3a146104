"""Planned versus actual."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.indicators import COLUMNS, figures
from sheetsync.schema import Settings
from tests.department import ANNA, BORIS, SALES, ledger, moment, settings

WEEK = "2026-W47"
CONFIG = settings()


def row(action: str, manager: str = ANNA, day: str = "2026-11-16", **fields: Any) -> dict[str, Any]:
    """An action row that counts."""
    return {"action": action, "manager": manager, "date": day, **fields}


def promise(plan: float, to_date: float, manager: str = ANNA, indicator: str = "meetings") -> pd.DataFrame:
    """A plan frame of one row; everything else has none."""
    columns = {"manager": [manager], "indicator": [indicator], "plan": [plan], "plan_to_date": [to_date]}
    return pd.DataFrame(columns).astype({"plan": "float64", "plan_to_date": "float64"})


NO_PLAN = promise(1, 1, "", "")


def counted(
    *rows: dict[str, Any],
    as_of: str = "2026-11-22",
    plan: pd.DataFrame = NO_PLAN,
    config: Settings = CONFIG,
    passed: int = 5,
    working_days: int = 5,
) -> pd.DataFrame:
    """The figures of the week, by manager and measure."""
    frame = figures(ledger(*rows), plan, config, moment(WEEK, as_of), passed=passed, working_days=working_days)
    return frame.set_index(["manager", "measure"])


def actual(frame: pd.DataFrame, measure: str, *names: str) -> list[float]:
    """The actual of the measure for these managers, NaN as -1."""
    return [float(frame["actual"].fillna(-1)[name, measure]) for name in names or (ANNA, BORIS, SALES)]


def test_every_manager_and_measure_has_a_row_and_the_department_is_last() -> None:
    frame = counted().reset_index()
    assert tuple(frame[list(COLUMNS)]) == COLUMNS
    assert list(frame["manager"].unique()) == [ANNA, BORIS, SALES]
    assert list(frame["measure"]) == list(CONFIG.indicators) * 3
    assert list(frame["unit"][:7]) == ["count", "count", "count", "count", "ratio", "money", "money"]


def test_rows_are_counted_per_manager_and_action() -> None:
    frame = counted(row("meeting"), row("meeting"), row("meeting", BORIS), row("payment", BORIS))
    assert actual(frame, "meetings") == [2, 1, 3]


def test_without_rows_a_count_is_zero_and_a_ratio_blank() -> None:
    frame = counted()
    assert actual(frame, "meetings") == [0, 0, 0]
    assert actual(frame, "clients_met") == [0, 0, 0]
    assert actual(frame, "revenue") == [0, 0, 0]
    assert actual(frame, "conversion") == [-1, -1, -1]


def test_rows_that_do_not_count_or_lie_outside_are_left_out() -> None:
    frame = counted(
        row("meeting", counted=False),
        row("meeting", day="2026-11-15"),
        row("meeting", day="2026-11-16"),
        row("meeting", day="2026-11-18"),
        row("meeting", day="2026-11-19"),
        as_of="2026-11-18",
    )
    assert actual(frame, "meetings", ANNA) == [2]


def test_an_as_of_date_beyond_the_period_adds_nothing() -> None:
    assert actual(counted(row("meeting", day="2026-11-23"), as_of="2026-11-30"), "meetings", ANNA) == [0]


def test_a_blank_quantity_is_one_and_zero_is_zero() -> None:
    frame = counted(row("lead_accepted"), row("lead_rejected", quantity=4), row("lead_accepted", BORIS, quantity=0))
    assert actual(frame, "leads") == [5, 0, 5]


def test_a_blank_profit_adds_nothing_and_a_refund_subtracts() -> None:
    frame = counted(row("payment", amount=100, profit=20), row("payment", amount=-30))
    assert actual(frame, "revenue", ANNA) == [70]
    assert actual(frame, "gross_profit", ANNA) == [20]


def test_cents_that_no_float_holds_add_up() -> None:
    frame = counted(*[row("payment", amount=1.15, profit=0.29)] * 3)
    assert actual(frame, "revenue", ANNA, SALES) == [3.45, 3.45]
    assert actual(frame, "gross_profit", ANNA, SALES) == [0.87, 0.87]


def test_clients_are_distinct_and_the_departments_too() -> None:
    frame = counted(
        row("meeting", client="Acme"),
        row("meeting", client="Acme"),
        row("meeting", client=""),
        row("meeting", BORIS, client="Acme"),
        row("meeting", BORIS, client="Bolt"),
    )
    assert actual(frame, "clients_met") == [1, 2, 2]


def test_a_ratio_is_the_ratio_of_the_sums() -> None:
    frame = counted(
        row("lead_accepted", quantity=10),
        row("lead_converted", quantity=1),
        row("lead_accepted", BORIS, quantity=1),
        row("lead_converted", BORIS, quantity=2),
    )
    assert actual(frame, "conversion") == [0.1, 2.0, 3 / 11]


def test_a_division_by_zero_is_blank() -> None:
    assert actual(counted(row("lead_converted")), "conversion", ANNA, SALES) == [-1, -1]


def test_attainment_and_pace_compare_with_the_plan_and_its_part_to_date() -> None:
    frame = counted(row("meeting"), row("meeting"), plan=promise(8, 4))
    assert frame.loc[[(ANNA, "meetings")]].to_numpy().tolist()[0] == ["count", 8, 4, 2, 0.25, 0.5]
    assert frame.loc[(BORIS, "meetings"), ["plan", "attainment", "pace"]].isna().all()


@pytest.mark.parametrize("plan", [0, math.nan])
def test_without_a_plan_there_is_nothing_to_attain(plan: float) -> None:
    frame = counted(row("meeting"), plan=promise(plan, plan))
    assert frame.loc[(ANNA, "meetings"), ["attainment", "pace"]].isna().all()


def test_there_is_no_pace_before_anything_was_due() -> None:
    frame = counted(row("meeting"), plan=promise(4, 0))
    assert frame.loc[(ANNA, "meetings"), "attainment"] == 0.25
    assert math.isnan(float(frame["pace"][ANNA, "meetings"]))


@pytest.mark.parametrize(
    ("passed", "working_days", "pace"), [(0, 5, False), (1, 5, True), (4, 21, False), (5, 21, True), (0, 0, False)]
)
def test_pace_begins_with_a_fifth_of_the_working_days(passed: int, working_days: int, pace: bool) -> None:
    frame = counted(row("meeting"), plan=promise(4, 1), passed=passed, working_days=working_days)
    assert frame["pace"].notna().any() == pace
    assert frame["attainment"].notna().any()


def test_a_ratio_has_attainment_but_no_pace() -> None:
    rows = row("lead_accepted", quantity=10), row("lead_converted", quantity=2)
    frame = counted(*rows, plan=promise(0.4, 0.4, indicator="conversion"))
    assert frame.loc[(ANNA, "conversion"), "attainment"] == 0.5
    assert frame["pace"].isna().all()


def test_who_was_not_there_and_did_nothing_is_not_shown() -> None:
    config = settings(["Carla", {"name": ANNA, "until": "2026-11-15"}, {"name": BORIS, "from": "2026-11-22"}])
    assert list(counted(config=config).index.unique(0)) == ["Carla", BORIS, SALES]
    assert list(counted(row("meeting"), config=config).index.unique(0)) == ["Carla", ANNA, BORIS, SALES]


def test_a_manager_alone_equals_the_department() -> None:
    frame = counted(row("meeting", client="Acme"), config=settings([ANNA]))
    assert actual(frame, "meetings", ANNA, SALES) == [1, 1]
    assert list(frame.index.unique(0)) == [ANNA, SALES]


actions = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["meeting", "lead_accepted", "lead_rejected", "lead_converted", "payment"]),
        "manager": st.sampled_from([ANNA, BORIS]),
        "date": st.dates(date(2026, 11, 10), date(2026, 11, 25)),
        "client": st.sampled_from(["", "Acme", "Bolt", "Cord"]),
        "quantity": st.one_of(st.just(math.nan), st.integers(0, 50)),
        "amount": st.integers(-(10**11), 10**11).map(lambda cents: cents / 100),
        "profit": st.one_of(st.just(math.nan), st.integers(-(10**9), 10**9).map(lambda cents: cents / 100)),
        "counted": st.booleans(),
    }
)


@given(rows=st.lists(actions, max_size=40), late=st.integers(0, 6))
@rules(deadline=None, max_examples=20)
def test_the_departments_additive_figures_are_the_sum_of_the_managers(rows: list[dict[str, Any]], late: int) -> None:
    frame = counted(*rows, as_of=str(date(2026, 11, 16) + timedelta(days=late)))
    for measure in ("meetings", "leads", "converted", "revenue", "gross_profit"):
        anna, boris, department = actual(frame, measure)
        assert department == round(anna + boris, 2)
    assert max(actual(frame, "clients_met", ANNA, BORIS)) <= actual(frame, "clients_met", SALES)[0]


@given(rows=st.lists(actions, max_size=40))
@rules(deadline=None, max_examples=20)
def test_money_is_exact_to_the_cent(rows: list[dict[str, Any]]) -> None:
    inside = [
        Decimal(repr(each["amount"]))
        for each in rows
        if each["counted"] and each["action"] == "payment" and date(2026, 11, 16) <= each["date"] <= date(2026, 11, 22)
    ]
    assert actual(counted(*rows), "revenue", SALES) == [float(sum(inside, Decimal(0)))]
