"""Moves of the base between two snapshots: who came and went, who warmed up and cooled down, and that it adds up.

A client (or a client's deal: the key of a base row) is followed from the latest earlier snapshot to this one. Where its
manager changed, it is first handed over in the category and with the money that it had, and moves then under the new
manager: so in every category, for every manager and for the department,

    start + entered - left = end            in clients
    start + entered - left + revalued = end in money

and the department's entered and left are its managers' less the clients handed over between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sheetsync import base
from sheetsync.matching import keys, pairs
from sheetsync.model import Moment
from sheetsync.periods import Kind, Period
from sheetsync.schema import Settings

EVENTS = ("new", "lost", "won", "up", "down", "calendar", "reassigned_in", "reassigned_out")
"""What is counted as `moves.<event>`; `revalued` is in `Moves.events` only."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved since the snapshot of `since`.

    `transitions`, one row per manager x source x target, and for the department (its name as `manager`):
        manager, source, target str · clients int · before, after float (money at the start and at the end, exact to
        the cent; blank amounts are 0)
        source is a category's id or `new`; target a category's id, `lost` or `reassigned` (handed to another manager).
        Those who stayed in their category are there too (source == target). A client who was handed over is in the
        old manager's row `category -> reassigned` and in the new manager's row of that category, as if it had always
        been there; the department has no `reassigned`.
    `balance`, one row per manager (and department) x category in the configuration's order:
        manager, category str · start, entered, left, end int · start_amount, entered_amount, left_amount, revalued,
        end_amount float
    `events`, one row per event of a client (several for one client are possible: won and up):
        manager str (who it counts for) · event str (`EVENTS`, or `revalued`) · key, client, deal str · source, target
        str (category ids, "" where none) · before, after float (money)
    """

    since: Period
    transitions: pd.DataFrame
    balance: pd.DataFrame
    events: pd.DataFrame


def moves(snapshots: pd.DataFrame, actions: pd.DataFrame, settings: Settings, moment: Moment) -> Moves | None:
    """The moves up to the snapshot of `moment.period`; None where it, or any earlier one of its length, is not stored.

    `snapshots`: see `base.SNAPSHOT_COLUMNS`; `actions`: `Ledger.actions`. Of several rows with one key, which the
    parser lets nobody have, one is followed.

    new: not there before. lost: gone from the base. won: a counted payment above 0 after the earlier snapshot's period
    and up to the as-of date; a later category of it is no move down. calendar: the category differs only because the
    month turned: with what the row says now it would have had its earlier category in the earlier snapshot's month, and
    with what it said then it would have the later one now.
    up, down: any other change of category, by the order of the list; one that is no longer configured is the coldest,
    and from one of those to another there is no up or down. revalued: the amount changed, the category not.
    """
    since = base.latest_before(snapshots, moment.period)
    earlier = None if since is None else base.stored(snapshots, since)
    later = None if earlier is None else base.stored(snapshots, moment.period)
    if since is None or earlier is None or later is None:
        return None
    was, now = _by_key(earlier), _by_key(later)
    followed = _followed(was, now)
    turned = followed.index.isin(_turned(followed, was, now, settings, since, moment))
    paying = followed.index.isin(_paying(pd.concat([earlier, later]), actions, settings, since, moment))
    names = base.in_order([*earlier["manager"], *later["manager"]], settings)
    ways, listed = _ways(followed, names), [*names, settings.department.name]
    return Moves(
        since=since,
        transitions=_transitions(ways, listed, settings),
        balance=_balance(ways, listed, settings),
        events=_events(followed.assign(calendar=turned, won=paying), names, settings),
    )


def measures(found: Moves | None, settings: Settings, managers: Sequence[str]) -> pd.DataFrame:
    """`base.<category>.entered`, `base.<category>.left` and `moves.<event>` per manager and for the department (last).

    Columns: manager, measure, unit str · actual float (NaN where there are no moves to tell of). Shown are `managers`
    in the configuration's order and whoever has rows in either snapshot. The department's reassigned figures are 0:
    handing over is no move of the department's.
    """
    department = settings.department.name
    present = set(managers) if found is None else {*managers, *found.balance["manager"]} - {department}
    names = [*base.in_order(present, settings), department]
    order = [f"base.{category.id}.{way}" for category in settings.base.categories for way in ("entered", "left")]
    order += [f"moves.{event}" for event in EVENTS]
    figures = None if found is None else _figures(found, department)
    actual = [[float("nan") if figures is None else float(figures[name, each]) for each in order] for name in names]
    return base.tidy(pd.DataFrame(actual, names, order), dict.fromkeys(order, "count"))


def _figures(found: Moves, department: str) -> Counter[tuple[str, str]]:
    """The measures by manager and measure, and others."""
    figures: Counter[tuple[str, str]] = Counter()
    for way in ("entered", "left"):
        for manager, category, n in zip(*(found.balance[name] for name in ("manager", "category", way)), strict=True):
            figures[manager, f"base.{category}.{way}"] += n
    for manager, event in zip(found.events["manager"], found.events["event"], strict=True):
        figures[manager, f"moves.{event}"] += 1
        if event not in ("reassigned_in", "reassigned_out"):
            figures[department, f"moves.{event}"] += 1
    return figures


# --- following a client ----------------------------------------------------------------------------------------------


def _by_key(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(key=keys(rows)).drop_duplicates("key").set_index("key")


def _followed(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Every client of either snapshot (`_by_key`), by key: what it was and what it is.

    there, here bool (whether it was in the earlier one, is in the later one) · giver, owner str (its managers then and
    now) · source, target str (its categories) · before, after float (cents, blank as 0) · client, deal str (as last
    written). Texts are "" and money is 0 in the snapshot without it.
    """
    index = earlier.index.union(later.index)
    was, now = (rows[_FOLLOWED].reindex(index) for rows in (earlier, later))
    texts = {"giver": was["manager"], "owner": now["manager"], "source": was["category"], "target": now["category"]}
    texts |= {name: now[name].fillna(was[name]) for name in ("client", "deal")}
    money = {"before": was["expected_amount"], "after": now["expected_amount"]}
    columns: dict[str, object] = {"there": index.isin(earlier.index), "here": index.isin(later.index)}
    columns |= {name: column.fillna("") for name, column in texts.items()}
    columns |= {name: (column * 100).round().fillna(0.0) for name, column in money.items()}
    return pd.DataFrame(columns, index=index.rename("key"))


