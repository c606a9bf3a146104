"""KPI and pay."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.indicators import figures
from sheetsync.pay import Pay, factor, measures, pay
from sheetsync.periods import Period
from sheetsync.plan import plan
from sheetsync.schema import Kpi, Settings
from tests.department import ANNA, BORIS, SALES, ledger, moment, settings

MONTH = Period.parse("2026-11")
UNITS = {"meetings": "count", "leads": "count", "conversion": "ratio", "revenue": "money", "gross_profit": "money"}


def configured(**kpi: Any) -> Settings:
    """The department with this `kpi`."""
    return settings().model_copy(update={"kpi": Kpi.model_validate({"weights": {"meetings": 1.0}, **kpi})})


def told(**managers: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Figures: by the manager's first name indicator -> (actual, plan); the department has some too."""
    names = {"anna": ANNA, "boris": BORIS, "sales": SALES}
    rows = [
        (names[name], indicator, UNITS[indicator], planned, done, done / planned if planned else math.nan)
        for name, items in {**managers, "sales": {"meetings": (999.0, 1.0)}}.items()
        for indicator, (done, planned) in items.items()
    ]
    frame = pd.DataFrame(rows, columns=["manager", "measure", "unit", "plan", "actual", "attainment"])
    return frame.assign(plan_to_date=frame["plan"], pace=math.nan)


def paid(config: Settings, **managers: Mapping[str, tuple[float, float]]) -> Pay:
    """The month's pay."""
    found = pay(told(**managers), config, MONTH)
    assert found is not None
    return found


def total(found: Pay, manager: str = ANNA) -> dict[str, Any]:
    """The manager's row of the totals."""
    rows = found.totals[found.totals["manager"] == manager].to_dict("records")
    return {str(name): value for name, value in rows[0].items()}


def step(config: Settings, **items: tuple[float, float]) -> tuple[Any, ...]:
    """Anna's next step: indicator, needs, reaches, gains."""
    row = total(paid(config, anna=items))
    return tuple(row[name] for name in ("step", "needs", "reaches", "gains"))


# --- the curve -----------------------------------------------------------------------------------------------------


def curve(**kpi: Any) -> Kpi:
    """A curve over one indicator."""
    return Kpi.model_validate({"weights": {"meetings": 1.0}, **kpi})


@pytest.mark.parametrize(
    ("attainment", "kpi", "worth"),
    [
        (0.5, {}, 0.5),
        (0.5, {"threshold": 0.6}, 0.0),
        (0.6, {"threshold": 0.6}, 0.6),
        (0.6 - 1e-15, {"threshold": 0.6}, 0.6),
        (1.0, {"accelerator": 1.5, "mode": "whole"}, 1.0),
        (1.0 + 1e-15, {"accelerator": 1.5, "mode": "whole"}, 1.0),
        (1.3, {"accelerator": 1.5}, 1.45),
        (1.3, {"accelerator": 1.5, "mode": "whole"}, 1.95),
        (1.3, {"accelerator": 0.0}, 1.0),
        (1.3, {"accelerator": 1.5, "cap": 1.2}, 1.2),
        (1.3, {"accelerator": 1.5, "cap": 1.45}, 1.45),
        (9.0, {"accelerator": 2.0, "mode": "whole", "cap": 2.0}, 2.0),
        (0.0, {}, 0.0),
        (-0.4, {}, 0.0),
    ],
)
def test_the_curve(attainment: float, kpi: dict[str, Any], worth: float) -> None:
    found = factor(attainment, curve(**kpi))
    assert found == worth
    assert math.copysign(1, found) == 1


def test_nothing_known_is_worth_nothing_known() -> None:
    assert math.isnan(factor(math.nan, curve(cap=2.0)))


def hundredths(low: int, high: int) -> st.SearchStrategy[float]:
    """Figures as people write them into a configuration."""
    return st.integers(low, high).map(lambda n: n / 100)


CURVES = st.builds(
    curve,
    threshold=hundredths(0, 100),
    accelerator=hundredths(0, 1000),
    mode=st.sampled_from(["marginal", "whole"]),
    cap=st.none() | hundredths(100, 1000),
)


