"""Rows of the managers' tabs on their way to meaning: what they are read with, and how one cell of a row is read.

Nothing here raises on a row: what is wrong with a cell is blamed, and becomes issues when the row is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from math import nan

import regex  # type: ignore[import-untyped] # it ships no types
from babel.numbers import get_decimal_symbol
from rapidfuzz import fuzz, process

from sheetsync import cells, columns, mistakes
from sheetsync.cells import EPOCH, FIRST_YEAR, YEARS_AHEAD, Fault, Notation
from sheetsync.columns import TabId
from sheetsync.model import CellRef, Issue, Moment, RawTab, Severity, Value
from sheetsync.schema import Label, Settings
from sheetsync.texts import LANGUAGES, Texts, encodable, fold

_DATES = frozenset(("Date", "Expected payment", "Trial since", "Last contact"))
_DROPDOWNS = frozenset(("Manager", "Action", "Category", "Stage"))
_KEYS = frozenset(("Client", "Deal", "Manager"))
_MERGEABLE = frozenset(("Date", "Manager", "Action"))
LONGEST_NAME = 200
"""No manager, action or category has a longer name (`schema.Text`)."""
LONGEST_READ = 1_000
"""Characters of a client's, deal's or stage's name that count: several of them have to fit into one cell of ours."""
SHOWN = 80
"""Characters of what was typed that a message quotes."""
_WEB = r"(https?://|www\.)\S"
_READ, _PATIENCE = 2_000, 0.2  # characters of an evidence that a pattern is searched in, and seconds for it


# --- the desk: what every row is read with -----------------------------------------------------------------------


class Names:
    """Things that have several names each: managers, actions, categories. Case, spaces and `ё/е` never matter."""

    def __init__(self, spellings: Mapping[str, Sequence[str]], labels: Mapping[str, str]) -> None:
        """`spellings`: id -> its names; ids beat names, earlier ids' names later ones'. `labels`: id -> as shown."""
        self._labels = labels
        self._ids: dict[str, str] = {}
        for id_, names in spellings.items():
            for name in names:
                self._ids.setdefault(key(name), id_)
        self._ids |= {key(id_): id_ for id_ in spellings}
        self._known = tuple(self._ids)

    def find(self, typed: str) -> str | None:
        """The id of what is called so."""
        return self._ids.get(key(typed)) if len(typed) <= LONGEST_NAME else None

    def nearest(self, typed: str) -> str | None:
        """The label of what is called nearly so, None where nothing is."""
        near = _nearest(key(typed[:LONGEST_NAME]), self._known)
        return self._labels[self._ids[near]] if near else None


def key(name: str) -> str:
    """A name as it is compared; `calc_data` and `Calc data` are one."""
    return folded(name.replace("_", " "))


def folded(name: str) -> str:
    """`texts.fold`, remembered for texts as short as names."""
    return _folded(name) if len(name) <= LONGEST_NAME else fold(name)


_folded = lru_cache(maxsize=65536)(fold)


@lru_cache(maxsize=4096)
def _nearest(typed: str, known: tuple[str, ...]) -> str | None:
    found = process.extractOne(typed, known, scorer=fuzz.WRatio, score_cutoff=70)
    return found[0] if found else None


