"""Where the period is heading: projection to its end, what the rest needs a day, and the pace of lumpy money.

All of it stands on working days: the department's, and a manager's own, which are those of them on which the manager is
employed and not absent. Everybody's own days together are what the department can do: with a leaver they are fewer. A
day that has no working day of its own counts with the last one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sheetsync import plan
from sheetsync.indicators import PACE_FROM
from sheetsync.model import Ledger, Moment
from sheetsync.periods import Kind, Period
from sheetsync.schema import Indicator, Settings

COLUMNS = ("manager", "measure", "projection", "low", "high", "required")
FEWEST_MONTHS = 6
"""So many complete months of History make the department's own curve of the month."""
FEWEST_PERIODS, MOST_PERIODS = 4, 12
"""A projection from earlier periods needs so many of them, and looks back no further."""

_KEY = ["manager", "measure"]
_Shares = NDArray[np.float64]
"""Of one month, the share of its money that came up to each of its working days; the first is before any of them."""


# --- the pace of money ---------------------------------------------------------------------------------------------


def paced(
    figures: pd.DataFrame, ledger: Ledger, history: pd.DataFrame, settings: Settings, moment: Moment
) -> pd.DataFrame:
    """The figures (see `indicators.figures`) with `plan_to_date` and `pace` of money by the department's own curve.

    `figures` have the columns of `indicators.COLUMNS`, `history` those of `history.COLUMNS`. With fewer than 6 months
    to learn from, or without an indicator of revenue, the figures stay as they are, and so do rows of other measures.

    The curve is S(x): the median, over the months from the earliest period of History to the one before the as-of
    date's, of the cumulative share of the month's revenue that had come by the time the share x of its working days had
    passed. Months without revenue are left out. Within a working day money comes evenly; that of a day off counts at
    the working day before it, and what came before the month's first one is expected on that day. S never falls (a
    refund does not take an expectation back) and ends at 1.

    A working day of a month of n such days, the k-th, has the weight w = n (S(k/n) - S((k-1)/n)); an even day has 1.
    plan_to_date = plan x sum of (plan of the day x w up to the as-of date) / sum of (plan of the day x w): so days
    without plan (absent, not yet or no longer employed) and days of another target have their due. Where the divisor is
    0 the straight line stays. The department's is the sum of its managers'. pace = actual / plan_to_date, and stays
    blank where it was: before 20 % of the period's working days.
    """
    curve = _curve(ledger, history, settings, moment)
    if len(curve) < FEWEST_MONTHS:
        return figures
    money = [id_ for id_, item in settings.indicators.items() if item.unit == "money" and item.additive]
    own = figures["measure"].isin(money) & figures["plan"].notna()
    people = own & (figures["manager"] != settings.department.name)
    due = _looked_up(_due(curve, settings, moment).to_frame("due"), figures)["due"]
    to_date = figures["plan_to_date"].mask(people & due.notna(), (figures["plan"] * due).round(6))
    total = to_date[people].groupby(figures["measure"]).sum().round(6)
    to_date = to_date.mask(own & ~people, figures["measure"].map(total))
    pace = (figures["actual"] / to_date.where(to_date != 0)).where(figures["pace"].notna())
    return figures.assign(plan_to_date=to_date, pace=figures["pace"].mask(own, pace))


def _curve(ledger: Ledger, history: pd.DataFrame, settings: Settings, moment: Moment) -> Sequence[_Shares]:
    """Of each month to learn from, how its revenue came."""
    if settings.revenue is None or history.empty:
        return []
    indicator = settings.indicators[settings.revenue]
    rows = _counting(ledger, moment, indicator)
    cents = _hundredths(indicator, rows).groupby(rows["date"]).sum()
    months = _months(history["start"].min().date(), moment.as_of)
    found = (_shares(cents, plan.working_days(settings, month), month) for month in months)
    return [shares for shares in found if shares is not None]


