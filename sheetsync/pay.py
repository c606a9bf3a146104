"""KPI and pay: what was done as a score, and the score as a payout.

Attainments, factors and scores are compared and kept to 12 decimals, so that 21 of 30 is 70 % and no hair below it. A
plan is only known to 6 decimals: where its rounding alone is in between, the threshold is met.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from sheetsync.periods import Period
from sheetsync.schema import Kpi, Settings

_DECIMALS = 12
_JUST_ABOVE = 1 + 10**-_DECIMALS  # the least attainment above 100 %
_ROUNDED = 0.5e-6  # a plan may have been so much smaller before it was rounded
_NUMBERS = ["plan", "actual", "attainment"]


@dataclass(frozen=True, slots=True)
class Pay:
    """What the `kpi` of the configuration makes of a span (`kpi.per`).

    `components`, one row per manager x indicator of `kpi.weights`, in the configuration's order:
        manager, indicator str · weight float (its share of the score, 0 to 1, after those without plan were spread over
        the others; NaN without plan) · plan, actual, attainment float · factor float (what it is worth; NaN without
        plan) · points float (weight x factor)
    `totals`, one row per manager: manager str · score float (1 is 100 %; NaN where nothing has a plan) · incentive
        float · payout float (to the cent) · step str (the indicator whose next step adds most; "" none) · needs float
        (how much more of it: units or money, above 0) · reaches float (the attainment then) · gains float (added to
        the score)

    A plan of 0 is no plan. A ratio with a plan and nothing to divide by is worth 0: nothing of it was done.
    """

    span: Period
    components: pd.DataFrame
    totals: pd.DataFrame


def factor(attainment: float, kpi: Kpi) -> float:
    """What a component's attainment is worth (1 is 100 %), by the payout curve of `Kpi`: 0 or more, NaN for NaN.

    Below the threshold, and below 0 (refunds), it is 0; up to 100 % itself; above, `marginal` is 1 + (a - 1) x
    accelerator and `whole` a x accelerator; never more than the cap.
    """
    reached = round(attainment, _DECIMALS)
    if math.isnan(reached):
        return math.nan
    if reached <= 0 or reached < kpi.threshold:
        return 0.0
    worth = reached
    if reached > 1:
        worth = 1 + (reached - 1) * kpi.accelerator if kpi.mode == "marginal" else reached * kpi.accelerator
    return round(worth if kpi.cap is None or worth <= kpi.cap else kpi.cap, _DECIMALS)


def pay(figures: pd.DataFrame, settings: Settings, span: Period) -> Pay | None:
    """Score and payout of each manager from the span's figures (see `indicators.figures`); None without `kpi`."""
    kpi = settings.kpi
    if kpi is None:
        return None
    components = _components(figures[figures["manager"] != settings.department.name], kpi)
    return Pay(span, components, _totals(components, settings, kpi))


def measures(found: Pay | None, settings: Settings) -> pd.DataFrame:
    """`kpi.score` (ratio) and `kpi.payout` (money) per manager, as far as `kpi.show` lets them be seen; the department
    has a payout, the sum. Columns: manager, measure, unit str · actual float."""
    rows = [] if found is None or settings.kpi is None else list(_shown(found.totals, settings, settings.kpi))
    frame = pd.DataFrame(rows, columns=["manager", "measure", "unit", "actual"])
    return frame.astype({"manager": "str", "measure": "str", "unit": "str", "actual": "float64"})


def hidden(settings: Settings) -> frozenset[str]:
    """The measures that `kpi.show` keeps out of every tab."""
    shown = {"pay": (), "score": ("kpi.payout",), "nothing": ("kpi.score", "kpi.payout")}
    return frozenset(shown[settings.kpi.show]) if settings.kpi else frozenset()


def _shown(totals: pd.DataFrame, settings: Settings, kpi: Kpi) -> Iterator[tuple[str, str, str, float]]:
    if kpi.show == "nothing":
        return
    for name, score, payout in zip(totals["manager"], totals["score"], totals["payout"], strict=True):
        yield name, "kpi.score", "ratio", score
        if kpi.show == "pay":
            yield name, "kpi.payout", "money", payout
    if kpi.show == "pay":
        cents = (totals["payout"] * 100).round().sum(min_count=1)
        yield settings.department.name, "kpi.payout", "money", float(cents) / 100


# --- components and their sum --------------------------------------------------------------------------------------


