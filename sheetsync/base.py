"""The base of clients: sorted into categories, kept as it stood at each period, and added up.

Snapshots are kept as spells: one row per base row for as long as nothing about it changed, over periods of one length
that follow one another. So the tab grows by what changed, and a period is stored where a spell covers it; a period that
was not synced, or whose base was empty, breaks every spell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import pandas as pd

from sheetsync import tables
from sheetsync.matching import keys
from sheetsync.model import CellRef, Issue, Severity
from sheetsync.periods import Kind, Period
from sheetsync.schema import Criteria, Settings, Unit
from sheetsync.texts import Texts, fold

CONTENT = MappingProxyType[str, tables.Reading](
    {
        "client": "text",
        "deal": "text",
        "manager": "text",
        "category": "text",
        "stage": "text",
        "expected_payment": "day",
        "expected_amount": "number",
        "trial_units": "number",
        "trial_value": "number",
        "trial_since": "day",
        "last_contact": "day",
    }
)
"""What is kept of a base row; a change of any of it ends a spell."""

_READINGS = MappingProxyType[str, tables.Reading]({**CONTENT, "from_period": "text", "to_period": "text"})

SNAPSHOT_COLUMNS = tuple(_READINGS)
"""The columns of the Snapshots tab. `category` is an id; `from_period`, `to_period` (inclusive) are ids of periods."""

RECORDED_FOR = timedelta(days=7)
"""Today's base is never stamped onto a period that ended longer ago than this."""


# --- sorting the base ------------------------------------------------------------------------------------------------