def _months(first: date, as_of: date) -> Iterator[Period]:
    """The whole months from `first` on that end before the as-of date's month."""
    month = Period.containing(first, Kind.MONTH)
    month = month if month.start == first else month.next
    while month.end < as_of:
        yield month
        month = month.next


def _shares(cents: pd.Series[float], days: Sequence[date], month: Period) -> _Shares | None:
    """The share of the month's money up to each working day, from before the first; None without money or days."""
    own = cents[(cents.index >= pd.Timestamp(month.start)) & (cents.index <= pd.Timestamp(month.end))]
    if not days or own.sum() <= 0:
        return None
    places = pd.DatetimeIndex(list(days)).searchsorted(own.index, side="right")
    received = np.bincount(places, weights=own.to_numpy(), minlength=len(days) + 1)
    return np.asarray(received.cumsum() / own.sum(), dtype=np.float64)


def _due(curve: Sequence[_Shares], settings: Settings, moment: Moment) -> pd.Series[float]:
    """The share of the period's plan that is due by the as-of date, by manager and measure, where it has any weight."""
    days = plan.daily(settings, moment.period).rename(columns={"indicator": "measure"})
    weights = dict(_weights(curve, settings, moment.period))
    days["whole"] = days["plan"] * days["day"].map(weights).astype(float)
    days["part"] = days["whole"].where(days["day"] <= pd.Timestamp(moment.as_of), 0.0)
    sums = days.groupby(_KEY)[["part", "whole"]].sum()
    return sums["part"] / sums["whole"].where(sums["whole"] != 0)


def _weights(curve: Sequence[_Shares], settings: Settings, period: Period) -> Iterator[tuple[pd.Timestamp, float]]:
    """Each working day of the months that the period touches, with what it weighs beside an even day."""
    month = Period.containing(period.start, Kind.MONTH)
    while month.start <= period.end:
        days = plan.working_days(settings, month)
        passed = np.arange(len(days) + 1) / max(len(days), 1)
        each = [np.interp(passed, np.linspace(0, 1, len(shares)), shares) for shares in curve]
        usual = np.maximum.accumulate(np.clip(np.median(each, axis=0), 0, 1))
        usual[0], usual[-1] = 0, 1
        yield from zip(map(pd.Timestamp, days), np.diff(usual) * len(days), strict=False)
        month = month.next


# --- projection ----------------------------------------------------------------------------------------------------


def project(figures: pd.DataFrame, ledger: Ledger, settings: Settings, moment: Moment) -> pd.DataFrame:
    """Projection to the period's end, its range, and the required daily rate of the rest, per row of `figures`.

    `figures` have manager, measure, plan, plan_to_date (by the curve, where `paced` gave it) and actual. Columns:
    manager, measure str · projection, low, high float (NaN: none; none for ratios and distinct clients, which can't be
    scaled, and none before 20 % of the working days) · required float (per working day left, to reach the plan; 0 where
    it is reached, NaN without plan or days left). On the index of `figures`; money to the cent, counts not rounded.

    When the period is over, projection, low and high are the actual. Before, earlier periods of that length tell what
    is still to come: those of the last 12 that have a working day and do not start before the first row that counts.
    Of each, `rest` is what came after the same share of working days (to the nearest day), and as many days off behind
    it, had passed, scaled from the own working days left then to those left now (the department's are everybody's).
    With 4 or more, projection = actual + median of the rests, and low and high have the quartiles instead (linear
    between ranks). For a manager only periods are taken in which that manager was employed from the first to the last
    working day. With fewer than 4 there is no range, and projection = actual / (plan_to_date / plan), without a plan
    actual / share of own working days passed. Where no own working day is left, all three are the actual.

    required = (plan - actual) / days left after the as-of date: a manager's are those with a plan, the department's its
    working days.
    """
    table = pd.concat([figures[_KEY], _projected(figures, ledger, settings, moment)], axis=1)
    table["required"] = _required(figures, settings, moment)
    money = table["measure"].isin([id_ for id_, item in settings.indicators.items() if item.unit == "money"])
    for column in COLUMNS[2:]:
        exact = table[column].round(9)
        table[column] = exact.mask(money, (exact * 100).round() / 100) + 0.0  # no -0.0
    return table[list(COLUMNS)]


