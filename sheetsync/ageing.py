"""Ageing: how long clients stay in a category.

A stay is a client (or deal) in one category over snapshots that follow one another; other changes of the row do not
end it, nor do periods that were not synced when it was in the same category before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sheetsync.base import stored_periods
from sheetsync.matching import keys
from sheetsync.model import Moment
from sheetsync.periods import Period
from sheetsync.schema import Settings

STAYS = ("key", "client", "deal", "manager", "category", "since", "until", "ended", "at_least", "amount")
CURRENT = ("key", "client", "deal", "manager", "category", "since", "days", "at_least", "amount")


@dataclass(frozen=True, slots=True)
class Ageing:
    """`current`, one row per client (deal) of the period's snapshot:
        key, client, deal, manager, category str · since datetime64 (first day of the first period in the category)
        days int (from `since` to as-of) · at_least bool (it began with the first snapshot, so it may be older)
        amount float (NaN blank)
    `categories`, one row per category in the configuration's order:
        category str · clients int · median float · longest float (days in it up to now; NaN without clients)
        longest_client str · passed int (stays that ended and whose beginning is known) · usual float (median days of
        those; NaN where there are none)
    """

    current: pd.DataFrame
    categories: pd.DataFrame


def stays(snapshots: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    """Every stay known up to `moment.period`, from the snapshots of its length; later snapshots are not looked at.

    Columns: key, client, deal, manager (the last), category str · since datetime64 (first day of its first period)
    until datetime64 (first day of the first period without it; NaT while it lasts) · ended, at_least bool
    amount float (the first Expected amount in it, NaN where none was given)

    Sorted by key, category and since. "Without it" means that the base of that period is stored, and the client is in
    another category there or gone. `at_least`: it began with the first period stored, so it may be older.
    """
    periods = stored_periods(snapshots, moment.period)
    starts = pd.Series([pd.Timestamp(period.start) for period in periods] + [pd.NaT], dtype="datetime64[us]")
    found = _joined(_spells(snapshots, periods))
    after = found["last"] + 1
    found["since"] = starts.loc[found["first"]].to_numpy()
    found["until"] = starts.loc[after].to_numpy()
    found["ended"] = after < len(periods)
    found["at_least"] = found["first"] == 0
    return found[list(STAYS)].reset_index(drop=True)


def ageing(rows: pd.DataFrame, known: pd.DataFrame, settings: Settings, moment: Moment) -> Ageing:
    """How long the clients of the period's snapshot, which is what `base.stored` gave, are in their categories.

    `known` are all `stays` up to the period.
    """
    current = _current(rows, known[~known["ended"]], moment)
    return Ageing(current=current, categories=_categories(current, _passed(known), settings))


def _spells(snapshots: pd.DataFrame, periods: Sequence[Period]) -> pd.DataFrame:
    """The spells in these periods, with key and the places in `periods` of their first and last one, both inclusive.

    A spell that reaches beyond the last of them is cut there.
    """
    places = {period: place for place, period in enumerate(periods)}
    texts = {text: Period.parse(text) for column in ("from_period", "to_period") for text in snapshots[column].unique()}
    first = snapshots["from_period"].map({text: places.get(period, -1) for text, period in texts.items()})
    last = snapshots["to_period"].map({text: places.get(period, len(periods) - 1) for text, period in texts.items()})
    spells = snapshots.assign(key=keys(snapshots), first=first.astype("int64"), last=last.astype("int64"))
    return spells[spells["first"] >= 0].sort_values(["key", "category", "first", "last"], kind="stable")


def _joined(spells: pd.DataFrame) -> pd.DataFrame:
    """Spells of one key and category with no stored period between them, put together."""
    alike = spells.groupby(["key", "category"])
    reached = alike["last"].cummax()
    before = reached.shift(fill_value=-2).where(alike.cumcount() > 0, -2)
    stay = (spells["first"] > before + 1).cumsum().rename("stay")
    parts = spells.groupby(stay)
    ends = parts[["key", "client", "deal", "manager", "category"]].last()
    return ends.assign(first=parts["first"].min(), last=parts["last"].max(), amount=parts["expected_amount"].first())


def _current(rows: pd.DataFrame, lasting: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    """What `Ageing.current` holds, from the stored rows and the stays that last."""
    own = rows.assign(key=keys(rows), amount=rows["expected_amount"])
    found = own.merge(lasting[["key", "category", "since", "at_least"]], how="left", on=["key", "category"])
    days = (pd.Timestamp(moment.as_of) - found["since"]).dt.days.clip(lower=0)
    return found.assign(days=days.astype("int64"), at_least=found["at_least"].astype(bool))[list(CURRENT)]


def _passed(known: pd.DataFrame) -> pd.DataFrame:
    """Category and days of every stay whose both ends are known."""
    whole = known[known["ended"] & ~known["at_least"]]
    return pd.DataFrame({"category": whole["category"], "days": (whole["until"] - whole["since"]).dt.days})


def _categories(current: pd.DataFrame, passed: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """What `Ageing.categories` holds; of clients equally long in a category the first by name is the longest."""
    ids = pd.Index([category.id for category in settings.base.categories], name="category", dtype="str")
    days, usual = current.groupby("category")["days"], passed.groupby("category")["days"]
    longest = current.sort_values(["days", "key"], ascending=[False, True]).drop_duplicates("category")
    table = pd.DataFrame(
        {
            "clients": days.size().reindex(ids, fill_value=0),
            "median": days.median().reindex(ids),
            "longest": days.max().astype(float).reindex(ids),
            "longest_client": longest.set_index("category")["client"].reindex(ids, fill_value="").astype("str"),
            "passed": usual.size().reindex(ids, fill_value=0),
            "usual": usual.median().reindex(ids),
        },
        index=ids,
    )
    return table.reset_index()
