"""Money: what is still to come, how likely, and how good earlier forecasts were."""

from __future__ import annotations

import calendar
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync import history
from sheetsync.ageing import stays
from sheetsync.base import stored
from sheetsync.forecast import Forecast, forecast, measures
from sheetsync.model import Moment, known
from sheetsync.periods import Kind, Period
from sheetsync.schema import Forecast as Weights
from sheetsync.schema import Settings
from tests.department import ANNA, BORIS, CATEGORIES, INDICATORS, SALES, ledger, moment, settings
from tests.test_ageing import Row, plain_stays, unjoined

PROBABILITIES = {"active_a": (0.9, 1), "active_b": (0.6, 2), "warm": (0.05, 12)}
"""Category: its probability and its horizon in months, of those that the tests look at."""

NO_FIGURES = pd.DataFrame({"manager": [], "measure": [], "plan": [], "actual": []})
NO_HISTORY = history.from_cells([])


def config(prior_weight: float = 10.0, **more: Any) -> Settings:
    """The department with probabilities and horizons of its categories."""
    categories = []
    for item in CATEGORIES:
        probability, horizon = PROBABILITIES.get(item["id"], (0.0, 12))
        categories.append({**item, "probability": probability, "horizon": horizon})
    return weighing(settings(categories=categories, **more), prior_weight)


def weighing(given: Settings, prior_weight: float) -> Settings:
    """The configuration with that weight of what is configured."""
    return given.model_copy(update={"forecast": Weights(prior_weight=prior_weight)})


def log(*rows: Row) -> pd.DataFrame:
    """Rows of the log; what one leaves out is a payment by Anna."""
    whole = [
        {"action": "payment", "manager": ANNA, "deal_key": str(row.get("deal", "")).lower(), **row} for row in rows
    ]
    return ledger(*whole).actions


def foreseen(
    copies: Mapping[str, Sequence[Row]],
    payments: Sequence[Row] = (),
    as_of: str = "2026-11-15",
    *,
    period: str = "2026-11",
    given: Settings | None = None,
    **more: Any,
) -> Forecast:
    """The forecast as of a day, from the bases of periods and rows of the log."""
    snapshots = unjoined({Period.parse(each): rows for each, rows in copies.items()})
    frames = {"figures": NO_FIGURES, "history": NO_HISTORY, "managers": [ANNA, BORIS], **more}
    return made(
        snapshots,
        log(*payments),
        frames["figures"],
        frames["history"],
        given or config(),
        moment(period, as_of),
        frames["managers"],
    )


def made(snapshots: pd.DataFrame, *given: Any) -> Forecast:
    """The forecast from the snapshot of the period, which is stored; `given` as `forecast` takes it."""
    at = next(each for each in given if isinstance(each, Moment))
    rows = stored(snapshots, at.period)
    assert rows is not None
    return forecast(rows, stays(snapshots, at), *given)


def acme(amount: float | None = 100.0, payment: str | None = "2026-11-20", **fields: Any) -> dict[str, Any]:
    """A row of the base: Acme, Active B, 100 expected on 20 November."""
    row = {"client": "Acme", "category": "active_b", "expected_amount": amount, "expected_payment": payment}
    return {**row, **fields}


def paying(day: str, amount: float | None, client: str = "Acme", **fields: Any) -> dict[str, Any]:
    """A row of the log."""
    return {"date": day, "client": client, "amount": amount, **fields}


def of(found: Forecast, column: str, manager: str = SALES) -> dict[str, float]:
    """Where that column of `by_month` is not 0, of one manager."""
    rows = found.by_month[found.by_month["manager"] == manager].to_dict("records")
    return {str(row["when"]): row[column] for row in rows if row[column]}


def calibrated(found: Forecast, category: str) -> dict[str, Any]:
    """The row of `calibration` of that category."""
    rows = found.calibration.set_index("category")
    return {str(name): value for name, value in rows.loc[category].items()}


# --- an independent computation --------------------------------------------------------------------------------------


def cents(amount: float | None) -> int:
    """Money in cents, blank as 0."""
    return round(Fraction(str(amount)) * 100) if amount is not None else 0


