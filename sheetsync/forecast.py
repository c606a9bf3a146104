"""Money: a cash forecast from the base, calibrated on the department's own history, with its error shown."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from sheetsync.base import in_order, tidy
from sheetsync.matching import keys, pairs
from sheetsync.model import Moment
from sheetsync.periods import Kind, Period
from sheetsync.schema import Category, Settings, Unit

MONTHS = 6
"""The forecast runs over the as-of date's month and the five after it."""

OVERDUE, UNDATED, LATER = "overdue", "undated", "later"
"""What is expected apart from the six months."""

MADE_WITHIN = timedelta(days=31)
"""A month's forecast is judged where it was made at most so long before the month began."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """`months`: the six months. `by_month`, one row per manager (and the department, last) x when:
        manager str · when str (`2026-11`, ..., or `overdue`, `undated`, `later`) · received float (money that came in
        that month up to as-of; 0 elsewhere) · expected float (what is still expected, in full) · weighted float (the
        same times probability and paid/expected) · forecast float (of the as-of date's month received + expected, else
        weighted). All money exact to the cent.
    `calibration`, one row per category in the configuration's order:
        category str · configured float (its probability) · horizon int (months) · n int (observations) · paid int (of
        them with a payment) · probability float (configured and observed put together) · ratio float (paid / expected
        amount, put together with 1) · ratio_n int
    `coverage`, one row per manager (and department): manager str · due float (still expected of what is due in the
        period, in full) · due_weighted float · gap float (plan not yet met; NaN without plan, 0 where it is met)
        coverage, coverage_weighted float (due / gap; NaN where the gap is NaN or 0)
    `errors`, one row per ended month that a forecast was made for at its start, oldest first:
        month str · forecast float · revenue float
    `wape`: sum of |forecast - revenue| / sum of |revenue| over `errors`, `bias`: sum of (forecast - revenue) / sum of
        revenue; None where there is no data, or no revenue.
    """

    months: tuple[Period, ...]
    by_month: pd.DataFrame
    calibration: pd.DataFrame
    coverage: pd.DataFrame
    errors: pd.DataFrame
    wape: float | None
    bias: float | None


def forecast(
    rows: pd.DataFrame,
    known: pd.DataFrame,
    actions: pd.DataFrame,
    figures: pd.DataFrame,
    history: pd.DataFrame,
    settings: Settings,
    moment: Moment,
    managers: Sequence[str],
) -> Forecast:
    """The forecast as of `moment.as_of` from the period's snapshot.

    `rows` is what `base.stored` gave for the period, `known` all `ageing.stays` up to it; `actions`: `Ledger.actions`.
    `figures`: see `indicators.figures`, of the period, for the plan of `settings.revenue`. `history`: see
    `history.COLUMNS`, for forecasts made earlier. `managers` are shown although they have no clients.

    A base row is still expected to bring its Expected amount less what its client (deal) paid from the first day of
    the month of Expected payment on (undated: of this month; for `coverage`: from the first day of the period on, where
    that is earlier), but never less than 0; it counts in full as `expected`, and times its category's probability and
    ratio as `weighted`. A category that is no longer configured has no probability. The month in hand is forecast with
    what is expected in full, since it is to be got in now; every other one, and what has no month, as weighted.

    Calibration, w being `forecast.prior_weight`: an observation is a stay in the category that has ended, or began at
    least its horizon ago; it is a success where its client (deal) paid from its first day on and less than the horizon
    later, all as known at the as-of date. As the mean of a beta distribution (Gelman et al., Bayesian Data Analysis,
    2.4), probability = (w x configured + successes) / (w + n). Of the successes with an Expected amount, ratio =
    (w x 1 + n x paid / expected) / (w + n), a ratio of sums. With w = 0 and n = 0 they are the configured one and 1.
    """
    paid = _payments(actions, settings, moment)
    calibration = _calibration(_observations(known, paid, settings, moment), settings)
    base = _weighed(rows, calibration)
    months = _months(moment.as_of)
    received = paid[paid["date"] >= pd.Timestamp(months[0].start)]
    names = in_order({*managers, *rows["manager"], *received["manager"]} - {settings.department.name}, settings)
    people = pd.Index([*names, settings.department.name], name="manager", dtype="str")
    errors = _errors(history, paid, settings, moment)
    wape, bias = _accuracy(errors)
    return Forecast(
        months=months,
        by_month=_by_month(_expected(base, paid, moment), received, months, people, moment),
        calibration=calibration,
        coverage=_coverage(_due(base, paid, moment), figures, people, settings),
        errors=errors,
        wape=wape,
        bias=bias,
    )


def measures(found: Forecast | None, settings: Settings, moment: Moment, managers: Sequence[str]) -> pd.DataFrame:
    """`forecast.<YYYY-MM>` (six), `forecast.overdue`, `forecast.undated` (money), `coverage`, `coverage_weighted`
    (ratio) per manager and for the department, last. Columns: manager, measure, unit str · actual float."""
    whens = [*map(str, _months(moment.as_of)), OVERDUE, UNDATED]
    units: dict[str, Unit] = {f"forecast.{when}": "money" for when in whens}
    units |= {"coverage": "ratio", "coverage_weighted": "ratio"}
    if found is None:
        people = [*in_order(managers, settings), settings.department.name]
        return tidy(pd.DataFrame(float("nan"), people, list(units)), units)
    people = list(found.coverage["manager"])
    money = found.by_month["forecast"].to_numpy().reshape(len(people), -1)[:, : len(whens)]  # all but what is later
    ratios = found.coverage[["coverage", "coverage_weighted"]].to_numpy()
    return tidy(pd.DataFrame(np.hstack([money, ratios]), people, list(units)), units)


def still_expected(rows: pd.DataFrame, actions: pd.DataFrame, settings: Settings, moment: Moment) -> pd.Series[float]:
    """What each row of a base is still expected to bring, as `forecast` counts it: money exact to the cent, at least 0.

    `rows`: client_key, deal_key str · expected_payment datetime64 · expected_amount float (blank is 0).
    """
    base = pd.DataFrame(
        {
            "client_key": rows["client_key"],
            "deal_key": rows["deal_key"],
            "day": rows["expected_payment"],
            "cents": _cents(rows["expected_amount"]).clip(lower=0),
        }
    )
    return _unpaid(base, _payments(actions, settings, moment), _month_begun(base, moment)) / 100


def _months(as_of: date) -> tuple[Period, ...]:
    months = [Period.containing(as_of, Kind.MONTH)]
    while len(months) < MONTHS:
        months.append(months[-1].next)
    return tuple(months)


def _payments(actions: pd.DataFrame, settings: Settings, moment: Moment) -> pd.DataFrame:
    """The log's rows of money up to as-of: date, manager, client_key, deal_key, cents float (of Amount)."""
    known = actions["counted"].astype(bool) & (actions["date"] <= pd.Timestamp(moment.as_of))
    rows = actions.loc[known & actions["action"].isin(settings.payments)]
    return rows[["date", "manager", "client_key", "deal_key"]].assign(cents=_cents(rows["amount"]))


