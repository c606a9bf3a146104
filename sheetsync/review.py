"""The review of a period: everything that is to be told about it, from what was read and what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pandas as pd

from sheetsync import (
    ageing,
    attention,
    base,
    contradictions,
    forecast,
    history,
    indicators,
    moves,
    pay,
    projection,
    trials,
)
from sheetsync import plan as planning
from sheetsync.model import Figure, Issue, Ledger, Moment, known
from sheetsync.periods import Period
from sheetsync.schema import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """What the workbook keeps of the past: `history` (`history.COLUMNS`), `snapshots` (`base.SNAPSHOT_COLUMNS`)."""

    history: pd.DataFrame
    snapshots: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Report:
    """All that the Dashboard shows.

    `figures`: one row per manager (and the department, whose `manager` is its name) x measure:
        manager str · measure str · unit str · plan float · plan_to_date float · actual float · attainment float
        pace float (NaN: none)
    `history`: all History rows after this run (see `history.COLUMNS`).
    `passed`, `working_days`: the department's working days of the period up to as-of inclusive, and in all.
    `projection`: see `projection.COLUMNS`; `attention`: see `attention.COLUMNS`. None: there is nothing to tell.
    """

    moment: Moment
    figures: pd.DataFrame
    history: pd.DataFrame
    issues: tuple[Issue, ...]
    passed: int
    working_days: int
    projection: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(projection.COLUMNS)))
    attention: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(attention.COLUMNS)))
    moves: moves.Moves | None = None
    ageing: ageing.Ageing | None = None
    forecast: forecast.Forecast | None = None
    trials: trials.Trials | None = None
    pay: pay.Pay | None = None

    def each(self) -> Iterator[Figure]:
        """The figures one by one."""
        numbers = ("plan", "plan_to_date", "actual", "attainment", "pace")
        for row in self.figures.to_dict("records"):
            texts = (str(row["manager"]), str(row["measure"]), str(row["unit"]))
            yield Figure(*texts, *(known(row[name]) for name in numbers))


def settle(
    ledger: Ledger, kept: Kept, settings: Settings, moment: Moment, *, renew: bool = True
) -> tuple[Report, Kept]:
    """The period's report, and what is kept once its snapshot is taken and its History rows are written.

    The base is stamped onto the period only while `base.may_record`; without `renew` not onto one that has a snapshot.
    A closed period's rows stay as they are; what `kpi.show` hides is taken out of all others. The report's `issues` are
    those of the base: typed categories that the criteria contradict, and log against base.
    """
    sorted_base, doubts = classified(ledger, settings, moment)
    lacking = renew or base.stored(kept.snapshots, moment.period) is None
    if lacking and base.may_record(moment.period, moment.run_day):
        kept = replace(kept, snapshots=base.record(kept.snapshots, sorted_base.base, moment.period))
    else:
        doubts = ()
    report, snapshot = _reviewed(sorted_base, kept, settings, moment)
    order = [*(person.name for person in settings.managers), settings.department.name]
    synced_at = moment.now.replace(tzinfo=None, microsecond=0)
    rows = _measured(report, snapshot, settings)
    past = history.without(kept.history, pay.hidden(settings))
    kept = replace(kept, history=history.merge(past, rows, moment.period, synced_at, order))
    return replace(report, history=kept.history, issues=(*doubts, *report.issues)), kept


def classified(ledger: Ledger, settings: Settings, moment: Moment) -> tuple[Ledger, tuple[Issue, ...]]:
    """The ledger with its base sorted as of the moment, and a warning for each typed category that does not fit."""
    places = next((ledger.places[tab] for tab in ledger.base["tab"].unique() if tab in ledger.places), {})
    column = places.get("Category", min(places.values(), default=1))
    rows, doubts = base.classify(ledger.base, settings, moment.as_of, category_column=column)
    return replace(ledger, base=rows), doubts


def review(ledger: Ledger, kept: Kept, settings: Settings, moment: Moment) -> Report:
    """What the period comes to. Its snapshot, where there is one, is among `kept.snapshots` already.

    `ledger.base` is classified (see `base.classify`). The report's `history` is the one that was kept, and `issues`
    are the contradictions between log and base; whoever writes adds what else there is.
    """
    return _reviewed(ledger, kept, settings, moment)[0]


def _reviewed(ledger: Ledger, kept: Kept, settings: Settings, moment: Moment) -> tuple[Report, pd.DataFrame | None]:
    """The review, and the period's snapshot that it stands on; None where none is stored."""
    period = moment.period
    days = planning.working_days(settings, period)
    passed = planning.passed(days, moment.as_of)
    planned = projection.paced(figures(ledger, settings, moment), ledger, kept.history, settings, moment)
    names = shown(planned, settings)
    snapshots = base.renamed(kept.snapshots, settings)
    snapshot = base.stored(snapshots, period)
    moved = moves.moves(snapshots, ledger.actions, settings, moment)
    aged, foreseen = None, None
    if snapshot is not None:
        stays = ageing.stays(snapshots, moment)
        aged = ageing.ageing(snapshot, stays, settings, moment)
        foreseen = forecast.forecast(snapshot, stays, ledger.actions, planned, kept.history, settings, moment, names)
    lent = trials.trials(snapshot, ledger.actions, settings, moment, names)
    report = Report(
        moment,
        planned,
        kept.history,
        (),
        passed,
        len(days),
        projection=projection.project(planned, ledger, settings, moment),
        moves=moved,
        ageing=aged,
        forecast=foreseen,
        trials=lent,
        pay=_pay(ledger, settings, moment),
    )
    if not base.may_record(period, moment.run_day):
        return report, snapshot
    doubts = contradictions.contradictions(ledger, moved, settings, moment)
    to_act = attention.attention(ledger, aged, lent, doubts, settings, moment)
    return replace(report, issues=doubts, attention=to_act), snapshot


