"""Targets from trial weeks: what managers really did, what they might be asked for, and what it costs to write down."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from math import isnan
from typing import Any

import pandas as pd
import yaml

from sheetsync import cells, indicators, plan
from sheetsync.model import Ledger, Moment
from sheetsync.periods import Kind, Period
from sheetsync.schema import Settings, Unit
from sheetsync.terminal import safe

WEEK = 7
"""Calendar days; what is counted a week is so however long the periods are."""

SOME = 0.1
"""A period with that share of the fullest period's rows is one in which the log was kept."""

COLUMNS = ("manager", "indicator", "unit", "n", "min", "median", "max", "spread", "unevidenced", "target", "basis")
"""The columns of `Calibration.table`."""

_KEY = ["manager", "indicator"]
_NO_PLAN = pd.DataFrame({name: pd.Series(dtype="str") for name in _KEY}).assign(plan=0.0, plan_to_date=0.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What some periods of one length tell about targets.

    `table`, one row per manager x indicator, both in the configuration's order, the department last; managers who
    worked on no day of the periods are left out:
        manager, indicator, unit str · n int (figures seen: periods in which the manager worked on a day, and for a
        ratio those in which it was not blank) · min, median, max, spread float (max - min; NaN where n is 0) ·
        unevidenced float (share without evidence, 0 to 1, of the typed rows whose action asks for it; NaN without such
        rows) · target float (the proposal per period; NaN of what nobody has a figure of, or only 0) · basis str (what
        the target is made from: `quantile` or `mean`; "" without a target)
    The department's row is about one manager of the department, whoever it is: all managers' figures in one pool.

    `effort`, one row per indicator, the most expensive first, else in the configuration's order:
        indicator str · rows float (rows of its actions that a manager types a week, counted or not: the mean over
        managers and weeks; NaN where nobody worked). A row that several indicators count is in each of them.
    """

    periods: tuple[Period, ...]
    table: pd.DataFrame
    effort: pd.DataFrame


def recent(ledger: Ledger, kind: Kind, day: date, n: int) -> tuple[Period, ...]:
    """The last `n` (at least 1) periods of that length that are over on `day`, oldest first.

    As far as the log reaches: those before its first period that has `SOME` of the rows of its fullest are left out,
    all but the last one. So a lonely row that was dated wrongly makes no period of nothing.
    """
    period = Period.containing(day, kind)
    found = [period if period.end <= day else period.previous]
    counting = ledger.actions.loc[ledger.actions["counted"].astype(bool), "date"].value_counts()
    rows = counting.groupby([Period.containing(each.date(), kind).start for each in counting.index]).sum()
    began = rows.index[rows >= SOME * rows.max()].min() if len(rows) else period.start
    while len(found) < n and found[0].start > began:
        found.insert(0, found[0].previous)
    return tuple(found)


def calibrate(ledger: Ledger, settings: Settings, periods: Sequence[Period]) -> Calibration:
    """What the periods (of one length, at least one, all over) tell about targets.

    Figures are those of `indicators.figures`: rows that count, in whole periods. A manager's period is looked at if the
    manager worked on one of its working days; there a figure without rows is 0, and a blank ratio is left out. An
    action asks for evidence where the configuration makes it `required`, or says `what` it is or its
    `evidence_patterns`. A row is without evidence where the cell is blank, only filled in (`n/a`, `-`), or unlike the
    patterns, whether the row counts or not.

    target = (n q + k Q) / (n + k), rounded: q is the `calibration.quantile` of the manager's own figures, Q that of all
    managers' in one pool, k is `calibration.prior_weight` (so that few periods of one's own lean on the department's
    usual one); Q alone where n + k is 0. Quantiles are linear between ranks. Of money, which comes seldom and in lumps,
    q or Q is the mean where the quantile is not above 0 and the mean is. The department's target is Q. Counts are
    rounded to whole numbers from 2 on and to halves below, ratios to whole percent, money to two significant digits,
    halves up, and none is below 0.
    """
    worked = _worked(settings, periods)
    rows = _typed(ledger, periods).merge(worked, on=["manager", "period"])
    table = _statistics(_figures(ledger, settings, periods, worked), worked, settings)
    unevidenced = _unevidenced(rows, settings).reindex(pd.MultiIndex.from_frame(table[_KEY]))
    table = table.assign(unevidenced=unevidenced.to_numpy(dtype=float))[list(COLUMNS)]
    weeks = sum(len(period.days) * (worked["period"] == str(period)).sum() for period in periods) / WEEK
    return Calibration(tuple(periods), table, _effort(rows, settings, weeks))


# --- what was done -------------------------------------------------------------------------------------------------


def _worked(settings: Settings, periods: Sequence[Period]) -> pd.DataFrame:
    """Manager and period (id) of all in which the manager worked on a working day, managers in their order."""
    days = {str(period): plan.working_days(settings, period) for period in periods}
    pairs = [(who.name, id_) for who in settings.managers for id_, own in days.items() if any(map(who.works, own))]
    return pd.DataFrame(pairs, columns=["manager", "period"], dtype="str")


def _figures(ledger: Ledger, settings: Settings, periods: Sequence[Period], worked: pd.DataFrame) -> pd.DataFrame:
    """manager, indicator, period str · actual float of what was worked and is not blank."""
    pieces = []
    for period in periods:
        end = period.end
        moment = Moment(period, end, end, end, datetime.combine(end, time()))
        found = indicators.figures(ledger, _NO_PLAN, settings, moment, passed=0, working_days=0)
        pieces.append(found.assign(period=str(period)))
    figures = pd.concat(pieces, ignore_index=True).rename(columns={"measure": "indicator"})
    return figures.merge(worked, on=["manager", "period"]).dropna(subset="actual")[[*_KEY, "period", "actual"]]


def _statistics(figures: pd.DataFrame, worked: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The table of a Calibration, less the share of rows without evidence."""
    names = [*worked["manager"].unique(), settings.department.name]
    grid = pd.MultiIndex.from_product([names, settings.indicators], names=_KEY)
    pool = pd.concat([figures, figures.assign(manager=settings.department.name)])
    seen = pool.groupby(_KEY)["actual"]
    table = seen.agg(["count", "min", "median", "max"]).rename(columns={"count": "n"}).reindex(grid)
    table["n"] = table["n"].fillna(0).astype("int64")
    table["spread"] = table["max"] - table["min"]
    asked = seen.quantile(settings.calibration.quantile).reindex(grid).reset_index(drop=True)
    mean = seen.mean().reindex(grid).reset_index(drop=True)
    table = table.reset_index()
    units = {id_: item.unit for id_, item in settings.indicators.items()}
    table["unit"] = table["indicator"].map(units).astype("str")
    lumpy = (table["unit"] == "money") & (asked <= 0) & (mean > 0)
    table["target"] = _targets(table, asked.mask(lumpy, mean), settings)
    table["basis"] = _basis(table, lumpy, settings)
    exact = ["min", "median", "max", "spread"]
    table[exact] = table[exact].round(6).mask(table["unit"] == "money", table[exact].round(2)) + 0.0
    return table