def later(day: date, months: int) -> date:
    """The same day so many months later, or the month's last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def speaks(payment: Row, client: str, deal: str) -> bool:
    """Whether the payment is that client's (deal's); names are compared in lower case."""
    deals = {payment["deal"].lower(), deal.lower()}
    return payment["client"].lower() == client.lower() and (len(deals) == 1 or "" in deals)


def plain_calibration(
    copies: Mapping[Period, Sequence[Row]], payments: Sequence[Row], given: Settings, at: Moment
) -> dict[str, tuple[int, int, int, Fraction, Fraction]]:
    """Category: n, paid, ratio_n, probability, ratio."""
    weight, found = Fraction(given.forecast.prior_weight), {}
    for category in given.base.categories:
        n = hits = valued = got = promised = 0
        for stay in plain_stays(copies, at.period):
            end = later(stay.since, category.horizon)
            if stay.category != category.id or not (stay.until or end <= at.as_of):
                continue
            n += 1
            came = [
                cents(payment["amount"])
                for payment in payments
                if stay.since <= payment["date"] < end and speaks(payment, *stay.key.split("\n"))
            ]
            money = [amount for amount in came if amount > 0]
            hits += bool(money)
            if money and cents(stay.amount) > 0:
                valued, got, promised = valued + 1, got + sum(money), promised + cents(stay.amount)
        prior = Fraction(str(category.probability))
        probability = (weight * prior + hits) / (weight + n) if weight + n else prior
        ratio = (weight + (valued * Fraction(got, promised) if valued else 0)) / (weight + valued or 1)
        found[category.id] = n, hits, valued, probability, ratio if weight + valued else Fraction(1)
    return found


def plain_unpaid(rows: Sequence[Row], payments: Sequence[Row], since: Sequence[date]) -> list[int]:
    """What is left of each row's amount, in cents: payment by payment, those that name a deal first."""
    left = [max(0, cents(row["expected_amount"])) for row in rows]
    order = sorted(range(len(rows)), key=lambda place: rows[place]["expected_payment"] or date.max)
    for client in {row["client"] for row in rows}:
        own = [place for place in order if rows[place]["client"] == client]
        fitting = {place: [each for each in payments if _toward(each, rows[place], since[place])] for place in own}
        if len(own) == 1:  # payments less refunds
            net = sum(cents(payment["amount"]) for payment in fitting[own[0]])
            left[own[0]] = min(left[own[0]], max(0, left[own[0]] - net))
            continue
        by_deal = sorted(payments, key=lambda each: (not each["deal"], each["date"]))
        for payment in by_deal:
            rest = cents(payment["amount"])
            exact = [place for place in own if rows[place]["deal"].lower() == payment["deal"].lower() != ""]
            for place in exact + own:
                if payment in fitting[place]:
                    part = min(rest, left[place])
                    left[place], rest = left[place] - part, rest - part
    return left


def _toward(payment: Row, row: Row, since: date) -> bool:
    return payment["date"] >= since and speaks(payment, row["client"], row["deal"])


def bucket(day: date | None, as_of: date) -> str:
    """Where money expected on that day stands."""
    if day is None:
        return "undated"
    if day < as_of:
        return "overdue"
    months = (day.year - as_of.year) * 12 + day.month - as_of.month
    return f"{day:%Y-%m}" if months < 6 else "later"


PERIODS = {
    Kind.MONTH: [Period.parse(f"2026-{month:02d}") for month in range(7, 13)],
    Kind.WEEK: [Period.parse(f"2026-W{week}") for week in (40, 41, 43, 44, 47, 48)],
}
DAYS = st.dates(date(2026, 7, 1), date(2026, 12, 31))


def base_rows(names: Sequence[tuple[str, str]]) -> st.SearchStrategy[list[Row]]:
    """Bases of some of these clients and deals, each at most once."""
    row = st.fixed_dictionaries(
        {
            "manager": st.sampled_from([ANNA, BORIS]),
            "category": st.sampled_from(["active_a", "active_b", "warm", "no_longer_configured"]),
            "expected_payment": st.none() | st.dates(date(2026, 10, 1), date(2027, 6, 30)),
            "expected_amount": st.none() | st.sampled_from([0.0, 0.01, 19.99, 100.0, 250.5]),
        }
    )
    several = st.dictionaries(st.sampled_from(names), row, max_size=len(names))
    return several.map(lambda rows: [{"client": name[0], "deal": name[1], **row} for name, row in rows.items()])


def log_rows(client: str, deals: Sequence[str], amounts: Sequence[float | None]) -> st.SearchStrategy[list[Row]]:
    """Rows of the log of that client."""
    row = st.fixed_dictionaries(
        {
            "client": st.sampled_from([client, client.upper()]),
            "deal": st.sampled_from(deals),
            "date": DAYS,
            "amount": st.sampled_from(amounts),
            "manager": st.sampled_from([ANNA, BORIS]),
            "action": st.sampled_from(["payment", "payment", "payment", "meeting"]),
            "counted": st.sampled_from([True, True, True, False]),
        }
    )
    return st.lists(row, max_size=4)


Department = tuple[dict[Period, list[Row]], list[Row], float, Moment]
"""Bases of some periods, a log, the prior's weight and the clock of a run."""


@st.composite
def departments(draw: st.DrawFn) -> Department:
    """Departments of three clients."""
    kind = draw(st.sampled_from([Kind.MONTH, Kind.WEEK]))
    names = [("Acme", ""), ("Acme", "Hall"), ("Acme", "Yard"), ("Bolt", "Hall"), ("Solo", "")]
    copies = {period: rows for period in PERIODS[kind] if (rows := draw(base_rows(names)))}
    copies = copies or {PERIODS[kind][0]: [acme(deal="", manager=ANNA, expected_payment=None)]}
    payments = [
        *draw(log_rows("Acme", ["", "Hall", "YARD"], [None, 0.01, 20.0, 99.99, 300.0])),
        *draw(log_rows("Bolt", ["", "Yard"], [20.0, 300.0])),
        *draw(log_rows("Solo", ["", "Hall"], [50.25, 100.0, -30.0, -100.0])),
    ]
    period = draw(st.sampled_from(sorted(copies)))
    as_of = draw(st.dates(period.start, period.end))
    weight = draw(st.sampled_from([0.0, 2.5, 10.0]))
    return copies, payments, weight, moment(str(period), str(as_of))


