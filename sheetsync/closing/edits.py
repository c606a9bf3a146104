"""Late edits: what differs between a period's rows at the close and now, and what that does to its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sheetsync import cells
from sheetsync.closing.content import FIELDS, NUMBERS, WORDS, folded, in_order, within
from sheetsync.closing.kept import periods_of, rows_of
from sheetsync.closing.names import Line, Since, Spelt, among, readable, unread_lines
from sheetsync.model import Issue
from sheetsync.periods import Period
from sheetsync.schema import Settings

Measure = Callable[[pd.DataFrame], pd.DataFrame]
"""From `Ledger.actions` to what a period amounts to: manager, measure, unit str · plan, actual, attainment float."""

_MANAGER = list(FIELDS).index("manager")


@dataclass(frozen=True, slots=True)
class RowEdits:
    """The log rows of a closed period (columns of `Ledger.actions`) that people added, removed or changed.

    `changed` has `before` and `after` rows side by side as pairs of index labels into `removed` and `added`. Managers
    in them are called as today.
    """

    period: Period
    added: pd.DataFrame
    removed: pd.DataFrame
    changed: tuple[tuple[int, int], ...]

    def __bool__(self) -> bool:
        return bool(len(self.added) or len(self.removed))


@dataclass(frozen=True, slots=True)
class LateEdits(RowEdits):
    """What people changed in a closed period: its rows, and the figures that differ.

    `figures`: manager, measure, unit str · before, after float; managers as the History of the period calls them.
    `rows` are the period's log rows as they are now, `counted` as in the comparison: what is to be kept where the edits
    are accepted. `beside` are the edits of other closed periods that have days in common with this one.
    """

    figures: pd.DataFrame
    rows: pd.DataFrame
    beside: tuple[RowEdits, ...] = ()


def late_edits(
    closed: pd.DataFrame,
    history: pd.DataFrame,
    actions: pd.DataFrame,
    settings: Settings,
    period: Period,
    measure: Measure,
    *,
    issues: Iterable[Issue] = (),
) -> LateEdits:
    """What differs between the period's rows as they were kept and as they are now, and what it does to the figures.

    `history`: see `history.COLUMNS`; `actions`, `issues`: the ledger's. A row that counts neither then nor now is no
    edit, nor are the rows of a manager or an action that is no longer configured. `before` is the closed figure in the
    History, else what `measure` makes of the kept rows; `after` is that and the difference that the edits make,
    rounded as in the History. `measure` is called only where rows differ; but for the period's, it gets the same rows
    both times. Of a period that nothing was kept of, nothing differs.
    """
    typed, outside = tuple(issues), actions[~within(actions, period)]
    compared = _compared(closed, actions, settings, period, typed)
    if compared is None:
        return _unchanged(period, actions.drop(outside.index))
    edits, rows = compared.edits(period), compared.now()
    if not edits:
        return _unchanged(period, rows)
    before, after = (measure(pd.concat([outside, side], ignore_index=True)) for side in (compared.then(), rows))
    own = history[(history["period"] == str(period)) & (history["status"] != "superseded")]
    figures = _figures(own, before, after, _historic(own, compared.since, settings.department.name))
    beside = tuple(_beside(closed, actions, settings, period, typed))
    return LateEdits(period, edits.added, edits.removed, edits.changed, figures, rows, beside)


def _beside(
    closed: pd.DataFrame, actions: pd.DataFrame, settings: Settings, period: Period, issues: Collection[Issue]
) -> Iterator[RowEdits]:
    """What was edited in the other closed periods that have days in common with this one."""
    for other in periods_of(closed["period"]).values():
        if other != period and other.start <= period.end and period.start <= other.end:
            compared = _compared(closed, actions, settings, other, issues)
            edits = None if compared is None else compared.edits(other)
            if edits:
                yield edits


def _compared(
    closed: pd.DataFrame, actions: pd.DataFrame, settings: Settings, period: Period, issues: Collection[Issue]
) -> _Compared | None:
    """A period's kept rows beside those of now; None where they are the very same, or nothing was kept."""
    lines, now = closed[closed["period"] == str(period)], actions[within(actions, period)]
    if lines.empty or _alike(lines[lines["record"] == "row"], now):
        return None
    since = Since(Spelt.kept(lines), Spelt.of(settings))
    then = rows_of(lines)
    today = since.renamed(then)
    gone = (today["manager"] == "") | (today["action"] == "")
    revealed = readable(lines[lines["record"] == "unread"], since)
    hidden = readable(unread_lines(issues, period), since)
    return _Compared(since, then[gone], _Sides.of(today[~gone], now).forgiving(revealed, hidden).settled())