@given(CURVES, st.floats(-5, 50), st.floats(-5, 50))
def test_more_done_is_worth_no_less(kpi: Kpi, one: float, other: float) -> None:
    assume(kpi.mode == "marginal" or kpi.accelerator >= 1)
    low, high = sorted((one, other))
    assert factor(low, kpi) <= factor(high, kpi)


@given(CURVES, st.floats(-5, 50))
def test_a_component_is_worth_what_the_configuration_says(kpi: Kpi, attainment: float) -> None:
    assume(min(abs(attainment - edge) for edge in (kpi.threshold, 1, 0)) > 1e-9)
    a, acc = Decimal(attainment), Decimal(kpi.accelerator)
    above = 1 + (a - 1) * acc if kpi.mode == "marginal" else a * acc
    expected = Decimal(0) if a < Decimal(kpi.threshold) or a < 0 else a if a <= 1 else above
    expected = expected if kpi.cap is None else min(expected, Decimal(kpi.cap))
    assert factor(attainment, kpi) == pytest.approx(float(expected), abs=1e-11)


# --- components, score, payout -------------------------------------------------------------------------------------


def test_the_worked_example() -> None:
    found = paid(configured(accelerator=1.5, incentive=100000.0), anna={"meetings": (26, 20)})
    assert total(found) | {"step": "", "needs": 0, "reaches": 0, "gains": 0} == {
        "manager": ANNA,
        "score": 1.45,
        "incentive": 100000.0,
        "payout": 145000.00,
        "step": "",
        "needs": 0,
        "reaches": 0,
        "gains": 0,
    }


def test_without_kpi_there_is_no_pay() -> None:
    assert pay(told(anna={"meetings": (1, 1)}), settings(), MONTH) is None


def test_components_are_weighted_in_the_order_of_the_configuration() -> None:
    config = configured(weights={"revenue": 3.0, "meetings": 1.0}, incentive=1000.0)
    found = paid(
        config,
        anna={"meetings": (5, 10), "leads": (9, 9), "revenue": (80, 100)},
        boris={"meetings": (10, 10), "revenue": (0, 100)},
    )
    columns = ["manager", "indicator", "weight", "plan", "actual", "attainment", "factor", "points"]
    assert list(found.components) == columns
    assert found.components.to_numpy().tolist() == [
        [ANNA, "revenue", 0.75, 100, 80, 0.8, 0.8, pytest.approx(0.6)],
        [ANNA, "meetings", 0.25, 10, 5, 0.5, 0.5, 0.125],
        [BORIS, "revenue", 0.75, 100, 0, 0, 0, 0],
        [BORIS, "meetings", 0.25, 10, 10, 1, 1, 0.25],
    ]
    assert found.totals["manager"].tolist() == [ANNA, BORIS]
    assert found.totals["score"].tolist() == [0.725, 0.25]
    assert found.totals["payout"].tolist() == [725.0, 250.0]
    assert found.span == MONTH


def test_weights_without_plan_are_spread_over_the_others() -> None:
    config = configured(weights={"meetings": 2.0, "revenue": 5.0, "leads": 6.0})
    rows = paid(config, anna={"meetings": (4, 8), "revenue": (7, 0), "leads": (3, 4)}).components
    assert rows["weight"].fillna(-1).tolist() == [0.25, -1, 0.75]
    assert rows["factor"].fillna(-1).tolist() == [0.5, -1, 0.75]
    assert rows["points"].sum() == 0.125 + 0.5625


def test_a_manager_without_any_plan_has_no_score_and_no_payout() -> None:
    row = total(paid(configured(incentive=10.0), anna={"meetings": (4, 0)}))
    assert (row["incentive"], row["step"]) == (10.0, "")
    assert all(math.isnan(row[name]) for name in ("score", "payout", "needs", "reaches", "gains"))


def test_an_indicator_that_has_no_figures_is_one_without_plan() -> None:
    rows = paid(configured(weights={"meetings": 1.0, "gone": 9.0}), anna={"meetings": (1, 2)}).components
    assert rows["weight"].fillna(-1).tolist() == [1, -1]


def test_a_planned_ratio_of_nothing_is_worth_nothing() -> None:
    config = configured(weights={"meetings": 1.0, "conversion": 1.0})
    found = paid(config, anna={"meetings": (2, 2), "conversion": (math.nan, 0.4)})
    assert found.components["factor"].tolist() == [1, 0]
    assert total(found)["score"] == 0.5