def told(department: Department) -> Forecast:
    """What the program foresees for it."""
    copies, payments, weight, at = department
    return made(unjoined(copies), log(*payments), NO_FIGURES, NO_HISTORY, config(weight), at, [ANNA])


def money_of(department: Department) -> list[Row]:
    """The rows of the log that are money known at the as-of date."""
    _, payments, _, at = department
    return [row for row in payments if row["counted"] and row["action"] == "payment" and row["date"] <= at.as_of]


def valued(department: Department) -> tuple[list[Row], list[date]]:
    """The rows of the base with an Expected amount, and the first day of the month that each belongs to."""
    copies, _, _, at = department
    rows = [row for row in copies[at.period] if row["expected_amount"] is not None]
    return rows, [(row["expected_payment"] or at.as_of).replace(day=1) for row in rows]


def assert_adds_up(table: pd.DataFrame, department: Department, to_come: Iterable[tuple[Row, str, int]]) -> None:
    """`expected` and `weighted` by manager and `when` are what is left, to the cent, of rows and where they stand.

    A row's weighted cents may be rounded up or down where they lie half-way.
    """
    copies, _, weight, at = department
    taught = plain_calibration(copies, money_of(department), config(weight), at)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row, when, left in to_come:
        *_, probability, ratio = taught.get(row["category"], (Fraction(0), Fraction(0)))
        exact = left * probability * ratio
        low, high = (math.floor(exact + Fraction(1, 2) + off * Fraction(1, 10**6)) for off in (-1, 1))
        for manager in (row["manager"], SALES):
            sums[manager, when] = [a + b for a, b in zip(sums[manager, when], (left, low, high), strict=True)]
    shown = (table[name] for name in ("manager", "when", "expected", "weighted"))
    for manager, when, expected, weighted in zip(*shown, strict=True):
        left, low, high = sums.pop((manager, when), [0, 0, 0])
        assert cents(expected) == left
        assert low <= cents(weighted) <= high
    assert not any(map(any, sums.values()))


def assert_calibrated(found: Forecast, department: Department) -> None:
    """n, paid and ratio_n are equal, probability and ratio as near as floats are."""
    copies, _, weight, at = department
    taught = plain_calibration(copies, money_of(department), config(weight), at)
    for row in found.calibration.to_dict("records"):
        n, paid, ratio_n, probability, ratio = taught[row["category"]]
        assert (row["n"], row["paid"], row["ratio_n"]) == (n, paid, ratio_n)
        assert row["probability"] == pytest.approx(float(probability), rel=1e-12)
        assert row["ratio"] == pytest.approx(float(ratio), rel=1e-12)


def assert_to_come(found: Forecast, department: Department) -> None:
    """What is still expected stands in its month."""
    rows, began = valued(department)
    left = plain_unpaid(rows, money_of(department), began)
    where = [bucket(row["expected_payment"], department[3].as_of) for row in rows]
    assert_adds_up(found.by_month, department, zip(rows, where, left, strict=True))


def assert_due(found: Forecast, department: Department) -> None:
    """What is due in the period, less what was paid in it."""
    (rows, began), period = valued(department), department[3].period
    due = [row["expected_payment"] is not None and row["expected_payment"] in period for row in rows]
    since = [min(period.start, first) if is_due else first for is_due, first in zip(due, began, strict=True)]
    left = plain_unpaid(rows, money_of(department), since)
    table = found.coverage.rename(columns={"due": "expected", "due_weighted": "weighted"}).assign(when="due")
    to_come = [(row, "due", rest) for row, is_due, rest in zip(rows, due, left, strict=True) if is_due]
    assert_adds_up(table, department, to_come)


def assert_received(found: Forecast, department: Department) -> None:
    """What came in stands in this month, whose forecast has it and what is expected in full; other months' is weighted.
    Managers add up to the department."""
    sums = dict.fromkeys([ANNA, BORIS, SALES], 0)
    for row in money_of(department):
        for name in (row["manager"], SALES):
            sums[name] += cents(row["amount"]) if row["date"] >= department[3].as_of.replace(day=1) else 0
    shown = dict.fromkeys(sums, 0)
    for line in found.by_month.to_dict("records"):
        shown[line["manager"]] += cents(line["received"])
        assert line["received"] == 0 or line["when"] == str(found.months[0])
        in_hand = line["when"] == str(found.months[0])
        to_come = line["expected"] if in_hand else line["weighted"]
        assert cents(line["forecast"]) == cents(line["received"]) + cents(to_come)
    assert shown == sums
    columns = ["received", "expected", "weighted", "forecast"]
    whole = found.by_month.assign(**{name: found.by_month[name].map(cents) for name in columns})
    own = whole["manager"] == SALES
    assert whole[~own].groupby("when")[columns].sum().equals(whole[own].set_index("when")[columns].sort_index())