@dataclass(frozen=True, slots=True)
class _Compared:
    """A period's log rows at the close and now; `strangers` are those whose manager or action is gone."""

    since: Since
    strangers: pd.DataFrame
    sides: _Sides

    def then(self) -> pd.DataFrame:
        """The rows of the close."""
        return pd.concat([self.strangers, self.sides.rows[~self.sides.new]])

    def now(self) -> pd.DataFrame:
        """The rows as they are now, with those that names alone have hidden."""
        return pd.concat([self.strangers, self.sides.standing()], ignore_index=True)

    def edits(self, period: Period) -> RowEdits:
        """What differs."""
        removed, added, changed = self.sides.differences()
        return RowEdits(period, self.sides.taken(added), self.sides.taken(removed), changed)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The rows of the close, first, and those of now in one frame.

    `rows`: as `Ledger.actions`, index from 0; `new`: which are those of now; `says`: what they say, per field of
    `FIELDS` a number that is the same for the same; `partner`: label of the row of the other side that says the same,
    -1 where there is none, -2 where that is the configuration's doing.
    """

    rows: pd.DataFrame
    new: pd.Series[bool]
    says: pd.DataFrame
    partner: pd.Series[int]

    @classmethod
    def of(cls, then: pd.DataFrame, now: pd.DataFrame) -> _Sides:
        """Both sides with their partners; of rows that say the same, those that counted find each other first."""
        rows = pd.concat([then, now], ignore_index=True)
        new = pd.Series(rows.index >= len(then), index=rows.index)
        says = _said(rows)
        same = says.groupby(list(says), sort=False).ngroup()
        first = rows["counted"].sort_values(ascending=False, kind="stable").index
        nth = same.loc[first].groupby([same.loc[first], new.loc[first]]).cumcount()
        places = pd.DataFrame({"same": same, "nth": nth, "label": rows.index})
        pairs = places[~new].merge(places[new], on=["same", "nth"], suffixes=("", "_now"))
        partner = pd.Series(-1, index=rows.index)
        partner.loc[pairs["label"]] = pairs["label_now"].to_numpy()
        partner.loc[pairs["label_now"]] = pairs["label"].to_numpy()
        return cls(rows, new, says, partner)

    def forgiving(self, revealed: Counter[Line], hidden: Counter[Line]) -> _Sides:
        """With those that names alone have revealed, which count as little as at the close, or hidden."""
        alone = in_order(self.rows[self.partner == -1])
        appeared = among(alone[self.new[alone.index]], revealed)
        vanished = among(alone[~self.new[alone.index]], hidden)
        if not appeared and not vanished:
            return self
        rows, partner = self.rows.copy(), self.partner.copy()
        rows.loc[appeared, "counted"] = False
        partner.loc[[*appeared, *vanished]] = -2
        return replace(self, rows=rows, partner=partner)

    def settled(self) -> _Sides:
        """With what says the same as at the close counting as it did then.

        But where a row that counts came to, or left, those of which only one counts (the same but for the figures),
        they count as they do now.
        """
        alone, rows = self.partner == -1, self.rows
        settled = rows["counted"].copy()
        paired = self.new & (self.partner >= 0)
        settled[paired] = rows["counted"].loc[self.partner[paired]].to_numpy()
        if (alone & rows["counted"]).any():
            once = self.says[WORDS].assign(evidence=folded(rows["evidence"]))
            same = once.groupby(list(once), sort=False).ngroup()
            proven = ~rows["evidence"].map({text: cells.filler(text) for text in rows["evidence"].unique()}).astype(
                bool
            )
            moved = proven & same.isin(same[alone & rows["counted"]])
            settled[paired & moved] = rows["counted"][paired & moved]
        return replace(self, rows=rows.assign(counted=settled))

    def standing(self) -> pd.DataFrame:
        """The period's rows as they are now; those that names alone have hidden are still among them."""
        return self.rows[self.new | (self.partner == -2)]

    def differences(self) -> tuple[list[int], list[int], tuple[tuple[int, int], ...]]:
        """Labels of the rows removed and added, and which of them are one row that changed, as pairs of places.

        A row that counts on neither side is left out.
        """
        alone = self.rows[self.partner == -1]
        if alone.empty:
            return [], [], ()
        removed, added = (list(in_order(alone[side]).index) for side in (~self.new[alone.index], self.new[alone.index]))
        pairs = _pairs(self.rows, self.says, removed, added)
        counted = self.rows["counted"]
        partners = pairs | {new: old for old, new in pairs.items()}
        seen = {label for label in alone.index if counted[label] or (label in partners and counted[partners[label]])}
        removed, added = [label for label in removed if label in seen], [label for label in added if label in seen]
        places = {label: place for labels in (removed, added) for place, label in enumerate(labels)}
        return removed, added, tuple((places[old], places[pairs[old]]) for old in removed if old in pairs)

    def taken(self, labels: Sequence[int]) -> pd.DataFrame:
        """These rows, counted from 0."""
        return self.rows.loc[list(labels)].reset_index(drop=True)


def _unchanged(period: Period, rows: pd.DataFrame) -> LateEdits:
    none = pd.DataFrame({"manager": [], "measure": [], "unit": []}, dtype="str").assign(before=0.0, after=0.0)
    return LateEdits(period, rows[:0], rows[:0], (), none, rows)