def _cents(money: pd.Series[float]) -> pd.Series[float]:
    """Money in whole cents, blank as 0."""
    return (money * 100).round().fillna(0.0)


# --- what history teaches --------------------------------------------------------------------------------------------


def _observations(known: pd.DataFrame, paid: pd.DataFrame, settings: Settings, moment: Moment) -> pd.DataFrame:
    """The stays that can be judged: category str · promised float (cents, 0 blank) · received float (cents that came in
    within the horizon, NaN where nothing did)."""
    stay = known.assign(deadline=_deadlines(known, settings), promised=_cents(known["amount"]))
    stay = stay[stay["deadline"].notna() & (stay["ended"] | (stay["deadline"] <= pd.Timestamp(moment.as_of)))]
    both = pairs(stay, paid[paid["cents"] > 0])
    date = paid["date"].loc[both["action"]].to_numpy()
    since, deadline = (stay[name].loc[both["row"]].to_numpy() for name in ("since", "deadline"))
    came = both[(date >= since) & (date < deadline)]
    received = paid["cents"].loc[came["action"]].groupby(came["row"].to_numpy()).sum().reindex(stay.index)
    return stay[["category", "promised"]].assign(received=received)


def _deadlines(known: pd.DataFrame, settings: Settings) -> pd.Series[pd.Timestamp]:
    """The day on which each stay's horizon is over, a month's last day for one it does not have; NaT unconfigured."""
    months = known["category"].map({category.id: category.horizon for category in settings.base.categories})
    deadlines = pd.Series(pd.NaT, index=known.index, dtype="datetime64[us]")
    for horizon in months.dropna().unique():
        own = months == horizon
        deadlines[own] = known.loc[own, "since"] + pd.DateOffset(months=int(horizon))
    return deadlines