@given(department=departments())
@rules(max_examples=12)
def test_the_forecast_equals_a_plain_computation(department: Department) -> None:
    found = told(department)
    assert_calibrated(found, department)
    assert_to_come(found, department)
    assert_due(found, department)
    assert_received(found, department)


# --- what history teaches --------------------------------------------------------------------------------------------


def observed(*cases: Sequence[Row], weight: float = 0.0, **fields: Any) -> list[dict[str, Any]]:
    """The calibration of one category per case, each by one client of its own (`Client 0`, `Client 1`, ...).

    As far as is known, it has been in it since 1 August, and the horizon is a month. The case is what it paid.
    """
    places = range(len(cases))
    categories = [{**CATEGORIES[0], "id": f"case_{n}", "probability": 0.9, "horizon": 1} for n in places]
    rows = [{**acme(client=f"Client {n}", category=f"case_{n}"), **fields} for n in places]
    payments = [{"client": f"Client {n}", **row} for n, case in enumerate(cases) for row in case]
    given = weighing(settings(categories=categories), weight)
    found = foreseen({"2026-08": rows, "2026-11": rows}, payments, given=given)
    return [calibrated(found, f"case_{n}") for n in places]


def successes(*payments: Row, **fields: Any) -> list[int]:
    """Which of these payments on 10 August are a success."""
    return [
        row["paid"]
        for row in observed(*([{"date": "2026-08-10", "amount": 50, **each}] for each in payments), **fields)
    ]


def test_a_payment_counts_from_the_stays_first_day_on_and_less_than_the_horizon_later() -> None:
    days = ["2026-07-31", "2026-08-01", "2026-08-31", "2026-09-01"]
    found = observed(*([{"date": day, "amount": 80}] for day in days))
    assert [(row["n"], row["paid"], row["probability"]) for row in found] == [
        (1, 0, 0),
        (1, 1, 1),
        (1, 1, 1),
        (1, 0, 0),
    ]


@pytest.mark.parametrize(("year", "last", "beyond"), [("2028", "02-28", "02-29"), ("2022", "02-27", "02-28")])
def test_a_month_from_31_january_ends_on_the_last_day_of_february(year: str, last: str, beyond: str) -> None:
    rows = [acme(client=client, category="active_a") for client in ("A", "B")]  # from Monday, 31 January
    payments = [paying(f"{year}-{last}", 1, "A"), paying(f"{year}-{beyond}", 1, "B")]
    found = foreseen({f"{year}-W05": rows, f"{year}-W13": rows}, payments, f"{year}-03-29", period=f"{year}-W13")
    assert [calibrated(found, "active_a")[name] for name in ("n", "paid")] == [2, 1]


@pytest.mark.parametrize(("as_of", "n"), [("2026-08-31", 0), ("2026-09-01", 1)])
def test_a_stay_that_lasts_is_an_observation_once_its_horizon_is_over(as_of: str, n: int) -> None:
    rows = [acme(category="active_a")]
    found = foreseen({"2026-08": rows, "2026-09": rows}, as_of=as_of, period="2026-09")
    assert calibrated(found, "active_a")["n"] == n


def test_a_stay_that_ended_is_an_observation_at_once() -> None:
    copies = {"2026-W46": [acme(category="warm")], "2026-W47": [acme()]}
    found = foreseen(copies, [paying("2026-11-17", 1)], "2026-11-18", period="2026-W47")
    assert [calibrated(found, "warm")[name] for name in ("n", "paid", "horizon", "configured")] == [1, 1, 12, 0.05]
    assert calibrated(found, "active_b")["n"] == 0


def test_success_is_a_counted_payment_of_the_client_above_nothing() -> None:
    no: list[Row] = [
        {"amount": -5},
        {"amount": 0},
        {"amount": None},
        {"counted": False},
        {"action": "meeting"},
        {"client": ""},
    ]
    assert successes(*no, {"client": "Client"}) == [0] * 7
    assert successes({"client": "CLIENT 0"}, {"deal": "Hall"}, {"amount": 0.01}) == [1, 1, 1]


def test_of_deals_only_their_own_payments_and_those_without_one_count() -> None:
    assert successes({"deal": "Yard"}, {"deal": "HALL"}, {}, deal="Hall") == [0, 1, 1]


def test_history_is_put_together_with_what_is_configured() -> None:
    (found,) = observed([paying("2026-08-10", 50, "Client 0"), paying("2026-08-31", 30, "Client 0")], weight=10)
    assert found["probability"] == pytest.approx((10 * 0.9 + 1) / 11)
    assert found["ratio"] == pytest.approx((10 + 0.8) / 11)
    assert found["ratio_n"] == 1


def test_without_a_prior_history_alone_counts() -> None:
    (found,) = observed([paying("2026-08-10", 80, "Client 0"), paying("2026-08-11", -30, "Client 0")])
    assert (found["probability"], found["ratio"]) == (1.0, 0.8)


