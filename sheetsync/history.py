"""History: tidy rows, one per period x manager x measure, that the dashboard and people's own charts stand on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from sheetsync import tables
from sheetsync.periods import Period

_READINGS = MappingProxyType[str, tables.Reading](
    {
        "period": "text",
        "start": "day",
        "end": "day",
        "manager": "text",
        "measure": "text",
        "plan": "number",
        "actual": "number",
        "attainment": "number",
        "unit": "text",
        "status": "text",
        "synced_at": "moment",
    }
)

COLUMNS = tuple(_READINGS)
"""The columns of the History tab. Texts are str, dates datetime64 (`end` inclusive, `synced_at` to the second, in the
workbook's zone), figures float: money has 2 decimals, all others 6. NaN is blank, as for a measure without plan."""

_KEY = ["period", "manager", "measure"]
_FIGURES = ["plan", "actual", "attainment"]
_FROZEN = ("closed", "restated", "superseded")


def from_cells(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The History tab as a frame of `COLUMNS`, sorted by period; header in `rows[0]`.

    The tab is ours, and what people did to it is mended: a row whose period, manager or measure can't be read is
    ignored; `start` and `end` follow the period; an unknown status is `open`; of several rows for one period, manager
    and measure (superseded ones aside) the closed one stays, else the first.
    """
    read = tables.read(rows, _READINGS)
    known = {text: _parsed(text) for text in read["period"].unique()}
    readable = read["period"].isin([text for text, period in known.items() if period is not None])
    read = read[readable & (read["manager"] != "") & (read["measure"] != "")]
    periods = {text: period for text, period in known.items() if period is not None}
    read = read.assign(
        start=read["period"].map({text: pd.Timestamp(period.start) for text, period in periods.items()}),
        end=read["period"].map({text: pd.Timestamp(period.end) for text, period in periods.items()}),
        period=read["period"].map({text: str(period) for text, period in periods.items()}),
        status=read["status"].where(read["status"].isin(_FROZEN), "open"),
    )
    superseded = read["status"] == "superseded"
    best_first = read[~superseded].sort_values("status", key=lambda status: status == "open", kind="stable")
    kept = best_first.drop_duplicates(_KEY).index.union(read[superseded].index)
    return _by_period(tables.typed(read.loc[kept], _READINGS))


def merge(
    history: pd.DataFrame, figures: pd.DataFrame, period: Period, synced_at: datetime, managers: Sequence[str]
) -> pd.DataFrame:
    """The history with the period's open rows replaced by `figures`; other periods' rows stay as they are.

    `figures`: manager, measure, unit str · actual float · optionally plan, attainment float (else blank); a row per
    manager and measure. Rows of the period stand in the order of `managers` (the department last), then of the
    measures as `figures` gives them first; periods by start, shorter ones first. `synced_at` (local time, without zone
    or with) is put onto the period's rows only where anything else in them has changed: a second merge of the same
    figures changes nothing. A closed period is left untouched.
    """
    if closed(history, period):
        return _by_period(history)
    own = history["period"] == str(period)
    earlier, superseded = history[own & (history["status"] == "open")], history[own & (history["status"] != "open")]
    fresh = _rows(figures, period, synced_at, managers)
    if not differs(earlier, fresh):
        fresh = fresh.assign(synced_at=earlier["synced_at"].to_numpy())
    return _by_period(pd.concat([history[~own], fresh, superseded], ignore_index=True))


def without(history: pd.DataFrame, measures: Collection[str]) -> pd.DataFrame:
    """The history without the open rows of these measures, in all periods."""
    return history[~(history["measure"].isin(measures) & (history["status"] == "open"))].reset_index(drop=True)


def close(history: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The history with the period's open rows `closed`; nothing else in them changes, `synced_at` neither."""
    own = (history["period"] == str(period)) & (history["status"] == "open")
    return history.assign(status=history["status"].mask(own, "closed"))


def restate(history: pd.DataFrame, period: Period, figures: pd.DataFrame, synced_at: datetime) -> pd.DataFrame:
    """The history with other figures for a closed period: the earlier rows stay as `superseded`.

    `figures`: manager, measure, unit str · actual float; a row per manager and measure. A figure that is as the History
    has it already changes nothing. Another one stands as a `restated` row in its predecessor's place, with the
    predecessor's plan, attainment = actual / plan, and `synced_at` (local time, without zone or with); one that the
    period did not have comes after the others, without plan. Superseded rows stand at the period's end, oldest first.
    """
    own = history["period"] == str(period)
    superseded = history["status"] == "superseded"
    standing = history[own & ~superseded].drop_duplicates(_KEY)
    fresh = _restated(standing, figures, period, synced_at)
    replaced = pd.MultiIndex.from_frame(standing[_KEY]).isin(pd.MultiIndex.from_frame(fresh[_KEY]))
    earlier = standing[replaced].assign(status="superseded")
    now = pd.concat([standing[~replaced], fresh.set_index("_place")[list(COLUMNS)]]).sort_index(kind="stable")
    return _by_period(pd.concat([history[~own], now, history[own & superseded], earlier], ignore_index=True))


def differs(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Whether the rows differ, in content or order, in anything but the time of the sync."""
    content = [column for column in COLUMNS if column != "synced_at"]
    return not old[content].reset_index(drop=True).equals(new[content].reset_index(drop=True))


def closed(history: pd.DataFrame, period: Period) -> bool:
    """Whether the period is closed: one of its rows is `closed` or `restated`."""
    return str(period) in closed_ids(history)


def closed_ids(history: pd.DataFrame) -> frozenset[str]:
    """The ids of all closed periods."""
    return frozenset(history.loc[history["status"].isin(["closed", "restated"]), "period"])


def trend(history: pd.DataFrame, measure: str, manager: str, period: Period, n: int) -> pd.DataFrame:
    """The measure over the last `n` periods of that length, `period` last: period str · actual, plan, attainment float.

    A period without a row is there with NaN. Superseded rows are left out.
    """
    last = [period]
    while len(last) < n:
        last.insert(0, last[0].previous)
    own = (history["measure"] == measure) & (history["manager"] == manager) & (history["status"] != "superseded")
    rows = history[own].drop_duplicates("period").set_index("period")
    return (
        rows[["actual", "plan", "attainment"]].reindex([str(each) for each in last]).rename_axis("period").reset_index()
    )


def _rows(figures: pd.DataFrame, period: Period, synced_at: datetime, managers: Sequence[str]) -> pd.DataFrame:
    measures = {measure: place for place, measure in enumerate(figures["measure"].unique())}
    people = {name: place for place, name in enumerate(managers)}
    rows = figures.reindex(columns=["manager", "measure", "unit", *_FIGURES]).assign(
        _person=figures["manager"].map(people), _measure=figures["measure"].map(measures)
    )
    rows = rows.sort_values(["_person", "_measure"], kind="stable", ignore_index=True).assign(
        period=str(period),
        start=pd.Timestamp(period.start),
        end=pd.Timestamp(period.end),
        status="open",
        synced_at=pd.Timestamp(synced_at.replace(microsecond=0, tzinfo=None)),
    )
    rows[_FIGURES] = rows[_FIGURES].astype(float).round(6)
    rows["actual"] = rows["actual"].where(rows["unit"] != "money", rows["actual"].round(2))
    rows[_FIGURES] += 0.0  # no -0.0, which a cell would not keep
    return tables.typed(rows, _READINGS)


def _restated(standing: pd.DataFrame, figures: pd.DataFrame, period: Period, synced_at: datetime) -> pd.DataFrame:
    """The figures that differ from the period's `standing` rows, as rows; `_place` is where each is to stand."""
    people = list(dict.fromkeys(figures["manager"]))
    rows = _rows(figures[["manager", "measure", "unit", "actual"]], period, synced_at, people)
    places = standing[["manager", "measure", "plan", "actual"]].rename_axis("_place").reset_index()
    rows = rows.drop(columns="plan").merge(places, how="left", on=["manager", "measure"], suffixes=("", "_before"))
    after = standing.index.max() + 1 if len(standing) else 0
    same = (rows["actual"] == rows["actual_before"]) | (rows["actual"].isna() & rows["actual_before"].isna())
    differing = rows[rows["_place"].isna() | ~same]
    attainment = (differing["actual"] / differing["plan"].where(differing["plan"] != 0)).round(6) + 0.0
    place = differing["_place"].fillna(after).astype("int64")
    return differing.assign(_place=place, status="restated", attainment=attainment)


def _by_period(history: pd.DataFrame) -> pd.DataFrame:
    """Sorted by start, then shorter periods first; within a period the order stays."""
    return history.sort_values(["start", "end"], kind="stable", ignore_index=True)


def _parsed(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except (ValueError, OverflowError):
        return None