def test_the_rounding_of_a_plan_keeps_nobody_below_the_threshold() -> None:
    targets = [{"from": "2026-01-01", "per": "month", "default": {"meetings": 4}}]
    people: list[str | dict[str, Any]] = [{"name": ANNA, "from": "2026-11-10"}, BORIS]
    kpi = Kpi.model_validate({"weights": {"meetings": 1.0}, "threshold": 0.7})
    config = settings(targets=targets, managers=people)  # Anna works 15 of the month's 21 days: 20/7 meetings
    config = config.model_copy(update={"kpi": kpi})
    when, rows = (
        moment("2026-11"),
        [{"action": "meeting", "manager": ANNA, "date": f"2026-11-1{day}"} for day in (2, 3)],
    )
    known = figures(ledger(*rows), plan(config, MONTH, when.as_of), config, when, passed=21, working_days=21)
    found = pay(known, config, MONTH)
    assert found is not None
    assert found.components["plan"][0] == 2.857143
    assert total(found)["score"] == 0.7
    a_cent_short = {"revenue": (69_999.99, 100_000)}
    assert total(paid(configured(weights={"revenue": 1.0}, threshold=0.7), anna=a_cent_short))["score"] == 0


def test_refunds_beyond_what_was_sold_take_nothing_from_the_rest() -> None:
    found = paid(
        configured(weights={"meetings": 1.0, "revenue": 1.0}), anna={"meetings": (1, 1), "revenue": (-500, 100)}
    )
    assert total(found)["score"] == 0.5


def test_a_managers_own_incentive() -> None:
    config = configured(incentive=100.0, managers={BORIS: 0.0})
    found = paid(config, anna={"meetings": (1, 1)}, boris={"meetings": (1, 1)})
    assert found.totals["incentive"].tolist() == [100.0, 0.0]
    assert found.totals["payout"].tolist() == [100.0, 0.0]


def test_halves_of_a_cent_are_rounded_up() -> None:
    assert total(paid(configured(incentive=100.0), anna={"meetings": (6001, 8000)}))["payout"] == 75.01  # 75.0125
    assert total(paid(configured(incentive=1.0), anna={"meetings": (1, 8)}))["payout"] == 0.13  # 0.125


def test_only_actions_that_count_pay() -> None:
    config = configured(incentive=600.0).model_copy(
        update={
            "targets": settings(targets=[{"start": "2026-01-01", "per": "month", "default": {"meetings": 6}}]).targets
        }
    )
    meeting = {"action": "meeting", "manager": ANNA, "date": "2026-11-10"}
    log = ledger(meeting, {**meeting, "counted": False}, {**meeting, "counted": False, "rejected": True}, meeting)
    clock = moment("2026-11")
    frame = figures(log, plan(config, MONTH, clock.as_of), config, clock, passed=21, working_days=21)
    found = pay(frame, config, MONTH)
    assert found is not None
    assert found.totals["manager"].tolist() == [ANNA, BORIS]
    assert found.totals["payout"].tolist() == [200.0, 0.0]


def test_nobody_to_pay() -> None:
    found = paid(configured())
    assert found.components.empty
    assert found.totals.empty
    assert list(found.totals) == ["manager", "score", "incentive", "payout", "step", "needs", "reaches", "gains"]


DONE = st.tuples(st.integers(-50, 500).map(float), st.integers(0, 100).map(float))


