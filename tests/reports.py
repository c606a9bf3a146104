"""A whole report, made up: every block of the Dashboard has something to show."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sheetsync import history
from sheetsync.ageing import Ageing
from sheetsync.attention import COLUMNS as ATTENTION
from sheetsync.forecast import Forecast
from sheetsync.model import Issue, Moment
from sheetsync.moves import Moves
from sheetsync.pay import Pay
from sheetsync.periods import Kind, Period
from sheetsync.projection import COLUMNS as PROJECTION
from sheetsync.review import Report
from sheetsync.schema import Settings
from sheetsync.trials import Trials

WEEK = Period.parse("2026-W47")
ZONE = ZoneInfo("Europe/Moscow")
NAN = float("nan")


def moment(period: Period = WEEK) -> Moment:
    """A Thursday evening of that week, or the period's end."""
    as_of = min(date(2026, 11, 19), period.end)
    return Moment(period, as_of, as_of, as_of, datetime(2026, 11, 19, 17, 32, tzinfo=ZONE))


def plain(
    settings: Settings,
    *,
    paces: Iterator[float] | None = None,
    issues: tuple[Issue, ...] = (),
    period: Period = WEEK,
) -> Report:
    """A report with figures and a base, and nothing else to tell."""
    figures = _figures(settings, paces or itertools.repeat(1.0))
    past = _history(settings, figures, [period.previous, period])
    return Report(moment(period), figures, past, issues, 4, 5)


def full(settings: Settings, **rest: Any) -> Report:
    """A report with something in every block, the same every time."""
    made = _Made(settings, plain(settings, **rest))
    return Report(
        **{name: getattr(made.plain, name) for name in ("moment", "figures", "history", "issues", "passed")},
        working_days=5,
        projection=made.projection(),
        attention=made.attention(),
        moves=made.moves(),
        ageing=made.ageing(),
        forecast=made.forecast(),
        trials=made.trials(),
        pay=made.pay() if settings.kpi else None,
    )


def _figures(settings: Settings, paces: Iterator[float], attainment: float = 0.5) -> pd.DataFrame:
    rows = []
    for manager in [*(person.name for person in settings.managers), settings.department.name]:
        for key, indicator in settings.indicators.items():
            pace = NAN if indicator.ratio else next(paces)
            rows.append((manager, key, indicator.unit, 10.0, 8.0, 5.0, attainment, pace))
    columns = ["manager", "measure", "unit", "plan", "plan_to_date", "actual", "attainment", "pace"]
    return pd.DataFrame(rows, columns=columns)


def _history(settings: Settings, figures: pd.DataFrame, periods: Sequence[Period]) -> pd.DataFrame:
    order = [*(person.name for person in settings.managers), settings.department.name]
    clients = [
        (name, f"base.{category.id}.clients", "count", 10.0 + at)
        for at, (name, category) in enumerate(itertools.product(order, settings.base.categories))
    ]
    clients += [(name, "base.clients", "count", 70.0) for name in order]
    clients += [(settings.department.name, f"base.{each.id}.amount", "money", 5e6) for each in settings.base.categories]
    standing = pd.DataFrame(clients, columns=["manager", "measure", "unit", "actual"])
    merged = history.from_cells([])
    for at, period in enumerate(periods):
        grown = standing.assign(actual=standing["actual"] + at)
        merged = history.merge(merged, pd.concat([figures, grown]), period, datetime(2026, 11, 19, 17, 32), order)
    return merged


