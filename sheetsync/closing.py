"""Closing a period: its rows and plans are kept in a hidden tab, and what somebody changes in it later is seen.

Rows are compared by what they say, not by where they stand, so that sorting a log is no edit. What the configuration
has made of them since is none either: a row that says the same counts as it did at the close; names are followed from
those of the close to today's; and a row that could not be read then, or can't be now, for a name alone that the
configuration has gained or lost, is left as it was. A period's figures are measured twice under today's configuration,
with the rows of the close and with those of now, and only the difference is put onto the closed figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from sheetsync import cells, tables
from sheetsync.model import CellRef, Issue, Ledger, Severity, known
from sheetsync.parse import ACTIONS
from sheetsync.periods import Kind, Period
from sheetsync.rows import Names
from sheetsync.schema import Settings, Unit
from sheetsync.texts import LANGUAGES, Texts, fold

Measure = Callable[[pd.DataFrame], pd.DataFrame]
"""From `Ledger.actions` to what a period amounts to: manager, measure, unit str · plan, actual, attainment float."""

MOST_ROWS = 20
"""So many changed rows of a manager in a period are told one by one."""

_READINGS = MappingProxyType[str, tables.Reading](
    {
        "record": "text",
        "period": "text",
        "manager": "text",
        "date": "day",
        "action": "text",
        "client": "text",
        "deal": "text",
        "evidence": "text",
        "quantity": "number",
        "amount": "number",
        "profit": "number",
        "counted": "text",
        "rejected": "text",
        "measure": "text",
        "plan": "number",
        "spellings": "text",
    }
)

COLUMNS = tuple(_READINGS)
"""The columns of the hidden tab: texts str, `date` datetime64, numbers float (NaN blank; money exact to the cent).

`record` says what a line is, and `period` (an id) whose: `period` alone is there for each that was closed; a `plan` has
manager, measure and plan; a `row` of the log all from manager to rejected (`yes` or `no`), whether it counted or not; a
`name` is how a manager or an action (id) could be typed then, one of the `spellings` a line; an `unread` row had a
manager or an action that the configuration did not know, as typed (no date: all rows of a tab named after nobody).
"""

_RECORDS = ("period", "plan", "row", "name", "unread")
_CONTENT = ["date", "manager", "action", "client", "deal", "evidence", "quantity", "amount", "profit"]
_FIELDS = {name: "Checked" if name == "rejected" else name.title() for name in [*_CONTENT, "rejected"]}
_MANAGER = _CONTENT.index("manager")
_NUMBERS = ("quantity", "amount", "profit")
_WORDS = ["date", "manager", "action", "client", "deal"]
_LONGEST = 80  # of a text in an issue
_Line = tuple[object, str, str]
"""Date (NaT: any day), manager, and action ("" for any)."""


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


# --- the hidden tab --------------------------------------------------------------------------------------------------


def from_cells(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The hidden tab of closed periods as a frame of `COLUMNS`, sorted by period and record; header in `rows[0]`.

    The tab is ours, and what people did to it is mended: a line that says nothing, or that lies outside its period, is
    ignored; a row that does not say otherwise counted, and was not rejected.
    """
    read = tables.read(rows, _READINGS)
    periods = _periods(read["period"])
    read = read[read["record"].isin(_RECORDS) & read["period"].isin(list(periods))]
    spans, is_row = read["period"].map(periods), read["record"] == "row"
    counted, rejected = read["counted"].map(fold), read["rejected"].map(fold)
    mended = read.assign(
        period=spans.map(str),
        counted=counted.where(counted == "no", "yes").where(is_row, ""),
        rejected=rejected.where(rejected == "yes", "no").where(is_row, ""),
    )
    return _by_period(tables.typed(mended[_whole(read, spans)], _READINGS))


def _whole(lines: pd.DataFrame, spans: pd.Series[Any]) -> pd.Series[bool]:
    """Which lines say all that their record has to say; `spans` are their periods."""
    record, manager = lines["record"], lines["manager"] != ""
    named = manager | (lines["action"] != "")
    first, last = (pd.to_datetime(spans.map(lambda span, end=end: getattr(span, end))) for end in ("start", "end"))
    done = manager & (lines["action"] != "") & lines["date"].between(first, last)
    planned = manager & (lines["measure"] != "") & lines["plan"].notna()
    return (
        (record == "period")
        | ((record == "plan") & planned)
        | ((record == "row") & done)
        | (record.isin(["name", "unread"]) & named)
    )