def _calibration(observations: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """What `Forecast.calibration` holds."""
    hits = observations["received"].notna()
    valued = hits & (observations["promised"] > 0)
    money = observations[["received", "promised"]].where(valued, 0.0)
    seen = money.assign(n=1, paid=hits, ratio_n=valued).groupby(observations["category"]).sum()
    rows = seen.reindex([category.id for category in settings.base.categories], fill_value=0).to_dict("records")
    weight = settings.forecast.prior_weight
    made = [_calibrated(category, own, weight) for category, own in zip(settings.base.categories, rows, strict=True)]
    return pd.DataFrame(made).astype({"category": "str"})


def _calibrated(category: Category, own: Mapping[Hashable, Any], weight: float) -> dict[str, object]:
    n, paid, ratio_n = (int(own[name]) for name in ("n", "paid", "ratio_n"))
    observed = own["received"] / own["promised"] if ratio_n else 1.0
    return {
        "category": category.id,
        "configured": category.probability,
        "horizon": category.horizon,
        "n": n,
        "paid": paid,
        "probability": (weight * category.probability + paid) / (weight + n) if weight + n else category.probability,
        "ratio": float((weight + ratio_n * observed) / (weight + ratio_n)) if weight + ratio_n else 1.0,
        "ratio_n": ratio_n,
    }


# --- what is still expected ------------------------------------------------------------------------------------------


def _weighed(rows: pd.DataFrame, calibration: pd.DataFrame) -> pd.DataFrame:
    """The stored rows with an Expected amount: manager, client_key, deal_key str · day datetime64 (of Expected payment,
    NaT blank) · cents float (the amount, at least 0) · weight float (probability x ratio)."""
    weights = calibration["probability"] * calibration["ratio"]
    by_category = dict(zip(calibration["category"], weights, strict=True))
    valued = rows[rows["expected_amount"].notna()]
    names = [key.split("\n") for key in keys(valued)]
    return pd.DataFrame(
        {
            "manager": valued["manager"],
            "client_key": pd.Series([client for client, _ in names], valued.index, dtype="str"),
            "deal_key": pd.Series([deal for _, deal in names], valued.index, dtype="str"),
            "day": valued["expected_payment"],
            "cents": _cents(valued["expected_amount"]).clip(lower=0),
            "weight": valued["category"].map(by_category).fillna(0.0).astype("float64"),
        }
    )


def _expected(base: pd.DataFrame, paid: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    """`base` with still, weighted float (whole cents): what is to come of each row."""
    return _still(base, paid, _month_begun(base, moment))


def _due(base: pd.DataFrame, paid: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    """The rows of `base` due in the period, with still, weighted float (whole cents): what is to come of each, less
    what was paid in the period before its month, since the plan is met by that already."""
    first, last = pd.Timestamp(moment.period.start), pd.Timestamp(moment.period.end)
    due = base["day"].between(first, last)
    begun = _month_begun(base, moment)
    return _still(base, paid, begun.mask(due & (begun > first), first))[due]


def _month_begun(base: pd.DataFrame, moment: Moment) -> pd.Series[pd.Timestamp]:
    """The first day of the month that each row belongs to; an undated one belongs to this month."""
    days = base["day"].fillna(pd.Timestamp(moment.as_of)).to_numpy()
    return pd.Series(days.astype("datetime64[M]").astype("datetime64[us]"), base.index)


def _still(base: pd.DataFrame, paid: pd.DataFrame, since: pd.Series[pd.Timestamp]) -> pd.DataFrame:
    still = _unpaid(base, paid, since)
    return base.assign(still=still, weighted=(still * base["weight"]).round())


@dataclass(slots=True)
class _Payment:
    """What is left of what a client paid on a day, in cents; below 0 it is a refund."""

    deal: str
    day: pd.Timestamp
    left: float


@dataclass(slots=True)
class _Row:
    """What is left of a base row's amount, in cents, and from which day on payments go toward it."""

    label: int
    client: str
    deal: str
    since: pd.Timestamp
    left: float

    def fits(self, payment: _Payment) -> bool:
        return payment.day >= self.since and (payment.deal == self.deal or "" in (payment.deal, self.deal))


def _unpaid(base: pd.DataFrame, paid: pd.DataFrame, since: pd.Series[pd.Timestamp]) -> pd.Series[float]:
    """What is left of each row's cents, after what was paid toward it from its day in `since` on.

    A payment goes toward the rows of the deal that it names; what these leave of it, and what names no deal, toward
    all rows that it fits, in the order of Expected payment, undated ones last. No cent is counted twice.
    """
    earliest = since.groupby(base["client_key"]).min().reindex(paid["client_key"])
    payments = _by_client(paid[paid["date"] >= earliest.to_numpy()])
    if not payments:
        return base["cents"].rename(None)
    rows = _in_order_of_payment(base.assign(since=since)[base["client_key"].isin(payments.keys())])
    for by_deal in (True, False):
        for row in rows:
            fitting = [payment for payment in payments[row.client] if row.fits(payment)]
            _set_off(fitting)
            row.left -= _take(row.left, [each for each in fitting if not by_deal or each.deal == row.deal != ""])
    return pd.Series({row.label: row.left for row in rows}, dtype="float64").reindex(base.index).fillna(base["cents"])


def _by_client(paid: pd.DataFrame) -> dict[str, list[_Payment]]:
    """Each client's payments, those that name a deal first, then the oldest first."""
    payments: dict[str, list[_Payment]] = {}
    ordered = paid.assign(unnamed=paid["deal_key"] == "").sort_values(["unnamed", "date"], kind="stable")
    columns = (ordered[name] for name in ("client_key", "deal_key", "date", "cents"))
    for client, deal, day, cents in zip(*columns, strict=True):
        payments.setdefault(client, []).append(_Payment(deal, day, cents))
    return payments


def _in_order_of_payment(base: pd.DataFrame) -> list[_Row]:
    ordered = base.sort_values("day", kind="stable")
    columns = (ordered[name] for name in ("client_key", "deal_key", "since", "cents"))
    return [_Row(*values) for values in zip(ordered.index, *columns, strict=True)]


def _set_off(payments: Sequence[_Payment]) -> None:
    """Refunds lower payments, those of the same deal first, then the oldest first."""
    for refund in payments:
        if refund.left < 0:
            refund.left += _take(-refund.left, sorted(payments, key=lambda each: each.deal != refund.deal))


def _take(most: float, payments: Iterable[_Payment]) -> float:
    """Takes up to `most` cents out of the payments, from the first on, and says how much it was."""
    taken = 0.0
    for payment in payments:
        part = max(0.0, min(most - taken, payment.left))
        payment.left -= part
        taken += part
    return taken


# --- adding up -------------------------------------------------------------------------------------------------------


def _by_month(
    base: pd.DataFrame, received: pd.DataFrame, months: Sequence[Period], people: pd.Index[str], moment: Moment
) -> pd.DataFrame:
    """What `Forecast.by_month` holds; `base` with still and weighted, `received` the payments of this month."""
    whens = [*map(str, months), OVERDUE, UNDATED, LATER]
    sums = {(name, when): _Sum() for name in people for when in whens}
    for manager, cents in zip(received["manager"], received["cents"], strict=True):
        for name in {manager, people[-1]}:
            sums[name, whens[0]].received += cents
    for manager, day, *money in zip(*(base[name] for name in ("manager", "day", "still", "weighted")), strict=True):
        for name in {manager, people[-1]}:
            sums[name, _when(day, whens, moment.as_of)].add(*money)
    rows = [
        (name, when, *(cents / 100 + 0.0 for cents in each.told(in_hand=when == whens[0])))
        for (name, when), each in sums.items()
    ]
    columns = ["manager", "when", "received", "expected", "weighted", "forecast"]
    return pd.DataFrame(rows, columns=columns).astype({"manager": "str", "when": "str"})


@dataclass(slots=True)
class _Sum:
    """What came, and what is to come, in cents."""

    received: float = 0.0
    expected: float = 0.0
    weighted: float = 0.0

    def add(self, expected: float, weighted: float) -> None:
        self.expected += expected
        self.weighted += weighted

    def told(self, *, in_hand: bool) -> tuple[float, float, float, float]:
        """These three and the forecast, of the month in hand or another."""
        made = self.received + self.expected if in_hand else self.weighted
        return self.received, self.expected, self.weighted, made


def _when(day: Any, whens: Sequence[str], as_of: date) -> str:
    """Where the forecast has what is expected on that day (a Timestamp); NaT is undated."""
    if pd.isna(day):
        return UNDATED
    if day < pd.Timestamp(as_of):
        return OVERDUE
    month = f"{day:%Y-%m}"
    return month if month in whens else LATER


def _coverage(due: pd.DataFrame, figures: pd.DataFrame, people: pd.Index[str], settings: Settings) -> pd.DataFrame:
    """What `Forecast.coverage` holds."""
    sums = _with_department(due, people[-1]).groupby("manager")[["still", "weighted"]].sum()
    table = (sums.reindex(people, fill_value=0) / 100).set_axis(["due", "due_weighted"], axis="columns")
    revenue = figures[figures["measure"] == settings.revenue].set_index("manager")
    table["gap"] = (revenue["plan"] - revenue["actual"]).round(2).clip(lower=0).reindex(people)
    table["coverage"] = table["due"] / table["gap"].where(table["gap"] > 0)
    table["coverage_weighted"] = table["due_weighted"] / table["gap"].where(table["gap"] > 0)
    return table.reset_index()


def _with_department(rows: pd.DataFrame, department: str) -> pd.DataFrame:
    """The rows under their managers, and all of them once more under the department."""
    return pd.concat([rows[rows["manager"] != department], rows.assign(manager=department)])


# --- how good it was -------------------------------------------------------------------------------------------------


def _errors(history: pd.DataFrame, paid: pd.DataFrame, settings: Settings, moment: Moment) -> pd.DataFrame:
    """What `Forecast.errors` holds."""
    made = _made(history, settings, moment)
    ended = made["start"] + pd.DateOffset(months=1) <= pd.Timestamp(moment.as_of + timedelta(days=1))
    early = (made["end"] < made["start"]) & (made["end"] >= made["start"] - MADE_WITHIN)
    last = made[ended & early].sort_values(["start", "end"], kind="stable").drop_duplicates("start", keep="last")
    revenue = paid.groupby(paid["date"].dt.strftime("%Y-%m"))["cents"].sum() / 100
    month = last["start"].dt.strftime("%Y-%m").astype("str")
    return pd.DataFrame(
        {"month": month, "forecast": last["actual"], "revenue": month.map(revenue).fillna(0.0).astype("float64")}
    ).reset_index(drop=True)


def _made(history: pd.DataFrame, settings: Settings, moment: Moment) -> pd.DataFrame:
    """The department's forecasts of months in History, from periods of this length: start datetime64 (the month's),
    end datetime64 (the period's), actual float."""
    own = (history["manager"] == settings.department.name) & (history["status"] != "superseded")
    rows = history.loc[own & history["actual"].notna(), ["period", "measure", "end", "actual"]]
    rows = rows[rows["measure"].str.startswith("forecast.")]
    kinds = {text: Period.parse(text).kind for text in rows["period"].unique()}
    month = pd.to_datetime(rows["measure"].str.removeprefix("forecast."), format="%Y-%m", errors="coerce")
    made = rows[["end", "actual"]].assign(start=month)
    return made[month.notna() & (rows["period"].map(kinds) == moment.period.kind)]


def _accuracy(errors: pd.DataFrame) -> tuple[float | None, float | None]:
    """WAPE (Kolassa and Schuetz, Foresight 6, 2007: mean absolute error / mean) and bias, both as shares."""
    revenue = errors["revenue"]
    off = (errors["forecast"] - revenue).round(2)
    size, net = round(float(revenue.abs().sum()), 2), round(float(revenue.sum()), 2)
    return float(off.abs().sum()) / size if size else None, float(off.sum()) / net + 0.0 if net else None