class _Made:
    """The parts of a full report."""

    def __init__(self, settings: Settings, plain: Report) -> None:
        self.settings, self.plain = settings, plain
        self.random = random.Random(7)  # noqa: S311 - a repeatable sample
        self.names = [person.name for person in settings.managers]
        self.sales = settings.department.name
        self.ids = [category.id for category in settings.base.categories]

    def projection(self) -> pd.DataFrame:
        rows = []
        for name, (key, indicator) in itertools.product([*self.names, self.sales], self.settings.indicators.items()):
            if not indicator.ratio:
                unit = 1e6 if indicator.unit == "money" else 1.0
                rows.append((name, key, 7.0 * unit, 5.0 * unit, 9.2 * unit, 1.5 * unit))
            else:
                rows.append((name, key, NAN, NAN, NAN, NAN))
        return pd.DataFrame(rows, columns=list(PROJECTION))

    def attention(self) -> pd.DataFrame:
        tab, warm = self.settings.workbook.tabs.base, self.ids[:3]
        reasons = itertools.cycle(_REASONS[self.settings.workbook.language])
        rows = [
            (name, f"{_CLIENTS[(at + 3 * n) % len(_CLIENTS)]} {n}", "Hall 2" if n == 3 else "", warm[n % len(warm)],
             next(reasons), round(self.random.lognormvariate(13.6, 0.8), 2), tab, 5 + 9 * n)
            for at, name in enumerate(self.names)
            for n in range(1, 8)
        ]  # fmt: skip
        found = pd.DataFrame(rows, columns=list(ATTENTION))
        return found.sort_values("money", ascending=False, ignore_index=True)

    def moves(self) -> Moves:
        return moved(self.settings, self.random)

    def ageing(self) -> Ageing:
        categories = pd.DataFrame(
            {
                "category": self.ids,
                "clients": [10 + at for at in range(len(self.ids))],
                "median": [14.0 + 9 * at for at in range(len(self.ids))],
                "longest": [61.0 + 40 * at for at in range(len(self.ids))],
                "longest_client": [_CLIENTS[at % len(_CLIENTS)] for at in range(len(self.ids))],
                "passed": [9] * len(self.ids),
                "usual": [21.0 + 7 * at for at in range(len(self.ids))],
            }
        )
        return Ageing(pd.DataFrame({"key": []}), categories)

    def forecast(self) -> Forecast:
        months = [Period.containing(self.plain.moment.as_of, Kind.MONTH)]
        while len(months) < 6:
            months.append(months[-1].next)
        whens = [*map(str, months), "overdue", "undated", "later"]
        rows: list[tuple[Any, ...]] = []
        for name in self.names:
            for at, when in enumerate(whens):
                expected = round(self.random.lognormvariate(14.6 - at * 0.25, 0.5), 2)
                received = round(expected * 0.4, 2) if at == 0 else 0.0
                weighted = round(expected * 0.45, 2)
                rows.append((name, when, received, expected, weighted, round(received + weighted, 2)))
        columns = ["manager", "when", "received", "expected", "weighted", "forecast"]
        own = pd.DataFrame(rows, columns=columns)
        whole = own.groupby("when", sort=False)[columns[2:]].sum().round(2).reset_index().assign(manager=self.sales)
        calibration = pd.DataFrame(
            {
                "category": self.ids,
                "configured": [category.probability for category in self.settings.base.categories],
                "horizon": 12,
                "n": 40,
                "paid": 11,
                "probability": [0.8 / (1 + at) for at in range(len(self.ids))],
                "ratio": 0.93,
                "ratio_n": 11,
            }
        )
        coverage = pd.DataFrame(
            [(name, 2.4e6, 1.3e6, 9e5, 2.67, 1.44) for name in self.names]
            + [(self.sales, 2.4e6 * len(self.names), 1.3e6 * len(self.names), 0.0, NAN, NAN)],
            columns=["manager", "due", "due_weighted", "gap", "coverage", "coverage_weighted"],
        )
        errors = pd.DataFrame(
            [("2026-08", 9e6, 8e6), ("2026-09", 7e6, 9e6), ("2026-10", 1e7, 8e6)],
            columns=["month", "forecast", "revenue"],
        )
        return Forecast(tuple(months), pd.concat([own, whole])[columns], calibration, coverage, errors, 0.18, 0.06)

    def trials(self) -> Trials:
        standing = pd.DataFrame(
            [
                (f"k{n}", _CLIENTS[n % len(_CLIENTS)], "", self.names[n % len(self.names)], 4.0 + n, 80_000.0 * n,
                 pd.Timestamp("2026-09-01"), 79.0 - 4 * n, 79 - 4 * n > 30)
                for n in range(16)
            ],
            columns=["key", "client", "deal", "manager", "units", "value", "since", "days", "overdue"],
        )  # fmt: skip
        rows = [
            (name, 3, 24.0, 410_000.5, 8.0 * (at % 2), 99_000.0 * (at % 2), 47.0) for at, name in enumerate(self.names)
        ]
        rows.append((self.sales, 3 * len(rows), 24.0 * len(rows), 410_000.5 * len(rows), 24.0, 297_000.0, 79.0))
        columns = ["manager", "clients", "units", "value", "overdue_units", "overdue_value", "longest"]
        cohorts = pd.DataFrame(
            [(f"2026-{month:02d}", 6, 5 - at, (5 - at) / 6, month < 8) for at, month in enumerate(range(6, 12))],
            columns=["month", "trials", "contracts", "conversion", "mature"],
        )
        return Trials(standing, pd.DataFrame(rows, columns=columns), cohorts)

    def pay(self) -> Pay:
        assert self.settings.kpi is not None
        weights = self.settings.kpi.weights
        total = sum(weights.values())
        components = pd.DataFrame(
            [
                (name, key, weight / total, 10.0, 8.0, 0.8, 0.8, round(weight / total * 0.8, 4))
                for name in self.names
                for key, weight in weights.items()
            ],
            columns=["manager", "indicator", "weight", "plan", "actual", "attainment", "factor", "points"],
        )
        totals = pd.DataFrame(
            [(name, 0.8, 60_000.0, 48_000.0, next(iter(weights)), 2.0, 1.0, 0.06) for name in self.names],
            columns=["manager", "score", "incentive", "payout", "step", "needs", "reaches", "gains"],
        )
        return Pay(Period.containing(self.plain.moment.as_of, Kind.MONTH), components, totals)