def freeze(
    closed: pd.DataFrame,
    period: Period,
    actions: pd.DataFrame,
    figures: pd.DataFrame,
    *,
    settings: Settings | None = None,
    issues: Iterable[Issue] = (),
) -> pd.DataFrame:
    """The frame with the period's log rows and plans as they are now, in place of what was kept of it before.

    `actions`: as `Ledger.actions`, of which those dated in the period are kept, counted or not; `figures`: manager,
    measure str · plan float (NaN: no plan), such as the period's rows of the History. `settings` and `issues` (the
    ledger's) tell which names were understood and which were not: without them, rows that a later change of names
    reveals or hides look like late edits.
    """
    parts = {
        "period": pd.DataFrame(index=[0]),
        "plan": _plans(figures),
        "row": _kept_rows(actions[_within(actions, period)]),
        "name": _Names.of(settings).lines() if settings else pd.DataFrame(),
        "unread": _unread(issues, period),
    }
    lines = [part.assign(record=record, period=str(period)) for record, part in parts.items()]
    others = closed[closed["period"] != str(period)]
    return _by_period(tables.typed(pd.concat([others, *lines], ignore_index=True), _READINGS))


def _plans(figures: pd.DataFrame) -> pd.DataFrame:
    """What was planned, as lines; superseded rows of the History, which stand last, add nothing."""
    planned = figures.loc[figures["plan"].notna(), ["manager", "measure", "plan"]]
    planned = planned.assign(plan=planned["plan"].round(6) + 0.0)
    return planned.drop_duplicates(["manager", "measure"])


def kept_ids(closed: pd.DataFrame) -> frozenset[str]:
    """The ids of the periods that something was kept of. One that History alone calls closed is not among them."""
    return frozenset(closed["period"])