def test_without_history_and_prior_the_configured_probability_stays() -> None:
    found = foreseen({"2026-11": [acme(category="active_a")]}, given=config(0))
    assert list(found.calibration["probability"]) == [0.9, 0.6, 0, 0, 0, 0.05, 0]
    assert list(found.calibration["ratio"]) == [1.0] * 7
    assert (of(found, "weighted"), of(found, "forecast")) == ({"2026-11": 90.0}, {"2026-11": 100.0})


@pytest.mark.parametrize("amount", [None, -7])
def test_where_no_amount_was_expected_nothing_is_learnt_of_the_ratio(amount: float | None) -> None:
    (found,) = observed([paying("2026-08-10", 80, "Client 0")], expected_amount=amount)
    assert (found["paid"], found["ratio"], found["ratio_n"]) == (1, 1.0, 0)


# --- what is still expected ------------------------------------------------------------------------------------------


def to_come(*cases: tuple[Sequence[Row], Sequence[Row]]) -> list[dict[str, float]]:
    """What is still expected in each case: rows of the base and payments, of one client and one manager of its own."""
    names = [f"Case {n}" for n in range(len(cases))]
    rows = [
        {**row, "client": name, "manager": name} for name, (base, _) in zip(names, cases, strict=True) for row in base
    ]
    payments = [{**row, "client": name} for name, (_, paid) in zip(names, cases, strict=True) for row in paid]
    found = foreseen({"2026-11": rows}, payments)
    return [of(found, "expected", name) for name in names]


def test_money_stands_in_the_month_of_expected_payment() -> None:
    places = {
        "2026-10-01": "overdue",
        "2026-11-14": "overdue",
        "2026-11-15": "2026-11",
        "2026-11-30": "2026-11",
        "2026-12-01": "2026-12",
        "2027-04-30": "2027-04",
        "2027-05-01": "later",
        "2036-11-20": "later",
        None: "undated",
    }
    found = to_come(*(([acme(payment=day)], []) for day in places))
    assert found == [{when: 100.0} for when in places.values()]


def test_six_months_are_foreseen() -> None:
    found = foreseen({"2026-11": [acme()]})
    months = ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04"]
    assert list(map(str, found.months)) == months
    assert list(found.by_month["when"]) == [*months, "overdue", "undated", "later"] * 3
    assert list(found.by_month["manager"]) == [ANNA] * 9 + [BORIS] * 9 + [SALES] * 9


def test_probability_and_ratio_make_the_forecast() -> None:
    copies = {**{f"2026-0{n}": [acme(category="active_a", amount=1000)] for n in (7, 8)}, "2026-11": [acme()]}
    copies["2026-11"] += [{**acme(amount=33.33, category="active_a"), "client": "Bolt", "manager": BORIS}]
    found = foreseen(copies, [paying("2026-07-10", 500)], given=config(1))
    # Acme's one stay in Active A paid half of what was expected
    assert calibrated(found, "active_a")["probability"] == pytest.approx(1.9 / 2)
    assert calibrated(found, "active_a")["ratio"] == pytest.approx(1.5 / 2)
    assert of(found, "weighted", BORIS) == {"2026-11": 23.75}
    assert of(found, "weighted") == {"2026-11": 83.75}


def test_a_category_that_is_no_longer_configured_has_no_probability() -> None:
    found = foreseen({"2026-11": [acme(category="of_old"), acme(category="of_old", payment="2026-12-05", deal="Yard")]})
    assert (of(found, "expected"), of(found, "weighted")) == ({"2026-11": 100.0, "2026-12": 100.0}, {})
    assert of(found, "forecast") == {"2026-11": 100.0}


def test_what_was_paid_since_the_month_began_is_no_longer_expected() -> None:
    cases: list[tuple[list[Row], float]] = [
        ([paying("2026-11-01", 40)], 60),
        ([paying("2026-11-15", 40)], 60),
        ([paying("2026-11-16", 40)], 100),  # after the as-of date
        ([paying("2026-10-31", 40)], 100),  # before the month of Expected payment
        ([paying("2026-11-02", 40), paying("2026-11-03", 59.99)], 0.01),
        ([paying("2026-11-02", 40), paying("2026-11-03", -15)], 75),
        ([paying("2026-11-03", -15), paying("2026-11-04", 40)], 75),
        ([paying("2026-11-02", -40)], 100),
        ([paying("2026-11-02", None)], 100),
    ]
    assert to_come(*(([acme()], payments) for payments, _ in cases)) == [{"2026-11": left} for _, left in cases]


def test_a_client_who_paid_in_full_is_left_out() -> None:
    payments = [[paying("2026-11-02", 250)], [paying("2026-11-02", 40), paying("2026-11-03", 60)]]
    assert to_come(*(([acme()], each) for each in payments)) == [{}, {}]


def test_the_month_of_expected_payment_says_from_when_on_payments_go_toward_a_row() -> None:
    found = to_come(
        ([acme(payment="2026-09-20")], [paying("2026-09-01", 10), paying("2026-11-01", 30), paying("2026-08-31", 5)]),
        ([acme(payment=None)], [paying("2026-10-31", 10), paying("2026-11-01", 30)]),
        ([acme(payment="2026-12-20")], [paying("2026-11-10", 30)]),
    )
    assert found == [{"overdue": 60.0}, {"undated": 70.0}, {"2026-12": 100.0}]