class Desk:
    """The configuration turned into look-ups, the rows seen so far, and the issues found."""

    def __init__(self, settings: Settings, moment: Moment, locale: str) -> None:
        self.settings, self.today = settings, moment.today
        self.notation = Notation.of(locale)
        self.speak = Texts(settings.workbook.language)
        self.decimal = get_decimal_symbol(self.speak.locale)
        self.staff = {manager.name: manager for manager in settings.managers}
        self.managers = Names({it.name: it.aliases for it in settings.managers}, {name: name for name in self.staff})
        self.actions = self._labelled({id_: action.label for id_, action in settings.actions.items()})
        self.categories = self._labelled({category.id: category.label for category in settings.base.categories})
        self.payments = settings.payments
        self.evidence = {
            id_: [
                regex.compile(_WEB if each == "link" else each, regex.IGNORECASE) for each in action.evidence_patterns
            ]
            for id_, action in settings.actions.items()
            if action.evidence_patterns
        }
        self.issues: list[Issue] = []
        self.seen: dict[tuple[object, ...], tuple[str, int]] = {}
        self._employed: dict[date, bool] = {}

    def _labelled(self, labels: Mapping[str, Label]) -> Names:
        spellings = {id_: [label.text(language) for language in LANGUAGES] for id_, label in labels.items()}
        return Names(spellings, {id_: label.text(self.speak.language) for id_, label in labels.items()})

    def action(self, id_: str) -> str:
        """The action's label in the workbook's language."""
        return self.settings.actions[id_].label.text(self.speak.language)

    def proves(self, action: str, evidence: str) -> bool:
        """Whether an evidence looks like the action's, as far as the configuration asks for that.

        The first 2,000 characters are looked at; a pattern that takes too long on them is taken not to fit.
        """
        return action not in self.evidence or any(_found(each, evidence) for each in self.evidence[action])

    def employed(self, day: date) -> bool:
        """Whether anybody of the department was employed on that day."""
        if day not in self._employed:
            self._employed[day] = any(manager.employed(day) for manager in self.staff.values())
        return self._employed[day]

    def first(self, row: Row, *key: object) -> tuple[str, int]:
        """Tab and number of the first row that came with this key: this row's, where none did before."""
        return self.seen.setdefault(key, (row.sheet.raw.title, row.number))

    def sheet(self, id_: TabId, raw: RawTab) -> Sheet:
        """The tab with its header found, and its repeated columns reported. Raises LayoutError."""
        names = self.settings.workbook.columns
        layout = columns.locate(id_, raw, names, given=() if raw.manager is None else ("Manager",))
        for name, index in layout.repeated:
            typed = cells.text(raw.rows[layout.row - 1][index])
            cell = CellRef(raw.title, layout.row, index + 1)
            self.note("column_repeated", cell, {"column": self.speak(name)}, typed=typed)
        return Sheet(id_, raw, layout, self.managers.find(raw.manager) if raw.manager is not None else None)

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows under the header that hold something."""
        places = list(sheet.layout.places.items())
        above: frozenset[str] = frozenset()
        for number, raw in enumerate(sheet.raw.rows[sheet.layout.row :], start=sheet.layout.row + 1):
            width = len(raw)
            values = {
                name: value
                for name, place in places
                if place < width and (value := raw[place]) is not None and value != ""
            }
            held = [name for name, value in values.items() if _holds(name, value)]
            if len(held) < 2 and _DROPDOWNS.issuperset(held):
                above = frozenset()
                continue
            yield Row(self, sheet, number, values, above)
            above = _MERGEABLE & above.union(held)

    def note(
        self,
        key: str,
        cell: CellRef,
        fields: Mapping[str, object],
        *,
        typed: str,
        manager: str = "",
        day: date | None = None,
    ) -> None:
        """Adds the issue of a mistake (`mistakes.MISTAKES`) at a cell."""
        self.issues.append(
            mistakes.issue(key, cell, self.speak, fields, typed=encodable(typed), manager=manager, day=day)
        )


def _found(pattern: regex.Pattern[str], text: str) -> bool:
    try:
        return pattern.search(text[:_READ], timeout=_PATIENCE) is not None
    except TimeoutError:
        return False


# --- tabs and rows -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tab whose header was found. `manager`: what its name says; None: the Manager column alone does."""

    id: TabId
    raw: RawTab
    layout: columns.Layout
    manager: str | None