def kept(closed: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The period's log rows as they were kept: columns of `Ledger.actions`; the tab is "", rows are counted from 1.

    Managers and actions are those of the close.
    """
    return _rows(closed[closed["period"] == str(period)])


def _rows(lines: pd.DataFrame) -> pd.DataFrame:
    """The log rows among a period's lines."""
    rows = lines[lines["record"] == "row"]
    rows = rows.assign(
        tab="",
        row=range(1, len(rows) + 1),  # a row of its own for each: whoever reads a log tells rows apart by it
        comment="",
        client_key=_folded(rows["client"]),
        deal_key=_folded(rows["deal"]),
        counted=rows["counted"] != "no",
        rejected=rows["rejected"] == "yes",
    )
    return rows[list(ACTIONS)].reset_index(drop=True).astype(dict(ACTIONS))


def _kept_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the log in a fixed order, as lines."""
    rows = _in_order(rows)[[*_CONTENT, "counted", "rejected"]]
    flags = {name: rows[name].map({True: "yes", False: "no"}) for name in ("counted", "rejected")}
    return rows.assign(**flags)


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sorted by what they say; rows that say the same by whether they counted."""
    return rows.sort_values([*_CONTENT, "counted", "rejected"], kind="stable")


def _by_period(closed: pd.DataFrame) -> pd.DataFrame:
    """Sorted by start, then shorter periods first, then in the order of the records; else the order stays."""
    periods = _periods(closed["period"])
    keys = pd.DataFrame(
        {
            "start": closed["period"].map({text: period.start.toordinal() for text, period in periods.items()}),
            "days": closed["period"].map({text: len(period.days) for text, period in periods.items()}),
            "record": closed["record"].map({record: place for place, record in enumerate(_RECORDS)}),
        },
        index=closed.index,
    )
    order = keys.sort_values(["start", "days", "record"], kind="stable").index
    return closed.loc[order].reset_index(drop=True)


def _periods(ids: pd.Series[str]) -> dict[str, Period]:
    """The periods that these texts name."""
    known = {}
    for text in ids.unique():
        try:
            known[text] = Period.parse(text)
        except (ValueError, OverflowError):
            continue
    return known


def _within(rows: pd.DataFrame, period: Period) -> pd.Series[bool]:
    return rows["date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))


def _folded(texts: pd.Series[str]) -> pd.Series[str]:
    return texts.map({text: fold(text) for text in texts.unique()}).astype("str")


# --- names, then and now ---------------------------------------------------------------------------------------------


class _Names:
    """How managers and actions can be typed under a configuration: id -> spellings."""

    def __init__(self, managers: Mapping[str, Sequence[str]], actions: Mapping[str, Sequence[str]]) -> None:
        self.spellings: Mapping[str, Mapping[str, Sequence[str]]] = {"manager": managers, "action": actions}
        self._known = {kind: Names(names, {}) for kind, names in self.spellings.items()}

    @classmethod
    def of(cls, settings: Settings) -> _Names:
        """The names that the configuration knows."""
        return cls(
            {manager.name: manager.aliases for manager in settings.managers},
            {id_: list(dict.fromkeys(map(it.label.text, LANGUAGES))) for id_, it in settings.actions.items()},
        )

    @classmethod
    def kept(cls, lines: pd.DataFrame) -> _Names:
        """The names that were known when a period was closed, from its lines."""
        lines = lines[lines["record"] == "name"]
        known: dict[str, dict[str, Sequence[str]]] = {
            kind: {id_: text.split("\n") for id_, text in zip(lines[kind], lines["spellings"], strict=True) if id_}
            for kind in ("manager", "action")
        }
        return cls(known["manager"], known["action"])

    def find(self, kind: str, name: str) -> str | None:
        """The id of what is called so."""
        return self._known[kind].find(name)

    def lines(self) -> pd.DataFrame:
        """The names as they are kept."""
        return pd.DataFrame(
            [
                {kind: id_, "spellings": "\n".join(spellings)}
                for kind, names in self.spellings.items()
                for id_, spellings in names.items()
            ]
        )


@dataclass(frozen=True, slots=True)
class _Since:
    """The names of a close and those of today."""

    then: _Names
    now: _Names

    def today(self, kind: str, name: str) -> str | None:
        """Who or what a name stands for today: by itself, else by any other name that it had at the close."""
        known = self.then.find(kind, name)
        others = (known, *self.then.spellings[kind].get(known, ())) if known else ()
        return next((found for found in (self.now.find(kind, it) for it in (name, *others)) if found), None)

    def renamed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of the log with managers and actions as they are today, "" for one that is gone."""
        return rows.assign(
            **{
                kind: rows[kind].map({name: self.today(kind, name) or "" for name in rows[kind].unique()}).astype("str")
                for kind in ("manager", "action")
            }
        )


def _unread(issues: Iterable[Issue], period: Period) -> pd.DataFrame:
    """The period's rows whose manager or action is not known, as lines: one per row, or per tab of nobody's."""
    found: dict[tuple[str, int], dict[str, object]] = {}
    for issue in issues:
        whole_tab = issue.day is None and issue.cell.row == 1
        if issue.code in ("manager_unknown", "action_unknown") and (whole_tab or issue.day in period):
            day = pd.Timestamp(issue.day) if issue.day else pd.NaT
            usual: dict[str, object] = {"date": day, "manager": issue.manager, "action": ""}
            line = found.setdefault((issue.cell.tab, issue.cell.row), usual)
            line[issue.code.removesuffix("_unknown")] = issue.typed
    lines = pd.DataFrame(list(found.values()), columns=["date", "manager", "action"])
    return lines.sort_values(["date", "manager", "action"], kind="stable")


def _readable(unread: pd.DataFrame, since: _Since) -> Counter[_Line]:
    """What unread rows are under the names of the other time: (date or NaT, manager, action or "") -> how many."""
    lines: Counter[_Line] = Counter()
    for day, typed, what in unread[["date", "manager", "action"]].itertuples(index=False, name=None):
        manager, action = since.today("manager", typed), since.today("action", what) if what else ""
        if manager is not None and action is not None:
            lines[day, manager, action] += 1
    return lines


def _among(rows: pd.DataFrame, lines: Counter[_Line]) -> list[int]:
    """Labels of the rows that such lines stand for: one row for each, all of a manager's for one without date."""
    left, tabs = lines.copy(), {manager for day, manager, _ in lines if day is pd.NaT}
    found = []
    for label, day, manager, action in rows[["date", "manager", "action"]].itertuples(name=None):
        key = next((key for key in ((day, manager, action), (day, manager, "")) if left[key] > 0), None)
        if key is not None:
            left[key] -= 1
        if key is not None or manager in tabs:
            found.append(label)
    return found


# --- comparing -------------------------------------------------------------------------------------------------------


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
    typed, outside = tuple(issues), actions[~_within(actions, period)]
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
    for other in _periods(closed["period"]).values():
        if other != period and other.start <= period.end and period.start <= other.end:
            compared = _compared(closed, actions, settings, other, issues)
            edits = None if compared is None else compared.edits(other)
            if edits:
                yield edits


def _compared(
    closed: pd.DataFrame, actions: pd.DataFrame, settings: Settings, period: Period, issues: Collection[Issue]
) -> _Compared | None:
    """A period's kept rows beside those of now; None where they are the very same, or nothing was kept."""
    lines, now = closed[closed["period"] == str(period)], actions[_within(actions, period)]
    if lines.empty or _alike(lines[lines["record"] == "row"], now):
        return None
    since = _Since(_Names.kept(lines), _Names.of(settings))
    then = _rows(lines)
    today = since.renamed(then)
    gone = (today["manager"] == "") | (today["action"] == "")
    revealed = _readable(lines[lines["record"] == "unread"], since)
    hidden = _readable(_unread(issues, period), since)
    return _Compared(since, then[gone], _Sides.of(today[~gone], now).forgiving(revealed, hidden).settled())


@dataclass(frozen=True, slots=True)
class _Compared:
    """A period's log rows at the close and now; `strangers` are those whose manager or action is gone."""

    since: _Since
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
    `_FIELDS` a number that is the same for the same; `partner`: label of the row of the other side that says the same,
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

    def forgiving(self, revealed: Counter[_Line], hidden: Counter[_Line]) -> _Sides:
        """With those that names alone have revealed, which count as little as at the close, or hidden."""
        alone = _in_order(self.rows[self.partner == -1])
        appeared = _among(alone[self.new[alone.index]], revealed)
        vanished = _among(alone[~self.new[alone.index]], hidden)
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
            once = self.says[_WORDS].assign(evidence=_folded(rows["evidence"]))
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
        removed, added = (
            list(_in_order(alone[side]).index) for side in (~self.new[alone.index], self.new[alone.index])
        )
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
    blank = {name: rows[name].astype(object).where(rows[name].notna(), "") for name in _NUMBERS}
    columns = [blank.get(name, rows[name]) for name in [*_FIELDS, "counted"]]
    return Counter(zip(*(column.tolist() for column in columns), strict=True))


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """What the rows say, as numbers: names folded, money in cents, blank apart from 0."""
    cents = {name: (rows[name] * 100).round() for name in ("amount", "profit")}
    said = rows.assign(
        client=_folded(rows["client"]), deal=_folded(rows["deal"]), quantity=rows["quantity"].round(6), **cents
    )
    return pd.DataFrame(
        {name: pd.factorize(said[name], use_na_sentinel=False)[0] for name in _FIELDS}, index=rows.index
    )


def _pairs(rows: pd.DataFrame, says: pd.DataFrame, removed: Sequence[int], added: Sequence[int]) -> dict[int, int]:
    """Which row was changed into which: label -> label, each once, the nearest first.

    Near is what differs in few fields, then what stayed with its manager, then what differs by little in its numbers.
    """
    said = dict(zip([*removed, *added], says.loc[[*removed, *added]].itertuples(index=False, name=None), strict=True))
    numbers = rows.loc[list(said), list(_NUMBERS)].fillna(0.0).sum(axis=1).to_dict()
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
    fields = range(len(_FIELDS))
    for way in (*([place for place in fields if place != field] for field in fields), fields[:4]):
        alike: dict[tuple[int, ...], list[int]] = {}
        for label in removed:
            alike.setdefault(tuple(said[label][place] for place in way), []).append(label)
        for label in added:
            key = tuple(said[label][place] for place in way)
            near.update((old, label) for old in alike.get(key, ()))
    return near


# --- figures ---------------------------------------------------------------------------------------------------------


def _historic(own: pd.DataFrame, since: _Since, department: str) -> dict[str, str]:
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


# --- what people are told --------------------------------------------------------------------------------------------


def issues(edits: LateEdits, ledger: Ledger, settings: Settings) -> tuple[Issue, ...]:
    """The late edits as warnings: one per figure of an indicator (manager, figure, before, after) and one per row.

    The department's figures are its managers', and not told again. A figure's issue stands at a row that changed it.
    A row that closed periods have in common, such as a week and its month, is told with the longest of them, and names
    all. Of one manager's rows the first `MOST_ROWS` are told one by one. They have no day: a closed period's are listed
    whatever period is synced.
    """
    teller = _Teller(edits, ledger, settings)
    return (*teller.figures(), *teller.rows())


def missing(periods: Collection[str], ledger: Ledger, settings: Settings) -> list[Issue]:
    """Warnings, one for each of these closed periods of which nothing is kept: nobody can tell what was changed."""
    texts = Texts(settings.workbook.language)
    first = next(iter(ledger.places), settings.workbook.tabs.actions[0])
    return [
        Issue(
            Severity.WARNING,
            "closed_rows_gone",
            CellRef(first, 1, 1),
            "",
            "",
            texts(
                "What was kept of the closed period {period} is gone, so later changes in it are not seen.",
                period=period,
            ),
            texts("Keep its rows as they are now: `sheetsync close --period {period}`.", period=period),
            texts("The closed figures stay as they are."),
        )
        for period in sorted(periods)
    ]


_Row = Mapping[str, Any]
"""One row of the log, as a record of `Ledger.actions`; empty where there is none."""
_NOTHING: _Row = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Event:
    """A row before and after. `parts` are what it is known by in another period that has the day in common."""

    old: _Row
    new: _Row
    parts: frozenset[object]

    @property
    def row(self) -> _Row:
        """The row as it is, else as it was."""
        return self.new or self.old


def _events(edits: RowEdits) -> list[_Event]:
    """What happened to each row, by date."""
    removed, added = _records(edits.removed), _records(edits.added)
    copies: Counter[tuple[str, ...]] = Counter()
    olds: list[object] = []
    for row in removed:
        content = tuple(str(row[name]) for name in _FIELDS)
        copies[content] += 1
        olds.append((content, copies[content]))
    news = [(row["tab"], row["row"]) for row in added]
    befores, afters = ({pair[side] for pair in edits.changed} for side in (0, 1))
    events = [_Event(removed[old], added[new], frozenset([olds[old], news[new]])) for old, new in edits.changed]
    events += [_Event(row, _NOTHING, frozenset([olds[at]])) for at, row in enumerate(removed) if at not in befores]
    events += [_Event(_NOTHING, row, frozenset([news[at]])) for at, row in enumerate(added) if at not in afters]
    return sorted(events, key=lambda event: event.row["date"])


def _shared(edits: LateEdits) -> Iterator[tuple[_Event, tuple[Period, ...]]]:
    """The events that are this period's to tell, and the closed periods that they are edits of, shorter ones first.

    Another period tells those of which it sees more (a row that moved within it), or as much while it is longer.
    """
    own, length, kinds = _events(edits), len(edits.period.days), tuple(Kind)
    others = [
        (each.period, {part: event.parts for event in _events(each) for part in event.parts}) for each in edits.beside
    ]
    for event in own:
        seen = [(period, parts[part]) for period, parts in others for part in event.parts if part in parts]
        if any(parts > event.parts or (parts == event.parts and len(period.days) > length) for period, parts in seen):
            continue
        periods = {edits.period, *(period for period, parts in seen if parts <= event.parts)}
        yield event, tuple(sorted(periods, key=lambda period: (kinds.index(period.kind), period.start)))


class _Teller:
    """Tells of late edits in the workbook's language."""

    def __init__(self, edits: LateEdits, ledger: Ledger, settings: Settings) -> None:
        self.edits, self.ledger, self.settings = edits, ledger, settings
        self.texts = Texts(settings.workbook.language)
        self.managers = _Names.of(settings)
        self._logs: dict[str, str] = {}

    def figures(self) -> Iterator[Issue]:
        """One issue per manager and indicator."""
        events = _events(self.edits)
        for name, measure, unit, before, after in self.edits.figures.itertuples(index=False, name=None):
            manager, indicator = self.managers.find("manager", name), self.settings.indicators.get(measure)
            if manager is None or indicator is None or (known(before) is None and after == 0):
                continue  # nobody asks of whom there was nothing, and still is
            problem = self.texts(
                "{manager}: “{figure}” was {before} when {period} was closed; by the rows of today it is {after}.",
                manager=manager,
                figure=indicator.label.text(self.texts.language),
                before=self._figure(before, unit),
                after=self._figure(after, unit),
                period=self.edits.period,
            )
            cell = next(self._causes(events, manager, measure), self._top(manager))
            yield self._issue(cell, manager, problem, self._restore_all)

    def _causes(self, events: Iterable[_Event], manager: str, measure: str) -> Iterator[CellRef]:
        """Where the rows stand that changed an indicator of a manager; those that are gone stand nowhere."""
        indicators = self.settings.indicators
        parts = indicators[measure].ratio or (measure,)
        feeding = {action for part in parts for action in indicators[part].actions}
        for event in events:
            sides = [row for row in (event.old, event.new) if row]
            if event.new and any(row["manager"] == manager and row["action"] in feeding for row in sides):
                yield self._place(event)

    def rows(self) -> Iterator[Issue]:
        """One issue per row, by manager and date; at most `MOST_ROWS` of a manager, and one for the rest."""
        told: dict[str, list[tuple[_Event, tuple[Period, ...]]]] = {}
        for event, periods in _shared(self.edits):
            told.setdefault(str(event.row["manager"]), []).append((event, periods))
        for manager in sorted(told):
            yield from (self._row(*each) for each in told[manager][:MOST_ROWS])
            rest = len(told[manager]) - MOST_ROWS
            if rest > 0:
                problem = self.texts.plural(
                    "{n} more row of the closed period {period} was added, removed or changed.",
                    "{n} more rows of the closed period {period} were added, removed or changed.",
                    rest,
                    period=self.edits.period,
                )
                yield self._issue(self._top(manager), manager, problem, self._restore_all)

    def _row(self, event: _Event, periods: Sequence[Period]) -> Issue:
        if event.old and event.new:
            return self._change(event, periods)
        manager, commands = str(event.row["manager"]), self._accepting(periods)
        fields = {"period": self._listed(periods), "row": self._told(event.row, _FIELDS)}
        if event.old:
            problem = self.texts.plural(
                "A row of the closed period {period} was removed ({row}).",
                "A row of the closed periods {period} was removed ({row}).",
                len(periods),
                **fields,
            )
            remedy = self.texts("Type the row in again, or accept that it is gone: {commands}.", commands=commands)
            return self._issue(self._top(manager), manager, problem, remedy)
        problem = self.texts.plural(
            "A row was added to the closed period {period} ({row}).",
            "A row was added to the closed periods {period} ({row}).",
            len(periods),
            **fields,
        )
        remedy = self.texts("Delete the row, or accept it: {commands}.", commands=commands)
        return self._issue(self._place(event), manager, problem, remedy)

    def _change(self, event: _Event, periods: Sequence[Period]) -> Issue:
        names = self._changed(event)
        changes = (
            f"{self.texts(_FIELDS[name])}: {self._value(event.old, name)} → {self._value(event.new, name)}"
            for name in names
        )
        problem = self.texts.plural(
            "A row of the closed period {period} was changed ({row}): {changes}.",
            "A row of the closed periods {period} was changed ({row}): {changes}.",
            len(periods),
            period=self._listed(periods),
            row=self._told(event.new, _WORDS),
            changes="; ".join(changes),
        )
        remedy = self.texts("Restore the row, or accept the change: {commands}.", commands=self._accepting(periods))
        typed = "" if names[0] == "rejected" else self._value(event.new, names[0])
        return self._issue(self._place(event), str(event.new["manager"]), problem, remedy, typed)

    @property
    def _restore_all(self) -> str:
        return self.texts(
            "Restore the rows that were changed, or accept the changes: {commands}.",
            commands=self._accepting([self.edits.period]),
        )

    def _listed(self, items: Iterable[object]) -> str:
        return str(format_list(list(map(str, items)), locale=self.texts.locale))

    def _accepting(self, periods: Iterable[Period]) -> str:
        """What to type to accept what was changed in these periods."""
        return self._listed(f"`sheetsync close --period {period} --accept`" for period in periods)

    def _issue(self, cell: CellRef, manager: str, problem: str, remedy: str, typed: str = "") -> Issue:
        effect = self.texts("The closed figures stay as they are.")
        return Issue(Severity.WARNING, "late_edit", cell, manager, typed, problem, remedy, effect)

    def _top(self, manager: str) -> CellRef:
        """The first cell of the log that the manager mostly writes into; of the first log where there is none."""
        if manager not in self._logs:
            tabs = self.ledger.actions.loc[self.ledger.actions["manager"] == manager, "tab"].mode()
            first = next(iter(self.ledger.places), self.settings.workbook.tabs.actions[0])
            self._logs[manager] = str(tabs.iloc[0]) if len(tabs) else first
        return CellRef(self._logs[manager], 1, 1)

    def _place(self, event: _Event) -> CellRef:
        """The cell of a row that is there: of what was changed, else of its date."""
        field = self._changed(event)[0] if event.old else "date"
        return self.ledger.cell(str(event.new["tab"]), int(event.new["row"]), _FIELDS[field])

    def _changed(self, event: _Event) -> list[str]:
        """The fields of a row that differ."""
        return [name for name in _FIELDS if self._compared(event.old, name) != self._compared(event.new, name)]

    def _told(self, row: _Row, fields: Iterable[str]) -> str:
        """What these fields of a row hold, in one line; the manager stands beside it."""
        told = [name for name in fields if name not in ("manager", "rejected")]
        held = [name for name in told if self._compared(row, name) not in (None, "")]
        numbers = {name: f"{self.texts(_FIELDS[name])} " for name in _NUMBERS}
        return " · ".join(numbers.get(name, "") + self._value(row, name) for name in held)

    def _compared(self, row: _Row, name: str) -> object:
        """What makes a field another one: names folded, nothing apart from 0."""
        if name in _NUMBERS:
            return known(row[name])
        return fold(str(row[name])) if name in ("client", "deal") else row[name]

    def _value(self, row: _Row, name: str) -> str:
        """A field as people read it; "–" where it is blank."""
        value, action = row[name], self.settings.actions.get(str(row["action"]))
        if name == "date":
            pattern = "yyyy-MM-dd" if self.texts.language == "en" else "dd.MM.yyyy"
            return str(format_date(value, pattern, locale=self.texts.locale))
        if name == "rejected":
            return self.texts("no") if value else "–"
        if name == "action" and action:
            return action.label.text(self.texts.language)
        if name in _NUMBERS:
            return self._number(value, "count" if name == "quantity" else "money")
        text = " ".join(str(value).split())
        return (text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") or "–"

    def _figure(self, value: float, unit: Unit) -> str:
        """A figure with what it is counted in."""
        number = self._number(value, unit)
        return f"{number} {self.settings.department.currency}" if unit == "money" and number != "–" else number

    def _number(self, value: float, unit: Unit) -> str:
        locale = self.texts.locale
        if known(value) is None:
            return "–"
        if unit == "ratio":
            return str(format_percent(round(value, 3), locale=locale, decimal_quantization=False))
        return str(format_decimal(value, "#,##0.00" if unit == "money" else "#,##0.##", locale=locale))


def _records(rows: pd.DataFrame) -> list[_Row]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