def moved(settings: Settings, numbers: random.Random) -> Moves:
    """Moves that add up: each manager's clients one by one, and a few handed to the next manager."""
    names, sales = [person.name for person in settings.managers], settings.department.name
    ids = [category.id for category in settings.base.categories]
    steps: list[tuple[str, str, str, str, float, float]] = []  # manager, source, target, event, before, after
    for name in names:
        for at, source in enumerate(ids):
            steps += [(name, source, source, "", 1e5, 1e5)] * numbers.randint(3, 30)
            for _ in range(numbers.randint(0, 3)):
                to = min(max(at + numbers.choice((-2, -1, -1, 1, 1)), 0), len(ids) - 1)
                event = "up" if to < at else "down" if to > at else ""
                steps.append((name, source, ids[to], event, 4e5, 5e5))
        steps += [(name, "new", ids[-1], "new", 0.0, 2e5)] * numbers.randint(0, 3)
        steps += [(name, ids[-1], "lost", "lost", 3e4, 0.0)] * numbers.randint(0, 2)
        steps += [(name, ids[0], ids[-1], "won", 9e5, 0.0)] * numbers.randint(0, 1)
    rows = pd.DataFrame(steps, columns=["manager", "source", "target", "event", "before", "after"])
    rows["clients"] = 1
    by = ["manager", "source", "target"]
    own = rows.groupby(by, as_index=False, sort=False)[["clients", "before", "after"]].sum()
    whole = own.groupby(by[1:], as_index=False, sort=False)[["clients", "before", "after"]].sum().assign(manager=sales)
    transitions = pd.concat([own, whole], ignore_index=True)
    found = rows[rows["event"] != ""].assign(key="", client="", deal="")
    events = found[["manager", "event", "key", "client", "deal", "source", "target", "before", "after"]]
    return Moves(WEEK.previous, transitions, _balance(transitions, [*names, sales], ids), events)


def _balance(transitions: pd.DataFrame, names: Sequence[str], ids: Sequence[str]) -> pd.DataFrame:
    rows = []
    for name, id_ in itertools.product(names, ids):
        own = transitions[transitions["manager"] == name]
        source, target = own[own["source"] == id_], own[own["target"] == id_]
        stayed = source[source["target"] == id_]["clients"].sum()
        start, end = source["clients"].sum(), target["clients"].sum()
        money = (source["before"].sum(), 0.0, 0.0, 0.0, target["after"].sum())
        rows.append((name, id_, start, end - stayed, start - stayed, end, *money))
    amounts = ["start_amount", "entered_amount", "left_amount", "revalued", "end_amount"]
    return pd.DataFrame(rows, columns=["manager", "category", "start", "entered", "left", "end", *amounts])


_CLIENTS = (
    "Sever Warehouses",
    "Volga Bus Works",
    "North Port Logistics Terminal No. 2",
    "Ural Machine Tools",
    "Baltic Cold Store",
    "Neva Shopping Centre",
    "Kama Chemicals",
    "Don Agricultural Holding",
    "Oka Furniture",
)

_REASONS = {
    "en": (
        "payment overdue 9 days",
        "47 days on trial, limit 30; no action for 24 days",
        "Active B for 71 days, usual 24; no action for 31 days",
        "contract logged on 16 Nov, the base still says Warm",
    ),
    "ru": (
        "оплата просрочена на 9 дней",
        "светильники на тесте 47 дней при сроке 30; нет действий 24 дня",
        "в категории «Активные B» 71 день, обычно 24; нет действий 31 день",
        "в журнале договор от 16 нояб., в базе всё ещё «Тёплые»",
    ),
    "de": (
        "Zahlung seit 9 Tagen überfällig",
        "47 Tage im Test, Frist 30; seit 24 Tagen keine Aktion",
        "seit 71 Tagen in Aktiv B, üblich 24; seit 31 Tagen keine Aktion",
        "Vertrag vom 16. Nov. im Protokoll, in der Basis noch Warm",
    ),
}