def classify(
    base: pd.DataFrame, settings: Settings, as_of: date, *, category_column: int = 4
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """The base with its categories settled, and a warning for each row whose typed category the criteria contradict.

    `base` is `Ledger.base`; the answer has its columns, `category` now always filled (what was typed, else what
    fits), and further `fitting` str (by the criteria alone) and `typed` bool. The first category whose criteria hold
    fits; where none does, the last one, the coldest. `category_column` is where the Base tab has its Category, counted
    from 1, for the issues' cells.
    """
    by_criteria = fitting(base, settings, as_of)
    typed = base["category"] != ""
    category = base["category"].where(typed, by_criteria).astype("str")
    classified = base.assign(category=category, fitting=by_criteria, typed=typed)
    return classified, tuple(_differing(classified, settings, category_column))


def fitting(rows: pd.DataFrame, settings: Settings, as_of: date, *, month: Period | None = None) -> pd.Series[str]:
    """The category that fits each row by the criteria alone, whatever was typed; on the index of `rows`.

    `rows` has the columns of `CONTENT`. `month` is taken for "this month" instead of the as-of date's: what would fit
    if the month were another, while a last contact is still as long ago as it is at `as_of`.
    """
    this = month or Period.containing(as_of, Kind.MONTH)
    criteria = _Criteria(
        np.array([fold(stage) for stage in rows["stage"]], dtype="object"),
        *(rows[name].to_numpy() for name in ("expected_payment", "trial_units", "last_contact")),
    )
    categories = settings.base.categories
    held = [criteria.hold(each.when, as_of, this) for each in categories]
    found = np.select(held, [each.id for each in categories], default=categories[-1].id)
    return pd.Series(found, index=rows.index, dtype="str")


@dataclass(frozen=True, slots=True)
class _Criteria:
    """What criteria look at, of each row: stage (folded), expected_payment, trial_units, last_contact."""

    stage: np.ndarray
    payment: np.ndarray
    units: np.ndarray
    contact: np.ndarray

    def hold(self, when: Criteria, as_of: date, this: Period) -> np.ndarray:
        """Which rows meet all that the criteria name; `this` is this month."""
        holds = np.full(len(self.stage), fill_value=True)
        if when.stage is not None:
            holds &= np.isin(self.stage, [fold(stage) for stage in when.stage])
        if when.payment is not None:
            last = this if when.payment == "this_month" else this.next
            beyond = self.payment >= np.datetime64(last.next.start)
            holds &= ~np.isnat(self.payment) & (beyond if when.payment == "later" else ~beyond)
        if when.trial:
            holds &= self.units > 0
        if when.contact_within is not None:
            holds &= self.contact >= np.datetime64(as_of - timedelta(days=when.contact_within))
        return holds


def _differing(base: pd.DataFrame, settings: Settings, column: int) -> Iterable[Issue]:
    texts = Texts(settings.workbook.language)
    labels = {item.id: item.label.text(texts.language) for item in settings.base.categories}
    for row in base[base["typed"] & (base["category"] != base["fitting"])].itertuples():
        typed, fitting = labels.get(str(row.category), str(row.category)), labels[str(row.fitting)]
        yield Issue(
            severity=Severity.WARNING,
            code="category_differs",
            cell=CellRef(str(row.tab), int(str(row.row)), column),
            manager=str(row.manager),
            typed=typed,
            problem=texts(
                "The category typed is “{typed}”, the criteria say “{fitting}”.", typed=typed, fitting=fitting
            ),
            remedy=texts(
                "Clear the cell and the row is sorted by its criteria, or bring stage, expected payment, trial units "
                "and last contact up to date."
            ),
            effect=texts("Counted as “{typed}”.", typed=typed),
        )


# --- snapshots -------------------------------------------------------------------------------------------------------


def may_record(period: Period, run_day: date) -> bool:
    """Whether the base as it is on `run_day` may be kept as the period's: from its start to 7 days after its end."""
    return period.start <= run_day <= period.end + RECORDED_FOR


def snapshots_from_cells(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The Snapshots tab as a frame of `SNAPSHOT_COLUMNS` (str, float, datetime64); header in `rows[0]`.

    A row without client or manager, or whose periods are none, differ in length or run backwards, is ignored.
    """
    read = tables.read(rows, _READINGS)
    spans = _spans(read)
    kept = (read["client"] != "") & (read["manager"] != "") & (spans["kind"] != "") & (spans["first"] <= spans["last"])
    return read[kept].reset_index(drop=True)


def renamed(snapshots: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The snapshots with every manager called as today: who was renamed, the former name an alias, is no other one."""
    today = {fold(alias): person.name for person in settings.managers for alias in person.aliases}
    called = {name: today.get(fold(name), name) for name in snapshots["manager"].unique()}
    return snapshots.assign(manager=snapshots["manager"].map(called).astype("str"))


def record(snapshots: pd.DataFrame, base: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The snapshots with `base` (as classified) as that of the period, in place of what was stored for it.

    What is stored for all other periods stays as it was, also when an older one is recorded anew: spells are split
    and joined. The rows are in a fixed order (first period, manager, client, deal), whatever the base's order was. An
    empty base stores nothing: afterwards `stored` gives None for the period.
    """
    kept, before, after = _around(snapshots, period)
    now = tables.typed(base, CONTENT)
    was, is_, will = (_told_apart(rows) for rows in (before, now, after))
    since = dict(zip(was, before["from_period"], strict=True))
    until = dict(zip(will, after["to_period"], strict=True))
    now = now.assign(
        from_period=pd.Series([since.get(each, str(period)) for each in is_], now.index, dtype="str"),
        to_period=pd.Series([until.get(each, str(period)) for each in is_], now.index, dtype="str"),
    )
    standing = set(is_)
    ended = before[np.array([each not in standing for each in was], dtype="bool")]
    begun = after[np.array([each not in standing for each in will], dtype="bool")]
    return _in_order(pd.concat([kept, ended, now, begun], ignore_index=True))


def _told_apart(rows: pd.DataFrame) -> list[tuple[tuple[object, ...], int]]:
    """What each row says, days and blanks as numbers, and how many rows before it say the same."""
    columns: list[list[object]] = []
    for name, reading in CONTENT.items():
        column = rows[name].to_numpy()
        if reading == "number":
            column = np.where(np.isnan(column), np.inf, column)  # NaN would equal nothing; nothing read is infinite
        columns.append((column.astype("int64") if reading == "day" else column).tolist())
    seen: Counter[tuple[object, ...]] = Counter()
    found = []
    for content in zip(*columns, strict=True):
        found.append((content, seen[content]))
        seen[content] += 1
    return found


def stored(snapshots: pd.DataFrame, period: Period) -> pd.DataFrame | None:
    """The base as it stood at the period: one row per base row, columns of `CONTENT`. None where none is stored."""
    spans = _spans(snapshots)
    place = _place(period)
    covered = (spans["kind"] == period.kind) & (spans["first"] <= place) & (spans["last"] >= place)
    rows = snapshots.loc[covered, list(CONTENT)]
    return None if rows.empty else rows.sort_values(list(CONTENT), ignore_index=True)


def latest_before(snapshots: pd.DataFrame, period: Period) -> Period | None:
    """The last period of the same length before `period` that is stored; None where there is none."""
    spans, place = _spans(snapshots), _place(period)
    earlier = spans.loc[(spans["kind"] == period.kind) & (spans["first"] < place), "last"]
    if earlier.empty:
        return None
    if earlier.max() >= place:
        return period.previous
    return Period.parse(snapshots["to_period"].loc[earlier.nlargest(1).index].item())


def stored_periods(snapshots: pd.DataFrame, until: Period) -> list[Period]:
    """Every period of the length of `until` that is stored, oldest first; `until` is the last that is looked at."""
    spans, place = _spans(snapshots), _place(until)
    own = spans.loc[(spans["kind"] == until.kind) & (spans["first"] <= place), ["first", "last"]].drop_duplicates()
    covered = {each for first, last in own.to_numpy().tolist() for each in range(first, min(last, place) + 1)}
    return [_at(each, until.kind) for each in sorted(covered)]


def _around(snapshots: pd.DataFrame, period: Period) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The spells that the period does not touch; those up to just before it; those from just after it on.

    A spell across the period is cut in two. Of equal base rows the longest spell comes first, on either side, so that
    the same rows find each other again.
    """
    spans, place = _spans(snapshots), _place(period)
    near = (spans["kind"] == period.kind) & (spans["first"] <= place + 1) & (spans["last"] >= place - 1)
    earlier = spans[near & (spans["first"] < place)].sort_values("first", kind="stable").index
    later = spans[near & (spans["last"] > place)].sort_values("last", kind="stable", ascending=False).index
    return (
        snapshots[~near],
        snapshots.loc[earlier].assign(to_period=str(period.previous)),
        snapshots.loc[later].assign(from_period=str(period.next)),
    )


def _place(period: Period) -> int:
    """Where the period stands among those of its length: neighbours differ by one."""
    if period.kind is Kind.WEEK:
        return period.start.toordinal() // 7
    months = period.start.year * 12 + period.start.month - 1
    return months if period.kind is Kind.MONTH else months // 3


def _at(place: int, kind: Kind) -> Period:
    """The period that stands there: `_place` turned round."""
    months = place * 3 if kind is Kind.QUARTER else place
    start = date.fromordinal(place * 7 + 1) if kind is Kind.WEEK else date(months // 12, months % 12 + 1, 1)
    return Period.containing(start, kind)


def _spans(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Of each spell: kind str ("" unreadable), first and last int, as `_place` counts; on the same index."""
    first, starts = _placed(snapshots["from_period"])
    last, ends = _placed(snapshots["to_period"])
    kinds = np.where(starts == ends, starts, "")
    return pd.DataFrame({"kind": kinds, "first": first, "last": last}, index=snapshots.index)


def _placed(texts: pd.Series[str]) -> tuple[np.ndarray, np.ndarray]:
    """Where each period of these ids stands, -1 where it is none, and its kind, "" where it is none."""
    codes, distinct = pd.factorize(texts)
    known = [_parsed(str(text)) for text in distinct]
    places = np.array([-1 if period is None else _place(period) for period in known], dtype="int64")
    kinds = np.array(["" if period is None else str(period.kind) for period in known], dtype="object")
    return places[codes], kinds[codes]


def _parsed(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except (ValueError, OverflowError):
        return None


def _in_order(snapshots: pd.DataFrame) -> pd.DataFrame:
    periods = {text: Period.parse(text) for text in snapshots["from_period"].unique()}
    starts = {text: period.start.toordinal() for text, period in periods.items()}
    lengths = {text: period.end.toordinal() - starts[text] for text, period in periods.items()}
    by = ["_start", "_length", "manager", "client", "deal", *list(CONTENT)[3:], "to_period"]
    first = snapshots["from_period"]
    keyed = snapshots.assign(_start=first.map(starts), _length=first.map(lengths))
    return keyed.sort_values(by, ignore_index=True)[list(SNAPSHOT_COLUMNS)]


# --- adding up -------------------------------------------------------------------------------------------------------


def measures(rows: pd.DataFrame | None, settings: Settings, managers: Sequence[str]) -> pd.DataFrame:
    """What a stored base adds up to, per manager and for the department, which comes last.

    `rows` is what `stored` gave; None (no snapshot) makes every `actual` NaN. Columns: manager, measure, unit str ·
    actual float. Shown are `managers` in the configuration's order and whoever has rows.

    `base.<category>.clients` and `base.clients` count base rows: a client, or a client's deal where deals are named,
    so that the categories add up to the whole base. `base.<category>.amount` is Expected amount, `trial.units` and
    `trial.value` what stands with clients, blanks as 0, money to the cent. The department's figure is the sum of its
    managers'.
    """
    units = _units(settings)
    names = in_order(managers if rows is None else {*managers, *rows["manager"]}, settings)
    index = pd.Index(names, dtype="str")
    table = pd.DataFrame(float("nan"), index, list(units)) if rows is None else _added_up(rows, settings).reindex(index)
    table = table if rows is None else table.fillna(0.0)
    table.loc[settings.department.name] = table.sum(min_count=1 if rows is None else 0).round(2)
    return tidy(table, units)


def tidy(table: pd.DataFrame, units: Mapping[str, Unit]) -> pd.DataFrame:
    """A table of managers by measures (the columns of `units`) as rows: manager, measure, unit str · actual float."""
    columns = {
        "manager": [name for name in table.index for _ in units],
        "measure": [*units] * len(table),
        "unit": [*units.values()] * len(table),
    }
    texts = {name: pd.Series(column, dtype="str") for name, column in columns.items()}
    return pd.DataFrame({**texts, "actual": table[[*units]].to_numpy().ravel()})


def in_order(managers: Iterable[str], settings: Settings) -> list[str]:
    """Each of these managers once, in the configuration's order; who is not configured comes last, by name."""
    present = set(managers)
    configured = [person.name for person in settings.managers if person.name in present]
    return configured + sorted(present.difference(configured))


def _units(settings: Settings) -> dict[str, Unit]:
    """Each measure's unit, in the order in which the measures are listed."""
    units: dict[str, Unit] = {}
    for category in settings.base.categories:
        units |= {f"base.{category.id}.clients": "count", f"base.{category.id}.amount": "money"}
    return units | {"base.clients": "count", "trial.units": "count", "trial.value": "money"}


def _added_up(rows: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Each measure by manager, for the managers who have rows; added up in hundredths."""
    known = pd.DataFrame({"manager": rows["manager"], "key": keys(rows), "category": rows["category"]})
    once = ~known.duplicated().to_numpy()
    amount, units, value = (
        (rows[name] * 100).round().fillna(0.0).to_numpy() for name in ("expected_amount", "trial_units", "trial_value")
    )
    columns: dict[str, np.ndarray] = {}
    for category in settings.base.categories:
        own = known["category"].to_numpy() == category.id
        columns[f"base.{category.id}.clients"] = (own & once) * 100.0
        columns[f"base.{category.id}.amount"] = np.where(own, amount, 0.0)
    columns["base.clients"] = ~known.duplicated(["manager", "key"]).to_numpy() * 100.0
    columns |= {"trial.units": units, "trial.value": value}
    return pd.DataFrame(columns, index=rows.index).groupby(rows["manager"]).sum() / 100