def _projected(figures: pd.DataFrame, ledger: Ledger, settings: Settings, moment: Moment) -> pd.DataFrame:
    """projection, low, high; not yet rounded."""
    days, working = _own_days(settings, moment.period), plan.working_days(settings, moment.period)
    passed = plan.passed(working, moment.as_of)
    actual = figures["actual"].where(figures["measure"].isin(_additive(settings)))
    if moment.as_of < moment.period.end and (not working or passed * PACE_FROM < len(working)):
        actual = actual * np.nan
    left = {name: len(own) - plan.passed(own, moment.as_of) for name, own in days.items()}
    settled = figures["manager"].map(left) == 0
    rests = _rests(ledger, settings, moment, left)
    found = _looked_up(rests, figures).add(actual, axis="index")
    found["projection"] = found["projection"].fillna(_straight(figures, actual, days, moment))
    return found.mask(settled, actual, axis="index")


def _straight(
    figures: pd.DataFrame, actual: pd.Series[float], days: Mapping[str, Sequence[date]], moment: Moment
) -> pd.Series[float]:
    """The actual over the share of the plan that was due by now, without a plan over that of the own working days."""
    due = figures["plan_to_date"] / figures["plan"]
    gone = {name: plan.passed(own, moment.as_of) / max(len(own), 1) for name, own in days.items()}
    share = due.fillna(figures["manager"].map(gone))
    return actual / share.where(share > 0)


def _rests(ledger: Ledger, settings: Settings, moment: Moment, left: Mapping[str, int]) -> pd.DataFrame:
    """What is still to come, as earlier periods have it: projection (median), low, high by manager and measure."""
    cuts = _cuts(ledger, settings, moment)
    grid = pd.MultiIndex.from_product([list(left), _additive(settings)], names=_KEY)
    if len(cuts) < FEWEST_PERIODS:
        return pd.DataFrame(np.nan, index=grid, columns=["projection", "low", "high"])
    came = _came_after(ledger, settings, moment, cuts)
    scales = pd.DataFrame({str(period): _scales(settings, period, cut, left) for period, cut in cuts.items()})
    rests = came.reindex(index=grid, columns=scales.columns).fillna(0.0)
    rests *= scales.reindex(grid.get_level_values("manager")).to_numpy()
    rests = rests[rests.notna().sum(axis=1) >= FEWEST_PERIODS]
    quantiles = {name: rests.quantile(at, axis=1) for name, at in (("projection", 0.5), ("low", 0.25), ("high", 0.75))}
    return pd.DataFrame(quantiles).reindex(grid)


def _cuts(ledger: Ledger, settings: Settings, moment: Moment) -> dict[Period, date]:
    """The earlier periods to learn from, each with its day that is what the as-of date is to this period."""
    counting = ledger.actions.loc[ledger.actions["counted"].astype(bool), "date"]
    days = plan.working_days(settings, moment.period)
    passed = plan.passed(days, moment.as_of)
    cuts: dict[Period, date] = {}
    if counting.empty or passed == 0:
        return cuts
    off, share = moment.as_of - days[passed - 1], passed / len(days)
    period = moment.period.previous
    for _ in range(MOST_PERIODS):
        if period.start < counting.min().date():
            break
        if theirs := plan.working_days(settings, period):
            cuts[period] = _cut(period, theirs, share, off)
        period = period.previous
    return cuts


def _cut(period: Period, days: Sequence[date], share: float, off: timedelta) -> date:
    """The working day at that share of the period's, and the days off behind it, at most `off`."""
    passed = int(share * len(days) + 0.5)
    last = days[passed] - timedelta(days=1) if passed < len(days) else period.end
    return min(days[passed - 1] + off, last) if passed else last