def _alike(lines: pd.DataFrame, now: pd.DataFrame) -> bool:
    """Whether kept rows and those of now are the very same, in any order: they mostly are, and it is quickly told."""
    if len(lines) != len(now):
        return False
    then = lines.assign(counted=lines["counted"] == "yes", rejected=lines["rejected"] == "yes")
    return _counter(then) == _counter(now)


def _counter(rows: pd.DataFrame) -> Counter[tuple[object, ...]]:
    """How often each content is there; blank numbers as what no number is."""
    blank = {name: rows[name].astype(object).where(rows[name].notna(), "") for name in NUMBERS}
    columns = [blank.get(name, rows[name]) for name in [*FIELDS, "counted"]]
    return Counter(zip(*(column.tolist() for column in columns), strict=True))


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """What the rows say, as numbers: names folded, money in cents, blank apart from 0."""
    cents = {name: (rows[name] * 100).round() for name in ("amount", "profit")}
    said = rows.assign(
        client=folded(rows["client"]), deal=folded(rows["deal"]), quantity=rows["quantity"].round(6), **cents
    )
    return pd.DataFrame({name: pd.factorize(said[name], use_na_sentinel=False)[0] for name in FIELDS}, index=rows.index)


def _pairs(rows: pd.DataFrame, says: pd.DataFrame, removed: Sequence[int], added: Sequence[int]) -> dict[int, int]:
    """Which row was changed into which: label -> label, each once, the nearest first.

    Near is what differs in few fields, then what stayed with its manager, then what differs by little in its numbers.
    """
    said = dict(zip([*removed, *added], says.loc[[*removed, *added]].itertuples(index=False, name=None), strict=True))
    numbers = rows.loc[list(said), list(NUMBERS)].fillna(0.0).sum(axis=1).to_dict()
    places = {label: place for place, label in enumerate(said)}

    def distance(pair: tuple[int, int]) -> tuple[float, ...]:
        old, new = pair
        differing = [one != other for one, other in zip(said[old], said[new], strict=True)]
        return sum(differing), differing[_MANAGER], abs(numbers[old] - numbers[new]), places[old], places[new]

    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for old, new in sorted(_near(said, removed, added), key=distance):
        if old not in pairs and new not in taken:
            pairs[old] = new
            taken.add(new)
    return pairs


def _near(said: Mapping[int, tuple[int, ...]], removed: Iterable[int], added: Iterable[int]) -> set[tuple[int, int]]:
    """Rows that can be one before and after: all but one field, or manager, date, action and client in common."""
    near: set[tuple[int, int]] = set()
    fields = range(len(FIELDS))
    for way in (*([place for place in fields if place != field] for field in fields), fields[:4]):
        alike: dict[tuple[int, ...], list[int]] = {}
        for label in removed:
            alike.setdefault(tuple(said[label][place] for place in way), []).append(label)
        for label in added:
            key = tuple(said[label][place] for place in way)
            near.update((old, label) for old in alike.get(key, ()))
    return near


# --- figures ---------------------------------------------------------------------------------------------------------


def _historic(own: pd.DataFrame, since: Since, department: str) -> dict[str, str]:
    """Today's names -> those that the period's History rows have; the department's row is the last one's."""
    named = {since.today("manager", name): name for name in reversed(own["manager"].unique())}
    last = own["manager"].iloc[-1] if len(own) else department
    if department not in set(own["manager"]) and since.today("manager", last) is None:
        named[department] = last
    return {today: name for today, name in named.items() if today is not None}


def _figures(own: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The measures that differ, by manager and measure as `after` has them; see `late_edits`."""
    key = ["manager", "measure"]
    each = pd.concat([after, before], ignore_index=True).drop_duplicates(key)[[*key, "unit"]]
    each = each.merge(before[[*key, "actual"]].rename(columns={"actual": "then"}), how="left", on=key)
    each = each.merge(after[[*key, "actual"]].rename(columns={"actual": "now"}), how="left", on=key)
    each = each.assign(manager=each["manager"].map(names).fillna(each["manager"]).astype("str"))
    told = own[[*key, "actual"]].drop_duplicates(key).assign(told=True)
    each = each.merge(told, how="left", on=key)
    each = each.assign(before=each["actual"].where(each["told"].notna(), each["then"]))
    each = each.assign(after=(each["before"] + each["now"] - each["then"]).fillna(each["now"]))
    rounded = {name: _rounded(each[name], each["unit"]) for name in ("then", "now", "before", "after")}
    each = each.assign(**rounded)
    differ = ~_same(each["then"], each["now"]) & ~_same(each["before"], each["after"])
    return each.loc[differ, [*key, "unit", "before", "after"]].reset_index(drop=True)


def _rounded(values: pd.Series[float], units: pd.Series[str]) -> pd.Series[float]:
    return values.round(6).where(units != "money", (values * 100).round() / 100) + 0.0


def _same(one: pd.Series[float], other: pd.Series[float]) -> pd.Series[bool]:
    return (one == other) | (one.isna() & other.isna())
