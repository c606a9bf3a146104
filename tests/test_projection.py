"""Where the period is heading."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync import indicators, plan
from sheetsync.model import Ledger
from sheetsync.periods import Kind, Period
from sheetsync.projection import COLUMNS, paced, project
from sheetsync.schema import Manager, Settings
from tests.department import ANNA, BORIS, INDICATORS, SALES, ledger, moment, settings

Row = dict[str, Any]
MONTHLY = {"from": "2026-01-01", "per": "month", "default": {"revenue": 100_000.0, "meetings": 21.0}}
FEW = {id_: INDICATORS[id_] for id_ in ("meetings", "leads", "revenue")}


def small(
    managers: Sequence[str | Mapping[str, Any]] = (ANNA, BORIS), targets: Any = (), **department: Any
) -> Settings:
    """A configuration of three indicators."""
    return settings(managers, targets, indicators=FEW, **department)


CONFIG = small(targets=[MONTHLY])


def row(action: str, day: date | str, manager: str = ANNA, **fields: Any) -> Row:
    """An action row that counts."""
    return {"action": action, "manager": manager, "date": day, **fields}


def paid(day: date | str, amount: float, manager: str = ANNA, **fields: Any) -> Row:
    """A payment that counts."""
    return row("payment", day, manager, amount=amount, profit=amount / 4, **fields)


def history(start: str) -> pd.DataFrame:
    """A History that begins on that day, as far as it is read here."""
    return pd.DataFrame({"start": pd.to_datetime([start, "2026-12-28"])})


def measured(config: Settings, log: Ledger, period: str, as_of: str) -> pd.DataFrame:
    """The period's figures."""
    clock = moment(period, as_of)
    days = plan.working_days(config, clock.period)
    promised = plan.plan(config, clock.period, clock.as_of)
    passed = plan.passed(days, clock.as_of)
    return indicators.figures(log, promised, config, clock, passed=passed, working_days=len(days))