_FOLLOWED = ["manager", "category", "client", "deal", "expected_amount"]


def _turned(
    followed: pd.DataFrame, was: pd.DataFrame, now: pd.DataFrame, settings: Settings, since: Period, moment: Moment
) -> pd.Index[str]:
    """Keys of those whose category differs only because the month turned; `was` and `now` are by key."""
    differing = followed[followed["there"] & followed["here"] & (followed["source"] != followed["target"])]
    if differing.empty:
        return differing.index
    then, rows = was.loc[differing.index], now.loc[differing.index]
    held = pd.Series(False, index=rows.index)
    for month in sorted({Period.containing(day, Kind.MONTH) for day in since.days}):
        held |= base.fitting(rows, settings, moment.as_of, month=month) == differing["source"]
    for each in (then, rows):
        held &= base.fitting(each, settings, moment.as_of) == differing["target"]
    return rows.index[held]


def _paying(
    rows: pd.DataFrame, actions: pd.DataFrame, settings: Settings, since: Period, moment: Moment
) -> pd.Series[str]:
    """Keys of those who paid after the earlier snapshot; `rows` are both snapshots'."""
    rows = rows.reset_index(drop=True)
    paid = actions["counted"] & actions["action"].isin(settings.payments) & (actions["amount"] > 0)
    recent = (actions["date"] > pd.Timestamp(since.end)) & (actions["date"] <= pd.Timestamp(moment.as_of))
    return keys(rows.loc[pairs(rows, actions[paid & recent])["row"].unique()])


def _changed_hands(followed: pd.DataFrame) -> pd.Series[bool]:
    return followed["there"] & followed["here"] & (followed["giver"] != followed["owner"])


def _events(followed: pd.DataFrame, names: Sequence[str], settings: Settings) -> pd.DataFrame:
    """What happened to each client, in the order of `names`, of `EVENTS` and of the keys."""
    there, here, handed = followed["there"], followed["here"], _changed_hands(followed)
    same = followed["source"] == followed["target"]
    order = _warmth(settings)
    was, now = (followed[name].map(order).fillna(len(order)) for name in ("source", "target"))
    by_itself = there & here & ~followed["calendar"]
    which = {
        "new": ~there,
        "lost": ~here,
        "won": followed["won"],
        "up": by_itself & (now < was),
        "down": by_itself & (now > was) & ~followed["won"],
        "calendar": followed["calendar"],
        "reassigned_in": handed,
        "reassigned_out": handed,
        "revalued": there & here & same & (followed["before"] != followed["after"]),
    }
    last = followed.assign(manager=followed["owner"].where(here, followed["giver"])).reset_index()
    at = [np.flatnonzero(mask) for mask in which.values()]
    listed = last.iloc[np.concatenate(at)].assign(nth=np.repeat(np.arange(len(at)), [len(each) for each in at]))
    listed["event"] = listed["nth"].map(dict(enumerate(which))).astype("str")
    listed["manager"] = listed["manager"].where(listed["event"] != "reassigned_out", listed["giver"])
    listed[["before", "after"]] /= 100
    listed["place"] = listed["manager"].map({name: place for place, name in enumerate(names)})
    columns = ["manager", "event", "key", "client", "deal", "source", "target", "before", "after"]
    return listed.sort_values(["place", "nth", "key"], ignore_index=True)[columns]