@dataclass(slots=True)
class Row:
    """A row being read.

    `values`: column -> raw cell, where that is not empty. `above`: columns that the row above has filled, or hanging
    in a merged cell.
    """

    desk: Desk
    sheet: Sheet
    number: int
    values: Mapping[str, Value]
    above: frozenset[str]
    faults: list[tuple[str, str, Mapping[str, object]]] = field(default_factory=list)

    def ref(self, column: str) -> CellRef:
        """The column's cell; the row's first known cell where the tab has no such column."""
        places = self.sheet.layout.places
        return CellRef(self.sheet.raw.title, self.number, places.get(column, min(places.values())) + 1)

    def blame(self, key: str, column: str, **fields: object) -> None:
        """Notes a mistake of `mistakes.MISTAKES` at a column's cell."""
        self.faults.append((key, column, fields))

    def blamed(self, column: str) -> bool:
        """Whether a mistake was found in the column's cell."""
        return any(place == column for _, place, _ in self.faults)

    @property
    def erroneous(self) -> bool:
        """Whether one of its mistakes keeps the row from counting."""
        return any(mistakes.MISTAKES[key].severity is Severity.ERROR for key, _, _ in self.faults)

    def text(self, column: str) -> str:
        """The cell's text; a formula's error is blamed and read as blank."""
        value = self.values.get(column)
        if value is None:
            return ""
        if cells.formula_error(value):
            self.blame(self._here("formula_error", column), column)
            return ""
        return cells.text(value)

    def name(self, column: str) -> str:
        """The cell as a name with single spaces, cut at `LONGEST_READ`; "" where it holds only dots and dashes."""
        typed = self.text(column)
        return "" if not typed or cells.void(typed) else " ".join(typed.split())[:LONGEST_READ].rstrip()

    def day(self, column: str) -> date | None:
        """The cell as a day, None where blank or, blamed, unreadable."""
        value = self.values.get(column)
        if value is None:
            return None
        found = cells.day(value, self.desk.today, self.desk.notation)
        if not isinstance(found, Fault):
            return found
        self.blame(
            self._here(mistakes.DAY_FAULTS[found], column),
            column,
            first=FIRST_YEAR,
            last=self.desk.today.year + YEARS_AHEAD,
        )
        return None

    def figure(self, column: str, *, money: bool) -> float:
        """The cell as a number, NaN where blank or, blamed, unreadable; money in whole cents."""
        value = self.values.get(column)
        if value is None:
            return nan
        found = cells.number(value, self.desk.notation, money=money)
        if isinstance(found, Fault):
            self.blame(self._here(mistakes.NUMBER_FAULTS[found], column), column)
            return nan
        if found is None or not money:
            return nan if found is None else found
        rounded = cells.cents(found)
        if isinstance(value, str) and abs(rounded - found) > 1e-6:
            self.blame("number_fraction", column, value=f"{rounded:.2f}".replace(".", self.desk.decimal))
        return rounded

    def missing(self, code: str, column: str) -> None:
        """Blames a blank cell, with the hint at merged cells where the one above is filled."""
        self.blame(f"{code}/merged" if column in self.above else code, column)

    def lookup(self, code: str, column: str, typed: str, names: Names) -> str:
        """What a name stands for; "" and blamed, with the nearest name, where nothing is called so."""
        found = names.find(typed)
        if found is None:
            nearest = names.nearest(typed)
            self.blame(f"{code}/near" if nearest else code, column, name=typed[:SHOWN], nearest=nearest)
        return found or ""

    def _here(self, code: str, column: str) -> str:
        """The mistake's variant for the base, where a row stays unless its key or its manager is in question."""
        return f"{code}/base" if self.sheet.id == "base" and column not in _KEYS else code

    def report(self, manager: str, day: date | None) -> None:
        """Turns what was blamed into issues."""
        for key, column, fields in self.faults:
            said = {"column": self.desk.speak(column), "manager": manager, **fields}
            typed = _typed(column, self.values.get(column))
            self.desk.note(key, self.ref(column), said, typed=typed, manager=manager, day=day)


def _typed(column: str, value: Value) -> str:
    """What was typed, a serial date as 2026-11-24."""
    serial = column in _DATES and isinstance(value, (int, float)) and not isinstance(value, bool)
    if serial and isinstance(value, (int, float)) and 0 <= value < 2_958_466:
        return (EPOCH + timedelta(days=int(value))).isoformat()
    return value if isinstance(value, str) else cells.text(value)


def _holds(column: str, value: Value) -> bool:
    """Whether a cell makes its row one: not `Checked`, and no default such as an unticked box or a formula's 0."""
    return bool(value) and column != "Checked" and not cells.blank(value)