def _targets(table: pd.DataFrame, own: pd.Series[float], settings: Settings) -> pd.Series[float]:
    """The proposals, rounded; `own` is what each row's own figures come to. NaN of what nobody did."""
    n, k = table["n"], settings.calibration.prior_weight
    usual = _departments(table, own, settings)
    shrunk = ((n * own.fillna(0.0) + k * usual) / (n + k).where(n + k > 0)).fillna(usual)
    rounded = [_rounded(value, unit) for value, unit in zip(shrunk, table["unit"], strict=True)]
    done = _departments(table, table["min"].ne(0) | table["max"].ne(0), settings)
    return pd.Series(rounded, index=table.index, dtype=float).where(done)


def _basis(table: pd.DataFrame, lumpy: pd.Series[bool], settings: Settings) -> pd.Series[str]:
    """What each target is made from: the mean where it stands in for a quantile, its own or the department's."""
    leaning = (settings.calibration.prior_weight > 0) | (table["n"] == 0)
    mean = lumpy | (_departments(table, lumpy, settings) & leaning)
    names = pd.Series("quantile", table.index, dtype="str").mask(mean, "mean")
    return names.mask(table["target"].isna(), "")


def _departments(table: pd.DataFrame, values: pd.Series[Any], settings: Settings) -> pd.Series[Any]:
    """For each row what `values` has for the department and the row's indicator."""
    own = table["manager"] == settings.department.name
    return table["indicator"].map(values[own].set_axis(table.loc[own, "indicator"]))


