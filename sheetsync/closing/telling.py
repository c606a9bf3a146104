"""What people are told of late edits, in the workbook's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_percent

from sheetsync.closing.content import FIELDS, NUMBERS, WORDS, within
from sheetsync.closing.edits import LateEdits, RowEdits
from sheetsync.closing.names import Spelt
from sheetsync.model import CellRef, Issue, Ledger, Severity, known
from sheetsync.numerals import decimal_text
from sheetsync.periods import Kind, Period
from sheetsync.schema import Settings, Unit
from sheetsync.texts import Texts, fold

MOST_ROWS = 20
"""So many changed rows of a manager in a period are told one by one."""

_LONGEST = 80  # of a text in an issue


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
        content = tuple(str(row[name]) for name in FIELDS)
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
        self.managers = Spelt.of(settings)
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
        if event.old:
            return self._removal(event.old, periods)
        manager, commands = str(event.row["manager"]), self._accepting(periods)
        fields = {"period": self._listed(periods), "row": self._told(event.row, FIELDS)}
        problem = self.texts.plural(
            "A row was added to the closed period {period} ({row}).",
            "A row was added to the closed periods {period} ({row}).",
            len(periods),
            **fields,
        )
        remedy = self.texts("Delete the row, or accept it: {commands}.", commands=commands)
        return self._issue(self._place(event), manager, problem, remedy)

    def _removal(self, row: _Row, periods: Sequence[Period]) -> Issue:
        """A row that is gone. One like it on another day may be that very row: typed in again, it would count twice."""
        manager, commands, like = str(row["manager"]), self._accepting(periods), self._like(row)
        problem = self.texts.plural(
            "A row of the closed period {period} was removed ({row}).",
            "A row of the closed periods {period} was removed ({row}).",
            len(periods),
            period=self._listed(periods),
            row=self._told(row, FIELDS),
        )
        if not like:
            remedy = self.texts("Type the row in again, or accept that it is gone: {commands}.", commands=commands)
            return self._issue(self._top(manager), manager, problem, remedy)
        day = self._value(like, "date")
        remedy = self.texts(
            "Row {row} of {tab}, dated {day}, says the same: if it is the one, set its date back, else type the row in "
            "again. Or accept that it is gone: {commands}.",
            row=like["row"],
            tab=like["tab"],
            day=day,
            commands=commands,
        )
        cell = self.ledger.cell(str(like["tab"]), int(like["row"]), FIELDS["date"])
        return self._issue(cell, manager, problem, remedy, day)

    def _like(self, row: _Row) -> _Row:
        """The row of the log outside of the period that says the same but for its date, the nearest to it."""
        log = self.ledger.actions
        near = log[(log["manager"] == row["manager"]) & (log["action"] == row["action"])]
        others = _records(near[~within(near, self.edits.period)])
        same = [other for other in others if self._changed(_Event(row, other, frozenset())) == ["date"]]
        return min(same, key=lambda other: abs(other["date"] - row["date"]), default=_NOTHING)

    def _change(self, event: _Event, periods: Sequence[Period]) -> Issue:
        names = self._changed(event)
        changes = (
            f"{self.texts(FIELDS[name])}: {self._value(event.old, name)} → {self._value(event.new, name)}"
            for name in names
        )
        problem = self.texts.plural(
            "A row of the closed period {period} was changed ({row}): {changes}.",
            "A row of the closed periods {period} was changed ({row}): {changes}.",
            len(periods),
            period=self._listed(periods),
            row=self._told(event.new, WORDS),
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
        return self.ledger.cell(str(event.new["tab"]), int(event.new["row"]), FIELDS[field])

    def _changed(self, event: _Event) -> list[str]:
        """The fields of a row that differ."""
        return [name for name in FIELDS if self._compared(event.old, name) != self._compared(event.new, name)]

    def _told(self, row: _Row, fields: Iterable[str]) -> str:
        """What these fields of a row hold, in one line; the manager stands beside it."""
        told = [name for name in fields if name not in ("manager", "rejected")]
        held = [name for name in told if self._compared(row, name) not in (None, "")]
        numbers = {name: f"{self.texts(FIELDS[name])} " for name in NUMBERS}
        return " · ".join(numbers.get(name, "") + self._value(row, name) for name in held)

    def _compared(self, row: _Row, name: str) -> object:
        """What makes a field another one: names folded, nothing apart from 0."""
        if name in NUMBERS:
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
        if name in NUMBERS:
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
        return decimal_text(value, "#,##0.00" if unit == "money" else "#,##0.##", locale)


def _records(rows: pd.DataFrame) -> list[_Row]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