def pace(
    config: Settings, rows: Sequence[Row], period: str, as_of: str, since: str = "2026-01-01"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The figures by manager and measure, and the same by the department's curve."""
    log = ledger(*rows)
    straight = measured(config, log, period, as_of)
    bent = paced(straight, log, history(since), config, moment(period, as_of))
    return straight.set_index(["manager", "measure"]), bent.set_index(["manager", "measure"])


def heading(config: Settings, rows: Sequence[Row], period: str, as_of: str) -> pd.DataFrame:
    """The projection by manager and measure."""
    log = ledger(*rows)
    return project(measured(config, log, period, as_of), log, config, moment(period, as_of)).set_index(
        ["manager", "measure"]
    )


def shown(frame: pd.DataFrame, manager: str, measure: str) -> list[float]:
    """Projection, low, high; NaN as -1."""
    return [float(frame[column].fillna(-1)[manager, measure]) for column in ("projection", "low", "high")]


def weekdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def month_of(day: date) -> list[date]:
    """The weekdays of the day's month."""
    span = Period.containing(day, Kind.MONTH)
    return weekdays(span.start, span.end)


# --- the pace of money ---------------------------------------------------------------------------------------------


def lumpy(months: int = 7, trickle: float = 1_000.0, lump: float = 40_000.0) -> list[Row]:
    """Months of 2026 in which a little comes every working day, and most of the money on the last two."""
    return [
        paid(day, lump if day in month_of(day)[-2:] else trickle)
        for month in range(1, months + 1)
        for day in month_of(date(2026, month, 1))
    ]


def due(shares: Sequence[Sequence[float]], done: float) -> float:
    """What the months had received by that share of their working days: interpolated by hand, then the median."""
    received = []
    for each in shares:
        place = done * (len(each) - 1)
        before = min(int(place + 1e-9), len(each) - 2)
        received.append(each[before] + (each[before + 1] - each[before]) * (place - before))
    return statistics.median(received)


def by_hand(rows: Sequence[Row], months: Sequence[date], days: Mapping[date, float], as_of: date) -> float | None:
    """The share of a plan (by day) that is due, computed day by day in plain loops."""
    shares = []
    for month in months:
        working, total = month_of(month), 0.0
        received = [0.0] * (len(working) + 1)
        for entry in rows:
            day = date.fromisoformat(str(entry["date"]))
            if (day.year, day.month) == (month.year, month.month) and entry["action"] == "payment":
                total += entry["amount"]
                for place in range(len(working) + 1):
                    if place == len(working) or day < working[place]:
                        received[place] += entry["amount"]
        if total > 0:
            shares.append([amount / total for amount in received])
    part = whole = 0.0
    for day, planned in days.items():
        working = month_of(day)
        place, weights = working.index(day), []
        for upto in (place, place + 1):
            risen = [min(max(due(shares, past / len(working)), 0), 1) for past in range(upto + 1)]
            weights.append(1.0 if upto == len(working) else 0.0 if upto == 0 else max(risen))
        worth = planned * (weights[1] - weights[0]) * len(working)
        whole += worth
        part += worth if day <= as_of else 0.0
    return part / whole if whole else None


MONTHS = [date(2026, month, 1) for month in range(1, 8)]


def test_the_usual_trickle_at_mid_month_is_the_usual_pace() -> None:
    """Months of different lengths: ten days of 1,000 in August, when 10,000 of 99,000 are usual."""
    config = small([ANNA], [{**MONTHLY, "default": {"revenue": 99_000.0}}])
    rows = lumpy() + [paid(day, 1_000.0) for day in month_of(date(2026, 8, 1))[:10]]
    straight, bent = pace(config, rows, "2026-08", "2026-08-14")
    assert float(straight["pace"][SALES, "revenue"]) < 0.25
    assert float(bent["pace"][SALES, "revenue"]) == pytest.approx(1, abs=0.05)
    assert float(bent["plan_to_date"][SALES, "revenue"]) == pytest.approx(99_000 * by_month_end(rows), abs=1e-5)


def by_month_end(rows: Sequence[Row]) -> float:
    """The share due on 14 August for a plan that is the same on every working day."""
    even = dict.fromkeys(month_of(date(2026, 8, 1)), 1.0)
    share = by_hand(rows, MONTHS, even, date(2026, 8, 14))
    assert share is not None
    return share


def test_what_came_as_it_always_came_is_a_pace_of_exactly_100_percent() -> None:
    """Seven months of 21 working days like August 2026; months without money teach nothing."""
    config = small([ANNA], [{**MONTHLY, "default": {"revenue": 99_000.0}}])
    alike = ["2024-02", "2024-03", "2024-11", "2025-03", "2025-06", "2025-08", "2026-05", "2026-08"]
    rows = [
        paid(day, 40_000.0 if day in month_of(day)[-2:] else 1_000.0)
        for month in alike
        for day in month_of(Period.parse(month).start)
    ]
    straight, bent = pace(config, rows, "2026-08", "2026-08-14", since="2024-02-01")
    assert float(bent["pace"][ANNA, "revenue"]) == float(bent["pace"][SALES, "revenue"]) == 1
    assert float(straight["pace"][SALES, "revenue"]) < 0.25


@pytest.mark.parametrize(("since", "bends"), [("2026-03-01", False), ("2026-02-02", False), ("2026-02-01", True)])
def test_six_complete_months_of_history_are_needed(since: str, bends: bool) -> None:
    """On 14 August, History from 1 February holds six months; from the 2nd on, five."""
    straight, bent = pace(CONFIG, lumpy(), "2026-08", "2026-08-14", since=since)
    assert straight.equals(bent) is not bends


def test_an_empty_history_bends_nothing() -> None:
    figures = measured(CONFIG, ledger(*lumpy()), "2026-08", "2026-08-14")
    empty = history("2026-01-01")[:0]
    pd.testing.assert_frame_equal(
        paced(figures, ledger(*lumpy()), empty, CONFIG, moment("2026-08", "2026-08-14")), figures
    )


def test_months_without_money_and_the_month_itself_do_not_count() -> None:
    """Five months with money, a sixth of refunds alone, and the current one."""
    rows = [*lumpy(5), paid("2026-06-10", -5.0), paid("2026-08-03", 70_000.0)]
    straight, bent = pace(CONFIG, rows, "2026-08", "2026-08-14")
    pd.testing.assert_frame_equal(straight, bent)


def test_rows_that_do_not_count_teach_nothing() -> None:
    noise = [paid(month.replace(day=2), 1e6, counted=False) for month in MONTHS]
    _, plain = pace(CONFIG, lumpy(), "2026-08", "2026-08-14")
    _, noisy = pace(CONFIG, [*lumpy(), *noise], "2026-08", "2026-08-14")
    pd.testing.assert_frame_equal(plain, noisy)


def test_a_past_month_is_paced_by_what_was_known_then() -> None:
    later = [paid("2026-09-01", 5e6), paid("2026-10-01", 5e6)]
    _, then = pace(CONFIG, lumpy(), "2026-08", "2026-08-31")
    _, now = pace(CONFIG, lumpy() + later, "2026-08", "2026-08-31")
    pd.testing.assert_frame_equal(then, now)


def test_only_money_that_adds_up_is_bent() -> None:
    targets = [{**MONTHLY, "default": {"revenue": 1e5, "gross_profit": 2e4, "meetings": 21.0, "conversion": 0.3}}]
    rows = [*lumpy(), row("meeting", "2026-08-03", client="A")]
    straight, bent = pace(settings(targets=targets), rows, "2026-08", "2026-08-14")
    changed = straight["plan_to_date"].fillna(-1) != bent["plan_to_date"].fillna(-1)
    assert set(changed[changed].index) == {
        (who, it) for who in (ANNA, BORIS, SALES) for it in ("revenue", "gross_profit")
    }
    same = ["unit", "plan", "actual", "attainment"]
    pd.testing.assert_frame_equal(straight[same], bent[same])
    pd.testing.assert_frame_equal(straight[~changed], bent[~changed])


def test_without_an_indicator_of_revenue_the_line_is_straight() -> None:
    others = {"meetings": {"label": "M", "count": ["meeting"]}, "sold": {"label": "S", "sum": "Amount", "of": ["deal"]}}
    config = settings(indicators=others, targets=[{**MONTHLY, "default": {"sold": 1e5}}])
    rows = [{**each, "action": "deal"} for each in lumpy()]
    straight, bent = pace(config, rows, "2026-08", "2026-08-14")
    pd.testing.assert_frame_equal(straight, bent)


def test_there_is_no_pace_before_a_fifth_of_the_working_days_though_a_part_of_the_plan_is_due() -> None:
    """August 2026 has 21 working days: 4 have passed on the 6th, 5 on the 7th."""
    rows = [*lumpy(), paid("2026-08-03", 500.0)]
    _, early = pace(CONFIG, rows, "2026-08", "2026-08-06")
    _, later = pace(CONFIG, rows, "2026-08", "2026-08-07")
    assert math.isnan(float(early["pace"][ANNA, "revenue"]))
    assert float(early["plan_to_date"][ANNA, "revenue"]) > 0
    assert float(later["pace"][ANNA, "revenue"]) == pytest.approx(500 / later["plan_to_date"][ANNA, "revenue"])


def test_at_the_end_the_whole_plan_is_due() -> None:
    _, bent = pace(CONFIG, lumpy(), "2026-08", "2026-08-31")
    assert [float(bent["plan_to_date"][who, "revenue"]) for who in (ANNA, BORIS, SALES)] == [100_000, 100_000, 200_000]


def test_money_of_days_off_counts_at_the_working_day_before() -> None:
    """All months begin on days off: what comes on them is expected on the first working day. A Saturday's is Friday's;
    on Friday, 7 August, 5 of 21 working days have passed."""
    months = [date(2025, 3, 1), date(2025, 6, 1), date(2025, 11, 1), date(2026, 2, 1), date(2026, 3, 1)]
    months += [date(2024, 6, 1), date(2024, 9, 1)]
    saturdays = [
        next(day for day in Period.containing(month, Kind.MONTH).days[2:] if day.weekday() == 5) for month in months
    ]
    rows = [paid(day, 40.0) for day in months] + [paid(day, 30.0) for day in saturdays]
    rows += [paid(month_of(month)[-1], 30.0) for month in months]
    _, bent = pace(small([ANNA], [MONTHLY]), rows, "2026-08", "2026-08-07", since="2024-06-01")
    assert by_hand(rows, months, dict.fromkeys(month_of(date(2026, 8, 1)), 1.0), date(2026, 8, 7)) == pytest.approx(0.7)
    assert float(bent["plan_to_date"][ANNA, "revenue"]) == pytest.approx(70_000)
    _, first = pace(small([ANNA], [MONTHLY]), rows, "2026-08", "2026-08-03", since="2024-06-01")
    assert float(first["plan_to_date"][ANNA, "revenue"]) == pytest.approx(40_000)


def test_refunds_never_take_an_expectation_back() -> None:
    rows = [
        paid(month_of(month)[place], amount)
        for month in MONTHS
        for place, amount in ((2, 900.0), (9, -800.0), (18, 900.0))
    ]
    days = [str(day) for day in month_of(date(2026, 8, 1))]
    due_by = [float(pace(CONFIG, rows, "2026-08", day)[1]["plan_to_date"][ANNA, "revenue"]) for day in days[::5]]
    assert due_by == sorted(due_by)
    assert max(due_by) <= 100_000


def test_where_nothing_ever_came_the_line_stays_straight() -> None:
    """All money comes on the last day; who left on the 12th could never have had any."""
    rows = [paid(month_of(month)[-1], 100.0) for month in MONTHS]
    config = small([ANNA, {"name": BORIS, "until": "2026-08-12"}], [MONTHLY])
    straight, bent = pace(config, rows, "2026-08", "2026-08-07")
    assert bent["plan_to_date"][BORIS, "revenue"] == straight["plan_to_date"][BORIS, "revenue"] > 0
    assert bent["plan_to_date"][ANNA, "revenue"] == 0
    assert math.isnan(float(bent["pace"][ANNA, "revenue"]))
    assert bent["plan_to_date"][SALES, "revenue"] == straight["plan_to_date"][BORIS, "revenue"]


PEOPLE: dict[str, dict[str, Any]] = {
    "joiner": {"name": BORIS, "from": "2026-08-12"},
    "leaver": {"name": BORIS, "until": "2026-08-19"},
    "away for the rest": {"name": BORIS, "absent": [{"from": "2026-08-17", "to": "2026-09-30"}]},
    "away before": {"name": BORIS, "absent": [{"from": "2026-07-01", "to": "2026-08-13"}]},
    "there": {"name": BORIS},
}


@pytest.mark.parametrize(
    ("who", "period"),
    [
        *((who, "2026-08") for who in PEOPLE),
        ("joiner", "2026-W33"),
        ("away for the rest", "2026-W33"),
        ("there", "2026-W36"),
        ("away for the rest", "2026-W36"),
        ("joiner", "2026-Q3"),
        ("leaver", "2026-Q3"),
        ("away before", "2026-Q3"),
    ],
)
def test_everybody_has_the_plan_of_the_days_that_were_theirs(who: str, period: str) -> None:
    """The target doubles in the middle of August; W36 runs over the month's end."""
    more = {"from": "2026-08-13", "per": "month", "default": {"revenue": 200_000.0}}
    config = small([ANNA, PEOPLE[who]], [MONTHLY, more])
    span = Period.parse(period)
    as_of = min(span.end - timedelta(days=3), date(2026, 8, 14)) if period != "2026-W36" else date(2026, 9, 2)
    _, bent = pace(config, lumpy(), period, str(as_of))
    months = [*MONTHS, date(2026, 8, 1)] if as_of.month == 9 else MONTHS
    total = 0.0
    for name in (ANNA, BORIS):
        person: Manager = next(each for each in config.managers if each.name == name)
        days = {
            day: (200_000 if day >= date(2026, 8, 13) else 100_000) / len(month_of(day))
            for day in weekdays(span.start, span.end)
            if person.works(day)
        }
        share = by_hand(lumpy(), months, days, as_of)
        expected = sum(days.values()) * share if share is not None else math.nan
        total += expected if share is not None else 0
        assert bent["plan_to_date"][name, "revenue"] == pytest.approx(expected, abs=1e-4, nan_ok=True)
    assert bent["plan_to_date"][SALES, "revenue"] == pytest.approx(total, abs=1e-4)


amounts = st.integers(-(10**5), 10**7).map(lambda cents: cents / 100)


@given(came=st.lists(st.tuples(st.integers(0, 211), amounts), min_size=20, max_size=60), day=st.integers(1, 31))
@rules(max_examples=8)
def test_any_months_curve_is_what_plain_loops_make_of_it(came: list[tuple[int, float]], day: int) -> None:
    rows = [paid(date(2026, 1, 1) + timedelta(days=gone), amount) for gone, amount in came]
    totals = [sum(each["amount"] for each in rows if each["date"].month == month) for month in range(1, 8)]
    as_of = date(2026, 8, day)
    straight, bent = pace(CONFIG, rows, "2026-08", str(as_of))
    if sum(round(total, 2) > 0 for total in totals) < 6:
        pd.testing.assert_frame_equal(straight, bent)
    else:
        months = [month for month, total in zip(MONTHS, totals, strict=True) if round(total, 2) > 0]
        share = by_hand(rows, months, dict.fromkeys(month_of(as_of), 1.0), as_of)
        assert share is not None
        assert bent["plan_to_date"][ANNA, "revenue"] == pytest.approx(100_000 * share, abs=1e-4)


# --- projection ----------------------------------------------------------------------------------------------------

WEEKS = [date(2026, 11, 16) - timedelta(days=7 * ago) for ago in range(6, 0, -1)]
"""Mondays of the six weeks before 2026-W47."""


def meetings(manager: str = ANNA, *counts: int, weekday: int = 3, last: date = WEEKS[-1]) -> list[Row]:
    """So many meetings on that weekday of the weeks up to that of `last`; one on the first Monday opens the log."""
    first = [last - timedelta(days=7 * ago) for ago in range(len(counts) - 1, -1, -1)]
    return [
        row("meeting", monday + timedelta(days=weekday), manager)
        for monday, count in zip(first, counts, strict=True)
        for _ in range(count)
    ]


OPENED = [row("lead_accepted", WEEKS[0])]
NOW = [row("meeting", "2026-11-16"), row("meeting", "2026-11-17")]
WEEKLY = {"from": "2026-01-01", "per": "week", "default": {"meetings": 5.0}}


def test_every_row_of_the_figures_has_its_projection() -> None:
    figures = measured(CONFIG, ledger(*NOW), "2026-W47", "2026-11-17").iloc[::-1]
    found = project(figures, ledger(*NOW), CONFIG, moment("2026-W47", "2026-11-17"))
    assert tuple(found) == COLUMNS
    assert found.index.equals(figures.index)
    pd.testing.assert_frame_equal(found[["manager", "measure"]], figures[["manager", "measure"]])
    assert {str(found[column].dtype) for column in COLUMNS[2:]} == {"float64"}


def test_what_came_in_earlier_weeks_after_the_same_day_is_still_to_come() -> None:
    """After Tuesday there came 1, 2, 3, 4, 10 and 0 meetings: median 2.5, quartiles 1.25 and 3.75."""
    rows = OPENED + meetings(ANNA, 1, 2, 3, 4, 10, 0) + meetings(ANNA, 7, 7, 7, 7, 7, 7, weekday=1) + NOW
    found = heading(small(), rows, "2026-W47", "2026-11-17")
    assert shown(found, ANNA, "meetings") == [4.5, 3.25, 5.75]
    assert shown(found, SALES, "meetings") == [4.5, 3.25, 5.75]
    assert shown(found, BORIS, "meetings") == [0, 0, 0]


def test_a_blank_quantity_is_one_and_what_does_not_count_was_never_there() -> None:
    later = [monday + timedelta(days=3) for monday in WEEKS]
    rows = [row("lead_accepted", WEEKS[0]), *(row("lead_accepted", day) for day in later)]
    rows += [row("lead_rejected", day, quantity=4.5) for day in later]
    rows += [row("lead_accepted", day, quantity=100, counted=False) for day in later]
    assert shown(heading(small(), rows, "2026-W47", "2026-11-17"), ANNA, "leads") == [5.5, 5.5, 5.5]


def test_three_earlier_weeks_are_too_few_for_a_range() -> None:
    """Two of five days have passed: 2 meetings become 5, by the plan and without one."""
    rows = [row("lead_accepted", WEEKS[3]), *meetings(ANNA, 9, 9, 9), *NOW]
    for config in (small(), small(targets=[WEEKLY])):
        found = heading(config, rows, "2026-W47", "2026-11-17")
        assert shown(found, ANNA, "meetings") == shown(found, SALES, "meetings") == [5, -1, -1]
    four = heading(small(), [row("lead_accepted", WEEKS[2]), *rows], "2026-W47", "2026-11-17")
    assert shown(four, ANNA, "meetings") == [11, 8.75, 11]  # 2 + 9; the lower quartile of 0, 9, 9, 9 is 6.75


def test_a_week_that_the_log_begins_in_the_middle_of_teaches_nothing() -> None:
    rows = [row("lead_accepted", WEEKS[2] + timedelta(days=1)), *meetings(ANNA, 9, 9, 9, 9), *NOW]
    assert shown(heading(small(), rows, "2026-W47", "2026-11-17"), ANNA, "meetings") == [5, -1, -1]
    earlier = [*rows, row("lead_accepted", WEEKS[2], counted=False)]
    assert shown(heading(small(), earlier, "2026-W47", "2026-11-17"), ANNA, "meetings") == [5, -1, -1]


def test_no_more_than_twelve_periods_are_looked_back_to() -> None:
    long_ago = meetings(ANNA, *[50] * 30, last=WEEKS[-1] - timedelta(days=84))
    rows = long_ago + meetings(ANNA, *[3] * 12) + NOW
    assert shown(heading(small(), rows, "2026-W47", "2026-11-17"), ANNA, "meetings") == [5, 5, 5]


def test_before_a_fifth_of_the_working_days_there_is_no_projection() -> None:
    rows = [*lumpy(), paid("2026-08-03", 500.0)]
    assert shown(heading(CONFIG, rows, "2026-08", "2026-08-06"), ANNA, "revenue") == [-1, -1, -1]
    assert min(shown(heading(CONFIG, rows, "2026-08", "2026-08-07"), ANNA, "revenue")) > 0


def test_a_period_that_is_over_is_what_it_is() -> None:
    rows = [*lumpy(), paid("2026-08-03", 1.15), paid("2026-08-30", 1.15), paid("2026-08-31", 1.15, BORIS)]
    found = heading(CONFIG, rows, "2026-08", "2026-08-31")
    assert shown(found, ANNA, "revenue") == [2.3] * 3
    assert shown(found, SALES, "revenue") == [3.45] * 3
    assert shown(found, SALES, "meetings") == [0] * 3


def test_a_week_without_working_days_is_projected_only_once_it_is_over() -> None:
    """2026-W02 is all holidays in Russia."""
    config = small(country="RU")
    rows = [*meetings(ANNA, *([3] * 8), last=date(2025, 12, 22)), row("meeting", "2026-01-06")]
    assert shown(heading(config, rows, "2026-W02", "2026-01-08"), ANNA, "meetings") == [-1, -1, -1]
    assert shown(heading(config, rows, "2026-W02", "2026-01-11"), ANNA, "meetings") == [1, 1, 1]
    # and teaches nothing: of the three weeks before W03 one has no working day
    three = [row("lead_accepted", "2025-12-22"), row("meeting", "2026-01-12"), row("meeting", "2026-01-13")]
    assert shown(heading(config, three, "2026-W03", "2026-01-13"), ANNA, "meetings") == [5, -1, -1]


def test_ratios_and_distinct_clients_have_no_projection() -> None:
    rows = [*meetings(ANNA, *([3] * 8)), row("meeting", "2026-11-16", client="A"), row("lead_accepted", "2026-11-16")]
    for as_of in ("2026-11-17", "2026-11-22"):
        found = heading(settings(), rows, "2026-W47", as_of)
        for measure in ("clients_met", "conversion"):
            assert shown(found, ANNA, measure) == shown(found, SALES, measure) == [-1, -1, -1]


def test_measures_that_are_no_indicators_have_nothing() -> None:
    figures = measured(CONFIG, ledger(*NOW), "2026-W47", "2026-11-17")
    other = figures[:1].assign(measure="base.clients", plan=math.nan)
    clock = moment("2026-W47", "2026-11-17")
    found = project(pd.concat([figures, other], ignore_index=True), ledger(*NOW), CONFIG, clock)
    assert found.iloc[-1, 2:].isna().all()


def test_days_off_behind_the_as_of_date_belong_to_it_in_earlier_periods_too() -> None:
    """Wednesdays are off here: on a Tuesday, what came on them is still to come; on a Wednesday it has been."""
    wednesdays = [monday + timedelta(days=2) for monday in [*WEEKS, date(2026, 11, 16)]]
    config, rows = small(holidays=wednesdays), OPENED + meetings(ANNA, *[4] * 6, weekday=2) + NOW
    assert shown(heading(config, rows, "2026-W47", "2026-11-17"), ANNA, "meetings") == [6, 6, 6]
    assert shown(heading(config, rows, "2026-W47", "2026-11-18"), ANNA, "meetings") == [2, 2, 2]


def test_a_share_of_the_working_days_is_taken_to_the_nearest_day() -> None:
    """Two of five days are two of four (1.6) and one of three (1.2): a Tuesday is past in the one, to come in the
    other. Rests: 1, 1, 20 in two days instead of three, 0."""
    off = [WEEKS[5] + timedelta(days=4), WEEKS[4] + timedelta(days=4), WEEKS[4] + timedelta(days=3)]
    rows = [row("lead_accepted", WEEKS[2]), *meetings(ANNA, 1, 1, 0, 0, weekday=2), *NOW]
    rows += meetings(ANNA, 20, 20, weekday=1)
    found = heading(small(holidays=off), rows, "2026-W47", "2026-11-17")
    assert shown(found, SALES, "meetings") == [3, 2.75, 10.25]


def test_an_absence_over_the_rest_leaves_what_is_there() -> None:
    """Of the department half the days are left: of four meetings two are still to come."""
    rows = OPENED + meetings(ANNA, *[4] * 6) + NOW
    away = {"name": ANNA, "absent": [{"from": "2026-11-18", "to": "2026-12-31"}]}
    left = {"name": ANNA, "until": "2026-11-17"}
    for person in (away, left):
        found = heading(small([person, BORIS], [WEEKLY]), rows, "2026-W47", "2026-11-17")
        assert shown(found, ANNA, "meetings") == [2, 2, 2]
        assert shown(found, SALES, "meetings") == [4, 4, 4]
        assert math.isnan(float(found["required"][ANNA, "meetings"]))


def test_on_the_last_working_day_nothing_more_is_expected() -> None:
    """Not even the meetings that earlier Saturdays had."""
    rows = OPENED + meetings(ANNA, *[4] * 6, weekday=5) + NOW
    found = heading(small(), rows, "2026-W47", "2026-11-20")
    assert shown(found, ANNA, "meetings") == shown(found, SALES, "meetings") == [2, 2, 2]


def test_who_is_away_all_the_time_is_where_the_log_has_them() -> None:
    away = {"name": ANNA, "absent": [{"from": "2026-11-16", "to": "2026-11-20"}]}
    assert shown(heading(small([away, BORIS]), NOW, "2026-W47", "2026-11-17"), ANNA, "meetings") == [2, 2, 2]


def test_what_was_done_before_the_first_own_day_is_nothing_to_go_by() -> None:
    back = {"name": ANNA, "absent": [{"from": "2026-11-16", "to": "2026-11-17"}]}
    for config in (small([back, BORIS]), small([back, BORIS], [WEEKLY])):
        assert shown(heading(config, NOW, "2026-W47", "2026-11-17"), ANNA, "meetings") == [-1, -1, -1]


def test_own_days_left_scale_what_came_in_earlier_periods() -> None:
    """Of three days left one remains; in one earlier week only Friday was worked, in another nothing."""
    spans = [("2026-11-18", "2026-11-19"), ("2026-11-11", "2026-11-12"), ("2026-11-04", "2026-11-06")]
    config = small([{"name": ANNA, "absent": [{"from": first, "to": last} for first, last in spans]}, BORIS])
    rows = OPENED + meetings(ANNA, 3, 6, 9, 30, 0, 5, weekday=4) + NOW
    # rests by own day: 3/3, 6/3, 9/3, 30/3 (the 26th of October's), none, 5/1
    assert shown(heading(config, rows, "2026-W47", "2026-11-17"), ANNA, "meetings") == pytest.approx([5, 4, 7])


@pytest.mark.parametrize(("who", "expected"), [("until", 2 + 4), ("from", 2 + 8), ("absent", 2 + 4)])
def test_the_department_is_projected_by_the_days_of_those_who_are_there(who: str, expected: float) -> None:
    """Two did eight meetings from Wednesday on, as long as both were there; alone, one does four."""
    both, alone = WEEKS[5] + timedelta(days=6), WEEKS[5] + timedelta(days=7)
    spans: dict[str, Row] = {
        "until": {"until": both},
        "from": {"from": alone},
        "absent": {"absent": [{"from": alone, "to": alone + timedelta(days=4)}]},
    }
    config = small([ANNA, {"name": BORIS, **spans[who]}])
    rows = OPENED + meetings(ANNA, *[4] * 6) + (meetings(BORIS, *[4] * 6) if who != "from" else []) + NOW
    assert shown(heading(config, rows, "2026-W47", "2026-11-17"), SALES, "meetings") == [expected] * 3


def test_where_nobody_is_left_the_department_stays_where_it_is() -> None:
    """With too few earlier weeks, too."""
    gone = small([{"name": ANNA, "until": "2026-11-17"}, {"name": BORIS, "until": "2026-11-16"}])
    for rows in (OPENED + meetings(ANNA, *[4] * 6) + NOW, NOW):
        assert shown(heading(gone, rows, "2026-W47", "2026-11-17"), SALES, "meetings") == [2, 2, 2]


def test_without_a_plan_the_department_is_projected_by_everybodys_days() -> None:
    """Three of six own days have passed."""
    leaves = small([ANNA, {"name": BORIS, "until": "2026-11-16"}])
    assert shown(heading(leaves, NOW, "2026-W47", "2026-11-17"), SALES, "meetings") == [4, -1, -1]


def test_only_periods_in_which_a_manager_was_employed_throughout_teach() -> None:
    """The joiner of 15 October has four whole weeks behind, the one of the 21st three."""
    rows = OPENED + meetings(ANNA, 90, 90, 4, 4, 4, 4) + NOW
    for start, expected in (("2026-10-15", [6, 6, 6]), ("2026-10-21", [5, -1, -1])):
        config = small([{"name": ANNA, "from": start}, BORIS])
        assert shown(heading(config, rows, "2026-W47", "2026-11-17"), ANNA, "meetings") == expected


def test_a_joiner_is_projected_by_the_own_days() -> None:
    """From Tuesday: one of four days has passed. Before the first one there is nothing to go by."""
    joins = small([{"name": ANNA, "from": "2026-11-17"}, {"name": BORIS, "from": "2026-11-19"}])
    planned = small([{"name": ANNA, "from": "2026-11-17"}, {"name": BORIS, "from": "2026-11-19"}], [WEEKLY])
    for config in (joins, planned):
        found = heading(config, [row("meeting", "2026-11-17")], "2026-W47", "2026-11-17")
        assert shown(found, ANNA, "meetings") == [4, -1, -1]
        assert shown(found, BORIS, "meetings") == [-1, -1, -1]


def test_money_is_projected_by_its_curve_where_there_is_one() -> None:
    """Seven months of lumps make a curve; a manager without a past is projected by it."""
    config = small([ANNA, {"name": BORIS, "from": "2026-08-01"}], [MONTHLY])
    rows = [*lumpy(), paid("2026-08-10", 1000.0, BORIS)]
    clock = moment("2026-08", "2026-08-14")
    bent = paced(
        measured(config, ledger(*rows), "2026-08", "2026-08-14"), ledger(*rows), history("2026-01-01"), config, clock
    )
    found = project(bent, ledger(*rows), config, clock).set_index(["manager", "measure"])
    assert shown(found, BORIS, "revenue") == pytest.approx([1_000 / by_month_end(rows), -1, -1], abs=0.01)


def test_money_is_to_the_cent_and_never_minus_zero() -> None:
    rows = [paid(monday, 0.01) for monday in WEEKS] + [paid(monday + timedelta(days=3), 0.01) for monday in WEEKS[:3]]
    rows += [paid(monday + timedelta(days=3), -0.01, BORIS) for monday in WEEKS[:3]]
    rows += [paid("2026-11-16", 0.0), paid("2026-11-16", -0.0, BORIS)]
    found = heading(small(), rows, "2026-W47", "2026-11-17")
    assert shown(found, ANNA, "revenue") == [0.0, 0.0, 0.01]  # 0.005 is half a cent, to the even one
    assert shown(found, BORIS, "revenue") == [0.0, -0.01, 0.0]
    values = found[["projection", "low", "high", "required"]].to_numpy().ravel()
    assert not any(math.copysign(1, value) < 0 for value in values if value == 0)


def test_the_rest_needs_what_is_missing_a_day() -> None:
    """Three days are left of Anna's, two of Boris's, who is away on Friday; two of five meetings are there."""
    config = small([ANNA, {"name": BORIS, "absent": [{"from": "2026-11-20", "to": "2026-11-20"}]}], [WEEKLY])
    found = heading(config, NOW, "2026-W47", "2026-11-17")["required"].fillna(-1)
    assert [found[who, "meetings"] for who in (ANNA, BORIS, SALES)] == pytest.approx([1, 2, 7 / 3])
    assert found[ANNA, "leads"] == -1
    done = heading(config, [*NOW, *NOW, *NOW], "2026-W47", "2026-11-17")["required"]
    assert done[ANNA, "meetings"] == 0
    over = heading(config, NOW, "2026-W47", "2026-11-20")["required"].fillna(-1)
    assert [over[who, "meetings"] for who in (ANNA, BORIS, SALES)] == [-1, -1, -1]


def test_only_days_with_a_plan_are_left_for_what_is_required() -> None:
    """The target begins on Thursday, so that two of the three days left have a plan; a ratio needs none a day."""
    target = {"from": "2026-11-19", "per": "week", "default": {"meetings": 5.0, "conversion": 0.3}}
    rows = [row("lead_accepted", "2026-11-16", quantity=10), row("lead_converted", "2026-11-16")]
    found = heading(settings(targets=[target]), rows, "2026-W47", "2026-11-17")["required"].fillna(-1)
    assert [found[who, "meetings"] for who in (ANNA, SALES)] == pytest.approx([1, 4 / 3])
    assert [found[who, "conversion"] for who in (ANNA, SALES)] == [-1, -1]


def test_distinct_clients_can_be_required() -> None:
    target = {"from": "2026-01-01", "per": "week", "default": {"clients_met": 5.0}}
    rows = [row("meeting", "2026-11-16", client="A"), row("meeting", "2026-11-16", client="A")]
    assert heading(settings(targets=[target]), rows, "2026-W47", "2026-11-17")["required"][
        ANNA, "clients_met"
    ] == pytest.approx(4 / 3)


@st.composite
def logs(draw: st.DrawFn) -> list[Row]:
    """Meetings and payments of two people over a quarter and a half, some of which do not count."""
    entry = st.fixed_dictionaries(
        {
            "action": st.sampled_from(["meeting", "payment", "lead_accepted"]),
            "manager": st.sampled_from([ANNA, BORIS]),
            "date": st.dates(date(2026, 8, 1), date(2026, 11, 22)),
            "amount": st.integers(-(10**4), 10**6).map(lambda cents: cents / 100),
            "quantity": st.sampled_from([math.nan, 1.0, 7.0]),
            "counted": st.sampled_from([True, True, True, False]),
        }
    )
    return draw(st.lists(entry, min_size=10, max_size=50))


def in_loops(rows: Sequence[Row], people: Sequence[Manager], as_of: date, measure: str) -> list[float]:
    """Projection, low and high of 2026-W47, a weekday, of one manager or of both, in plain loops; -1 for none."""
    action = {"meetings": "meeting", "revenue": "payment", "leads": "lead_accepted"}[measure]

    def total(first: date, last: date) -> float:
        found = 0.0
        for each in rows:
            whose = each["manager"] in [person.name for person in people]
            if each["counted"] and whose and each["action"] == action and first <= each["date"] <= last:
                blank = math.isnan(each["quantity"])
                found += {"meetings": 1, "revenue": each["amount"], "leads": 1 if blank else each["quantity"]}[measure]
        return found

    def left(monday: date, after: date) -> int:
        days = [monday + timedelta(days=n) for n in range(5)]
        return sum(day > after and person.works(day) for day in days for person in people)

    monday = date(2026, 11, 16)
    actual, first = total(monday, as_of), min((each["date"] for each in rows if each["counted"]), default=monday)
    now, rests = left(monday, as_of), []
    if now == 0:
        return [actual] * 3
    for ago in range(1, 13):
        start, cut = monday - timedelta(days=7 * ago), as_of - timedelta(days=7 * ago)
        there = len(people) > 1 or (people[0].employed(start) and people[0].employed(start + timedelta(days=4)))
        if start >= first and there and left(start, cut):
            rest = total(cut + timedelta(days=1), start + timedelta(days=6))
            rests.append(rest / left(start, cut) * now)
    if len(rests) >= 4:
        return [actual + float(np.percentile(rests, at)) for at in (50, 25, 75)]
    whole = left(monday, monday - timedelta(days=1))
    return [actual / ((whole - now) / whole), -1, -1] if whole > now else [-1, -1, -1]


@given(rows=logs(), weekday=st.integers(0, 3), gone=st.integers(0, 60), away=st.integers(0, 60), long=st.integers(0, 9))
@rules(max_examples=8)
def test_a_projection_is_what_plain_loops_make_of_it(
    rows: list[Row], weekday: int, gone: int, away: int, long: int
) -> None:
    as_of = date(2026, 11, 16) + timedelta(days=weekday)
    joined, absent = date(2026, 9, 20) + timedelta(days=gone), date(2026, 9, 22) + timedelta(days=away)
    boris = {"name": BORIS, "from": joined, "absent": [{"from": absent, "to": absent + timedelta(days=long)}]}
    config = small([ANNA, boris])
    found = heading(config, rows, "2026-W47", str(as_of))
    for people in ([config.managers[0]], [config.managers[1]], config.managers):
        name = SALES if len(people) > 1 else people[0].name
        for measure, exact in (("meetings", 1e-6), ("leads", 1e-6), ("revenue", 0.00501)):
            if (name, measure) in found.index:
                assert shown(found, name, measure) == pytest.approx(in_loops(rows, people, as_of, measure), abs=exact)
