"""Targets spread over working days."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.periods import Kind, Period
from sheetsync.plan import daily, passed, plan, working_days
from sheetsync.schema import Settings
from tests.department import ANNA, BORIS, SALES, settings


def target(
    per: str, default: dict[str, float] | None = None, start: str = "2026-01-01", **managers: Any
) -> dict[str, Any]:
    """One entry of `targets`; `anna=`, `boris=` are overrides."""
    names = {"anna": ANNA, "boris": BORIS}
    overrides = {names[key]: value for key, value in managers.items()}
    return {"from": start, "per": per, "default": default or {}, "managers": overrides}


def planned(
    config: Settings, period: str, manager: str = ANNA, indicator: str = "meetings", as_of: str = ""
) -> tuple[float, float]:
    """The plan and its part to date of one manager and indicator; without a plan -1 and -1."""
    span = Period.parse(period)
    frame = plan(config, span, date.fromisoformat(as_of) if as_of else span.end)
    row = frame[(frame["manager"] == manager) & (frame["indicator"] == indicator)].fillna(-1).iloc[0]
    return row["plan"], row["plan_to_date"]


BLANK = (-1.0, -1.0)


def test_working_days_leave_out_weekends_public_and_own_holidays() -> None:
    config = settings(country="RU", holidays=[date(2026, 11, 6), date(2026, 11, 7)])
    week = Period.parse("2026-W45")
    assert working_days(config, week) == [date(2026, 11, day) for day in (2, 3, 5)]  # the 4th is Unity Day


def test_a_transferred_working_saturday_stays_a_weekend_day() -> None:
    assert date(2025, 11, 1) not in working_days(settings(country="RU"), Period.parse("2025-11"))


def test_without_a_country_no_public_holiday_counts() -> None:
    assert len(working_days(settings(), Period.parse("2026-W01"))) == 5


def test_a_week_over_new_year_knows_both_years_holidays() -> None:
    assert working_days(settings(country="RU"), Period.parse("2026-W01")) == [date(2025, 12, 29), date(2025, 12, 30)]


def test_passed_counts_the_as_of_date() -> None:
    days = working_days(settings(), Period.parse("2026-W47"))
    assert [passed(days, date(2026, 11, day)) for day in (15, 16, 18, 22)] == [0, 1, 3, 5]


def test_the_plan_has_every_manager_and_indicator_and_the_department_last() -> None:
    config = settings(targets=[target("week", {"meetings": 5})])
    frame = plan(config, Period.parse("2026-W47"), date(2026, 11, 18))
    assert list(frame.columns) == ["manager", "indicator", "plan", "plan_to_date"]
    assert list(frame["manager"].unique()) == [ANNA, BORIS, SALES]
    assert list(frame["indicator"][:7]) == list(config.indicators)
    assert len(frame) == 21


def test_a_weekly_target_is_a_fifth_a_day() -> None:
    config = settings(targets=[target("week", {"meetings": 5}, anna={"meetings": 7})])
    assert planned(config, "2026-W47", as_of="2026-11-18") == (7, 4.2)
    assert planned(config, "2026-W47", BORIS, as_of="2026-11-18") == (5, 3)
    assert planned(config, "2026-W47", SALES, as_of="2026-11-18") == (12, 7.2)


def test_a_holiday_lowers_the_weeks_plan() -> None:
    config = settings(targets=[target("week", {"meetings": 5})], country="RU")
    assert planned(config, "2026-W45") == (4, 4)


def test_a_monthly_target_is_spread_over_that_months_working_days() -> None:
    config = settings(targets=[target("month", {"revenue": 2_000_000})], country="RU")  # 20 days in November
    assert planned(config, "2026-W45", indicator="revenue") == (400_000, 400_000)
    assert planned(config, "2026-11", indicator="revenue") == (2_000_000, 2_000_000)
    # 30 November of 20 days, 1-4 December of 22 (the 31st is off)
    assert planned(config, "2026-W49", indicator="revenue")[0] == pytest.approx(2_000_000 / 20 + 4 * 2_000_000 / 22)


def test_a_quarterly_target_is_spread_over_that_quarters_working_days() -> None:
    config = settings(targets=[target("quarter", {"meetings": 66})])  # 66 weekdays
    assert planned(config, "2026-Q4") == (66, 66)
    assert planned(config, "2026-W47") == (5, 5)


def test_no_target_is_blank_and_a_target_of_zero_is_zero() -> None:
    config = settings(targets=[target("week", anna={"meetings": 0})])
    assert planned(config, "2026-W47") == (0, 0)
    assert planned(config, "2026-W47", BORIS) == BLANK
    assert planned(config, "2026-W47", SALES) == (0, 0)
    assert planned(config, "2026-W47", SALES, "leads") == BLANK


def test_before_the_first_day_nothing_is_due_yet() -> None:
    config = settings(targets=[target("week", {"meetings": 5})])
    assert planned(config, "2026-W47", as_of="2026-11-15") == (5, 0)


def test_on_days_of_absence_there_is_no_plan() -> None:
    away = {"name": ANNA, "absent": [{"from": "2026-11-17", "to": "2026-11-27"}]}
    config = settings([away, BORIS], [target("week", {"meetings": 5, "conversion": 0.3})])
    assert planned(config, "2026-W47") == (1, 1)
    assert planned(config, "2026-W48") == BLANK
    assert planned(config, "2026-W48", indicator="conversion") == BLANK
    assert planned(config, "2026-W48", SALES) == (5, 5)


def test_joiners_and_leavers_have_a_plan_only_while_they_are_there() -> None:
    joins, leaves = {"name": ANNA, "from": "2026-11-18"}, {"name": BORIS, "until": "2026-11-18"}
    config = settings([joins, leaves], [target("week", {"meetings": 5})])
    assert planned(config, "2026-W46") == BLANK
    assert planned(config, "2026-W47") == (3, 3)
    assert planned(config, "2026-W47", BORIS) == (3, 3)
    assert planned(config, "2026-W48", BORIS) == BLANK
    assert planned(config, "2026-W47", SALES) == (6, 6)


def test_a_week_without_a_working_day_has_no_plan() -> None:
    config = settings(targets=[target("week", {"meetings": 5})], country="RU")
    assert working_days(config, Period.parse("2026-W02")) == []
    assert planned(config, "2026-W02") == BLANK


def test_a_later_target_holds_from_its_date_on() -> None:
    config = settings(
        targets=[target("week", {"meetings": 10}, "2026-11-18"), target("week", {"meetings": 5}, "2026-01-01")]
    )
    assert planned(config, "2026-W46") == (5, 5)
    assert planned(config, "2026-W47") == (2 + 6, 2 + 6)
    assert planned(config, "2026-W48") == (10, 10)


def test_before_the_first_from_there_is_no_plan() -> None:
    config = settings(targets=[target("week", {"meetings": 5}, "2026-11-18")])
    assert planned(config, "2026-W46") == BLANK
    assert planned(config, "2026-W47") == (3, 3)


def test_a_later_default_ends_an_earlier_override() -> None:
    config = settings(
        targets=[
            target("week", {"meetings": 5, "leads": 10}, anna={"meetings": 7, "leads": 20}),
            target("week", {"meetings": 6}, "2026-07-01"),
        ]
    )
    assert planned(config, "2026-W47") == (6, 6)
    assert planned(config, "2026-W47", indicator="leads") == (20, 20)  # not named by the later entry


def test_a_later_override_changes_that_manager_alone() -> None:
    config = settings(targets=[target("week", {"meetings": 5}), target("week", {}, "2026-07-01", anna={"meetings": 7})])
    assert planned(config, "2026-W47") == (7, 7)
    assert planned(config, "2026-W47", BORIS) == (5, 5)


@pytest.mark.parametrize("turned", [False, True])
def test_of_one_date_an_override_comes_before_a_default(turned: bool) -> None:
    entries = [target("week", {"meetings": 5}), target("week", anna={"meetings": 7})]
    assert planned(settings(targets=entries[::-1] if turned else entries), "2026-W47") == (7, 7)


def test_of_one_date_the_later_entry_in_the_file_holds() -> None:
    config = settings(targets=[target("week", {"meetings": 5}), target("week", {"meetings": 6})])
    assert planned(config, "2026-W47") == (6, 6)


def test_targets_of_several_lengths_are_not_added_up() -> None:
    config = settings(targets=[target("week", {"meetings": 5}), target("month", {"meetings": 42})])  # 21 days
    assert planned(config, "2026-W47") == (5, 5)
    assert planned(config, "2026-11") == (42, 42)
    assert planned(config, "2026-Q4")[0] == 66  # neither is quarterly; of the same date the shorter holds


def test_a_ratio_is_not_spread_and_the_departments_is_the_default() -> None:
    config = settings(targets=[target("week", {"conversion": 0.3}, anna={"conversion": 0.5})])
    assert planned(config, "2026-W47", indicator="conversion", as_of="2026-11-16") == (0.5, 0.5)
    assert planned(config, "2026-11", BORIS, "conversion") == (0.3, 0.3)
    assert planned(config, "2026-W47", SALES, "conversion") == (0.3, 0.3)


def test_a_ratio_that_only_managers_have_leaves_the_department_blank() -> None:
    config = settings(targets=[target("week", anna={"conversion": 0.5})])
    assert planned(config, "2026-W47", SALES, "conversion") == BLANK
    assert planned(config, "2026-W47", BORIS, "conversion") == BLANK


def test_a_ratios_target_is_the_one_in_force_at_the_end() -> None:
    config = settings(targets=[target("week", {"conversion": 0.3}), target("week", {"conversion": 0.4}, "2026-11-20")])
    assert planned(config, "2026-W47", indicator="conversion", as_of="2026-11-16") == (0.4, 0.4)


def test_daily_lists_the_plan_of_each_day() -> None:
    away = {"name": ANNA, "absent": [{"from": "2026-11-17", "to": "2026-11-20"}]}
    config = settings([away], [target("week", {"meetings": 5, "conversion": 0.3})])
    frame = daily(config, Period.parse("2026-W47"))
    assert frame.to_dict("records") == [
        {"manager": ANNA, "indicator": "meetings", "day": pd.Timestamp("2026-11-16"), "plan": 1.0}
    ]


def test_without_any_target_all_is_blank() -> None:
    frame = plan(settings(), Period.parse("2026-11"), date(2026, 11, 30))
    assert frame["plan"].dtype == frame["plan_to_date"].dtype == "float64"
    assert frame[["plan", "plan_to_date"]].isna().all(axis=None)


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
kinds = st.sampled_from(list(Kind))


@given(day=days, kind=st.sampled_from([Kind.MONTH, Kind.QUARTER]), value=st.floats(0, 1e9))
@rules(deadline=None, max_examples=20)
def test_a_full_months_plan_adds_up_to_its_target(day: date, kind: Kind, value: float) -> None:
    span = Period.containing(day, kind)
    config = settings(targets=[target(str(kind), {"revenue": value}, "2020-01-01")], country="RU")
    assert planned(config, str(span), indicator="revenue") == pytest.approx((value, value), abs=1e-6)
    assert planned(config, str(span), SALES, "revenue")[0] == pytest.approx(2 * value, abs=2e-6)


@st.composite
def departments(draw: st.DrawFn) -> Settings:
    """Two people who join, leave and are away, with targets that change."""
    people = []
    for name in (ANNA, BORIS):
        first, last = sorted(draw(st.tuples(days, days)))
        away = draw(days)
        span = {"from": away, "to": away + timedelta(days=draw(st.integers(0, 20)))}
        people.append({"name": name, "from": first, "until": last, "absent": [span]})
    values = st.dictionaries(
        st.sampled_from(["meetings", "leads", "revenue"]), st.integers(0, 1000).map(float), max_size=3
    )
    entries = [
        target(str(draw(kinds)), draw(values), str(draw(days)), anna=draw(values))
        for _ in range(draw(st.integers(0, 4)))
    ]
    return settings(people, entries, country="DE")


@given(config=departments(), day=days, kind=kinds)
@rules(deadline=None, max_examples=20)
def test_the_departments_plan_is_the_sum_of_the_managers(config: Settings, day: date, kind: Kind) -> None:
    frame = plan(config, Period.containing(day, kind), day)
    total = frame["manager"] == SALES
    summed = frame[~total].groupby("indicator")[["plan", "plan_to_date"]].sum(min_count=1)
    own = frame[total].set_index("indicator")[["plan", "plan_to_date"]]
    pd.testing.assert_frame_equal(own, summed.loc[own.index], atol=1e-6)
    assert (frame["plan_to_date"].fillna(0) <= frame["plan"].fillna(0) + 1e-6).all()


@given(config=departments(), day=days)
@rules(deadline=None, max_examples=20)
def test_a_month_is_the_sum_of_its_days(config: Settings, day: date) -> None:
    """The plan to date grows day by day by what `daily` says."""
    span = Period.containing(day, Kind.MONTH)
    each = daily(config, span)
    before = plan(config, span, day - timedelta(days=1))["plan_to_date"].fillna(0)
    after = plan(config, span, day)["plan_to_date"].fillna(0)
    grown = each[each["day"] == pd.Timestamp(day)]["plan"].sum()
    assert (after - before).sum() == pytest.approx(2 * grown, abs=1e-4)  # once as a manager's, once as the department's


def test_every_month_of_a_year_has_its_weekdays() -> None:
    for month in range(1, 13):
        weeks = calendar.monthcalendar(2026, month)
        assert len(working_days(settings(), Period.parse(f"2026-{month:02d}"))) == sum(
            bool(day) for week in weeks for day in week[:5]
        )


def test_in_a_month_of_changes_everybody_has_the_days_and_targets_that_were_theirs() -> None:
    """November 2026 has 21 working days; the target doubles on the 12th, the 9th working day."""
    people: list[dict[str, Any]] = [
        {"name": ANNA, "absent": [{"from": "2026-11-10", "to": "2026-11-13"}]},
        {"name": BORIS, "from": "2026-11-09", "until": "2026-11-24"},
    ]
    entries = [target("month", {"revenue": 210.0}), target("month", {"revenue": 420.0}, "2026-11-12")]
    config = settings(people, entries)
    assert planned(config, "2026-11", ANNA, "revenue", "2026-11-16") == (6 * 10 + 11 * 20, 6 * 10 + 20)
    assert planned(config, "2026-11", BORIS, "revenue", "2026-11-16") == (3 * 10 + 9 * 20, 3 * 10 + 3 * 20)
    assert planned(config, "2026-11", SALES, "revenue", "2026-11-16") == (490, 170)
