"""What was promised: targets spread over working days (`../config/targets.yaml` -> plan per manager and indicator).

A working day is Monday to Friday and neither a public holiday of `department.country` nor one of `department.holidays`.
Where a country moves a working day to a Saturday in exchange for a bridge day, the bridge day is off (the `holidays`
library lists it) and the Saturday stays a weekend day: it has no plan, though what is done on it counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

import holidays
import pandas as pd

from sheetsync.periods import Kind, Period
from sheetsync.schema import Department, Manager, Settings, Targets

WEEKDAYS = 5
"""A weekly target is spread over so many days, holidays among them: a holiday lowers the week's plan."""

COLUMNS = ("manager", "indicator", "plan", "plan_to_date")
_LENGTHS = tuple(Kind)  # shortest first


def working_days(settings: Settings, period: Period) -> list[date]:
    """The department's working days of the period, first to last."""
    return list(_working_days(settings.department, period))


def passed(days: Sequence[date], as_of: date) -> int:
    """How many of these days have passed by the as-of date, that day included."""
    return sum(day <= as_of for day in days)


def plan(settings: Settings, period: Period, as_of: date) -> pd.DataFrame:
    """The plan of the period and its part up to `as_of` inclusive: every manager x indicator, the department last.

    Columns: manager str · indicator str · plan float · plan_to_date float, rounded to 6 decimals; NaN is no plan.
    Managers and indicators keep the configuration's order; the department's row carries `department.name`.

    A manager has a plan on the working days on which `Manager.works` and a target is in force; without any such day
    there is no plan (NaN), while a target of 0 is a plan of 0. The department's plan is the sum of the managers'.
    A ratio's target is not spread: `plan_to_date` equals `plan`, the target in force on the period's last day; the
    department's is the default, a manager's is the own override, else the default, NaN without a working day.
    """
    frame = pd.concat([_additive(settings, period, as_of), _ratios(settings, period)], ignore_index=True)
    names = [manager.name for manager in settings.managers] + [settings.department.name]
    grid = pd.MultiIndex.from_product([names, settings.indicators], names=["manager", "indicator"])
    return frame.set_index(["manager", "indicator"]).reindex(grid).reset_index()


def daily(settings: Settings, period: Period) -> pd.DataFrame:
    """Each manager's plan of each working day of the period: manager str · indicator str · day datetime64 · plan float.

    Ratios are left out, and so are days on which there is no plan.
    """
    promises = _Promises(settings, period.kind)
    spread = [name for name, indicator in settings.indicators.items() if indicator.ratio is None]
    rows = [
        (manager.name, indicator, pd.Timestamp(day), target / days)
        for day in working_days(settings, period)
        for manager in settings.managers
        if manager.works(day)
        for indicator in spread
        for target, days in promises.on(day, indicator, manager)
    ]
    frame = pd.DataFrame(rows, columns=["manager", "indicator", "day", "plan"])
    return frame.astype({"manager": "str", "indicator": "str", "day": "datetime64[us]", "plan": "float64"})


def _additive(settings: Settings, period: Period, as_of: date) -> pd.DataFrame:
    days = daily(settings, period)
    days["plan_to_date"] = days["plan"].where(days["day"] <= pd.Timestamp(as_of), 0.0)
    managers = days.groupby(["manager", "indicator"], as_index=False)[["plan", "plan_to_date"]].sum().round(6)
    department = managers.groupby("indicator", as_index=False)[["plan", "plan_to_date"]].sum().round(6)
    return pd.concat([managers, department.assign(manager=settings.department.name)], ignore_index=True)


def _ratios(settings: Settings, period: Period) -> pd.DataFrame:
    promises = _Promises(settings, period.kind)
    days = working_days(settings, period)
    people: list[Manager | None] = [person for person in settings.managers if any(map(person.works, days))]
    rows = []
    for person in [*people, None]:
        name = settings.department.name if person is None else person.name
        for indicator, meaning in settings.indicators.items():
            target = None if meaning.ratio is None else promises.target(period.end, indicator, person)
            if target is not None:
                rows.append((name, indicator, target[0], target[0]))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"plan": "float64", "plan_to_date": "float64"})


class _Promises:
    """Which target holds on a day.

    Per indicator, `per` and manager the entry with the latest `from` that says something for that manager holds, by an
    override or by its default: so a later default ends an earlier override, and a later entry that names only one
    manager changes that manager alone. Of entries from the same date an override comes before a default, then the
    later one in the file holds. Where targets of several `per` are in force, they are not added up: that of the
    synced period's own length holds, else that of the latest `from`, else that of the shortest `per`.
    """

    def __init__(self, settings: Settings, kind: Kind) -> None:
        self._department, self._kind = settings.department, kind
        self._entries = sorted(settings.targets, key=lambda entry: entry.start)
        self._starts = [entry.start for entry in self._entries]
        self._known: dict[tuple[int, str, str | None], tuple[float, Kind] | None] = {}

    def on(self, day: date, indicator: str, manager: Manager) -> Iterator[tuple[float, int]]:
        """The target in force, if there is one, and the number of days that it is spread over."""
        target = self.target(day, indicator, manager)
        if target is not None:
            value, per = target
            span = Period.containing(day, per)
            yield value, WEEKDAYS if per is Kind.WEEK else len(_working_days(self._department, span))

    def target(self, day: date, indicator: str, manager: Manager | None) -> tuple[float, Kind] | None:
        """The target in force on that day and its `per`; by the defaults alone (the department's) without a manager."""
        name = None if manager is None else manager.name
        key = bisect_right(self._starts, day), indicator, name
        if key not in self._known:
            self._known[key] = self._find(self._entries[: key[0]], indicator, name)
        return self._known[key]

    def _find(self, entries: Sequence[Targets], indicator: str, name: str | None) -> tuple[float, Kind] | None:
        found: dict[Kind, tuple[date, bool, float]] = {}
        for entry in entries:
            own = entry.managers.get(name, {}).get(indicator) if name is not None else None
            value = entry.default.get(indicator) if own is None else own
            rank = entry.start, own is not None
            if value is not None and (entry.per not in found or rank >= found[entry.per][:2]):
                found[entry.per] = *rank, value
        if not found:
            return None
        per = max(found, key=lambda per: (per is self._kind, found[per][0], -_LENGTHS.index(per)))
        return found[per][2], per


@cache
def _working_days(department: Department, period: Period) -> tuple[date, ...]:
    weekdays = [day for day in period.days if day.weekday() < WEEKDAYS]
    off = {*department.holidays, *(day for year in {day.year for day in weekdays} for day in _public(department, year))}
    return tuple(day for day in weekdays if day not in off)


def _public(department: Department, year: int) -> frozenset[date]:
    return _country(department.country, year) if department.country else frozenset()


@cache
def _country(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