def _rounded(value: float, unit: Unit) -> float:
    """A figure as people set targets."""
    if isnan(value) or value <= 0:
        return value if isnan(value) else 0.0
    exact = Decimal(repr(round(value, 9)))
    if unit == "count":
        step = Decimal(1) if exact >= 2 else Decimal("0.5")
    else:
        step = Decimal("0.01") if unit == "ratio" else Decimal(1).scaleb(exact.adjusted() - 1)
    return float((exact / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


# --- what was typed ------------------------------------------------------------------------------------------------


def _typed(ledger: Ledger, periods: Sequence[Period]) -> pd.DataFrame:
    """The log's rows of the periods, whether they count or not: manager, action, period str · unevidenced bool."""
    ids = {pd.Timestamp(day): str(period) for period in periods for day in period.days}
    rows = ledger.actions.assign(period=ledger.actions["date"].map(ids)).dropna(subset="period")
    void = {text: cells.filler(text) for text in rows["evidence"].unique()}
    unlike = {(it.cell.tab, it.cell.row) for it in ledger.issues if it.code.startswith("evidence_unlike")}
    places = zip(rows["tab"], rows["row"], rows["evidence"], strict=True)
    lacking = [void[text] or (tab, row) in unlike for tab, row, text in places]
    rows = rows.assign(period=rows["period"].astype("str"), unevidenced=pd.Series(lacking, rows.index, dtype=bool))
    return rows[["manager", "action", "period", "unevidenced"]]


def _actions(settings: Settings) -> pd.DataFrame:
    """indicator, action str: what each is made of; a ratio of what its two parts are."""
    parts = {id_: item.ratio or (id_,) for id_, item in settings.indicators.items()}
    made = {
        id_: dict.fromkeys(a for part in each for a in settings.indicators[part].actions) for id_, each in parts.items()
    }
    return pd.DataFrame(
        [(id_, action) for id_, each in made.items() for action in each], columns=["indicator", "action"]
    )


def _unevidenced(rows: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """By manager and indicator, the department too; of the actions that ask for evidence."""
    asking = [
        id_ for id_, it in settings.actions.items() if it.evidence == "required" or it.what or it.evidence_patterns
    ]
    rows = rows[rows["action"].isin(asking)]
    everybody = pd.concat([rows, rows.assign(manager=settings.department.name)])
    return everybody.merge(_actions(settings), on="action").groupby(_KEY)["unevidenced"].mean()


def _effort(rows: pd.DataFrame, settings: Settings, weeks: float) -> pd.DataFrame:
    """The effort of a Calibration; `weeks` are those of all managers together."""
    typed = rows.merge(_actions(settings), on="action").groupby("indicator").size()
    counts = typed.reindex(list(settings.indicators), fill_value=0).astype(float)
    each = counts / weeks if weeks else counts * float("nan")
    return each.sort_values(ascending=False, kind="stable").rename_axis("indicator").rename("rows").reset_index()


# --- what to paste -------------------------------------------------------------------------------------------------


def as_yaml(calibration: Calibration, settings: Settings, start: date) -> str:
    """An entry to paste under `targets:`, in force from `start`: the department's targets as `default:`, and those of
    `managers:` that differ. Lines are indented by two, and end with a line break.

    Managers who have left by `start` are left out. So is what has no target to propose (nobody did it), and, with a
    remark, every indicator that has targets of another `per` already: an indicator keeps to one.
    """
    per = calibration.periods[0].kind
    others = {id_: other for other in Kind if other != per for id_ in _promised(settings, other)}
    table = calibration.table[~calibration.table["indicator"].isin(list(others))].dropna(subset="target")
    text = "".join(_remarks(others))
    if entry := _entry(table, settings, start, per):
        text += _dumped(entry)
    return textwrap.indent(text, "  ")


def _dumped(entry: dict[str, object]) -> str:
    """As YAML; where a name has marks that nobody sees (direction, joiners), in escapes: it is printed as it stands."""
    dump = partial(yaml.safe_dump, [entry], sort_keys=False, width=10**6)
    text = str(dump(allow_unicode=True))
    line = text.replace("\n", "")
    return text if safe(line, len(line)) == line else str(dump(allow_unicode=False))


def _entry(table: pd.DataFrame, settings: Settings, start: date, per: Kind) -> dict[str, object]:
    """The entry of `targets` as plain values; empty where the table has nothing to propose."""
    figures = {
        str(name): dict(zip(own["indicator"], map(_plain, own["target"]), strict=True))
        for name, own in table.groupby("manager")
    }
    default = figures.get(settings.department.name, {})
    staying = [person.name for person in settings.managers if person.until is None or person.until >= start]
    differing = {
        name: own
        for name in staying
        if (own := {id_: value for id_, value in figures.get(name, {}).items() if value != default[id_]})
    }
    if not default:
        return {}
    entry = {"from": start, "per": str(per), "default": default}
    return entry | {"managers": differing} if differing else entry


def _promised(settings: Settings, per: Kind) -> list[str]:
    """The indicators that have targets of that `per`, in the configuration's order."""
    entries = [entry for entry in settings.targets if entry.per == per]
    named = {id_ for entry in entries for figures in (entry.default, *entry.managers.values()) for id_ in figures}
    return [id_ for id_ in settings.indicators if id_ in named]


def _remarks(others: dict[str, Kind]) -> Iterator[str]:
    for per in Kind:
        named = ", ".join(id_ for id_, other in others.items() if other == per)
        if named:
            left_out = (
                f"{named}: left out, for their targets are per {per}; with department.period: {per} they come too."
            )
            yield textwrap.fill(left_out, 76, initial_indent="# ", subsequent_indent="# ") + "\n"


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() else value