@rules(max_examples=25)
@given(
    CURVES,
    st.dictionaries(st.sampled_from(list(UNITS)), DONE, min_size=1),
    st.dictionaries(st.sampled_from(list(UNITS)), st.floats(0.01, 100), min_size=1),
    st.integers(0, 10**7),
)
def test_a_score_is_what_a_plain_sum_makes_of_it(
    kpi: Kpi, items: dict[str, tuple[float, float]], weights: dict[str, float], incentive: int
) -> None:
    data = {**kpi.model_dump(), "weights": weights, "incentive": float(incentive)}
    config = configured(**data)
    found = paid(config, anna=items)
    planned = {name: done / wanted for name, (done, wanted) in items.items() if name in weights and wanted > 0}
    row = total(found)
    if not planned:
        assert math.isnan(row["score"])
        return
    whole = sum(weights[name] for name in planned)
    expected = sum(weights[name] / whole * factor(attainment, kpi) for name, attainment in planned.items())
    assert found.components["weight"].sum() == pytest.approx(1)
    assert row["score"] == pytest.approx(expected, abs=1e-9)
    assert 0 <= row["score"] <= (kpi.cap or math.inf) + 1e-9
    exact = (Decimal(incentive) * Decimal(repr(row["score"]))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert abs(Decimal(repr(row["payout"])) - exact) <= Decimal("0.01")
    assert row["payout"] * 100 == pytest.approx(round(row["payout"] * 100), abs=1e-5)


# --- the next step -------------------------------------------------------------------------------------------------

CENT_UP = 0.31 / 0.305


@pytest.mark.parametrize(
    ("kpi", "items", "expected"),
    [
        ({"threshold": 0.5}, {"meetings": (2, 10)}, ("meetings", 3.0, 0.5, 0.5)),
        ({"threshold": 0.5}, {"meetings": (5, 10)}, ("meetings", 5.0, 1.0, 0.5)),
        ({"threshold": 0.7}, {"meetings": (0, 30)}, ("meetings", 21.0, 0.7, 0.7)),
        ({"threshold": 0.28}, {"meetings": (0, 25)}, ("meetings", 7.0, 0.28, 0.28)),  # 7.000000000000001 as floats
        ({"threshold": 0.3333}, {"meetings": (0, 3.001)}, ("meetings", 2.0, 2 / 3.001, 2 / 3.001)),
        ({}, {"meetings": (2, 2.5)}, ("meetings", 1.0, 1.2, 0.4)),
        ({"accelerator": 2.0, "cap": 2.0}, {"meetings": (10, 10)}, ("meetings", 5.0, 1.5, 1.0)),
        ({"accelerator": 3.0, "cap": 2.0}, {"meetings": (3, 3)}, ("meetings", 1.0, pytest.approx(4 / 3), 1.0)),
        ({"accelerator": 2.0, "cap": 3.0, "mode": "whole"}, {"meetings": (11, 10)}, ("meetings", 4.0, 1.5, 0.8)),
        ({"accelerator": 2.0, "mode": "whole"}, {"meetings": (9, 10)}, ("meetings", 2.0, 1.1, 1.3)),
        ({"accelerator": 2.0, "mode": "whole"}, {"meetings": (10, 10)}, ("meetings", 1.0, 1.1, 1.2)),
        ({"accelerator": 2.0, "mode": "whole", "cap": 1.0}, {"meetings": (9, 10)}, ("meetings", 1.0, 1.0, 0.1)),
        ({"threshold": 0.7}, {"meetings": (1, 2.857143)}, ("meetings", 1.0, 0.7, 0.7)),
        ({"weights": {"revenue": 1.0}}, {"revenue": (0.01, 0.305)}, ("revenue", 0.3, CENT_UP, CENT_UP - 0.01 / 0.305)),
        ({"weights": {"revenue": 1.0}}, {"revenue": (-20.5, 100.0)}, ("revenue", 120.5, 1.0, 1.0)),
    ],
)
def test_the_next_step(kpi: dict[str, Any], items: dict[str, tuple[float, float]], expected: tuple[Any, ...]) -> None:
    indicator, needs, reaches, gains = step(configured(**kpi), **items)
    assert (indicator, needs, reaches) == expected[:3]
    assert gains == pytest.approx(expected[3])


@pytest.mark.parametrize(
    ("kpi", "items"),
    [
        ({}, {"meetings": (10, 10)}),  # beyond 100 % without a cap nothing changes
        ({"accelerator": 0.0, "cap": 2.0}, {"meetings": (10, 10)}),  # the cap is never met
        ({"cap": 1.5}, {"meetings": (20, 10)}),  # it is met already
        ({"accelerator": 0.5, "mode": "whole", "cap": 1.0}, {"meetings": (10, 10)}),  # more would be worth no more
        ({"weights": {"conversion": 1.0}}, {"conversion": (0.2, 0.4)}),  # not done in units
        ({}, {"meetings": (3, 0)}),
    ],
)
def test_no_next_step(kpi: dict[str, Any], items: dict[str, tuple[float, float]]) -> None:
    indicator, *numbers = step(configured(**kpi), **items)
    assert indicator == ""
    assert all(map(math.isnan, numbers))


def test_the_step_that_adds_most_is_shown() -> None:
    config = configured(weights={"meetings": 1.0, "leads": 3.0})
    assert step(config, meetings=(0, 10), leads=(8, 10))[0] == "meetings"
    assert step(config, meetings=(0, 10), leads=(6, 10))[0] == "leads"


def test_of_equal_steps_the_first_of_the_configuration_is_shown() -> None:
    assert step(configured(weights={"leads": 0.1, "meetings": 0.1}), meetings=(1, 2), leads=(1, 2))[0] == "leads"
    assert step(configured(weights={"meetings": 0.1, "leads": 0.1}), meetings=(1, 2), leads=(1, 2))[0] == "meetings"


@rules(max_examples=25)
@given(
    CURVES,
    st.sampled_from(["meetings", "revenue"]),
    st.integers(-500, 5000),
    st.decimals("0.1", "1000", places=3),
)
@example(curve(threshold=0, accelerator=1.01, mode="whole"), "revenue", -1, Decimal("0.1"))
def test_a_step_is_the_fewest_units_that_reach_the_next_edge(
    kpi: Kpi, indicator: str, units: int, planned: Decimal
) -> None:
    part = Decimal(1) if indicator == "meetings" else Decimal("0.01")
    done = units * part
    config = configured(**{**kpi.model_dump(), "weights": {indicator: 1.0}})
    found, needs, reaches, gains = step(config, **{indicator: (float(done), float(planned))})
    threshold = Decimal(repr(kpi.threshold))
    edge = threshold if max(done, Decimal(0)) / planned < threshold else Decimal(1)
    leaps = kpi.mode == "whole" and kpi.accelerator > 1 and kpi.cap != 1
    if done > planned or (done == planned and not leaps):
        assert found == "" or kpi.cap is not None
        return
    fewest = ((edge * planned - done) / part).to_integral_value(ROUND_CEILING) * part
    if leaps and edge == 1 and max(done, Decimal(0)) / planned >= threshold and done + fewest == planned:
        fewest += part
    if found:
        assert needs == pytest.approx(float(fewest), abs=1e-6)
        assert reaches == pytest.approx(float((done + fewest) / planned))
        assert needs > 0
        assert gains > 0
    else:
        assert factor(float((done + fewest) / planned), kpi) <= factor(float(done / planned), kpi) + 1e-12


# --- what History gets ---------------------------------------------------------------------------------------------


def shown(show: str) -> list[list[Any]]:
    """The measures of two managers, one of them without plan."""
    config = configured(show=show, incentive=100.1)
    found = paid(config, anna={"meetings": (1, 2)}, boris={"meetings": (3, 0)})
    return measures(found, config).fillna(-1).to_numpy().tolist()


def test_the_score_alone() -> None:
    assert shown("score") == [[ANNA, "kpi.score", "ratio", 0.5], [BORIS, "kpi.score", "ratio", -1]]


def test_score_and_pay() -> None:
    assert shown("pay") == [
        [ANNA, "kpi.score", "ratio", 0.5],
        [ANNA, "kpi.payout", "money", 50.05],
        [BORIS, "kpi.score", "ratio", -1],
        [BORIS, "kpi.payout", "money", -1],
        [SALES, "kpi.payout", "money", 50.05],
    ]


def test_the_departments_payout_is_the_sum_to_the_cent() -> None:
    config = configured(show="pay", incentive=0.1, managers={BORIS: 0.2})
    found = paid(config, anna={"meetings": (1, 1)}, boris={"meetings": (1, 1)})
    assert measures(found, config)["actual"].tolist()[-1] == 0.3


def test_nobody_with_a_plan_is_no_payout_of_the_department() -> None:
    config = configured(show="pay", incentive=5.0)
    assert math.isnan(measures(paid(config, anna={"meetings": (1, 0)}), config)["actual"].tolist()[-1])


@pytest.mark.parametrize("found", [None, "nothing"])
def test_nothing_to_show(found: str | None) -> None:
    config = configured(show="nothing") if found else settings()
    frame = measures(pay(told(anna={"meetings": (1, 2)}), config, MONTH), config)
    assert frame.empty
    assert list(frame) == ["manager", "measure", "unit", "actual"]
    assert [str(dtype) for dtype in frame.dtypes] == ["str", "str", "str", "float64"]