def test_a_row_without_an_amount_brings_nothing() -> None:
    assert to_come(*(([acme(amount)], [paying("2026-11-02", -10)]) for amount in (None, 0.0, -20.0))) == [{}, {}, {}]


def test_a_payment_is_shared_out_once_among_a_clients_deals() -> None:
    deals = [
        acme(100, "2026-10-20", deal="Hall"),
        acme(100, "2026-11-20", deal="Yard"),
        acme(100, None, deal="Shed"),
    ]
    cases: list[tuple[list[Row], list[float]]] = [
        ([paying("2026-11-10", 30)], [70, 100, 100]),
        ([paying("2026-11-10", 130)], [0, 70, 100]),
        ([paying("2026-11-10", 230)], [0, 0, 70]),
        ([paying("2026-11-10", 900)], [0, 0, 0]),
        ([paying("2026-10-10", 230)], [0, 100, 100]),  # older than what the other two go by
        ([paying("2026-11-10", 130, deal="Yard")], [100, 0, 100]),
        ([paying("2026-11-10", 40, deal="Roof")], [100, 100, 100]),
        ([paying("2026-11-01", 100), paying("2026-11-10", 100, deal="hall")], [0, 0, 100]),
    ]
    for (_, left), found in zip(cases, to_come(*((deals, payments) for payments, _ in cases)), strict=True):
        assert [found.get(when, 0) for when in ("overdue", "2026-11", "undated")] == left


def test_a_refund_is_set_off_once_against_its_own_deal_first() -> None:
    deals = [acme(100, "2026-10-20", deal="Hall"), acme(100, "2026-11-20", deal="Yard")]
    hall, yard = paying("2026-11-10", 100, deal="Hall"), paying("2026-11-10", 100, deal="Yard")
    cases: list[tuple[list[Row], list[float]]] = [
        ([hall, paying("2026-11-11", -100)], [100, 100]),
        ([hall, yard, paying("2026-11-11", -100)], [100, 0]),
        ([hall, yard, paying("2026-11-11", -100, deal="Yard")], [0, 100]),
        ([hall, paying("2026-11-10", 50), paying("2026-11-11", -30, deal="Hall")], [0, 80]),
    ]
    for (_, left), found in zip(cases, to_come(*((deals, payments) for payments, _ in cases)), strict=True):
        assert [found.get(when, 0) for when in ("overdue", "2026-11")] == left


def test_a_payment_goes_toward_its_own_deal_before_a_row_that_names_none() -> None:
    rows = [acme(100, "2026-10-20"), acme(100, "2026-11-20", deal="Yard")]
    found = to_come(*((rows, [paying("2026-11-10", amount, deal="Yard")]) for amount in (100, 130)))
    assert found == [{"overdue": 100}, {"overdue": 70}]


# --- what came in ----------------------------------------------------------------------------------------------------


def test_this_months_payments_are_part_of_its_forecast() -> None:
    payments = [
        paying("2026-10-31", 1),
        paying("2026-11-01", 20.2, "Bolt"),
        paying("2026-11-15", 30.3, "", manager=BORIS),
        paying("2026-11-15", -0.5, "Acme", manager="Zoe"),
        paying("2026-11-16", 4),
        paying("2026-11-10", 8, counted=False),
        paying("2026-11-10", 16, action="meeting"),
    ]
    found = foreseen({"2026-11": [acme(payment=None, manager=BORIS)]}, payments, managers=[ANNA])
    assert list(found.by_month["manager"].unique()) == [ANNA, BORIS, "Zoe", SALES]
    assert [of(found, "received", name) for name in (ANNA, BORIS, "Zoe", SALES)] == [
        {"2026-11": 20.2},
        {"2026-11": 30.3},
        {"2026-11": -0.5},
        {"2026-11": 50.0},
    ]
    assert of(found, "forecast", BORIS) == {"2026-11": 30.3, "undated": 60.0}


def test_money_is_what_revenue_sums_and_no_contract() -> None:
    label = {"en": "Signed", "ru": "Подписано", "de": "Unterschrieben"}
    signed = {"label": label, "unit": "money", "sum": "Amount", "of": ["contract"]}
    indicators = {**INDICATORS, "signed": signed}
    indicators["revenue"] = {**INDICATORS["revenue"], "of": ["payment", "prepayment"]}
    payments = [paying("2026-11-02", 30, action="prepayment"), paying("2026-11-02", 50, action="contract")]
    found = foreseen({"2026-11": [acme()]}, payments, given=config(indicators=indicators))
    assert (of(found, "received"), of(found, "expected")) == ({"2026-11": 30.0}, {"2026-11": 70.0})


def test_a_manager_named_as_the_department_is_part_of_it() -> None:
    found = foreseen({"2026-11": [acme(manager=SALES)]})
    assert list(found.by_month["manager"].unique()) == [ANNA, BORIS, SALES]
    assert of(found, "expected") == {"2026-11": 100.0}