# --- ways from category to category ----------------------------------------------------------------------------------


def _ways(followed: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Each client's way from category to category: its last manager's; where it was handed over the former one's too,
    which ends with that; and the department's, to which it makes no difference whose a client is.

    place int (of the manager among `names`; the department comes after them) · source, target str (`new`, `lost` where
    there is no category) · before, after float (cents) · begins, ends bool (whether there is no category at that end)
    taken bool (handed over in its source category, so that it was not this manager's at the start)
    """
    there, here, handed = followed["there"], followed["here"], _changed_hands(followed)
    places = {name: place for place, name in enumerate(names)}
    ways = {
        "place": followed["owner"].where(here, followed["giver"]).map(places),
        "source": followed["source"].where(there, "new"),
        "target": followed["target"].where(here, "lost"),
        "before": followed["before"],
        "after": followed["after"],
        "begins": ~there,
        "ends": ~here,
        "taken": handed,
    }
    last = pd.DataFrame(ways)
    givers = followed.loc[handed, "giver"].map(places)
    given = last[handed].assign(place=givers, target="reassigned", after=0.0, ends=True, taken=False)
    return pd.concat([last, given, last.assign(place=len(names), taken=False)], ignore_index=True)


def _transitions(ways: pd.DataFrame, names: Sequence[str], settings: Settings) -> pd.DataFrame:
    """The ways counted, in the order of `names` (the department last) and of the categories."""
    figures = ["clients", "before", "after"]
    counted = ways.assign(clients=1).groupby(["place", "source", "target"], as_index=False)[figures].sum()
    counted[["before", "after"]] /= 100
    warmth = _warmth(settings)
    order = dict.fromkeys(("new", "lost", "reassigned"), len(warmth) + 1) | warmth
    ranks = {f"{name}_rank": counted[name].map(order).fillna(len(warmth)) for name in ("source", "target")}
    counted = counted.assign(manager=pd.Series([names[place] for place in counted["place"]], dtype="str"), **ranks)
    ordered = counted.sort_values(["place", *ranks, "source", "target"], ignore_index=True)
    return ordered[["manager", "source", "target", *figures]]


def _balance(ways: pd.DataFrame, names: Sequence[str], settings: Settings) -> pd.DataFrame:
    """Start, entered, left and end of each category, in clients and in money."""
    begins, ends, taken, differs = ways["begins"], ways["ends"], ways["taken"], ways["source"] != ways["target"]
    leaving = {"start": ~begins & ~taken, "entered": taken, "left": ~begins & (ends | differs)}
    arriving = {"entered": ~ends & (begins | differs), "end": ~ends}
    growth = (ways["after"] - ways["before"]).where(~begins & ~ends & ~differs, 0.0)
    sides = [_side(ways, "source", "before", leaving), _side(ways, "target", "after", arriving).assign(revalued=growth)]
    ids = [category.id for category in settings.base.categories]
    grid = pd.MultiIndex.from_product([range(len(names)), ids], names=["place", "category"])
    totals = pd.concat(sides).groupby(["place", "category"]).sum().reindex(grid, fill_value=0.0)
    return pd.DataFrame(
        {
            "manager": pd.Series([name for name in names for _ in ids], dtype="str"),
            "category": pd.Series([id_ for _ in names for id_ in ids], dtype="str"),
            **{name: totals[name].to_numpy(dtype="int64") for name in _CLIENTS},
            **{name: totals[name].to_numpy() / 100 for name in _MONEY},
        }
    )


_CLIENTS = ("start", "entered", "left", "end")
_MONEY = ("start_amount", "entered_amount", "left_amount", "revalued", "end_amount")


def _side(ways: pd.DataFrame, end: str, money: str, counts: Mapping[str, pd.Series[bool]]) -> pd.DataFrame:
    """What each way counts for in the category at that end of it: by name 1 or 0, and money (cents) or 0."""
    clients = {name: mask.astype("float64") for name, mask in counts.items()}
    amounts = {f"{name}_amount": ways[money].where(mask, 0.0) for name, mask in counts.items()}
    return pd.DataFrame({"place": ways["place"], "category": ways[end], **clients, **amounts})


def _warmth(settings: Settings) -> dict[str, int]:
    return {category.id: place for place, category in enumerate(settings.base.categories)}