def measured(report: Report, kept: Kept, settings: Settings) -> pd.DataFrame:
    """Everything of a period that History keeps: the figures, then base, moves, trials, money and pay.

    Columns: manager, measure, unit str · plan, actual, attainment float, NaN where blank; one row per manager (the
    department too) and measure.
    """
    snapshot = base.stored(base.renamed(kept.snapshots, settings), report.moment.period)
    return _measured(report, snapshot, settings)


def _measured(report: Report, snapshot: pd.DataFrame | None, settings: Settings) -> pd.DataFrame:
    names = shown(report.figures, settings)
    standing = base.measures(snapshot, settings, names)
    names = shown(standing, settings)
    parts = [
        report.figures,
        standing,
        moves.measures(report.moves, settings, names),
        trials.measures(report.trials, settings, names),
        forecast.measures(report.forecast, settings, report.moment, names),
        pay.measures(report.pay, settings),
    ]
    columns = ["manager", "measure", "unit", "plan", "actual", "attainment"]
    return pd.concat([part.reindex(columns=columns) for part in parts if len(part)], ignore_index=True)


def shown(rows: pd.DataFrame, settings: Settings) -> list[str]:
    """The managers of a frame in its order, without the department."""
    return [name for name in dict.fromkeys(rows["manager"]) if name != settings.department.name]


def figures(ledger: Ledger, settings: Settings, moment: Moment) -> pd.DataFrame:
    """Planned versus actual of the moment's period; see `indicators.figures`. Money's pace is the straight line's."""
    days = planning.working_days(settings, moment.period)
    plan = planning.plan(settings, moment.period, moment.as_of)
    passed = planning.passed(days, moment.as_of)
    return indicators.figures(ledger, plan, settings, moment, passed=passed, working_days=len(days))


def _pay(ledger: Ledger, settings: Settings, moment: Moment) -> pay.Pay | None:
    """The score of the month or quarter (`kpi.per`) of the period's last working day so far, up to that day's end or
    the as-of date; None for a period that is longer."""
    if settings.kpi is None:
        return None
    days = [day for day in planning.working_days(settings, moment.period) if day <= moment.as_of]
    span = Period.containing(max(days, default=moment.as_of), settings.kpi.per)
    if moment.period.end - moment.period.start > span.end - span.start:
        return None
    paid = replace(moment, period=span, as_of=min(moment.as_of, span.end))
    return pay.pay(figures(ledger, settings, paid), settings, span)