def test_what_is_dated_later_is_not_known() -> None:
    copies = {"2026-10": [acme(category="active_a")], "2026-11": [acme()]}
    payments = [paying("2026-10-10", 5), paying("2026-11-10", 7)]
    later_on = [paying("2026-11-16", 90), paying("2026-12-01", 90, "Bolt")]
    now, then = foreseen(copies, payments), foreseen({**copies, "2026-12": []}, [*payments, *later_on])
    changed = foreseen({**copies, "2026-12": [acme(category="warm")]}, payments)
    for other in (then, changed):
        for name in ("by_month", "calibration", "coverage", "errors"):
            pd.testing.assert_frame_equal(getattr(now, name), getattr(other, name))


# --- coverage --------------------------------------------------------------------------------------------------------


def figures(*rows: tuple[str, float | None, float], measure: str = "revenue") -> pd.DataFrame:
    """Manager, plan and actual of an indicator."""
    frame = pd.DataFrame(rows, columns=["manager", "plan", "actual"]).astype({"plan": "float64"})
    return frame.assign(measure=measure)


def covered(found: Forecast, manager: str = SALES) -> list[float | None]:
    """due, due_weighted, gap, coverage and coverage_weighted; None is blank."""
    row = found.coverage.set_index("manager").loc[manager]
    return [known(row[name]) for name in ("due", "due_weighted", "gap", "coverage", "coverage_weighted")]


def test_coverage_is_what_is_due_in_the_period_against_the_plan_not_yet_met() -> None:
    rows = [
        acme(payment="2026-11-01"),
        acme(amount=50, payment="2026-11-30", deal="Hall", manager=BORIS),
        acme(amount=700, payment="2026-10-31", deal="Yard"),
        acme(amount=700, payment="2026-12-01", deal="Shed"),
        acme(amount=700, payment=None, deal="Roof"),
    ]
    plans = figures((ANNA, 500.0, 100.0), (BORIS, 20.0, 30.0), (SALES, 520.0, 130.0))
    found = foreseen({"2026-11": rows}, figures=plans)
    assert covered(found, ANNA) == [100, 60, 400, 0.25, 0.15]
    assert covered(found, BORIS) == [50, 30, 0, None, None]
    assert covered(found) == [150, 90, 390, 150 / 390, 90 / 390]


def test_without_a_plan_there_is_no_coverage() -> None:
    rows = {"2026-11": [acme()]}
    for plans in (figures((SALES, None, 5.0)), figures((SALES, 9.0, 5.0), measure="gross_profit"), NO_FIGURES):
        assert covered(foreseen(rows, figures=plans)) == [100, 60, None, None, None]


def test_without_an_indicator_of_revenue_there_is_no_coverage() -> None:
    only = {"meetings": INDICATORS["meetings"]}
    found = foreseen({"2026-11": [acme()]}, given=config(indicators=only), figures=figures((SALES, 9.0, 5.0)))
    assert covered(found) == [100, 60, None, None, None]
    assert of(found, "received") == {}


@pytest.mark.parametrize(
    ("period", "due", "from_then", "before"),
    [
        ("2026-Q4", "2026-11-20", "2026-10-01", "2026-09-30"),
        ("2026-W47", "2026-11-20", "2026-11-01", "2026-10-31"),
        ("2026-W49", "2026-12-04", "2026-11-30", "2026-11-29"),
    ],
)
def test_what_was_paid_in_the_month_or_in_the_period_is_no_longer_due(
    period: str, due: str, from_then: str, before: str
) -> None:
    rows = [acme(client="A", payment=due), acme(client="B", payment=due, manager=BORIS)]
    payments = [paying(from_then, 40, "A"), paying(before, 40, "B")]
    found = foreseen({period: rows}, payments, str(Period.parse(period).end), period=period)
    assert [covered(found, name)[0] for name in (ANNA, BORIS)] == [60, 100]


# --- earlier forecasts -----------------------------------------------------------------------------------------------


def told_earlier(*rows: tuple[str, str, float | None], status: str = "open", manager: str = SALES) -> pd.DataFrame:
    """History: period, month and the forecast of it made then."""
    found = NO_HISTORY
    for text, month, amount in rows:
        period = Period.parse(text)
        row = {"manager": manager, "measure": f"forecast.{month}", "unit": "money", "actual": amount}
        made = history.merge(NO_HISTORY, pd.DataFrame([row]), period, datetime(2026, 11, 1, 9), [manager])
        found = pd.concat([found, made.assign(status=status)], ignore_index=True)
    return found


def judged(period: str, as_of: str, *earlier: pd.DataFrame, payments: Sequence[Row] = ()) -> list[list[object]]:
    """The rows of `errors`."""
    found = foreseen({period: [acme()]}, payments, as_of, period=period, history=pd.concat(earlier, ignore_index=True))
    assert list(found.errors) == ["month", "forecast", "revenue"]
    return found.errors.to_numpy().tolist()