def _components(figures: pd.DataFrame, kpi: Kpi) -> pd.DataFrame:
    names = ["manager", "indicator"]
    grid = pd.MultiIndex.from_product([figures["manager"].unique(), list(kpi.weights)], names=names)
    known = figures.rename(columns={"measure": "indicator"}).set_index(names)[_NUMBERS]
    table = known.reindex(grid).astype("float64").reset_index().astype({"manager": "str", "indicator": "str"})
    planned = table["plan"] > 0
    weight = table["indicator"].map(kpi.weights).astype("float64").where(planned)
    table.insert(2, "weight", weight / weight.groupby(table["manager"]).transform("sum"))
    done = zip(table["actual"].fillna(0.0), table["plan"].where(planned, 1.0), strict=True)
    worth = [factor(_attained(actual, plan, kpi), kpi) for actual, plan in done]
    table["factor"] = pd.Series(worth, index=table.index, dtype="float64").where(planned)
    table["points"] = table["weight"] * table["factor"]
    return table


def _attained(actual: float, plan: float, kpi: Kpi) -> float:
    """Actual / plan (above 0), or the threshold where it would be met but for the rounding of the plan."""
    attainment = actual / plan
    met = round(actual / (plan - _ROUNDED), _DECIMALS) >= kpi.threshold
    return max(attainment, kpi.threshold) if met else attainment


def _totals(components: pd.DataFrame, settings: Settings, kpi: Kpi) -> pd.DataFrame:
    by_manager = components.groupby("manager", sort=False)
    table = by_manager["points"].sum(min_count=1).round(_DECIMALS).rename("score").reset_index()
    table["incentive"] = [float(kpi.managers.get(name, kpi.incentive)) for name in table["manager"]]
    table["payout"] = [_cents(sum_) for sum_ in table["incentive"] * table["score"]]
    steps = [_best(group, settings, kpi) for _, group in by_manager]
    found = pd.DataFrame(steps, columns=["step", "needs", "reaches", "gains"], index=table.index)
    return table.join(found.astype({"step": "str"} | dict.fromkeys(["needs", "reaches", "gains"], "float64")))


def _cents(money: float) -> float:
    """To the cent, halves up, as on a payslip."""
    if math.isnan(money):
        return math.nan
    return float(Decimal(repr(round(money, 6))).quantize(Decimal("0.01"), ROUND_HALF_UP))


# --- the next step -------------------------------------------------------------------------------------------------

_Step = tuple[str, float, float, float]
"""Indicator, needs, reaches, gains."""


def _best(components: pd.DataFrame, settings: Settings, kpi: Kpi) -> _Step:
    """Of a manager's next steps the one that adds most to the score; of equal ones the first."""
    nothing: _Step = ("", math.nan, math.nan, math.nan)
    return max(_steps(components, settings, kpi), key=lambda step: step[3], default=nothing)


def _steps(components: pd.DataFrame, settings: Settings, kpi: Kpi) -> Iterator[_Step]:
    """The next step of each planned component. A ratio is not done in units, so it has none."""
    for row in components[components["plan"] > 0].itertuples(index=False):
        indicator = settings.indicators.get(str(row.indicator))
        weight, plan, actual, now = (float(str(value)) for value in (row.weight, row.plan, row.actual, row.factor))
        goal = _goal(_attained(actual, plan, kpi), kpi)
        if indicator is None or indicator.unit == "ratio" or goal is None:
            continue
        needs = _needed(goal, plan, actual, 100 if indicator.unit == "money" else 1, kpi)
        reaches = _attained(actual + needs, plan, kpi)
        gains = round(weight * (factor(reaches, kpi) - now), _DECIMALS)
        if gains > 0:
            yield str(row.indicator), needs, reaches, gains


def _goal(attainment: float, kpi: Kpi) -> float | None:
    """The next attainment from which the curve goes on differently: the threshold, 100 %, or where the cap is met.

    Where more than 100 % lifts the whole (`whole`), the step is to be above 100 %.
    """
    reached = round(max(attainment, 0.0), _DECIMALS)
    leaps = kpi.mode == "whole" and kpi.accelerator > 1 and kpi.cap != 1
    full = _JUST_ABOVE if leaps else 1.0
    if reached < kpi.threshold:
        return kpi.threshold
    if reached < full:
        return full
    if kpi.cap is None or kpi.accelerator == 0:
        return None
    met = 1 + (kpi.cap - 1) / kpi.accelerator if kpi.mode == "marginal" else kpi.cap / kpi.accelerator
    return met if reached < round(met, _DECIMALS) else None


def _needed(goal: float, plan: float, actual: float, parts: int, kpi: Kpi) -> float:
    """How much more reaches the goal, in the fewest whole parts of a unit (a count has 1, money has 100)."""
    missing = math.ceil(round((goal * plan - actual) * parts, 3))
    short = round(_attained(actual + missing / parts, plan, kpi), _DECIMALS) < round(goal, _DECIMALS)
    return (missing + short) / parts