def _came_after(ledger: Ledger, settings: Settings, moment: Moment, cuts: Mapping[Period, date]) -> pd.DataFrame:
    """What came from after its cut to the end of each period, where anything did: by manager (the department too) and
    measure, a column per period's id."""
    after = {pd.Timestamp(day): str(period) for period, cut in cuts.items() for day in period.days if day > cut}
    pieces = []
    for id_, item in settings.indicators.items():
        rows = _counting(ledger, moment, item)
        columns = {"manager": rows["manager"], "period": rows["date"].map(after), "came": _hundredths(item, rows)}
        pieces.append(pd.DataFrame(columns).assign(measure=id_))
    came = pd.concat(pieces).dropna(subset="period")
    everybody = pd.concat([came, came.assign(manager=settings.department.name)])
    return everybody.groupby([*_KEY, "period"])["came"].sum().unstack("period") / 100


def _scales(settings: Settings, period: Period, cut: date, left: Mapping[str, int]) -> pd.Series[float]:
    """By manager (the department too), own working days left now over those left after the cut; NaN where the period
    tells nothing."""
    days, working = _own_days(settings, period), plan.working_days(settings, period)
    remained = pd.Series({name: float(len(own) - plan.passed(own, cut)) for name, own in days.items()})
    for person in settings.managers:
        if not (person.employed(working[0]) and person.employed(working[-1])):
            remained[person.name] = 0.0
    return pd.Series(left) / remained.where(remained > 0)


def _required(figures: pd.DataFrame, settings: Settings, moment: Moment) -> pd.Series[float]:
    """What each day left needs; not yet rounded."""
    days = plan.daily(settings, moment.period).rename(columns={"indicator": "measure"})
    ahead = days[days["day"] > pd.Timestamp(moment.as_of)].groupby(_KEY).size().to_frame("left")
    left = _looked_up(ahead, figures)["left"]
    department = figures["manager"] == settings.department.name
    spread = [id_ for id_, item in settings.indicators.items() if item.ratio is None]
    working = plan.working_days(settings, moment.period)
    left = left.mask(department, len(working) - plan.passed(working, moment.as_of))
    missing = (figures["plan"] - figures["actual"]).clip(lower=0)
    return (missing / left.where(left > 0)).where(figures["measure"].isin(spread))


# --- what both stand on --------------------------------------------------------------------------------------------


def _own_days(settings: Settings, period: Period) -> dict[str, list[date]]:
    """Each manager's working days of the period; the department's are all of these, a day once for each at work."""
    working = plan.working_days(settings, period)
    own = {person.name: [day for day in working if person.works(day)] for person in settings.managers}
    return own | {settings.department.name: [day for days in own.values() for day in days]}


def _additive(settings: Settings) -> list[str]:
    """The indicators that add up, so that they can be scaled: counts and sums."""
    return [id_ for id_, item in settings.indicators.items() if item.additive]


def _counting(ledger: Ledger, moment: Moment, indicator: Indicator) -> pd.DataFrame:
    """The rows that count for the indicator, up to the as-of date."""
    rows = ledger.actions
    counted = rows["counted"].astype(bool) & (rows["date"] <= pd.Timestamp(moment.as_of))
    return rows[counted & rows["action"].isin(indicator.actions)]


def _hundredths(indicator: Indicator, rows: pd.DataFrame) -> pd.Series[float]:
    """What each row adds to an indicator that adds up, times 100: money in whole cents."""
    if indicator.sum is None:
        return pd.Series(100.0, index=rows.index)
    blank = 1.0 if indicator.sum == "Quantity" else 0.0
    return (rows[indicator.sum.lower()].fillna(blank) * 100).round(6)


def _looked_up(values: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """What is known of each row's manager and measure, NaN where nothing is."""
    keys = pd.MultiIndex.from_frame(figures[_KEY])
    return values.reindex(keys).set_axis(figures.index).astype("float64")