def test_the_forecast_made_at_a_months_start_is_set_against_its_revenue() -> None:
    earlier = told_earlier(
        ("2026-08", "2026-09", 100), ("2026-09", "2026-10", 300), ("2026-08", "2026-10", 7), ("2026-10", "2026-11", 9)
    )
    payments = [
        paying("2026-08-31", 9),
        paying("2026-09-01", 50),
        paying("2026-09-30", 40, "Bolt", manager=BORIS),
        paying("2026-10-05", 420),
        paying("2026-10-31", -10),
        paying("2026-10-31", 5, counted=False),
    ]
    found = foreseen({"2026-11": [acme()]}, payments, "2026-11-29", history=earlier)
    assert found.errors.to_numpy().tolist() == [["2026-09", 100.0, 90.0], ["2026-10", 300.0, 410.0]]
    assert (found.wape, found.bias) == (120 / 500, -100 / 500)


@pytest.mark.parametrize(("as_of", "months"), [("2026-11-29", 0), ("2026-11-30", 1)])
def test_a_month_is_judged_once_it_has_ended(as_of: str, months: int) -> None:
    assert len(judged("2026-11", as_of, told_earlier(("2026-10", "2026-11", 5)))) == months


def test_of_weeks_the_last_one_that_ended_before_the_month_counts() -> None:
    weeks = [("2026-W43", 1), ("2026-W44", 2), ("2026-W45", 3)]  # W44 ends on 1 November
    earlier = told_earlier(*((week, "2026-11", amount) for week, amount in weeks))
    assert judged("2026-W49", "2026-12-01", earlier) == [["2026-11", 1.0, 0.0]]


def test_a_forecast_made_long_before_or_for_other_periods_is_not_judged() -> None:
    earlier = told_earlier(
        ("2026-W40", "2026-11", 5),  # ended on 4 October, 28 days before
        ("2026-W35", "2026-10", 5),  # ended on 30 August, 32 days before
        ("2026-08", "2026-09", 5),  # of a month, not of a week
        ("2026-W30", "2026-08", None),
        ("2026-W43", "overdue", 5),
        ("2026-W43", "2026-13", 5),
    )
    assert judged("2026-W49", "2026-12-01", earlier) == [["2026-11", 5.0, 0.0]]


def test_thirty_one_days_before_a_quarters_first_month_is_near_enough() -> None:
    earlier = told_earlier(("2026-Q3", "2026-10", 5), ("2026-Q3", "2026-11", 6))
    assert judged("2026-Q4", "2026-12-01", earlier) == [["2026-10", 5.0, 0.0]]


def test_only_the_departments_rows_that_still_hold_are_judged() -> None:
    row = ("2026-09", "2026-10", 5.0)
    old, managers = told_earlier(row, status="superseded"), told_earlier(row, manager=ANNA)
    new = told_earlier((*row[:2], 6.0), status="restated")
    assert judged("2026-11", "2026-11-15", old, managers) == []
    assert judged("2026-11", "2026-11-15", old, new) == [["2026-10", 6.0, 0.0]]


def test_without_revenue_there_is_no_measure_of_error() -> None:
    rows = {"2026-11": [acme()]}
    nothing = foreseen(rows, history=told_earlier(("2026-09", "2026-10", 5)))
    assert (len(nothing.errors), nothing.wape, nothing.bias) == (1, None, None)
    assert (foreseen(rows).wape, foreseen(rows).bias) == (None, None)


# --- measures --------------------------------------------------------------------------------------------------------

MEASURES = [
    *(f"forecast.{month}" for month in ("2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04")),
    "forecast.overdue",
    "forecast.undated",
    "coverage",
    "coverage_weighted",
]


def test_the_measures_are_the_forecast_and_its_coverage() -> None:
    rows = [
        acme(),
        acme(payment="2026-10-01", deal="Hall"),
        acme(payment=None, deal="Yard"),
        acme(payment="2030-01-01", deal="X"),
    ]
    found = foreseen({"2026-11": rows}, [paying("2026-11-01", 7.5, "")], figures=figures((ANNA, 50.0, 10.0)))
    table = measures(found, config(), moment("2026-11", "2026-11-15"), [ANNA, BORIS])
    assert list(table) == ["manager", "measure", "unit", "actual"]
    assert list(table["manager"]) == [ANNA] * 10 + [BORIS] * 10 + [SALES] * 10
    assert list(table["measure"]) == MEASURES * 3
    assert list(table["unit"]) == (["money"] * 8 + ["ratio"] * 2) * 3
    assert [known(value) for value in table["actual"][:10]] == [107.5, 0, 0, 0, 0, 0, 60, 60, 2.5, 1.5]
    assert [known(value) for value in table["actual"][10:20]] == [0] * 8 + [None, None]


def test_without_a_forecast_the_measures_are_blank() -> None:
    table = measures(None, config(), moment("2026-11", "2026-11-15"), [BORIS, ANNA])
    assert list(table["manager"]) == [ANNA] * 10 + [BORIS] * 10 + [SALES] * 10
    assert list(table["measure"]) == MEASURES * 3
    assert list(table["unit"]) == (["money"] * 8 + ["ratio"] * 2) * 3
    assert table["actual"].isna().all()
